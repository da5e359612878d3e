"""What may answer a function call on this machine, and what an approval is bound to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from playground_tui.quick_dataclass import dataclass

HandlerKind = Literal["hand", "mock", "python", "command"]
DEFAULT_SECONDS = 30.0
MAX_SECONDS = 600.0
MAX_OUTPUT_BYTES = 512 * 1024
"""What goes back to the model at most; the API takes 512 kB of outputs."""


@dataclass(frozen=True, slots=True)
class Handler:
    """One function's handler. `target` is the mock's text, `module:function` or `file.py:function`, or a command
    line (split as a shell would, but never given to one). `hand`: the person answers."""

    kind: HandlerKind = "hand"
    target: str = ""
    timeout: float = DEFAULT_SECONDS
    """Seconds, at most `MAX_SECONDS`."""
    folder: str = ""
    """Where it runs, so that relative names in `target` mean the same wherever the app is started; empty: where this
    program runs. An absolute path."""

    def problem(self) -> str | None:
        """What is wrong with it, as a sentence, or None."""
        if self.kind == "python":
            place, colon, name = self.target.rpartition(":")
            if not colon or not place or not name.isidentifier():
                return "A Python handler is module:function or path/to/file.py:function."
        if self.kind == "command":
            import shlex

            try:
                if not shlex.split(self.target):
                    return "A command handler needs a program to start."
            except ValueError:
                return "The command has an open quote."
        if not 0 < self.timeout <= MAX_SECONDS:
            return f"A handler's time-out is from 0 to {MAX_SECONDS:g} seconds."
        return None

    @property
    def needs_approval(self) -> bool:
        """Whether it runs something on this machine."""
        return self.kind in ("python", "command")

    def shown(self) -> str:
        """As a person reads it: `python tools.py:weather in /home/me/project`."""
        where = f" in {self.folder}" if self.folder else ""
        return self.kind if self.kind in ("hand", "mock") else f"{self.kind} {self.target}{where}"


@dataclass(frozen=True, slots=True)
class HandlerResult:
    output: str
    """What goes back to the model; with `failed` a JSON object `{"error": …}`."""
    seconds: float
    failed: bool = False
    note: str = ""
    """For the person: why it failed, or that the output was cut."""
    log: str = ""
    """The end of what it wrote to standard error."""


def approval_key(
    server: str, assistant_id: str, function: Mapping[str, Any], handler: Handler, interpreter: str = ""
) -> str:
    """A digest of everything that an approval is bound to: server, assistant, the function's name and schema, and
    the handler with its folder and interpreter. Any change gives another key, so that the person is asked again."""
    import hashlib

    bound = [server, assistant_id, dict(function), handler.kind, handler.target, handler.folder, interpreter]
    text = json.dumps(bound, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
