"""The workspace's frozen state, as the screen and the command line see it. Contract: plain data, no behaviour that
waits, no imports beyond the standard library. Times are `datetime` with a time zone; API objects stay plain dicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.sameness import same

Json = Any

# -- configuration side --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RawEdit:
    """What a person typed into a field that is not a value of it (yet); kept on disk, held back from the server."""

    text: str
    advice: str
    """The sentence that says what is allowed."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds now, saved or not."""

    id: str
    """`draft_…`, made here; stays the same when the assistant is created."""
    server: str
    assistant_id: str | None
    """None until the server has created it."""
    values: Mapping[str, Json]
    """Field → valid value as the API has it; a field that is absent is not set and not sent."""
    base: Mapping[str, Json] = field(default_factory=dict)
    """The same fields as the server last confirmed them."""
    raw: Mapping[str, RawEdit] = field(default_factory=dict)
    """Fields in error."""
    revision: int = 0
    """Counts edits; two drafts of one id with one revision are the same."""

    @property
    def changed(self) -> tuple[str, ...]:
        """Fields whose valid value differs from what the server has, in a fixed order."""
        names = sorted(set(self.values) | set(self.base))
        return tuple(n for n in names if not same(self.values.get(n), self.base.get(n)))


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What is set per run for one assistant, beside it; sent with each run."""

    values: Mapping[str, Json] = field(default_factory=dict)
    raw: Mapping[str, RawEdit] = field(default_factory=dict)
    """Settings in error; not sent."""


SavePhase = Literal["new", "unsaved", "saving", "saved", "failed", "offline", "changed_elsewhere"]


@dataclass(frozen=True, slots=True)
class SaveState:
    phase: SavePhase
    at: datetime | None = None
    """When the last confirmed save was."""
    retry_at: datetime | None = None
    """When the next try comes, while `failed` or `offline`."""
    failure: Failure | None = None
    paused: bool = False
    fields: tuple[str, ...] = ()
    """For `changed_elsewhere`: the fields taken over or kept as a version."""


@dataclass(frozen=True, slots=True)
class AssistantRow:
    """One line of the assistants list."""

    id: str
    """The assistant's id, or the draft's for one that was never created."""
    name: str
    model: str
    description: str = ""
    instructions: str = ""
    created_at: int = 0
    """Unix seconds."""
    used_at: float = 0.0
    """Unix seconds, local; 0: never opened here."""
    unsaved: bool = False
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class AssistantListing:
    rows: tuple[AssistantRow, ...] = ()
    source: Literal["cache", "server"] = "cache"
    failure: Failure | None = None


# -- connection ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConnectionState:
    server: str
    title: str
    phase: Literal["starting", "ready", "offline", "refused"] = "starting"
    failure: Failure | None = None
    notice: str = ""
    """One line worth saying once: `No model is connected; this is the demo.`"""
    lacking: frozenset[str] = frozenset()
    """What this server was seen to lack: `cancel`, `steps`, `threads.list`, `paging`, …"""


@dataclass(frozen=True, slots=True)
class ModelRow:
    id: str
    """As it goes into an assistant: `provider/model`, or the server's own name."""
    provider: str
    hidden: bool = False
    """Embedding, audio, image models: behind "show all"."""


@dataclass(frozen=True, slots=True)
class ModelListing:
    rows: tuple[ModelRow, ...] = ()
    failures: Mapping[str, Failure] = field(default_factory=dict)
    """Provider id → why it could not be listed."""


# -- chat side -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ThreadRow:
    id: str
    title: str
    """Never empty: the thread's title, else the start of its first message, else "New thread"."""
    created_at: int = 0
    used_at: float = 0.0
    assistant_id: str | None = None
    has_unsent: bool = False
    preview: str = ""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A thread in which something goes on, for the question on quitting."""

    key: str
    """The thread's id, or of one that is not made yet `new:` and its draft's id."""
    title: str
    run: RunView
    handlers: int = 0
    """That run now; they end with the program."""
    queued: int = 0
    """Messages that wait for their turn; they are kept."""


@dataclass(frozen=True, slots=True)
class ThreadListing:
    rows: tuple[ThreadRow, ...] = ()
    source: Literal["local", "server"] = "local"
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class TokenUse:
    prompt: int = 0
    completion: int = 0
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class ReplyFacts:
    """What is told below a reply."""

    model: str = ""
    version: int | None = None
    seconds: float | None = None
    first_token_seconds: float | None = None
    tokens: TokenUse | None = None
    cost: float | None = None
    overrides: tuple[str, ...] = ()
    """Names of what the run got beside the assistant's version."""
    response_format: Json = None
    """As the run had it, where it asked for JSON; else None."""


