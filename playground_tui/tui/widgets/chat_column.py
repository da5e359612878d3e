"""The left pane: the open thread, what it waits for, and the box to write in. It shows a `Conversation`; what a
person asks for goes up as messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from playground_tui.tui.chat_view import ChatView
from playground_tui.tui.compose.completions import Completions
from playground_tui.tui.files.attached import AttachedWord
from playground_tui.tui.threads.offer import ThreadOffer
from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.widgets.failure_line import FailureLine
from playground_tui.tui.widgets.message_box import MessageBox
from playground_tui.tui.widgets.queue_lines import QueueLines
from playground_tui.tui.widgets.starters import Starters
from playground_tui.tui.widgets.title import ChatTitle
from playground_tui.tui.words import is_active
from playground_tui.workspace.values import (
    Added,
    Changed,
    ConversationChange,
    ConversationState,
    Grew,
    Prepended,
    Removed,
    Reset,
)

if TYPE_CHECKING:
    from textual.widget import Widget

    from playground_tui.tui.calls.panel import CallsPanel
    from playground_tui.workspace.conversation import Conversation
    from playground_tui.workspace.handlers.calls import PendingCalls
    from playground_tui.workspace.values import ChatMessage
    from playground_tui.workspace.writing.typed_history import HistoryWalk


class ChatColumn(Vertical):
    DEFAULT_CSS = """
    ChatColumn { width: 1fr; height: 1fr; }
    ChatColumn > ChatView { height: 1fr; }
    ChatColumn > #compose { height: auto; border-top: solid $border-blurred; }
    ChatColumn > #compose:focus-within { border-top: solid $accent; }
    ChatColumn > #compose > MessageBox { width: 1fr; }
    ChatColumn > #compose > #send { margin: 0 1 0 0; }
    """

    title = getters.query_one(ChatTitle)
    view = getters.query_one(ChatView)
    starters = getters.query_one(Starters)
    failure = getters.query_one(FailureLine)
    queue = getters.query_one(QueueLines)
    box = getters.query_one(MessageBox)
    offer = getters.query_one(ThreadOffer)
    completions = getters.query_one(Completions)
    attached = getters.query_one(AttachedWord)

    class SendRequested(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class TakeBackRequested(Message):
        """A queued message is wanted back in the box."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    class StateShown(Message):
        """Another state of the open conversation is on screen: bindings may have changed."""

        def __init__(self, state: ConversationState) -> None:
            super().__init__()
            self.state = state

    def __init__(self, unsent: str, now: Callable[[], datetime]) -> None:
        super().__init__(id="chat")
        self._now = now
        self._first_unsent = unsent
        self._conversation: Conversation | None = None
        self._ends: list[Callable[[], None]] = []
        self._state: ConversationState | None = None
        self._panel: CallsPanel | None = None
        self._follows_calls = False
        self._walk: HistoryWalk | None = None

    def compose(self) -> ComposeResult:
        yield ChatTitle()
        yield ChatView(now=self._now, id="chat-view")
        yield Starters()
        yield FailureLine()
        yield QueueLines()
        yield ThreadOffer()
        yield Completions()
        with Horizontal(id="compose"):
            yield MessageBox(self._first_unsent)
            yield AttachedWord()
            yield TextButton("Send", id="send")

    # -- the conversation --------------------------------------------------------------------------------------------

    def show_conversation(self, conversation: Conversation) -> None:
        self._release()
        self._walk = None
        self._conversation = conversation
        self.view.show(self._noted(conversation.messages))
        self._check_shown()
        self._state = None
        self._follows_calls = False
        self._ends.append(conversation.watch(self._change))
        self._ends.append(conversation.state.watch(self._show_state, now=True))
        self._ends.append(conversation.attachments.items.watch(self.attached.show, now=True))
        self._ends.append(conversation.notes.texts.watch(lambda _: self._show_notes()))

    def on_mount(self) -> None:
        self.box.keys_first = self.completions.take_key

    def on_unmount(self) -> None:
        self._release()

    def _release(self) -> None:
        for end in self._ends:
            end()
        self._ends = []

    def _change(self, change: ConversationChange) -> None:
        view = self.view
        match change:
            case Reset(messages):
                view.show(self._noted(messages))
                self._check_shown()
            case Prepended(messages):
                view.prepend(self._noted(messages))
                self._check_shown()
            case Added(message):
                view.add(self._dressed(message))
            case Grew(message_id, fragment):
                view.grow(message_id, fragment)
            case Changed(old_id, message):
                view.replace(old_id, self._dressed(message))
            case Removed(message_id):
                view.remove_message(message_id)
        if not isinstance(change, Grew):
            self._show_emptiness()

    # -- what is shown with a message ----------------------------------------------------------------------------------

    @property
    def _notes(self) -> Mapping[str, str]:
        return self._conversation.notes.texts.value if self._conversation is not None else {}

    def _noted(self, messages: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
        """With the person's notes, those that have one."""
        notes = self._notes
        return [replace(m, remark=notes[m.id]) if m.id in notes else m for m in messages] if notes else messages

    def _dressed(self, message: ChatMessage) -> ChatMessage:
        """As it is shown: with the person's note, and JSON indented and checked."""
        noted = self._noted((message,))[0]
        if noted.facts is None or noted.facts.response_format is None:
            return noted
        from playground_tui.tui.compose.json_replies import with_check

        return with_check(noted)

    def _check_shown(self) -> None:
        """After the frame: the checker is not needed for it."""
        if any(m.facts is not None and m.facts.response_format is not None for m in self.view.messages):
            self.call_after_refresh(self._check_all)

    def _check_all(self) -> None:
        from playground_tui.tui.compose.json_replies import wants_check

        for message in self.view.messages:
            if wants_check(message) and not message.note:
                self.view.replace(message.id, self._dressed(message))

    def _show_notes(self) -> None:
        notes = self._notes
        for message in self.view.messages:
            if message.remark != notes.get(message.id, ""):
                self.view.replace(message.id, replace(message, remark=notes.get(message.id, "")))

    def _show_state(self, state: ConversationState) -> None:
        before, self._state = self._state, state
        self.title.thread_title = state.title
        self.title.thread_id = state.thread_id or ""
        self.failure.failure = state.failure
        self.queue.queued, self.queue.held = state.queued, state.held and not is_active(state.run)
        self.offer.state = state
        self.view.set_waiting(state.run if is_active(state.run) else None, state.no_reply)
        if before is None or before.unsent != state.unsent:
            self.box.show_text(state.unsent)
        self._show_emptiness()
        self._follow_calls()
        self.post_message(self.StateShown(state))

    def _show_emptiness(self) -> None:
        conversation, state = self._conversation, self._state
        if conversation is None or state is None:
            return
        empty = not conversation.messages and not state.loading and not is_active(state.run)
        if self.starters.display != empty or self.view.display == empty:
            self.starters.display = empty
            self.view.display = not empty

    def _follow_calls(self) -> None:
        """What answers calls is made with the first of them; a start does without."""
        conversation = self._conversation
        if self._follows_calls or conversation is None:
            return
        if conversation.has_calls:
            self._follows_calls = True
            self._ends.append(conversation.calls.state.watch(self._show_calls, now=True))
        else:
            self._close_calls()

    def _close_calls(self) -> None:
        panel, self._panel = self._panel, None
        if panel is not None:
            if (
                panel.has_focus_within
            ):  # at once and before it goes: else what else can have the focus gets it meanwhile
                self.screen.set_focus(self.box)
            panel.remove()

    def _show_calls(self, state: PendingCalls) -> None:
        """Calls to answer stand in the lower half; the focus goes there only when nothing is being written."""
        if self._panel is not None and not self._panel.is_for(state):
            self._close_calls()
        if self._panel is not None:
            self._go_on_with(self._panel, state)
        elif state.calls:
            self._open_calls(state)

    def _go_on_with(self, panel: CallsPanel, state: PendingCalls) -> None:
        """What was answered last hides what had the focus: it is the box's before the panel is gone."""
        was_answering = panel.has_focus_within and bool(panel.state.open)
        panel.show(state)
        if was_answering and not state.open:
            self.box.focus()

    def _open_calls(self, state: PendingCalls) -> None:
        from playground_tui.tui.calls.panel import CallsPanel

        self._panel = CallsPanel(state, self._now)
        self.mount(self._panel, after=self.starters)
        if not self.box.text.strip() and state.open:
            self.call_after_refresh(self._panel.focus_first)

    def is_call_button(self, widget: Widget | None) -> bool:
        """Whether it is a button of the calls, where nothing can be written."""
        return isinstance(widget, TextButton) and self._panel is not None and self._panel in widget.ancestors

    # -- the box -------------------------------------------------------------------------------------------------------

    @on(MessageBox.Changed)
    def _keep_unsent(self, event: MessageBox.Changed) -> None:
        event.stop()
        if self._conversation is not None and isinstance(event.text_area, MessageBox):
            self._conversation.set_unsent(event.text_area.text)
            self._offer_completions()

    @on(MessageBox.SendRequested)
    def _send(self, event: MessageBox.SendRequested) -> None:
        """An empty text lets a held queue go on; without a queue it is nothing."""
        event.stop()
        if event.text.strip() or self.queue.queued or self.attached.display:
            self.post_message(self.SendRequested(event.text))

    @on(TextButton.Pressed, "#send")
    def _press_send(self, event: TextButton.Pressed) -> None:
        event.stop()
        self.box.focus()
        self.box.action_send()

    @on(Starters.Chosen)
    def _start(self, event: Starters.Chosen) -> None:
        event.stop()
        self.box.focus()
        self.post_message(self.SendRequested(event.text))

    @on(MessageBox.SelectionChanged)
    def _cursor_moved(self, event: MessageBox.SelectionChanged) -> None:
        event.stop()
        self._offer_completions()

    def _offer_completions(self) -> None:
        row, column = self.box.cursor_location
        self.completions.offer(self.box.text, column if row == 0 else len(self.box.text))

    @on(Completions.Taken)
    def _complete(self, event: Completions.Taken) -> None:
        event.stop()
        choice = event.choice
        self.box.replace(choice.text, (0, choice.start), (0, choice.end), maintain_selection_offset=False)
        self.box.focus()
        if event.do:
            self.box.action_send()

    # -- earlier texts -------------------------------------------------------------------------------------------------

    @on(MessageBox.BackRequested)
    def _back(self, event: MessageBox.BackRequested) -> None:
        event.stop()
        if self.queue.queued and not self.box.text:
            self.post_message(self.TakeBackRequested(len(self.queue.queued) - 1))
        elif self.starters.display and not self.box.text:
            self.starters.focus()
        elif self._conversation is not None:
            if self._walk is None or self._walk.text != self.box.text:
                self._walk = self._conversation.history(self.box.text)
            self._show_earlier(self._walk.older())

    @on(MessageBox.ForwardRequested)
    def _forward(self, event: MessageBox.ForwardRequested) -> None:
        event.stop()
        if self._walk is not None and self._walk.text == self.box.text:
            self._show_earlier(self._walk.newer())

    def _show_earlier(self, text: str | None) -> None:
        if text is not None:
            self.box.show_text(text)

    @on(Starters.LeaveRequested)
    def _leave_starters(self, event: Starters.LeaveRequested) -> None:
        event.stop()
        self.box.focus()
