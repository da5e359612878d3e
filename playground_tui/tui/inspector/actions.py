"""The way to the inspector: the run of the chosen reply, else the run that goes on, else the last one."""

from __future__ import annotations

from typing import cast

from playground_tui.tui.screens.base import WorkspaceScreen
from playground_tui.tui.widgets.chat_column import ChatColumn


class InspectorActions(WorkspaceScreen):
    def action_inspect(self) -> None:
        self.inspect_run(self._run_to_inspect())

    def inspect_run(self, run_id: str | None) -> None:
        from playground_tui.tui.inspector.screen import InspectorScreen

        thread_id = self.workspace.conversation.value.state.value.thread_id
        if thread_id is None or run_id is None:
            self.tell("There is no run to look into yet.")
            return
        self.app.push_screen(InspectorScreen(self.workspace, self, thread_id, run_id))

    async def show_changes(self, run_id: str) -> None:
        from playground_tui.tui.inspector.changes import changes_screen

        thread_id = self.workspace.conversation.value.state.value.thread_id or ""
        run = await self.workspace.inspector.run(thread_id, run_id)
        self.app.push_screen(await changes_screen(self.workspace, run))

    def _run_to_inspect(self) -> str | None:
        conversation = self.workspace.conversation.value
        messages, view = conversation.messages, cast(ChatColumn, self.query_one("#chat")).view
        chosen = view.chosen_message_id() if self.focused is view else view.chosen
        if chosen is not None:
            place = next((i for i, message in enumerate(messages) if message.id == chosen), len(messages))
            if found := next((message.run_id for message in messages[place:] if message.run_id), None):
                return found
        active = conversation.state.value.run.run_id
        return active or next((message.run_id for message in reversed(messages) if message.run_id), None)
