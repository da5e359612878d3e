"""Copying, and saying honestly what became of it. Locally: the system's clipboard, in a thread, for at most 2 s. Over
SSH or where that fails: OSC 52, which the terminal may or may not take, since it gives no answer."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from playground_tui.quick_dataclass import dataclass

LARGE = 100 * 1024
"""Bytes above which a copy is put into a file too."""
LIMIT = 2.0
"""Seconds; some clipboard helpers wait for a display that is not there."""
SAID = {
    "copied": "Copied.",
    "sent": "Sent to the terminal.",
    "sent_after_failure": "The system's clipboard did not answer; sent to the terminal.",
}


class SystemClipboard(Protocol):
    def copy(self, text: str) -> None:
        """Blocks; raises any Exception where there is no clipboard."""
        ...


class Pyperclip:
    def copy(self, text: str) -> None:
        import pyperclip

        pyperclip.copy(text)


@dataclass(frozen=True, slots=True)
class Copier:
    system: SystemClipboard
    write: Callable[[str], None]
    """Puts an escape sequence on the terminal."""
    environ: Mapping[str, str]
    limit: float = LIMIT
    folder: Path | None = None
    """Where a large text is put besides; None: nowhere."""

    async def copy(self, text: str) -> str:
        """Copy, and return the sentence that says what was done."""
        if self._remote:
            self.write(osc52(text, self.environ))
            return SAID["sent"] + await self._file(text)
        try:
            await asyncio.wait_for(asyncio.to_thread(self.system.copy, text), self.limit)
        except Exception:
            self.write(osc52(text, self.environ))
            return SAID["sent_after_failure"] + await self._file(text)
        return SAID["copied"] + await self._file(text)

    async def _file(self, text: str) -> str:
        """Terminals drop long sequences without a word; a file is there for certain."""
        if self.folder is None or len(text.encode("utf-8", "replace")) <= LARGE:
            return ""
        path = self.folder / "copied.txt"
        try:
            await asyncio.to_thread(_write, path, text)
        except OSError:
            return " It could not be put into a file."
        return f" It is also in {path}."

    @property
    def _remote(self) -> bool:
        return bool(self.environ.get("SSH_TTY") or self.environ.get("SSH_CONNECTION"))


def osc52(text: str, environ: Mapping[str, str]) -> str:
    """The sequence that asks a terminal to take `text`, wrapped so that tmux or screen hands it on."""
    payload = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    sequence = f"\x1b]52;c;{payload}\x07"
    if environ.get("TMUX"):
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    if environ.get("TERM", "").startswith("screen"):
        chunks = [sequence[at : at + SCREEN_CHUNK] for at in range(0, len(sequence), SCREEN_CHUNK)]
        return "".join(f"\x1bP{chunk}\x1b\\" for chunk in chunks)
    return sequence


def _write(path: Path, text: str) -> None:
    """Only for the person: what is copied may be private."""
    from playground_tui.settings.file import write_atomically

    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text, 0o600)


SCREEN_CHUNK = 248
"""Characters: GNU screen drops strings of 256 and more."""
