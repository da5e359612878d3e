"""One thread as it is talked in: its messages, its run, its queue. It lives on while its run goes on, shown or not.

How the queue goes: a text sent while a run is active waits. When the run ends well the next one is sent. After a stop
or a failure the queue is held, so that nothing is sent that the person may want to change; the next `send` (its text
goes to the end) or `send("")` lets it go on.

A text whose run failed goes back into the box although the server has the message: sent again unchanged, it is not
posted twice, only run again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final

from playground_tui.workspace.api_objects import as_text, message_of
from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.clock import Handle
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.outbox import Outbox
from playground_tui.workspace.patience import when_allowed
from playground_tui.workspace.run_events import Changes
from playground_tui.workspace.store.threads import ThreadRecord
from playground_tui.workspace.store.unsent import QueuedText
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.thread_loading import ThreadLoading
from playground_tui.workspace.thread_run import ThreadRun
from playground_tui.workspace.transcript import Transcript
from playground_tui.workspace.turns import UNSURE, active_run, is_active, make_thread, post_message, title_from
from playground_tui.workspace.values import (
    Added,
    Changed,
    ChatMessage,
    ConversationChange,
    ConversationState,
    Removed,
    RunView,
)

NEW_TITLE: Final = "New thread"
STOP_SECONDS: Final = 5.0
"""After a cancel was accepted: how long the run's last events are waited for."""
IDLE: Final = RunView()
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Hooks:
    """How a conversation tells `Threads` of itself."""

    made: Callable[[Conversation, str], None] = lambda conversation, title: None
    """The thread was made on the server, with this title."""
    used: Callable[[Conversation, str], None] = lambda conversation, preview: None
    """A message came or went; the text of the newest."""
    shown: Callable[[Conversation], bool] = lambda conversation: True
    """Whether this is the open conversation: only that one saves and uses what the editor holds."""


@dataclass(frozen=True, slots=True)
class _Asked:
    api: ThreadApi
    assistant_id: str
    overrides: Mapping[str, Any]


