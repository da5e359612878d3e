from __future__ import annotations

from dataclasses import replace

from playground_tui.workspace.values import Added, ChatMessage, Prepended, ReplyFacts
from tests.support.fake_workspace import FakeWorkspace
from tests.tui.conftest import Open
from tests.tui.test_main_flow import ANSWERED, ASKED, talk

SCHEMA = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}
FORMAT = {"type": "json_schema", "json_schema": {"name": "refund", "schema": SCHEMA}}


def asked_for(response_format: object, text: str, **others: object) -> ChatMessage:
    """A reply whose run had this response format."""
    facts = replace(ANSWERED.facts or ReplyFacts(), response_format=response_format)
    return replace(ANSWERED, text=text, facts=facts, **others)


async def test_json_replies_are_indented_and_checked(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace, ASKED, asked_for(FORMAT, '{"days":30}'))
    async with open_app() as opened:
        await opened.until(lambda: "● JSON that fits the schema" in opened.text())
        await opened.until(lambda: '"days": 30' in opened.text())
        conversation.tell(Added(asked_for(FORMAT, '{"days":"many"}', id="m7")))
        await opened.until(lambda: "days: 'many' is not of type 'integer'" in opened.text())
        conversation.tell(Added(asked_for(FORMAT, "Thirty.", id="m8")))
        await opened.until(lambda: "It is not JSON" in opened.text())


async def test_a_reply_is_checked_against_the_format_of_its_own_run(open_app: Open, workspace: FakeWorkspace) -> None:
    """The assistant's format was changed since, or was never one for JSON."""
    later = {"type": "json_schema", "json_schema": {"name": "other", "schema": {"type": "array"}}}
    workspace.editor.edit("response_format", later)
    talk(workspace, asked_for(FORMAT, '{"days":30}'), replace(ANSWERED, id="m9", text='{"plain":1}'))
    async with open_app() as opened:
        await opened.until(lambda: "● JSON that fits the schema" in opened.text())
        assert "array" not in opened.text()
        assert '{"plain":1}' in opened.text()


async def test_older_replies_are_checked_when_they_come_in(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        conversation.tell(Prepended((asked_for({"type": "json_object"}, "[1]", id="m0"),)))
        await opened.until(lambda: "It is JSON, but no object" in opened.text())


async def test_other_replies_are_left_alone(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, replace(ANSWERED, text='{"days":30}'))
    async with open_app() as opened:
        assert '{"days":30}' in opened.text()
