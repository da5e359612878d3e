"""What the run machinery asks of a model endpoint, and nothing else.

An engine turns one `EngineRequest` into a stream of `EngineEvent`s. It keeps no state between requests, retries
nothing (the run machinery does, before the first event only), stores nothing and never sees an API object of the
service. Events of one request come in the order the model gave them; exactly one `Finish` ends a good stream.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from playground_tui.quick_dataclass import dataclass

# -- the conversation an engine is sent ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    url: str
    """An https or data URL."""
    detail: Literal["auto", "low", "high"] = "auto"


@dataclass(frozen=True, slots=True)
class UserTurn:
    parts: tuple[TextPart | ImagePart, ...]


@dataclass(frozen=True, slots=True)
class FunctionCall:
    call_id: str
    name: str
    arguments: str
    """As the model wrote them: JSON text, not checked."""


@dataclass(frozen=True, slots=True)
class AssistantTurn:
    text: str = ""
    refusal: str | None = None
    calls: tuple[FunctionCall, ...] = ()
    carry: tuple[Mapping[str, Any], ...] = ()
    """Opaque items an engine gave in `Carry` for this turn (encrypted reasoning); only the same kind reads them."""


@dataclass(frozen=True, slots=True)
class ToolTurn:
    call_id: str
    output: str


Turn = UserTurn | AssistantTurn | ToolTurn


@dataclass(frozen=True, slots=True)
class EngineRequest:
    model: str
    """The provider's own model name, without the provider prefix."""
    instructions: str
    turns: tuple[Turn, ...]
    tools: tuple[Mapping[str, Any], ...] = ()
    """Tools in the Assistants API's shape. `file_search` that the service answers itself arrives as a function."""
    tool_choice: str | Mapping[str, Any] | None = None
    """`none`, `auto`, `required` or a named choice in the Assistants API's shape; None: not set."""
    parallel_tool_calls: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    response_format: str | Mapping[str, Any] | None = None
    reasoning_effort: str | None = None
    max_output_tokens: int | None = None
    vector_store_ids: tuple[str, ...] = ()
    """Stores the local service does not know, for an engine whose endpoint has file search of its own."""
    file_ids: tuple[str, ...] = ()
    """Files the local service does not know, for an engine whose endpoint has a code interpreter of its own."""


# -- what comes back -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """The model thinks; the text, where an endpoint shows it, may be empty. Never part of the reply."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class CallStart:
    index: int
    """0, 1, … within this request; every call has its own, whatever the endpoint sent."""
    call_id: str
    name: str


@dataclass(frozen=True, slots=True)
class CallArguments:
    index: int
    fragment: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """One citation of the text so far, as the API's annotation object (`file_citation` or `file_path`)."""

    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HostedCall:
    """A tool the endpoint ran itself (code interpreter, file search), whole or as a newer picture of the same id."""

    call: Mapping[str, Any]
    """A run step's tool call in the API's shape: `id`, `type`, and the type's own object."""
    done: bool = True


@dataclass(frozen=True, slots=True)
class ImageOutput:
    file_id: str


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file that the endpoint's code interpreter made, told before the text or picture that names it. The endpoint
    forgets it soon: it is to be downloaded at once."""

    file_id: str
    container_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Carry:
    """Items to hand back with this turn in the next request (`AssistantTurn.carry`)."""

    items: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Usage:
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Finish:
    reason: Literal["stop", "length", "tool_calls", "content_filter"]


EngineEvent = (
    TextDelta
    | RefusalDelta
    | ReasoningDelta
    | CallStart
    | CallArguments
    | Annotation
    | HostedCall
    | ImageOutput
    | OutputFile
    | Carry
    | Usage
    | Finish
)


MOST_COUNTED = 10**12
"""More tokens or seconds than anything has; a larger number is no count."""


def count_in(value: object) -> int:
    """A count as an endpoint told it; 0 for what is none (NaN, infinity, a text, a negative number)."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= MOST_COUNTED:
        return int(value)
    return 0


# -- errors and the protocol ---------------------------------------------------------------------------------------


class EngineError(Exception):
    """A model endpoint did not answer as asked. `message` is one sentence without keys or contents."""

    def __init__(
        self,
        message: str,
        *,
        code: Literal["server_error", "rate_limit_exceeded", "invalid_prompt"] = "server_error",
        status: int | None = None,
        param: str | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
        context_exceeded: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        """The run's `last_error.code`."""
        self.status = status
        """The endpoint's HTTP status, None when it was not reached."""
        self.param = param
        """The request parameter the endpoint named (its Assistants API name), if it named one."""
        self.retryable = retryable
        """True for 429, 5xx, time-outs and lost connections."""
        self.retry_after = retry_after
        """Seconds the endpoint asked to wait."""
        self.context_exceeded = context_exceeded
        """True when the conversation is longer than the model's context."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    images: bool = True
    hosted_file_search: bool = False
    hosted_code_interpreter: bool = False


@dataclass(frozen=True, slots=True)
class ModelInfo:
    id: str
    """The provider's own name."""
    created: int = 0
    owned_by: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


class Engine(Protocol):
    kind: str
    capabilities: Capabilities

    def stream(self, request: EngineRequest) -> AsyncIterator[EngineEvent]:
        """Run one completion. Raises `EngineError`. Closing the iterator ends the upstream request."""
        ...

    async def models(self) -> list[ModelInfo]:
        """What the endpoint lists. Raises `EngineError`."""
        ...

    async def aclose(self) -> None: ...


@runtime_checkable
class HoldsFiles(Protocol):
    """An engine whose endpoint keeps files for its own tools."""

    async def upload(self, path: Path, name: str, lifetime: int) -> str:
        """Send a file there, to be forgotten after `lifetime` seconds. Returns its id there. Raises `EngineError`."""
        ...

    def download(self, made: OutputFile) -> AsyncIterator[bytes]:
        """The content in blocks. Iterating raises `EngineError`."""
        ...
