"""Colours of Markdown and JSON in the editors, from the app's own theme: weights first, few colours."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color
from textual.widgets.text_area import TextAreaTheme

THEME_NAME = "playground"


def editor_theme(variables: Mapping[str, str]) -> TextAreaTheme:
    def colour(name: str, *, bold: bool = False, italic: bool = False, underline: bool = False) -> Style:
        return Style(color=_rich(variables, name), bold=bold, italic=italic, underline=underline)

    heading, quiet = colour("text-primary", bold=True), colour("text-muted")
    return TextAreaTheme(
        THEME_NAME,
        syntax_styles={
            "heading": heading,
            "heading.marker": heading,
            "text.literal": colour("text-secondary"),
            "list.marker": colour("text-primary"),
            "link.label": colour("text-secondary", underline=True),
            "link.uri": quiet,
            "punctuation.delimiter": quiet,
            "punctuation.special": quiet,
            "punctuation.bracket": quiet,
            "json.label": colour("text-primary"),
            "string": colour("text-secondary"),
            "string.escape": colour("text-secondary", bold=True),
            "number": colour("text-success"),
            "boolean": colour("text-success"),
            "json.null": colour("text-success"),
            "json.error": colour("text-error", underline=True),
        },
    )


def _rich(variables: Mapping[str, str], name: str) -> str | None:
    """A colour that Rich can draw; None (the editor's own) where the theme gives none, or one relative to what lies
    below it (`auto 60%`)."""
    colour = variables.get(name, "")
    if not colour.startswith("#"):
        return None
    return Color.parse(colour).hex6
