"""What the configuration pane says. Each message is also an attribute of `ConfigPane`, and handlers may be named after
it: `on_config_pane_field_edited`. (Plain classes: a dataclass each would be paid for before the first frame.)"""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget

from playground_tui.workspace.values import Json


class FromWidget(Message):
    """A message that says no more than which widget sent it."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    @property
    def control(self) -> Widget:
        return self.widget


class FieldEdited(FromWidget, namespace="config_pane"):
    """A field of the assistant has another value within its limits; None: not set (the API's `null`)."""

    def __init__(self, widget: Widget, field: str, value: Json, draft_id: str) -> None:
        super().__init__(widget)
        self.field = field
        self.value = value
        self.draft_id = draft_id
        """The draft it was typed into."""


class FieldRejected(FromWidget, namespace="config_pane"):
    """A field holds a text that is no value of it, or one outside its limits. `text` is what `Draft.raw` has to bring
    back."""

    def __init__(self, widget: Widget, field: str, text: str, advice: str, draft_id: str) -> None:
        super().__init__(widget)
        self.field = field
        self.text = text
        self.advice = advice
        self.draft_id = draft_id


class LateEdited(FromWidget, namespace="config_pane"):
    """Typed just before another draft took the form: it belongs to the draft `draft_id`. `text` is set for a
    wrong one."""

    def __init__(self, widget: Widget, field: str, value: Json, text: str | None, advice: str, draft_id: str) -> None:
        super().__init__(widget)
        self.field = field
        self.value = value
        self.text = text
        self.advice = advice
        self.draft_id = draft_id


class RunSettingEdited(FromWidget, namespace="config_pane"):
    def __init__(self, widget: Widget, name: str, value: Json, draft_id: str) -> None:
        super().__init__(widget)
        self.name = name
        self.value = value
        self.draft_id = draft_id


class RunSettingRejected(FromWidget, namespace="config_pane"):
    def __init__(self, widget: Widget, name: str, text: str, advice: str, draft_id: str) -> None:
        super().__init__(widget)
        self.name = name
        self.text = text
        self.advice = advice
        self.draft_id = draft_id


class CreateRequested(FromWidget, namespace="config_pane"):
    """Create the assistant on the server."""


class ZoomRequested(FromWidget, namespace="config_pane"):
    """Give the instructions the whole screen, or take it back."""


class OutsideEditRequested(FromWidget, namespace="config_pane"):
    """Edit the instructions in the person's own editor. All that was typed before has been told: put it on disk, then
    call `ConfigPane.edit_outside`."""


class DraftingRequested(FromWidget, namespace="config_pane"):
    """Let the model draft or improve the instructions."""


class ModelsWanted(FromWidget, namespace="config_pane"):
    """Open the picker. The answer goes to `group`: "assistant", its model; "run", the runs' override."""

    def __init__(self, widget: Widget, group: str, model: str) -> None:
        super().__init__(widget)
        self.group = group
        self.model = model
