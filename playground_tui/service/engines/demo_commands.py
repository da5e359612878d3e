"""Typed commands that bring every state of the app from the demo. Contract: `script_of` gives steps, in order: text to
say, seconds to wait, an engine event, or an error that ends it. Calls have no ids yet: the engine gives them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.engines import demo_texts as texts
from playground_tui.service.engines.base import (
    Annotation,
    CallArguments,
    CallStart,
    EngineError,
    EngineEvent,
    EngineRequest,
    Finish,
    ReasoningDelta,
    RefusalDelta,
    UserTurn,
)
from playground_tui.service.engines.demo_reply import (
    SEARCH,
    about_outputs,
    as_json,
    functions_of,
    outputs_of,
    question_of,
    reply_to,
    without_functions,
)
from playground_tui.service.engines.demo_sample import sample

MAX_LONG = 64_000
"""Tokens that `/long` gives at most."""
CITED_FILE = "file-demo"

Step = str | float | EngineEvent | EngineError
Script = Iterator[Step]


@dataclass(frozen=True, slots=True)
class Command:
    help: str
    run: Callable[[EngineRequest, str], Script]


def script_of(request: EngineRequest) -> Script:
    """A command if the last message is one, else what the conversation asks for."""
    if outputs_of(request):
        yield about_outputs(request)
        return
    question = question_of(request)
    word, _, argument = question.partition(" ") if _ends_with_user(request) else ("", "", "")
    if command := COMMANDS.get(word.lower().removeprefix("/")) if word.startswith("/") else None:
        yield from command.run(request, argument.strip())
    elif word.startswith("/") and len(word) > 1:
        yield f"*Demo model.* There is no command `{word[:40]}`.\n\n{_help_text()}"
    elif _may_search(request):
        yield from _search(question)
    elif wanted := _wanted(request, question):
        yield from _call(request, wanted)
    else:
        yield reply_to(request)


def _ends_with_user(request: EngineRequest) -> bool:
    return bool(request.turns) and isinstance(request.turns[-1], UserTurn)


def _wanted(request: EngineRequest, question: str) -> list[Mapping[str, Any]]:
    """Functions that must be called (tool choice), or that the question names by a word of their name."""
    functions, choice = functions_of(request), request.tool_choice
    if choice == "none" or not functions:
        return []
    if isinstance(choice, Mapping):
        name = (choice.get("function") or {}).get("name") or choice.get("type")
        return [f for f in functions if f["name"] == name][:1]
    if choice == "required":
        return functions[:1]
    if not _ends_with_user(request):
        return []
    words = set(re.findall(r"[a-z]{4,}", question.lower()))
    return [f for f in functions if words & set(re.findall(r"[a-z]{4,}", f["name"].lower()))][:2]


def _may_search(request: EngineRequest) -> bool:
    """The demo looks into the attached files whenever it may."""
    named = isinstance(request.tool_choice, Mapping) and request.tool_choice.get("type") == "function"
    if request.tool_choice == "none" or not _ends_with_user(request) or named:
        return False
    return any(function["name"] == SEARCH for function in functions_of(request))


def _search(question: str) -> Script:
    yield CallStart(0, "", SEARCH)
    yield CallArguments(0, json.dumps({"query": question[:2000] or "demo"}, ensure_ascii=False))
    yield Finish("tool_calls")


def _call(request: EngineRequest, functions: list[Mapping[str, Any]]) -> Script:
    if request.parallel_tool_calls is False:
        functions = functions[:1]
    hint = re.sub(r"^/\S+\s*", "", question_of(request)) or "demo"
    for index, function in enumerate(functions):
        yield CallStart(index, "", function["name"])
        if function["name"] == SEARCH:
            yield CallArguments(index, json.dumps({"query": hint[:2000]}, ensure_ascii=False))
            continue
        value = sample(function.get("parameters") or {"type": "object"}, hint=hint[:200], seed=index)
        for piece in re.findall(r"(?s).{1,12}", json.dumps(value, ensure_ascii=False)):
            yield CallArguments(index, piece)
            yield 0.02
    yield Finish("tool_calls")


def _text(request: EngineRequest, argument: str) -> Script:
    yield texts.PARAGRAPH


def _calls(request: EngineRequest, argument: str) -> Script:
    functions = functions_of(request)
    if not functions:
        yield without_functions()
    elif request.tool_choice == "none":
        yield "*Demo model.* The tool choice is `none`, so I must not call a function."
    else:
        yield from _call(request, (functions * 2)[:2])


def _slow(request: EngineRequest, argument: str) -> Script:
    yield ReasoningDelta()
    yield _number(argument, 5.0, 600.0)
    for word in re.findall(r"\s*\S+", texts.PARAGRAPH):
        yield word
        yield 0.25


def _429(request: EngineRequest, argument: str) -> Script:
    yield EngineError(
        "The demo limits the rate of requests, on purpose.",
        code="rate_limit_exceeded",
        status=429,
        retryable=True,
        retry_after=_number(argument, 2.0, 60.0),
    )


def _400(request: EngineRequest, argument: str) -> Script:
    yield EngineError(
        "The demo answered 400, on purpose: unsupported value of 'temperature' with this model.",
        code="invalid_prompt",
        status=400,
        param="temperature",
    )


def _fail(request: EngineRequest, argument: str) -> Script:
    yield EngineError("The demo failed, on purpose.", status=500)


def _cut(request: EngineRequest, argument: str) -> Script:
    yield texts.PARAGRAPH[:120]
    yield EngineError("The demo ended the connection before the reply was complete, on purpose.")


def _refuse(request: EngineRequest, argument: str) -> Script:
    for word in re.findall(r"\s*\S+", "I'm the demo, and I was asked to refuse, so I cannot help with that."):
        yield RefusalDelta(word)
        yield 0.02


def _length(request: EngineRequest, argument: str) -> Script:
    yield texts.PARAGRAPH[:200]
    yield Finish("length")


def _filter(request: EngineRequest, argument: str) -> Script:
    yield texts.PARAGRAPH[:80]
    yield Finish("content_filter")


def _think(request: EngineRequest, argument: str) -> Script:
    for thought in texts.THOUGHTS:
        yield ReasoningDelta(thought)
        yield 0.3
    yield texts.PARAGRAPH


def _long(request: EngineRequest, argument: str) -> Script:
    yield texts.long_text(int(_number(argument, 2000.0, MAX_LONG)))


def _citation(request: EngineRequest, argument: str) -> Script:
    before, mark = "*Demo model.* Annual plans can be refunded within 30 days ", "【1†refund-policy.pdf】"
    yield before + mark
    start = len(before)
    citation = {"file_id": CITED_FILE}
    place = {"start_index": start, "end_index": start + len(mark)}
    yield Annotation({"type": "file_citation", "text": mark, "file_citation": citation, **place})
    yield ". The file is made up; only the way it is cited is real."


def _json(request: EngineRequest, argument: str) -> Script:
    plain = not isinstance(request.response_format, Mapping) or request.response_format.get("type") == "text"
    body = as_json(request, argument or "/json")
    yield (
        f"*Demo model.* No JSON format is set, so here it comes in a block:\n\n```json\n{body}\n```" if plain else body
    )


def _markdown(request: EngineRequest, argument: str) -> Script:
    yield texts.MARKDOWN


def _help(request: EngineRequest, argument: str) -> Script:
    yield f"*Demo model; no real model is connected.* Each command shows one state of the app:\n\n{_help_text()}"


def _help_text() -> str:
    rows = [f"| `/{name}` | {command.help} |" for name, command in COMMANDS.items()]
    return "\n".join(["| command | shows |", "|---|---|", *rows])


def _number(argument: str, default: float, most: float) -> float:
    match = re.match(r"\d{1,9}(?:\.\d+)?", argument.replace(",", "").replace("_", ""))
    return min(float(match[0]), most) if match else default


COMMANDS: dict[str, Command] = {
    "text": Command("a plain reply", _text),
    "markdown": Command("code, a table, a list and links", _markdown),
    "long": Command("a long reply; `/long 8000` for that many tokens", _long),
    "slow": Command("a long wait and slow words; `/slow 20` waits 20 s", _slow),
    "think": Command("a model that thinks first", _think),
    "calls": Command("two parallel calls of the assistant's functions", _calls),
    "json": Command("JSON that fits the response format", _json),
    "citation": Command("a reply that cites a file", _citation),
    "refuse": Command("a refusal", _refuse),
    "429": Command("a rate limit, with retries", _429),
    "400": Command("an endpoint that refuses the temperature", _400),
    "fail": Command("a run that fails", _fail),
    "cut": Command("a connection lost in the middle of a reply", _cut),
    "length": Command("a reply ended by the token limit", _length),
    "filter": Command("a reply ended by a content filter", _filter),
    "help": Command("this list", _help),
}
