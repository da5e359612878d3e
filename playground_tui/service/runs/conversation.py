"""A thread's messages and the tool calls of its runs → the turns an engine is sent, in blocks that stay together.

- A run's steps stand where its messages stand; a text and the calls of the same completion are one turn.
- A round of calls of an earlier run counts only when every call has its output; half a round would be refused by
  any model endpoint. Calls that the endpoint ran itself are not repeated: their fruit is in the text.
- Attachments and pictures that cannot be shown to the model are named in words, so that it can say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.engines.base import (
    AssistantTurn,
    FunctionCall,
    ImagePart,
    TextPart,
    ToolTurn,
    Turn,
    UserTurn,
)
from playground_tui.service.runs.objects import Object
from playground_tui.service.runs.tokens import turns_tokens

Steps = Sequence[tuple[Object, Object]]
"""A run's steps in order, each with what is kept beside it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Turns that are sent together or not at all."""

    turns: tuple[Turn, ...]
    is_message: bool
    """False: only tool calls; it does not count as one of `last_messages`."""
    tokens: int
    """Estimated."""
    own: bool = False
    """Of the run itself: never left out."""


@dataclass(frozen=True, slots=True)
class Senses:
    """What the endpoint can be shown."""

    images: bool = True
    file_url: Callable[[str], str | None] = lambda file_id: None
    """A picture's file id → its content as a data URL; None where the service does not have it."""
    file_name: Callable[[str], str | None] = lambda file_id: None
    kind: str = ""
    """The engine's kind: only its own carried items are handed back."""


def blocks(
    messages: Iterable[tuple[int, Object]],
    steps: Mapping[str, Steps],
    silent: Sequence[tuple[str, int]],
    run_id: str,
    senses: Senses,
) -> list[Block]:
    """`messages`: (seq, message), oldest first. `steps`: by run id, of every run that one of the messages or `silent`
    names, and of `run_id`. `silent`: (run id, seq of the message it came after) of runs without a message."""
    listed = list(messages)
    by_id = {message["id"]: message for _, message in listed}
    found: list[Block] = []
    seen = {run_id}
    waiting = sorted((pair for pair in silent if pair[0] != run_id), key=lambda pair: pair[1])
    for seq, message in listed:
        while waiting and waiting[0][1] < seq:
            found += _run_blocks(steps.get(waiting.pop(0)[0], ()), by_id, senses)
        owner = message["run_id"]
        if owner is None:
            found += _message_block(message, senses)
        elif owner not in seen:
            seen.add(owner)
            found += _run_blocks(steps.get(owner, ()), by_id, senses) or _message_block(message, senses)
    for silent_id, _ in waiting:
        found += _run_blocks(steps.get(silent_id, ()), by_id, senses)
    return found + [replace(block, own=True) for block in _run_blocks(steps.get(run_id, ()), by_id, senses)]


def _message_block(message: Object, senses: Senses) -> list[Block]:
    turn = user_turn(message, senses) if message["role"] == "user" else assistant_turn(message)
    return [_block((turn,), is_message=True)] if turn else []


def _run_blocks(steps: Steps, messages: Mapping[str, Object], senses: Senses) -> list[Block]:
    """One block for each completion of the run."""
    found: list[Block] = []
    for spoken, turn, outputs in _rounds(steps, messages, senses):
        if turn.text or turn.refusal or turn.calls or turn.carry:
            found.append(_block((turn, *outputs), is_message=spoken))
    return found


Round = tuple[bool, AssistantTurn, tuple[ToolTurn, ...]]


def _rounds(steps: Steps, messages: Mapping[str, Object], senses: Senses) -> Iterator[Round]:
    open_round: Round | None = None
    for step, extra in steps:
        details = step["step_details"]
        if details["type"] == "message_creation":
            if open_round:
                yield open_round
            message = messages.get(details["message_creation"]["message_id"])
            turn = (message and assistant_turn(message)) or AssistantTurn()
            open_round = (message is not None, _carrying(turn, extra, senses), ())
            continue
        calls, outputs = _function_round(details["tool_calls"], extra) if step["status"] == "completed" else ((), ())
        spoken, turn, _ = open_round or (False, AssistantTurn(), ())
        turn = _carrying(replace(turn, calls=calls), extra, senses)
        if calls or extra.get("carry"):
            yield spoken, turn, outputs
            open_round = None
    if open_round:
        yield open_round


def _carrying(turn: AssistantTurn, extra: Object, senses: Senses) -> AssistantTurn:
    carry = extra.get("carry")
    return replace(turn, carry=tuple(carry)) if carry and extra.get("kind") == senses.kind else turn


def _function_round(calls: Sequence[Object], extra: Object) -> tuple[tuple[FunctionCall, ...], tuple[ToolTurn, ...]]:
    """What the client answered and, from `extra`, what the service answered itself."""
    own = extra.get("answered") or {}
    asked, answers = [], []
    for call in calls:
        if call["type"] == "function":
            name, answer = call["function"]["name"], call["function"]
        elif call["id"] in own:
            name, answer = call["type"], own[call["id"]]
        else:
            continue
        if answer["output"] is None:
            return (), ()
        asked.append(FunctionCall(call["id"], name, answer["arguments"]))
        answers.append(ToolTurn(call["id"], answer["output"]))
    return tuple(asked), tuple(answers)


def user_turn(message: Object, senses: Senses) -> UserTurn | None:
    parts = [part for item in message["content"] if (part := _part(item, senses))]
    parts += [TextPart(_attachment_note(item, senses)) for item in message["attachments"] or ()]
    return UserTurn(tuple(parts)) if parts else None


def assistant_turn(message: Object) -> AssistantTurn | None:
    """None when the message says nothing."""
    texts, refusals = [], []
    for item in message["content"]:
        match item["type"]:
            case "text":
                texts.append(item["text"]["value"])
            case "refusal":
                refusals.append(item["refusal"])
            case kind:
                texts.append(f"[Picture {_picture_name(item, kind)}]")
    text, refusal = "\n".join(filter(None, texts)), "\n".join(filter(None, refusals))
    return AssistantTurn(text, refusal or None) if text or refusal else None


def _part(item: Object, senses: Senses) -> TextPart | ImagePart | None:
    url: str | None
    detail: Literal["auto", "low", "high"]
    match item["type"]:
        case "text":
            value = item["text"]["value"]
            return TextPart(value) if value else None
        case "image_url":
            url, detail = item["image_url"]["url"], item["image_url"].get("detail") or "auto"
        case "image_file":
            url, detail = senses.file_url(item["image_file"]["file_id"]), item["image_file"].get("detail") or "auto"
        case _:
            return None
    if url and senses.images:
        return ImagePart(url, detail)
    return TextPart(f"[A picture that you cannot see: {_picture_name(item, item['type'])}]")


def _picture_name(item: Object, kind: str) -> str:
    if kind == "image_file":
        return str(item["image_file"]["file_id"])
    url = str(item.get("image_url", {}).get("url", ""))
    return "in the message itself" if url.startswith("data:") else url


def _attachment_note(attachment: Object, senses: Senses) -> str:
    tools = ", ".join(tool["type"] for tool in attachment.get("tools") or ())
    file_id = attachment["file_id"]
    name = senses.file_name(file_id)
    named = f"{name} ({file_id})" if name else file_id
    return f"[Attached file: {named}{f', for {tools}' if tools else ''}]"


def _block(turns: tuple[Turn, ...], *, is_message: bool) -> Block:
    return Block(turns, is_message, turns_tokens(turns))
