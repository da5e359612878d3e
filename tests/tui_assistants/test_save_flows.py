"""What a person sees of saving: every state in the header, on the real workspace with a server that misbehaves."""

from __future__ import annotations

from tests.tui_assistants.conftest import OpenBench


async def test_unsaved_saving_saved(bench: OpenBench) -> None:
    async with bench() as at:
        gate = at.world.server.hold("POST /v1/assistants/")
        at.workspace.editor.edit("temperature", 0.5)
        await at.sees("○ unsaved")
        await at.world.clock.advance(3)
        await gate.arrived.wait()
        await at.sees("◌ saving")
        gate.open()
        await at.sees("● saved at 14:00")


async def test_failed_says_when_the_next_try_comes_and_why(bench: OpenBench) -> None:
    async with bench() as at:
        at.world.server.refuse("POST /v1/assistants/", 500, "The server is tired.")
        at.workspace.editor.edit("temperature", 0.5)
        await at.advance(3)
        await at.sees("! save failed, next try in 2 s")
        await at.click("! save failed")
        assert any("Your edits are kept here." in notice for notice in at.notices())
        await at.advance(2)
        await at.sees("● saved at 14:00")


async def test_offline_keeps_and_goes_on(bench: OpenBench) -> None:
    async with bench() as at:
        at.world.server.down = True
        at.workspace.editor.edit("temperature", 0.5)
        await at.advance(3)
        await at.sees("! offline, kept here")
        at.world.server.down = False
        await at.advance(10)
        await at.until(lambda: at.world.server.saves and at.world.server.saves[-1] == {"temperature": 0.5})
        await at.sees("● saved at 14:00")


async def test_new_until_it_is_created(bench: OpenBench) -> None:
    async with bench() as at:
        await at.press("ctrl+n")
        await at.sees("○ new, not created")
        await at.press("ctrl+s")
        await at.sees("● saved at 14:00")
        assert len(at.world.server.creates) == 1


async def test_paused_edits_are_tried_and_not_stored(bench: OpenBench) -> None:
    async with bench() as at:
        await at.run("toggle_autosave")
        await at.sees("auto-save paused")
        at.workspace.editor.edit("temperature", 0.9)
        await at.advance(60)
        await at.sees("○ unsaved, auto-save paused")
        assert at.world.server.saves == []
        assert at.workspace.editor.run_overrides() == {"temperature": 0.9}
        await at.press("ctrl+s")
        await at.until(lambda: at.world.server.saves == [{"temperature": 0.9}])
        assert at.workspace.editor.run_overrides() == {}
        await at.run("toggle_autosave")
        await at.until(lambda: "paused" not in at.text().split("\n")[0])


async def test_the_time_out_is_kept_and_never_sent(bench: OpenBench) -> None:
    async with bench() as at:
        editor = at.workspace.editor
        assert editor.edit_run_setting("timeout", 5) is None
        editor.edit_run_setting("max_completion_tokens", 300)
        assert editor.run_timeout == 5
        assert editor.run_overrides() == {"max_completion_tokens": 300}
        editor.edit_run_setting_raw("timeout", "soon", "A number.")
        assert editor.run_settings.value.raw["timeout"].text == "soon"
        assert at.workspace.threads.context.run_timeout() == 5


async def test_a_late_edit_reaches_the_draft_it_was_typed_into(bench: OpenBench) -> None:
    async with bench() as at:
        first = at.workspace.editor.draft.value
        at.main.config.focus_field("name")
        await at.pilot.pause()
        await at.pilot.press("end", "!")
        await at.workspace.new_assistant()
        await at.pilot.pause()
        await at.advance(3)
        await at.until(lambda: at.world.server.assistants[first.assistant_id or ""]["name"] == "Support bot!")
        assert at.workspace.editor.draft.value.id != first.id
