"""Themes as YAML files, shipped and the person's own. A bad file is reported in one sentence and left out.

A file holds the fields of a Textual theme: `name`, `dark`, colours (`primary`, `accent`, `background`, …) and
`variables`. A person's theme replaces a shipped one of its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from textual.color import Color, ColorParseError
from textual.theme import Theme

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


def load_one(name: str, folders: Iterable[Path]) -> Theme | None:
    """The theme of that name if a file of that name holds it; read before the first frame, so one file at most."""
    for folder in reversed(list(folders)):
        path = folder / f"{name}.yaml"
        try:
            theme = read_theme(path)
        except (ThemeFault, OSError):
            continue
        if theme.name == name:
            return theme
    return None


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
    import yaml

    try:
        data = yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark is not None else ""
        raise ThemeFault(f"this is not YAML{where}.") from None
    if not isinstance(data, dict):
        raise ThemeFault("a theme is a table of fields.")
    return _theme(data)


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
