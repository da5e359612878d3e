"""A file that a person wrote keeps what did not change as it was written."""

from __future__ import annotations

from typing import Any

import pytest

from playground_tui.workspace.exchange.document import from_text, to_text
from playground_tui.workspace.exchange.slim import slim
from playground_tui.workspace.exchange.splice import spliced
from tests.exchange.assistants import generated

WRITTEN = """---
# Ours; ask before it is changed.
"name": 'Bot'   # the name
top_p: 0.50
tools: [
{type: file_search}
]

model:   m
# the end
---
Be kind,
always.


"""


def changed(**fields: Any) -> str:
    return spliced(WRITTEN, to_text({**from_text(WRITTEN, "markdown"), **fields}, "markdown"))


@pytest.mark.parametrize(
    ("fields", "old", "new"),
    [
        ({}, "", ""),
        ({"top_p": 0.6}, "top_p: 0.50\n", "top_p: 0.6\n"),
        ({"name": "Bob"}, "\"name\": 'Bot'   # the name\n", "name: Bob\n"),
        ({"temperature": 1}, "# the end\n", "# the end\ntemperature: 1\n"),
        ({"instructions": "Be brief."}, "---\nBe kind,\nalways.\n\n\n", "---\n\nBe brief.\n"),
        ({"tools": []}, "tools: [\n{type: file_search}\n]\n\n", "tools: []\n"),
    ],
)
def test_only_the_lines_of_a_changed_field_change(fields: dict[str, Any], old: str, new: str) -> None:
    assert changed(**fields) == WRITTEN.replace(old, new)


@pytest.mark.parametrize(
    "old", ["", "Be kind", "---\n---\n", "---\nname: [\n---\n", "---\r\nname: x\r\n---\r\n", "---\n"]
)
def test_what_has_no_lines_to_keep_is_written_anew(old: str) -> None:
    new = to_text({"name": "Bot", "model": "m", "instructions": "Be kind"}, "markdown")
    assert spliced(old, new) == new


def test_it_always_says_what_it_should() -> None:
    for seed in range(20):
        old, new = (to_text(generated(number), "markdown") for number in (seed, seed + 1))
        text = spliced(old, new)
        assert slim(from_text(text, "markdown")) == slim(from_text(new, "markdown")), seed
