"""What file search is set to: how many passages at most, and which are good enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.limits import check_field
from playground_tui.tui.config.functions.dialog import FRAME
from playground_tui.tui.config.functions.form_rows import FormEdited, TextLine, TurnLine, Word
from playground_tui.tui.config.numbers import number_words, parse_number
from playground_tui.tui.key_words import with_keys
from playground_tui.tui.widgets.button import TextButton

RANKERS = (Word("", "not set"), Word("auto", "auto"), Word("default_2024_08_21", "default_2024_08_21"))
HINT = "Empty is not set: the server then decides, 20 results and no threshold on most."


class SearchOptionsScreen(ModalScreen[dict[str, Any] | None]):
    """Answers the tool to put in place, None to leave it as it is."""

    DEFAULT_CSS = FRAME.format(name="SearchOptionsScreen") + "SearchOptionsScreen #said { margin: 1 0 0 0; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("ctrl+s", "take", "take it", id="search.take"),
    ]
    AUTO_FOCUS = "LineInput"

    def __init__(self, tool: Mapping[str, Any]) -> None:
        super().__init__()
        self._tool = dict(tool)
        found = tool.get("file_search")
        self._options: dict[str, Any] = dict(found) if isinstance(found, Mapping) else {}
        self.results = TextLine("results", "Results", "not set", "At most so many passages, 1 to 50.")
        self.ranker = TurnLine("ranker", "Ranker", RANKERS, "← → change it")
        self.threshold = TextLine("threshold", "Score from", "not set", "Leaves out what fits less, 0 to 1.")

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = "File search"
            frame.border_subtitle = Content(with_keys(self, "{search.take:ctrl+s} takes it · esc leaves it"))
            yield from (self.results, self.ranker, self.threshold)
            yield Static(HINT, id="said", classes="said", markup=False)
            with Widget(id="buttons"):
                yield TextButton("Take it", id="take")
                yield TextButton("Leave it", id="leave")

    def on_mount(self) -> None:
        ranking = self._options.get("ranking_options") or {}
        self.results.show(_words(self._options.get("max_num_results")))
        self.ranker.show(ranking.get("ranker") or "")
        self.threshold.show(_words(ranking.get("score_threshold")))

    def tool(self) -> dict[str, Any]:
        """As the fields say, right or wrong. A ranking without a threshold takes all: the API wants one."""
        options = {k: v for k, v in self._options.items() if k not in ("max_num_results", "ranking_options")}
        if self.results.input.value.strip():
            options["max_num_results"] = _value(self.results.input.value, integer=True)
        ranking: dict[str, Any] = {"ranker": self.ranker.value} if self.ranker.value else {}
        if self.threshold.input.value.strip():
            ranking["score_threshold"] = _value(self.threshold.input.value, integer=False)
        elif ranking:
            ranking["score_threshold"] = 0
        if ranking:
            options["ranking_options"] = ranking
        rest = {name: value for name, value in self._tool.items() if name != "file_search"}
        return {**rest, "file_search": options} if options else rest

    def _problem(self) -> str:
        problem = check_field("tools", [self.tool()])
        return problem.advice if problem else ""

    @on(FormEdited)
    def _typed(self, event: FormEdited) -> None:
        event.stop()
        problem = self._problem()
        said = self.query_one("#said", Static)
        said.set_class(bool(problem), "wrong")
        said.update(f"! {problem}" if problem else HINT)

    @on(TextButton.Pressed, "#take")
    def action_take(self) -> None:
        if not self._problem():
            self.dismiss(self.tool())

    @on(TextButton.Pressed, "#leave")
    def action_leave(self) -> None:
        self.dismiss(None)


def options_words(tool: Mapping[str, Any]) -> str:
    """`at most 8 · from 0.5`; empty when nothing is set."""
    options = tool.get("file_search")
    if not isinstance(options, Mapping):
        return ""
    ranking = options.get("ranking_options") or {}
    words = []
    if options.get("max_num_results") is not None:
        words.append(f"at most {options['max_num_results']}")
    if isinstance(ranking, Mapping) and ranking.get("score_threshold"):
        words.append(f"from {_words(ranking['score_threshold'])}")
    return " · ".join(words)


def _words(value: Any) -> str:
    return number_words(value) if isinstance(value, int | float) else ""


def _value(text: str, *, integer: bool) -> Any:
    """The text itself where it is no number: the limits then say what is wanted."""
    found = parse_number(text.strip(), integer=integer)
    return text if found is None else found