@dataclass(frozen=True, slots=True)
class ToolCallView:
    """One tool call of a run step, as the chat shows it."""

    id: str
    kind: Literal["function", "file_search", "code_interpreter"]
    name: str
    arguments: str = ""
    output: str | None = None
    done: bool = False
    seconds: float | None = None
    run_id: str = ""
    step_id: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    mark: str
    """As it stands in the text: `【13†source】`."""
    label: str
    """As it is shown: `[1] policy.pdf`."""
    file_id: str = ""
    kind: Literal["file_citation", "file_path"] = "file_citation"
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class ChatMessage:
    id: str
    """The message's id; `local_…` for one that the server does not have (yet)."""
    role: Literal["user", "assistant"]
    text: str
    created_at: datetime
    status: Literal["sending", "queued", "streaming", "complete", "stopped", "failed", "incomplete"] = "complete"
    author: str = ""
    """Shown name: the assistant's, or empty for the person."""
    run_id: str | None = None
    calls: tuple[ToolCallView, ...] = ()
    """Tool calls made before this text, in order."""
    citations: tuple[Citation, ...] = ()
    images: tuple[str, ...] = ()
    """URLs or file ids."""
    attachments: tuple[str, ...] = ()
    refusal: bool = False
    note: str = ""
    """Why it is not complete: one sentence."""
    remark: str = ""
    """The person's own note on it (`message_notes.py`), as the screen shows it; nothing that is stored with it."""
    facts: ReplyFacts | None = None


RunPhase = Literal[
    "idle", "sending", "queued", "thinking", "tool", "answering", "waiting_outputs", "stopping", "retrying"
]


@dataclass(frozen=True, slots=True)
class RunView:
    """What the thread's run is doing now."""

    phase: RunPhase = "idle"
    run_id: str | None = None
    what: str = ""
    """What it waits for, in words: `file_search`, `rate limit, next try in 3 s`."""
    since: datetime | None = None
    calls: tuple[ToolCallView, ...] = ()
    """With `waiting_outputs`: the calls to answer."""
    expires_at: datetime | None = None
    followed: bool = True
    """False: found active on the server; `resume` follows it, `stop` cancels it."""
    retry_at: datetime | None = None
    """With `retrying`: when the next try comes, where that is known."""
    gives_up_at: datetime | None = None
    """Nothing was heard of the run for half of its time-out: when it will be given up. None again at the next sign of
    life."""


@dataclass(frozen=True, slots=True)
class NoReply:
    """How the last run ended, where nothing of a reply came from it."""

    status: Literal["stopped", "failed", "incomplete"]
    note: str
    """One sentence."""


@dataclass(frozen=True, slots=True)
class ConversationState:
    """Everything about the open thread but the text of its messages, which come as changes (`conversation.py`)."""

    thread_id: str | None
    """None: a thread that the first message will make."""
    title: str
    run: RunView = RunView()
    queued: tuple[str, ...] = ()
    held: bool = True
    """The queue waits for the person, not only for the run."""
    unsent: str = ""
    failure: Failure | None = None
    """Why the last send or load failed; cleared by the next that works."""
    no_reply: NoReply | None = None
    """Why the last message stands there without a reply."""
    has_older: bool = False
    loading: bool = False
    gone: bool = False
    """The server no longer has the thread; what is shown was kept here, and `Threads.recreate` makes it again."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The message list is another one: show `messages` at their end."""

    messages: tuple[ChatMessage, ...]


@dataclass(frozen=True, slots=True)
class Prepended:
    messages: tuple[ChatMessage, ...]


@dataclass(frozen=True, slots=True)
class Added:
    message: ChatMessage


@dataclass(frozen=True, slots=True)
class Grew:
    """Text was appended to the message that streams."""

    message_id: str
    fragment: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A message was replaced: other text, status, calls, citations or facts. Its id may be a new one."""

    old_id: str
    message: ChatMessage


@dataclass(frozen=True, slots=True)
class Removed:
    message_id: str


ConversationChange = Reset | Prepended | Added | Grew | Changed | Removed
