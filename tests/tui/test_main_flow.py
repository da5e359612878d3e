from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from playground_tui.tui.commands import MAIN
from playground_tui.tui.palette import PlaygroundCommands
from playground_tui.tui.screens.main import MainScreen
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.values import (
    Added,
    ChatMessage,
    ConnectionState,
    ConversationState,
    Grew,
    RawEdit,
    Reset,
    RunView,
    SaveState,
)
from tests.support.fake_workspace import NOON, FakeConversation, FakeWorkspace
from tests.tui.conftest import Open, Opened

ASKED = ChatMessage("m1", "user", "What is the refund policy?", NOON)
ANSWERED = ChatMessage("m2", "assistant", "Thirty days.", NOON, author="Support bot")


def talk(workspace: FakeWorkspace, *messages: ChatMessage, **state: object) -> FakeConversation:
    conversation = FakeConversation(workspace.calls, ConversationState("thread_8fk2", "Refunds"), messages)
    conversation.become(**state)
    workspace.conversation.set(conversation)  # type: ignore[arg-type]
    return conversation


def main(opened: Opened) -> MainScreen:
    screen = opened.app.screen
    assert isinstance(screen, MainScreen)
    return screen


async def test_the_first_screen_names_assistant_model_server_and_save_state(open_app: Open) -> None:
    async with open_app() as opened:
        header = opened.text().split("\n")[0]
        for words in ("Support bot", "local", "demo/demo", "● saved at 14:02"):
            assert words in header
        assert opened.workspace.calls.names() == ["start"]
        assert main(opened).focused is main(opened).chat.box


async def test_an_empty_thread_offers_three_starters_by_key(open_app: Open) -> None:
    async with open_app() as opened:
        assert "f2 changes it" in opened.text()
        await opened.press("up", "up", "enter")
        assert opened.workspace.calls.of("send") == [("/markdown",)]


async def test_a_starter_that_wraps_stays_beside_its_digit(open_app: Open) -> None:
    async with open_app() as opened:
        starters = main(opened).chat.starters
        starters.styles.width = 30
        await opened.pilot.pause()
        lines = [line[:30].rstrip() for line in opened.text().split("\n")]
        first = next(index for index, line in enumerate(lines) if "2  A reply with" in line)
        assert lines[first].index("A reply") == len(lines[first + 1]) - len(lines[first + 1].lstrip())


async def test_an_empty_thread_offers_three_starters_by_mouse(open_app: Open) -> None:
    async with open_app() as opened:
        opened.workspace.editor.edit("model", "openai/gpt-6-astra")
        await opened.until(lambda: "Compare tea" in opened.text())
        await opened.click_text("Compare tea")
        assert opened.workspace.calls.of("send") == [("Compare tea and coffee in a table.",)]


async def test_what_is_typed_on_the_starters_goes_into_the_box(open_app: Open) -> None:
    async with open_app() as opened:
        main(opened).chat.starters.focus()
        await opened.pilot.pause()
        await opened.press("h", "i", "1")
        assert main(opened).chat.box.text == "hi1"


async def test_down_from_the_starters_goes_back_to_the_box(open_app: Open) -> None:
    async with open_app() as opened:
        await opened.press("up", "down")
        assert main(opened).focused is main(opened).chat.box


