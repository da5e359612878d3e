"""What the terminal can do, as far as it can be known without drawing on it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator

from playground_tui.cli.doctor.finding import Finding
from playground_tui.cli.output import Out

PART = "Terminal"
CLIPBOARDS = ("wl-copy", "xclip", "xsel", "pbcopy", "clip.exe", "termux-clipboard-set")


def look(out: Out) -> Iterator[Finding]:
    if not out.is_terminal:
        yield Finding(PART, "Standard output", "skipped", "It is no terminal; the app needs one.")
    else:
        yield from _terminal()
    yield _encoding()
    yield _clipboard()


def _terminal() -> Iterator[Finding]:
    name = os.environ.get("TERM", "")
    if name in ("", "dumb"):
        yield Finding(PART, "TERM", "bad", f"It is {name or 'not set'}.", "Set TERM to what your terminal is.")
    else:
        yield Finding(PART, "TERM", "good", f"{name}{_around()}")
    yield _colours()
    yield _size()
    yield _keyboard()


def _around() -> str:
    found = [("tmux", "TMUX"), ("screen", "STY"), ("SSH", "SSH_CONNECTION")]
    names = [title for title, variable in found if os.environ.get(variable)]
    return f", inside {' and '.join(names)}" if names else ""


def _colours() -> Finding:
    if os.environ.get("NO_COLOR"):
        return Finding(PART, "Colours", "good", "None, as NO_COLOR asks.")
    if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Finding(PART, "Colours", "good", "16 million.")
    if "256color" in os.environ.get("TERM", ""):
        return Finding(PART, "Colours", "good", "256.", "Set COLORTERM=truecolor if your terminal has more.")
    return Finding(PART, "Colours", "doubtful", "16.", "Set TERM to a value with 256color, if your terminal has them.")


def _size() -> Finding:
    columns, rows = shutil.get_terminal_size()
    if columns < 80 or rows < 24:
        return Finding(PART, "Size", "doubtful", f"{columns}×{rows}.", "The app is made for 80×24 and more.")
    return Finding(PART, "Size", "good", f"{columns}×{rows}.")


def _keyboard() -> Finding:
    from playground_tui.cli.doctor.keyboard import speaks_kitty

    answer = speaks_kitty()
    if answer is None:
        return Finding(PART, "Keyboard protocol", "skipped", "It could not be asked.")
    if answer:
        return Finding(PART, "Keyboard protocol", "good", "Shift+enter and alt+enter make a new line.")
    return Finding(PART, "Keyboard protocol", "good", "The plain one: ctrl+j makes a new line.")


def _encoding() -> Finding:
    encoding = (sys.stdout.encoding or "").lower() if sys.stdout else ""
    if encoding.replace("-", "") == "utf8":
        return Finding(PART, "Encoding", "good", "UTF-8.")
    return Finding(PART, "Encoding", "doubtful", encoding or "unknown", "Set LANG to a UTF-8 one: some signs are lost.")


def _clipboard() -> Finding:
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
        return Finding(PART, "Clipboard", "good", "Over SSH: sent to the terminal (OSC 52), if it takes it.")
    tools = [name for name in CLIPBOARDS if shutil.which(name)]
    if tools or sys.platform in ("win32", "darwin"):
        return Finding(PART, "Clipboard", "good", f"By {', '.join(tools) or 'the system'}.")
    advice = "Install wl-clipboard, xclip or xsel if copying does not work."
    return Finding(PART, "Clipboard", "doubtful", "No tool is there; sent to the terminal (OSC 52).", advice)
