"""Textual's own driver for this system, mended in five places: it takes the terminal over from the last picture; a
terminal that is lost neither stops its writer thread (the app would block on its full queue) nor goes unnoticed, also
where no signal tells of it and nothing is written; and
it is suspended and resumed between two steps of the loop. Textual does that in the signal's own handler, which may
interrupt the very `put` whose lock it then waits for. And it knows alt+enter from enter, and shift+f3 from the
place of the cursor."""

from __future__ import annotations

import asyncio
import select
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from playground_tui.tui.last_picture import ENTER

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.message import Message

    from playground_tui.tui.last_picture import LastPicture

LOST_CODE = 129
"""The shell's code for a hang-up."""


class Lasting:
    """A terminal's file as Textual's writer thread uses it. After the first failure everything is dropped."""

    def __init__(self, file: TextIO, lost: Callable[[], None]) -> None:
        self._file = file
        self._lost = lost
        self._is_lost = False

    def write(self, text: str) -> None:
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        self._try(self._file.flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return self._file.isatty()

    def _try(self, step: Callable[[], object]) -> None:
        if self._is_lost:
            return
        try:
            step()
        except (OSError, ValueError):
            self._is_lost = True
            self._lost()


class Ending(threading.Event):
    """What Textual's reading thread asks before it reads, ten times a second. Of a terminal that is gone it would read
    nothing, again and again, as fast as it can. A shell or `make` in front of the program may get the only signal."""

    def __init__(self, fileno: int, lost: Callable[[], None]) -> None:
        super().__init__()
        self._poll = select.poll()
        self._poll.register(fileno, 0)
        self._lost = lost

    def is_set(self) -> bool:
        if super().is_set():
            return True
        if not any(event & select.POLLHUP for _, event in self._poll.poll(0)):
            return False
        self.set()
        self._lost()
        return True


def driver_over(
    base: type[Driver], leave: Callable[[int], None], picture: LastPicture | None, typed: Callable[[], None]
) -> type[Driver]:
    """`base`, calling `leave` on the app's loop when the terminal is lost, not clearing the picture, and restoring
    the terminal in the end to what it was before the picture. `typed` hears of each key on the thread that reads it."""

    report_alt_enter()

    from textual import events

    class PlaygroundDriver(base):  # type: ignore[misc, valid-type]
        _file: Any
        _over_picture = False
        _is_suspended = False

        def start_application_mode(self) -> None:
            loop = asyncio.get_running_loop()
            if not isinstance(self._file, Lasting):
                self._file = Lasting(self._file, lambda: _tell(loop, leave))
                if hasattr(select, "poll"):
                    self.exit_event = Ending(self.fileno, lambda: _tell(loop, leave))
            self._over_picture = picture is not None and picture.is_up
            super().start_application_mode()
            self._over_picture = False
            attributes: list[Any] | None = picture.hand_over() if picture is not None else None
            if attributes is not None:
                self.attrs_before = attributes

        def _sigtstp_application(self, *_: object) -> None:
            if self._auto_restart:
                asyncio.get_running_loop().call_soon_threadsafe(self._suspend)
            else:  # another program has the terminal, and this loop waits for it
                super()._sigtstp_application()

        def _suspend(self) -> None:
            if not self._is_suspended:
                self._is_suspended = True
                super()._sigtstp_application()

        def _sigcont_application(self, *_: object) -> None:
            asyncio.get_running_loop().call_soon_threadsafe(self._resume)

        def _resume(self) -> None:
            """A program that was stopped without being asked (SIGSTOP) still has its threads and the terminal."""
            if self._is_suspended and self._auto_restart:
                self._is_suspended = False
                super()._sigcont_application()

        def process_message(self, message: Message) -> None:
            key = f3_of(message.x, message.y) if isinstance(message, events.CursorPosition) else ""
            message = events.Key(key, None) if key else message
            if isinstance(message, events.Key):
                typed()
            super().process_message(message)

        def write(self, data: str) -> None:
            if not (self._over_picture and data == ENTER):
                super().write(data)

    return PlaygroundDriver


def f3_of(x: int, y: int) -> str:
    """Without the Kitty protocol, xterm and its like send f3 with modifiers as they answer where the cursor is: in the
    first row, the column telling the modifiers. This app never asks for the cursor. Empty: another place."""
    if y != 0 or not 0 < x < 8:
        return ""
    held = (("alt", 2), ("ctrl", 4), ("shift", 1))
    return "+".join([*(name for name, bit in held if x & bit), "f3"])


class _AltEnter(NamedTuple):
    """As a member of Textual's `Keys`, which has none for it."""

    value: str = "alt+enter"


def report_alt_enter() -> None:
    """Where there is no Kitty protocol, terminals send alt+enter as escape and return. Textual would make an enter of
    that: a new line that was wanted would send what is half written."""
    from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

    known: Any = ANSI_SEQUENCES_KEYS
    known.setdefault("\x1b\r", (_AltEnter(),))


def _tell(loop: asyncio.AbstractEventLoop, leave: Callable[[int], None]) -> None:
    """Called by the writer thread; the loop may have ended meanwhile."""
    try:
        loop.call_soon_threadsafe(leave, LOST_CODE)
    except RuntimeError:
        pass
