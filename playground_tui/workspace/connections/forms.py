"""What a person types about a provider or server → the settings' own objects. Pure, but for looking whether a CA
bundle is there."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.settings.model import LOCAL_SERVER, Provider, Server
from playground_tui.workspace.connections.values import Section

Texts = Mapping[str, str]
"""Field → text as typed."""

PROVIDER_FIELDS: Final = (
    *("id", "title", "kind", "base_url", "key", "default_model", "headers", "query", "extra_body"),
    *("proxy", "ca_bundle", "organization", "project"),
)
SERVER_FIELDS: Final = (
    *("id", "title", "base_url", "key", "api_version", "headers", "query"),
    *("proxy", "ca_bundle", "organization", "project"),
)
_PAIRS: Final = ("headers", "query")


@dataclass(frozen=True, slots=True)
class Read:
    """Either the object, or what is wrong with which field."""

    item: Provider | Server | None
    problems: Mapping[str, str]
    """Field → the sentence that says what is allowed."""


def texts_of(item: Provider | Server) -> dict[str, str]:
    fields = PROVIDER_FIELDS if isinstance(item, Provider) else SERVER_FIELDS
    return {name: _text_of(name, getattr(item, name)) for name in fields}


def _text_of(name: str, value: Any) -> str:
    if name in _PAIRS:
        return "\n".join(f"{key}: {item}" for key, item in value.items())
    if name == "extra_body":
        return json.dumps(value, ensure_ascii=False, indent=2) if value else ""
    return str(value)


def read_entry(
    section: Section, texts: Texts, *, preset: str = "", taken: Collection[str] = (), kind: str = "chat"
) -> Read:
    """`taken`: ids that are in use; `kind` where the texts name none."""
    problems: dict[str, str] = {}
    values = {name: _value(section, name, text, problems) for name, text in texts.items()}
    values.setdefault("kind", kind)
    _check_id(section, values, taken, problems)
    is_demo = section == "providers" and values["kind"] == "demo"
    if not values.get("base_url") and not is_demo:
        problems.setdefault("base_url", "The address where the API begins, such as https://host/v1.")
    if "YOUR-" in str(values.get("base_url", "")):
        problems["base_url"] = "Put the name of your own resource into the address."
    if problems:
        return Read(None, problems)
    if section == "servers":
        values.pop("kind")
        return Read(Server(**values), {})
    return Read(Provider(**values, preset=preset), {})


def _value(section: Section, name: str, text: str, problems: dict[str, str]) -> Any:
    from playground_tui.settings.parse import Wrong, checked_field

    try:
        value = _READERS.get(name, str.strip)(text)
        if name in ("id", *_CHECKED_HERE) or value in ("", {}):
            return value
        return checked_field(section, name, value)
    except Wrong as wrong:
        sentence = str(wrong)
        problems[name] = sentence[:1].upper() + sentence[1:].removesuffix(".") + "."
    return ""


def _check_id(section: Section, values: Mapping[str, Any], taken: Collection[str], problems: dict[str, str]) -> None:
    entry_id = str(values.get("id", ""))
    if not re.fullmatch(r"[^\s/:#]+", entry_id):
        problems["id"] = "A short name without spaces, / or :."
    elif entry_id in taken:
        problems["id"] = "This name is in use."
    elif section == "servers" and entry_id == LOCAL_SERVER:
        problems["id"] = "local is the carried service."


def _pairs(text: str) -> dict[str, str]:
    from playground_tui.settings.parse import Wrong

    found: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or not re.fullmatch(r"[!-~]+", name.strip()) or not value.strip().isprintable():
            raise Wrong("one pair a line, as in Name: value")
        found[name.strip()] = value.strip()
    return found


def _json_object(text: str) -> dict[str, Any]:
    from playground_tui.settings.parse import Wrong

    try:
        value = json.loads(text or "{}")
    except ValueError as error:
        raise Wrong(f"not JSON at line {getattr(error, 'lineno', 1)}") from None
    if not isinstance(value, dict):
        raise Wrong('a JSON object, such as {"top_k": 40}')
    return value


def _proxy(text: str) -> str:
    from playground_tui.settings.parse import Wrong

    text = text.strip()
    if text and not re.fullmatch(r"(https?|socks5h?)://[^\s/]+/?", text):
        raise Wrong("must be an address such as http://proxy:8080")
    return text


def _ca_bundle(text: str) -> str:
    from playground_tui.settings.parse import Wrong

    text = text.strip()
    if text and not os.path.isfile(os.path.expanduser(text)):
        raise Wrong("there is no such file")
    return text


_CHECKED_HERE: Final = ("headers", "query", "extra_body", "proxy", "ca_bundle")
_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "headers": _pairs,
    "query": _pairs,
    "extra_body": _json_object,
    "proxy": _proxy,
    "ca_bundle": _ca_bundle,
}
