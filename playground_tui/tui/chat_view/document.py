"""One message laid out: its units from heading to facts, their heights, and the text while it grows.

Units, in order: heading, calls, finished parts of the text, open ones, and what stands below the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from playground_tui.tui.chat_view.blocks import Block, Splitter
from playground_tui.tui.chat_view.clean import Cleaner, clean
from playground_tui.tui.chat_view.code import AT_ONCE, Code
from playground_tui.tui.chat_view.furniture import calls_unit, foot_unit, heading_unit
from playground_tui.tui.chat_view.grammar import normalise_label
from playground_tui.tui.chat_view.heights import Heights
from playground_tui.tui.chat_view.inline import Marks
from playground_tui.tui.chat_view.lines import Line
from playground_tui.tui.chat_view.render import Renderer
from playground_tui.tui.chat_view.units import CODE_PART, BlockUnit, CodeUnit, Unit, plain_units
from playground_tui.workspace.values import ChatMessage

SLICE = 16_000
"""Characters of new text that one frame takes in."""

_BRACKETS = re.compile(r"\[([^\[\]]+)\]")


class Document:
    def __init__(self, message: ChatMessage, width: int, now: datetime) -> None:
        self.message = message
        self.units: list[Unit] = []
        self.heights = Heights()
        self.drawn: dict[int, list[Line]] = {}
        """Lines by unit, as far as they are kept; `ThreadLayout` bounds them."""
        self._old: dict[int, list[Line]] = {}
        """Lines of units that were replaced last: what draws the same is taken over."""
        self._now = now
        self._parts = [message.text]
        self._pending: list[str] = []
        self._cleaner = Cleaner()
        self._splitter = Splitter()
        self._renderer = Renderer(self._splitter.definitions, Marks.of(message.citations), width)
        self._known: set[str] = set()
        """Labels of the definitions that all drawn units know."""
        self._done = 2
        """Units before this one are finished."""
        self._live: Code | None = None
        self._taken = 0
        """The fence that was open last, and how many of its lines are in finished units."""
        self._codes: list[Code] = []
        """Long closed codes whose colours are not final yet."""
        self._finished = False
        self._begin()

    # -- text -----------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The message's source, as it came."""
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0]

    @property
    def parsed(self) -> int:
        """Characters given to the Markdown parser so far to find blocks."""
        return self._splitter.parsed

    @property
    def is_growing(self) -> bool:
        return not self._finished

    @property
    def is_behind(self) -> bool:
        """Whether there is text that `flush` has not taken in."""
        return bool(self._pending)

    def grow(self, fragment: str) -> None:
        if fragment:
            self._parts.append(fragment)
            self._pending.append(fragment)

    def flush(self) -> None:
        """Take in new text, at most `SLICE` of it."""
        text = "".join(self._pending)
        taken, rest = text[:SLICE], text[SLICE:]
        self._pending = [rest] if rest else []
        self._splitter.feed(self._cleaner.feed(taken))
        self._update(self._splitter.advance())

    def finish(self) -> None:
        """The text is whole now."""
        if self._finished:
            return
        while self._pending:
            self.flush()
        self._finished = True
        self._splitter.feed(self._cleaner.finish())
        self._update(self._splitter.advance(final=True))

    def replace(self, message: ChatMessage) -> bool:
        """Take a newer state of the message; False when its text is another one, which needs a new document."""
        text = self.text
        if message.role != self.message.role or not message.text.startswith(text):
            return False
        more = message.text[len(text) :]
        if more and self._finished:
            return False
        old, self.message = self.message, message
        self.grow(more)
        if message.citations != old.citations:
            self._mark_again(old, message)
        if message.status != "streaming":
            self.finish()
        self._set(0, heading_unit(message, self._now))
        self._set(1, calls_unit(message))
        self._set(len(self.units) - 1, foot_unit(message))
        return True

    # -- drawing --------------------------------------------------------------------------------------------------

    @property
    def width(self) -> int:
        return self._renderer.width

    def set_width(self, width: int) -> None:
        if width != self._renderer.width:
            self._renderer.width = width
            self.drawn.clear()
            self._old.clear()
            self.heights = Heights(unit.guess(width) for unit in self.units)

    def lines(self, index: int) -> list[Line]:
        """The unit's lines; draws them, and so makes its height exact, when they are not kept."""
        lines = self.drawn.get(index)
        if lines is None:
            lines = self.units[index].draw(self._renderer)
            for place, line in enumerate(self._old.get(index, ())[: len(lines)]):
                if line.same(lines[place]):  # the same line object keeps its ready strip
                    lines[place] = line
            self.drawn[index] = lines
            self.heights.set(index, len(lines))
        return lines

    @property
    def is_refining(self) -> bool:
        return bool(self._codes)

    def refine(self, seconds: float) -> None:
        """Work on colours that are not final, for at most `seconds`."""
        code = self._codes[0]
        code.refine(seconds)
        if code.settled:
            self._codes.remove(code)
            self._draw_again(lambda unit: isinstance(unit, CodeUnit) and unit.code is code)

    # -- units ----------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        message = self.message
        for unit in (heading_unit(message, self._now), calls_unit(message), foot_unit(message)):
            self._append(unit)
        if message.role == "user":
            self._finished = True
            self._begin_plain(clean(message.text))
            return
        self._pending = [message.text] if message.text else []
        if message.status != "streaming":
            self.finish()
        elif message.text:
            self.flush()

    def _begin_plain(self, text: str) -> None:
        foot = self.units.pop()
        self.heights.truncate(len(self.units))
        for unit in plain_units(text) if text else ():
            self._append(unit)
        self._done = len(self.units)
        self._append(foot)

    def _append(self, unit: Unit) -> None:
        self.units.append(unit)
        self.heights.append(unit.guess(self._renderer.width))

    def _set(self, index: int, unit: Unit) -> None:
        old = self.drawn.pop(index, None)
        if old is not None:
            self._old[index] = old
        self.units[index] = unit
        self.heights.set(index, unit.guess(self._renderer.width), exact=False)

    def _update(self, done: list[Block]) -> None:
        length = self._done
        foot = self.units[-1]
        del self.units[length:]
        self.heights.truncate(length)
        self._old = {index: self.drawn.pop(index) for index in list(self.drawn) if index >= length}
        for block in done:
            self._append_block(block, finished=True)
        self._done = len(self.units)
        if not self._finished:
            for block in self._splitter.open_blocks():
                self._append_block(block, finished=False)
        self._append(foot)
        if len(self._splitter.definitions) > len(self._known):
            self._define_again()

    def _append_block(self, block: Block, *, finished: bool) -> None:
        code = block.code
        if code is None:
            self._append(BlockUnit(block))
            return
        first, count = self._taken if code is self._live else 0, len(code.lines)
        if code is self._splitter.open_code:
            # The last line may still grow; parts before it are finished for good.
            stop = max(first, (count - 1) // CODE_PART * CODE_PART)
            self._append_code(block, code, first, stop)
            self._done = len(self.units)
            self._live, self._taken = code, stop
            self._append(CodeUnit(code, stop, count, block.gap))
            return
        self._append_code(block, code, first, count)
        if not count:
            self._append(CodeUnit(code, 0, 0, block.gap))
        if finished:
            self._settle(code)

    def _append_code(self, block: Block, code: Code, first: int, stop: int) -> None:
        for start in range(first, stop, CODE_PART):
            self._append(CodeUnit(code, start, min(start + CODE_PART, stop), block.gap))

    def _settle(self, code: Code) -> None:
        if code.size > AT_ONCE and not code.settled:
            self._codes.append(code)
        elif not code.settled:
            self._draw_again(lambda unit: isinstance(unit, CodeUnit) and unit.code is code)

    # -- what later text changes ----------------------------------------------------------------------------------

    def _define_again(self) -> None:
        """Draw those finished units again that name a definition which came after them."""
        new = set(self._splitter.definitions) - self._known
        self._known |= new

        def names(unit: Unit) -> bool:
            return "[" in unit.source and any(
                normalise_label(match[1]) in new for match in _BRACKETS.finditer(unit.source)
            )

        self._draw_again(names, height_too=True)

    def _mark_again(self, old: ChatMessage, new: ChatMessage) -> None:
        changed = {citation.mark for citation in {*old.citations} ^ {*new.citations}}
        self._renderer.marks = Marks.of(new.citations)
        self._draw_again(lambda unit: any(mark in unit.source for mark in changed), height_too=True)

    def _draw_again(self, wanted: Callable[[Unit], bool], *, height_too: bool = False) -> None:
        for index, unit in enumerate(self.units):
            if not wanted(unit):
                continue
            old = self.drawn.pop(index, None)
            if old is not None:
                self._old[index] = old
            if height_too:
                if isinstance(unit, BlockUnit) and unit.block.columns:
                    unit.block.columns.widths.clear()
                self.heights.set(index, self.heights[index], exact=False)
