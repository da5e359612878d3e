"""What a new assistant begins with: instructions that work as they are. It gets its name from the person, else
`Untitled N` when it is created."""

from __future__ import annotations

from typing import Final

from playground_tui.workspace.values import Json

INSTRUCTIONS: Final = """\
You are a helpful assistant.

- Answer first, then explain, as briefly as the question allows.
- Ask one question back when something important is missing.
- Say so when you do not know.
"""


def starter_values(model: str = "") -> dict[str, Json]:
    values: dict[str, Json] = {"instructions": INSTRUCTIONS}
    return {**values, "model": model} if model else values
