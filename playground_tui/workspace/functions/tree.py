"""The parameters of a function form as a tree that is edited by place. Contract: pure; forms in, forms out.

A place is the way from the top: indexes of children, `ITEM` for what an array holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

from playground_tui.workspace.functions.form import FunctionForm, Parameter, ParameterType

ITEM: Final = -1
Place = tuple[int, ...]


class ParameterLine(NamedTuple):
    place: Place
    parameter: Parameter

    @property
    def depth(self) -> int:
        return len(self.place) - 1

    @property
    def is_item(self) -> bool:
        return self.place[-1] == ITEM


def lines(form: FunctionForm) -> tuple[ParameterLine, ...]:
    """All parameters, each before what it holds."""
    return tuple(_walk((), form.parameters, None))


def _walk(place: Place, children: tuple[Parameter, ...], item: Parameter | None) -> Iterator[ParameterLine]:
    found = list(enumerate(children))
    if item is not None:
        found.append((ITEM, item))
    for index, parameter in found:
        here = (*place, index)
        yield ParameterLine(here, parameter)
        yield from _walk(here, parameter.children, parameter.item)


def at(form: FunctionForm, place: Place) -> Parameter:
    """Raises KeyError for a place that is not there."""
    for line in lines(form):
        if line.place == place:
            return line.parameter
    raise KeyError(place)


def put(form: FunctionForm, place: Place, parameter: Parameter) -> FunctionForm:
    return _change(form, place, lambda _: (parameter,))


def remove(form: FunctionForm, place: Place) -> FunctionForm:
    return _change(form, place, lambda _: ())


def add(form: FunctionForm, after: Place | None, parameter: Parameter) -> tuple[FunctionForm, Place]:
    """A new parameter below `after`, beside it; None: the last one of the function. Also: where it is now."""
    if after is None or after[-1] == ITEM:
        made = replace(form, parameters=(*form.parameters, parameter))
        return made, (len(form.parameters),)
    made = _change(form, after, lambda present: (present, parameter))
    return made, (*after[:-1], after[-1] + 1)


def add_inside(form: FunctionForm, place: Place, parameter: Parameter) -> tuple[FunctionForm, Place]:
    """A new property of the object, or of the object that the array holds, at `place`. What is neither becomes an
    object."""
    holder = at(form, place)
    if holder.type == "array":
        if holder.item is None or holder.item.type != "object":
            form = put(form, place, replace(holder, item=Parameter("", "object")))
        return add_inside(form, (*place, ITEM), parameter)
    if holder.type != "object":
        holder = replace(holder, type="object", choices=None)
    form = put(form, place, replace(holder, children=(*holder.children, parameter)))
    return form, (*place, len(holder.children))


def move(form: FunctionForm, place: Place, step: int) -> tuple[FunctionForm, Place]:
    """The parameter one place up (-1) or down (1) among its siblings, with all it holds; also: where it is now. At
    either end, and what an array holds, stays."""
    index = place[-1]
    siblings = at(form, place[:-1]).children if len(place) > 1 else form.parameters
    target = index + step
    if index == ITEM or not 0 <= target < len(siblings):
        return form, place
    moved, passed = siblings[index], siblings[target]
    made = put(put(form, place, passed), (*place[:-1], target), moved)
    return made, (*place[:-1], target)


def with_type(parameter: Parameter, kind: ParameterType) -> Parameter:
    """The parameter as another type; what the new type has no place for goes, `array` starts with texts inside."""
    item = (parameter.item or Parameter("", "string")) if kind == "array" else None
    children = parameter.children if kind == "object" else ()
    choices = parameter.choices if kind in ("string", "number", "integer") else None
    if choices is not None and kind != parameter.type:
        choices = parse_choices(shown_choices(parameter), kind)
    extra = {name: value for name, value in parameter.extra.items() if name != "type"}
    made = replace(parameter, type=kind, item=item, children=children, extra=extra)
    return with_choices(made, choices)


def settled(form: FunctionForm) -> FunctionForm:
    """The form with names that JSON can hold side by side: an empty one is `parameter`, the second of two gets a
    number. Nothing typed falls out."""
    return replace(form, parameters=_named_apart(form.parameters))


def _named_apart(children: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    taken: set[str] = set()
    made = []
    for child in children:
        name = _free(child.name or "parameter", taken)
        taken.add(name)
        item = child.item and replace(child.item, children=_named_apart(child.item.children))
        made.append(replace(child, name=name, children=_named_apart(child.children), item=item))
    return tuple(made)


def _free(name: str, taken: set[str]) -> str:
    numbered = (f"{name}_{n}" for n in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in numbered if other not in taken)


def name_problem(form: FunctionForm, place: Place) -> str:
    """What is odd about a parameter's name, as a sentence; empty when nothing is."""
    name = at(form, place).name
    if place[-1] == ITEM:
        return ""
    if not name:
        return "A parameter needs a name; until then it is called “parameter”."
    siblings = at(form, place[:-1]).children if len(place) > 1 else form.parameters
    twice = any(n != place[-1] and other.name == name for n, other in enumerate(siblings))
    return f"Two parameters are called {name}; they need different names." if twice else ""


