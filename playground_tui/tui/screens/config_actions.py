"""The configuration's side of the main screen: its edits, its place, its models."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from textual import on
from textual.widget import Widget

from playground_tui.tui.arrangement import Arrangement, arrange, clamp_config
from playground_tui.tui.config import (
    ConfigPane,
    CreateRequested,
    DraftingRequested,
    FieldEdited,
    FieldRejected,
    LateEdited,
    ModelsWanted,
    OutsideEditRequested,
    RunSettingEdited,
    RunSettingRejected,
    ZoomRequested,
)
from playground_tui.tui.screens.base import WorkspaceScreen
from playground_tui.tui.widgets.divider import Divider
from playground_tui.workspace.documents import titles
from playground_tui.workspace.values import Json, RawEdit

if TYPE_CHECKING:
    from playground_tui.tui.handler_book import HandlerBook
    from playground_tui.tui.screen_memory import ScreenMemory
    from playground_tui.tui.widgets.chat_column import ChatColumn
    from playground_tui.workspace.failures import Failure
    from playground_tui.workspace.outside import OutsideChange

OPTIONAL = frozenset(("temperature", "top_p", "response_format", "reasoning_effort", "tools"))
"""Fields of the assistant that a message can be sent without."""
OPTIONAL_OF_RUN = frozenset(
    ("tool_choice", "parallel_tool_calls", "truncation_strategy", "max_prompt_tokens", "max_completion_tokens")
)
"""Run settings that it can be sent without."""
PARAMETERS = {"reasoning.effort": "reasoning_effort", "reasoning": "reasoning_effort", "text.format": "response_format"}
"""What providers call them."""
STEP = 4
"""Columns by which one key press moves the divider."""


class ConfigActions(WorkspaceScreen):
    memory: ScreenMemory
    drawer_open = False
    zoomed = False
    refused = ""
    """The parameter that the provider refused in the last run."""

    def clock_now(self) -> datetime:
        raise NotImplementedError

    @on(FieldEdited)
    def _edit(self, event: FieldEdited) -> None:
        if event.draft_id == self.workspace.editor.draft.value.id:
            self.workspace.editor.edit(event.field, event.value)
        else:
            self._late(event.draft_id, event.field, event.value, None)

    @on(FieldRejected)
    def _edit_raw(self, event: FieldRejected) -> None:
        if event.draft_id == self.workspace.editor.draft.value.id:
            self.workspace.editor.edit_raw(event.field, event.text, event.advice)
        else:
            self._late(event.draft_id, event.field, None, RawEdit(event.text, event.advice))

    @on(LateEdited)
    def _edit_late(self, event: LateEdited) -> None:
        raw = None if event.text is None else RawEdit(event.text, event.advice)
        self._late(event.draft_id, event.field, event.value, raw)

    def _late(self, draft_id: str, field: str, value: Json, raw: RawEdit | None) -> None:
        self.start(self.workspace.editor.edit_late(draft_id, field, value, raw), "late edit")

    @on(OutsideEditRequested)
    def _edit_outside(self) -> None:
        """The person's own editor may take the terminal for hours: what was typed is on disk before."""
        self.workspace.flush_now()
        self._config.edit_outside()

    @on(CreateRequested)
    def action_save(self) -> None:
        self.start(self.workspace.editor.save(), "save")

    @on(ModelsWanted)
    def _models_wanted(self, event: ModelsWanted) -> None:
        self._pick_model(event.model, self._take_run_model if event.group == "run" else self._take_model)

    def action_choose_model(self) -> None:
        self._pick_model(str(self.workspace.editor.draft.value.values.get("model") or ""), self._take_model)

    def _pick_model(self, present: str, take: Callable[[str | None], None]) -> None:
        from playground_tui.tui.screens.models import ModelScreen

        self.app.push_screen(ModelScreen(self.workspace, present, self._go_to_connections), take)

    def _go_to_connections(self) -> None:
        self.call_next(self.run_action, "connection")

    def _take_model(self, model: str | None) -> None:
        if model:
            self.workspace.editor.edit("model", model)

    def _take_run_model(self, model: str | None) -> None:
        if model:
            self.workspace.editor.edit_run_setting("model", model)

    @on(RunSettingEdited)
    def _edit_run_setting(self, event: RunSettingEdited) -> None:
        editor = self.workspace.editor
        if event.draft_id == editor.draft.value.id:
            editor.edit_run_setting(event.name, event.value)
        else:
            editor.edit_run_setting_late(event.draft_id, event.name, event.value)

    @on(RunSettingRejected)
    def _edit_run_setting_raw(self, event: RunSettingRejected) -> None:
        editor = self.workspace.editor
        if event.draft_id == editor.draft.value.id:
            editor.edit_run_setting_raw(event.name, event.text, event.advice)
        else:
            raw = RawEdit(event.text, event.advice)
            editor.edit_run_setting_late(event.draft_id, event.name, None, raw)

    def action_toggle_autosave(self) -> None:
        paused = not self.workspace.editor.save_state.value.paused
        self.workspace.editor.set_paused(paused)
        self.tell("Auto-save is paused: unsaved edits are tried per run." if paused else "Auto-save goes on.")

    @on(DraftingRequested)
    def action_draft_instructions(self) -> None:
        """A draft by the model; what is taken is one edit, which undo takes back."""
        from playground_tui.tui.drafting.screen import DraftingScreen

        draft_id = self.workspace.editor.draft.value.id

        def take(text: str | None) -> None:
            if text is not None:
                self._late(draft_id, "instructions", text, None)

        self.app.push_screen(DraftingScreen(self.workspace), take)

    def action_versions(self) -> None:
        from playground_tui.tui.versions.screen import VersionsScreen

        self.app.push_screen(VersionsScreen(self.workspace, self, self.clock_now))

    def action_code(self) -> None:
        from playground_tui.tui.code_view.screen import CodeScreen

        values = self.workspace.editor.draft.value.values
        self.app.push_screen(CodeScreen(dict(values), self.workspace.effective_settings()))

    def action_import(self) -> None:
        from playground_tui.tui.exchange.import_screen import ImportScreen

        self.app.push_screen(ImportScreen(self.workspace, self))

    def action_export(self) -> None:
        from playground_tui.tui.exchange.actions import export_assistant

        export_assistant(self, dict(self.workspace.editor.draft.value.values))

    def action_servers(self) -> None:
        from playground_tui.tui.exchange.actions import copy_between_servers

        assistant_id = self.workspace.editor.draft.value.assistant_id
        copy_between_servers(self, (assistant_id,) if assistant_id else ())

    def make_handlers(self) -> HandlerBook:
        from playground_tui.tui.handler_book import HandlerBook

        return HandlerBook(self.workspace, self)

    def action_edit_functions(self) -> None:
        self.open_configuration()
        self._config.edit_functions()

    def action_show_outside(self) -> None:
        """What was changed elsewhere, with undo."""
        change = self.workspace.editor.outside.value
        if change is None:
            self.tell("Nothing was changed elsewhere.")
            return
        self.start_leaving(self._show_outside(change), "compare with a change from elsewhere")

    async def _show_outside(self, change: OutsideChange) -> None:
        from playground_tui.tui.versions.diff_screen import DiffScreen
        from playground_tui.workspace.differences import compare

        differences = await asyncio.to_thread(compare, change.before, change.undone)
        if self.workspace.editor.outside.value is not change:
            return
        words = []
        if change.taken:
            words.append(f"{titles(change.taken)}: not edited here, so theirs was taken over.")
        if change.contested:
            words.append(
                f"{titles(change.contested)}: edited on both sides; yours stands, theirs is kept as a version."
            )
        screen = DiffScreen(
            f"Changed elsewhere: {change.name or 'this assistant'}",
            ("as it stands now", "after an undo"),
            differences,
            (("undo", "Undo it"), ("keep", "Leave it")),
            said="\n".join(words),
        )
        await self.app.push_screen(screen, self._take_outside)

    def _take_outside(self, answer: str | None) -> None:
        if answer == "undo":
            self.start(self.workspace.editor.undo_outside(), "undo a change from elsewhere")

    def show_refusal(self, failure: Failure | None) -> None:
        """The last run's failure, or none: where it names a parameter that is set here, it is told at its field."""
        field = PARAMETERS.get(failure.field or "", failure.field or "") if failure else ""
        refused = field if self._can_do_without(field) else ""
        if self.refused and self.refused != refused:
            self._config.show_refused(self.refused, "")
        self.refused = refused
        if failure and refused:
            self._config.show_refused(refused, failure.what)
        self.refresh_bindings()

    def _can_do_without(self, field: str) -> bool:
        editor = self.workspace.editor
        if field in OPTIONAL_OF_RUN:
            return field in editor.run_settings.value.values
        return field in OPTIONAL and editor.draft.value.values.get(field) not in (None, [])

    def action_send_without(self, field: str = "") -> None:
        """The provider refused a parameter: make it "not set", and send the message again. Tools stay: they are much
        to lose, so only this message goes without them."""
        field = field or self.refused
        if not field:
            return
        self.show_refusal(None)
        editor = self.workspace.editor
        if field == "tools":
            editor.run_without_tools()
        elif field in OPTIONAL_OF_RUN:
            editor.edit_run_setting(field, None)
        else:
            editor.edit(field, None)
        self.start(self._resend(), "send without a parameter")

    async def _resend(self) -> None:
        conversation = self.workspace.conversation.value
        state = conversation.state.value
        if state.unsent:
            await conversation.send(state.unsent)
        else:
            await conversation.regenerate()

    def action_show_problem(self) -> None:
        """From the header's `! Top P` to the field."""
        draft = self.workspace.editor.draft.value
        self.open_configuration()
        for field in draft.raw:
            self._config.focus_field(field)
            return

    def action_show_save_failure(self) -> None:
        failure = self.workspace.disk.value or self.workspace.editor.save_state.value.failure
        if failure is not None:
            self.tell_failure(failure)

    # -- place -------------------------------------------------------------------------------------------------------

    @property
    def _config(self) -> ConfigPane:
        return self.query_one(ConfigPane)

    def _plan(self) -> Arrangement:
        memory = self.memory.value
        if self.zoomed:
            return Arrangement("whole", self.size.width, 0)
        return arrange(self.size.width, memory.share, folded=memory.folded, drawer_open=self.drawer_open)

    def _arrange(self) -> None:
        plan = self._plan()
        self._config.display = plan.config > 0
        self._config.styles.width = plan.config or None
        self.query_one("#divider").display = plan.divider
        self.query_one("#chat").display = plan.chat > 0
        self._keep_focus(plan)
        self.refresh_bindings()

    def _keep_focus(self, plan: Arrangement) -> None:
        """A pane that is hidden loses the focus, and what is typed then would go nowhere."""
        if self.focused is None or all(node.display for node in self.focused.ancestors_with_self):
            return
        if plan.chat:
            self.query_one("#message").focus()
        else:
            self._config.focus_first()

    def configuration_is_open(self) -> bool:
        return self._plan().config > 0

    def open_configuration(self) -> None:
        if not self.configuration_is_open():
            self._set_open(True)

    def action_toggle_configuration(self) -> None:
        opening = not self.configuration_is_open()
        self._set_open(opening)
        if opening:
            self._config.focus_first()
        else:
            self.query_one("#message").focus()

    def _set_open(self, is_open: bool) -> None:
        if self.zoomed:
            self.action_zoom_instructions()
        if self._plan().mode == "side":
            self.memory.value = replace(self.memory.value, folded=not is_open)
            self.memory.keep()
        else:
            self.drawer_open = is_open
        self._arrange()

    def close_drawer(self) -> bool:
        """Close what covers the chat; False when nothing does."""
        if self.zoomed:
            self.action_zoom_instructions()
            return True
        if self.drawer_open and self._plan().mode != "side":
            self._set_open(False)
            self.query_one("#message").focus()
            return True
        return False

    def covers_chat(self) -> bool:
        return self.zoomed or (self.drawer_open and self._plan().mode != "side")

    @on(ZoomRequested)
    def action_zoom_instructions(self) -> None:
        self.zoomed = not self.zoomed
        self._config.set_zoomed(self.zoomed)
        self._arrange()
        if self.zoomed or self.configuration_is_open():
            self._config.focus_field("instructions")
        else:
            self.query_one("#message").focus()

    @on(Divider.Moved)
    def _move_divider(self, event: Divider.Moved) -> None:
        self._resize_config(-event.by)

    @on(Divider.Released)
    def _remember_divider(self) -> None:
        self.memory.keep()

    def action_narrow_configuration(self) -> None:
        self._resize_config(-STEP)
        self.memory.keep()

    def action_widen_configuration(self) -> None:
        self._resize_config(STEP)
        self.memory.keep()

    def _resize_config(self, by: int) -> None:
        plan = self._plan()
        if plan.mode != "side" or not plan.config:
            self.open_configuration()
            return
        config = clamp_config(self.size.width, plan.config + by)
        self.memory.value = replace(self.memory.value, share=config / self.size.width)
        self._arrange()

    # -- panes -------------------------------------------------------------------------------------------------------

    def action_next_pane(self) -> None:
        self._step_pane(1)

    def action_previous_pane(self) -> None:
        self._step_pane(-1)

    def _step_pane(self, by: int) -> None:
        chat = cast("ChatColumn", self.query_one("#chat"))
        upper: Widget = chat.starters if chat.starters.display else chat.view
        panes: list[Widget] = [chat.box, self._config, upper] if self.configuration_is_open() else [chat.box, upper]
        here = next((index for index, pane in enumerate(panes) if self._is_in(pane)), 0)
        target = panes[(here + by) % len(panes)]
        if target is self._config:
            self._config.focus_first()
        else:
            target.focus()

    def _is_in(self, pane: Widget) -> bool:
        return self.focused is not None and pane in self.focused.ancestors_with_self
