"""Tool outputs from a file: what `ask` printed when a run waited, filled in; or plainly call id → output."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from playground_tui.cli.exits import WRONG_USAGE, CommandFailed
from playground_tui.cli.fields import read_file, read_stdin
from playground_tui.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Answers:
    thread: str
    run: str
    """Empty: the thread's active one."""
    outputs: Mapping[str, str]
    """Call id → output."""

    def complete(self, calls: Iterable[tuple[str, str]]) -> dict[str, str]:
        """The outputs of these calls (id, name). Raises `CommandFailed` when one is missing."""
        wanted = list(calls)
        missing = [name or call_id for call_id, name in wanted if call_id not in self.outputs]
        if missing:
            raise CommandFailed(f"An output is missing for {', '.join(missing)}.", WRONG_USAGE)
        return {call_id: self.outputs[call_id] for call_id, _ in wanted}


def read_answers(source: str, thread: str | None) -> Answers:
    """Raises `CommandFailed`."""
    text = read_stdin() if source == "-" else read_file(source)
    try:
        data = json.loads(text)
    except RecursionError:
        raise CommandFailed(f"{source} is nested too deep.", WRONG_USAGE) from None
    except ValueError as error:
        raise CommandFailed(f"{source} is not JSON: {error}.", WRONG_USAGE) from None
    if not isinstance(data, dict):
        raise CommandFailed(f"{source} holds no object of outputs.", WRONG_USAGE)
    chosen = thread or data.get("thread")
    if not isinstance(chosen, str) or not chosen:
        raise CommandFailed("The thread is not in the file: name it with --thread.", WRONG_USAGE)
    return Answers(chosen, str(data.get("run") or ""), _outputs(data))


def _outputs(data: Mapping[str, Any]) -> dict[str, str]:
    listed = data.get("calls") or data.get("tool_calls") or data.get("tool_outputs")
    if isinstance(listed, list):
        pairs = [(c.get("id") or c.get("tool_call_id"), c.get("output")) for c in listed if isinstance(c, dict)]
        return {str(call_id): _text(output) for call_id, output in pairs if call_id and output is not None}
    return {name: _text(output) for name, output in data.items() if name not in ("thread", "run", "server")}


def _text(output: Any) -> str:
    return output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