def choice_words(choices: tuple[Any, ...] | None) -> str:
    """As a person types them: separated by commas; as a JSON list where commas would not do."""
    if not choices:
        return ""
    plain = all(isinstance(c, str) and c and c == c.strip() and not set(c) & set(',[]"') for c in choices)
    numbers = all(isinstance(c, int | float) and not isinstance(c, bool) for c in choices)
    if plain or numbers:
        return ", ".join(str(c) for c in choices)
    return json.dumps(list(choices), ensure_ascii=False)


def shown_choices(parameter: Parameter) -> str:
    """A null among the choices of what may be null is not one of them to a person."""
    choices = parameter.choices
    return choice_words(tuple(c for c in choices if c is not None) if choices and parameter.nullable else choices)


def with_choices(parameter: Parameter, choices: tuple[Any, ...] | None) -> Parameter:
    """What may be null has null among its choices, else no null would fit."""
    if choices is not None and parameter.nullable and None not in choices:
        choices = (*choices, None)
    return replace(parameter, choices=choices)


def with_null(parameter: Parameter, nullable: bool) -> Parameter:
    choices = parameter.choices
    if choices is not None and not nullable:
        choices = tuple(choice for choice in choices if choice is not None) or None
    return with_choices(replace(parameter, nullable=nullable), choices)


def parse_choices(text: str, kind: ParameterType) -> tuple[Any, ...] | None:
    """None: any value. A word that is no number stays a word."""
    text = text.strip()
    if text.startswith("["):
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if isinstance(found, list) and found:
            return tuple(found)
    words = tuple(dict.fromkeys(word for part in text.split(",") if (word := part.strip())))
    if not words:
        return None
    return tuple(_number(word, kind) for word in words) if kind in ("number", "integer") else words


def _number(word: str, kind: ParameterType) -> Any:
    try:
        return int(word)
    except ValueError:
        pass
    try:
        return float(word) if kind == "number" else word
    except ValueError:
        return word


def _change(form: FunctionForm, place: Place, make: Callable[[Parameter], tuple[Parameter, ...]]) -> FunctionForm:
    top = Parameter("", "object", children=form.parameters)
    return replace(form, parameters=_changed(top, place, make).children)


def _changed(holder: Parameter, place: Place, make: Callable[[Parameter], tuple[Parameter, ...]]) -> Parameter:
    index, rest = place[0], place[1:]
    if index == ITEM:
        if holder.item is None:
            raise KeyError(place)
        made = (_changed(holder.item, rest, make),) if rest else make(holder.item)
        return replace(holder, item=made[0] if made else None)
    if not 0 <= index < len(holder.children):
        raise KeyError(place)
    child = holder.children[index]
    made = (_changed(child, rest, make),) if rest else make(child)
    return replace(holder, children=(*holder.children[:index], *made, *holder.children[index + 1 :]))
