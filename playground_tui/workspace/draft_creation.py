"""A draft that the server does not have, created there without a form: as the app does it with the first message."""

from __future__ import annotations

from playground_tui.workspace.assistants import Assistants
from playground_tui.workspace.calls import AssistantCalls
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.drafts import DraftKeeper
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.notices import Notices
from playground_tui.workspace.open_draft import OpenDraft, first_problem
from playground_tui.workspace.saving import Saving, Shelf
from playground_tui.workspace.store import Database
from playground_tui.workspace.store import drafts as table
from playground_tui.workspace.versions import Versions


async def create_draft(
    draft_id: str,
    model: str,
    *,
    db: Database,
    clock: Clock,
    calls: AssistantCalls,
    versions: Versions,
    assistants: Assistants,
) -> str:
    """The assistant's id; one that an earlier try created is found instead. `model`: for a draft that names none.
    Raises `FailureError`, and leaves the draft as it was."""
    stored = await db.read(lambda conn: table.load(conn, draft_id))
    if stored is None:
        raise FailureError(Failure("missing", "This draft is gone."))
    keeper = DraftKeeper(db, clock, lambda _failure: None)
    held = OpenDraft(stored.draft, db=db, keeper=keeper, clock=clock, tried=stored.tried, sending=stored.sending)
    if model and not held.draft.values.get("model"):
        held.suggest("model", model)
    if problem := first_problem(held.draft):
        raise FailureError(problem)
    shelf = Shelf(assistants.stored, assistants.gone, assistants.names)
    try:
        await Saving(db, clock, calls, versions, Notices(), shelf).create(held)
    except Exception as error:
        raise FailureError(failure_of(error)) from error
    finally:
        keeper.flush_now()
    assert held.draft.assistant_id is not None
    return held.draft.assistant_id
