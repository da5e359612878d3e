"""One streamed answer of a model endpoint, read as far as a test needs it. Both protocols; whole answers too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground_tui.workspace.api_objects import as_dict, as_list, as_text
from playground_tui.workspace.sse import SseDecoder, parse_data

if TYPE_CHECKING:
    import httpx2

MAX_BYTES = 1_000_000


@dataclass
class Heard:
    spoke: bool = False
    """Text or thoughts came."""
    streamed: bool = False
    calls: list[str] = field(default_factory=list)
    """Names of the functions called."""
    error: str = ""
    """What the endpoint said went wrong inside the stream."""
    nonsense: bool = False
    """The answer was neither a stream nor JSON."""


async def listen(response: httpx2.Response, *, for_call: bool) -> Heard:
    """Reads until the first words, or with `for_call` until the first call; at most `MAX_BYTES`. Raises what the
    transport raises."""
    heard = Heard()
    if "event-stream" not in response.headers.get("content-type", ""):
        await response.aread()
        _take_whole(heard, response)
        return heard
    heard.streamed = True
    decoder, size = SseDecoder(), 0
    async for part in response.aiter_bytes():
        size += len(part)
        for _, text in decoder.feed(part):
            _take(heard, parse_data(text))
        if heard.error or heard.calls or (heard.spoke and not for_call) or size > MAX_BYTES:
            return heard
    for _, text in decoder.close():
        _take(heard, parse_data(text))
    return heard


def _take(heard: Heard, data: Any) -> None:
    event = as_dict(data)
    if error := event.get("error") or (event if event.get("type") == "error" else None):
        heard.error = as_text(as_dict(error).get("message")) or str(error)
    kind = as_text(event.get("type"))
    if kind:
        _take_response_event(heard, kind, event)
    for choice in as_list(event.get("choices")):
        _take_message(heard, as_dict(as_dict(choice).get("delta")))


def _take_response_event(heard: Heard, kind: str, event: dict[str, Any]) -> None:
    if kind.endswith(".delta") and "arguments" not in kind:
        heard.spoke = True
    item = as_dict(event.get("item"))
    if kind == "response.output_item.added" and item.get("type") == "function_call":
        heard.calls.append(as_text(item.get("name")))
    if kind == "response.failed":
        error = as_dict(as_dict(event.get("response")).get("error"))
        heard.error = as_text(error.get("message")) or "the response failed"


def _take_message(heard: Heard, message: dict[str, Any]) -> None:
    if any(message.get(name) for name in ("content", "reasoning_content", "reasoning", "refusal")):
        heard.spoke = True
    for call in as_list(message.get("tool_calls")):
        if name := as_text(as_dict(as_dict(call).get("function")).get("name")):
            heard.calls.append(name)


def _take_whole(heard: Heard, response: httpx2.Response) -> None:
    try:
        body = as_dict(response.json())
    except ValueError:
        heard.nonsense = True
        return
    heard.nonsense = not ("choices" in body or "output" in body)
    for choice in as_list(body.get("choices")):
        _take_message(heard, as_dict(as_dict(choice).get("message")))
    for item in map(as_dict, as_list(body.get("output"))):
        if item.get("type") == "function_call":
            heard.calls.append(as_text(item.get("name")))
        elif item.get("type") == "message":
            heard.spoke = True
