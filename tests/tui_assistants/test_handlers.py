"""What answers a function, chosen in the function editor and kept by the workspace."""

from __future__ import annotations

from tests.tui_assistants.conftest import OpenBench

TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}]


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
        await at.press("end", "s")
        await at.until(lambda: at.workspace.functions().handler(draft_id, "get_weathers").target == "sunny")
        await at.press("escape")
        await at.run("edit_functions")
        await at.sees("a fixed text: sunny")
        await at.press("f7", "up", "enter", "ctrl+s")
        await at.until(lambda: not at.workspace.functions().handlers(draft_id))
