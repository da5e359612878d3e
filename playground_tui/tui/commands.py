"""Every action of the main screen, once: bindings, palette, help and keymap are read from this table.

`keys` are defaults; the settings' `keymap` replaces them by id. Actions are methods `action_…` of the main screen.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding

from playground_tui.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    id: str
    """Dotted and lasting: what a keymap in the settings names."""
    title: str
    action: str
    help: str
    keys: str = ""
    """Textual key names, separated by commas; empty: reached by the palette only."""
    footer: str = ""
    """The word in the footer; empty: not shown there."""

    def binding(self) -> Binding:
        """With priority, so that the next key cannot overtake it on the way through the focused widget, and because
        Textual's editors bind f6 themselves. Not escape: what is focused closes first."""
        word = self.footer or self.title
        return Binding(self.keys, self.action, word, show=bool(self.footer), id=self.id, priority=self.keys != "escape")


MAIN: tuple[Command, ...] = (
    Command("view.close", "Close", "close_innermost", "Close the innermost open thing", "escape", "close"),
    Command("run.stop", "Stop the run", "stop", "The partial reply stays", "escape", "stop"),
    Command("pane.next", "Next pane", "next_pane", "Message box, configuration, messages", "f6", "next pane"),
    Command("pane.previous", "Previous pane", "previous_pane", "The panes, backwards", "shift+f6"),
    Command("assistant.save", "Save or create assistant", "save", "Save now instead of waiting", "ctrl+s", "save"),
    Command("assistant.list", "Assistants", "assistants", "Search, open, duplicate, delete", "ctrl+o"),
    Command("assistant.new", "New assistant", "new_assistant", "Start an unsaved assistant", "ctrl+n"),
    Command("assistant.duplicate", "Duplicate assistant", "duplicate_assistant", "A copy of the open assistant"),
    Command("assistant.delete", "Delete assistant", "delete_assistant", "Delete the open assistant, after asking"),
    Command("assistant.versions", "Versions", "versions", "What changed when; labels, notes, restore", "f8"),
    Command("assistant.code", "As code", "code", "A program for Responses or Chat Completions"),
    Command("assistant.import", "Import", "import", "Assistants, thread dumps, prompt objects from files"),
    Command("assistant.export", "Export", "export", "The open assistant to a Markdown or JSON file"),
    Command("assistant.servers", "Push or pull", "servers", "Copy assistants to or from another server"),
    Command("assistant.functions", "Functions", "edit_functions", "Add, edit and try functions"),
    Command(
        "handlers.ask", "Ask again before handlers run", "take_approvals_back", "Take back what was always allowed"
    ),
    Command("instructions.improve", "Improve instructions", "draft_instructions", "From one sentence, by the model"),
    Command("outside.show", "Changed elsewhere", "show_outside", "What others changed, with undo"),
    Command(
        "run.without", "Send without it", "send_without", "Without the refused parameter", "shift+f2", "send without it"
    ),
    Command("thread.new", "New thread", "new_thread", "Leave this thread and start another", "ctrl+t"),
    Command("thread.list", "Threads", "threads", "Search, resume, rename, delete", "ctrl+r"),
    Command("thread.menu", "Thread…", "thread_menu", "Rename, find, copy, export, delete: a letter each", "f10"),
    Command("thread.rename", "Rename thread", "rename_thread", "Give the open thread a title"),
    Command("thread.delete", "Delete thread", "delete_thread", "Delete the open thread; it can be brought back"),
    Command("thread.export", "Export thread", "export_thread", "To Markdown, JSON or JSONL"),
    Command("thread.metadata", "Thread metadata", "thread_metadata", "Keys and values of the open thread"),
    Command("model.choose", "Choose model", "choose_model", "Pick or type the assistant's model", "f2", "model"),
    Command("connection.show", "Connections", "connection", "Servers, providers, keys, tests, aliases", "f3"),
    Command(
        "config.zoom", "Zoom instructions", "zoom_instructions", "Instructions on the whole screen, and back", "f4"
    ),
    Command("reply.regenerate", "Regenerate reply", "regenerate", "Ask for the last reply again", "f5"),
    Command(
        "config.toggle", "Configuration", "toggle_configuration", "Open or fold the configuration", "ctrl+g", "config"
    ),
    Command(
        "config.narrower", "Narrower configuration", "narrow_configuration", "Give the chat more room", "alt+right"
    ),
    Command(
        "config.wider", "Wider configuration", "widen_configuration", "Give the configuration more room", "alt+left"
    ),
    Command("run.resume", "Resume the run", "resume", "Follow a run that was found active", "shift+f5", "resume"),
    Command("reply.continue", "Continue reply", "continue_reply", "Let a reply that was cut short go on"),
    Command("message.menu", "Message…", "message_menu", "Edit, regenerate, branch, copy, note: a letter each", "f7"),
    Command("message.previous", "Previous message", "choose_message(-1)", "Choose it, to do something with", "alt+up"),
    Command("message.next", "Next message", "choose_message(1)", "After the last one stands the box", "alt+down"),
    Command("message.note", "Note on message", "note", "A note of your own on the chosen message"),
    Command("message.template", "Save as template", "save_template", "Keep a message; a slash command inserts it"),
    Command("message.templates", "Templates", "templates", "Insert, rename, delete"),
    Command("message.variables", "Variables", "variables", "Fill in the {{variables}} of instructions and message"),
    Command("thread.branch", "Branch thread", "branch", "A new thread up to the chosen message"),
    Command("thread.recreate", "Make thread again", "recreate_thread", "Of a thread that the server lost"),
    Command("run.inspect", "Inspector", "inspect", "Timeline, calls, tokens and requests of a reply", "shift+f7"),
    Command("chat.find", "Find in thread", "find", "Search the open thread's messages", "f9"),
    Command("copy.reply", "Copy last reply", "copy_reply", "The last reply, or the marked message, as Markdown"),
    Command("copy.code", "Copy code block", "copy_code", "The marked code block, else the last one in sight"),
    Command("copy.thread", "Copy thread", "copy_thread", "The whole thread as Markdown"),
    Command(
        "copy.plain", "Copy thread as plain text", "copy_thread_plain", "The whole thread without Markdown's signs"
    ),
    Command("message.edit", "Edit and resend", "edit_last", "Take your last message back into the box"),
    Command("message.attach", "Attach", "attach", "Files and pictures for this message", "ctrl+l", "attach"),
    Command("message.attached", "Attached files", "attachments", "What goes along with the message, and its tools"),
    Command("files.show", "Files and vector stores", "files", "Upload, search, download, delete", "f12"),
    Command("files.stores", "Vector stores", "files('stores')", "What file search looks into"),
    Command("autosave.toggle", "Pause or resume auto-save", "toggle_autosave", "While paused, edits are tried per run"),
    Command("assistants.refresh", "Refresh lists", "refresh_lists", "Read assistants, threads and models again"),
)


def bindings_of(commands: Iterable[Command]) -> list[Binding]:
    return [command.binding() for command in commands if command.keys]
