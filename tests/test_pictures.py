from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import pictures_chat, pictures_files
from tests.pictures import PICTURES, take

PLOTS = {"soak"}
"""Drawn by `bench/`, of what was measured."""
MADE = {*PICTURES, *pictures_chat.PICTURES, *pictures_files.PICTURES, *PLOTS}

DOCS = Path(__file__).parents[1] / "docs"


def test_every_picture_of_the_documentation_is_one_that_is_made() -> None:
    pages = [*DOCS.glob("*.md"), DOCS.parent / "README.md"]
    named = {name for page in pages for name in re.findall(r"pictures/([\w-]+)\.svg", page.read_text("utf-8"))}
    assert named
    assert named <= MADE
    assert {f"{name}.svg" for name in named} <= {file.name for file in (DOCS / "pictures").iterdir()}


@pytest.mark.slow
async def test_a_picture_comes_out_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    first = await take("assistants-versions")
    second = await take("assistants-versions")
    assert [pair for pair in zip(first.split("\n"), second.split("\n"), strict=True) if pair[0] != pair[1]] == []
    assert "as&#160;it&#160;began" in first
