"""The steps of one test, told as they go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from playground_tui.workspace.connections.values import ProbeStep, ProbeView, StepPhase
from playground_tui.workspace.failures import Failure

NOT_TRIED = "Not tried."


class Steps:
    def __init__(self, titles: Mapping[str, str], tell: Callable[[ProbeView], None]) -> None:
        """`titles`: id → title, in the order they are shown."""
        self._tell = tell
        self.view = ProbeView(tuple(ProbeStep(step_id, title) for step_id, title in titles.items()))
        tell(self.view)

    def run(self, step_id: str) -> None:
        self._set(step_id, "running", "")

    def good(self, step_id: str, sentence: str) -> None:
        self._set(step_id, "good", sentence)

    def doubt(self, step_id: str, sentence: str) -> None:
        self._set(step_id, "doubtful", sentence)

    def skip(self, step_id: str, sentence: str) -> None:
        self._set(step_id, "skipped", sentence)

    def bad(self, step_id: str, failure: Failure | str) -> None:
        if isinstance(failure, Failure):
            rest = f"{failure.what} {failure.next}".strip()
            failure = f"{rest} ({failure.details})" if failure.details else rest
        self._set(step_id, "bad", failure)

    def list_models(self, models: tuple[str, ...]) -> None:
        self.view = replace(self.view, models=models)

    def end(self) -> None:
        """Whatever was not come to is said to be so."""
        open_phases = ("waiting", "running")
        steps = tuple(
            replace(step, phase="skipped", sentence=NOT_TRIED) if step.phase in open_phases else step
            for step in self.view.steps
        )
        self.view = replace(self.view, steps=steps, running=False)
        self._tell(self.view)

    def _set(self, step_id: str, phase: StepPhase, sentence: str) -> None:
        steps = tuple(
            replace(step, phase=phase, sentence=sentence) if step.id == step_id else step for step in self.view.steps
        )
        self.view = replace(self.view, steps=steps)
        self._tell(self.view)
