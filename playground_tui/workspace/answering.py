"""Answers to the function calls that a run waits for: from the person, from mocks, from allowed handlers.

All outputs go to the server in one request once every call has one. Until then they are on disk: after a restart the
run is found again, and so are they. A handler is noted on disk before it starts, so that it never runs a second time
without the person's word: not after the program ended while it ran, and not in two programs on one home.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, Final

from playground_tui.workspace.answer_record import INTERRUPTED, from_record, has_output, running, to_record
from playground_tui.workspace.api_objects import as_dict, as_list, as_text, moment, required_calls
from playground_tui.workspace.board import Board
from playground_tui.workspace.clock import Handle
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.handlers.calls import BY_HAND, Answerer, CallAnswer, PendingCalls, Scope
from playground_tui.workspace.handlers.functions import Functions
from playground_tui.workspace.handlers.model import MAX_OUTPUT_BYTES, Handler, HandlerResult
from playground_tui.workspace.store import Connection, StoreError
from playground_tui.workspace.store import functions as table
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.typed_answers import TypedAnswers
from playground_tui.workspace.values import ToolCallView

log = logging.getLogger("playground_tui.workspace.functions")

AT_ONCE: Final = 4
"""Handlers of one run that run side by side; more wait for their turn."""
LOOK_SECONDS: Final = 5.0
"""After a run's time has passed: between looks at whether the server has ended it."""
LOOKS: Final = 12
ENDED_HERE: Final = "You ended its handler."
CHANGED: Final = "Its handler, schema, assistant or server is not what you allowed."


