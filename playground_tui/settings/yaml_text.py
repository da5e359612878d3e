"""YAML 1.2 text ↔ plain data, the only place that knows the library. It is imported on first use."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any


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

    return _loaded(YAML(typ="safe", pure=True).load, text)


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

    yaml = YAML()
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


def _loaded(load: Callable[[str], Any], text: str) -> Any:
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlError(str(error.problem or error.context or "not YAML").strip(), line, column) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise YamlError(str(error).splitlines()[0] if str(error) else "not YAML", 1, 1) from None
