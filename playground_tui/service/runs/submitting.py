"""Tool outputs → the waiting run goes on, with the receiver as its owner. One transaction."""

from __future__ import annotations

from collections.abc import Sequence

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.errors import ApiError
from playground_tui.service.runs.changes import Changes
from playground_tui.service.runs.objects import Object, end_step
from playground_tui.service.runs.request import Work
from playground_tui.service.runs.states import check_move
from playground_tui.service.store import RUNS, STEPS, Connection, objects
from playground_tui.service.store import runs as store


@dataclass(frozen=True, slots=True)
class Accepted:
    run: Object
    extra: Object | None
    frames: list[bytes]
    seq: int
    """Of the chunk that holds them."""


def accept_outputs(
    conn: Connection, thread_id: str, run_id: str, outputs: Sequence[Object], *, owner: str, now: int
) -> Accepted:
    """Raises the API's 404, and its 400 for a run that waits for nothing or for other outputs (wire.md §5)."""
    run = objects.require(conn, RUNS, run_id, thread_id=thread_id)
    if run["status"] != "requires_action":
        raise ApiError(400, f'Runs in status "{run["status"]}" do not accept tool outputs.')
    given = _by_call(run, outputs)
    changes = Changes(Work.kept(objects.extra(conn, RUNS, run_id)).contents)
    for step in store.unfinished(conn, run_id)[0]:
        for call in step["step_details"]["tool_calls"]:
            if call["id"] in given:
                call["function"]["output"] = given[call["id"]]
        step["usage"] = (objects.extra(conn, STEPS, step["id"]) or {}).get("usage")
        end_step(step, "completed", now)
        changes.step(step, "completed")
    check_move(run["status"], "queued")
    run["status"], run["required_action"] = "queued", None
    changes.run(run, "queued")
    for row in changes.rows.values():
        store.put(conn, row)
    store.set_owner(conn, run_id, owner)
    seq = store.next_seq(conn, run_id)
    store.add_events(conn, run_id, seq, b"".join(changes.frames))
    return Accepted(run, objects.extra(conn, RUNS, run_id), changes.frames, seq)


def _by_call(run: Object, outputs: Sequence[Object]) -> dict[str, str]:
    wanted = [call["id"] for call in run["required_action"]["submit_tool_outputs"]["tool_calls"]]
    got = [output.get("tool_call_id") for output in outputs]
    if sorted(map(str, got)) != sorted(wanted):
        raise ApiError(400, f"Expected tool outputs for call_ids {_listed(wanted)}, got {_listed(got)}")
    return {output["tool_call_id"]: output.get("output") or "" for output in outputs}


def _listed(ids: Sequence[str | None]) -> str:
    shown = ", ".join(f"'{str(i)[:120]}'" for i in ids[:130])
    return f"[{shown}]"