class Answering:
    """Of one conversation. `waiting_run` gives the run object while it waits for outputs; `submit` hands them in and
    calls back when the server has them; `look` asks the server what became of the run."""

    def __init__(
        self,
        board: Board,
        *,
        waiting_run: Callable[[], Mapping[str, Any] | None],
        submit: Callable[[Mapping[str, str], Callable[[], None]], None],
        look: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        self.state: Subject[PendingCalls] = Subject(PendingCalls())
        self._board = board
        self._context = board.context
        self._functions = Functions(board.context)
        self._typed = TypedAnswers(board.context.store, board.context.clock)
        self._waiting_run, self._submit, self._look = waiting_run, submit, look
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._others: set[asyncio.Task[Any]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._expiry: Handle | None = None
        self._run: Mapping[str, Any] = {}
        self._dropped = ""  # the run whose answers were dropped last; the disk may have them a moment longer

    @property
    def running(self) -> bool:
        """A handler is at work, or the outputs are about to be handed in."""
        state = self.state.value
        return bool(self._tasks) or (state.complete and not state.refused and not self._board.closing)

    async def changed(self) -> None:
        """Return when a handler ended, or at the loop's next turn when none runs."""
        if self._tasks:
            await asyncio.wait(set(self._tasks.values()), return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(0)

    # -- what the run does ---------------------------------------------------------------------------------------------

    def run_changed(self) -> None:
        """The run's view is another one."""
        run = self._waiting_run()
        phase = self._board.run.phase
        if run is None:
            if self.state.value.calls:
                self._clear()
        elif phase == "stopping":
            for call_id in tuple(self._tasks):
                self.end(call_id)
        elif phase == "waiting_outputs":
            self._take_up(run)

    def _take_up(self, run: Mapping[str, Any]) -> None:
        state, calls = self.state.value, required_calls(run)
        self._run = run
        if state.run_id == run.get("id") and [a.call.id for a in state.calls] == [c.id for c in calls]:
            if state.submitting:
                self.state.set(replace(state, submitting=False, refused=True))
            self._soon()
            return
        self._end_all()
        run_id, expires_at = as_text(run.get("id")), moment(run.get("expires_at"))
        kept, typed, handlers, failure = self._recorded(run_id)
        answers = [from_record(call, handlers.get(call.name) or BY_HAND, kept.get(call.id)) for call in calls]
        answers = [replace(answer, typed=typed.get(answer.call.id, "")) for answer in answers]
        self.state.set(PendingCalls(run_id, tuple(answers), expires_at))
        self._watch_expiry()
        if failure is not None:
            self._board.fail(failure)
            return
        for answer in answers:
            if answer.call.id not in kept:
                self._begin(answer)
        self._soon()

    def _recorded(
        self, run_id: str
    ) -> tuple[dict[str, dict[str, Any]], dict[str, str], dict[str, Handler], Failure | None]:
        """Answers, those that are only typed, and handlers as they are on disk. Where it cannot be read everything
        waits for the person. Outputs of the run's round before are no answers, even where a server uses ids again."""
        server, store = self._context.server, self._context.store
        try:
            handlers = self._functions.handlers(self._assistant)
            if run_id == self._dropped:
                return {}, {}, handlers, None
            kept = store.read_now(lambda conn: table.answers(conn, server, run_id))
            return kept, store.read_now(lambda conn: table.typed_answers(conn, server, run_id)), handlers, None
        except StoreError as error:
            return {}, {}, {}, failure_of(error)

    def _begin(self, answer: CallAnswer) -> None:
        """A call that nobody has looked at yet."""
        handler = answer.handler
        if handler.kind == "mock":
            self._answer(answer.call.id, handler.target, "mock")
        elif handler.needs_approval:
            if self._functions.approved(self._assistant, self._function(answer.call.name), handler):
                self._start(answer.call.id)
            else:
                changed = self._functions.was_approved(self._assistant, answer.call.name)
                self._put(answer.call.id, phase="needs_approval", note=CHANGED if changed else "")

    @property
    def _assistant(self) -> str:
        return as_text(self._run.get("assistant_id"))

    def _function(self, name: str) -> Mapping[str, Any]:
        """As the run knows it; where a server's run does not tell its tools, as the form has it."""
        draft = self._context.editor.draft.value
        tools = as_list(self._run.get("tools"))
        if draft.assistant_id == self._assistant:
            tools = [*tools, *as_list(draft.values.get("tools"))]
        functions = (as_dict(as_dict(tool).get("function")) for tool in tools)
        return next((function for function in functions if function.get("name") == name), {"name": name})

    # -- what the person does ------------------------------------------------------------------------------------------

    def set_typed(self, call_id: str, text: str) -> None:
        """What stands in the call's box, given or not: on disk at most 250 ms later."""
        answer = self.state.value.get(call_id)
        if answer is not None and answer.typed != text:
            self._typed.put(self._place(call_id), text)
            self._put(call_id, typed=text)

    def flush(self) -> None:
        """Hand what is not on disk yet to the store's writer."""
        self._typed.flush()

    def answer(self, call_id: str, output: str, *, error: bool = False) -> None:
        """Answer a call by hand; `error` puts the text into an error object. Ends its handler if one runs. The last
        answer that was missing hands all of them in."""
        if error:
            output = json.dumps({"error": output or "The call failed."}, ensure_ascii=False)
        if self.state.value.get(call_id) is None or self._too_large(output):
            return
        self._end(call_id)
        self._answer(call_id, output, "hand")

    def answer_with_mock(self, call_id: str, name: str) -> None:
        """Answer with a mock that is kept under `name`; one that is gone answers nothing."""
        answer = self.state.value.get(call_id)
        if answer is None:
            return
        output = self._functions.mocks(self._assistant, answer.call.name).get(name)
        if output is not None:
            self._end(call_id)
            self._answer(call_id, output, "mock")

    def take_back(self, call_id: str) -> None:
        """Forget the answer of a call, while others are missing."""
        if not self.state.value.submitting and call_id not in self._tasks:
            self._wait_for_person(call_id, "")

    async def approve(self, call_id: str, scope: Scope) -> None:
        """Let the bound handler answer this call; with `session` and `always` also later ones of the same function,
        and those that wait now. Never raises; what fails is in the conversation's failure."""
        answer = self.state.value.get(call_id)
        if answer is None or answer.done or not answer.handler.needs_approval:
            return
        try:
            await self._functions.approve(self._assistant, self._function(answer.call.name), answer.handler, scope)
        except Exception as error:
            self._board.fail(failure_of(error))
            return
        self._start(call_id, again=True)
        if scope != "once":
            for other in self.state.value.calls:
                if other.phase == "needs_approval" and not other.note and other.call.name == answer.call.name:
                    self._start(other.call.id)

    def end(self, call_id: str) -> None:
        """End a handler that runs, with all that it started; the call then waits for the person."""
        if self._end(call_id):
            self._wait_for_person(call_id, ENDED_HERE)

    def rebind(self) -> None:
        """Handlers were changed: look again at the calls that wait."""
        handlers = self._functions.handlers(self._assistant) if self.state.value.open else {}
        for answer in self.state.value.open:
            handler = handlers.get(answer.call.name) or BY_HAND
            if handler != answer.handler:
                fresh = CallAnswer(answer.call, handler=handler, typed=answer.typed)
                self._set(fresh)
                self._begin(fresh)
        self._soon()

    def submit(self) -> None:
        """Hand all outputs in once more, after they were not taken."""
        self.state.set(replace(self.state.value, refused=False))
        self._soon()

    def answer_all(self, outputs: Mapping[str, str]) -> None:
        """Several by hand at once; says so when some are missing then."""
        for call_id, output in outputs.items():
            self.answer(call_id, output)
        missing = [answer.call.name or answer.call.id for answer in self.state.value.calls if not answer.done]
        if missing:
            what = f"An output is missing for {', '.join(missing)}."
            self._board.fail(Failure("invalid", what, next="Answer every call."))
        elif self.state.value.refused:
            self.submit()

    def _too_large(self, output: str) -> bool:
        if len(output.encode("utf-8", "replace")) <= MAX_OUTPUT_BYTES:
            return False
        what = f"An output has at most {MAX_OUTPUT_BYTES // 1024} kB."
        self._board.fail(Failure("invalid", what, kept="Nothing was sent.", field="output"))
        return True

    # -- answers -------------------------------------------------------------------------------------------------------

    def _answer(self, call_id: str, output: str, by: Answerer, result: HandlerResult | None = None) -> None:
        changes: dict[str, Any] = {"phase": "answered", "by": by, "output": output, "note": "", "since": None}
        if result is not None:
            phase = "failed" if result.failed else "answered"
            changes |= {"phase": phase, "note": result.note, "log": result.log, "seconds": result.seconds}
        self._put(call_id, **changes)
        self._keep(call_id)
        self._soon()

    def _wait_for_person(self, call_id: str, note: str) -> None:
        answer = self.state.value.get(call_id)
        if answer is None:
            return
        phase = "needs_approval" if answer.handler.needs_approval else "waiting"
        self._put(call_id, phase=phase, by="", output=None, note=note, log="", seconds=None, since=None)
        server, run_id = self._context.server, self.state.value.run_id
        self._context.store.keep(lambda conn: table.drop_answer(conn, server, run_id, call_id))

    def _keep(self, call_id: str) -> None:
        answer = self.state.value.get(call_id)
        if answer is not None:
            self._dropped = ""
            place, body = self._place(call_id), to_record(answer)
            self._context.store.keep(lambda conn: table.put_answer(conn, *place, body))

    def _place(self, call_id: str) -> tuple[str, str, str, str]:
        return self._context.server, self._board.thread_id or "", self.state.value.run_id, call_id

    def _put(self, call_id: str, **changes: Any) -> None:
        answer = self.state.value.get(call_id)
        if answer is not None:
            self._set(replace(answer, **changes))

    def _set(self, fresh: CallAnswer) -> None:
        state = self.state.value
        calls = tuple(fresh if answer.call.id == fresh.call.id else answer for answer in state.calls)
        self.state.set(replace(state, calls=calls))

    # -- handlers ------------------------------------------------------------------------------------------------------

    def _start(self, call_id: str, *, again: bool = False) -> None:
        answer = self.state.value.get(call_id)
        if answer is None or answer.done or call_id in self._tasks:
            return
        handler = answer.handler
        self._put(call_id, phase="running", by=handler.kind, note="", since=self._context.clock.now())
        task = asyncio.create_task(self._work(answer.call, handler, again))
        self._tasks[call_id] = task
        task.add_done_callback(lambda done: self._ended(call_id, done))

    async def _work(self, call: ToolCallView, handler: Handler, again: bool) -> None:
        from playground_tui.workspace.handlers.runner import run_handler

        if not await self._claim(call.id, handler, again):
            self._put(call.id, phase="needs_approval", by="", note=INTERRUPTED, since=None)
            return
        async with self._places:
            self._put(call.id, since=self._context.clock.now())
            result = await run_handler(handler, call.name, call.arguments, interpreter=self._functions.interpreter)
        if asyncio.current_task() is self._tasks.get(call.id):
            self._answer(call.id, result.output, handler.kind, result)

    async def _claim(self, call_id: str, handler: Handler, again: bool) -> bool:
        """Note that it starts. `again`: the person said so, whatever was noted before."""
        place, body = self._place(call_id), running(handler)

        def write(conn: Connection) -> bool:
            if table.claim_answer(conn, *place, body):
                return True
            return again and not has_output(table.answers(conn, place[0], place[2]).get(call_id))

        return await self._context.store.write(write)

    def _ended(self, call_id: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(call_id) is task:
            del self._tasks[call_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._board.fail(failure_of(error))
            self._put(call_id, phase="waiting", by="", note="Its handler could not be run.", since=None)
        self._soon()

    def _end(self, call_id: str) -> bool:
        task = self._tasks.pop(call_id, None)
        if task is not None:
            task.cancel()
            self._others.add(task)
            task.add_done_callback(self._others.discard)
        return task is not None

    def _end_all(self) -> None:
        for call_id in tuple(self._tasks):
            self._end(call_id)

    # -- handing in ----------------------------------------------------------------------------------------------------

    def _soon(self) -> None:
        """Not from within the change of the run that brought this about."""
        asyncio.get_running_loop().call_soon(self.go_on)

    def go_on(self) -> None:
        """Hand all outputs in, if they are complete and nothing else is under way."""
        state, board = self.state.value, self._board
        if not state.complete or state.submitting or state.refused or board.closing:
            return
        if board.work is None and board.run.phase == "waiting_outputs" and self._waiting_run() is not None:
            self.state.set(replace(state, submitting=True))
            self._submit({answer.call.id: answer.output or "" for answer in state.calls}, self._clear)

    # -- the end -------------------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        """The server has the outputs, or the run ended."""
        self._end_all()
        self._stop_expiry()
        self._typed.forget()
        server, thread_id = self._context.server, self._board.thread_id or ""
        self._context.store.keep(lambda conn: table.drop_answers(conn, server, thread_id))
        self._dropped = self.state.value.run_id
        self.state.set(PendingCalls())

    def _watch_expiry(self, looks: int = LOOKS) -> None:
        self._stop_expiry()
        left = self.state.value.seconds_left(self._context.clock.now())
        if left is not None and looks:
            wait = left + 1 if looks == LOOKS else LOOK_SECONDS
            self._expiry = self._context.clock.call_later(wait, lambda: self._time_is_up(looks - 1))

    def _time_is_up(self, looks: int) -> None:
        self._expiry = None
        task = asyncio.ensure_future(self._look())
        self._others.add(task)
        task.add_done_callback(self._others.discard)
        if looks:
            self._watch_expiry(looks)

    def _stop_expiry(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None

    async def close(self) -> None:
        """End handlers; what is answered or typed stays on disk."""
        self.flush()
        self._stop_expiry()
        self._end_all()
        if self._others:
            await asyncio.wait(self._others)
