"""What answers a function, chosen in the function editor and kept by the workspace."""

from __future__ import annotations

import pytest

from playground_tui.workspace.handlers.model import Handler
from tests.tui_assistants.conftest import OpenBench

TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}]


@pytest.mark.slow
async def test_a_handler_is_kept_and_follows_its_function_through_a_renaming(bench: OpenBench) -> None:
    async with bench(tools=TOOLS) as at:
        draft_id = at.workspace.editor.draft.value.id
        await at.run("edit_functions")
        await at.sees("Answered by   you, by hand")
        await at.press("f7", "down", "enter")
        await at.type("sunny")
        await at.press("ctrl+s")
        await at.sees("a fixed text: sunny")
        await at.until(lambda: at.workspace.functions().handler(draft_id, "get_weather").target == "sunny")
        await at.press("end")
        await at.type("_now")
        await at.sees("get_weather_now", "a fixed text: sunny")
        functions = at.workspace.functions()
        assert list(functions.handlers(draft_id)) == ["get_weather"], "it does not follow letter by letter"
        await at.press("tab")
        await at.until(lambda: list(functions.handlers(draft_id)) == ["get_weather_now"])
        assert functions.handler(draft_id, "get_weather_now").target == "sunny"
        await at.press("shift+tab", "end", "backspace", "escape")
        await at.until(lambda: list(functions.handlers(draft_id)) == ["get_weather_no"])
        await at.run("edit_functions")
        await at.sees("a fixed text: sunny")
        await at.press("f7", "up", "enter", "ctrl+s")
        await at.until(lambda: not at.workspace.functions().handlers(draft_id))


@pytest.mark.slow
async def test_a_name_on_its_way_through_another_takes_nothing_from_it(bench: OpenBench) -> None:
    tools = [{"type": "function", "function": {"name": name}} for name in ("get", "set")]
    async with bench(tools=tools) as at:
        draft_id = at.workspace.editor.draft.value.id
        functions = at.workspace.functions()
        await functions.bind(draft_id, "get", Handler("mock", "got"))
        await functions.bind(draft_id, "set", Handler("mock", "done"))
        await at.run("edit_functions")
        await at.sees("a fixed text: got")
        at.app.screen.query_one("NameList").focus()
        await at.press("down")
        await at.sees("a fixed text: done")
        await at.press("tab", "home", "delete")
        await at.type("g")
        await at.sees("! another function has this name")
        await at.press("end")
        await at.type("_it")
        await at.press("escape")
        await at.until(lambda: set(functions.handlers(draft_id)) == {"get", "get_it"})
        assert functions.handler(draft_id, "get_it").target == "done"
        assert functions.handler(draft_id, "get").target == "got"