class Conversation:
    """Made by `Threads`. Nothing in here raises towards the screen: what fails is in `state.failure`."""

    def __init__(self, context: ChatContext, key: str, thread: ThreadRecord | None, hooks: Hooks | None = None) -> None:
        self.assistant_id = thread.assistant_id if thread is not None else None
        """The assistant of the last run; None before the first."""
        self._context = context
        self._hooks = hooks or Hooks()
        self._outbox = Outbox(context.store, context.clock, context.server, key)
        self._transcript = Transcript(self._growing)
        self._loading: ThreadLoading | None = None
        self._run: ThreadRun | None = None
        self._work: asyncio.Task[None] | None = None
        self._facts: asyncio.Task[None] | None = None
        self._grace: Handle | None = None
        self._held = True
        self._closing = False
        self._failed_text: str | None = None
        title = (thread.title or thread.preview) if thread is not None else ""
        state = ConversationState(thread.id if thread is not None else None, title or NEW_TITLE)
        self.state: Subject[ConversationState] = Subject(state)
        self._show_outbox()
        if thread is not None:
            self._has_thread(thread.id)

    # -- what is seen --------------------------------------------------------------------------------------------------

    @property
    def messages(self) -> tuple[ChatMessage, ...]:
        """What is loaded now, the growing reply as it stands."""
        return self._transcript.messages

    def watch(self, watcher: Callable[[ConversationChange], None]) -> Callable[[], None]:
        """Call `watcher` with each change of the messages. Returns what ends the watch."""
        return self._transcript.watch(watcher)

    @property
    def key(self) -> str:
        """What its unsent text is kept under: the thread's id, or `new:` and the draft's id."""
        return self._outbox.key

    @property
    def server(self) -> str:
        return self._context.server

    @property
    def busy(self) -> bool:
        """Something is under way that must not be left behind: a send, a run that is followed."""
        return self._work is not None

    @property
    def has_unsent(self) -> bool:
        return bool(self._outbox.text) or bool(self._outbox)

    async def wait_idle(self) -> None:
        """Return when nothing is under way: the run ended, waits for outputs, or failed."""
        while (work := self._work) is not None:
            await asyncio.wait({work})

    def _growing(self, message_id: str) -> ChatMessage | None:
        return self._run.reply(message_id) if self._run is not None else None

    # -- writing -------------------------------------------------------------------------------------------------------

    def set_unsent(self, text: str) -> None:
        """On disk at most 250 ms later."""
        self._outbox.set_text(text)
        self._update(unsent=text)

    def flush(self) -> None:
        """Hand what is not on disk yet to the store's writer."""
        self._outbox.flush()

    async def send(self, text: str) -> None:
        """Send `text` after what waits already; returns once it is on disk, the rest goes on by itself. An empty text
        lets a held queue go on."""
        if text.strip():
            try:
                await self._outbox.push(text)
            except Exception as error:
                self._outbox.put_back(text)
                self._fail(failure_of(error))
                return
            finally:
                self._show_outbox()
        if not self.state.value.run.followed:
            self._fail(_run_is_active())
            return
        self._held = False
        self._go_on()

    async def dequeue(self, index: int) -> str:
        """Take a waiting text out of the queue; empty when there is none at `index`."""
        with suppress(IndexError):
            text = self._outbox.drop(index)
            self._show_outbox()
            return text
        return ""

    def _go_on(self) -> None:
        if self._work is None and not self._held and not self._active and self._outbox:
            self._start(self._drain())

    async def _drain(self) -> None:
        while not self._held and not self._active and (item := await self._outbox.begin()) is not None:
            self._show_outbox()
            self._held = not await self._turn(item)

    # -- one turn ------------------------------------------------------------------------------------------------------

    async def _turn(self, item: QueuedText) -> bool:
        """Send one text and follow its run. False: the queue is held."""
        again = self._unanswered(item.text)
        sending = None if again is not None else self._show_sending(item.text)
        self._show_run(RunView("sending", None, "", self._context.clock.now()))
        try:
            asked = await self._ask()
            if sending is not None:
                await self._post(asked.api, item, sending)
            else:
                self._outbox.sent(item)
                await self._drop_replies(asked.api, after=again)
        except asyncio.CancelledError:
            if not self._closing:
                self._take_back(item, sending)
            raise
        except Exception as error:
            await self._not_sent(item, sending, failure_of(error))
            return False
        return await self._new_run(asked, item.text)

    async def _ask(self) -> _Asked:
        """Save what the form holds, as only the open conversation may, and say who is asked."""
        overrides: Mapping[str, Any] = {}
        if self._hooks.shown(self):
            self.assistant_id = await self._context.editor.ensure_created()
            overrides = self._context.editor.run_overrides()
        if self.assistant_id is None:
            raise FailureError(Failure("invalid", "The thread has no assistant.", next="Open it with one, then send."))
        return _Asked(await self._api(), self.assistant_id, overrides)

    async def _api(self) -> ThreadApi:
        return ThreadApi(await self._context.api())

    async def _post(self, api: ThreadApi, item: QueuedText, sending: ChatMessage) -> None:
        thread_id = await self._thread(api, item.text)
        known = {message.id for message in self.messages}
        raw = await when_allowed(
            self._context.clock, lambda: post_message(api, thread_id, item.text, known), self._show_wait
        )
        self._outbox.sent(item)
        posted = message_of(raw, author="", now=self._context.clock.now()) or sending
        posted = replace(posted, role="user", text=posted.text or item.text, status="complete")
        self._transcript.tell(Changed(sending.id, posted))
        self._keep([posted])
        self._hooks.used(self, posted.text)

    async def _thread(self, api: ThreadApi, text: str) -> str:
        """The thread's id; the first message makes it, titled by its text."""
        if (thread_id := self.state.value.thread_id) is not None:
            return thread_id
        title = title_from(text)
        raw = await when_allowed(self._context.clock, lambda: make_thread(api, title), self._show_wait)
        thread_id = as_text(raw.get("id"))
        self._outbox.move(thread_id)
        self._has_thread(thread_id)
        self._update(thread_id=thread_id, title=title)
        self._hooks.made(self, title)
        return thread_id

    def _show_sending(self, text: str) -> ChatMessage:
        sending = ChatMessage(f"local_{next(_numbers)}", "user", text, self._context.clock.now(), "sending")
        self._transcript.tell(Added(sending))
        return sending

    def _take_back(self, item: QueuedText, sending: ChatMessage | None) -> None:
        if sending is not None:
            self._transcript.tell(Removed(sending.id))
        self._outbox.give_back(item)
        self._show_outbox()

    async def _not_sent(self, item: QueuedText, sending: ChatMessage | None, failure: Failure) -> None:
        self._take_back(item, sending)
        self._show_run(IDLE)
        self._fail(replace(failure, kept=failure.kept or "Your message is kept."))
        if failure.kind == "conflict":
            await self._find_run()

    def _unanswered(self, text: str) -> str | None:
        """The id of the thread's last message of the person, when it is this very text and got no good reply."""
        messages = self.messages
        last = next((i for i in range(len(messages) - 1, -1, -1) if messages[i].role == "user"), None)
        if last is None or messages[last].text != text:
            return None
        answered = last < len(messages) - 1
        return None if answered and self._failed_text != text else messages[last].id

    # -- the run -------------------------------------------------------------------------------------------------------

    async def _new_run(self, asked: _Asked, text: str) -> bool:
        run = self._make_run(asked.api, self._context.version())
        try:
            await when_allowed(
                self._context.clock, lambda: run.create(asked.assistant_id, asked.overrides), self._show_wait
            )
        except FailureError as error:
            return self._run_failed(error.failure, text)
        except Exception as error:
            failure = failure_of(error)
            if not await self._was_made_after_all(run, failure):
                return self._run_failed(failure, text)
        return self._run_over(run, text)

    def _make_run(self, api: ThreadApi, version: int | None = None) -> ThreadRun:
        author = self._context.author(self.assistant_id or "") or "Assistant"
        thread_id = self.state.value.thread_id or ""
        self._run = ThreadRun(
            self._context,
            api,
            thread_id,
            author=author,
            version=version,
            tell=self._take_changes,
            show=self._show_run,
        )
        return self._run

    def _take_changes(self, changes: Changes) -> None:
        self._transcript.tell_all(changes)
        ended = [c.message for c in changes if isinstance(c, Changed) and c.message.status != "streaming"]
        self._keep(ended)

    async def _was_made_after_all(self, run: ThreadRun, failure: Failure) -> bool:
        """The answer to the run's creation got lost: look before saying that it failed."""
        if failure.kind not in UNSURE or run.id is not None:
            return False
        found = await active_run(await self._api(), self.state.value.thread_id or "")
        if found is None:
            return False
        run.found(found, followed=True)
        with suppress(FailureError):
            await run.follow()
        return True

    def _run_over(self, run: ThreadRun, text: str) -> bool:
        """The run ended or waits for outputs. False: the queue is held."""
        self._end_grace()
        if run.active:
            return True
        failure = run.failure()
        if failure is not None:
            return self._run_failed(failure, text)
        self._failed_text = None
        self._update(failure=None)
        if self.messages:
            self._hooks.used(self, self.messages[-1].text)
        return run.reducer.status in ("completed", "incomplete")

    def _run_failed(self, failure: Failure, text: str) -> bool:
        """The message is on the server; its text is offered again all the same."""
        self._show_run(IDLE)
        kept = "Your message is in the thread."
        if text and self._outbox.put_back(text):
            kept = "Your message is in the thread and in the box, to be sent again."
            self._failed_text = text
        self._show_outbox()
        self._fail(replace(failure, kept=failure.kept or kept))
        return False

    async def stop(self) -> None:
        """Cancel the run on the server. What came so far stays, marked as stopped; the queue is held."""
        self._held = True
        run = self._run
        if not self._active:
            return
        if run is None or not run.active:
            await self._stop_sending(run)
            return
        failure = await run.cancel()
        if failure is not None:
            self._fail(failure)
        if not run.active:
            self._end_work()
        elif self._work is None:
            self._start(self._follow(run))
        if run.active and failure is None:
            self._grace = self._context.clock.call_later(STOP_SECONDS, lambda: self._stop_waiting(run))

    async def _stop_sending(self, run: ThreadRun | None) -> None:
        """Nothing was heard of a run yet. If one was asked for, it may be there all the same."""
        work = self._work
        self._end_work()
        if work is not None:
            await asyncio.wait({work})
        self._show_run(IDLE)
        thread_id = self.state.value.thread_id
        if run is None or not run.started or thread_id is None:
            return
        with suppress(Exception):
            api = await self._api()
            if (found := await active_run(api, thread_id)) is not None:
                await api.cancel_run(thread_id, as_text(found.get("id")))

    def _stop_waiting(self, run: ThreadRun) -> None:
        if run is self._run and run.active:
            run.abandon()
            self._end_work()

    def _end_work(self) -> None:
        self._end_grace()
        if self._work is not None:
            self._work.cancel()

    def _end_grace(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    async def resume(self) -> None:
        """Follow the active run that was found on opening."""
        run = self._run
        if run is not None and run.active and self._work is None and self.state.value.run.phase != "waiting_outputs":
            self._held = False
            self._start(self._follow(run))

    async def _follow(self, run: ThreadRun) -> None:
        try:
            await run.follow()
        except FailureError as error:
            self._held = True
            self._run_failed(error.failure, "")
            return
        self._after_run(run)

    def _after_run(self, run: ThreadRun) -> None:
        if not self._run_over(run, ""):
            self._held = True

    async def submit_outputs(self, outputs: Mapping[str, str]) -> None:
        """Answer all calls that the run waits for, call id → output, in one request."""
        run = self._run
        if run is None or self.state.value.run.phase != "waiting_outputs" or self._work is not None:
            return
        missing = [call.name or call.id for call in run.view.calls if call.id not in outputs]
        if missing:
            self._fail(Failure("invalid", f"An output is missing for {', '.join(missing)}.", next="Answer every call."))
            return
        self._held = False
        self._start(self._submit(run, outputs))

    async def _submit(self, run: ThreadRun, outputs: Mapping[str, str]) -> None:
        try:
            await run.submit(outputs)
        except Exception as error:
            self._held = True
            self._fail(replace(failure_of(error), kept="The outputs were not taken."))
            self._show_run(run.view)
            await self._find_run()
            return
        self._after_run(run)

    # -- changing what was said ----------------------------------------------------------------------------------------

    async def regenerate(self) -> None:
        """Delete the replies after the person's last message, where the server can, and run again. A server that
        cannot keeps them; the new reply comes after them."""
        if self._work is None and not self._active and self.state.value.thread_id is not None:
            self._start(self._run_again())

    async def _run_again(self) -> None:
        self._show_run(RunView("sending", None, "", self._context.clock.now()))
        try:
            asked = await self._ask()
            last = next((m.id for m in reversed(self.messages) if m.role == "user"), None)
            await self._drop_replies(asked.api, after=last)
        except Exception as error:
            self._show_run(IDLE)
            self._fail(failure_of(error))
            return
        self._held = not await self._new_run(asked, "")

    async def _drop_replies(self, api: ThreadApi, after: str | None) -> None:
        messages = self.messages
        start = next((i + 1 for i, m in enumerate(messages) if m.id == after), len(messages))
        try:
            await self._delete(api, messages[start:])
        except Exception as error:
            if failure_of(error).kind != "unsupported":
                raise
            self._context.lack("messages.delete")

    async def resend(self, message_id: str, text: str) -> None:
        """Put `text` in the place of an earlier message of the person: that message and all after it are deleted on
        the server, then `text` is sent. A server that cannot delete messages is left as it is."""
        messages = self.messages
        start = next((i for i, m in enumerate(messages) if m.id == message_id), None)
        if start is None or self._work is not None or self._active or not text.strip():
            return
        self._start(self._resend(messages[start:], text))

    async def _resend(self, replaced: Sequence[ChatMessage], text: str) -> None:
        try:
            await self._delete(await self._api(), replaced)
        except Exception as error:
            failure = failure_of(error)
            if failure.kind == "unsupported":
                self._context.lack("messages.delete")
                what = "This server cannot delete messages, so an earlier one cannot be replaced."
                failure = replace(failure, what=what, next="Send it as a new message.")
            self._outbox.put_back(text)
            self._show_outbox()
            self._fail(replace(failure, kept="Your text is in the box."))
            return
        await self._outbox.push(text, front=True)
        self._held = False
        await self._drain()

    async def _delete(self, api: ThreadApi, messages: Sequence[ChatMessage]) -> None:
        """Newest first, so that what is left after a failure is a thread without holes."""
        thread_id = self.state.value.thread_id or ""
        for message in reversed(messages):
            if not message.id.startswith("local_"):
                with suppress_missing():
                    await api.delete_message(thread_id, message.id)
            self._transcript.tell(Removed(message.id))
            if self._loading is not None:
                self._loading.history.forget([message.id])

    # -- loading -------------------------------------------------------------------------------------------------------

    def _has_thread(self, thread_id: str) -> None:
        self._loading = ThreadLoading(self._context, thread_id, self._transcript)
        self._loading.open_record()
        self._update(has_older=self._loading.has_older)

    async def refresh(self) -> None:
        """Take over what the server has, find an active run, and fill in what earlier replies lack. While a run is
        followed here nothing is read: its stream is newer."""
        loading = self._loading
        if loading is None or self._work is not None:
            return
        self._update(loading=True)
        try:
            api = await self._api()
            await loading.refresh(api, lambda: self._work is None)
        except Exception as error:
            self._update(loading=False)
            self._fail(replace(failure_of(error), kept="What is shown is what was kept here."))
            return
        self._update(loading=False, has_older=loading.has_older, failure=None)
        self._settle_interrupted()
        if self._work is None:
            self._take_active(api, next((run for run in loading.runs if is_active(run)), None))
        self._start_facts(api)

    async def load_older(self) -> None:
        loading = self._loading
        if loading is None or self.state.value.loading or not loading.has_older:
            return
        self._update(loading=True)
        try:
            api = await self._api()
            await loading.older(api)
            self._start_facts(api)
        except Exception as error:
            await loading.older(None)
            self._fail(failure_of(error))
        finally:
            self._update(loading=False, has_older=loading.has_older)

    def _start_facts(self, api: ThreadApi) -> None:
        if self._loading is not None and (self._facts is None or self._facts.done()) and not self._closing:
            self._facts = asyncio.create_task(self._loading.add_facts(api))

    async def _find_run(self) -> None:
        """The thread is locked: by whom?"""
        thread_id = self.state.value.thread_id
        if thread_id is not None:
            with suppress(Exception):
                api = await self._api()
                self._take_active(api, await active_run(api, thread_id))

    def _take_active(self, api: ThreadApi, found: dict[str, Any] | None) -> None:
        if found is None:
            if self._active and self._run is not None:
                self._run.abandon("Ended elsewhere.")
            return
        self.assistant_id = as_text(found.get("assistant_id")) or self.assistant_id
        if self._run is None or self._run.id != found.get("id"):
            self._make_run(api)
        if self._run is not None:
            self._run.found(found, followed=found.get("status") == "requires_action")

    def _settle_interrupted(self) -> None:
        """A text was on its way when the program ended: the thread tells whether it arrived."""
        item = self._outbox.interrupted
        if item is None:
            return
        last = next((m for m in reversed(self.messages) if m.role == "user"), None)
        if last is not None and last.text == item.text:
            self._outbox.sent(item)
        else:
            self._outbox.give_back(item)
        self._show_outbox()

    # -- state ---------------------------------------------------------------------------------------------------------

    def rename(self, title: str) -> None:
        self._update(title=title or NEW_TITLE)

    @property
    def _active(self) -> bool:
        return self.state.value.run.phase != "idle"

    def _update(self, **fields: Any) -> None:
        self.state.set(replace(self.state.value, **fields))

    def _show_run(self, view: RunView) -> None:
        if view is not self.state.value.run:
            self._update(run=view)

    def _show_wait(self, seconds: float) -> None:
        what = f"rate limit, next try in {seconds:.0f} s"
        self._show_run(RunView("retrying", None, what, self._context.clock.now()))

    def _show_outbox(self) -> None:
        self._update(queued=self._outbox.waiting, unsent=self._outbox.text)

    def _fail(self, failure: Failure) -> None:
        self._update(failure=failure)

    def _keep(self, messages: Sequence[ChatMessage]) -> None:
        if self._loading is not None and messages:
            self._loading.history.keep(messages)

    # -- tasks ---------------------------------------------------------------------------------------------------------

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._work = asyncio.create_task(self._guarded(work))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except asyncio.CancelledError:
            if self._closing:
                raise
        except Exception as error:
            self._fail(failure_of(error))
        finally:
            self._work = None
            if not self._closing:
                if self._run is None or not self._run.active:
                    self._show_run(IDLE)
                self._go_on()

    async def close(self) -> None:
        """Stop following; nothing is cancelled on the server. What is not on disk yet is handed to the writer."""
        self._closing = True
        self._end_grace()
        self.flush()
        tasks = [task for task in (self._work, self._facts) if task is not None and not task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def _run_is_active() -> Failure:
    return Failure(
        "conflict",
        "This thread has a run that is still active.",
        kept="Your message waits in the queue.",
        next="Resume the run or stop it.",
    )


class suppress_missing:
    """What is to be deleted may be gone already."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        return isinstance(error, Exception) and failure_of(error).kind == "missing"
