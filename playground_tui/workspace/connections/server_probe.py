"""Does an Assistants API server work? A small assistant and a thread are made there, used, and deleted again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from playground_tui.settings.keys import describe
from playground_tui.settings.model import LOCAL_SERVER, Server
from playground_tui.workspace.api_objects import ACTIVE_STATUSES, as_dict, as_list, as_text
from playground_tui.workspace.client import load_beta
from playground_tui.workspace.connections.faults import failure_at, is_page
from playground_tui.workspace.connections.steps import Steps
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.models import not_for_chat
from playground_tui.workspace.run_failures import run_failure

if TYPE_CHECKING:
    import openai

    from playground_tui.workspace.thread_api import ThreadApi

STEPS: Final = {
    "reachable": "Reachable",
    "key": "Key accepted",
    "assistants": "Assistants API there",
    "models": "Models listed",
    "streaming": "Streaming works",
    "tools": "Tool call works",
}
HELLO: Final = "Answer with the one word: ok"
CALL: Final = "Call the function ping."
DEMO_CALL: Final = "/calls"
PING: Final = {
    "type": "function",
    "function": {
        "name": "ping",
        "description": "Checks that functions can be called. Takes no arguments.",
        "parameters": {"type": "object", "properties": {}},
    },
}
RUN_SECONDS: Final = 90.0
POLL_SECONDS: Final = 0.1
WORKING_STATUSES: Final = ACTIVE_STATUSES - {"requires_action"}


async def probe_server(
    server: Server, connect: Callable[[], Awaitable[openai.AsyncOpenAI]], model: str, steps: Steps
) -> None:
    """`model`: what to try with; empty: the first that is listed. Never raises; what fails is in the steps."""
    steps.run("reachable")
    try:
        client = await connect()
    except Exception as error:
        failure = failure_at(error, server.base_url, proxied=bool(server.proxy))
        steps.bad("key" if failure.kind == "key" else "reachable", failure)
        steps.end()
        return
    try:
        await _Probe(server, client, model, steps).run()
    finally:
        steps.end()
        await client.close()


class _Probe:
    def __init__(self, server: Server, client: openai.AsyncOpenAI, model: str, steps: Steps) -> None:
        from playground_tui.workspace.thread_api import ThreadApi

        self._server = server
        self._client = client
        self._model = model
        self._steps = steps
        self._threads = ThreadApi(client)

    async def run(self) -> None:
        if not await self._list_assistants():
            return
        await self._list_models()
        if not self._model:
            self._steps.skip("streaming", "No model to try: open an assistant that has one, then test again.")
            return
        await self._use()

    async def _list_assistants(self) -> bool:
        steps = self._steps
        await asyncio.to_thread(load_beta)
        try:
            answer = await self._client.beta.assistants.with_raw_response.list(limit=1)
        except Exception as error:
            self._no_assistants(error)
            return False
        steps.good("reachable", _reached(self._server))
        if is_page(answer.headers.get("content-type", ""), ""):
            steps.bad("assistants", "It answers with a web page: check that the base URL ends with /v1.")
            return False
        named = bool(self._server.key)
        accepted = f"{describe(self._server.key)} was accepted." if named else "None is set, and none was asked for."
        steps.good("key", accepted[:1].upper() + accepted[1:])
        steps.good("assistants", "It lists its assistants.")
        return True

    def _no_assistants(self, error: Exception) -> None:
        import openai

        steps = self._steps
        failure = failure_at(error, self._server.base_url, proxied=bool(self._server.proxy))
        if not isinstance(error, openai.APIStatusError):
            steps.bad("reachable", failure)
            return
        steps.good("reachable", _reached(self._server))
        if failure.kind == "key":
            steps.bad("key", failure)
            return
        if failure.kind in ("unsupported", "missing"):
            what = "It does not speak the Assistants API here."
            advice = "Check the base URL; a model endpoint is added as a provider instead."
            failure = Failure("unsupported", what, next=advice, details=failure.details)
        steps.bad("assistants", failure)

    async def _list_models(self) -> None:
        steps = self._steps
        steps.run("models")
        try:
            answer = await self._client.models.with_raw_response.list()
            listed = as_list(as_dict(answer.http_response.json()).get("data"))
        except Exception as error:
            failure = failure_at(error, self._server.base_url)
            steps.doubt("models", f"It does not list its models: type a model's name. ({failure.what})")
            return
        names = tuple(name for item in listed if (name := as_text(as_dict(item).get("id"))))
        steps.list_models(names)
        steps.good("models", f"{len(names):,} listed." if names else "It lists none.")
        self._model = self._model or next((name for name in names if not not_for_chat(name)), "")

    # -- using it ------------------------------------------------------------------------------------------------------

    async def _use(self) -> None:
        steps = self._steps
        steps.run("streaming")
        try:
            async with asyncio.timeout(RUN_SECONDS), self._place() as (assistant_id, thread_id):
                if await self._stream(assistant_id, thread_id):
                    await self._call_tool(assistant_id, thread_id)
        except Exception as error:
            running = next((s.id for s in steps.view.steps if s.phase == "running"), "tools")
            steps.bad(running, failure_at(error, self._server.base_url))

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[tuple[str, str]]:
        """An assistant and a thread for the test, gone afterwards."""
        made = await self._client.beta.assistants.with_raw_response.create(model=self._model, name="Connection test")
        assistant_id = as_text(as_dict(made.http_response.json()).get("id"))
        thread_id = ""
        try:
            thread_id = as_text((await self._threads.create_thread({})).get("id"))
            yield assistant_id, thread_id
        finally:
            with contextlib.suppress(Exception):
                await self._threads.delete_thread(thread_id)
            with contextlib.suppress(Exception):
                await self._client.beta.assistants.with_raw_response.delete(assistant_id)

    async def _stream(self, assistant_id: str, thread_id: str) -> bool:
        steps = self._steps
        await self._threads.create_message(thread_id, {"role": "user", "content": HELLO})
        run, deltas, whole = await self._run(thread_id, {"assistant_id": assistant_id})
        if failure := run_failure(run):
            steps.bad("streaming", failure)
            return False
        if deltas:
            steps.good("streaming", f"{self._model} answers word by word.")
        elif whole:
            steps.doubt("streaming", f"{self._model} answers, but only in one piece.")
        else:
            steps.doubt("streaming", "The run came without a stream: its end is asked for instead.")
        return True

    async def _call_tool(self, assistant_id: str, thread_id: str) -> None:
        steps = self._steps
        steps.run("tools")
        is_demo = self._server.id == LOCAL_SERVER and self._model.startswith("demo/")
        text = DEMO_CALL if is_demo else CALL
        await self._threads.create_message(thread_id, {"role": "user", "content": text})
        body = {"assistant_id": assistant_id, "tools": [PING]}
        run, _, _ = await self._run(thread_id, body if is_demo else {**body, "tool_choice": "required"})
        action = as_dict(as_dict(run.get("required_action")).get("submit_tool_outputs"))
        calls = [as_dict(call) for call in as_list(action.get("tool_calls"))]
        if failure := run_failure(run):
            steps.bad("tools", failure)
        elif not calls:
            steps.doubt("tools", f"{self._model} answered with text instead of calling the function.")
        else:
            steps.good("tools", f"{self._model} called a function.")
            await self._end(self._threads, thread_id, run, calls)

    async def _end(self, threads: ThreadApi, thread_id: str, run: dict[str, Any], calls: list[dict[str, Any]]) -> None:
        """The run still waits for its outputs."""
        outputs = [{"tool_call_id": as_text(call.get("id")), "output": "pong"} for call in calls]
        with contextlib.suppress(Exception):
            async with threads.submit_outputs(thread_id, as_text(run.get("id")), outputs) as stream:
                async for _ in stream.groups():
                    pass

    async def _run(self, thread_id: str, body: dict[str, Any]) -> tuple[dict[str, Any], bool, bool]:
        """The run as it was last told, whether its text came in pieces, and whether it came at all."""
        run: dict[str, Any] = {}
        deltas = whole = False
        async with self._threads.create_run(thread_id, body) as stream:
            async for group in stream.groups():
                for name, data in group:
                    deltas = deltas or name == "thread.message.delta"
                    whole = whole or name == "thread.message.completed"
                    if name.startswith("thread.run.") and not name.startswith("thread.run.step."):
                        run = as_dict(data)
        return await self._settled(thread_id, run), deltas, whole

    async def _settled(self, thread_id: str, run: dict[str, Any]) -> dict[str, Any]:
        """A server that does not stream answers while the run still works, and then its thread takes no message."""
        while (run_id := as_text(run.get("id"))) and as_text(run.get("status")) in WORKING_STATUSES:
            await asyncio.sleep(POLL_SECONDS)
            run = await self._threads.run(thread_id, run_id)
        return run


def _reached(server: Server) -> str:
    return "Carried by this app." if server.id == LOCAL_SERVER else f"{server.base_url} answers."
