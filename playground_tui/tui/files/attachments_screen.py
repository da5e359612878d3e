"""What goes along with the message that is being written: each with its tool and its way to the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.tui.files.words import column, fitted, size_words
from playground_tui.tui.key_words import with_keys
from playground_tui.tui.screens.pick import Offers
from playground_tui.tui.versions.diff_screen import FRAME
from playground_tui.tui.watching import watch
from playground_tui.tui.widgets.row_list import Row, RowList
from playground_tui.workspace.writing.attachment import Attachment

if TYPE_CHECKING:
    from playground_tui.tui.files.attach_actions import FileActions
    from playground_tui.workspace.writing.attachments import Attachments

TOOLS: Final = {
    ("file_search",): "file search",
    ("code_interpreter",): "code interpreter",
    ("file_search", "code_interpreter"): "file search and code interpreter",
}
"""What a file may be used by, in the order that `t` goes through."""
SIGNS: Final = {"waiting": "·", "uploading": "◌", "ready": "●", "failed": "!"}
EMPTY: Final = (
    "Nothing goes along with the message yet. {attached.add:a} attaches a file or a whole folder, {attached.url:u} a "
    "picture by its address; a path that is pasted or dropped into the message is offered, too."
)


class AttachmentsScreen(ModalScreen[None]):
    DEFAULT_CSS = (
        FRAME.format(name="AttachmentsScreen")
        + """
    AttachmentsScreen > #frame { width: 90; max-width: 96%; height: 70%; padding: 1 0 0 0; }
    AttachmentsScreen.-empty RowList { display: none; }
    AttachmentsScreen #said { display: none; padding: 1 2; max-height: 100%; }
    AttachmentsScreen.-empty #said { display: block; height: 1fr; }
    AttachmentsScreen Offers { margin: 1 0 0 0; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("a", "add", "attach", id="attached.add"),
        Binding("u", "url", "picture by address", id="attached.url"),
        Binding("t", "tool", "for which tool", id="attached.tool"),
        Binding("r", "retry", "try again", id="attached.retry"),
        Binding("R", "retry_all", "try all again", id="attached.retry.all"),
        Binding("f8,delete", "remove", "remove", id="attached.remove"),
        Binding("X", "remove_all", "remove all", id="attached.remove.all"),
    ]
    OFFERS: ClassVar[Sequence[tuple[str, str, str]]] = (
        ("a", "attach", "screen.add"),
        ("u", "by address", "screen.url"),
        ("t", "tool", "screen.tool"),
        ("R", "try again", "screen.retry_all"),
        ("f8", "remove", "screen.remove"),
        ("X", "all", "screen.remove_all"),
        ("esc", "close", "screen.leave"),
    )
    AUTO_FOCUS = "RowList"

    def __init__(self, attachments: Attachments, owner: FileActions) -> None:
        super().__init__()
        self._attachments = attachments
        self._owner = owner
        self.rows = RowList()
        self._end: Callable[[], None] = lambda: None

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = "Attached to this message"
            yield Static(with_keys(self, EMPTY), id="said", markup=False)
            yield self.rows
            yield Offers(self.OFFERS)

    def on_mount(self) -> None:
        self._end = watch(self, self._attachments.items, self._show, now=True)

    def on_unmount(self) -> None:
        self._end()

    def _show(self, items: Sequence[Attachment]) -> None:
        self.set_class(not items, "-empty")
        width = column(item.name for item in items)
        self.rows.show([_row(item, width) for item in items], max(0, self.rows.marked))

    @property
    def marked(self) -> Attachment | None:
        items = self._attachments.items.value
        return items[self.rows.marked] if 0 <= self.rows.marked < len(items) else None

    def action_add(self) -> None:
        self._owner.attach_path()

    def action_url(self) -> None:
        self._owner.attach_url()

    @on(RowList.Chosen)
    def action_tool(self) -> None:
        item = self.marked
        if item is not None and item.kind == "file":
            choices = list(TOOLS)
            place = choices.index(item.tools) if item.tools in choices else -1
            self._attachments.use(item.id, choices[(place + 1) % len(choices)])

    def action_retry(self) -> None:
        if (item := self.marked) is not None:
            self._attachments.retry(item.id)

    def action_retry_all(self) -> None:
        for item in self._attachments.items.value:
            self._attachments.retry(item.id)

    def action_remove_all(self) -> None:
        self._owner.start(self._remove_all(), "remove attachments")

    async def _remove_all(self) -> None:
        for item in self._attachments.items.value:
            await self._attachments.remove(item.id)

    def action_remove(self) -> None:
        if (item := self.marked) is not None:
            self._owner.start(self._attachments.remove(item.id), "remove attachment")

    def action_leave(self) -> None:
        self.dismiss()


def _row(item: Attachment, width: int) -> Row:
    for_what = "the model looks at it" if item.kind == "image" else TOOLS.get(item.tools, ", ".join(item.tools))
    state = {"uploading": f"{item.progress:.0%} sent", "waiting": "waits", "failed": item.failure}.get(item.phase, "")
    note = " · ".join(part for part in (for_what, state) if part)
    return Row(item.id, fitted(item.name, width), note, size_words(item.size) if item.size else "", SIGNS[item.phase])
