from __future__ import annotations

from dataclasses import replace

from playground_tui.workspace.values import Added
from tests.support.fake_workspace import FakeWorkspace
from tests.tui.conftest import Open
from tests.tui.test_main_flow import ANSWERED, ASKED, talk

SCHEMA = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}
FORMAT = {"type": "json_schema", "json_schema": {"name": "refund", "schema": SCHEMA}}


async def test_json_replies_are_indented_and_checked(open_app: Open, workspace: FakeWorkspace) -> None:
    workspace.editor.edit("response_format", FORMAT)
    good = replace(ANSWERED, text='{"days":30}')
    conversation = talk(workspace, ASKED, good)
    async with open_app() as opened:
        await opened.until(lambda: "● JSON that fits the schema" in opened.text())
        await opened.until(lambda: '"days": 30' in opened.text())
        conversation.tell(Added(replace(good, id="m7", text='{"days":"many"}')))
        await opened.until(lambda: "days: 'many' is not of type 'integer'" in opened.text())
        conversation.tell(Added(replace(good, id="m8", text="Thirty.")))
        await opened.until(lambda: "It is not JSON" in opened.text())


async def test_other_replies_are_left_alone(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, replace(ANSWERED, text='{"days":30}'))
    async with open_app() as opened:
        assert '{"days":30}' in opened.text()
