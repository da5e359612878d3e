"""Commands, templates, variables, earlier texts."""

from __future__ import annotations

from playground_tui.tui.compose.plain import plain
from playground_tui.tui.compose.variables import VariablesScreen
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.writing.templates import Template
from playground_tui.workspace.writing.variable_values import VariableField
from tests.support.fake_workspace import FakeConversation, FakeWorkspace
from tests.tui.conftest import Open
from tests.tui.test_main_flow import ANSWERED, ASKED, main, talk

TEMPLATES = (Template("refund", "Write a refund letter to {{customer}}."), Template("review", "Review this: {{input}}"))


def with_templates(workspace: FakeWorkspace) -> FakeConversation:
    workspace.templates.listing.set(TEMPLATES)
    return talk(workspace, ASKED, ANSWERED)


async def test_a_slash_shows_the_commands_and_tab_completes(open_app: Open, workspace: FakeWorkspace) -> None:
    with_templates(workspace)
    async with open_app() as opened:
        await opened.press("slash")
        assert "/refund" in opened.text()
        assert "Review this" in opened.text()
        await opened.press("r", "e", "v", "tab")
        assert main(opened).chat.box.text == "/review "
        assert not main(opened).chat.completions.display
        await opened.press("x", "enter")
        assert workspace.calls.of("send") == [("/review x",)]


async def test_the_commands_are_walked_by_key_and_closed_by_escape(open_app: Open, workspace: FakeWorkspace) -> None:
    with_templates(workspace)
    async with open_app() as opened:
        await opened.press("slash", "down", "enter")
        assert main(opened).chat.box.text == "/review "
        main(opened).chat.box.show_text("")
        await opened.press("slash", "escape")
        assert not main(opened).chat.completions.display
        assert main(opened).chat.box.text == "/"


async def test_a_command_that_is_written_out_is_sent_by_enter(open_app: Open, workspace: FakeWorkspace) -> None:
    with_templates(workspace)
    async with open_app() as opened:
        await opened.press(*"/refund", "enter")
        assert workspace.calls.of("send") == [("/refund",)]


async def test_a_command_is_taken_by_mouse(open_app: Open, workspace: FakeWorkspace) -> None:
    with_templates(workspace)
    async with open_app() as opened:
        await opened.press("slash")
        await opened.click_text("/refund")
        assert main(opened).chat.box.text == "/refund "


async def test_what_is_in_the_box_becomes_a_template(open_app: Open, workspace: FakeWorkspace) -> None:
    with_templates(workspace)
    async with open_app() as opened:
        await opened.press(*"keep me")
        await main(opened).run_action("save_template")
        await opened.press(*"/mine", "enter")
        await opened.until(lambda: workspace.calls.of("put_template"))
        assert workspace.calls.of("put_template") == [("mine", "keep me")]


async def test_templates_are_inserted_renamed_and_deleted(open_app: Open, workspace: FakeWorkspace) -> None:
    with_templates(workspace)
    async with open_app() as opened:
        await main(opened).run_action("templates")
        await opened.press("f2", *"letter", "enter")
        await opened.until(lambda: workspace.calls.of("rename_template") == [("refund", "letter")])
        await opened.press("f8", "d")
        await opened.until(lambda: workspace.calls.of("delete_template") == [("letter",)])
        await opened.press("enter")
        assert main(opened).chat.box.text == "Review this: {{input}}"


async def test_a_missing_variable_holds_the_message_back_and_opens_the_form(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    conversation = talk(workspace, ASKED)
    conversation.variables.asked = (
        VariableField("customer", "", ("message",)),
        VariableField("tone", "kind", ("instructions",)),
    )
    missing = Failure("invalid", "{{customer}} has no value.", next="Fill it in, then send.", field="variables")
    send = conversation.send

    async def held_back(text: str) -> None:
        if conversation.variables.asked[0].value:
            await send(text)  # the failure is gone as soon as the message is on its way, not before
        else:
            conversation.become(failure=missing, unsent=text)

    conversation.send = held_back  # type: ignore[method-assign]
    async with open_app() as opened:
        await opened.press(*"Dear {{customer}}", "enter")
        await opened.until(lambda: isinstance(opened.app.screen, VariablesScreen))
        await opened.until(lambda: "○ Without a value: customer" in opened.text())
        assert "in the instructions" in opened.text()
        await opened.press(*"Ada", "enter")
        await opened.until(lambda: workspace.calls.of("send"))
        assert workspace.calls.of("put_values") == [({"customer": "Ada", "tone": "kind"}, "assistant")]
        assert workspace.calls.of("send") == [("Dear {{customer}}",)]
        assert not isinstance(opened.app.screen, VariablesScreen)


async def test_up_goes_through_earlier_texts_and_down_back(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace, ASKED, ANSWERED)
    conversation.typed = ("second", "first\nof two")
    async with open_app() as opened:
        box = main(opened).chat.box
        await opened.press(*"new", "up")
        assert box.text == "second"
        await opened.press("up")
        assert box.text == "first\nof two"
        await opened.press("up", "up", "down", "down")
        assert box.text == "second"
        await opened.press("down")
        assert box.text == "new"


def test_plain_text_has_no_signs() -> None:
    text = (
        "# Head\n\nSome **bold** and `code`, [here](https://x.test).\n\n- one\n- two\n\n1. a\n2. b\n\n"
        "```py\nx = 1\n```\n\n|A|B|\n|-|-|\n|1|2|\n"
    )
    assert plain(text) == (
        "Head\n\nSome bold and code, here (https://x.test).\n\n- one\n- two\n\n1. a\n2. b\n\nx = 1\n\nA\tB\n1\t2"
    )
