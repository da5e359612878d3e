"""What every part of the main screen stands on: the workspace, and work that fails in one sentence."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, cast

from textual.screen import Screen

from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.store import StoreError

if TYPE_CHECKING:
    from playground_tui.tui.playground import PlaygroundApp
    from playground_tui.workspace.workspace import Workspace

log = logging.getLogger("playground_tui.tui")

INTERNAL = Failure(
    "internal",
    "Something in this program failed.",
    "Nothing typed is lost.",
    "The log file has the details.",
)


class WorkspaceScreen(Screen[None]):
    _leaves = False

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace

    @property
    def playground(self) -> PlaygroundApp:
        return cast("PlaygroundApp", self.app)

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        """Run `work` as a worker of the app, so that it outlives this screen; a failure becomes a notice.

        In the app's context, not in that of who asks: time-outs of requests stay in the loop for minutes after their
        answer, and would hold the list from which something was opened with all that it drew."""
        run = self.playground.own_context.copy().run
        run(self.app.run_worker, self._reported(work, name), name=name, exit_on_error=False)

    def start_leaving(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        """Run `work` that opens something else here: what is typed from now on waits for it, and goes there."""
        self._leaves = True
        self.playground.key_order.close()
        self.start(self._arriving(work), name)

    async def _arriving(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        finally:
            self.arrived()

    def arrived(self) -> None:
        if self._leaves:
            self._leaves = False
            self.playground.key_order.follow()

    async def _reported(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        try:
            await work
        except FailureError as error:
            self.tell_failure(error.failure)
        except StoreError as error:
            self.tell_failure(failure_of(error))
        except Exception as error:
            self.playground.faults.record(error, name)
            self.tell_failure(INTERNAL)

    def tell(self, text: str) -> None:
        self.app.notify(text, markup=False)

    def tell_failure(self, failure: Failure) -> None:
        severity = "warning" if failure.kind in ("offline", "rate", "unsupported") else "error"
        self.app.notify(failure.sentence(), severity=severity, markup=False, timeout=10)  # type: ignore[arg-type]
