"""How `ask` goes: prepare, post, run, answer calls that may be answered, and end in one of its ways."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Set
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from playground_tui.cli.exits import DONE, NEEDS_ACTION, TIMED_OUT, WRONG_USAGE, CommandFailed
from playground_tui.cli.output import Out
from playground_tui.cli.question import Request
from playground_tui.cli.reply import ReplyWriter, message_json, parsed, usage_json
from playground_tui.cli.session import as_command_failure, failed
from playground_tui.cli.signals import Interrupts
from playground_tui.cli.waiting import Waiting
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.turn import Question, Turn

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless
    from playground_tui.workspace.run_events import Changes


class Asking:
    def __init__(self, headless: Headless, out: Out, request: Request) -> None:
        self._headless = headless
        self._out = out
        self._request = request
        self._writer = ReplyWriter(out)
        self._waiting = Waiting(out, self._writer)
        self._turn: Turn | None = None
        self._assistant: dict[str, Any] = {}
        self._version: int | None = None
        self._started = datetime.now().astimezone()
        self._began = time.monotonic()
        self._first_token: float | None = None
        self._unapproved: Set[str] = frozenset()
        """Functions whose handler may not run."""

    async def run(self) -> int:
        """The exit code. Raises `CommandFailed`, `OutputClosed` and what the workspace raises."""
        interrupts = Interrupts()
        work = asyncio.create_task(self._work())
        stop = asyncio.ensure_future(interrupts.wait())
        ticking = asyncio.ensure_future(self._waiting.tick())
        try:
            await asyncio.wait((work, stop), timeout=self._request.timeout, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return await self._end(work)
            return await self._cut_short(work, interrupts.code)
        finally:
            for task in (stop, ticking):
                task.cancel()
            self._out.clear_status()

    # -- the work ------------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        self._waiting.say("connecting")
        context = self._headless.context()
        api = await self._headless.threads()
        turn = Turn(context, api, thread_id=self._request.thread, tell=self._tell, show=self._waiting.show)
        if self._request.answers is not None:
            self._turn = turn
            run = await turn.take_up(self._request.answers.run)
            self._assistant = {"id": run.get("assistant_id"), "tools": run.get("tools")}
            outputs = self._request.answers.complete((call.id, call.name) for call in turn.waiting)
            await turn.submit(outputs)
        else:
            await self._ask(turn)
        await self._answer_calls(turn)

    async def _ask(self, turn: Turn) -> None:
        headless, request = self._headless, self._request
        row = await headless.find(request.assistant or "")
        if row.is_draft:
            row = await headless.create_draft(row, str(request.overrides.get("model") or ""))
            self._out.note(f"{row.name or row.id} was a draft; it is created as {row.id}.")
        self._assistant = doc = await headless.records.read(row)
        overrides, prompt = self._filled({**await headless.records.run_settings(row), **request.overrides}, doc)
        notice = await headless.look_for_models(str(overrides.get("model") or doc.get("model") or ""))
        if notice:
            self._out.note(notice)
        self._version = await headless.records.version_for_run(doc)
        question = await self._question("\n\n".join(part for part in (prompt, request.piped) if part.strip()))
        self._turn = turn
        await turn.post(question, row.id)
        self._began = time.monotonic()
        await turn.start(row.id, overrides, author=row.name or "Assistant", version=self._version)

    def _filled(self, overrides: dict[str, Any], doc: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Overrides and prompt with all variables filled. Raises `CommandFailed` that names the missing ones."""
        from playground_tui.workspace.variables import fill, missing, names_in

        values, prompt = self._request.variables, self._request.prompt
        instructions = overrides.get("instructions", doc.get("instructions")) or ""
        lacking = missing(names_in(instructions, prompt), values)
        if lacking:
            raise CommandFailed(f"A value is missing for {', '.join(lacking)}: give it with --var.", WRONG_USAGE)
        if names_in(instructions):
            overrides = {**overrides, "instructions": fill(instructions, values)}
        return overrides, fill(prompt, values)

    async def _question(self, text: str) -> Question:
        from playground_tui.cli.pictures import image_parts, uploaded

        request = self._request
        if not request.files and not request.images:
            return Question(text)
        client = await self._headless.api()
        self._waiting.say("uploading")
        images = await image_parts(client, request.images)
        files = await uploaded(client, request.files)
        tools = [{"type": request.files_tool}]
        return Question(text, images, [{"file_id": file_id, "tools": tools} for file_id in files])

    def _tell(self, changes: Changes) -> None:
        if self._first_token is None and any(getattr(change, "fragment", "") for change in changes):
            self._first_token = time.monotonic() - self._began
        if not self._out.as_json:
            self._writer.take(changes)

    async def _answer_calls(self, turn: Turn) -> None:
        """As long as all calls that wait have a handler that may run."""
        from playground_tui.workspace.handlers.functions import Functions
        from playground_tui.workspace.handlers.runner import run_handler

        functions = Functions(self._headless.context())
        while calls := turn.waiting:
            handlers = functions.handlers(str(self._assistant.get("id") or ""))
            usable = {name: h for name, h in handlers.items() if not h.needs_approval or self._request.allows(name)}
            self._unapproved = handlers.keys() - usable.keys()
            if any(call.name not in usable for call in calls):
                return
            self._waiting.say(f"running {', '.join(call.name for call in calls)}")
            results = await asyncio.gather(
                *(
                    run_handler(usable[call.name], call.name, call.arguments, interpreter=functions.interpreter)
                    for call in calls
                )
            )
            for call, result in zip(calls, results, strict=True):
                if result.note:
                    self._out.note(f"{call.name}: {result.note}")
            await turn.submit({call.id: result.output for call, result in zip(calls, results, strict=True)})

    # -- how it ends ---------------------------------------------------------------------------------------------------

    async def _end(self, work: asyncio.Future[None]) -> int:
        error = work.exception()
        if error is not None and not isinstance(error, Exception):
            raise error
        if error is not None:
            await self._leave_no_run()
            found = as_command_failure(error)
            if not isinstance(found, CommandFailed) or self._turn is None or self._turn.thread_id is None:
                raise found
            return self._fail(failure_of(error) if not isinstance(error, CommandFailed) else None, found)
        assert self._turn is not None
        if self._turn.waiting:
            return self._wait_for_outputs(self._turn)
        assert self._turn.run is not None
        if (failure := self._turn.run.failure()) is not None:
            return self._fail(failure, failed(failure))
        self._finish(None)
        self._note_end()
        return DONE

    async def _leave_no_run(self) -> None:
        """Nobody reads the reply any more (a closed pipe, a full disk): the run need not go on."""
        if self._turn is not None and self._turn.run is not None and self._turn.run.active:
            await self._turn.cancel()

    async def _cut_short(self, work: asyncio.Task[None], code: int) -> int:
        """By a signal (`code`), or because the time is up."""
        self._waiting.say("stopping")
        failure = await self._turn.stop(work) if self._turn is not None else None
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        why = "Interrupted." if code else f"Timed out after {self._request.timeout:g} s."
        if self._turn is not None and self._turn.run is not None:
            end = failure.sentence() if failure else "The run was cancelled." if self._turn.run_object else ""
            why = f"{why} {end}".rstrip()
        return self._fail(Failure("timeout", why), CommandFailed(why, code or TIMED_OUT, kind="timeout"))

    def _fail(self, failure: Failure | None, found: CommandFailed) -> int:
        self._finish(found)
        details = "" if "thread_" in found.sentence else self._ids()
        raise CommandFailed(
            f"{found.sentence} ({details})" if details else found.sentence,
            found.code,
            kind=failure.kind if failure else found.kind,
            told=self._out.as_json,
        )

    def _finish(self, error: CommandFailed | None) -> None:
        if self._out.as_json:
            self._out.json({**self.result(), **({"error": error.as_json()} if error else {})})
        else:
            self._writer.end()

    def _wait_for_outputs(self, turn: Turn) -> int:
        if self._out.as_json:
            self._finish(None)
        else:
            self._writer.end()
            calls = [
                {"id": call.id, "name": call.name, "arguments": call.arguments, "output": None} for call in turn.waiting
            ]
            ids = {"server": self._headless.server.id, "thread": turn.thread_id, "run": turn.run_object.get("id")}
            self._out.json({**ids, "calls": calls})
        names = tuple(dict.fromkeys(call.name for call in turn.waiting))
        go_on = "Fill in the outputs and go on with: ask --tool-outputs FILE"
        self._out.note(f"The run waits for {', '.join(names)}. {go_on}")
        if not_allowed := [f"--approve {name}" for name in names if name in self._unapproved]:
            self._out.note(f"A handler is bound that was not allowed to run: {' '.join(not_allowed)} allows it.")
        return NEEDS_ACTION

    def _note_end(self) -> None:
        assert self._turn is not None
        for message in self._turn.messages:
            if message.status == "incomplete" and message.note:
                self._out.note(message.note)

    def _ids(self) -> str:
        turn = self._turn
        parts = (("thread", turn.thread_id if turn else None), ("run", turn.run_object.get("id") if turn else None))
        return ", ".join(f"{name} {value}" for name, value in parts if value)

    # -- the whole as JSON ---------------------------------------------------------------------------------------------

    def result(self) -> dict[str, Any]:
        """As `docs/cli.md` describes it."""
        turn = self._turn
        run = turn.run_object if turn else {}
        messages = [m for m in (turn.messages if turn else ()) if m.text or not m.id.startswith("local_")]
        text = "\n\n".join(message.text for message in messages if message.text)
        model = str(run.get("model") or self._assistant.get("model") or "")
        return {
            "status": run.get("status"),
            "text": text,
            **parsed(text),
            "messages": [message_json(message) for message in messages],
            "tool_calls": self._calls(),
            "usage": usage_json(run.get("usage")),
            "model": model,
            "provider": self._headless.provider_of(model) or None,
            "assistant": self._assistant.get("id"),
            "version": self._version,
            "server": self._headless.server.id,
            "thread": turn.thread_id if turn else None,
            "run": run.get("id"),
            "times": {
                "started": self._started.isoformat(timespec="milliseconds"),
                "first_token_seconds": _rounded(self._first_token),
                "seconds": _rounded(time.monotonic() - self._began),
            },
        }

    def _calls(self) -> list[dict[str, Any]]:
        if self._turn is None:
            return []
        made = {call.id: call for message in self._turn.messages for call in message.calls}
        waiting = {call.id: replace(call, output=None) for call in self._turn.waiting}
        return [
            {"id": c.id, "type": c.kind, "name": c.name, "arguments": c.arguments, "output": c.output}
            for c in {**made, **waiting}.values()
        ]


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
