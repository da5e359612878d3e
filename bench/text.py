"""The Markdown that all streaming benchmarks feed: prose, code, lists, tables; the same for every run."""

from __future__ import annotations

import random

_PROSE = (
    "the refund window of an annual plan opens when payment arrives and closes thirty days later unless support "
    "extends it because delivery was late or invoice numbers did not match what customers had been told before"
)
_WORDS = _PROSE.split(" ")

TOKEN = 4
"""Characters of one token."""


def _sentence(rng: random.Random) -> str:
    words = rng.choices(_WORDS, k=rng.randint(8, 22))
    if rng.random() < 0.4:
        words[2] = f"**{words[2]}**"
    if rng.random() < 0.3:
        words[4] = f"`{words[4]}`"
    if rng.random() < 0.2:
        words[5] = f"[{words[5]}](https://example.com/{words[6]})"
    return " ".join(words).capitalize() + "."


def _section(rng: random.Random, number: int) -> str:
    parts = [f"## Part {number}", " ".join(_sentence(rng) for _ in range(3))]
    parts.append("\n".join(f"- {_sentence(rng)}" for _ in range(5)))
    calls = (f"    value_{row} = compute({row}, '{rng.choice(_WORDS)}')" for row in range(8))
    code = "\n".join(f"{call}  # {rng.choice(_WORDS)}" for call in calls)
    parts.append(f"```python\ndef part_{number}(count: int) -> int:\n{code}\n    return value_0\n```")
    parts.append(" ".join(_sentence(rng) for _ in range(2)))
    rows = "\n".join(f"| {rng.choice(_WORDS)} | {rng.randint(1, 999)} | {_sentence(rng)} |" for _ in range(5))
    parts.append(f"| Name | Count | Note |\n|:-----|------:|------|\n{rows}")
    return "\n\n".join(parts) + "\n\n"


def markdown(tokens: int, seed: int = 7) -> str:
    rng = random.Random(seed)
    parts: list[str] = []
    size = number = 0
    while size < tokens * TOKEN:
        number += 1
        parts.append(_section(rng, number))
        size += len(parts[-1])
    return "".join(parts)[: tokens * TOKEN]


def tokens_of(text: str) -> list[str]:
    return [text[at : at + TOKEN] for at in range(0, len(text), TOKEN)]
