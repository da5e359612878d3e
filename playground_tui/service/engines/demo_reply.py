"""What the demo says by itself: it shows what a model would be sent, so that a change in the form is a change on the
screen. Contract: the same request gives the same words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
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
from playground_tui.service.engines.demo_sample import sample

_BRIEF = re.compile(r"\b(brief|briefly|short|shortly|concise|concisely|terse|one sentence|one line)\b", re.IGNORECASE)
_LISTS = re.compile(r"\b(bullets?|bullet points?|lists?)\b", re.IGNORECASE)
_NOTE = re.compile(r"\[Attached file: [^\n]*\]")
"""What the service says of a file that came with a message."""
SEARCH = "file_search"
"""The function by which the service offers its own file search."""
_PASSAGE = re.compile(
    r"^(【\d+:\d+†[^】]*】)(?: pages? [\d-]+)?\n(.*?)(?=\n\n(?:【|Put the mark)|\Z)", re.DOTALL | re.MULTILINE
)
_SAMPLE_FUNCTION = {
    "name": "get_weather",
    "description": "Get the weather in a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def question_of(request: EngineRequest) -> str:
    """The text of the last user turn, stripped, without notes of what is attached; empty when there is none."""
    for turn in reversed(request.turns):
        if isinstance(turn, UserTurn):
            texts = (part.text for part in turn.parts if isinstance(part, TextPart))
            return "\n".join(text for text in texts if not _NOTE.fullmatch(text)).strip()
    return ""


def functions_of(request: EngineRequest) -> list[Mapping[str, Any]]:
    return [tool["function"] for tool in request.tools if tool.get("type") == "function"]


def reply_to(request: EngineRequest) -> str:
    question = question_of(request)
    if isinstance(request.response_format, Mapping) and request.response_format.get("type") != "text":
        return as_json(request, question)
    told = request.instructions.strip()
    if _BRIEF.search(told):
        return _brief_reply(request, question, told)
    blocks = ["*This is the demo model; no real model is connected.*", _asked(request, question), _told(told)]
    blocks += [_settings(request, told), "A real model would answer here in that role. `/help` lists what I can show."]
    return "\n\n".join(block for block in blocks if block)


def _brief_reply(request: EngineRequest, question: str, told: str) -> str:
    asked = f"You asked “{_excerpt(question, 80)}”" if question else "You have not asked anything yet"
    return f"*Demo model.* {asked}; told to be brief, I stop here (temperature {_temperature(request)}). Try `/help`."


def _asked(request: EngineRequest, question: str) -> str:
    texts = [t for t in request.turns if isinstance(t, UserTurn)]
    lines = [f"**You asked:** {_excerpt(question, 300)}" if question else "There is no message of yours yet."]
    if images := sum(isinstance(part, ImagePart) for part in (texts[-1].parts if texts else ())):
        lines.append(f"With it came {images} image{'s' * (images > 1)}, which the demo cannot look at.")
    if len(texts) > 1:
        before = "\n".join(p.text for p in texts[-2].parts if isinstance(p, TextPart)).strip()
        lines.append(f"Before that you wrote: *{_excerpt(before, 120)}*")
    return "\n\n".join(lines)


def _told(told: str) -> str:
    if not told:
        return "**I was told** nothing: the instructions are empty."
    words = len(told.split())
    quoted = "\n".join(f"> {line}" for line in _excerpt(told, 400, keep_lines=True).splitlines())
    return f"**I was told** ({words} word{'s' * (words != 1)}):\n\n{quoted}"


def _settings(request: EngineRequest, told: str) -> str:
    rows = {
        "model": f"`{request.model}`",
        "temperature": _temperature(request),
        "top_p": "not set" if request.top_p is None else f"{request.top_p:g}",
        "reasoning effort": request.reasoning_effort or "not set",
        "functions": ", ".join(f"`{f['name']}`" for f in functions_of(request)) or "none",
        "messages sent": str(len(request.turns)),
    }
    if _LISTS.search(told):
        return "\n".join(f"- {name}: {value}" for name, value in rows.items())
    return "\n".join(["| setting | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def _temperature(request: EngineRequest) -> str:
    value = request.temperature
    if value is None:
        return "not set"
    return f"{value:g} ({'focused' if value < 0.5 else 'balanced' if value <= 1.1 else 'creative'})"


def as_json(request: EngineRequest, question: str) -> str:
    """An object that fits the request's schema, if it has one."""
    form = request.response_format if isinstance(request.response_format, Mapping) else {}
    if form.get("type") == "json_schema":
        schema = (form.get("json_schema") or {}).get("schema")
        return _dumps(sample(schema or {"type": "object"}, hint=_excerpt(question, 80)))
    told = _excerpt(request.instructions, 80)
    return _dumps({"demo": True, "question": _excerpt(question, 200), "instructions": told})