async def test_typing_is_kept_as_unsent_and_enter_sends_it(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        await opened.press(*"hi")
        assert conversation.state.value.unsent == "hi"
        await opened.press("enter")
        assert workspace.calls.of("send") == [("hi",)]
        await opened.until(lambda: main(opened).chat.box.text == "")


async def test_the_send_button_sends(open_app: Open, workspace: FakeWorkspace) -> None:
    async with open_app() as opened:
        await opened.press(*"hi")
        await opened.click("#send")
        assert workspace.calls.of("send") == [("hi",)]
        assert main(opened).focused is main(opened).chat.box


async def test_a_failed_send_brings_the_text_back_with_reason_and_details(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    conversation = talk(workspace, ASKED)
    failure = Failure(
        "key", "The key was refused.", "Your message is kept.", "Check OPENAI_API_KEY.", "401 invalid_key"
    )
    async with open_app() as opened:
        conversation.become(unsent="try this", failure=failure)
        await opened.pilot.pause()
        assert main(opened).chat.box.text == "try this"
        assert "The key was refused." in opened.text()
        assert "Check OPENAI_API_KEY." in opened.text()
        assert "401" not in opened.text()
        await opened.click_text("▸ details")
        assert "401 invalid_key" in opened.text()
        await opened.press("escape")
        assert "401" not in opened.text()
        assert main(opened).chat.box.text == "try this"


async def test_a_send_that_found_no_model_opens_the_picker_and_goes_on_with_the_chosen_one(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    conversation = talk(workspace)
    async with open_app() as opened:
        workspace.editor.edit("model", None)
        await opened.press(*"hi", "enter")
        assert workspace.calls.of("send") == [("hi",)]
        failure = Failure("invalid", "No model is chosen yet.", next="Pick one.", field="model")
        conversation.become(unsent="hi", failure=failure)
        await opened.until(lambda: "Search, or type any name" in opened.text())
        await opened.press("enter")
        assert workspace.calls.of("edit")[-1] == ("model", "demo/demo")
        await opened.until(lambda: workspace.calls.of("send") == [("hi",), ("hi",)])


async def test_leaving_that_picker_keeps_the_text(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace)
    async with open_app() as opened:
        workspace.editor.edit("model", None)
        await opened.press(*"hi", "enter")
        conversation.become(unsent="hi", failure=Failure("invalid", "No model is chosen yet.", field="model"))
        await opened.until(lambda: "Search, or type any name" in opened.text())
        await opened.press("escape")
        assert main(opened).chat.box.text == "hi"
        assert workspace.calls.of("send") == [("hi",)]


async def test_a_reply_grows_on_the_screen(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace, ASKED)
    async with open_app() as opened:
        reply = ChatMessage("m2", "assistant", "", NOON, status="streaming", author="Support bot")
        conversation.tell(Added(reply), (ASKED, reply))
        conversation.tell(Grew("m2", "Thirty days, "))
        conversation.tell(Grew("m2", "no questions."))
        await opened.until(lambda: "Thirty days, no questions." in opened.text())


async def test_another_thread_replaces_messages_title_and_unsent_text(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED, unsent="half a thought")
    async with open_app() as opened:
        assert main(opened).chat.box.text == "half a thought"
        talk(workspace, ChatMessage("m9", "user", "Another world", NOON), title="Elsewhere", unsent="")
        await opened.until(lambda: "Another world" in opened.text())
        assert "Elsewhere" in opened.text()
        assert "Thirty days" not in opened.text()
        assert main(opened).chat.box.text == ""


async def test_a_reset_shows_the_messages_in_place_of_the_starters(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace)
    async with open_app() as opened:
        assert "start with one of these" in opened.text()
        conversation.tell(Reset((ASKED, ANSWERED)))
        await opened.until(lambda: "Thirty days." in opened.text())
        assert "start with one of these" not in opened.text()


async def test_esc_stops_the_run_only_when_nothing_is_open(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace, ASKED)
    async with open_app(80, 24) as opened:
        await opened.press("escape")
        assert workspace.calls.of("stop") == []
        conversation.become(run=RunView("answering", "run_1", since=NOON))
        await opened.pilot.pause()
        await opened.press(*"next", "ctrl+g", "escape")
        assert workspace.calls.of("stop") == []
        assert not main(opened).configuration_is_open()
        await opened.press("escape")
        assert workspace.calls.of("stop") == [()]
        assert main(opened).chat.box.text == "next"


async def test_the_footer_offers_stop_only_while_there_is_something_to_stop(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    conversation = talk(workspace, ASKED)
    async with open_app() as opened:
        assert "stop" not in opened.text().split("\n")[-1]
        conversation.become(run=RunView("thinking", "run_1", since=NOON))
        await opened.until(lambda: "esc stop" in opened.text().split("\n")[-1])


async def test_queued_messages_stand_above_the_box_and_can_be_taken_back(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    talk(workspace, ASKED, queued=("first in line", "second"), run=RunView("answering", "run_1", since=NOON))
    async with open_app() as opened:
        assert "queued 1 · first in line" in opened.text()
        await opened.click_text("first in line")
        await opened.until(lambda: main(opened).chat.box.text == "first in line")
        assert "queued 1 · second" in opened.text()


async def test_the_last_message_can_be_edited_and_sent_anew(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        await main(opened).run_action("edit_last")
        assert main(opened).chat.box.text == ASKED.text
        await opened.pilot.pause()
        assert "Editing an earlier message" in opened.text()
        await opened.press("!", "enter")
        assert workspace.calls.of("resend") == [("m1", ASKED.text + "!")]


async def test_esc_leaves_editing_and_keeps_the_text(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        await main(opened).run_action("edit_last")
        await opened.press("escape")
        assert "Editing an earlier message" not in opened.text()
        assert main(opened).chat.box.text == ASKED.text
        await opened.press("enter")
        assert workspace.calls.of("send") == [(ASKED.text,)]


async def test_regenerate_new_thread_and_save_reach_the_workspace(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        await opened.press("f5", "ctrl+t", "ctrl+s", "ctrl+n")
        assert workspace.calls.names()[1:] == ["regenerate", "open_thread", "save", "new_assistant"]


async def test_the_same_by_mouse(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        await opened.click_text("+ New")
        assert workspace.calls.of("open_thread") == [(None,)]
        await opened.click_text("Refunds ▾")
        assert "Search titles and texts" in opened.text()
        await opened.press("escape")
        await opened.click_text("Support bot ▾")
        assert "Search names" in opened.text()
        await opened.press("escape")
        await opened.click_text("demo/demo ▾")
        assert "Search, or type any name" in opened.text()


async def test_fields_in_error_stand_in_the_header(open_app: Open, workspace: FakeWorkspace) -> None:
    async with open_app() as opened:
        workspace.editor.edit_raw("top_p", "7", "Top P is between 0 and 1.")
        await opened.until(lambda: "! Top P" in opened.text().split("\n")[0])


async def test_a_long_name_leaves_server_and_model_in_the_header(open_app: Open, workspace: FakeWorkspace) -> None:
    async with open_app(80, 24) as opened:
        draft = workspace.editor.draft
        draft.set(replace(draft.value, values={**draft.value.values, "name": "n" * 300, "model": "demo/demo"}))
        await opened.until(lambda: "nnn… ▾" in opened.text().split("\n")[0])
        assert "· demo/demo ▾" in opened.text().split("\n")[0]


async def test_the_header_counts_down_to_the_next_try(open_app: Open, workspace: FakeWorkspace) -> None:
    async with open_app() as opened:
        workspace.editor.save_state.set(SaveState("failed", retry_at=NOON + timedelta(seconds=8)))
        await opened.until(lambda: "! save failed, next try in 8 s" in opened.text())


async def test_an_unreached_server_is_marked_in_the_header(open_app: Open, workspace: FakeWorkspace) -> None:
    async with open_app() as opened:
        workspace.connection.set(ConnectionState("remote", "my server", "offline"))
        await opened.until(lambda: "! my server" in opened.text().split("\n")[0])


async def test_a_notice_of_the_workspace_is_shown_as_plain_text(open_app: Open, workspace: FakeWorkspace) -> None:
    async with open_app() as opened:
        workspace.notices.tell("Restored 3 edits of [b]Bot[/b].")
        await opened.until(lambda: "Restored 3 edits of [b]Bot[/b]." in opened.text())


async def test_copying_says_what_was_done(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        main(opened).action_copy_reply()
        await opened.until(lambda: "Copied." in opened.notices())
        assert opened.clipboard.text == "Thirty days."
        main(opened).action_copy_thread()
        await opened.until(lambda: ASKED.text in opened.clipboard.text)


async def test_wrong_raw_edits_do_not_hide_the_save_state(open_app: Open, workspace: FakeWorkspace) -> None:
    async with open_app(80, 24) as opened:
        draft = workspace.editor.draft.value
        assert draft.raw == {}
        workspace.editor.edit_raw("temperature", "9", "0 to 2")
        assert workspace.editor.draft.value.raw == {"temperature": RawEdit("9", "0 to 2")}
        await opened.until(lambda: "! Temperature" in opened.text().split("\n")[0])
        assert "●" in opened.text().split("\n")[0]


async def test_the_palette_has_every_action(open_app: Open) -> None:
    async with open_app() as opened:
        assert PlaygroundCommands(main(opened))._commands == MAIN
        await opened.press("ctrl+p", *"vector")
        await opened.until(lambda: "Vector stores " in opened.text())
