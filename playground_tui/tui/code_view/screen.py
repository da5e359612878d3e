"""The assistant as a program: Responses or Chat Completions, Python or curl, ready to run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from playground_tui.settings.model import route
from playground_tui.tui.config.editor import Editor
from playground_tui.tui.config.row import MUTED
from playground_tui.tui.key_words import with_keys
from playground_tui.tui.versions.diff_screen import FRAME
from playground_tui.tui.widgets.line import Line, Span
from playground_tui.workspace.exchange.code import Language, to_code
from playground_tui.workspace.exchange.endpoint import endpoint_of
from playground_tui.workspace.exchange.request import Target

if TYPE_CHECKING:
    from playground_tui.settings.model import Settings

TARGETS: tuple[tuple[Target, str], ...] = (("responses", "Responses"), ("chat", "Chat Completions"))
LANGUAGES: tuple[tuple[Language, str], ...] = (("python", "Python"), ("curl", "curl"))


class Choices(Line):
    DEFAULT_CSS = "Choices { padding: 0 1; margin: 0 0 1 0; }"

    def __init__(self) -> None:
        super().__init__()
        self.target: Target = "responses"
        self.language: Language = "python"

    def left(self) -> list[Span]:
        spans: list[Span] = []
        for target, words in TARGETS:
            spans += [Span(words, _style(target == self.target), f"screen.target('{target}')"), Span("  ")]
        spans.append(Span("│  ", MUTED))
        for language, words in LANGUAGES:
            spans += [Span(words, _style(language == self.language), f"screen.language('{language}')"), Span("  ")]
        return spans

    def right(self) -> list[Span]:
        return [Span(with_keys(self, "{code.copy:c} copy"), "bold", "screen.copy")]


def _style(chosen: bool) -> str:
    return "bold underline" if chosen else MUTED


SUBTITLE = "{code.target:t} target · {code.language:l} language · {code.copy:c} copies · esc closes"


class CodeScreen(ModalScreen[None]):
    DEFAULT_CSS = (
        FRAME.format(name="CodeScreen")
        + """
    CodeScreen #frame { padding: 1 0 0 0; }
    CodeScreen Editor { height: 1fr; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("c", "copy", "copy", id="code.copy"),
        Binding("t,left,right", "turn_target", "Responses or Chat", show=False, priority=True, id="code.target"),
        Binding("l,tab", "turn_language", "Python or curl", show=False, priority=True, id="code.language"),
    ]
    AUTO_FOCUS = "Editor"

    def __init__(self, assistant: Mapping[str, Any], settings: Settings) -> None:
        super().__init__()
        self._assistant = assistant
        model = str(assistant.get("model") or "")
        self._endpoint = endpoint_of(route(settings, model), model)
        self.choices = Choices()
        self.code = Editor(highlight="python")
        self.code.read_only = True

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = "As code"
            frame.border_subtitle = Content(with_keys(self, SUBTITLE))
            yield self.choices
            yield self.code

    def on_mount(self) -> None:
        self._show()

    @property
    def text(self) -> str:
        where = self._endpoint
        return to_code(
            self._assistant,
            self.choices.target,
            self.choices.language,
            base_url=where.base_url,
            key_name=where.key_name,
            model=where.model,
            notes=where.notes,
        )

    def _show(self) -> None:
        self.code.open_text(self.text)
        self.choices.refresh()

    def action_target(self, target: Target) -> None:
        self.choices.target = target
        self._show()

    def action_language(self, language: Language) -> None:
        self.choices.language = language
        self._show()

    def action_turn_target(self) -> None:
        self.action_target("chat" if self.choices.target == "responses" else "responses")

    def action_turn_language(self) -> None:
        self.action_language("curl" if self.choices.language == "python" else "python")

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.text)

    def action_leave(self) -> None:
        self.dismiss()
