"""The `openai` client of one provider. Contract: it obeys the provider's settings, and nothing of the environment but
the system's proxies."""

from __future__ import annotations

import os
import ssl
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from playground_tui.limits.answers import bound
from playground_tui.quick_dataclass import dataclass
from playground_tui.service.engines.errors import Speaker
from playground_tui.settings.model import Provider
from playground_tui.settings.origin import is_same_place

if TYPE_CHECKING:
    import httpx2
    import openai


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `read` is between two blocks of a stream; a model may think for minutes without a byte."""

    connect: float = 15.0
    read: float = 600.0
    write: float = 120.0
    pool: float = 60.0


def build_client(provider: Provider, timeouts: Timeouts) -> openai.AsyncOpenAI:
    """Slow: call it in a thread. Raises OSError or ValueError for a CA bundle or proxy that cannot be used. A request
    brings its own `Authorization`, or omits it."""
    import httpx2
    import openai

    verify: bool | ssl.SSLContext = True
    if provider.ca_bundle:
        verify = ssl.create_default_context(cafile=os.path.expanduser(provider.ca_bundle))
    local = Speaker(provider.id, provider.base_url).is_local
    http = openai.DefaultAsyncHttpxClient(
        verify=verify,
        proxy=provider.proxy or None,
        trust_env=not local,  # a proxy of the environment cannot reach a server on this machine
        event_hooks={"request": [_stay_at(provider.base_url)], "response": [bound]},
        timeout=httpx2.Timeout(connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.pool),
    )
    return openai.AsyncOpenAI(
        base_url=provider.base_url,
        api_key="none",  # the client wants one; the real key comes with each request
        admin_api_key="",
        max_retries=0,
        timeout=http.timeout,
        default_headers=_headers(provider),
        default_query=dict(provider.query),
        http_client=http,
    )


class SentOn(Exception):
    """The endpoint redirects to another host, which gets neither key nor contents."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


def _stay_at(base_url: str) -> Callable[[httpx2.Request], Awaitable[None]]:
    async def hook(request: httpx2.Request) -> None:
        if not is_same_place(base_url, str(request.url)):
            raise SentOn(request.url.host)

    return hook


def _headers(provider: Provider) -> dict[str, Any]:
    """The client sends `OPENAI_ORG_ID`, `OPENAI_PROJECT_ID` and `OPENAI_CUSTOM_HEADERS` to any base URL by itself."""
    from openai import Omit

    omitted = {line.partition(":")[0].strip() for line in os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")}
    headers: dict[str, Any] = {name: Omit() for name in omitted if name}
    headers |= {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}
    if provider.organization:
        headers["OpenAI-Organization"] = provider.organization
    if provider.project:
        headers["OpenAI-Project"] = provider.project
    known = {name.lower(): name for name in headers}
    return headers | {known.get(name.lower(), name): value for name, value in provider.headers.items()}
