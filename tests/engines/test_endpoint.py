"""The scripted endpoint run by hand, as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from playground_tui.service.engines.pool import EnginePool
from playground_tui.settings.model import Provider
from tests.engines.conftest import asking, hear

ROOT = Path(__file__).parents[2]


@pytest.mark.process
@pytest.mark.parametrize("kind", ["chat", "responses"])
async def test_by_hand(pool: EnginePool, kind: str) -> None:
    argv = [sys.executable, "-m", "tests.support.endpoint", "--tokens", "40"]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            heard = await hear(pool.get(Provider("p", kind, base_url=url)), asking())  # type: ignore[arg-type]
        finally:
            process.kill()
    assert len(heard.text) == 200
