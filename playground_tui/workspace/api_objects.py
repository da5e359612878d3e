"""The API's objects read tolerantly. Servers of this shape differ: other id forms, ISO dates, plain-string text, keys
that are missing or null. Nothing in here raises on any JSON value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.citations import citations_of
from playground_tui.workspace.values import ChatMessage, Citation, ReplyFacts, TokenUse, ToolCallView

ACTIVE_STATUSES = frozenset({"queued", "in_progress", "requires_action", "cancelling"})
"""A run in one of these holds its thread's lock."""
TERMINAL_STATUSES = frozenset({"completed", "failed", "incomplete", "cancelled", "expired"})

MOST_COUNTED = 10**12
"""More tokens than anything has; a larger number is no count."""
LATEST = 1e11
"""Unix seconds (the year 5138); more are milliseconds."""
LONGEST_WAIT = 3600.0
"""Seconds."""

PART_GAP = "\n\n"
"""Stands between two text parts of one message."""

INCOMPLETE_NOTES: Mapping[str, str] = {
    "max_tokens": "Cut off at the token limit.",
    "max_prompt_tokens": "Ended at the limit of prompt tokens.",
    "max_completion_tokens": "Cut off at the limit of completion tokens.",
    "content_filter": "Cut off by the content filter.",
    "run_cancelled": "Stopped.",
    "run_expired": "The run expired.",
    "run_failed": "The run failed.",
}


def as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """A string as it is, a number as its digits, anything else as nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def moment(value: Any) -> datetime | None:
    """A time as Unix seconds (number or digits) or ISO 8601; without a zone it is UTC. None for one that is none, or
    that not every zone's calendar has."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            stamp = datetime.fromisoformat(value)
            stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
        elif isinstance(value, bool) or not isinstance(value, int | float | str):
            return None
        else:
            seconds = float(value)
            stamp = datetime.fromtimestamp(seconds / 1000 if seconds > LATEST else seconds, UTC)
        return stamp if 0 <= stamp.timestamp() <= LATEST else None
    except (ValueError, OverflowError, OSError):
        return None


def unix(value: Any) -> int:
    """The same as whole Unix seconds; 0 where there is none."""
    stamp = moment(value)
    return int(stamp.timestamp()) if stamp is not None else 0


def seconds_in(value: Any) -> float | None:
    """A wait that a server told of; None for one that is none, or is longer than anybody waits."""
    return float(value) if isinstance(value, int | float) and 0 < value <= LONGEST_WAIT else None


def part_text(part: Any) -> str | None:
    """The text or refusal of one content part, whole or delta; None for a part of another kind."""
    if isinstance(part, str):
        return part
    raw = as_dict(part)
    for key in ("text", "refusal"):
        if key in raw:
            value = raw[key]
            return as_text(value.get("value")) if isinstance(value, dict) else as_text(value)
    return None


def part_annotations(part: Any) -> list[Any]:
    text = as_dict(part).get("text")
    return as_list(text.get("annotations")) if isinstance(text, dict) else []


def part_image(part: Any) -> str:
    """URL or file id of an image part; empty for others."""
    raw = as_dict(part)
    return as_text(as_dict(raw.get("image_url")).get("url")) or as_text(as_dict(raw.get("image_file")).get("file_id"))


def content_parts(content: Any) -> list[Any]:
    """Content is a list of parts; some servers give a bare string or one part."""
    if isinstance(content, list):
        return content
    return [content] if isinstance(content, str | dict) else []


@dataclass(frozen=True, slots=True)
class Content:
    text: str = ""
    citations: tuple[Citation, ...] = ()
    images: tuple[str, ...] = ()
    refusal: bool = False


