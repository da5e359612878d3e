"""What a message is drawn from: lines of styled text, independent of theme and scroll position."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal

from playground_tui.quick_dataclass import dataclass

if TYPE_CHECKING:
    from playground_tui.tui.chat_view.code import Code

SEPARATOR = " · "

SpanKind = Literal["link", "citation", "call", "code", "footnote", "version"]


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a message that can be reached by key and by click."""

    kind: SpanKind
    target: str
    """The link's address, the citation's file id, the call's id, the code itself, the footnote's label, the run's
    id."""
    label: str = ""
    """As it is shown: link text, citation label, language of a code block."""
    mark: str = ""
    """A citation's mark as it stands in the message's text: it says which passage of the file is meant."""
    message_id: str = ""
    """Set when the span is activated or reached."""
    code: Code | None = field(default=None, compare=False, repr=False)
    """Where the target of a code block comes from when it is wanted."""
    id: str = ""
    """Unique in the thread as long as the message does not change; set as `message_id` is."""


Mark = tuple[int, int, Span]
"""From and to (characters in the line's text), and the span that covers them."""


class Line:
    """One row of the view. `runs` are (text, style key); a style key names component styles, see `styles.py`."""

    __slots__ = ("fill", "join", "lead", "marks", "runs")

    def __init__(
        self,
        runs: list[tuple[str, str]],
        *,
        join: str = "\n",
        marks: tuple[Mark, ...] = (),
        fill: str = "",
        lead: int = 0,
    ) -> None:
        self.runs = runs
        self.join = join
        """What stands between this line and the next in copied text: a space or nothing where the view wrapped."""
        self.marks = marks
        self.fill = fill
        """Style key of the cells right of the text."""
        self.lead = lead
        """How many of the first characters are drawing (indent, bullet of a quote) and not text to copy or to find."""

    @property
    def text(self) -> str:
        return "".join([run[0] for run in self.runs])

    def same(self, other: Line) -> bool:
        """Whether it draws the same, so that the other's ready strip can be kept."""
        return (
            self.runs == other.runs
            and self.fill == other.fill
            and self.lead == other.lead
            and self.join == other.join
            and self.marks == other.marks
        )

    def __repr__(self) -> str:
        return f"Line({self.text!r})"


BLANK = Line([])


class Flow:
    """Text before wrapping: one string, styles that cover it without gaps, and marks."""

    __slots__ = ("marks", "parts", "size", "styles")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.styles: list[tuple[int, str]] = []
        """(end, style key), ascending."""
        self.marks: list[Mark] = []
        self.size = 0

    @classmethod
    def of(cls, text: str, style: str) -> Flow:
        flow = cls()
        flow.add(text, style)
        return flow

    def add(self, text: str, style: str) -> None:
        if not text:
            return
        self.parts.append(text)
        self.size += len(text)
        if self.styles and self.styles[-1][1] == style:
            self.styles[-1] = (self.size, style)
        else:
            self.styles.append((self.size, style))

    def mark(self, start: int, span: Span) -> None:
        """Everything added since `start` belongs to `span`."""
        if self.size > start:
            self.marks.append((start, self.size, span))

    @property
    def text(self) -> str:
        return "".join(self.parts)
