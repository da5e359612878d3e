"""Sending, stopping, editing anew, copying: what a person does with the open conversation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from textual import events, on

from playground_tui.tui.chat_view import ChatView
from playground_tui.tui.compose.actions import ComposeActions
from playground_tui.tui.files.attach_actions import FileActions
from playground_tui.tui.files.attached import AttachedWord
from playground_tui.tui.key_order import keep_keys_for
from playground_tui.tui.lacking import why_not
from playground_tui.tui.widgets.chat_column import ChatColumn
from playground_tui.tui.widgets.message_box import MessageBox
from playground_tui.tui.words import is_active
from playground_tui.workspace.values import ChatMessage

if TYPE_CHECKING:
    from playground_tui.workspace.conversation import Conversation


ATTACH = re.compile(r"/attach\s+(\S[^\n]*)$")
"""`/attach` and a path, in a message of its own."""


class MessageActions(FileActions, ComposeActions):
    editing: str | None = None
    """The id of the message that the next send replaces."""

    @property
    def _chat(self) -> ChatColumn:
        return cast(ChatColumn, self.query_one("#chat"))

    @property
    def conversation(self) -> Conversation:
        return self.workspace.conversation.value

    @on(ChatColumn.SendRequested)
    def _send(self, event: ChatColumn.SendRequested) -> None:
        conversation = self.conversation
        if self.do_slash(event.text):
            return
        if (attached := ATTACH.match(event.text)) is not None:
            self.attach_typed(attached[1].strip())
            return
        if self.holds_back(event.text):
            self._chat.box.put_back(event.text)
            return
        self._chat.view.choose(None)
        editing, self.editing = self.editing, None
        self._chat.queue.editing = False
        sending = self.send_filled(conversation, event.text, editing)
        self.start(self.looked_after(conversation, sending), "send")

    def action_close_innermost(self) -> None:
        """Text is never cleared."""
        closed = self._chat.failure.fold() or self._chat.view.unmark() or self.close_find() or self.stop_editing()
        if not closed:
            self.close_drawer()

    def action_stop(self) -> None:
        if self.run_is_active():
            self.start(self.conversation.stop(), "stop")

    def run_is_active(self) -> bool:
        return is_active(self.conversation.state.value.run)

    def something_open(self) -> bool:
        chat = self._chat
        inner = chat.failure.unfolded or chat.view.marks or bool(self.query("FindBar")) or self.editing is not None
        return inner or self.covers_chat()

    def close_drawer(self) -> bool:
        return False

    def covers_chat(self) -> bool:
        return False

    # -- files ---------------------------------------------------------------------------------------------------------

    @on(MessageBox.PathsPasted)
    def _paths_pasted(self, event: MessageBox.PathsPasted) -> None:
        self.attach_pasted(event.paths, event.text)

    @on(AttachedWord.Pressed, "#attached")
    def _show_attached(self, event: AttachedWord.Pressed) -> None:
        event.stop()
        self.action_attachments()

    def insert_text(self, text: str) -> None:
        self._chat.box.insert(text)

    # -- earlier messages --------------------------------------------------------------------------------------------

    def action_edit_last(self) -> None:
        """The chosen message if it is the person's, else their last one."""
        chosen = self.chosen_message()
        message = chosen if chosen is not None and chosen.role == "user" else self._last("user")
        if message is None:
            self.tell("There is no message of yours to edit yet.")
            return
        self.edit_message(message)

    def edit_message(self, message: ChatMessage) -> None:
        if reason := why_not("edit_last", self.workspace.connection.value.lacking):
            self.tell(f"Edit and resend is off: {reason}. Send it as a new message.")
            return
        self.editing = message.id
        self._chat.queue.editing = True
        self._chat.box.show_text(message.text)
        self._chat.box.focus()
        self.refresh_bindings()

    def stop_editing(self) -> bool:
        """Leave the earlier message as it was; the text stays in the box. False when none was edited."""
        was_editing, self.editing = self.editing is not None, None
        if was_editing:
            self._chat.queue.editing = False
            self.refresh_bindings()
        return was_editing

    def action_regenerate(self) -> None:
        """The last reply, or the chosen message's."""
        marked = self._chat.view.chosen
        message = self.chosen_message() if marked is not None else next(reversed(self.conversation.messages), None)
        if message is None or self._last("user") is None:
            self.tell("There is no reply to ask for again yet.")
            return
        self.ask_again(message)

    def ask_again(self, message: ChatMessage) -> None:
        """For another reply to a question of the person, or in place of a reply. What comes after an earlier one goes,
        so that is asked about."""
        messages = self.conversation.messages
        place = next((i for i, m in enumerate(messages) if m.id == message.id), len(messages) - 1)
        asked = next((i for i in range(place, -1, -1) if messages[i].role == "user"), None)
        if asked is None:
            self.tell("No message of yours is loaded that this replies to.")
        elif not any(m.role == "user" for m in messages[asked + 1 :]):
            self.start(self.conversation.regenerate(), "regenerate")
        elif reason := why_not("edit_last", self.workspace.connection.value.lacking):
            self.tell(f"Asking an earlier message again is off: {reason}. Branch there instead.")
        else:
            self._ask_earlier(messages[asked], len(messages) - asked - 1)

    def _ask_earlier(self, question: ChatMessage, after: int) -> None:
        from playground_tui.tui.screens.ask import Ask

        def take(answer: str | None) -> None:
            if answer == "send":
                self.start(self.conversation.resend(question.id, question.text, as_is=True), "send again")

        words = f"The {after} messages after yours go from the thread. To keep them, branch first."
        self.app.push_screen(
            Ask("Send an earlier message again", words, (("send", "Send it"), ("leave", "Leave"))), take
        )

    def action_send_queue(self) -> None:
        """What is held goes on; the text in the box stays there."""
        self.start(self.conversation.send(""), "send queue")

    @on(ChatColumn.TakeBackRequested)
    def _take_back_wanted(self, event: ChatColumn.TakeBackRequested) -> None:
        self.action_dequeue(event.index)

    def action_dequeue(self, index: int) -> None:
        self.start(self._take_back(index), "dequeue")

    async def _take_back(self, index: int) -> None:
        text = await self.conversation.dequeue(index)
        box = self._chat.box
        box.show_text(f"{box.text}\n{text}" if box.text.strip() else text)
        box.focus()

    def _last(self, role: str) -> ChatMessage | None:
        return next((m for m in reversed(self.conversation.messages) if m.role == role), None)

    def meet_typing(self, event: events.Key | events.Paste) -> None:
        """Move the focus from the messages, the starters, a call's buttons, or from nowhere to the box for what is
        written; but for keys that mean something there."""
        view = self._chat.view
        if isinstance(event, events.Key) and not event.is_printable:
            return
        if self.focused is None and self._chat.display:
            self.set_focus(self._chat.box)
        if self._chat.is_call_button(self.focused) and not (isinstance(event, events.Key) and event.key == "space"):
            self.set_focus(self._chat.box)
        if self.focused is not view and self.focused is not self._chat.starters:
            return
        if isinstance(event, events.Key) and (view.searching or self.focused is not view):
            active = self.active_bindings.get(event.key)
            if active is not None and active.node is self.focused:
                return
        self.set_focus(self._chat.box)

    # -- older messages, links, calls ----------------------------------------------------------------------------------

    @on(ChatView.OlderWanted)
    def _load_older(self) -> None:
        if self.conversation.state.value.has_older:
            self.start(self.conversation.load_older(), "load older messages")

    @on(ChatView.MessageActivated)
    def _open_message(self) -> None:
        self.action_message_menu()

    @on(ChatView.SpanReached)
    @on(ChatView.MessageChosen)
    def _marked(self) -> None:
        self.refresh_bindings()

    def action_choose_message(self, step: int) -> None:
        """Beyond the last message stands the box."""
        view = self._chat.view
        if self.conversation.messages and view.step_message(step):
            view.focus()
        elif step > 0:
            view.choose(None)
            view.follow()
            self._chat.box.focus()

    @on(ChatView.SpanActivated)
    def _open_span(self, event: ChatView.SpanActivated) -> None:
        span = event.span
        if span.kind == "code":
            self.app.copy_to_clipboard(span.target)
        elif span.kind == "call":
            self._show_call(span.target)
        elif span.kind == "version":
            self.start(self.show_changes(span.target), "changes since the reply")
        elif span.kind == "citation":
            self.open_citation(span)
        elif span.kind == "link" and span.target.startswith(("https://", "http://", "mailto:")):
            self.app.open_url(span.target)
        else:
            self.tell(f"{span.label} {span.target}".strip())

    def _show_call(self, call_id: str) -> None:
        from playground_tui.tui.screens.show_text import show_call

        calls = (call for message in self.conversation.messages for call in message.calls)
        if call := next((call for call in calls if call.id == call_id), None):
            self.app.push_screen(show_call(call))

    # -- copies --------------------------------------------------------------------------------------------------------

    def action_copy_reply(self) -> None:
        """The last reply; with a message chosen that one, with the focus in the messages the last in sight."""
        if self.focused is self._chat.view or self._chat.view.chosen is not None:
            self._copy(self._chat.view.copy_text("message"), "message")
        else:
            message = self._last("assistant")
            self._copy(message.text if message else None, "reply")

    def action_copy_code(self) -> None:
        self._copy(self._chat.view.copy_text("code"), "code block")

    def action_copy_thread(self) -> None:
        parts = [f"**{m.author or 'You'}**\n\n{m.text}" for m in self.conversation.messages]
        self._copy("\n\n".join(parts), "thread")

    def action_copy_thread_plain(self) -> None:
        from playground_tui.tui.compose.plain import plain

        said = [plain(m.text) if m.role == "assistant" else m.text for m in self.conversation.messages]
        names = [m.author or "You" for m in self.conversation.messages]
        self._copy("\n\n".join(f"{name}:\n{text}" for name, text in zip(names, said, strict=True)), "thread")

    def _copy(self, text: str | None, what: str) -> None:
        if text:
            self.app.copy_to_clipboard(text)
        else:
            self.tell(f"There is no {what} to copy yet.")

    def action_copy_thread_id(self) -> None:
        if thread_id := self.conversation.state.value.thread_id:
            self.app.copy_to_clipboard(thread_id)

    # -- search ----------------------------------------------------------------------------------------------------

    def action_find(self) -> None:
        from playground_tui.tui.widgets.find_bar import FindBar

        if existing := self.query(FindBar):
            existing.first().focus_input()
        else:
            bar = FindBar(self._chat.view, lambda: self.conversation.state.value.has_older)
            self._chat.mount(bar, before=self._chat.view)
            keep_keys_for(bar)

    def close_find(self) -> bool:
        """False: nothing was searched."""
        if self._chat.view.searching:
            self._chat.view.find("")
        bars = self.query("FindBar")
        bars.remove()
        return bool(bars)
