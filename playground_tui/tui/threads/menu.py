"""What can be done with the open thread, a letter each."""

from __future__ import annotations

from playground_tui.tui.screens.action_menu import ActionMenu, Choice
from playground_tui.workspace.values import ConversationState

OF_ANY = (
    Choice("n", "new_thread", "New thread"),
    Choice("o", "threads", "Other threads", "search, resume, clean up, import"),
)
OF_MADE = (
    Choice("r", "rename_thread", "Rename"),
    Choice("f", "find", "Find in it"),
    Choice("c", "copy_thread", "Copy as Markdown"),
    Choice("p", "copy_thread_plain", "Copy as plain text"),
    Choice("x", "export_thread", "Export", "Markdown, JSON or JSONL"),
    Choice("m", "thread_metadata", "Metadata"),
    Choice("i", "copy_thread_id", "Copy its id"),
    Choice("d", "delete_thread", "Delete", "it can be brought back"),
)
LOST = Choice("a", "recreate_thread", "Make again", "the server no longer has it")


def thread_menu(state: ConversationState) -> ActionMenu:
    """Answers an action of the main screen."""
    lost = (LOST,) if state.gone else ()
    made = OF_MADE if state.thread_id is not None else ()
    return ActionMenu(f"Thread: {state.title}", (*lost, *OF_ANY, *made))
