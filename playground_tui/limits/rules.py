"""Small value rules from which the API's limits are written as tables; one checker serves form, CLI and service.

A rule checks a JSON value and returns the first `Problem`, or None. Messages are worded as the API words them
(wire.md §3, §7); `advice` says to a person what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from playground_tui.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong value."""

    param: str
    """Where, in the API's own notation: `tools[0].function.name`."""
    message: str
    """As the API words it."""
    advice: str
    """For a person: what is allowed."""
    code: str | None = None


class Rule(Protocol):
    def check(self, value: Any, param: str) -> Problem | None: ...


_JSON_NAMES: list[tuple[type | tuple[type, ...], str]] = [
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a decimal"),
    (str, "a string"),
    (dict, "an object"),
    (list, "an array"),
]


def json_name(value: Any) -> str:
    if value is None:
        return "null"
    return next((name for kind, name in _JSON_NAMES if isinstance(value, kind)), type(value).__name__)


def wrong_type(value: Any, param: str, expected: str) -> Problem:
    shown = f"expected {expected}, but got {json_name(value)} instead."
    return Problem(param, f"Invalid type for '{param}': {shown}", f"It must be {expected}.", "invalid_type")


def plural(count: float, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


@dataclass(frozen=True, slots=True)
class Text:
    """A string of `min` to `max` characters (Unicode code points), optionally matching `pattern` whole."""

    max: int | None = None
    min: int = 0
    pattern: str | None = None
    pattern_advice: str = ""

    def check(self, value: Any, param: str) -> Problem | None:
        if not isinstance(value, str):
            return wrong_type(value, param, "a string")
        if self.max is not None and len(value) > self.max:
            return Problem(
                param,
                f"Invalid '{param}': string too long. Expected a string with maximum length {self.max}, "
                f"but got a string with length {len(value)} instead.",
                f"At most {self.max:,} characters; this has {len(value):,}.",
                "string_above_max_length",
            )
        if len(value) < self.min:
            return Problem(
                param,
                f"Invalid '{param}': empty string. Expected a string with minimum length {self.min}, "
                f"but got a string with length {len(value)} instead."
                if not value
                else f"Invalid '{param}': string too short. Expected a string with minimum length {self.min}, "
                f"but got a string with length {len(value)} instead.",
                "It must not be empty." if self.min == 1 else f"At least {self.min:,} characters.",
                "empty_string" if not value else "string_below_min_length",
            )
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            return Problem(
                param,
                f"Invalid '{param}': string does not match pattern. Expected a string that matches the pattern "
                f"'^{self.pattern}$'.",
                self.pattern_advice or f"It must match {self.pattern}.",
                "invalid_value",
            )
        return None


@dataclass(frozen=True, slots=True)
class Number:
    """A number (an integer if `integer`) between `min` and `max`, both included."""

    min: float | None = None
    max: float | None = None
    integer: bool = False

    def check(self, value: Any, param: str) -> Problem | None:
        if isinstance(value, bool) or not isinstance(value, int if self.integer else (int, float)):
            return wrong_type(value, param, "an integer" if self.integer else "a decimal")
        if value != value or value in (float("inf"), float("-inf")):
            return wrong_type(value, param, "a finite number")
        kind = "integer" if self.integer else "decimal"
        if self.min is not None and value < self.min:
            return Problem(
                param,
                f"Invalid '{param}': {kind} below minimum value. Expected a value >= {self.min:g}, "
                f"but got {value} instead.",
                self.advice(),
                f"{kind}_below_min_value",
            )
        if self.max is not None and value > self.max:
            return Problem(
                param,
                f"Invalid '{param}': {kind} above maximum value. Expected a value <= {self.max:g}, "
                f"but got {value} instead.",
                self.advice(),
                f"{kind}_above_max_value",
            )
        return None

    def advice(self) -> str:
        noun = "A whole number" if self.integer else "A number"
        if self.min is not None and self.max is not None:
            return f"{noun} from {self.min:g} to {self.max:g}."
        if self.min is not None:
            return f"{noun}, {self.min:g} or more."
        return f"{noun}." if self.max is None else f"{noun}, {self.max:g} or less."


@dataclass(frozen=True, slots=True)
class Flag:
    def check(self, value: Any, param: str) -> Problem | None:
        return None if isinstance(value, bool) else wrong_type(value, param, "a boolean")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few strings."""

    options: tuple[str, ...]

    def check(self, value: Any, param: str) -> Problem | None:
        if not isinstance(value, str):
            return wrong_type(value, param, "a string")
        if value in self.options:
            return None
        listed = ", ".join(f"'{o}'" for o in self.options)
        return Problem(
            param,
            f"Invalid value: '{value[:80]}'. Supported values are: {listed}.",
            f"One of {', '.join(self.options)}.",
            "invalid_value",
        )


@dataclass(frozen=True, slots=True)
class Maybe:
    """`null` or the inner rule."""

    rule: Rule

    def check(self, value: Any, param: str) -> Problem | None:
        return None if value is None else self.rule.check(value, param)


@dataclass(frozen=True, slots=True)
class Items:
    """An array of `min` to `max` items."""

    rule: Rule
    max: int | None = None
    min: int = 0
    noun: str = "item"

    def check(self, value: Any, param: str) -> Problem | None:
        if not isinstance(value, list):
            return wrong_type(value, param, "an array")
        if self.max is not None and len(value) > self.max:
            return Problem(
                param,
                f"Invalid '{param}': array too long. Expected an array with maximum length {self.max}, "
                f"but got an array with length {len(value)} instead.",
                f"At most {plural(self.max, self.noun)}; this has {len(value):,}.",
                "array_above_max_length",
            )
        if len(value) < self.min:
            return Problem(
                param,
                f"Invalid '{param}': array too short. Expected an array with minimum length {self.min}, "
                f"but got an array with length {len(value)} instead.",
                f"At least {plural(self.min, self.noun)}.",
                "array_below_min_length" if value else "empty_array",
            )
        for n, item in enumerate(value):
            if problem := self.rule.check(item, f"{param}[{n}]"):
                return problem
        return None


@dataclass(frozen=True, slots=True)
class Record:
    """An object with known keys; others are refused (`additionalProperties: false`) unless `open`."""

    fields: Mapping[str, Rule]
    required: tuple[str, ...] = ()
    open: bool = False
    also: Callable[[dict[str, Any], str], Problem | None] | None = None
    """A rule about several keys together; gets the object and its param."""

    def check(self, value: Any, param: str) -> Problem | None:
        if not isinstance(value, dict):
            return wrong_type(value, param or "body", "an object")
        prefix = f"{param}." if param else ""
        for name in self.required:
            if name not in value:
                return Problem(
                    prefix + name,
                    f"Missing required parameter: '{prefix}{name}'.",
                    f"{name} is required.",
                    "missing_required_parameter",
                )
        for name, item in value.items():
            rule = self.fields.get(name)
            if rule is None:
                if self.open:
                    continue
                shown = prefix + name[:80]
                return Problem(
                    shown,
                    f"Unknown parameter: '{shown}'.",
                    f"{name[:80]} is not known here.",
                    "unknown_parameter",
                )
            if problem := rule.check(item, prefix + name):
                return problem
        return self.also(value, param) if self.also else None


@dataclass(frozen=True, slots=True)
class Tagged:
    """An object whose `type` picks the rule; a plain string is allowed where it is among `words`."""

    variants: Mapping[str, Rule]
    words: tuple[str, ...] = ()
    tag: str = "type"

    def check(self, value: Any, param: str) -> Problem | None:
        if isinstance(value, str) and self.words:
            return Choice(self.words).check(value, param)
        if not isinstance(value, dict):
            expected = "one of " + ", ".join(self.words) + " or an object" if self.words else "an object"
            return wrong_type(value, param, expected)
        where = f"{param}.{self.tag}" if param else self.tag
        if self.tag not in value:
            return Problem(
                where,
                f"Missing required parameter: '{where}'.",
                f"{self.tag} is required.",
                "missing_required_parameter",
            )
        if problem := Choice(tuple(self.variants)).check(value[self.tag], where):
            return problem
        return self.variants[value[self.tag]].check(value, param)


@dataclass(frozen=True, slots=True)
class Either:
    """The first rule whose JSON type fits decides."""

    by_type: Sequence[tuple[type, Rule]]
    expected: str

    def check(self, value: Any, param: str) -> Problem | None:
        for kind, rule in self.by_type:
            if isinstance(value, kind) and not (kind is not bool and isinstance(value, bool)):
                return rule.check(value, param)
        return wrong_type(value, param, self.expected)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Metadata: string keys and values, bounded (wire.md §3)."""

    max: int = 16
    key: int = 64
    value: int = 512
    value_rule: Rule | None = field(default=None)

    def check(self, value: Any, param: str) -> Problem | None:
        if not isinstance(value, dict):
            return wrong_type(value, param, "an object")
        if len(value) > self.max:
            return Problem(
                param,
                f"Invalid '{param}': too many properties. Expected an object with at most {self.max} properties, "
                f"but got an object with {len(value)} properties instead.",
                f"At most {plural(self.max, 'pair')}; this has {len(value):,}.",
                "object_above_max_properties",
            )
        rule = self.value_rule or Text(max=self.value)
        for name, item in value.items():
            if len(name) > self.key:
                return Problem(
                    param,
                    f"Invalid property name in '{param}': '{name[: self.key]}…' is too long. Expected a string with "
                    f"maximum length {self.key}, but got a string with length {len(name)} instead.",
                    f"A key has at most {self.key} characters.",
                    "property_name_above_max_length",
                )
            if problem := rule.check(item, f"{param}.{name}"):
                return problem
        return None


@dataclass(frozen=True, slots=True)
class JsonObject:
    """Any JSON object (function parameters, JSON Schema)."""

    def check(self, value: Any, param: str) -> Problem | None:
        return None if isinstance(value, dict) else wrong_type(value, param, "an object")
