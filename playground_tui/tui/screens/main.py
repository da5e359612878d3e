"""The main screen: chat left, configuration right. It hands what a person does to the workspace and shows what the
workspace says; it keeps nothing but the arrangement of the panes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.calls.actions import CallActions
from playground_tui.tui.commands import MAIN, bindings_of
from playground_tui.tui.config import ConfigPane
from playground_tui.tui.inspector.actions import InspectorActions
from playground_tui.tui.lacking import why_not
from playground_tui.tui.screens.assistant_actions import AssistantActions
from playground_tui.tui.screens.config_actions import ConfigActions
from playground_tui.tui.screens.message_actions import MessageActions
from playground_tui.tui.screens.opening import OpeningScreen
from playground_tui.tui.screens.thread_actions import ThreadActions
from playground_tui.tui.widgets.chat_column import ChatColumn
from playground_tui.tui.widgets.divider import Divider
from playground_tui.tui.widgets.footer import Footer
from playground_tui.tui.widgets.header import Header
from playground_tui.workspace.values import ConnectionState, Draft, ModelListing, RunSettings, SaveState

if TYPE_CHECKING:
    from playground_tui.tui.screen_memory import ScreenMemory
    from playground_tui.workspace.conversation import Conversation
    from playground_tui.workspace.failures import Failure
    from playground_tui.workspace.notices import Notice
    from playground_tui.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked to see."""

    assistant: str = ""
    """A name or an id."""
    thread: str = ""


NOTHING = Wanted()
HEAD_START = 0.03
"""Seconds that keys typed onto the last picture are ahead of all that loads behind the first frame."""


