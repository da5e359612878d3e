"""An `EngineRequest` as the body of a Responses request with `store=false`: the whole conversation each time, with the
model's encrypted reasoning handed back where it was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playground_tui.service.engines.base import (
    AssistantTurn,
    EngineRequest,
    FunctionCall,
    ImagePart,
    TextPart,
    ToolTurn,
    UserTurn,
)

MIN_OUTPUT_TOKENS = 16
"""The API refuses less."""
CARRY_TYPE = "responses_item"
"""The type of this engine's carried items. `item`: an output item to send back as it came (reasoning, a hosted call);
`ref`: `message` or `call`, where the turn's own text or call stood between them."""
ENCRYPTED = "reasoning.encrypted_content"
_HOSTED = ("file_search", "code_interpreter")


def body_of(
    request: EngineRequest, provider_id: str, *, encrypted: bool = True, carried: bool = True
) -> dict[str, Any]:
    """`encrypted`: ask for encrypted reasoning. `carried`: send back what earlier turns carried."""
    body: dict[str, Any] = {
        "model": request.model,
        "input": list(_input(request, provider_id if carried else None)),
        "store": False,
        "stream": True,
    }
    for name in ("instructions", "temperature", "top_p"):
        if (value := getattr(request, name)) not in (None, ""):
            body[name] = value
    if request.max_output_tokens is not None:
        body["max_output_tokens"] = max(MIN_OUTPUT_TOKENS, request.max_output_tokens)
    if request.reasoning_effort is not None:
        body["reasoning"] = {"effort": request.reasoning_effort}
    if isinstance(request.response_format, Mapping):
        body["text"] = {"format": _format(request.response_format)}
    _add_tools(request, body)
    if include := _include(request, encrypted):
        body["include"] = include
    return body


def _include(request: EngineRequest, encrypted: bool) -> list[str]:
    kinds = {tool.get("type") for tool in request.tools}
    include = [ENCRYPTED] if encrypted else []
    include += ["file_search_call.results"] if "file_search" in kinds else []
    return include + (["code_interpreter_call.outputs"] if "code_interpreter" in kinds else [])


def _format(form: Mapping[str, Any]) -> dict[str, Any]:
    if form.get("type") != "json_schema":
        return {"type": form.get("type", "text")}
    inner = {k: v for k, v in (form.get("json_schema") or {}).items() if v is not None}
    return {"type": "json_schema", "schema": {}, **inner}


def _add_tools(request: EngineRequest, body: dict[str, Any]) -> None:
    """Tool choice and parallel calls are refused without tools."""
    if not (tools := [_tool(tool, request) for tool in request.tools]):
        return
    body["tools"] = tools
    choice = request.tool_choice
    if isinstance(choice, Mapping):
        choice = _named_choice(choice, tools)
    if choice is not None:
        body["tool_choice"] = choice
    if request.parallel_tool_calls is not None:
        body["parallel_tool_calls"] = request.parallel_tool_calls


def _named_choice(choice: Mapping[str, Any], tools: list[dict[str, Any]]) -> dict[str, Any]:
    """`file_search` that the service answers itself is a function to the endpoint."""
    kind = choice.get("type", "")
    if kind in _HOSTED and any(tool["type"] == kind for tool in tools):
        return {"type": kind}
    return {"type": "function", "name": choice["function"]["name"] if kind == "function" else kind}


def _tool(tool: Mapping[str, Any], request: EngineRequest) -> dict[str, Any]:
    kind = tool.get("type")
    if kind == "code_interpreter":
        container: dict[str, Any] = {"type": "auto"}
        if request.file_ids:
            container["file_ids"] = list(request.file_ids)
        return {"type": "code_interpreter", "container": container}
    if kind == "file_search":
        return _file_search(tool.get("file_search") or {}, request)
    function = tool["function"]
    made = {
        "type": "function",
        "name": function["name"],
        "parameters": function.get("parameters") or {"type": "object", "properties": {}},
        "strict": bool(function.get("strict")),  # this API's default is true, the Assistants API's false
    }
    if function.get("description"):
        made["description"] = function["description"]
    return made


def _file_search(options: Mapping[str, Any], request: EngineRequest) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "file_search", "vector_store_ids": list(request.vector_store_ids)}
    if options.get("max_num_results") is not None:
        made["max_num_results"] = options["max_num_results"]
    threshold = (options.get("ranking_options") or {}).get("score_threshold")
    if threshold is not None:  # the rankers have other names here, so its own choice is left to the endpoint
        made["ranking_options"] = {"score_threshold": threshold}
    return made


def _input(request: EngineRequest, provider_id: str | None) -> Iterator[dict[str, Any]]:
    for turn in request.turns:
        if isinstance(turn, UserTurn):
            yield {"role": "user", "content": [_part(part) for part in turn.parts]}
        elif isinstance(turn, ToolTurn):
            yield {"type": "function_call_output", "call_id": turn.call_id, "output": turn.output}
        else:
            yield from _said(turn, provider_id)


def _part(part: TextPart | ImagePart) -> dict[str, Any]:
    if isinstance(part, TextPart):
        return {"type": "input_text", "text": part.text}
    return {"type": "input_image", "image_url": part.url, "detail": part.detail}


def _said(turn: AssistantTurn, provider_id: str | None) -> Iterator[dict[str, Any]]:
    """The turn's items in the order in which the model made them: reasoning belongs before what followed from it."""
    calls = {call.call_id: call for call in turn.calls}
    spoken = False
    for carried in turn.carry:
        if carried.get("type") != CARRY_TYPE or carried.get("provider") != provider_id:
            continue
        if isinstance(item := carried.get("item"), Mapping):
            yield dict(item)
        elif carried.get("ref") == "message" and not spoken:
            spoken = True
            yield from _message(turn, carried.get("phase"))
        elif call := calls.pop(str(carried.get("call_id")), None):
            yield _call(call)
    if not spoken:
        yield from _message(turn, None)
    for call in calls.values():
        yield _call(call)


def _message(turn: AssistantTurn, phase: object) -> Iterator[dict[str, Any]]:
    content: list[dict[str, Any]] = []
    if turn.text:
        content.append({"type": "output_text", "text": turn.text})
    if turn.refusal:
        content.append({"type": "refusal", "refusal": turn.refusal})
    if content:
        yield {"role": "assistant", "content": content, **({"phase": phase} if phase else {})}


def _call(call: FunctionCall) -> dict[str, Any]:
    return {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments or "{}"}
