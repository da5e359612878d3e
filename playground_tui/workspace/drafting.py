"""Instructions drafted or improved by a model: a run on a scratch thread of the present server, with instructions of
its own. Nothing of the assistant changes; thread and, where one was needed, scratch assistant are removed again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from playground_tui.workspace.api_objects import as_dict, as_list, as_text
from playground_tui.workspace.calls import AssistantCalls
from playground_tui.workspace.client import load_beta
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.documents import id_of
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.run_failures import run_failure

if TYPE_CHECKING:
    import openai

HOW: Final = (
    "You write the instructions (system prompt) of an AI assistant. You get the present instructions, which may be "
    "empty, and a wish in one sentence. Answer with the complete new instructions and nothing else: no introduction, "
    "no explanation, no quotation marks, no code fence around them. Keep what the wish does not concern word for word, "
    "keep names and {{variables}} as they are, and write in the language of the present instructions, or else of the "
    "wish. Be concrete and brief."
)
POLL_SECONDS: Final = 0.4
PATIENCE: Final = 180.0
"""Seconds until a draft is given up."""
_ENDED: Final = ("completed", "failed", "cancelled", "expired", "incomplete", "requires_action")
_FENCE = re.compile(r"\A```[\w-]*\n(.*)\n```\s*\Z", re.DOTALL)


def prompt_for(wish: str, instructions: str) -> str:
    present = instructions.strip() or "(none yet)"
    return f"Present instructions:\n\n{present}\n\n---\n\nWish: {wish.strip()}"


def cleaned(reply: str) -> str:
    """The reply without the fence that models put around it all the same."""
    found = _FENCE.match(reply.strip())
    return (found.group(1) if found else reply).strip()


class Drafting:
    def __init__(self, api: Callable[[], Awaitable[openai.AsyncOpenAI]], calls: AssistantCalls, clock: Clock) -> None:
        self._api = api
        self._calls = calls
        self._clock = clock

    async def write(self, wish: str, instructions: str, model: str, assistant_id: str | None) -> str:
        """New instructions after `wish`, by `model`. `assistant_id`: the assistant that the run borrows; None: one is
        made for it. Cancelling stops the run. Raises `FailureError`."""
        if not model:
            raise FailureError(Failure("invalid", "No model is chosen yet.", field="model"))
        try:
            return await self._write(wish, instructions, model, assistant_id)
        except FailureError:
            raise
        except Exception as error:
            raise FailureError(failure_of(error)) from error

    async def _write(self, wish: str, instructions: str, model: str, assistant_id: str | None) -> str:
        client = await self._api()
        await asyncio.to_thread(load_beta)
        scratch = None
        if assistant_id is None:
            scratch = id_of(await self._calls.create({"model": model, "name": "Draft of instructions"}))
        try:
            return await self._on_thread(client, prompt_for(wish, instructions), model, assistant_id or scratch or "")
        finally:
            if scratch is not None:
                await asyncio.shield(_quietly(self._calls.delete(scratch)))

    async def _on_thread(self, client: openai.AsyncOpenAI, prompt: str, model: str, assistant_id: str) -> str:
        threads = client.beta.threads
        thread = await threads.create(messages=[{"role": "user", "content": prompt}], metadata={"title": "Draft"})
        try:
            run = await self._run(client, thread.id, model, assistant_id)
            found = await threads.messages.with_raw_response.list(thread.id, run_id=run["id"], order="asc")
            return _reply(run, as_dict(found.http_response.json()))
        finally:
            await asyncio.shield(_quietly(threads.delete(thread.id)))

    async def _run(self, client: openai.AsyncOpenAI, thread_id: str, model: str, assistant_id: str) -> dict[str, Any]:
        raw = client.beta.threads.runs.with_raw_response
        asked: Any = {"model": model, "instructions": HOW, "tools": [], "response_format": {"type": "text"}}
        made = await raw.create(thread_id, assistant_id=assistant_id, **asked)
        run = as_dict(made.http_response.json())
        deadline = self._clock.monotonic() + PATIENCE
        try:
            while as_text(run.get("status")) not in _ENDED:
                if self._clock.monotonic() > deadline:
                    raise FailureError(Failure("timeout", f"The model gave no draft within {PATIENCE:.0f} s."))
                await self._clock.sleep(POLL_SECONDS)
                answer = await raw.retrieve(run["id"], thread_id=thread_id)
                run = as_dict(answer.http_response.json())
        except BaseException:
            await asyncio.shield(_quietly(client.beta.threads.runs.cancel(run["id"], thread_id=thread_id)))
            raise
        return run


def _reply(run: Mapping[str, Any], page: Mapping[str, Any]) -> str:
    if failure := run_failure(run):
        raise FailureError(failure)
    texts = [
        as_text(as_dict(part.get("text")).get("value"))
        for message in as_list(page.get("data"))
        if message.get("role") == "assistant"
        for part in as_list(message.get("content"))
        if part.get("type") == "text"
    ]
    text = cleaned("\n\n".join(text for text in texts if text))
    if not text:
        raise FailureError(Failure("server", "The model wrote nothing."))
    return text


async def _quietly(work: Awaitable[Any]) -> None:
    """Tidying up, whose failure the person can do nothing about; it is in the log."""
    with suppress(asyncio.CancelledError):
        try:
            await work
        except Exception as error:
            failure_of(error)