def outputs_of(request: EngineRequest) -> list[tuple[FunctionCall | None, str]]:
    """The tool outputs that end the conversation, with their calls; empty when it does not end with outputs."""
    outputs: list[ToolTurn] = []
    for turn in reversed(request.turns):
        if not isinstance(turn, ToolTurn):
            break
        outputs.insert(0, turn)
    calls = {c.call_id: c for t in request.turns if isinstance(t, AssistantTurn) for c in t.calls}
    return [(calls.get(turn.call_id), turn.output) for turn in outputs]


def about_outputs(request: EngineRequest) -> str:
    if isinstance(request.response_format, Mapping) and request.response_format.get("type") != "text":
        return as_json(request, question_of(request))
    found = outputs_of(request)
    if all(call is not None and call.name == SEARCH for call, _ in found):
        if all(output.startswith("No files are attached") for _, output in found):
            return reply_to(request)
        return _cited("\n\n".join(output for _, output in found), question_of(request))
    head = "The function answered" if len(found) == 1 else f"The {len(found)} functions answered"
    blocks = [f"*Demo model.* {head}:"]
    for call, output in found:
        name = f"`{call.name}({_excerpt(call.arguments, 120)})`" if call else "a call I do not know"
        blocks.append(f"- {name} gave:\n\n{_fenced(output)}")
    return "\n\n".join(blocks)


def _cited(output: str, question: str) -> str:
    """What file search found, each passage's sentence that is nearest to the question, with its mark."""
    found = _PASSAGE.findall(output)
    if not found:
        return "*Demo model.* I searched the attached files and found no passage with these words."
    lines = [f"- {_excerpt(_sentence(text, question), 200)} {mark}" for mark, text in found[:3]]
    more = f"\n\n{len(found) - 3} more passages were found." if len(found) > 3 else ""
    return "\n\n".join(["*Demo model.* This is what the attached files say:", "\n".join(lines)]) + more


def _sentence(text: str, question: str) -> str:
    """The first words where no sentence has one of the question's."""
    asked = set(re.findall(r"\w{4,}", question.casefold()))
    sentences = re.split(r"(?<=[.!?])\s+|\n{2,}", text)
    shared = [len(asked & set(re.findall(r"\w{4,}", sentence.casefold()))) for sentence in sentences]
    best = max(range(len(sentences)), key=shared.__getitem__)
    return " ".join(sentences[best:]) if shared[best] else text


def without_functions() -> str:
    return (
        "*Demo model.* This assistant has no functions, so there is nothing to call. Add one under **Tools · "
        f"Functions**, for example:\n\n```json\n{_dumps(_SAMPLE_FUNCTION)}\n```\n\nThen send `/calls` again."
    )


def _fenced(output: str) -> str:
    try:
        text, language = _dumps(json.loads(output)), "json"
    except ValueError:
        text, language = output, ""
    text = text if len(text) <= 2000 else text[:1999] + "…"
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    block = f"{fence}{language}\n{text}\n{fence}"
    return "\n".join(f"  {line}" for line in block.split("\n"))


def _excerpt(text: str, size: int, *, keep_lines: bool = False) -> str:
    text = text.strip() if keep_lines else " ".join(text.split())
    return text if len(text) <= size else text[: size - 1].rstrip() + "…"


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
