"""YAML 1.2 text ↔ plain data, the only place that knows the library. It is imported on first use."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

MAX_DEPTH = 200
"""Levels. A schema of 64, the most that is allowed, takes less than 140 of them."""
TOO_DEEP = f"nested more than {MAX_DEPTH} deep"
MAX_UNFOLDED = 100_000
"""Values that aliases may stand for, all in all: a few lines can unfold to more than any memory holds."""


class YamlError(ValueError):
    """Text that is not YAML; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.message = message
        self.line = line
        self.column = column


def load_yaml(text: str) -> Any:
    """Plain dicts, lists and scalars; no tags, no objects. Raises `YamlError`."""
    from ruamel.yaml import YAML

    data = _loaded(_bounded(YAML(typ="safe", pure=True)).load, text)
    if "*" in text and (problem := _unfolds_too_far(data)):
        raise YamlError(problem, 1, 1)
    return data


def dump_yaml(data: Any) -> str:
    """Block style in the given key order; strings of several lines as literal blocks."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 4096
    yaml.allow_unicode = True
    data = _with_literals(data)
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _with_literals(data: Any) -> Any:
    """A copy in which printable strings of several lines are literal blocks; the caller's data is left alone."""
    from ruamel.yaml.scalarstring import LiteralScalarString

    if isinstance(data, Mapping):
        return {name: _with_literals(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_with_literals(item) for item in data]
    if isinstance(data, str) and "\n" in data and data.replace("\n", "").replace("\t", "").isprintable():
        return LiteralScalarString(data)
    return data


def edit_yaml(text: str, change: Callable[[Any], None]) -> str:
    """Apply `change` to the text's mapping in place, keeping comments, order and quotes. Raises `YamlError`."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    yaml = _bounded(YAML())
    yaml.preserve_quotes = True
    yaml.width = 4096
    data = _loaded(yaml.load, text)
    if data is None:
        data = CommentedMap()
    change(data)
    out = io.StringIO()
    yaml.dump(data, out)
    kept = out.getvalue()
    # A file of comments alone loads as nothing: its lines are put back in front.
    return text.rstrip("\n") + "\n" + kept if text.strip() and not _has_data(text) else kept


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line (from 1) on which the key at `path` stands, or None."""
    from ruamel.yaml import YAML

    try:
        node = YAML().load(text)
        for name in path[:-1]:
            node = node[name]
        return int(node.lc.key(path[-1])[0]) + 1
    except Exception:
        return None


def _has_data(text: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())


def _bounded(yaml: Any) -> Any:
    """Deep nesting is refused on the way down: the library takes seconds until Python's own limit ends it."""
    from ruamel.yaml.scanner import Scanner, ScannerError

    class Bounded(yaml.Scanner or Scanner):  # type: ignore[misc]
        def fetch_flow_collection_start(self, *given: Any, **named: Any) -> None:
            """Brackets are read far ahead, at a cost that grows with the square of how many are open."""
            if len(self.flow_context) >= MAX_DEPTH:
                raise ScannerError(None, None, TOO_DEEP, self.reader.get_mark())
            super().fetch_flow_collection_start(*given, **named)

    yaml.Scanner = Bounded
    yaml.max_depth = MAX_DEPTH
    yaml.composer.warn_double_anchors = False  # on standard error, with the text
    return yaml


def _unfolds_too_far(data: Any) -> str:
    """What is wrong with the aliases in `data`, or nothing: they hold themselves, or stand for too much."""
    sizes: dict[int, int] = {}

    def size(value: Any) -> int:
        """Of the unfolded value; 0 stands for one that is being counted."""
        if not isinstance(value, dict | list):
            return 1
        if (known := sizes.get(id(value))) is not None:
            if known == 0:
                raise RecursionError
            return known
        sizes[id(value)] = 0
        found = 1 + sum(map(size, value.values() if isinstance(value, dict) else value))
        sizes[id(value)] = found
        return found

    try:
        unfolded = size(data)
    except RecursionError:
        return "an alias holds itself"
    return "the aliases stand for too many values" if unfolded > len(sizes) + MAX_UNFOLDED else ""


def _loaded(load: Callable[[str], Any], text: str) -> Any:
    from ruamel.yaml.composer import MaxDepthExceededError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = TOO_DEEP if isinstance(error, MaxDepthExceededError) else error.problem or error.context
        raise YamlError(str(problem or "not YAML").strip(), line, column) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise YamlError(str(error).splitlines()[0] if str(error) else "not YAML", 1, 1) from None
