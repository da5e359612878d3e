"""Assistants and connection from the main screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground_tui.tui.screens.base import WorkspaceScreen
from playground_tui.tui.words import name_of

if TYPE_CHECKING:
    from playground_tui.workspace.connections.values import Entry
    from playground_tui.workspace.failures import Failure

DELETE_NOTE = "The server forgets it; threads stay."


class AssistantActions(WorkspaceScreen):
    def action_assistants(self) -> None:
        from playground_tui.tui.screens.assistants import AssistantsScreen

        self.app.push_screen(AssistantsScreen(self.workspace, self), self._take_assistant)

    def _take_assistant(self, row_id: str | None) -> None:
        if row_id == "":
            self.action_new_assistant()
        elif row_id is not None:
            self.start_leaving(self.workspace.open_assistant(row_id), "open assistant")
            self.query_one("#message").focus()

    def action_new_assistant(self) -> None:
        self.start_leaving(self.workspace.new_assistant(), "new assistant")
        self.query_one("#message").focus()

    def action_duplicate_assistant(self) -> None:
        self.start(self._duplicate(), "duplicate assistant")

    async def _duplicate(self) -> None:
        draft = self.workspace.editor.draft.value
        await self.workspace.open_assistant(await self.workspace.assistants.duplicate(draft.assistant_id or draft.id))

    def action_delete_assistant(self) -> None:
        from playground_tui.tui.screens.ask import confirm_delete

        draft = self.workspace.editor.draft.value

        def delete(answer: str | None) -> None:
            if answer == "delete":
                self.start(self.workspace.assistants.delete(draft.assistant_id or draft.id), "delete assistant")

        self.app.push_screen(confirm_delete(name_of(draft), DELETE_NOTE), delete)

    def action_connection(self) -> None:
        from playground_tui.tui.connections.screen import ConnectionsScreen

        def back(_: None) -> None:
            if self.focused is not None and self.focused.id == "failure":
                self.query_one("#message").focus()

        self.app.push_screen(ConnectionsScreen(self.workspace, self, self._at_fault()), back)

    def _at_fault(self) -> Entry | None:
        """The provider whose key the last failure is about, or that lists no models for want of a key; None: the
        server in use."""
        from playground_tui.workspace.connections.values import Entry

        failure = self.workspace.conversation.value.state.value.failure
        if failure is not None and failure.kind == "key":
            return Entry("providers", provider) if (provider := self._provider_in_use()) else None
        silent = self._silent_key()
        return Entry("providers", silent[0]) if silent else None

    def _silent_key(self) -> tuple[str, Failure] | None:
        """The provider in use, when it lists no models because of its key, and what it says."""
        failures = self.workspace.models.listing.value.failures
        provider = self._provider_in_use() if failures else ""
        failure = failures.get(provider)
        return (provider, failure) if failure is not None and failure.kind == "key" else None

    def _provider_in_use(self) -> str:
        """Its id; empty on a remote server."""
        from playground_tui.settings.model import LOCAL_SERVER, route

        if self.workspace.connection.value.server != LOCAL_SERVER:
            return ""
        settings = self.workspace.connections.state.value.settings
        found = route(settings, str(self.workspace.editor.draft.value.values.get("model") or ""))
        return found.provider.id if found is not None else settings.default_provider

    def action_refresh_lists(self) -> None:
        self.start(self.workspace.assistants.refresh(), "refresh assistants")
        self.start(self.workspace.threads.refresh(), "refresh threads")
        self.start(self.workspace.models.refresh(), "refresh models")
