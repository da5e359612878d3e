"""Which part of a conversation is sent (wire.md §3): `last_messages`, and `auto`, which leaves out the middle.

The run's own rounds and the newest block before them are always sent. Of the rest `auto` takes the newest that fit,
after the thread's first message when that needs no more than a quarter of the room.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.runs.conversation import Block

ASSUMED_CONTEXT: Final = 128_000
"""Tokens of conversation and reply together, where nobody tells the model's real context. An endpoint that refuses
for its context's sake is asked again with half, see `budget.Budget.shrink`."""
FIRST_SHARE: Final = 4


@dataclass(frozen=True, slots=True)
class Cut:
    """What is sent, and what it comes to."""

    blocks: tuple[Block, ...]
    tokens: int
    """Estimated; without instructions and tools."""
    dropped: int
    """Blocks left out."""
    fits: bool
    """False: what must be sent alone needs more than the room given."""


def cut_auto(blocks: Sequence[Block], room: int) -> Cut:
    """`room`: tokens for the conversation."""
    must = _must_send(blocks)
    kept, used = list(blocks[must:]), _tokens(blocks[must:])
    fits = used <= room
    earlier = blocks[:must]
    first = earlier[:1] if earlier and earlier[0].tokens <= min(room // FIRST_SHARE, room - used) else ()
    used += _tokens(first)
    middle: list[Block] = []
    for block in reversed(earlier[len(first) :]):
        if used + block.tokens > room:
            break
        middle.insert(0, block)
        used += block.tokens
    sent = (*first, *middle, *kept)
    return Cut(sent, used, len(blocks) - len(sent), fits)


def cut_last(blocks: Sequence[Block], count: int) -> Sequence[Block]:
    """The last `count` messages before the run, with the tool calls between them and the run's own rounds."""
    left = count
    for at in range(len(blocks) - 1, -1, -1):
        if blocks[at].is_message and not blocks[at].own:
            left -= 1
            if left == 0:
                return blocks[at:]
    return blocks


def is_enough(blocks: Sequence[Block], room: int, last: int | None) -> bool:
    """Whether older messages could not be sent anyway, so that they need not be read."""
    if last is not None:
        return sum(block.is_message and not block.own for block in blocks) >= last
    return _tokens(blocks) > room


def _must_send(blocks: Sequence[Block]) -> int:
    """Where the part begins that is never left out."""
    own = next((at for at, block in enumerate(blocks) if block.own), len(blocks))
    return max(0, own - 1)


def _tokens(blocks: Sequence[Block]) -> int:
    return sum(block.tokens for block in blocks)
