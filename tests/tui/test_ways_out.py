import asyncio
import os
import signal

import pytest

from playground_tui.tui.ways_out import guarded


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
async def test_a_signal_flushes_first_and_then_leaves_with_the_shells_code(name: str) -> None:
    number = getattr(signal, name)
    heard: list[object] = []
    left = asyncio.Event()

    def leave(code: int) -> None:
        heard.append(code)
        left.set()

    with guarded(lambda: heard.append("flush"), leave):
        os.kill(os.getpid(), number)
        await asyncio.wait_for(left.wait(), 10)
    assert heard == ["flush", 128 + number]


async def test_the_handlers_are_gone_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with guarded(lambda: None, lambda code: None):
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
