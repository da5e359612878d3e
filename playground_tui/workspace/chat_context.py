"""What the chat side asks of the rest of the workspace, for one server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Protocol

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.inspector.recorder import Exchanges
from playground_tui.workspace.store import Database
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.values import Draft, TokenUse

if TYPE_CHECKING:
    import openai


class ChatEditor(Protocol):
    """The part of the editor that a conversation needs."""

    @property
    def draft(self) -> Subject[Draft]: ...

    async def ensure_created(self) -> str:
        """Create the assistant or save what is pending; its id. Raises FailureError."""
        ...

    def run_overrides(self) -> Mapping[str, Any]:
        """What the next run gets beside the assistant's id."""
        ...


def _no_price(model: str, tokens: TokenUse) -> float | None:
    return None


@dataclass(frozen=True, slots=True)
class ChatContext:
    server: str
    """The server's id; records are kept apart by it."""
    api: Callable[[], Awaitable[openai.AsyncOpenAI]]
    """The client of this server; waits until there is one. May raise what `failure_of` knows."""
    store: Database
    clock: Clock
    editor: ChatEditor
    author: Callable[[str], str]
    """Assistant id → the name to show; empty when it is not known."""
    version: Callable[[], int | None]
    """The number of the version that a run made now uses; closes that version."""
    run_timeout: Callable[[], float]
    """Seconds of silence that end a run."""
    lacking: Callable[[], frozenset[str]]
    lack: Callable[[str], None]
    """Remember that this server lacks something: `cancel`, `steps`, `runs.list`, `run.events`, `threads.list`,
    `threads.delete`, `threads.update`, `messages.delete`, `paging`."""
    address: Callable[[], str] = str
    """The server's base URL: an approval is for this server, not for whatever is called so later."""
    interpreter: Callable[[], str] = str
    """The Python for Python handlers; empty: this one."""
    session_approvals: set[str] = field(default_factory=set)
    """What the person has allowed until the program ends (`handlers/functions.py`)."""
    price: Callable[[str, TokenUse], float | None] = _no_price
    """What a run cost, by the settings' prices; None: they name no price for the model."""
    instructions: Callable[[str], Awaitable[str]] | None = None
    """Assistant id → its instructions, for threads that are not shown. May raise what `failure_of` knows."""
    exchanges: Exchanges = field(default_factory=Exchanges)
    """The last requests about runs and their answers."""
    redact: Callable[[str], str] = str
    """A text with every key in it masked."""
    expand: Callable[[str], str] = str
    """A text with its slash command carried out (`writing/templates.py`)."""
