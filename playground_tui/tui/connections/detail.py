"""What is known of the marked line: its settings, how its connection stands, and its test step by step. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from playground_tui.settings.model import Provider, Server
from playground_tui.tui.connections.rows import facts_of, summary
from playground_tui.workspace.connections.values import ConnectionsState, ProbeStep, ProbeView
from playground_tui.workspace.values import ConnectionState

SIGNS = {"waiting": "·", "running": "◌", "good": "●", "doubtful": "?", "bad": "!", "skipped": "–"}
STYLES = {"good": "$text-success", "doubtful": "$text-warning", "bad": "$text-error"}
LACKING = {
    "cancel": "cancelling a run",
    "steps": "run steps",
    "paging": "pages of long lists",
    "runs.list": "the list of runs",
    "run.events": "following a run again",
    "threads.list": "the list of threads",
    "threads.update": "renaming threads",
    "threads.delete": "deleting threads",
    "messages.delete": "deleting messages",
}
DIM = "$foreground 60%"


def detail_of(
    item: Provider | Server, state: ConnectionsState, present: ConnectionState, view: ProbeView | None
) -> Content:
    facts = [_fact(label, value) for label, value in facts_of(item, state)]
    if isinstance(item, Server) and item.id == present.server:
        facts += _standing(present)
    title = Content.styled(item.title or item.id, "bold")
    if view is None:
        return Content("\n").join([title, *facts, Content(""), Content.styled("Not tested yet: t tests it.", DIM)])
    head = Content.assemble(title, Content.styled(f"  {summary(view)}", DIM))
    return Content("\n").join([head, *map(_step, view.steps), Content(""), *facts])


def _fact(label: str, value: str) -> Content:
    return Content.assemble(Content.styled(f"{label}: " if label else "", DIM), Content(value))


def _standing(present: ConnectionState) -> Iterable[Content]:
    if present.failure is not None:
        yield Content.assemble(Content.styled("! ", "bold $text-error"), Content(present.failure.sentence()))
    elif present.notice:
        yield Content(present.notice)
    if present.lacking:
        words = ", ".join(LACKING.get(name, name) for name in sorted(present.lacking))
        yield Content(f"This server was seen to lack: {words}. What needs them is off here.")


def _step(step: ProbeStep) -> Content:
    style = STYLES.get(step.phase, DIM)
    head = Content.assemble(Content.styled(f"{SIGNS[step.phase]} ", style), Content(step.title))
    if not step.sentence:
        return head
    return Content.assemble(head, Content("  "), Content.styled(step.sentence, DIM))
