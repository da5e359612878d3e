"""YAML data → `Settings`, table by table. A wrong value is reported with its path and left at its default."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar, get_args
from urllib.parse import urlsplit

from playground_tui.settings.keys import check_reference
from playground_tui.settings.model import LOCAL_SERVER, Provider, ProviderKind, Server, Settings
from playground_tui.settings.presets import DEMO, presets

Path = tuple[str, ...]
Check = Callable[[Any], Any]
T = TypeVar("T")


class Wrong(ValueError):
    """A value that is not allowed; the text says what is."""


@dataclass
class Report:
    """Collects what was wrong: path and sentence."""

    problems: list[tuple[Path, str]] = field(default_factory=list)

    def add(self, path: Path, sentence: str) -> None:
        self.problems.append((path, sentence))


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Wrong("must be text")
    return str(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("must be true or false")
    return value


def _seconds(low: float, high: float) -> Check:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise Wrong("must be a number of seconds")
        if not low <= value <= high:
            raise Wrong(f"must be from {low:g} to {high:g} seconds")
        return float(value)

    return check


def _one_of(*options: str) -> Check:
    def check(value: Any) -> str:
        if value not in options:
            raise Wrong(f"must be one of {', '.join(options)}")
        return str(value)

    return check


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise Wrong("must be a list of name: value pairs")
    return {str(name): _text(item) for name, item in value.items()}


def _keys(value: Any) -> dict[str, str]:
    """A keymap; several keys may stand in a list."""
    if not isinstance(value, Mapping):
        raise Wrong("must be a list of action: key pairs")
    joined = {str(n): ",".join(map(_text, v)) if isinstance(v, list) else _text(v) for n, v in value.items()}
    return {name: keys for name, keys in joined.items() if keys}


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Wrong("must be a list of name: value pairs")
    return {str(name): item for name, item in value.items()}


def _prices(value: Any) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    for model, row in _object(value).items():
        prices = _object(row)
        for name, price in prices.items():
            if name not in ("input", "cached", "output"):
                raise Wrong("prices are named input, cached and output")
            if isinstance(price, bool) or not isinstance(price, int | float) or price < 0:
                raise Wrong("a price is a number, 0 or more, per million tokens")
        table[model] = {name: float(price) for name, price in prices.items()}
    return table


def _reference(value: Any) -> str:
    text = _text(value)
    if problem := check_reference(text):
        raise Wrong(problem)
    return text


def check_base_url(value: Any) -> str:
    """A base URL without a trailing slash. Raises `Wrong`."""
    url = _text(value).strip().rstrip("/")
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        raise Wrong("must be an address such as https://host/v1")
    if parts.username or parts.password:
        raise Wrong("must not hold a name or password; give a key reference instead")
    return url


_ENDPOINT: dict[str, Check] = {
    "base_url": check_base_url,
    "key": _reference,
    "headers": _texts,
    "query": _texts,
    "proxy": _text,
    "ca_bundle": _text,
    "organization": _text,
    "project": _text,
    "title": _text,
}
_PROVIDER: dict[str, Check] = {
    **_ENDPOINT,
    "kind": _one_of(*get_args(ProviderKind)),
    "extra_body": _object,
    "default_model": _text,
}
_SERVER: dict[str, Check] = {**_ENDPOINT, "api_version": _text}
_TOP: dict[str, Check] = {
    "default_provider": _text,
    "default_server": _text,
    "aliases": _texts,
    "theme": _text,
    "animations": _flag,
    "autosave": _flag,
    "autosave_delay": _seconds(0.2, 3600),
    "send_key": _one_of("enter", "ctrl+j"),
    "keymap": _keys,
    "run_timeout": _seconds(1, 86_400),
    "run_expiry": _seconds(10, 30 * 86_400),
    "prices": _prices,
    "handler_python": _text,
}


def checked_field(section: Literal["providers", "servers"], name: str, value: Any) -> Any:
    """One setting of a provider or server, as the settings keep it. Raises `Wrong`; KeyError for an unknown one."""
    return (_PROVIDER if section == "providers" else _SERVER)[name](value)


def parse_settings(data: Any, report: Report) -> Settings:
    """The settings that `data` (a YAML mapping or None) stands for."""
    if data is None:
        data = {}
    if not isinstance(data, Mapping):
        report.add((), "The settings must be a list of name: value pairs; the defaults are used.")
        data = {}
    values = _checked(data, _TOP, (), report, also=("providers", "servers"))
    providers = tuple(_each(data.get("providers"), "providers", _provider, report))
    if not any(p.id == DEMO.id for p in providers):
        providers += (DEMO,)
    servers = tuple(_each(data.get("servers"), "servers", _server, report))
    settings = Settings(providers=providers, servers=servers, **values)
    return _with_known_defaults(settings, report)


def _with_known_defaults(settings: Settings, report: Report) -> Settings:
    from dataclasses import replace

    if settings.default_provider and settings.provider(settings.default_provider) is None:
        report.add(("default_provider",), f"There is no provider {settings.default_provider}.")
        settings = replace(settings, default_provider="")
    if settings.server(settings.default_server) is None:
        report.add(("default_server",), f"There is no server {settings.default_server}; local is used.")
        settings = replace(settings, default_server=LOCAL_SERVER)
    return settings


def _checked(
    data: Mapping[str, Any], table: Mapping[str, Check], path: Path, report: Report, also: tuple[str, ...] = ()
) -> dict[str, Any]:
    good: dict[str, Any] = {}
    for name, value in data.items():
        name = str(name)
        if name in also or value is None:
            continue
        if name not in table:
            report.add((*path, name), f"{name} is not a setting; it is ignored.")
            continue
        try:
            good[name] = table[name](value)
        except Wrong as wrong:
            report.add((*path, name), f"{name}: {wrong}; it is ignored.")
    return good


def _each(data: Any, section: str, build: Callable[[str, Any, Report], T | None], report: Report) -> list[T]:
    if data is None:
        return []
    if not isinstance(data, Mapping):
        report.add((section,), f"{section}: must be a list of name: settings pairs; it is ignored.")
        return []
    built = (build(str(name), value, report) for name, value in data.items())
    return [item for item in built if item is not None]


def _provider(provider_id: str, data: Any, report: Report) -> Provider | None:
    path = ("providers", provider_id)
    if "/" in provider_id or not provider_id.strip():
        report.add(path, "A provider's name must not be empty or hold a /; it is ignored.")
        return None
    if data is not None and not isinstance(data, Mapping):
        report.add(path, f"{provider_id}: must be a list of name: value pairs; it is ignored.")
        return None
    data = data or {}
    preset_id = str(data.get("preset", provider_id if "kind" not in data else ""))
    preset = presets().get(preset_id)
    if preset is None and data.get("preset"):
        report.add((*path, "preset"), f"There is no preset {preset_id}; known are {', '.join(presets())}.")
    base = preset.provider(provider_id) if preset else None
    good = _checked(data, _PROVIDER, path, report, also=("preset",))
    known = {f.name: getattr(base, f.name) for f in fields(Provider) if base is not None}
    merged = {**known, **good, "id": provider_id, "preset": preset.id if preset else ""}
    if "kind" not in merged:
        report.add(path, f"{provider_id}: needs a kind (responses, chat or demo) or a preset; it is ignored.")
        return None
    if merged["kind"] != "demo" and not merged.get("base_url"):
        report.add(path, f"{provider_id}: needs a base_url; it is ignored.")
        return None
    return Provider(**merged)


def _server(server_id: str, data: Any, report: Report) -> Server | None:
    path = ("servers", server_id)
    if server_id == LOCAL_SERVER:
        report.add(path, "local is the carried service and cannot be set; it is ignored.")
        return None
    if not isinstance(data, Mapping):
        report.add(path, f"{server_id}: must be a list of name: value pairs; it is ignored.")
        return None
    good = _checked(data, _SERVER, path, report)
    if not good.get("base_url"):
        report.add(path, f"{server_id}: needs a base_url; it is ignored.")
        return None
    return Server(id=server_id, **good)
