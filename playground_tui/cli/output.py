"""Where a command writes: results on standard output, everything else on standard error.

Contract: what cannot be written ends the command, with `OutputClosed` for a reader that left and `CommandFailed` for a
full disk; nothing is ever lost silently.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TextIO

from playground_tui.cli.exits import CommandFailed
from playground_tui.cli.harmless import harmless, harmless_json, one_line


class OutputClosed(Exception):
    """Nobody reads standard output any more."""


class Out:
    def __init__(self, options: Mapping[str, Any], redact: Callable[[str], str] = str) -> None:
        self.as_json = bool(options.get("json"))
        self.quiet = bool(options.get("quiet"))
        self.redact = redact
        self.is_terminal = is_terminal(sys.stdout)
        self.shows_progress = not self.quiet and is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"
        self._status = ""

    # -- results -------------------------------------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """A text as it is; made harmless on a terminal."""
        self.clear_status()
        if sys.stdout is None:
            raise CommandFailed("Standard output is closed.")
        try:
            sys.stdout.write(harmless(text) if self.is_terminal else text)
            sys.stdout.flush()
        except BrokenPipeError:
            let_go_of_standard_output()
            raise OutputClosed from None
        except OSError as error:
            let_go_of_standard_output()
            raise CommandFailed(f"The output could not be written: {error.strerror or type(error).__name__}.") from None

    def line(self, text: str = "") -> None:
        self.write(f"{text}\n")

    def document(self, text: str) -> None:
        """A text that ends with a line feed, whether it does itself or not."""
        self.write(text if text.endswith("\n") else f"{text}\n")

    def json(self, value: Any) -> None:
        self.line(harmless_json(json.dumps(value, ensure_ascii=False, indent=2)))

    def rows(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A line each: in columns on a terminal, separated by tabs and without the head elsewhere."""
        clean = [[one_line(cell) for cell in row] for row in rows]
        if not self.is_terminal:
            self.write("".join("\t".join(row) + "\n" for row in clean))
            return
        widths = [max(len(row[place]) for row in [list(head), *clean]) for place in range(len(head))]
        lines = (
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *clean]
        )
        self.write("".join(line.rstrip() + "\n" for line in lines))

    # -- standard error ------------------------------------------------------------------------------------------------

    def note(self, text: str) -> None:
        """Worth knowing, not an error; left out with --quiet."""
        if not self.quiet:
            self.error(text)

    def error(self, text: str) -> None:
        self.clear_status()
        say(one_line(self.redact(text)))

    def status(self, text: str) -> None:
        """What is waited for: one line that is written over, only on a terminal."""
        if self.shows_progress and text != self._status:
            _to_standard_error(f"\r\x1b[2K{one_line(text)}")
            self._status = text

    def clear_status(self) -> None:
        if self._status:
            _to_standard_error("\r\x1b[2K")
            self._status = ""


def say(text: str) -> None:
    """On standard error, harmless whatever is in it."""
    _to_standard_error(harmless(text) + "\n")


def _to_standard_error(text: str) -> None:
    """Nothing can be done where even this fails."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(text)
            sys.stderr.flush()
    except OSError:
        return


def let_go_of_standard_output() -> None:
    """What is still buffered cannot be written either: keep the interpreter from trying at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def prepare_standard_files() -> None:
    """Characters that the terminal's encoding lacks are replaced, never raised. A closed standard file is held by
    /dev/null, so that no database or log gets its number."""
    for number, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False
