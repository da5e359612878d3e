"""What a reply was made with is kept with it: the overrides, and the response format that it is checked against."""

from __future__ import annotations

from playground_tui.workspace.values import ReplyFacts
from tests.support.assistants_server import Piece, ServerRun
from tests.workspace_chat.conftest import Desk

FORMAT = {"type": "json_object"}


def facts(desk: Desk, place: int = -1) -> ReplyFacts:
    found = desk.conversation.messages[place].facts
    assert found is not None
    return found


async def test_overrides_and_format_stay_with_the_reply_when_the_next_run_has_others(desk: Desk) -> None:
    desk.editor.overrides = {"temperature": 0.2, "response_format": FORMAT}
    await desk.say("Hi")
    desk.editor.overrides = {}
    await desk.say("And now?")
    assert facts(desk, 1).overrides == ("response_format", "temperature")
    assert facts(desk, 1).response_format == FORMAT
    assert facts(desk, 3).overrides == ()
    assert facts(desk, 3).response_format is None


async def test_they_are_there_after_a_restart(desk: Desk) -> None:
    desk.editor.overrides = {"temperature": 0.2, "response_format": FORMAT}
    await desk.say("Hi")
    thread_id = desk.state.thread_id
    await desk.restart()
    await desk.threads.open(thread_id)
    assert facts(desk).overrides == ("response_format", "temperature")
    assert facts(desk).response_format == FORMAT
    assert facts(desk).version == 12


async def test_the_run_object_tells_the_format_of_the_assistant(desk: Desk) -> None:
    """No override: the assistant's own format, as the server says it."""
    desk.server.scripts = [with_format]
    await desk.say("Hi")
    assert facts(desk).overrides == ()
    assert facts(desk).response_format == FORMAT


def with_format(run: ServerRun) -> list[Piece]:
    run.body["response_format"] = FORMAT
    return [*run.begin(), *run.say("{}"), run.later("completed")]


async def test_a_message_sent_again_as_it_is_is_no_command_and_no_template(desk: Desk) -> None:
    await desk.templates.put("hi", "Something else")
    await desk.say("Hello")
    message = desk.conversation.messages[0]
    await desk.conversation.resend(message.id, "/hi {{name}}", as_is=True)
    await desk.conversation.wait_idle()
    assert desk.texts[0] == "/hi {{name}}"
