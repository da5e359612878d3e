"""A function call waits for its answer: the app is closed, started again, and answers; the run completes. With the
carried service, which ends with the app, and with `serve`, which does not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from playground_tui.tui.calls.panel import CallsPanel
from tests.remote.test_main_job import Place, demo, lacking, served

ANSWER = next(binding.key for binding in CallsPanel.BINDINGS if binding.id == "calls.submit")  # type: ignore[union-attr]
FUNCTION = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(demo, id="carried"),
        pytest.param(served, id="serve", marks=[pytest.mark.process, pytest.mark.slow]),
        pytest.param(lacking, id="lacks cancel, steps and paging", marks=pytest.mark.slow),
    ],
)
async def test_a_waiting_call_survives_a_restart(
    tmp_path: Path, where: Callable[[Place], AbstractContextManager[None]]
) -> None:
    place = Place(tmp_path)
    with where(place):
        async with place.app() as shown:
            editor = shown.workspace.editor
            editor.edit("model", place.model)
            editor.edit("tools", [FUNCTION])
            await shown.write("/calls")
            await shown.click("#send")
            await shown.until(lambda: shown.app.screen.query(CallsPanel))
            await shown.until(lambda: "wait" in shown.text() and "get_weather" in shown.text())
        async with place.app() as shown:
            await shown.until(lambda: shown.app.screen.query(CallsPanel))
            await shown.until(lambda: "left" in shown.text())
            for _ in range(2):
                shown.app.screen.query_one(CallsPanel).focus_first()
                await shown.pilot.pause()
                await shown.write('{"sky": "clear"}')
                await shown.press(ANSWER)
            conversation = shown.workspace.conversation.value
            await shown.until(lambda: conversation.state.value.run.phase == "idle")
            assert conversation.state.value.failure is None
            answer = conversation.messages[-1]
            assert (answer.role, answer.status) == ("assistant", "complete")
            assert answer.calls
            assert all(call.output == '{"sky": "clear"}' for call in answer.calls)
            await shown.until(lambda: not shown.app.screen.query(CallsPanel))
