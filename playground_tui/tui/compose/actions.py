"""What the main screen does about commands, templates, variables and earlier messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from playground_tui.tui.compose.completions import Search
from playground_tui.tui.compose.slash import complete_slash, slash_of
from playground_tui.tui.screens.base import WorkspaceScreen
from playground_tui.tui.widgets.chat_column import ChatColumn
from playground_tui.workspace.message_record import ENDED_EARLY
from playground_tui.workspace.values import ChatMessage
from playground_tui.workspace.writing.templates import Completion

if TYPE_CHECKING:
    from playground_tui.tui.compose.variables import Filled
    from playground_tui.workspace.conversation import Conversation


class ComposeActions(WorkspaceScreen):
    @property
    def _column(self) -> ChatColumn:
        return cast(ChatColumn, self.query_one("#chat"))

    @property
    def _talk(self) -> Conversation:
        return self.workspace.conversation.value

    # -- variables -----------------------------------------------------------------------------------------------------

    async def send_filled(self, conversation: Conversation, text: str, editing: str | None) -> None:
        """Send, or replace the message `editing`; where a variable has no value the form opens and sending goes on from
        there."""
        before = conversation.state.value.failure
        if editing is not None:
            await conversation.resend(editing, text)
        else:
            await conversation.send(text)
        failure = conversation.state.value.failure
        if failure is not None and failure is not before and failure.field == "variables":
            self._ask_values(conversation, text, editing, sends=True)

    def action_variables(self) -> None:
        self._ask_values(self._talk, self._column.box.text, None, sends=False)

    def _ask_values(self, conversation: Conversation, text: str, editing: str | None, *, sends: bool) -> None:
        from playground_tui.tui.compose.variables import VariablesScreen

        fields = conversation.variables.fields(text)
        if not fields:
            self.tell("No {{variable}} stands in the instructions or the message.")
            return

        def take(filled: Filled | None) -> None:
            if filled is not None:
                self.start(self._filled(conversation, text, editing, filled), "fill in variables")

        self.app.push_screen(VariablesScreen(fields, sends=sends), take)

    async def _filled(self, conversation: Conversation, text: str, editing: str | None, filled: Filled) -> None:
        await conversation.variables.put(filled.values, filled.level)
        if filled.send:
            conversation.set_unsent("")
            await self.send_filled(conversation, text, editing)

    # -- slash commands ------------------------------------------------------------------------------------------------

    def complete_command(self, text: str, cursor: int) -> Sequence[Completion]:
        """Templates first, last used first; then what is there without any."""
        names = [template.name for template in self.workspace.templates.listing.value]
        return (*self.workspace.templates.complete(text, cursor), *complete_slash(text, cursor, names))

    def complete_path_to_attach(self, text: str, cursor: int) -> Search | None:
        """The path after `/attach`; read in a thread, since a folder may be large or far away."""
        from playground_tui.tui.compose.attach_path import paths_after_attach

        return paths_after_attach(text, cursor)

    def do_slash(self, text: str) -> bool:
        """Whether the message was a command and no template."""
        slash = slash_of(text)
        if slash is None or self.workspace.templates.get(slash.name) is not None:
            return False
        self.call_next(self.run_action, slash.action)
        return True

    # -- templates -----------------------------------------------------------------------------------------------------

    def action_templates(self) -> None:
        from playground_tui.tui.compose.templates import TemplatesScreen

        def insert(name: str | None) -> None:
            template = self.workspace.templates.get(name) if name else None
            if template is not None:
                self._column.box.insert(template.text)

        self.app.push_screen(TemplatesScreen(self.workspace, self), insert)

    def action_save_template(self) -> None:
        """What stands in the box, else the chosen message, else the last one of the person."""
        text = self._column.box.text
        message = self.chosen_message()
        if not text.strip() and message is not None:
            text = message.text
        if not text.strip():
            self.tell("Write a message first, then save it as a template.")
            return
        self.ask_template_name(text)

    def ask_template_name(self, text: str) -> None:
        from playground_tui.tui.screens.ask import AskText

        def put(name: str | None) -> None:
            if name:
                self.start(self._put_template(name.removeprefix("/"), text), "save template")

        self.app.push_screen(AskText("Save as template: its name", ""), put)

    async def _put_template(self, name: str, text: str) -> None:
        await self.workspace.templates.put(name, text)
        self.tell(f"Kept: /{name} inserts it.")

    # -- earlier messages ----------------------------------------------------------------------------------------------

    def chosen_message(self) -> ChatMessage | None:
        """The marked message; none marked, the last in sight, or with the focus elsewhere the last one."""
        messages, view = self._talk.messages, self._column.view
        chosen = view.chosen_message_id() if self.focused is view else view.chosen
        return next((m for m in messages if m.id == chosen), messages[-1] if messages else None)

    def action_message_menu(self) -> None:
        from playground_tui.tui.compose.menu import menu_of

        message = self.chosen_message()
        if message is None:
            self.tell("There is no message yet.")
            return

        def take(choice: str | None) -> None:
            if choice:
                self._do_with(choice, message)

        noted = replace(message, remark=self._talk.notes.texts.value.get(message.id, ""))
        codes = len(self._column.view.codes(message.id))
        menu = menu_of(noted, is_last=message.id == self._talk.messages[-1].id, codes=codes)
        self.app.push_screen(menu, take)

    def _do_with(self, choice: str, message: ChatMessage) -> None:
        match choice:
            case "edit":
                self.edit_message(message)
            case "regenerate":
                self.ask_again(message)
            case "continue":
                self.action_continue_reply()
            case "branch":
                self._branch(message)
            case "copy":
                self.app.copy_to_clipboard(message.text)
            case "plain":
                from playground_tui.tui.compose.plain import plain

                self.app.copy_to_clipboard(plain(message.text))
            case "code":
                self._copy_code_of(message)
            case "template":
                self.ask_template_name(message.text)
            case "changes":
                self.start(self.show_changes(message.run_id or ""), "changes since the reply")
            case "note":
                self._note(message)
            case "inspect":
                self.inspect_run(message.run_id)

    def _copy_code_of(self, message: ChatMessage) -> None:
        """Its only code block, else the one that is chosen among them."""
        from playground_tui.tui.compose.menu import code_menu

        codes = [span.target for span in self._column.view.codes(message.id)]

        def copy(number: str | None) -> None:
            if number is not None:
                self.app.copy_to_clipboard(codes[int(number)])

        if len(codes) == 1:
            copy("0")
        else:
            self.app.push_screen(code_menu(codes), copy)

    def edit_message(self, message: ChatMessage) -> None:
        raise NotImplementedError

    def ask_again(self, message: ChatMessage) -> None:
        raise NotImplementedError

    async def show_changes(self, run_id: str) -> None:
        raise NotImplementedError

    def inspect_run(self, run_id: str | None) -> None:
        raise NotImplementedError

    def action_continue_reply(self) -> None:
        messages = self._talk.messages
        if not messages or messages[-1].role != "assistant" or messages[-1].status not in ENDED_EARLY:
            self.tell("The last reply is whole; there is nothing to continue.")
            return
        self.start(self._talk.continue_reply(), "continue")

    def action_branch(self) -> None:
        message = self.chosen_message()
        if message is not None:
            self._branch(message)

    def _branch(self, message: ChatMessage) -> None:
        if (thread_id := self._talk.state.value.thread_id) is not None:
            self.start(self._branched(thread_id, message.id), "branch")

    async def _branched(self, thread_id: str, message_id: str) -> None:
        threads = self.workspace.threads
        await threads.open(await threads.archive.branch(thread_id, message_id))
        self.tell("A new thread up to that message; the old one stays as it is.")

    def action_note(self) -> None:
        if (message := self.chosen_message()) is not None:
            self._note(message)

    def _note(self, message: ChatMessage) -> None:
        from playground_tui.tui.screens.ask import AskText

        notes = self._talk.notes

        def put(text: str | None) -> None:
            if text is not None:
                self.start(notes.put(message.id, text), "note")

        self.app.push_screen(AskText("Note on the message", notes.texts.value.get(message.id, "")), put)

    # -- runs that are found, threads that are gone --------------------------------------------------------------------

    def action_resume(self) -> None:
        if not self._talk.state.value.run.followed:
            self.start(self._talk.resume(), "resume")

    def action_recreate_thread(self) -> None:
        from playground_tui.tui.screens.ask import Ask

        state = self._talk.state.value
        thread_id = state.thread_id
        if thread_id is None or not state.gone:
            self.tell("The server has this thread; nothing is to be made again.")
            return

        def take(answer: str | None) -> None:
            if answer == "make":
                self.start(self.workspace.threads.recreate(thread_id), "recreate thread")

        words = "The server no longer has this thread. Make it again there, with the messages kept on this machine?"
        self.app.push_screen(Ask("Make it again", words, (("make", "Make it again"), ("leave", "Leave it"))), take)
