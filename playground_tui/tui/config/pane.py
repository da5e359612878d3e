"""The configuration pane: the picture of a draft. It keeps nothing of its own but what is open and where the cursor
stands; every edit goes out as a message, and filling it tells nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from playground_tui.limits import ASSISTANT_FIELDS, RUN_SETTINGS
from playground_tui.tui.config import messages
from playground_tui.tui.config.control import FieldControl
from playground_tui.tui.config.echo import FieldState
from playground_tui.tui.config.fold import Fold
from playground_tui.tui.config.instructions import InstructionsField
from playground_tui.tui.config.model_row import ModelRow
from playground_tui.tui.config.row import muted
from playground_tui.tui.config.spec import FieldSpec, Surroundings
from playground_tui.tui.config.specs import FOLDED, PLAIN, make_run_controls
from playground_tui.tui.config.title import ConfigTitle
from playground_tui.tui.config.tools import FunctionsLine, ToolsField, of_type
from playground_tui.tui.key_order import keep_keys_for
from playground_tui.workspace.values import Draft, Json, ModelListing, RawEdit, SaveState

if TYPE_CHECKING:
    from playground_tui.tui.config.functions.handlers import HandlerBook
    from playground_tui.tui.config.functions.screen import FunctionsScreen

RUN_HELP = "Kept for this assistant, sent with each run."
SHORT = 28
"""Rows below which the instructions may shrink to four."""


def state_of(values: Mapping[str, Json], raw: Mapping[str, RawEdit], field: str) -> FieldState:
    wrong = raw.get(field)
    value = values.get(field)
    # An empty name and none are one thing to a person.
    value = None if value == "" else value
    return FieldState(value, wrong.text, wrong.advice) if wrong else FieldState(value)


def refused_content(field: str, sentence: str) -> Content:
    action = Style.from_meta({"@click": f"screen.send_without('{field}')"})
    offer = Content("send without it (shift+f2)").stylize("bold underline").stylize(action)
    return Content.assemble(f"! {sentence}\n", offer)


def _controls_of(spec: FieldSpec) -> list[FieldControl]:
    return [spec.control(spec)]


class HelpLine(Widget):
    """What the focused field is about, in one line."""

    DEFAULT_CSS = "HelpLine { dock: bottom; height: 1; padding: 0 1; background: $background; }"

    _text = ""

    def tell(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.refresh()

    def render(self) -> Content:
        return muted(self._text).truncate(self.content_size.width, ellipsis=True)


class ConfigPane(ScrollableContainer, can_focus=False):
    DEFAULT_CSS = """
    ConfigPane { scrollbar-size-vertical: 1; overflow-x: hidden; }
    ConfigPane > ConfigTitle { dock: top; background: $background; }
    ConfigPane.-short InstructionsField { min-height: 5; }
    ConfigPane.-zoomed > * { display: none; }
    ConfigPane.-zoomed > InstructionsField, ConfigPane.-zoomed > ConfigTitle, ConfigPane.-zoomed > HelpLine,
    ConfigPane.-zoomed > Sentence.of-instructions {
        display: block;
    }
    ConfigPane.-zoomed > Sentence.-silent { display: none; }
    """

    FieldEdited = messages.FieldEdited
    FieldRejected = messages.FieldRejected
    LateEdited = messages.LateEdited
    RunSettingEdited = messages.RunSettingEdited
    RunSettingRejected = messages.RunSettingRejected
    CreateRequested = messages.CreateRequested
    ModelsWanted = messages.ModelsWanted
    ZoomRequested = messages.ZoomRequested
    OutsideEditRequested = messages.OutsideEditRequested
    DraftingRequested = messages.DraftingRequested

    # -- building ------------------------------------------------------------------------------------------------------

    def __init__(self, draft: Draft | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draft = draft
        self._save_state: SaveState | None = None
        self._models = ModelListing()
        self._run_values: Mapping[str, Json] = {}
        self._run_raw: Mapping[str, RawEdit] = {}
        self._controls: dict[tuple[str, str], FieldControl] = {}
        self._folds: dict[str, Fold] = {}
        self._title = ConfigTitle()
        self._help = HelpLine()
        self._functions: FunctionsScreen | None = None
        self._last_focus: Widget | None = None
        self.make_handlers: Callable[[], HandlerBook] | None = None
        """Makes what the function editor keeps handlers in; None: they last as long as it is open."""

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._help
        for spec in PLAIN:
            control = spec.control(spec)
            self._take(control)
            yield control
        for spec in FOLDED:
            self._folds[spec.name] = Fold(spec.label, spec.help, partial(_controls_of, spec), self._take)
        self._folds["run"] = Fold("Run settings", RUN_HELP, make_run_controls, self._take)
        yield from self._folds.values()

    def on_mount(self) -> None:
        self._show_frame()

    def _take(self, control: FieldControl) -> None:
        """From now on the control shows the draft."""
        self._controls[control.spec.group, control.spec.name] = control
        control.take_surroundings(self._surroundings())
        control.show(self._state(control), owner=self._owner)

    def _state(self, control: FieldControl) -> FieldState:
        if control.spec.group == "run":
            return state_of(self._run_values, self._run_raw, control.spec.name)
        if self._draft is None:
            return FieldState()
        return state_of(self._draft.values, self._draft.raw, control.spec.name)

    # -- showing -------------------------------------------------------------------------------------------------------

    def show_draft(self, draft: Draft) -> None:
        """Make the form the picture of `draft`. A field that shows it already is not touched: cursor, selection, undo
        and half a typed number stay."""
        fresh = draft.id != self._owner
        if fresh:
            self.settle()
            self._run_raw = {}
        self._draft = draft
        for (group, _), control in self._controls.items():
            if group == "assistant":
                control.show(self._state(control), owner=draft.id)
        if fresh and self._functions is not None:
            self._functions.dismiss()
        self._show_frame()

    @property
    def _owner(self) -> str:
        return self._draft.id if self._draft else ""

    def show_run_settings(self, values: Mapping[str, Json], raw: Mapping[str, RawEdit] | None = None) -> None:
        """The run settings kept for the assistant that is shown; `raw` None: wrong ones stay as they are."""
        self._run_values = dict(values)
        if raw is not None:
            self._run_raw = dict(raw)
        for (group, _), control in self._controls.items():
            if group == "run":
                control.show(self._state(control), owner=self._owner)
        self._show_summaries()

    def show_models(self, listing: ModelListing) -> None:
        self._models = listing
        self._show_surroundings()

    def show_save_state(self, state: SaveState) -> None:
        self._save_state = state
        self._show_title()

    def show_refused(self, field: str, sentence: str) -> None:
        """Say at a field why the provider refused its value, and offer to send without it; gone with the field's next
        edit, or with an empty text. A field in a fold-out is shown for it."""
        group = "run" if field in RUN_SETTINGS and field not in ASSISTANT_FIELDS else "assistant"
        fold = self._folds.get("run" if group == "run" else field)
        if fold is not None and not fold.is_open and sentence:
            self.call_later(self._open_and_note, fold, (group, field), sentence)
        elif control := self._controls.get((group, field)):
            control.note(refused_content(field, sentence) if sentence else "")

    async def _open_and_note(self, fold: Fold, key: tuple[str, str], sentence: str) -> None:
        await fold.set_open(True)
        self._controls[key].note(refused_content(key[1], sentence))

    def set_zoomed(self, zoomed: bool) -> None:
        """Show nothing but the instructions."""
        self.set_class(zoomed, "-zoomed")

    def settle(self) -> None:
        """Tell what was typed and not told yet; call it before another draft takes the form."""
        for control in self._controls.values():
            control.settle()

    def _show_frame(self) -> None:
        self._show_title()
        self._show_summaries()
        self._show_surroundings()

    def _show_surroundings(self) -> None:
        around = self._surroundings()
        for control in self._controls.values():
            control.take_surroundings(around)

    def _surroundings(self) -> Surroundings:
        values = self._draft.values if self._draft else {}
        functions = of_type(values.get("tools"), "function")
        names = tuple(str(tool.get("function", {}).get("name", "")) for tool in functions)
        return Surroundings(self._models, names, values.get("tool_resources") or {})

    def _show_title(self) -> None:
        new = self._draft is not None and self._draft.assistant_id is None
        self._title.show(new=new, state=self._save_state)

    def _show_summaries(self) -> None:
        for spec in FOLDED:
            value = self._draft.values.get(spec.name) if self._draft else None
            wrong = self._draft.raw.get(spec.name) if self._draft else None
            if spec.fold and (fold := self._folds.get(spec.name)):
                fold.show_summary(wrong.advice if wrong else spec.fold(value), wrong=wrong is not None)
        if fold := self._folds.get("run"):
            count = sum(value is not None for value in self._run_values.values())
            fold.show_summary(f"{count} set" if count else "none", wrong=bool(self._run_raw))

    # -- telling -------------------------------------------------------------------------------------------------------

    @on(FieldControl.Told)
    def _told(self, event: FieldControl.Told) -> None:
        event.stop()
        spec, state = event.field.spec, event.state
        if spec.group == "run":
            self._tell_run(spec.name, state, event.owner)
            return
        draft_id = self._owner
        if event.owner != draft_id:
            late = self.LateEdited(self, spec.name, state.value, state.raw, state.advice, event.owner)
            self.post_message(late)
        elif state.raw is None:
            self.post_message(self.FieldEdited(self, spec.name, state.value, draft_id))
        else:
            self.post_message(self.FieldRejected(self, spec.name, state.raw, state.advice, draft_id))

    def _tell_run(self, name: str, state: FieldState, owner: str) -> None:
        """A wrong run setting is kept here: there is no draft that would bring its text back."""
        wrong = dict(self._run_raw)
        wrong.pop(name, None)
        if state.raw is None:
            self.post_message(self.RunSettingEdited(self, name, state.value, owner))
        else:
            wrong[name] = RawEdit(state.raw, state.advice)
            self.post_message(self.RunSettingRejected(self, name, state.raw, state.advice, owner))
        if owner == self._owner:
            self._run_raw = wrong
            self._show_summaries()

    @on(ModelRow.PickRequested)
    def _pick_model(self, event: ModelRow.PickRequested) -> None:
        event.stop()
        row = event.widget
        assert isinstance(row, ModelRow)
        self.post_message(self.ModelsWanted(self, row.spec.group, row.model))

    @on(ConfigTitle.CreatePressed)
    def _create(self, event: ConfigTitle.CreatePressed) -> None:
        event.stop()
        self.post_message(self.CreateRequested(self))

    @on(InstructionsField.ZoomClicked)
    def _zoom(self, event: InstructionsField.ZoomClicked) -> None:
        event.stop()
        self.post_message(self.ZoomRequested(self))

    @on(InstructionsField.OutsideWanted)
    def _outside(self, event: InstructionsField.OutsideWanted) -> None:
        """Goes on behind what was typed before it: those messages are in this pane's queue already."""
        event.stop()
        self.post_message(self.OutsideEditRequested(self))

    @on(InstructionsField.DraftingWanted)
    def _drafting(self, event: InstructionsField.DraftingWanted) -> None:
        event.stop()
        self.post_message(self.DraftingRequested(self))

    def edit_outside(self) -> None:
        """Give the terminal to the person's own editor, with the instructions in it, until it ends."""
        field = self._controls["assistant", "instructions"]
        assert isinstance(field, InstructionsField)
        field.edit_outside()

    @on(FunctionsLine.EditRequested)
    def _edit_functions(self, event: FunctionsLine.EditRequested) -> None:
        event.stop()
        self.edit_functions()

    def edit_functions(self) -> None:
        """Open the function editor."""
        from playground_tui.tui.config.functions.screen import FunctionsScreen

        tools = self._controls["assistant", "tools"]
        assert isinstance(tools, ToolsField)
        self._functions = FunctionsScreen(
            tools.entries, tools.take_entries, self.make_handlers and self.make_handlers()
        )
        self.app.push_screen(self._functions, lambda _: self._functions_closed())

    def _functions_closed(self) -> None:
        self._functions = None

    # -- focus ---------------------------------------------------------------------------------------------------------

    def focus_first(self) -> None:
        """Where the person was last in here; at first the instructions."""
        if self._last_focus is not None and self._last_focus.is_attached and self._last_focus.focusable:
            self._last_focus.focus()
        else:
            self.focus_field("instructions")

    def focus_field(self, field: str) -> None:
        """Go to a field of the assistant, opening what it lies in."""
        if fold := self._folds.get(field):
            keep_keys_for(fold)
            self.call_later(self._open_and_focus, fold, field)
        elif control := self._controls.get(("assistant", field)):
            control.focus_field()

    async def _open_and_focus(self, fold: Fold, field: str) -> None:
        await fold.set_open(True)
        control = self._controls["assistant", field]
        control.focus_field()
        keep_keys_for(control)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._last_focus = event.widget
        self._title.show_active(True)
        lines = (getattr(widget, "help_line", "") for widget in event.widget.ancestors_with_self)
        self._help.tell(next((line for line in lines if line), ""))

    def on_descendant_blur(self) -> None:
        # Events of two widgets come in either order: the focus may be on another field already.
        if not self.has_focus_within:
            self._title.show_active(False)
            self._help.tell("")

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height < SHORT, "-short")
