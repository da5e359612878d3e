"""What has changed in the assistant since a reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground_tui.tui.versions.diff_screen import DiffScreen
from playground_tui.workspace.inspector.values import RunInspection

if TYPE_CHECKING:
    from playground_tui.workspace.workspace import Workspace


async def changes_screen(workspace: Workspace, run: RunInspection) -> DiffScreen:
    """From what the run was made with, version and overrides, to the assistant as it is now. Raises FailureError for
    a run that was not made here."""
    diffs = await workspace.inspector.changes_since(run.run_id, run.assistant_id)
    version = f" · version {run.version}" if run.version is not None else ""
    said = f"It ran with {', '.join(sorted(run.overrides))} of its own." if run.overrides else ""
    return DiffScreen("Changes since this reply", (f"this reply{version}", "now"), diffs, said=said)
