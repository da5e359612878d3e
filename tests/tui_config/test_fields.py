"""Every field through messages: what is typed is told exactly, filling tells nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual import events
from textual.widgets import Input

from playground_tui.tui.config.control import Sentence
from playground_tui.workspace.values import ModelListing, ModelRow, RawEdit, SaveState
from tests.support.config_demo import SAMPLE, make_draft
from tests.tui_config.conftest import Staged


async def test_filling_tells_nothing(staged: Staged) -> None:
    async with staged(SAMPLE) as stage:
        for field in ("response_format", "reasoning_effort", "metadata"):
            await stage.go_to(field)
        stage.app.show(replace(SAMPLE, values={**SAMPLE.values, "name": "Other", "temperature": None}, revision=9))
        stage.app.show(make_draft("asst_2", id="draft_2", name="Second", instructions="New"))
        await stage.pilot.pause()
        assert stage.said == []
        assert stage.instructions.text == "New"


@pytest.mark.parametrize("field", ["name", "description", "instructions"])
async def test_texts_are_told_as_typed_and_empty_is_null(staged: Staged, field: str) -> None:
    async with staged() as stage:
        await stage.go_to(field)
        await stage.pilot.press(*"a[b")
        assert stage.told(field) == ["a", "a[", "a[b"]
        await stage.press("backspace", "backspace", "backspace")
        assert stage.told(field)[-1] is None


@pytest.mark.parametrize("field", ["name", "description"])
async def test_a_text_too_long_is_kept_and_marked(staged: Staged, field: str) -> None:
    limit = {"name": 256, "description": 512}[field]
    async with staged(make_draft(**{field: "x" * limit})) as stage:
        await stage.go_to(field)
        await stage.press("end", "y")
        assert stage.told(field) == ["!" + "x" * limit + "y"]
        assert f"At most {limit}" in stage.picture()
        await stage.press("backspace")
        assert stage.told(field)[-1] == "x" * limit
        assert not any(sentence.display for sentence in stage.pane.query(Sentence))


async def test_a_paste_of_lines_becomes_one_line(staged: Staged) -> None:
    async with staged() as stage:
        await stage.go_to("description")
        stage.control("description").query_one(Input).post_message(events.Paste("one\rtwo\nthree"))
        await stage.pilot.pause()
        assert stage.told("description") == ["one two three"]


async def test_a_long_text_is_read_from_its_start(staged: Staged) -> None:
    async with staged() as stage:
        await stage.go_to("name")
        await stage.type("The first of many words that do not fit")
        assert "words that do not fit" in stage.picture()
        await stage.press("tab")
        assert "The first of many" in stage.picture()
        await stage.press("shift+tab")
        assert "words that do not fit" in stage.picture()


async def test_an_echo_does_not_take_back_newer_typing(staged: Staged) -> None:
    async with staged(echo=False) as stage:
        await stage.go_to("name")
        await stage.pilot.press(*"ab")
        stage.app.show(make_draft(name="a"))
        await stage.type("c")
        assert stage.told("name") == ["a", "ab", "abc"]
        stage.app.show(make_draft(name="ab"))
        stage.app.show(make_draft(name="abc"))
        await stage.pilot.pause()
        assert stage.control("name").query_one(Input).value == "abc"


async def test_the_cursor_stays_where_a_value_is_the_same(staged: Staged) -> None:
    async with staged(SAMPLE) as stage:
        stage.instructions.move_cursor((2, 3))
        stage.app.show(replace(SAMPLE, values={**SAMPLE.values, "name": "Renamed elsewhere"}, revision=3))
        await stage.pilot.pause()
        assert stage.instructions.cursor_location == (2, 3)
        assert "Renamed elsewhere" in stage.picture()


async def test_a_field_in_error_shows_its_text_and_the_sentence(staged: Staged) -> None:
    wrong = {"temperature": RawEdit("2.5", "A number from 0 to 2."), "name": RawEdit("x" * 257, "At most 256.")}
    async with staged(make_draft(temperature=1.0, name="ok", id="d") and replace(make_draft(), raw=wrong)) as stage:
        shown = stage.picture()
        assert "2.5" in shown
        assert "! A number from 0 to 2." in shown
        assert "! At most 256." in shown
        assert stage.said == []


async def test_markup_and_control_characters_are_shown_as_they_are(staged: Staged) -> None:
    name = "[red]bold[/] \x1b[31m日本🙂"
    async with staged(make_draft(name=name, model="[b]x[/b]", instructions="[link]a\x1b]0;t\x07 اهلا")) as stage:
        shown = stage.picture()
        assert "[red]bold[/] ␛[31m日本🙂" in shown
        assert "[b]x[/b]" in shown
        assert "[link]a␛]0;t␇" in shown
        assert "\x1b" not in shown
        await stage.go_to("name")
        await stage.press("end", "!")
        assert stage.told("name") == [name + "!"]


async def test_tools_are_switched_and_keep_their_options(staged: Staged) -> None:
    searching = {"type": "file_search", "file_search": {"max_num_results": 3}}
    async with staged(make_draft(tools=[searching])) as stage:
        await stage.go_to("tools")
        await stage.press("enter", "enter", "down", "space")
        assert stage.told("tools") == [[], [searching], [{"type": "code_interpreter"}, searching]]
        await stage.pilot.click(stage.control("tools").lines[0])
        await stage.pilot.pause()
        assert stage.told("tools")[-1] == [{"type": "code_interpreter"}]


async def test_the_model_row_asks_for_the_picker(staged: Staged) -> None:
    async with staged(make_draft(model="openai/gpt")) as stage:
        await stage.go_to("model")
        await stage.press("enter", "delete")
        await stage.pilot.click(stage.control("model"))
        assert [(wanted.group, wanted.model) for wanted in stage.app.wanted] == [("assistant", "openai/gpt")] * 2
        assert stage.said == []


async def test_a_model_that_its_provider_does_not_list_is_flagged_in_words(staged: Staged) -> None:
    async with staged(make_draft(model="openai/old")) as stage:
        stage.pane.show_models(ModelListing((ModelRow("openai/new", "openai"),)))
        await stage.pilot.pause()
        assert "? openai does not list it." in stage.picture()
        stage.app.show(replace(stage.app.draft, values={"model": "openai/new"}, revision=1))
        await stage.pilot.pause()
        assert "does not list it" not in stage.picture()


async def test_a_refusal_of_the_provider_stands_at_the_field_until_it_changes(staged: Staged) -> None:
    async with staged(make_draft(temperature=1.0)) as stage:
        stage.pane.show_refused("temperature", "This model takes no temperature.")
        await stage.pilot.pause()
        assert "! This model takes no" in stage.picture()
        await stage.go_to("temperature")
        await stage.press("delete")
        assert "takes no" not in stage.picture()


async def test_create_is_there_until_the_assistant_is(staged: Staged) -> None:
    async with staged() as stage:
        assert "Create" in stage.picture()
        await stage.pilot.click("ConfigTitle", offset=(40, 0))
        await stage.pilot.pause()
        assert stage.said == [("create", "", None)]
        assert "Create" not in stage.picture()


async def test_the_focus_leaves_create_with_it(staged: Staged) -> None:
    async with staged() as stage:
        stage.pane.query_one("ConfigTitle").focus()
        await stage.press("enter")
        await stage.type("A")
        assert stage.told("name") == ["A"]


async def test_create_by_key_and_while_it_is_made(staged: Staged) -> None:
    async with staged() as stage:
        title = stage.pane.query_one("ConfigTitle")
        title.focus()
        stage.pane.show_save_state(SaveState("saving"))
        await stage.press("enter")
        assert stage.said == []
        assert "creating" in stage.picture()
        stage.pane.show_save_state(SaveState("new"))
        await stage.press("enter")
        assert stage.said == [("create", "", None)]


async def test_another_draft_first_hears_what_is_still_untold(staged: Staged) -> None:
    async with staged(make_draft(id="one")) as stage:
        stage.instructions.insert("late")
        stage.app.show(make_draft(id="two", instructions="second"))
        await stage.pilot.pause()
        await stage.pilot.pause()
        assert stage.instructions.text == "second"
        assert stage.said == [("late", "instructions", ("late", "one"))]


async def test_help_follows_the_focus(staged: Staged) -> None:
    async with staged(SAMPLE) as stage:
        await stage.go_to("temperature")
        assert "0 = focused, 2 = creative" in stage.picture()
        await stage.go_to("metadata")
        assert "shift+delete" in stage.picture()


async def test_the_pane_returns_to_where_one_was(staged: Staged) -> None:
    async with staged(SAMPLE) as stage:
        await stage.go_to("top_p")
        stage.app.set_focus(None)
        stage.pane.focus_first()
        await stage.pilot.pause()
        assert stage.app.focused is stage.control("top_p")


async def test_a_model_that_is_settled_later_is_shown_at_once(staged: Staged) -> None:
    async with staged(make_draft()) as stage:
        assert "choose a model" in stage.picture()
        stage.app.show(make_draft(model="demo/demo"))
        await stage.pilot.pause()
        assert "demo/demo" in stage.picture()
        assert "choose a model" not in stage.picture()
