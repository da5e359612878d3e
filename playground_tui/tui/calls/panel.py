"""All calls of a run that waits, in the lower half of the chat. They go to the server together, once each has its
answer; so answering the last one hands all of them in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import Static, TextArea

from playground_tui.tui.calls.block import CallBlock
from playground_tui.tui.calls.messages import CallWished
from playground_tui.tui.calls.words import head_words
from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.words import time_left
from playground_tui.workspace.handlers.calls import PendingCalls


class CallsPanel(Vertical):
    DEFAULT_CSS = """
    CallsPanel { height: 50%; border-top: solid $border-blurred; }
    CallsPanel:focus-within { border-top: solid $accent; }
    CallsPanel > #head { height: 1; padding: 0 1; }
    CallsPanel > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    CallsPanel > Horizontal { height: 1; padding: 0 1; color: $text-muted; }
    CallsPanel > Horizontal > TextButton { margin: 0 2 0 0; display: none; }
    CallsPanel.-refused > Horizontal > #again { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("alt+enter", "answer", "answer", id="calls.submit")]

    def __init__(self, state: PendingCalls, now: Callable[[], datetime]) -> None:
        super().__init__(id="calls")
        self.state = state
        self._now = now

    def compose(self) -> ComposeResult:
        yield Static("", id="head", markup=False)
        with VerticalScroll(can_focus=False):
            for answer in self.state.calls:
                yield CallBlock(answer, self._now)
        with Horizontal():
            yield TextButton("Hand in again", id="again")
            yield Static("alt+enter answers · the last answer hands all in · esc stops the run", markup=False)

    def on_mount(self) -> None:
        self.show(self.state)
        self.set_interval(1, self._tick)

    def _tick(self) -> None:
        self._show_head()
        for block in self.query(CallBlock):
            if block.answer.phase == "running":
                block.tick()

    def _show_head(self) -> None:
        left = time_left(self.state.expires_at, self._now()) if self.state.expires_at else ""
        head = Content.assemble((head_words(self.state), "bold"), (f"  {left}", "$text-muted"))
        self.query_one("#head", Static).update(head)

    # -- the calls -----------------------------------------------------------------------------------------------------

    def is_for(self, state: PendingCalls) -> bool:
        """Whether these are the calls it shows, whatever became of them."""
        ours, theirs = ([answer.call.id for answer in known.calls] for known in (self.state, state))
        return self.state.run_id == state.run_id and ours == theirs

    def show(self, state: PendingCalls) -> None:
        """The same calls as they stand now. The focus goes on from one that needs nothing any more."""
        self.state = state
        if not self.is_attached or not self.query(CallBlock):
            return
        self.set_class(state.refused, "-refused")
        self._show_head()
        for block, answer in zip(self.query(CallBlock), state.calls, strict=True):
            was_open, focused = block.open, block.has_focus_within
            block.show(answer)
            if was_open and focused and not block.open:
                self.focus_first(after=block)

    def focus_first(self, after: CallBlock | None = None) -> bool:
        """To the first call that needs something, or to the next one `after` another; False: none does."""
        blocks = list(self.query(CallBlock))
        start = blocks.index(after) + 1 if after is not None else 0
        block = next((block for block in (*blocks[start:], *blocks[:start]) if block.open), None)
        if block is not None:
            block.focus_first()
        return block is not None

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """A call is seen from its name on, not only what has the focus in it."""
        block = next((node for node in event.widget.ancestors_with_self if isinstance(node, CallBlock)), None)
        if block is not None:
            self.call_after_refresh(self._bring_in, block, event.widget)

    def _bring_in(self, block: CallBlock, focused: Widget) -> None:
        scroll = self.query_one(VerticalScroll)
        if not block.is_attached or self.screen.focused is not focused:
            return
        scroll.scroll_to_widget(block, animate=False, force=True)
        if block.outer_size.height > scroll.size.height:
            scroll.scroll_to_widget(focused, animate=False, force=True)

    def action_answer(self) -> None:
        """The call that has the focus, and every other that has a text."""
        for block in self.query(CallBlock):
            if block.stage == "hand" and (block.text.strip() or block.has_focus_within):
                block.answer_now()

    @on(TextArea.Changed)
    def _keep_changes_here(self, event: TextArea.Changed) -> None:
        event.stop()

    @on(TextButton.Pressed, "#again")
    def _hand_in_again(self, event: TextButton.Pressed) -> None:
        event.stop()
        self.post_message(CallWished("submit"))
