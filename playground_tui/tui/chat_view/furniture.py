"""The lines around a message's text: heading, tool calls, citations, why it ended, what it took."""

from __future__ import annotations

from datetime import datetime

from playground_tui.tui.chat_view.clean import clean, safe, tame
from playground_tui.tui.chat_view.inline import citation_span
from playground_tui.tui.chat_view.lines import BLANK, SEPARATOR, Flow, Line, Span
from playground_tui.tui.chat_view.units import LinesUnit
from playground_tui.tui.chat_view.wrap import cells, cut_lines, wrap
from playground_tui.workspace.values import ChatMessage, Citation, ReplyFacts, ToolCallView

_STATES = {"sending": "sending", "queued": "queued", "incomplete": "incomplete", "failed": "! failed"}
_ENDINGS = {"stopped": "■ Stopped", "failed": "! Failed", "incomplete": "! Incomplete"}


def shorten(text: str, width: int) -> str:
    """At most `width` cells, with an ellipsis where it was cut."""
    if cells(text) <= width:
        return text
    cut = cut_lines(text, max(1, width - 1), words=False)[0]
    return text[: cut[1]] + "…"


def clock_time(at: datetime, now: datetime) -> str:
    local = at.astimezone()
    today = now.astimezone().date()
    return f"{local:%H:%M}" if local.date() == today else f"{local.day} {local:%b} {local:%H:%M}"


def heading(message: ChatMessage, now: datetime) -> Flow:
    """`You · 14:01`, `Support bot · gpt-6 · version 12`."""
    flow = Flow()
    if message.role == "user":
        flow.add((message.author and safe(message.author)) or "You", "you")
        _add_detail(flow, clock_time(message.created_at, now))
        _add_detail(flow, _STATES.get(message.status, ""))
    else:
        flow.add(safe(message.author) or "Assistant", "author")
        facts = message.facts or ReplyFacts()
        _add_detail(flow, safe(facts.model))
        start = flow.size + len(SEPARATOR)
        _add_detail(flow, _made_with(facts))
        if message.run_id:
            flow.mark(start, Span("version", message.run_id))
    return flow


def _made_with(facts: ReplyFacts) -> str:
    """`version 12 · with temperature`."""
    version = f"version {facts.version}" if facts.version is not None else ""
    overrides = f"with {', '.join(map(safe, facts.overrides))}" if facts.overrides else ""
    return SEPARATOR.join(filter(None, (version, overrides)))


def _add_detail(flow: Flow, detail: str) -> None:
    flow.add(SEPARATOR + detail if detail else "", "dim")


def extras(message: ChatMessage) -> str:
    """What came with a message and has no text of its own."""
    counts = [(len(message.attachments), "file"), (len(message.images), "image")]
    return ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for count, word in counts if count)


def call_line(call: ToolCallView, width: int) -> Line:
    """`▸ name "arguments"      done · 0.4 s`. A function is somebody else's to carry out."""
    state = "done" if call.done else "waits" if call.kind == "function" else "running"
    if call.seconds is not None:
        state += f"{SEPARATOR}{call.seconds:.1f} s"
    name = safe(call.name or call.kind)
    lead = shorten(f"▸ {name}", max(4, width - len(state) - 2))
    space = width - cells(lead) - len(state) - 3
    arguments = shorten(_short_arguments(call.arguments), space) if space >= 4 else ""
    middle = f" {arguments}" if arguments else ""
    fill = max(1, width - cells(lead) - cells(middle) - len(state))
    runs = [(lead, "call"), (middle, "dim"), (" " * fill, "dim"), (state, "dim")]
    size = len(lead) + len(middle)
    return Line([run for run in runs if run[0]], marks=((0, size, Span("call", call.id, name)),))


def _short_arguments(arguments: str) -> str:
    text = safe(arguments[:2_000])
    if text.startswith("{") and text.endswith("}"):
        inner = text[1:-1].strip()
        return inner if inner.count('":') != 1 else inner.split('":', 1)[1].strip()
    return text


def citation_lines(citations: tuple[Citation, ...], width: int) -> list[Line]:
    lines: list[Line] = []
    seen: set[str] = set()
    for citation in citations:
        label = safe(citation.label)
        if label and label not in seen:
            seen.add(label)
            flow = Flow.of(label, "citation")
            flow.mark(0, citation_span(citation))
            lines += wrap(flow, width)
    return lines


def ending(message: ChatMessage) -> str:
    """Why the text is not the whole answer; empty when it is. A question says in its heading that it got none."""
    if message.role == "user" and message.status == "failed":
        return ""
    return ended(message.status, message.note, refusal=message.refusal)


def ended(status: str, note: str, *, refusal: bool = False) -> str:
    sign = _ENDINGS.get(status, "")
    if refusal and not sign:
        sign = "! Refused"
    note = safe(note)
    if sign.lower().endswith(note.rstrip(".").lower().removeprefix("the run ")):
        note = ""  # "Stopped." and "The run failed." are no reasons
    return f"{sign}: {note}" if sign and note else sign or note


def facts_text(facts: ReplyFacts) -> str:
    """`1.8 s · first token 0.4 s · 812 in · 164 out`."""
    parts: list[str] = []
    if facts.seconds is not None:
        parts.append(f"{facts.seconds:.1f} s")
    if facts.first_token_seconds is not None:
        parts.append(f"first token {facts.first_token_seconds:.1f} s")
    if tokens := facts.tokens:
        parts += [f"{tokens.prompt:,} in", f"{tokens.completion:,} out"]
        parts += [f"{tokens.cached:,} cached"] if tokens.cached else []
        parts += [f"{tokens.reasoning:,} reasoning"] if tokens.reasoning else []
    if facts.cost is not None:
        parts.append(f"cost {facts.cost:.4f}")
    return SEPARATOR.join(parts)


def remark_lines(remark: str, width: int) -> list[Line]:
    """The person's note."""
    flow = Flow.of("Note: ", "remark")
    flow.add(tame(clean(remark).expandtabs(4)), "remark")
    return wrap(flow, width)


def heading_unit(message: ChatMessage, now: datetime) -> LinesUnit:
    return LinesUnit("", 2, lambda width: [BLANK, *wrap(heading(message, now), width)])


def calls_unit(message: ChatMessage) -> LinesUnit:
    """Calls, and what came with the message beside text; may have no line at all."""
    more = extras(message)

    def make(width: int) -> list[Line]:
        lines = [call_line(call, width) for call in message.calls]
        return lines + (wrap(Flow.of(more, "dim"), width) if more else [])

    return LinesUnit("".join("▸" for _ in message.calls), len(message.calls) + bool(more), make)


def foot_unit(message: ChatMessage) -> LinesUnit:
    """Citations, why the text ended, what it took; may have no line at all."""
    end = ending(message)
    facts = facts_text(message.facts) if message.facts else ""

    def make(width: int) -> list[Line]:
        lines = citation_lines(message.citations, width)
        lines += wrap(Flow.of(end, "warning"), width) if end else []
        lines += wrap(Flow.of(facts, "dim"), width) if facts else []
        return lines + (remark_lines(message.remark, width) if message.remark else [])

    rows = len({citation.label for citation in message.citations}) + bool(end) + bool(facts) + bool(message.remark)
    return LinesUnit("▸" if message.citations else "", rows, make)
