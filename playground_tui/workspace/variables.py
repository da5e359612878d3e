"""`{{variables}}` in instructions and messages. A doubled backslash-brace `\\{{` stands for the braces themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_VARIABLE = re.compile(r"(?<!\\)\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}")
_TO_FILL = re.compile(rf"\\\{{\{{|{_VARIABLE.pattern}")


def names_in(*texts: str | None) -> tuple[str, ...]:
    """The variables of the texts, each once, in order of appearance."""
    found = (match[1] for text in texts if text for match in _VARIABLE.finditer(text))
    return tuple(dict.fromkeys(found))


def missing(names: Iterable[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """The names that have no value; an empty one counts as none."""
    return tuple(name for name in names if not values.get(name))


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with every variable that has a value replaced, once: values are not searched again."""
    return _TO_FILL.sub(lambda m: (values.get(m[1]) or m[0]) if m[1] else "{{", text)
