"""How a server is called.

Importing this module is cheap; `openai` comes in when `make_client` is called (in a thread: `warm_up`).
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from playground_tui.settings.model import Server
from playground_tui.settings.origin import is_same_place
from playground_tui.workspace.exceptions import FACTS, ServerFacts, failure_of
from playground_tui.workspace.failures import Failure, FailureError

if TYPE_CHECKING:
    import httpx2
    import openai

__all__ = ["ServerFacts", "failure_of", "make_client", "warm_up"]

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 30.0
"""Without a byte. Callers that stream give their own time-out per call."""


def warm_up() -> None:
    """Import all that the first calls touch; 0.3 s of CPU, so in a thread."""
    import openai
    import openai.resources.models  # noqa: F401

    import playground_tui.workspace.thread_run  # noqa: F401


def load_beta() -> None:
    """Import what `client.beta` touches, for whoever is about to; another 0.5 s of CPU, so in a thread."""
    import openai.resources.beta.assistants
    import openai.resources.beta.threads.runs  # noqa: F401


def make_client(
    server: Server,
    key: str | None,
    facts: ServerFacts,
    *,
    transport: httpx2.AsyncBaseTransport | None = None,
    answered: Callable[[httpx2.Response], None] | None = None,
    unreached: Callable[[httpx2.Request, Exception], None] | None = None,
) -> openai.AsyncOpenAI:
    """A client that repeats nothing by itself and sends nothing that the settings do not name. `answered` hears of
    every response, whatever its status, `unreached` of every request that the server did not get or answer.
    Raises OSError for an unreadable CA bundle."""
    import httpx2
    import openai

    from playground_tui.limits.answers import bound

    class WatchedClient(httpx2.AsyncClient):
        async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
            try:
                return await super().send(request, **options)
            except httpx2.TransportError as error:
                if unreached is not None:
                    unreached(request, error)
                raise

    http_client = WatchedClient(
        transport=transport,
        timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=True,
        event_hooks={
            "request": [_prepare(facts, server.base_url, bare=_sends_no_bearer(server, key))],
            "response": [bound, *([_tell(answered)] if answered else [])],
        },
        **({} if transport is not None else _network_options(server)),
    )
    return openai.AsyncOpenAI(
        base_url=server.base_url,
        api_key=key or "none",
        max_retries=0,
        default_headers=_headers(server, key),
        default_query=_query(server),
        http_client=http_client,
    )


def _network_options(server: Server) -> dict[str, Any]:
    """Raises ValueError for a proxy that cannot be used, OSError for an unreadable CA bundle."""
    options: dict[str, Any] = {}
    if is_on_this_machine(server.base_url):
        options["trust_env"] = False  # a proxy of the environment cannot reach it
    if server.proxy:
        options["proxy"] = server.proxy
    if server.ca_bundle:
        import ssl

        options["verify"] = ssl.create_default_context(cafile=os.path.expanduser(server.ca_bundle))
    return options


def is_on_this_machine(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _headers(server: Server, key: str | None) -> Mapping[str, Any]:
    """The server's own headers. What the SDK would take from the environment for any address is left out."""
    import openai

    headers: dict[str, Any] = {name: openai.Omit() for name in _ambient_names()}
    headers["OpenAI-Organization"] = server.organization or openai.Omit()
    headers["OpenAI-Project"] = server.project or openai.Omit()
    if server.api_version and key:
        headers["api-key"] = key
    return {**headers, **server.headers}


def _ambient_names() -> list[str]:
    lines = os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")
    return [line.partition(":")[0].strip() for line in lines if ":" in line]


def _query(server: Server) -> dict[str, object]:
    version = {"api-version": server.api_version} if server.api_version else {}
    return {**version, **server.query}


def _sends_no_bearer(server: Server, key: str | None) -> bool:
    """The SDK insists on an Authorization header of its own; Azure and servers without a key want none."""
    own = any(name.lower() == "authorization" for name in server.headers)
    return not own and (not key or bool(server.api_version))


def _prepare(facts: ServerFacts, base_url: str, *, bare: bool) -> Callable[[httpx2.Request], Awaitable[None]]:
    async def hook(request: httpx2.Request) -> None:
        if not is_same_place(base_url, str(request.url)):
            raise FailureError(_sent_on(facts, request.url.host))
        request.extensions[FACTS] = facts
        if bare:
            request.headers.pop("Authorization", None)

    return hook


def _sent_on(facts: ServerFacts, host: str) -> Failure:
    what = f"{facts.title} sends its callers on to {host}, which is not in the settings."
    return Failure("server", what, next="Make that its base URL if you trust it.")


def _tell(answered: Callable[[httpx2.Response], None]) -> Callable[[httpx2.Response], Awaitable[None]]:
    async def hook(response: httpx2.Response) -> None:
        answered(response)

    return hook
