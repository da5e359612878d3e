"""The configuration pane alone, with an editor that only remembers: `python -m tests.support.config_demo`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding

from playground_tui.tui.config import ConfigPane
from playground_tui.workspace.values import Draft, ModelListing, RawEdit


def make_draft(assistant_id: str | None = None, id: str = "draft_1", **values: Any) -> Draft:
    return Draft(id, "local", assistant_id, values)


class ConfigDemo(App[None]):
    """Applies what the pane says to a draft, as the workspace does, and shows the draft again."""

    AUTO_FOCUS = "InstructionsEditor"
    BINDINGS = [Binding("f4", "zoom", "Zoom")]

    def __init__(self, draft: Draft | None = None, *, echo: bool = True) -> None:
        super().__init__()
        self.draft = draft or make_draft()
        self.echo = echo
        self.said: list[tuple[str, str, Any]] = []
        """Kind, field, value, in the order told."""
        self.pane = ConfigPane(id="config")
        self.run_values: dict[str, Any] = {}
        self.wanted: list[ConfigPane.ModelsWanted] = []
        self.kept_before_outside = ""
        """The instructions as they had arrived when the person's own editor was asked for."""

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.pane.show_draft(self.draft)

    def show(self, draft: Draft) -> None:
        self.draft = draft
        self.pane.show_draft(draft)

    def action_zoom(self) -> None:
        self.pane.set_zoomed(not self.pane.has_class("-zoomed"))

    @on(ConfigPane.FieldEdited)
    def _edited(self, event: ConfigPane.FieldEdited) -> None:
        self.said.append(("edited", event.field, event.value))
        raw = {name: wrong for name, wrong in self.draft.raw.items() if name != event.field}
        self._take(replace(self.draft, values={**self.draft.values, event.field: event.value}, raw=raw))

    @on(ConfigPane.FieldRejected)
    def _rejected(self, event: ConfigPane.FieldRejected) -> None:
        self.said.append(("rejected", event.field, (event.text, event.advice)))
        self._take(replace(self.draft, raw={**self.draft.raw, event.field: RawEdit(event.text, event.advice)}))

    @on(ConfigPane.LateEdited)
    def _late(self, event: ConfigPane.LateEdited) -> None:
        self.said.append(("late", event.field, (event.value, event.draft_id)))

    @on(ConfigPane.RunSettingEdited)
    def _run_edited(self, event: ConfigPane.RunSettingEdited) -> None:
        self.said.append(("run", event.name, event.value))
        self.run_values[event.name] = event.value
        self.pane.show_run_settings(self.run_values)

    @on(ConfigPane.RunSettingRejected)
    def _run_rejected(self, event: ConfigPane.RunSettingRejected) -> None:
        self.said.append(("run rejected", event.name, (event.text, event.advice)))

    @on(ConfigPane.CreateRequested)
    def _create(self) -> None:
        self.said.append(("create", "", None))
        self._take(replace(self.draft, assistant_id="asst_1"))

    @on(ConfigPane.ModelsWanted)
    def _models(self, event: ConfigPane.ModelsWanted) -> None:
        self.wanted.append(event)

    @on(ConfigPane.OutsideEditRequested)
    def _outside(self) -> None:
        self.kept_before_outside = self.draft.values.get("instructions")
        self.pane.edit_outside()

    @on(ConfigPane.ZoomRequested)
    def _zoom(self) -> None:
        self.action_zoom()

    def _take(self, draft: Draft) -> None:
        self.draft = replace(draft, revision=self.draft.revision + 1)
        if self.echo:
            self.pane.show_draft(self.draft)


SAMPLE = make_draft(
    name="Support bot",
    description="Answers billing questions",
    instructions="# Support bot\n\nYou are the support bot of *Acme*.\n\n- Answer from `policy.pdf`.\n- 日本語 OK.\n",
    model="openai/gpt-6-astra",
    temperature=0.2,
    tools=[
        {"type": "file_search"},
        {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}},
    ],
    tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}},
    metadata={"team": "billing", "owner": "Mia"},
)

if __name__ == "__main__":
    app = ConfigDemo(SAMPLE)
    app.call_later(lambda: app.pane.show_models(ModelListing()))
    app.run()
