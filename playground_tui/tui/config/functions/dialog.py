"""The frame of the function editor's dialogs: a bordered box in the middle, its keys in the border."""

from __future__ import annotations

FRAME = """
{name} {{ align: center middle; background: $background 60%; }}
{name} > #frame {{
    width: 84; max-width: 96%; height: auto; max-height: 94%; background: $surface; padding: 1 1;
    border: round $accent; border-title-color: $foreground; border-title-style: bold;
    border-subtitle-color: $text-muted; scrollbar-size-vertical: 1;
}}
{name} Static {{ height: auto; padding: 0 1; }}
{name} .said {{ color: $text-muted; }}
{name} .wrong {{ color: $text-error; }}
{name} Editor, {name} Editor:focus {{ background: $panel; }}
{name} #buttons {{ layout: horizontal; height: 1; margin: 1 0 0 1; }}
{name} #buttons TextButton {{ margin: 0 2 0 0; }}
"""
