"""What a person asks for on the command line of `ask`, read and checked before anything is opened."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from typing import Any

from playground_tui.cli.answers import Answers, read_answers
from playground_tui.cli.exits import WRONG_USAGE, CommandFailed
from playground_tui.cli.fields import WORDS, read_stdin, text_of, value_of
from playground_tui.cli.options import model_of
from playground_tui.cli.output import say
from playground_tui.quick_dataclass import dataclass

TEXTS = (*WORDS, "additional_instructions")


@dataclass(frozen=True, slots=True)
class Request:
    assistant: str | None
    prompt: str
    """From the arguments: its variables are filled."""
    piped: str
    """From standard input: left as it is."""
    thread: str | None
    files: tuple[str, ...]
    files_tool: str
    images: tuple[str, ...]
    variables: Mapping[str, str]
    overrides: Mapping[str, Any]
    approved: frozenset[str]
    answers: Answers | None
    timeout: float | None

    def allows(self, function: str) -> bool:
        return function in self.approved or "all" in self.approved


def request_of(
    options: dict[str, Any],
    assistant: str | None,
    prompt: tuple[str, ...],
    tool_outputs: str | None,
    given: Mapping[str, Any],
) -> Request:
    """Raises `CommandFailed`."""
    answers = read_answers(tool_outputs, given["thread"]) if tool_outputs else None
    text = " ".join(prompt) if prompt != ("-",) else ""
    piped = "" if tool_outputs else _piped(options, asked=prompt == ("-",) or not prompt)
    request = Request(
        assistant,
        text,
        piped,
        answers.thread if answers else given["thread"],
        tuple(given["attach"]),
        given["attach_to"],
        tuple(given["image"]),
        dict(_pair(pair, "--var") for pair in given["variables"]),
        _overrides(options, given),
        frozenset(given["approve"]),
        answers,
        given["timeout"],
    )
    if answers and (text or given["attach"] or given["image"]):
        raise CommandFailed("--tool-outputs goes on with a run; it takes no prompt and no files.", WRONG_USAGE)
    if not answers and assistant is not None and not (text.strip() or piped.strip() or request.images):
        raise CommandFailed("There is nothing to ask: give a prompt, or standard input.", WRONG_USAGE)
    return request


def _piped(options: Mapping[str, Any], *, asked: bool) -> str:
    """Standard input where it is a pipe, a file or a socket. On a terminal it is read only when it is all there is."""
    if sys.stdin is None:
        return ""
    try:
        if sys.stdin.isatty():
            return _typed(options) if asked else ""
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):
        return ""
    if stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode):
        return read_stdin()
    return ""


def _typed(options: Mapping[str, Any]) -> str:
    if not options.get("quiet"):
        say("Write the prompt; ctrl+d on a line of its own ends it.")
    return read_stdin()


def _overrides(options: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    from playground_tui.limits import ASSISTANT_FIELDS, RUN_SETTINGS
    from playground_tui.workspace.editor import RUN_FIELDS

    allowed = {*RUN_FIELDS, *RUN_SETTINGS}
    texts = {name: text for name, text in given.items() if name in allowed and text is not None}
    if model := model_of(options):
        texts["model"] = model
    for pair in given["settings"]:
        name, text = _pair(pair, "--set")
        if name not in allowed:
            raise CommandFailed(f"--set {name}: a run has no such parameter.", WRONG_USAGE)
        texts[name] = text
    values = {name: text_of(text) if name in TEXTS else value_of(name, text) for name, text in texts.items()}
    for name, value in values.items():
        rule = RUN_SETTINGS.get(name) or ASSISTANT_FIELDS[name]
        if problem := rule.check(value, name):
            raise CommandFailed(f"{name}: {problem.advice}", WRONG_USAGE, field=name)
    return values


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise CommandFailed(f"{option} takes NAME=VALUE.", WRONG_USAGE)
    return name, value
