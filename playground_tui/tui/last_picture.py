"""The screen as it was left, put up again while Textual still loads: what a person sees first after 30 ms instead of
300. It is shown only when nothing changed since, so it is never wrong; keys typed onto it wait for the real screen.

The picture holds contents, as the databases beside it do: it lies in the data folder with mode 0600.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import TYPE_CHECKING, Any

from playground_tui import __version__

if TYPE_CHECKING:
    from playground_tui.settings.paths import Paths

log = logging.getLogger("playground_tui.tui")

ENTER = "\x1b[?1049h"
"""To the alternate screen. Written again, some terminals clear what stands there."""
OPENING = f"{ENTER}\x1b[?25l\x1b[?2004h\x1b[?7l"
"""Also: hide the cursor, bracket pastes (one that comes early must not send), no wrapping."""
CLOSING = "\x1b[?7h\x1b[?2004l\x1b[?1049l\x1b[?25h"


class LastPicture:
    def __init__(self, paths: Paths) -> None:
        self._path = paths.data / "screen.picture"
        self._depends_on = (
            paths.workspace_db,
            paths.workspace_db.with_name(paths.workspace_db.name + "-wal"),
            paths.settings_file,
            paths.data / "screen.json",
        )
        self._attributes: list[Any] | None = None
        self._taken: str | None = None
        self.is_up = False

    # -- at the start ------------------------------------------------------------------------------------------------

    def put_up(self) -> None:
        """Show it if it is right for this terminal and nothing it shows has changed; else do nothing."""
        terminal = sys.__stderr__
        if terminal is None or sys.__stdin__ is None or not (terminal.isatty() and sys.__stdin__.isatty()):
            return
        try:
            import termios

            data = json.loads(self._path.read_text("utf-8"))
            if data["of"] != self._of(*os.get_terminal_size(terminal.fileno())):
                return
            self._attributes = termios.tcgetattr(sys.__stdin__.fileno())
            self._keep_keys(self._attributes)
            terminal.write(OPENING + data["picture"])
            terminal.flush()
            self.is_up = True
        except (ImportError, OSError, ValueError, KeyError, TypeError):
            self.take_down()

    def _keep_keys(self, attributes: list[Any]) -> None:
        """No echo, no line editing: what is typed now stays in the terminal's queue until Textual reads it."""
        import termios

        raw = [*attributes]
        raw[0] &= ~(termios.IXON | termios.ICRNL | termios.INLCR)
        raw[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        termios.tcsetattr(sys.__stdin__.fileno(), termios.TCSANOW, raw)  # type: ignore[union-attr]

    def hand_over(self) -> list[Any] | None:
        """The real screen takes the terminal: its attributes from before the picture, to be restored at the end."""
        attributes, self._attributes = self._attributes, None
        self.is_up = False
        return attributes

    def take_down(self) -> None:
        """Give the terminal back, unless it was handed over."""
        attributes = self.hand_over()
        if attributes is None or sys.__stderr__ is None or sys.__stdin__ is None:
            return
        import termios

        sys.__stderr__.write(CLOSING)
        sys.__stderr__.flush()
        termios.tcsetattr(sys.__stdin__.fileno(), termios.TCSANOW, attributes)

    # -- at the end --------------------------------------------------------------------------------------------------

    def take(self, lines: list[str], columns: int) -> None:
        """Remember the screen's lines, with their colours as escape sequences."""
        self._size = (columns, len(lines))
        self._taken = "".join(f"\x1b[{row};1H{line}" for row, line in enumerate(lines, 1))

    def keep(self) -> None:
        """Write what was taken, after the store was closed: from now on any change makes it void."""
        if self._taken is None:
            return
        beside = self._path.with_suffix(".new")
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({"of": self._of(*self._size), "picture": self._taken}, file)
            os.replace(beside, self._path)
        except OSError:
            log.warning("the last picture could not be kept")

    def _of(self, columns: int, rows: int) -> list[Any]:
        """What it is a picture of. Another value: it is not right any more."""
        terminal = [os.environ.get(name, "") for name in ("TERM", "COLORTERM", "NO_COLOR", "TEXTUAL_THEME")]
        return [__version__, columns, rows, terminal, [_stamp(path) for path in self._depends_on]]


def _stamp(path: os.PathLike[str]) -> list[int]:
    try:
        found = os.stat(path)
    except OSError:
        return []
    return [found.st_mtime_ns, found.st_size, found.st_ino]
