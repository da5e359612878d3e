"""The slash commands that are there without any template: each is an action of the main screen. A template of the
same name comes first, and a message of more than one word is never a command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.writing.templates import Completion

_WORD: Final = re.compile(r"/[\w.-]*")


@dataclass(frozen=True, slots=True)
class Slash:
    name: str
    action: str
    help: str
    wants_more: bool = False
    """Something may follow it; enter alone does not carry it out yet."""


SLASHES: Final = (
    Slash("attach", "attach", "files and pictures for this message", wants_more=True),
    Slash("branch", "branch", "a new thread up to the chosen message"),
    Slash("continue", "continue_reply", "let a reply that was cut short go on"),
    Slash("copy", "copy_reply", "the last reply, or the chosen message"),
    Slash("edit", "edit_last", "your last message, or the chosen one, back in the box"),
    Slash("export", "export_thread", "this thread to Markdown, JSON or JSONL"),
    Slash("find", "find", "search this thread"),
    Slash("inspect", "inspect", "what happened in the run"),
    Slash("model", "choose_model", "choose the assistant's model"),
    Slash("new", "new_thread", "start another thread"),
    Slash("note", "note", "on the last message, or the chosen one"),
    Slash("regenerate", "regenerate", "ask for the reply again"),
    Slash("rename", "rename_thread", "give this thread a title"),
    Slash("save", "save_template", "keep the last message, or the chosen one, as a template"),
    Slash("templates", "templates", "insert, rename, delete"),
    Slash("threads", "threads", "search, resume, rename, delete"),
    Slash("variables", "variables", "fill in the {{variables}}"),
)


def slash_of(text: str) -> Slash | None:
    """The command that a whole message is."""
    return next((slash for slash in SLASHES if text.strip() == f"/{slash.name}"), None)


def complete_slash(text: str, cursor: int, taken: Sequence[str]) -> tuple[Completion, ...]:
    """`taken`: names that mean something else."""
    if not _WORD.fullmatch(text[:cursor]) or "\n" in text:
        return ()
    typed = text[1:cursor].casefold()
    end = cursor + len(re.match(r"[\w.-]*", text[cursor:])[0])  # type: ignore[index]
    found = [slash for slash in SLASHES if typed in slash.name and slash.name not in taken]
    found.sort(key=lambda slash: not slash.name.startswith(typed))
    return tuple(_completion(slash, end) for slash in found)


def _completion(slash: Slash, end: int) -> Completion:
    more = " " if slash.wants_more else ""
    return Completion(0, end, f"/{slash.name}{more}", f"/{slash.name}", slash.help, at_once=not slash.wants_more)
