"""The base of every field's control: the picture of one field, which says what a person makes of it."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.tui.config.echo import Echo, FieldState
from playground_tui.tui.config.spec import FieldSpec, Surroundings
from playground_tui.workspace.values import Json

LABEL_WIDTH = 14
"""Cells of the label column, its gap included."""


class Sentence(Static):
    """What is wrong with, or worth knowing of, the field above."""

    DEFAULT_CSS = f"""
    Sentence {{ height: auto; padding: 0 1 0 {LABEL_WIDTH + 1}; color: $text-muted; }}
    Sentence.-wrong {{ color: $text-error; }}
    Sentence.-silent {{ display: none; }}
    """


class FieldControl(Widget):
    """Contract for subclasses: `fill` and `fill_raw` change the picture and tell nothing; a person's edits go through
    `tell` (a value, checked here against the limits) or `tell_wrong` (a text that is no value)."""

    DEFAULT_CSS = "FieldControl { height: auto; }"

    class Told(Message):
        """The person changed the field."""

        def __init__(self, field: FieldControl, state: FieldState) -> None:
            super().__init__()
            self.field = field
            self.state = state
            self.owner = field.owner

        @property
        def control(self) -> FieldControl:
            return self.field

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(classes=f"field-{spec.name}")
        self.spec = spec
        self.help_line = spec.help
        self.echo = Echo()
        self.owner = ""
        """The draft whose field this shows: what is told late still says whose it is."""
        self._note: Content | str = ""
        self._sentence: Sentence | None = None

    # -- the picture ---------------------------------------------------------------------------------------------------

    def fill(self, value: Json) -> None:
        raise NotImplementedError

    def fill_raw(self, text: str) -> None:
        """Show a text that is no value of the field. Controls that cannot show one leave this as it is."""

    def show(self, state: FieldState, *, owner: str) -> None:
        """Take a state from the draft `owner`. With another owner than before nothing told before counts."""
        fresh = owner != self.owner
        self.owner = owner
        if fresh:
            self.open(state)
            self.echo.reset(state)
        elif not self.echo.hear(state):
            return
        with self.prevent(FieldControl.Told):
            self.fill(state.value)
            if state.raw is not None:
                self.fill_raw(state.raw)
        self.show_sentence()

    def take_surroundings(self, around: Surroundings) -> None:
        """Hear of what lies outside the field and belongs into its picture."""

    def focus_field(self) -> None:
        self.focus()

    def open(self, state: FieldState) -> None:
        """Called before the first state of another draft is shown: forget what belongs to the former one."""

    # -- what the person does ------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Tell now what was typed and not told yet (a message still on its way)."""

    def raw_text(self, value: Json) -> str:
        """How a value outside the limits is kept until it is mended; `fill_raw` takes it back."""
        return str(value)

    def tell(self, value: Json) -> None:
        problem = self.spec.check(value)
        if problem is None:
            self._tell(FieldState(value))
        else:
            self.tell_wrong(self.raw_text(value), problem.advice)

    def tell_wrong(self, text: str, advice: str) -> None:
        self._tell(FieldState(self.echo.shown.value, text, advice))

    def _tell(self, state: FieldState) -> None:
        if self.echo.tell(state):
            self.post_message(self.Told(self, state))
        self._note = ""
        self.show_sentence()

    # -- the sentence below --------------------------------------------------------------------------------------------

    def note(self, text: Content | str) -> None:
        """Something worth knowing that holds nothing back; gone with the next edit."""
        self._note = text
        self.show_sentence()

    def show_sentence(self) -> None:
        state = self.echo.shown
        wrong = state.raw is not None
        text = f"! {state.advice}" if wrong else self._note
        content = text if isinstance(text, Content) else Content(text)
        self.set_class(wrong, "-wrong")
        if self._sentence is None:
            if not text or not self.is_attached:
                return
            self._sentence = Sentence(classes=f"of-{self.spec.name}")
            self._place_sentence(self._sentence)
        self._sentence.set_class(not content, "-silent")
        self._sentence.set_class(wrong, "-wrong")
        self._sentence.update(content)
        self.refresh()

    def _place_sentence(self, sentence: Sentence) -> None:
        if isinstance(self.parent, Widget):
            self.parent.mount(sentence, after=self)

    def on_mount(self) -> None:
        self.show_sentence()
