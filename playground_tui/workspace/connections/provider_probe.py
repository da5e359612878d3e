"""Does a provider work? Asked step by step, with the settings the local service would use.

The model endpoint is called directly: the list of models, the first words of a streamed reply, a function call. The
answers are not read further than that, so a test costs a few tokens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from playground_tui.settings.keys import KeyRing, KeyUnavailable, describe, own_secrets
from playground_tui.settings.model import Provider, Server
from playground_tui.workspace.api_objects import as_dict, as_list
from playground_tui.workspace.client import ServerFacts, make_client
from playground_tui.workspace.connections.faults import failure_at, is_page
from playground_tui.workspace.connections.reply import Heard, listen
from playground_tui.workspace.connections.steps import Steps
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.models import not_for_chat

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx2
    import openai

STEPS: Final = {
    "reachable": "Reachable",
    "key": "Key accepted",
    "models": "Models listed",
    "streaming": "Streaming works",
    "tools": "Tool call works",
}
READ_SECONDS: Final = 90.0
"""Without a byte: a local server may have to load the model first."""
PING: Final = {
    "name": "ping",
    "description": "Checks that functions can be called. Takes no arguments.",
    "parameters": {"type": "object", "properties": {}},
}
HELLO: Final = "Answer with the one word: ok"
CALL: Final = "Call the function ping."


async def probe_provider(provider: Provider, keys: KeyRing, steps: Steps) -> None:
    """Never raises; what fails is in the steps."""
    if provider.kind == "demo":
        for step in STEPS:
            steps.good(step, "Built in: it needs no network and no key.")
        steps.list_models(("demo", "demo-fast", "demo-slow", "demo-reasoning"))
    else:
        await _Probe(provider, keys, steps).run()
    steps.end()


class _Probe:
    def __init__(self, provider: Provider, keys: KeyRing, steps: Steps) -> None:
        self._provider = provider
        self._keys = keys
        self._steps = steps
        self._keyless = ""
        """Why there is no key although one is named."""
        self._key_given = False

    async def run(self) -> None:
        self._steps.run("reachable")
        try:
            client = await asyncio.to_thread(self._make_client)
        except Exception as error:
            self._steps.bad("reachable", self._failure(error))
            return
        try:
            await self._ask(client)
        finally:
            await client.close()

    def _make_client(self) -> openai.AsyncOpenAI:
        provider = self._provider
        key = self._key()
        headers = dict(provider.headers)
        if key and provider.preset == "azure":
            headers["api-key"] = key
        facts = ServerFacts(provider.title or provider.id, provider.base_url, self._key_place(), self._keys.redact)
        shared = {
            name: getattr(provider, name)
            for name in ("base_url", "query", "proxy", "ca_bundle", "organization", "project")
        }
        return make_client(Server(provider.id, headers=headers, **shared), key, facts)

    def _key(self) -> str | None:
        """A key that cannot be had does not keep the address from being tried."""
        provider = self._provider
        self._keys.hide(own_secrets(provider))
        try:
            key = self._keys.resolve(provider.key, provider.id)
        except KeyUnavailable as error:
            self._keyless = error.sentence
            return None
        if key and not (key.isascii() and key.isprintable()):
            self._keyless = f"The key from {self._key_place()} has characters that no key has."
            return None
        self._key_given = key is not None
        return key

    def _key_place(self) -> str:
        if self._keys.has_session(self._provider.id):
            return describe("session")
        return describe(self._provider.key) if self._provider.key else ""

    # -- the steps -----------------------------------------------------------------------------------------------------

    async def _ask(self, client: openai.AsyncOpenAI) -> None:
        models = await self._list_models(client)
        if models is None:
            return
        model = self._provider.default_model or next((name for name in models if not not_for_chat(name)), "")
        if not model:
            self._steps.skip("streaming", "No model to try: choose a default model first.")
            self._key_was_good("for the list of models")
            return
        if await self._stream(client, model):
            await self._call_tool(client, model)

    async def _list_models(self, client: openai.AsyncOpenAI) -> tuple[str, ...] | None:
        """None: there is no use in going on."""
        import httpx2
        import openai

        steps = self._steps
        try:
            answer = await client.get("/models", cast_to=httpx2.Response, options={"max_retries": 0})
        except openai.APIStatusError as error:
            return self._without_list(error)
        except Exception as error:
            steps.bad("reachable", self._failure(error))
            return None
        steps.good("reachable", f"{self._provider.base_url} answers.")
        if self._lacks_key():
            return None
        names = _names(answer)
        if names is None:
            self._no_api(answer)
            return None
        steps.list_models(names)
        self._tell_models(names)
        return names

    def _without_list(self, error: openai.APIStatusError) -> tuple[str, ...] | None:
        steps = self._steps
        steps.good("reachable", f"{self._provider.base_url} answers.")
        if self._lacks_key():
            return None
        failure = self._failure(error)
        if failure.kind == "key":
            steps.bad("key", failure)
            return None
        if error.status_code in (404, 405, 501) and not is_page(error.response.headers.get("content-type", ""), ""):
            steps.doubt("models", "It does not list its models: type the model's name yourself.")
            return ()
        if failure.kind in ("unsupported", "missing"):
            failure = Failure("server", "It answers with a web page, not as a model endpoint.", next=CHECK_URL)
        steps.bad("models", failure)
        return None

    def _lacks_key(self) -> bool:
        if self._keyless:
            self._steps.bad("key", self._keyless)
        return bool(self._keyless)

    def _no_api(self, answer: httpx2.Response) -> None:
        what = "a web page" if is_page(answer.headers.get("content-type", ""), answer.text) else "no list of models"
        self._steps.bad("models", f"It answers with {what}. {CHECK_URL}")

    def _tell_models(self, names: tuple[str, ...]) -> None:
        wanted = self._provider.default_model
        count = "1 model" if len(names) == 1 else f"{len(names):,} models"
        if not names:
            self._steps.doubt("models", "It lists no model: load or pull one, then test again.")
        elif wanted and wanted not in names:
            self._steps.doubt("models", f"{count}; the default model {wanted} is not among them.")
        else:
            self._steps.good("models", f"{count}.")

    async def _stream(self, client: openai.AsyncOpenAI, model: str) -> bool:
        """False: there is no use in going on."""
        steps = self._steps
        steps.run("streaming")
        try:
            heard = await self._hear(client, model, HELLO)
        except Exception as error:
            failure = self._failure(error)
            if failure.kind == "key":
                steps.bad("key", failure)
                steps.skip("streaming", "Not tried.")
            else:
                self._key_was_good("for the list of models")
                steps.bad("streaming", failure)
            return False
        self._key_was_good("")
        self._tell_streaming(heard, model)
        return heard.spoke

    def _tell_streaming(self, heard: Heard, model: str) -> None:
        steps = self._steps
        if heard.error:
            steps.bad("streaming", f"{model} failed: {self._keys.redact(heard.error)[:300]}")
        elif heard.nonsense:
            steps.bad("streaming", f"The answer is no model's reply. {CHECK_URL}")
        elif not heard.spoke:
            steps.bad("streaming", f"{model} ended its reply without a word: try another model.")
        elif not heard.streamed:
            steps.doubt("streaming", f"{model} answers, but only in one piece: replies will appear at once.")
        else:
            steps.good("streaming", f"{model} answers word by word.")

    async def _call_tool(self, client: openai.AsyncOpenAI, model: str) -> None:
        steps = self._steps
        steps.run("tools")
        try:
            heard = await self._hear(client, model, CALL, tool=True)
        except Exception as error:
            failure = self._failure(error)
            steps.bad("tools", replace(failure, next="Choose a model that can call functions, if you need them."))
            return
        if heard.calls:
            steps.good("tools", f"{model} called a function.")
        elif heard.error:
            steps.bad("tools", f"{model} failed: {self._keys.redact(heard.error)[:300]}")
        else:
            steps.doubt("tools", f"{model} answered with text instead of calling the function: it may not know how.")

    def _key_was_good(self, what_for: str) -> None:
        if self._key_given:
            accepted = f"{_capital(self._key_place())} was accepted"
            self._steps.good("key", f"{accepted} {what_for}".strip() + ".")
        else:
            self._steps.good("key", "None is set, and none was asked for.")

    # -- calling -------------------------------------------------------------------------------------------------------

    async def _hear(self, client: openai.AsyncOpenAI, model: str, text: str, *, tool: bool = False) -> Heard:
        """Raises what the client raises."""
        import openai

        if self._provider.kind == "responses":
            try:
                return await self._post(client, "/responses", _response_body(model, text, tool=tool), tool=tool)
            except openai.APIStatusError as error:
                if error.status_code not in (404, 405) or "model" in str(error.body).lower():
                    raise
        body = _chat_body(model, text, tool=tool)
        try:
            return await self._post(client, "/chat/completions", body, tool=tool)
        except openai.APIStatusError as error:
            if error.status_code != 400 or "tool_choice" not in body:
                raise
        return await self._post(client, "/chat/completions", _without(body, "tool_choice"), tool=tool)

    async def _post(self, client: openai.AsyncOpenAI, path: str, body: Mapping[str, Any], *, tool: bool) -> Heard:
        async with _opened(client, path, {**body, **self._provider.extra_body}) as response:
            return await listen(response, for_call=tool)

    def _failure(self, error: BaseException) -> Failure:
        return failure_at(error, self._provider.base_url, proxied=bool(self._provider.proxy))


CHECK_URL: Final = "Check that the base URL ends where the API begins, often with /v1."


@asynccontextmanager
async def _opened(client: openai.AsyncOpenAI, path: str, body: Mapping[str, Any]) -> AsyncIterator[httpx2.Response]:
    import httpx2
    from openai import AsyncStream

    timeout = httpx2.Timeout(READ_SECONDS, connect=5.0)
    options: Any = {"max_retries": 0, "timeout": timeout, "headers": {"Accept": "text/event-stream"}}
    response: Any = await client.post(
        path, body=dict(body), cast_to=httpx2.Response, options=options, stream=True, stream_cls=AsyncStream[Any]
    )
    try:
        yield response
    finally:
        await response.aclose()


def _chat_body(model: str, text: str, *, tool: bool) -> dict[str, Any]:
    body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": text}], "stream": True}
    if tool:
        body |= {"tools": [{"type": "function", "function": dict(PING)}], "tool_choice": "required"}
    return body


def _response_body(model: str, text: str, *, tool: bool) -> dict[str, Any]:
    body: dict[str, Any] = {"model": model, "input": text, "stream": True, "store": False}
    if tool:
        body |= {"tools": [{"type": "function", **PING, "strict": False}], "tool_choice": "required"}
    return body


def _without(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


def _names(answer: httpx2.Response) -> tuple[str, ...] | None:
    """The listed models in any of the shapes seen: `data`, `models`, a bare list. None: no list at all."""
    try:
        body = answer.json()
    except ValueError:
        return None
    listed = body if isinstance(body, list) else as_dict(body).get("data", as_dict(body).get("models"))
    if not isinstance(listed, list):
        return None
    found = (item if isinstance(item, str) else _name(as_dict(item)) for item in as_list(listed))
    return tuple(dict.fromkeys(name for name in found if name))


def _name(item: Mapping[str, Any]) -> str:
    name = next((item[key] for key in ("id", "name", "model") if isinstance(item.get(key), str)), "")
    return name.removeprefix("models/")  # Gemini's resource names


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
