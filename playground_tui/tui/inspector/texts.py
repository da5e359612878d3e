"""What is told of a run and of each row of its list. Contract: pure functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from textual.content import Content

from playground_tui.tui.calls.words import pretty
from playground_tui.tui.inspector.rows import Item, size_words, slowest_call, total_seconds
from playground_tui.workspace.inspector.exchanges import Exchange
from playground_tui.workspace.inspector.values import RunInspection
from playground_tui.workspace.values import TokenUse

DIM = "$text-muted"
UNTOLD = {"steps": "its steps", "usage": "its tokens", "times": "its times"}


def token_words(tokens: TokenUse | None) -> str:
    if tokens is None:
        return ""
    parts = [f"{tokens.prompt:,} in", f"{tokens.completion:,} out"]
    parts += [f"{tokens.cached:,} cached"] if tokens.cached else []
    parts += [f"{tokens.reasoning:,} reasoning"] if tokens.reasoning else []
    return " · ".join(parts)


def summary(run: RunInspection) -> Content:
    """The run in a few lines."""
    total = total_seconds(run)
    facts = [run.status, run.model, f"version {run.version}" if run.version is not None else ""]
    facts += [f"{total:.1f} s" if total is not None else ""]
    facts += [f"first token {run.first_token_seconds:.1f} s" if run.first_token_seconds is not None else ""]
    used = [token_words(run.tokens), f"cost {run.cost:.4f}" if run.cost is not None else ""]
    lines = [Content.styled(_joined(facts), "bold")]
    if told := _joined(used):
        lines.append(Content(told))
    lines.append(Content.styled(f"{run.run_id} · {run.thread_id}", DIM))
    if run.error:
        lines.append(Content.assemble(("! ", "bold $text-error"), run.error))
    if run.truncation:
        lines.append(Content.styled(run.truncation, DIM))
    if run.overrides:
        lines.append(Content.styled(f"Overrides: {_line(run.overrides)}", DIM))
    if run.not_told:
        lines.append(Content.styled(f"This server does not tell {_listed(run.not_told)}.", DIM))
    return Content("\n").join(lines)


def _joined(parts: list[str]) -> str:
    return " · ".join(part for part in parts if part)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(UNTOLD.get(name, name) for name in names)


def _line(values: Mapping[str, Any]) -> str:
    text = ", ".join(f"{name} {json.dumps(value, ensure_ascii=False)}" for name, value in values.items())
    return text if len(text) <= 200 else f"{text[:199]}…"


def detail(run: RunInspection, item: Item) -> Content:
    """Of the marked row."""
    if item.exchange is not None:
        return exchange_text(item.exchange)
    if item.call is not None:
        return _call_text(run, item)
    return _step_text(run, item)


def _call_text(run: RunInspection, item: Item) -> Content:
    call, step = item.call, item.step
    assert call is not None
    assert step is not None
    output = "nothing yet" if call.output is None else pretty(call.output) if call.output else "an empty text"
    parts: list[tuple[str, str] | str] = [
        (f"Call {item.number}: {call.name or call.kind}\n", "bold"),
        (_why(run, item) + "\n", ""),
        (f"\nArguments · {size_words(len(call.arguments.encode()))}\n", DIM),
        pretty(call.arguments),
        (f"\n\nOutput · {size_words(len((call.output or '').encode()))}\n", DIM),
        output,
    ]
    if step.error:
        parts.append((f"\n\n! {step.error}", "$text-error"))
    parts.append((f"\n\n{call.id} · {step.step_id}", DIM))
    return Content.assemble(*parts)


def _why(run: RunInspection, item: Item) -> str:
    """Where the time of a call went, as far as it was told."""
    call, step, total = item.call, item.step, total_seconds(run)
    assert call is not None
    assert step is not None
    seconds = call.seconds
    alone = len(step.calls) == 1
    if seconds is None and alone:
        seconds = step.seconds
    if seconds is None:
        return f"Its own time was not told; its step took {step.seconds:.1f} s." if step.seconds is not None else ""
    share = f", {100 * seconds / total:.0f} % of the run" if total else ""
    words = f"Took {seconds:.1f} s{share}, from {step.start:.1f} s on"
    words += ", the slowest call" if call is slowest_call(run) else ""
    if call.kind == "function":
        words += ": until its output was handed in, together with the others of its step" if not alone else ""
    return words + "."


def _step_text(run: RunInspection, item: Item) -> Content:
    step = item.step
    if step is None:
        return Content("")
    took = f"{step.seconds:.1f} s" if step.seconds is not None else "no end was told"
    took += " so far" if step.status == "in_progress" else ""
    said = {
        "queued": "Waited for the run to be started.",
        "message": "The model wrote its reply.",
        "tools": "Tools were called.",
    }.get(step.kind, "")
    lines = [Content.styled(step.title, "bold"), Content(f"From {step.start:.1f} s on, {took}. {said}")]
    if tokens := token_words(step.tokens):
        lines.append(Content.styled(tokens, DIM))
    if step.status:
        lines.append(Content.styled(f"status {step.status}", DIM))
    if step.error:
        lines.append(Content.styled(f"! {step.error}", "$text-error"))
    ids = " · ".join(part for part in (step.step_id, step.message_id) if part)
    lines.append(Content.styled(ids, DIM))
    return Content("\n").join(lines)


def exchange_text(said: Exchange) -> Content:
    status = f"{said.status}" if said.status else "no answer came"
    body = "" if said.request_body is None else json.dumps(said.request_body, indent=2, ensure_ascii=False)
    cut = " (its beginning)" if said.cut else ""
    return Content.assemble(
        (f"{said.method.upper()} {said.url}\n", "bold"),
        (_headers(said.request_headers), DIM),
        f"\n{body}\n" if body else "\n",
        (f"\n{status} · {size_words(said.bytes)}{cut}\n", "bold"),
        (_headers(dict(said.response_headers)), DIM),
        "\n" + pretty(said.response) if said.response else "",
    )


def _headers(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in headers.items())


def raw_text(run: RunInspection, item: Item | None) -> str:
    """The JSON behind a row: its step's, else the run's."""
    step_id = item.step.step_id if item is not None and item.step is not None else ""
    raw: Mapping[str, Any] = next((step for step in run.raw_steps if step.get("id") == step_id), run.raw_run)
    return json.dumps(raw, indent=2, ensure_ascii=False)