def content_of(content: Any) -> Content:
    texts: list[str] = []
    annotations: list[tuple[int, Any]] = []
    images: list[str] = []
    refusal = False
    length = 0
    for part in content_parts(content):
        if image := part_image(part):
            images.append(image)
        text = part_text(part)
        if text is None:
            continue
        refusal = refusal or "refusal" in as_dict(part)
        if texts:
            length += len(PART_GAP)
        annotations.extend((length, item) for item in part_annotations(part))
        texts.append(text)
        length += len(text)
    whole = PART_GAP.join(texts)
    return Content(whole, citations_of(whole, annotations), tuple(images), refusal)


def message_status(raw: Mapping[str, Any]) -> tuple[str, str]:
    """The shown status of a stored message and its note."""
    status = as_text(raw.get("status"))
    reason = as_text(as_dict(raw.get("incomplete_details")).get("reason"))
    if status in ("", "completed"):
        return "complete", ""
    if reason == "run_cancelled":
        return "stopped", INCOMPLETE_NOTES[reason]
    if reason == "run_failed":
        return "failed", INCOMPLETE_NOTES[reason]
    if status == "in_progress":
        return "streaming", ""
    return "incomplete", INCOMPLETE_NOTES.get(reason, "Incomplete.")


def message_of(raw: Mapping[str, Any], *, author: str, now: datetime) -> ChatMessage | None:
    """A stored message as the chat shows it; None without an id, since nothing can be done with it."""
    message_id = as_text(raw.get("id"))
    if not message_id:
        return None
    content = content_of(raw.get("content"))
    status, note = message_status(raw)
    role = "user" if raw.get("role") == "user" else "assistant"
    return ChatMessage(
        message_id,
        role,  # type: ignore[arg-type]
        content.text,
        moment(raw.get("created_at")) or now,
        status,  # type: ignore[arg-type]
        author=author if role == "assistant" else "",
        run_id=as_text(raw.get("run_id")) or None,
        citations=content.citations,
        images=content.images,
        attachments=attachments_of(raw),
        refusal=content.refusal,
        note=note,
    )


def attachments_of(raw: Mapping[str, Any]) -> tuple[str, ...]:
    ids = (as_text(as_dict(item).get("file_id")) for item in as_list(raw.get("attachments")))
    return tuple(file_id for file_id in ids if file_id)


def call_of(raw: Any, *, run_id: str = "", step_id: str = "", done: bool = False) -> ToolCallView | None:
    """A tool call of a step or of `required_action`; None without an id."""
    call = as_dict(raw)
    call_id = as_text(call.get("id"))
    if not call_id:
        return None
    kind = as_text(call.get("type"))
    if kind in ("file_search", "retrieval"):
        return _file_search(call_id, call, run_id, step_id, done)
    if kind == "code_interpreter":
        return _code_interpreter(call_id, call, run_id, step_id, done)
    function = as_dict(call.get("function"))
    output = function.get("output")
    return ToolCallView(
        call_id,
        "function",
        as_text(function.get("name")),
        as_text(function.get("arguments")),
        output if isinstance(output, str) else None,
        done or isinstance(output, str),
        run_id=run_id,
        step_id=step_id,
    )


def _file_search(call_id: str, call: dict[str, Any], run_id: str, step_id: str, done: bool) -> ToolCallView:
    search = as_dict(call.get("file_search") or call.get("retrieval"))
    queries = [as_text(item) for item in as_list(search.get("queries"))] or [as_text(search.get("query"))]
    results = search.get("results")
    names = [
        as_text(as_dict(item).get("file_name")) or as_text(as_dict(item).get("file_id")) for item in as_list(results)
    ]
    output = "\n".join(names) if isinstance(results, list) else None
    query = ", ".join(q for q in queries if q)
    return ToolCallView(call_id, "file_search", "file_search", query, output, done, run_id=run_id, step_id=step_id)


