"""An assistant as a file: Markdown with YAML front matter, or JSON. Both are lossless, ordered and diff-friendly:
one changed field changes its own lines and no others.

The Markdown file is `---`, the front matter, `---`, a blank line, the instructions as they are, one line feed.
Instructions that a text file can't carry as they are (null, empty, with carriage returns or control characters)
stand in the front matter instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from playground_tui.limits import ASSISTANT_FIELDS

Format = Literal["markdown", "json"]
FIELD_ORDER = (
    "name",
    "description",
    "model",
    "temperature",
    "top_p",
    "reasoning_effort",
    "response_format",
    "tools",
    "tool_resources",
    "metadata",
    "instructions",
)
_FENCE = "---\n"
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class DocumentError(ValueError):
    """A file that is no assistant; the sentence says why, with line and column where known."""


def known_fields(assistant: Mapping[str, Any]) -> dict[str, Any]:
    """The assistant's own fields in the files' order; ids, times and what is not set stay out."""
    return {name: assistant[name] for name in FIELD_ORDER if name in assistant}


def to_text(assistant: Mapping[str, Any], form: Format) -> str:
    """The file's whole text."""
    fields = known_fields(assistant)
    if form == "json":
        return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"
    return _to_markdown(fields)


def from_text(text: str, form: Format) -> dict[str, Any]:
    """The fields a file holds, unchecked against the limits. Raises `DocumentError`."""
    data = read_json(text) if form == "json" else _from_markdown(text)
    if not isinstance(data, dict):
        raise DocumentError("The file holds no assistant: a list of field: value pairs was expected.")
    return data


def form_of(name: str) -> Format | None:
    """By the file's name, or None."""
    lower = name.lower()
    return "json" if lower.endswith(".json") else "markdown" if lower.endswith((".md", ".markdown")) else None


def unknown_fields(fields: Mapping[str, Any]) -> list[str]:
    return [name for name in fields if name not in ASSISTANT_FIELDS]


def _to_markdown(fields: dict[str, Any]) -> str:
    instructions = fields.get("instructions")
    if not _plain(instructions):
        return f"{_FENCE}{_yaml(fields)}{_FENCE}"
    head = {name: value for name, value in fields.items() if name != "instructions"}
    return f"{_FENCE}{_yaml(head) if head else ''}{_FENCE}\n{instructions}\n"


def _plain(value: Any) -> bool:
    """Whether a text can stand in the body: not empty, no control characters but line feed and tab."""
    return isinstance(value, str) and value != "" and not any(_odd(c) for c in value)


def _odd(char: str) -> bool:
    code = ord(char)
    return (code < 32 and char not in "\n\t") or 0x7F <= code < 0xA0 or char in "\u2028\u2029\ufeff"


def _yaml(data: Any) -> str:
    from playground_tui.settings.yaml_text import YamlError, dump_yaml, load_yaml

    text = dump_yaml(data)
    try:
        if "\r" not in text and load_yaml(text) == data:
            return text
    except YamlError:
        pass
    # A string that YAML's block style can't carry: JSON is YAML too, and carries every string.
    lines = (f"{_quoted(name)}: {_quoted(value)}" for name, value in data.items())
    return "\n".join(lines) + "\n"


def _quoted(value: Any) -> str:
    """JSON with what YAML does not print escaped; YAML knows no surrogate pairs, so nothing above is."""
    return _UNPRINTABLE.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(value, ensure_ascii=False))


def read_json(text: str) -> Any:
    """What a JSON text says. Raises `DocumentError`."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DocumentError(f"Not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise DocumentError("Nested too deep.") from None
    except ValueError:  # an integer of thousands of digits
        raise DocumentError("A number in it is too long to be read.") from None


def _from_markdown(text: str) -> dict[str, Any]:
    from playground_tui.settings.yaml_text import YamlError, load_yaml

    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if not text.startswith(_FENCE):
        return {"instructions": text.removesuffix("\n")} if text.strip() else {}
    end = text.find(f"\n{_FENCE}", 3)
    if end < 0 and text.endswith("\n---"):
        text, end = text + "\n", len(text) - 4
    if end < 0:
        raise DocumentError("The front matter is not closed: a line --- is missing.")
    try:
        fields = load_yaml(text[4 : end + 1])
    except YamlError as error:
        where = f"line {error.line + 1}, column {error.column}"
        raise DocumentError(f"The front matter is not YAML: {error.message} at {where}.") from None
    fields = {} if fields is None else fields
    if not isinstance(fields, dict):
        raise DocumentError("The front matter must be a list of field: value pairs.")
    body = text[end + 1 + len(_FENCE) :].removeprefix("\n").removesuffix("\n")
    if body or "instructions" not in fields:
        fields["instructions"] = body or None
    if not body and fields.get("instructions", "") is None and "instructions" not in _names(text[4 : end + 1]):
        del fields["instructions"]
    return fields


def _names(front: str) -> set[str]:
    return {line.partition(":")[0].strip("\"' ") for line in front.splitlines() if line and not line[0].isspace()}
