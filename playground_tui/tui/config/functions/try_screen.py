"""A function tried with sample arguments by its handler: output, time and errors. Nothing goes to a model."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.tui.config.exact import visible
from playground_tui.tui.config.functions.dialog import FRAME
from playground_tui.tui.config.functions.handlers import handler_words
from playground_tui.tui.config.json_editor import JsonEditor
from playground_tui.tui.config.json_text import JsonFault, fault_at, write_json
from playground_tui.tui.config.row import MUTED
from playground_tui.tui.widgets.button import TextButton
from playground_tui.workspace.functions.sample import sample_arguments
from playground_tui.workspace.handlers.model import Handler, HandlerResult
from playground_tui.workspace.handlers.runner import run_handler

BY_HAND = "You answer this function by hand, so there is nothing to run. f7 in the editor chooses a handler."
MAX_SHOWN = 20_000
"""Characters of an output that are drawn."""


class TryScreen(ModalScreen[None]):
    DEFAULT_CSS = (
        FRAME.format(name="TryScreen")
        + """
    TryScreen JsonEditor { height: 9; }
    TryScreen #result { margin-top: 1; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("f4,ctrl+j", "run", "run", priority=True, id="try.run"),
    ]
    AUTO_FOCUS = "#run"

    def __init__(self, function: Mapping[str, Any], handler: Handler, interpreter: str) -> None:
        super().__init__()
        self._function = function
        self._handler = handler
        self._interpreter = interpreter
        self._try: asyncio.Task[None] | None = None
        self._tried: tuple[str, Content] | None = None
        """Arguments, and what came of them."""
        self.arguments = JsonEditor(_is_object, "Valid arguments.")
        self.result = Static("", id="result", markup=False)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="frame", can_focus=False) as frame:
            frame.border_title = Content(f"Try {self._function.get('name') or 'the function'}")
            frame.border_subtitle = "f4 runs it · esc closes"
            yield Static(Content.assemble(("Runs ", MUTED), self._runs()), markup=False)
            yield Static("Arguments", classes="said")
            yield self.arguments
            with Widget(id="buttons"):
                yield TextButton("Run it", id="run", disabled=self._handler.kind == "hand")
            yield self.result

    def on_mount(self) -> None:
        self.arguments.open_text(write_json(sample_arguments(self._function)))
        if self._handler.kind == "hand":
            self.result.update(BY_HAND)

    def _runs(self) -> str:
        return "nothing" if self._handler.kind == "hand" else visible(handler_words(self._handler))

    @on(TextButton.Pressed, "#run")
    def action_run(self) -> None:
        fault = self.arguments.judge()[1]
        if self._handler.kind == "hand" or (self._try and not self._try.done()):
            return
        if fault is not None:
            self.arguments.go_to_fault()
            self.arguments.text_area.focus()
            return
        self.result.update(Content.styled("◌ running…", MUTED))
        self._try = asyncio.create_task(self._run(self.arguments.text))

    async def _run(self, arguments: str) -> None:
        name = str(self._function.get("name") or "")
        result = await run_handler(self._handler, name, arguments, interpreter=self._interpreter)
        self._tried = (arguments, result_content(result))
        self._show_result()

    def _show_result(self) -> None:
        if self._tried is not None:
            arguments, came = self._tried
            old = arguments != self.arguments.text
            self.result.update(Content.assemble(("Of the arguments before\n", MUTED), came) if old else came)

    @on(JsonEditor.Typed)
    def _typed(self) -> None:
        if self._try is None or self._try.done():
            self._show_result()

    def action_leave(self) -> None:
        self.dismiss()

    async def on_unmount(self) -> None:
        if self._try is not None:
            self._try.cancel()
            await asyncio.gather(self._try, return_exceptions=True)


def result_content(result: HandlerResult) -> Content:
    seconds = f"{result.seconds:.2f} s" if result.seconds else "at once"
    head = (f"! failed · {seconds}", "$text-error") if result.failed else (f"✓ answered · {seconds}", MUTED)
    parts: list[Any] = [head]
    if result.note:
        parts += ["\n", visible(result.note)]
    output = result.output if len(result.output) <= MAX_SHOWN else result.output[:MAX_SHOWN] + "…"
    parts += [("\n\nOutput\n", MUTED), visible_lines(output) or "an empty text"]
    if result.log:
        parts += [("\n\nWritten to standard error\n", MUTED), visible_lines(result.log)]
    return Content.assemble(*parts)


def visible_lines(text: str) -> str:
    """Control characters as signs, line ends as they are."""
    return "\n".join(visible(line) for line in text.split("\n"))


def _is_object(value: Any, text: str) -> JsonFault | None:
    return None if isinstance(value, dict) else fault_at(text, 0, "arguments are an object")
