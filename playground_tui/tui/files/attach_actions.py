"""Files from the main screen: their own screen, what goes along with a message, and what a citation means."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground_tui.tui.config.tools import ToolsField
from playground_tui.tui.screens.base import WorkspaceScreen
from playground_tui.workspace.failures import FailureError

if TYPE_CHECKING:
    from playground_tui.tui.chat_view.lines import Span
    from playground_tui.tui.config.tools import ToolLine
    from playground_tui.tui.files.asking import Asking
    from playground_tui.tui.files.path_ask import PathChoice
    from playground_tui.tui.files.sections import Name
    from playground_tui.workspace.conversation import Conversation
    from playground_tui.workspace.files.library import Library
    from playground_tui.workspace.files.values import StoreListing
    from playground_tui.workspace.values import ChatMessage, Citation, Draft
    from playground_tui.workspace.writing.attachment_check import Use
    from playground_tui.workspace.writing.attachments import Attachments


class FileActions(WorkspaceScreen):
    attaching = 0
    """Files and folders that are being looked at."""
    _told: frozenset[str] = frozenset()
    """Files that were told to be unsearchable."""
    _counted: tuple[str, ...] = ()
    _counting: Library | None = None
    """Whose stores are watched for the configuration."""

    @property
    def _attachments(self) -> Attachments:
        return self.workspace.conversation.value.attachments

    def action_files(self, section: Name = "files") -> None:
        from playground_tui.tui.files.screen import FilesScreen

        if not isinstance(self.app.screen, FilesScreen):
            self.app.push_screen(FilesScreen(self.workspace, self, section))

    def on_tool_line_files_wanted(self, event: ToolLine.FilesWanted) -> None:
        """From the configuration: the files of the assistant's file search or code interpreter."""
        from playground_tui.tui.files.tool_screen import ToolFilesScreen

        event.stop()
        kind = event.kind
        assert kind in ("file_search", "code_interpreter")
        self.app.push_screen(ToolFilesScreen(self.workspace, self, kind))  # type: ignore[arg-type]

    def show_files_of(self, draft: Draft) -> None:
        """Say in the configuration how many files the assistant's vector store has, as it stands on the server."""
        resources = draft.values.get("tool_resources")
        search = resources.get("file_search") if isinstance(resources, dict) else None
        stores = tuple(search.get("vector_store_ids") or ()) if isinstance(search, dict) else ()
        if stores != self._counted:
            self._counted = stores
            if stores:
                self.start(self._count_files(stores), "count files")

    async def _count_files(self, stores: Sequence[str]) -> None:
        await self.workspace.api()
        library = self.workspace.library
        if self._counting is not library:
            self._counting = library
            library.stores.listing.watch(self._show_counts)
        for store_id in stores:
            await library.stores.read(store_id)

    def _show_counts(self, listing: StoreListing) -> None:
        if self.is_attached:
            counts = {row.id: row.total for row in listing.rows}
            self.query_one("ToolsField", ToolsField).take_store_files(counts)

    # -- attaching -----------------------------------------------------------------------------------------------------

    def action_attach(self) -> None:
        """Choose a file when nothing is attached yet, else show what is."""
        if self._attachments.items.value:
            self.action_attachments()
        else:
            self.attach_path()

    def action_attachments(self) -> None:
        from playground_tui.tui.files.attachments_screen import AttachmentsScreen

        self.app.push_screen(AttachmentsScreen(self._attachments, self))

    def attach_path(self) -> None:
        from playground_tui.tui.files.path_ask import AskPath

        def answered(choice: PathChoice | None) -> None:
            if choice is not None:
                self.start(self._attach_choice(self._attachments, choice), "attach")

        uses: tuple[Use, ...] = ("auto", "file_search", "code_interpreter", "image")
        self.app.push_screen(AskPath("Attach to this message", Path.cwd(), uses=uses, urls=True), answered)

    def attach_url(self) -> None:
        from playground_tui.tui.screens.ask import AskText

        def answered(url: str | None) -> None:
            if url:
                self._add_url(self._attachments, url)

        self.app.push_screen(AskText("Address of a picture", "https://"), answered)

    def attach_typed(self, text: str) -> None:
        """A path, or a picture's address, that was typed after `/attach`."""
        from playground_tui.tui.files.path_ask import PathChoice

        if text.lower().startswith(("https://", "http://")):
            self._add_url(self._attachments, text)
            return
        path = Path(text).expanduser()
        self.start(self._attach_choice(self._attachments, PathChoice(path, path.is_dir())), "attach")

    def attach_pasted(self, paths: list[Path], text: str) -> None:
        """`text` names files that exist and was pasted, or dropped, into the message; it is put there unless they are
        attached."""
        from playground_tui.tui.files.path_ask import PathChoice
        from playground_tui.tui.screens.ask import Ask

        names = paths[0].name if len(paths) == 1 else f"{len(paths)} files"

        def answered(answer: str | None) -> None:
            if answer == "attach":
                for path in paths:
                    choice = PathChoice(path, path.is_dir())
                    self.start(self._attach_choice(self._attachments, choice), "attach")
            else:
                self.insert_text(text)

        buttons = (("text", "Keep as text"), ("attach", "Attach"))
        self.app.push_screen(Ask("Pasted path", f"Attach {names} to this message?", buttons), answered)

    def insert_text(self, text: str) -> None:
        """Into the message, at the cursor."""
        raise NotImplementedError

    def _add_url(self, attachments: Attachments, url: str) -> None:
        try:
            attachments.add_url(url)
        except FailureError as error:
            self.tell_failure(error.failure)

    async def _attach_choice(self, attachments: Attachments, choice: PathChoice) -> None:
        """Raises FailureError for what cannot be attached; nothing of it was sent."""
        if choice.url:
            attachments.add_url(choice.url)
            return
        paths = await self._asking.chosen(choice)
        self.attaching += 1
        try:
            if choice.is_folder:
                await self._attach_folder(attachments, choice, paths)
            else:
                await self._attach_file(attachments, choice.path, choice.use)
        finally:
            self.attaching -= 1

    async def _attach_file(self, attachments: Attachments, path: Path, use: Use) -> None:
        from playground_tui.workspace.files.checks import check_attached

        await asyncio.to_thread(check_attached, path, use, self._tools())
        await attachments.add_file(path, use)

    def _tools(self) -> tuple[str, ...]:
        tools = self.workspace.editor.draft.value.values.get("tools") or ()
        return tuple(str(tool.get("type")) for tool in tools if isinstance(tool, dict))

    async def _attach_folder(self, attachments: Attachments, choice: PathChoice, paths: Sequence[Path]) -> None:
        """All files of the folder that can be used; the others are told together at the end."""
        use: Use = "code_interpreter" if choice.use == "code_interpreter" else "file_search"
        refused = []
        for path in paths:
            try:
                await self._attach_file(attachments, path, use)
            except FailureError as error:
                refused.append(error.failure.what)
        if refused:
            self._tell_refused(choice.path, refused)

    def _tell_refused(self, folder: Path, sentences: list[str]) -> None:
        from textual.content import Content

        from playground_tui.tui.screens.show_text import ShowText

        title = f"{len(sentences)} files of {folder.name} were left out"
        self.app.push_screen(ShowText(title, Content("\n".join(sentences))))

    def holds_back(self, text: str) -> bool:
        """Whether the message cannot go yet, which is said: files alone are no message, though a picture can be."""
        if self.attaching:
            self.tell("Files are still being looked at; send in a moment.")
            return True
        items = () if text.strip() else self._attachments.items.value
        if not items or any(item.kind == "image" for item in items):
            return False
        self.tell("Write what to do with the files, then send.")
        return True

    # -- what became of them -------------------------------------------------------------------------------------------

    async def looked_after(self, conversation: Conversation, sending: Coroutine[Any, Any, Any]) -> None:
        """Tells which of the files that go along cannot be searched as soon as that is known."""
        wanted = {tool for item in conversation.attachments.items.value for tool in item.tools}
        self._switch_on(wanted)
        await sending
        if "file_search" in wanted:
            await self._tell_unsearchable(conversation)

    def _switch_on(self, wanted: Collection[str]) -> None:
        """A tool that the assistant does not have would not look at the files."""
        if not wanted:
            return
        from playground_tui.tui.files.tool_edit import switched_on

        editor = self.workspace.editor
        tools, names = switched_on(editor.draft.value.values, wanted)
        if names:
            editor.edit("tools", tools)
            self.tell(f"{' and '.join(names)} was switched on: the attached files need it.")

    async def _tell_unsearchable(self, conversation: Conversation) -> None:
        from playground_tui.workspace.files.unsearchable import unsearchable

        async for file in unsearchable(self.workspace.library, conversation):
            if file.id not in self._told:
                self._told |= {file.id}
                told = f"{file.name} cannot be searched: {file.why}"
                self.app.notify(told, severity="warning", markup=False, timeout=15)

    # -- citations -----------------------------------------------------------------------------------------------------

    def open_citation(self, span: Span) -> None:
        """The passage that it means; a file that code made is offered for download."""
        messages = self.workspace.conversation.value.messages
        message = next((message for message in messages if message.id == span.message_id), None)
        citation = _citation(message, span) if message is not None else None
        if message is None or citation is None or not citation.file_id:
            self.tell(span.label)
        elif citation.kind == "file_path":
            self._asking.download(citation.file_id, citation.label.partition("] ")[2])
        else:
            self._open_passage(message, citation)

    def _open_passage(self, message: ChatMessage, citation: Citation) -> None:
        from playground_tui.tui.files.text_screen import CitedScreen
        from playground_tui.workspace.files.cited import Place
        from playground_tui.workspace.files.nearest import said_before

        thread_id = self.workspace.conversation.value.state.value.thread_id or ""
        said = f"{self._question(message)}\n{said_before(message.text, citation.start)}"
        place = Place(thread_id, message.run_id or "", citation.mark, citation.file_id, said)

        def left(answer: str | None) -> None:
            if answer == "download":
                self._asking.download(citation.file_id, citation.label.partition("] ")[2])

        self.app.push_screen(CitedScreen(self.workspace.library, citation.label, place), left)

    def _question(self, reply: ChatMessage) -> str:
        messages = self.workspace.conversation.value.messages
        before = messages[: next((n for n, message in enumerate(messages) if message.id == reply.id), 0)]
        return next((message.text for message in reversed(before) if message.role == "user"), "")

    @property
    def _asking(self) -> Asking:
        from playground_tui.tui.files.asking import Asking

        return Asking(self, self.workspace.library)


def _citation(message: ChatMessage, span: Span) -> Citation | None:
    """By its mark, else by its file."""
    by_mark = (citation for citation in message.citations if citation.mark == span.mark)
    by_file = (citation for citation in message.citations if citation.file_id == span.target)
    return next(by_mark, None) or next(by_file, None)
