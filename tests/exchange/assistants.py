"""Generated assistants: everything the limits allow, the odd corners of Unicode first."""

from __future__ import annotations

import random
import string
from typing import Any

ODD = (
    "日本語の指示",
    "e\u0301\u0323 combining",
    "👩‍👩‍👧 🏳️‍🌈 family",
    "שלום עולם",
    "[b]not markup[/b]",
    "---\nname: x\n---",
    "tabs\tand  blanks ",
    "\n\nleading and trailing\n",
    "# heading\n\n- a\n- b",
    "'quotes\" and \\ back",
    "a: b # c",
    "null",
    "true",
    "1.0",
    "\u2028 line separator",
    "line\r\nends\r",
    "\x07\x1b control",
    "{{variable}}",
    "emoji 😀 é",
    "0x1F",
    "~",
)
EFFORTS = ("none", "minimal", "low", "medium", "high")


def generated(seed: int) -> dict[str, Any]:
    """One assistant as a person could have made it; fields are there or not."""
    rng = random.Random(seed)
    made: dict[str, Any] = {"model": rng.choice(("openai/gpt-6-astra", "meta-llama/Llama-3", "模型", "m: x"))}
    makers = {
        "name": lambda: text(rng, 256),
        "description": lambda: text(rng, 512),
        "instructions": lambda: "\n".join(text(rng, 400) for _ in range(rng.randint(0, 12))),
        "temperature": lambda: rng.choice((0, 2, 0.35, 1.0, 1e-3)),
        "top_p": lambda: rng.choice((0, 1, 0.05, 0.999)),
        "reasoning_effort": lambda: rng.choice(EFFORTS),
        "metadata": lambda: {f"k{n} {text(rng, 20)}"[:64]: text(rng, 512) for n in range(rng.randint(0, 16))},
        "tools": lambda: [tool(rng, n) for n in range(rng.randint(0, 6))],
        "response_format": lambda: response_format(rng),
        "tool_resources": lambda: {"file_search": {"vector_store_ids": ["vs_1"]}},
    }
    for name, make in makers.items():
        if rng.random() < 0.7:
            made[name] = make()
    return made


def text(rng: random.Random, most: int) -> str:
    parts = [rng.choice(ODD) if rng.random() < 0.5 else word(rng) for _ in range(rng.randint(0, 8))]
    return " ".join(parts)[:most]


def word(rng: random.Random) -> str:
    return "".join(rng.choices(string.ascii_letters + string.digits + "_-.,:;!?", k=rng.randint(1, 12)))


def schema(rng: random.Random, depth: int = 0) -> dict[str, Any]:
    if depth > 2 or rng.random() < 0.5:
        return {"type": rng.choice(("string", "number", "boolean")), "description": text(rng, 80)}
    return {"type": "object", "properties": {word(rng): schema(rng, depth + 1) for _ in range(2)}, "required": []}


def tool(rng: random.Random, number: int) -> dict[str, Any]:
    kind = rng.random()
    if kind < 0.2:
        return {"type": "code_interpreter"}
    if kind < 0.4:
        ranking = {"ranker": "auto", "score_threshold": 0.5}
        return {"type": "file_search", "file_search": {"max_num_results": 8, "ranking_options": ranking}}
    function = {"name": f"f_{number}", "description": text(rng, 100), "parameters": {**schema(rng), "type": "object"}}
    return {"type": "function", "function": {**function, "strict": rng.random() < 0.5}}


def response_format(rng: random.Random) -> Any:
    inner = {"name": "reply", "schema": {**schema(rng), "type": "object"}, "strict": False}
    return rng.choice(
        ("auto", {"type": "text"}, {"type": "json_object"}, {"type": "json_schema", "json_schema": inner})
    )
