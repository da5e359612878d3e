"""Threads from the main screen: another one, a new one, another name, away with it."""

from __future__ import annotations

from playground_tui.tui.key_words import with_keys
from playground_tui.tui.screens.base import WorkspaceScreen


class ThreadActions(WorkspaceScreen):
    def action_new_thread(self) -> None:
        self.start_leaving(self.workspace.threads.open(None), "new thread")
        self.query_one("#message").focus()

    def action_thread_menu(self) -> None:
        from playground_tui.tui.threads.menu import thread_menu

        def take(action: str | None) -> None:
            if action:
                self.call_next(self.run_action, action)

        self.app.push_screen(thread_menu(self.workspace.conversation.value.state.value), take)

    def action_threads(self) -> None:
        from playground_tui.tui.threads.screen import ThreadsScreen

        self.app.push_screen(ThreadsScreen(self.workspace, self), self._take_thread)

    def _take_thread(self, thread_id: str | None) -> None:
        if thread_id == "":
            self.action_new_thread()
        elif thread_id is not None:
            self.start_leaving(self.workspace.threads.open(thread_id), "open thread")
            self.query_one("#message").focus()

    def action_rename_thread(self) -> None:
        from playground_tui.tui.screens.ask import AskText

        state = self.workspace.conversation.value.state.value
        thread_id = state.thread_id
        if thread_id is None:
            self.tell("The thread gets its name with its first message.")
            return

        def rename(title: str | None) -> None:
            if title:
                self.start(self.workspace.threads.rename(thread_id, title), "rename thread")

        self.app.push_screen(AskText("Rename thread", state.title), rename)

    def _open_thread_id(self, otherwise: str) -> str | None:
        thread_id = self.workspace.conversation.value.state.value.thread_id
        if thread_id is None:
            self.tell(otherwise)
        return thread_id

    def action_delete_thread(self) -> None:
        """At once, since it can be brought back."""
        if thread_id := self._open_thread_id("There is no thread to delete yet."):
            self.start(self._discard(thread_id), "delete thread")

    async def _discard(self, thread_id: str) -> None:
        title = self.workspace.conversation.value.state.value.title
        await self.workspace.threads.discard([thread_id])
        back = with_keys(self, "{threads.restore:f9}")
        self.tell(f"“{title}” deleted; {back} in the list of threads brings it back.")

    def action_export_thread(self) -> None:
        from playground_tui.tui.threads.export import export_threads

        if thread_id := self._open_thread_id("There is no thread to export yet."):
            export_threads(self, (thread_id,), self.workspace.conversation.value.state.value.title)

    def action_thread_metadata(self) -> None:
        from playground_tui.tui.threads.metadata import edit_metadata

        if thread_id := self._open_thread_id("The thread has metadata as soon as it has a message."):
            self.start(edit_metadata(self, thread_id), "metadata")
