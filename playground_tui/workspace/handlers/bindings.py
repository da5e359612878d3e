"""Which handler answers which function of an assistant: kept on this machine, under the assistant's draft."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from playground_tui.workspace.handlers.model import DEFAULT_SECONDS, Handler
from playground_tui.workspace.store import Connection, kv


def handlers_of(conn: Connection, draft_id: str) -> dict[str, Handler]:
    """Function name → handler. What another version wrote is read as far as it is understood."""
    found = json.loads(kv.get(conn, _key(draft_id), "") or "{}")
    return {name: _handler(raw) for name, raw in found.items() if isinstance(raw, dict)}


def bind(conn: Connection, draft_id: str, function: str, handler: Handler | None) -> None:
    """None: the function has no handler any more."""
    bound: Mapping[str, Handler] = handlers_of(conn, draft_id)
    kept = {name: asdict(known) for name, known in bound.items() if name != function}
    if handler is not None:
        kept[function] = asdict(handler)
    kv.put(conn, _key(draft_id), json.dumps(kept, ensure_ascii=False, sort_keys=True))


def _key(draft_id: str) -> str:
    return f"handlers:{draft_id}"


def _handler(raw: Mapping[str, object]) -> Handler:
    kind = raw.get("kind")
    timeout = raw.get("timeout")
    return Handler(
        kind if kind in ("mock", "python", "command") else "hand",
        str(raw.get("target") or ""),
        float(timeout) if isinstance(timeout, int | float) else DEFAULT_SECONDS,
        str(raw.get("folder") or ""),
    )
