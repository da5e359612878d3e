"""What a new assistant begins with: instructions that work as they are."""

from __future__ import annotations

from typing import Final

from playground_tui.workspace.values import Json

NAME: Final = "Assistant"
INSTRUCTIONS: Final = """\
You are a helpful assistant.

- Answer first, then explain, as briefly as the question allows.
- Ask one question back when something important is missing.
- Say so when you do not know.
"""


def starter_values(model: str = "") -> dict[str, Json]:
    values: dict[str, Json] = {"name": NAME, "instructions": INSTRUCTIONS}
    return {**values, "model": model} if model else values