class MainScreen(
    OpeningScreen, AssistantActions, ThreadActions, ConfigActions, InspectorActions, MessageActions, CallActions
):
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(MAIN)]
    CSS = """
    MainScreen { layout: vertical; }
    MainScreen > #body { height: 1fr; }
    """
    AUTO_FOCUS = "#message"

    header = getters.query_one(Header)
    chat = getters.query_one(ChatColumn)
    divider = getters.query_one(Divider)
    config = getters.query_one(ConfigPane)

    def __init__(
        self, workspace: Workspace, memory: ScreenMemory, now: Callable[[], datetime], wanted: Wanted = NOTHING
    ) -> None:
        super().__init__(workspace)
        self._wanted = wanted
        self.memory = memory
        self._now = now
        self._ends: list[Callable[[], None]] = []
        self._failure: Failure | None = None
        self._said_of_model = ""
        """What was said last of who answers in the model's place."""

    def compose(self) -> ComposeResult:
        yield Header(self._now)
        with Horizontal(id="body"):
            yield ChatColumn(self.workspace.conversation.value.state.value.unsent, self._now)
            yield Divider()
            yield ConfigPane(self.workspace.editor.draft.value, id="config")
        yield Footer()

    def on_mount(self) -> None:
        self._arrange()
        self.chat.completions.source = self.complete_command
        self.chat.completions.later = self.complete_path_to_attach
        workspace = self.workspace
        self._ends = [
            workspace.editor.draft.watch(self._show_draft, now=True),
            workspace.editor.save_state.watch(self._show_save_state, now=True),
            workspace.connection.watch(self._show_connection, now=True),
            workspace.conversation.watch(self._show_conversation, now=True),
            workspace.models.listing.watch(self._show_models, now=True),
            workspace.editor.run_settings.watch(self._show_run_settings, now=True),
            workspace.notices.watch(self._show_notice, now=True),
            workspace.disk.watch(self._show_disk, now=True),
        ]
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        for end in self._ends:
            end()

    def _begin(self) -> None:
        """Runs after the first frame: whatever is heavy comes now."""
        if not self.is_running:
            return
        self.config.make_handlers = self.make_handlers
        head_start = HEAD_START if self.typed_early or self.playground.key_order.wait else 0
        if not self.is_open:
            self.playground.ready()
        self.start(self._start(head_start), "start")
        self.screen_layout_refresh_signal.subscribe(self, self._join_lines)
        self._join_lines(self)

    async def _start(self, head_start: float) -> None:
        await asyncio.sleep(head_start)
        for sentence in self.workspace.boot.notices:
            self.tell(sentence)
        await self.workspace.start()
        self.playground.loaded()
        await self._go_where_asked()

    async def _go_where_asked(self) -> None:
        """`--assistant NAME --thread ID`."""
        workspace, wanted = self.workspace, self._wanted
        if wanted.assistant:
            rows = workspace.assistants.listing.value.rows
            found = [row for row in rows if wanted.assistant in (row.id, row.name)]
            if found:
                await workspace.open_assistant(found[0].id)
            else:
                self.tell(f"There is no assistant {wanted.assistant} on this server.")
        if wanted.thread:
            await workspace.threads.open(wanted.thread)

    def clock_now(self) -> datetime:
        return self._now()

    # -- pictures of the workspace -------------------------------------------------------------------------------------

    def _show_draft(self, draft: Draft) -> None:
        self.header.draft = draft
        self.config.show_draft(draft)
        self.show_files_of(draft)
        starters = self.chat.starters
        starters.assistant = str(draft.values.get("name") or "")
        starters.model = str(draft.values.get("model") or "")
        self._say_who_answers()
        self._say_who_answers()

    def _show_save_state(self, state: SaveState) -> None:
        self.header.save_state = state
        self.config.show_save_state(state)
        self.refresh_bindings()

    def _show_run_settings(self, settings: RunSettings) -> None:
        self.config.show_run_settings(settings.values, settings.raw)

    def _show_connection(self, state: ConnectionState) -> None:
        self.header.connection = state
        self._say_who_answers()
        self.refresh_bindings()

    def _show_models(self, listing: ModelListing) -> None:
        self.config.show_models(listing)
        self._say_who_answers()

    def _say_who_answers(self) -> None:
        """A server that is away, a key that was refused, or a model that somebody else answers for, is said before the
        first message, where that would be written."""
        silent, another, connection = self._silent_key(), self._another_answers(), self.workspace.connection.value
        away = connection.failure.what if connection.failure is not None else ""
        wrong = silent[1].what if silent else another or away
        self.chat.starters.refused = bool(wrong)
        self.chat.starters.notice = wrong or connection.notice
        if another and another != self._said_of_model:
            self.tell(another)
        self._said_of_model = another

    def _another_answers(self) -> str:
        from playground_tui.workspace.who_answers import who_answers

        workspace = self.workspace
        model = str(workspace.editor.draft.value.values.get("model") or "")
        return who_answers(workspace.connections.state.value.settings, workspace.connection.value.server, model)

    def _show_conversation(self, conversation: Conversation) -> None:
        self.stop_editing()
        self.chat.show_conversation(conversation)
        self.arrived()

    def _show_notice(self, notice: Notice | None) -> None:
        if notice is not None:
            timeout = 15 if notice.severity == "error" else None
            self.app.notify(notice.text, severity=notice.severity, markup=False, timeout=timeout)

    def _show_disk(self, failure: Failure | None) -> None:
        self.header.disk = failure

    @on(ChatColumn.StateShown)
    def _state_shown(self, event: ChatColumn.StateShown) -> None:
        failure = event.state.failure
        self.show_refusal(failure)
        if failure is not None and failure is not self._failure:
            self._offer_model(failure)
        self._failure = failure

    def _offer_model(self, failure: Failure) -> None:
        """Only the send itself knows that the start found no model, or not the one that was tried; its text is back in
        the box by now."""
        has_none = not self.workspace.editor.draft.value.values.get("model") or self._another_answers()
        if failure.field == "model" and has_none:
            self.call_next(self._pick_model, "", self._take_model_and_send)

    def _take_model_and_send(self, model: str | None) -> None:
        self._take_model(model)
        if model:
            self.chat.box.action_send()

    # -- arrangement -------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()

    def _join_lines(self, _screen: Any) -> None:
        compose = self.chat.query_one("#compose")
        self.divider.show_joints(frozenset({compose.region.y - self.divider.region.y}))

    def on_descendant_focus(self) -> None:
        self._mark_active_pane()

    def on_descendant_blur(self) -> None:
        self._mark_active_pane()

    def _mark_active_pane(self) -> None:
        focused = self.focused
        self.chat.title.active = focused is not None and self.chat in focused.ancestors and focused is not self.chat.box

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "close_innermost":
            return self.something_open()
        if action == "stop":
            return self.run_is_active() and not self.something_open()
        if action == "resume":
            return not self.workspace.conversation.value.state.value.run.followed
        if action == "send_without":
            return bool(self.refused)
        return True

    def why_not(self, action: str) -> str:
        """What the server lacks for this action; empty when it works in full."""
        return why_not(action, self.workspace.connection.value.lacking)

    def action_press_key(self, key: str) -> None:
        """A click on a key in the footer is a press of that key."""
        self.app.simulate_key(key)
