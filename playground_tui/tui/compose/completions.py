"""What a message that begins with a slash may become, in a few lines above the box. The box keeps the focus and hands
the keys that mean something here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from playground_tui.workspace.writing.templates import Completion

ROWS = 6
Source = Callable[[str, int], Sequence[Completion]]
"""Text and cursor → choices."""
Search = Callable[[], Awaitable[Sequence[Completion]]]
Later = Callable[[str, int], Search | None]
"""The same where they have to be waited for; None: nothing to wait for."""


class Completions(Widget):
    DEFAULT_CSS = """
    Completions {
        height: auto; max-height: 6; display: none; background: $panel; padding: 0 1; pointer: pointer;
    }
    """
    auto_links = False

    choices: reactive[tuple[Completion, ...]] = reactive((), layout=True)
    marked: reactive[int] = reactive(0)

    class Taken(Message):
        def __init__(self, choice: Completion, *, do: bool = False) -> None:
            """`do`: carry it out at once."""
            super().__init__()
            self.choice = choice
            self.do = do

    def __init__(self) -> None:
        super().__init__(id="completions")
        self.source: Source = lambda text, cursor: ()
        self.later: Later = lambda text, cursor: None
        self._left = ""
        """The text for which the list was closed."""
        self._text = ""

    def offer(self, text: str, cursor: int) -> None:
        """The text or the cursor is another one."""
        self._text = text[:cursor]
        asked = text.startswith("/") and self._text != self._left
        if asked and (search := self.later(text, cursor)) is not None:
            look = partial(self._offer_later, search)  # a coroutine that is cancelled before it began is complained of
            self.run_worker(look, exclusive=True, exit_on_error=False)  # type: ignore[arg-type]
            return
        self._show(tuple(self.source(text, cursor)) if asked else ())

    async def _offer_later(self, search: Search) -> None:
        text = self._text
        found = tuple(await search())
        if self._text == text:
            self._show(found)

    def _show(self, found: tuple[Completion, ...]) -> None:
        self._left = self._left if found or self._text == self._left else ""
        if found != self.choices:
            self.marked = 0
        self.choices = found
        if self.display != bool(found):  # setting it lays out the screen, even to what it is
            self.display = bool(found)

    def take_key(self, key: str) -> bool:
        """Whether the key meant something here."""
        if not self.choices:
            return False
        if key in ("up", "down"):
            self.marked = (self.marked + (1 if key == "down" else -1)) % len(self.choices)
        elif key == "tab" or (key == "enter" and not self._is_whole):
            choice = self.choices[self.marked]
            self.post_message(self.Taken(choice, do=choice.at_once and key == "enter"))
        elif key == "escape":
            self._left = self._text
            self.choices, self.display = (), False
        else:
            return False
        return True

    @property
    def _is_whole(self) -> bool:
        """The command is written out: enter sends it."""
        choice = self.choices[self.marked]
        return self._text in (choice.label, choice.text)

    def render(self) -> Content:
        first = max(0, min(self.marked - ROWS + 1, len(self.choices) - ROWS))
        lines = [self._line(i, choice) for i, choice in enumerate(self.choices)][first : first + ROWS]
        return Content("\n").join(lines)

    def _line(self, index: int, choice: Completion) -> Content:
        width = max(10, self.content_size.width or self.app.size.width)
        marked = index == self.marked
        name = Content.styled(choice.label, "bold $accent" if marked else "bold")
        sign = Content("▸ " if marked else "  ")
        return Content.assemble(sign, name, "  ", (choice.help, "$text-muted")).truncate(width, ellipsis=True)

    def get_content_height(self, *_: object) -> int:
        return min(ROWS, len(self.choices))

    def on_click(self, event: events.Click) -> None:
        first = max(0, min(self.marked - ROWS + 1, len(self.choices) - ROWS))
        if 0 <= first + event.y < len(self.choices):
            choice = self.choices[first + event.y]
            self.post_message(self.Taken(choice, do=choice.at_once))