def _code_interpreter(call_id: str, call: dict[str, Any], run_id: str, step_id: str, done: bool) -> ToolCallView:
    code = as_dict(call.get("code_interpreter"))
    outputs = [_code_output(item) for item in as_list(code.get("outputs"))]
    output = "\n".join(outputs) if outputs else None
    source = as_text(code.get("input"))
    return ToolCallView(
        call_id, "code_interpreter", "code_interpreter", source, output, done, run_id=run_id, step_id=step_id
    )


def _code_output(raw: Any) -> str:
    output = as_dict(raw)
    return as_text(output.get("logs")) or as_text(as_dict(output.get("image")).get("file_id"))


def step_calls(step: Mapping[str, Any]) -> tuple[ToolCallView, ...]:
    """The tool calls of one stored run step, with its time where both ends are known."""
    details = as_dict(step.get("step_details"))
    ended = as_text(step.get("status")) in ("completed", "failed", "cancelled", "expired")
    run_id, step_id = as_text(step.get("run_id")), as_text(step.get("id"))
    calls = (call_of(raw, run_id=run_id, step_id=step_id, done=ended) for raw in as_list(details.get("tool_calls")))
    return tuple(call for call in calls if call is not None)


def step_message_id(step: Mapping[str, Any]) -> str:
    """The message that a `message_creation` step made; empty for other steps."""
    details = as_dict(step.get("step_details"))
    return as_text(as_dict(details.get("message_creation")).get("message_id"))


def required_calls(run: Mapping[str, Any]) -> tuple[ToolCallView, ...]:
    """The calls a `requires_action` run waits for."""
    wanted = as_dict(as_dict(run.get("required_action")).get("submit_tool_outputs"))
    run_id = as_text(run.get("id"))
    calls = (call_of(raw, run_id=run_id) for raw in as_list(wanted.get("tool_calls")))
    return tuple(call for call in calls if call is not None)


def tokens_of(usage: Any) -> TokenUse | None:
    """Token counts of a run; the details' keys are read in both spellings that servers use."""
    raw = as_dict(usage)
    if not raw:
        return None
    prompt = as_dict(raw.get("prompt_token_details") or raw.get("prompt_tokens_details"))
    completion = as_dict(raw.get("completion_tokens_details") or raw.get("completion_token_details"))
    return TokenUse(
        count_in(raw.get("prompt_tokens")),
        count_in(raw.get("completion_tokens")),
        count_in(prompt.get("cached_tokens")),
        count_in(completion.get("reasoning_tokens")),
    )


def count_in(value: Any) -> int:
    """0 for what is no count (NaN, infinity, a text, a negative number)."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= MOST_COUNTED:
        return int(value)
    return 0


def run_facts(run: Mapping[str, Any], known: ReplyFacts | None = None) -> ReplyFacts:
    """What a run object tells about its reply; measured times and the version are kept from `known`."""
    known = known or ReplyFacts()
    return ReplyFacts(
        as_text(run.get("model")) or known.model,
        known.version,
        known.seconds if known.seconds is not None else _run_seconds(run),
        known.first_token_seconds,
        tokens_of(run.get("usage")) or known.tokens,
        known.cost,
        known.overrides,
        json_format(run.get("response_format")) or known.response_format,
    )


def json_format(value: Any) -> dict[str, Any] | None:
    """A response format that asks for JSON; None for any other."""
    return value if as_dict(value).get("type") in ("json_object", "json_schema") else None


def _run_seconds(run: Mapping[str, Any]) -> float | None:
    start, end = moment(run.get("created_at")), moment(run.get("completed_at"))
    return (end - start).total_seconds() if start and end and end > start else None


def reading_order(data: Sequence[dict[str, Any]], *, newest_first: bool = True) -> list[dict[str, Any]]:
    """Oldest first. The times tell which way round a page is; where they do not, it is as it was asked for."""
    items = [item for item in data if as_text(item.get("id"))]
    if len(items) > 1:
        first, last = unix(items[0].get("created_at")), unix(items[-1].get("created_at"))
        newest_first = first > last if first != last else newest_first
    return items[::-1] if newest_first else items
