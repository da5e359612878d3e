"""How many files go along with the message that is being written, beside the Send button."""

from __future__ import annotations

from collections.abc import Sequence

from playground_tui.tui.widgets.button import TextButton
from playground_tui.workspace.writing.attachment import Attachment


class AttachedWord(TextButton):
    """Pressed: the list of them is wanted."""

    DEFAULT_CSS = """
    AttachedWord { background: transparent; color: $text-muted; display: none; }
    AttachedWord:focus { background: $accent; color: $background; }
    AttachedWord.-wrong { color: $text-error; }
    """

    def __init__(self) -> None:
        super().__init__("", id="attached")

    def show(self, items: Sequence[Attachment]) -> None:
        self.label = attached_words(items)
        self.display = bool(items)
        self.set_class(any(item.phase == "failed" for item in items), "-wrong")
        self.refresh(layout=True)


def attached_words(items: Sequence[Attachment]) -> str:
    """`2 files`, `1 image`, `2 files · 45 %`, `! 1 of 3 files`."""
    kinds = {item.kind for item in items}
    noun = kinds.pop() if len(kinds) == 1 else "file"
    whole = f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"
    if failed := sum(item.phase == "failed" for item in items):
        return f"! {failed} of {whole}"
    size = sum(item.size for item in items)
    if any(item.phase in ("waiting", "uploading") for item in items):
        sent = sum(item.size * item.progress for item in items)
        return f"{whole} · {sent / size:.0%}" if size else f"{whole} · waiting"
    return whole
