"""Token counts without a vocabulary: estimates, labelled so where they are shown; a provider's `usage` corrects them.

English comes to about 4 characters a token, code a little less, other scripts to about 2.5 bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from playground_tui.service.engines.base import AssistantTurn, EngineRequest, ImagePart, ToolTurn, Turn, UserTurn
from playground_tui.service.store.objects import dump

TURN: Final = 4
"""What the frame around one turn costs."""
IMAGE: Final = 765
"""A 1,024 × 1,024 picture in high detail, by the vendor's own table; one in low detail is 85."""
LOW_IMAGE: Final = 85


def text_tokens(text: str) -> int:
    if text.isascii():
        return (len(text) + 3) // 4
    size = len(text.encode("utf-8", "surrogatepass"))
    plain = max(0, 2 * len(text) - size)
    return (plain + 3) // 4 + (2 * (size - plain) + 4) // 5


def turn_tokens(turn: Turn) -> int:
    match turn:
        case UserTurn(parts):
            return TURN + sum(_image(p) if isinstance(p, ImagePart) else text_tokens(p.text) for p in parts)
        case ToolTurn(_, output):
            return TURN + text_tokens(output)
        case AssistantTurn(text, refusal, calls):
            spoken = text_tokens(text) + text_tokens(refusal or "")
            return TURN + spoken + sum(TURN + text_tokens(c.name) + text_tokens(c.arguments) for c in calls)


def turns_tokens(turns: Iterable[Turn]) -> int:
    return sum(map(turn_tokens, turns))


def fixed_tokens(request: EngineRequest) -> int:
    """What is sent whatever the conversation: instructions, tools, the wanted format."""
    count = TURN + text_tokens(request.instructions)
    count += sum(TURN + text_tokens(dump(dict(tool))) for tool in request.tools)
    if request.response_format and not isinstance(request.response_format, str):
        count += text_tokens(dump(dict(request.response_format)))
    return count


def _image(part: ImagePart) -> int:
    return LOW_IMAGE if part.detail == "low" else IMAGE


class Calibration:
    """How much more than estimated a model's endpoint counts, learnt from its usage; per model, while the service
    runs. Never below 1: a limit is rather undershot."""

    def __init__(self) -> None:
        self._factors: dict[str, float] = {}

    def factor(self, model: str) -> float:
        return self._factors.get(model, 1.0)

    def learn(self, model: str, estimated: int, counted: int) -> None:
        if estimated >= 50 and counted > 0:  # below, the frame around the text decides
            seen = min(max(counted / estimated, 1.0), 2.0)
            self._factors[model] = max(seen, (self.factor(model) + seen) / 2)
