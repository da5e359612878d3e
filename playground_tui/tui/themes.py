"""Themes as YAML files, shipped and the person's own. A bad file is reported in one sentence and left out.

A file holds the fields of a Textual theme: `name`, `dark`, colours (`primary`, `accent`, `background`, …) and
`variables`. A person's theme replaces a shipped one of its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from textual.color import Color, ColorParseError
from textual.theme import Theme

from playground_tui.quick_dataclass import dataclass

DEFAULT: Final = "playground-dark"
COLORS: Final = (
    "primary",
    "secondary",
    "warning",
    "error",
    "success",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "boost",
)
NUMBERS: Final = ("luminosity_spread", "text_alpha")
KNOWN: Final = frozenset(field.name for field in fields(Theme))


class ThemeFault(ValueError):
    """What is wrong with a theme file, as a sentence."""


@dataclass(frozen=True, slots=True)
class Themes:
    found: Mapping[str, Theme]
    problems: tuple[str, ...]


def shipped_folder() -> Path:
    """In a wheel beside the package's modules, in a checkout at its top."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_themes"
    return inside if inside.is_dir() else package.parent / "themes"


def load_first(name: str, folders: Iterable[Path], kept: Path) -> Theme | None:
    """The theme of that name if a file of that name holds it, for the first frame. `kept` is a file that remembers
    what was read last time: reading YAML costs 25 ms, JSON none."""
    for folder in reversed(list(folders)):
        path = folder / f"{name}.yaml"
        try:
            theme = _theme(_read_kept(path, kept))
        except (ThemeFault, OSError):
            continue
        if theme.name == name:
            return theme
    return None


def _read_kept(path: Path, kept: Path) -> dict[Any, Any]:
    found = path.stat()
    stamp = [str(path), found.st_mtime_ns, found.st_size]
    try:
        remembered = json.loads(kept.read_text("utf-8"))
        if remembered["of"] == stamp:
            return dict(remembered["theme"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    data = _read_data(path)
    try:
        kept.write_text(json.dumps({"of": stamp, "theme": data}, default=str), "utf-8")
    except OSError:
        pass
    return data


def load_all(folders: Iterable[Path]) -> Themes:
    found: dict[str, Theme] = {}
    problems: list[str] = []
    for path in _files(folders):
        try:
            theme = read_theme(path)
        except (ThemeFault, OSError) as fault:
            problems.append(f"Theme {path.name}: {fault}")
        else:
            found[theme.name] = theme
    return Themes(found, tuple(problems))


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_dir():
            yield from sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))


def read_theme(path: Path) -> Theme:
    """Raises ThemeFault, OSError."""
    return _theme(_read_data(path))


def _read_data(path: Path) -> dict[Any, Any]:
    from playground_tui.settings.yaml_text import YamlError, load_yaml

    try:
        data = load_yaml(path.read_text("utf-8"))
    except YamlError as error:
        raise ThemeFault(f"this is not YAML at line {error.line}.") from None
    except UnicodeDecodeError:
        raise ThemeFault("this is not YAML: it is no UTF-8 text.") from None
    if not isinstance(data, dict):
        raise ThemeFault("a theme is a table of fields.")
    return data


def _theme(data: dict[Any, Any]) -> Theme:
    for key in data:
        if key not in KNOWN or key == "ansi":
            raise ThemeFault(f"{key} is no field of a theme.")
    for field in ("name", "primary"):
        if not isinstance(data.get(field), str):
            raise ThemeFault(f"{field} is missing.")
    for field in COLORS:
        if data.get(field) is not None:
            _check_color(field, data[field])
    for field in NUMBERS:
        if not isinstance(data.get(field, 0), (int, float)):
            raise ThemeFault(f"{field} must be a number.")
    if not isinstance(data.get("dark", True), bool):
        raise ThemeFault("dark must be true or false.")
    return Theme(**{**data, "variables": _variables(data.get("variables") or {})})


def _check_color(field: str, value: Any) -> None:
    try:
        Color.parse(value)
    except (ColorParseError, TypeError, ValueError, AttributeError):
        raise ThemeFault(f"{field}: {value} is no colour.") from None


def _variables(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, (str, int, float)) for item in value.values()):
        raise ThemeFault("variables must be a table of names and values.")
    return {str(name): str(item) for name, item in value.items()}
