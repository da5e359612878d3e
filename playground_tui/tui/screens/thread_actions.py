"""Threads from the main screen: another one, a new one, another name, away with it."""

from __future__ import annotations

from playground_tui.tui.screens.base import WorkspaceScreen


class ThreadActions(WorkspaceScreen):
    def action_new_thread(self) -> None:
        self.start(self.workspace.threads.open(None), "new thread")
        self.query_one("#message").focus()

    def action_threads(self) -> None:
        from playground_tui.tui.screens.threads import ThreadsScreen

        self.app.push_screen(ThreadsScreen(self.workspace, self), self._take_thread)

    def _take_thread(self, thread_id: str | None) -> None:
        if thread_id == "":
            self.action_new_thread()
        elif thread_id is not None:
            self.start(self.workspace.threads.open(thread_id), "open thread")
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

    def action_delete_thread(self) -> None:
        from playground_tui.tui.screens.ask import confirm_delete

        state = self.workspace.conversation.value.state.value
        thread_id = state.thread_id
        if thread_id is None:
            self.tell("There is no thread to delete yet.")
            return

        def delete(answer: str | None) -> None:
            if answer == "delete":
                self.start(self.workspace.threads.delete(thread_id), "delete thread")

        self.app.push_screen(confirm_delete(state.title, "Its messages go with it, here and on the server."), delete)
