"""The carried service for tests: every answer that passes is checked against the description."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import openai

from playground_tui.service.carried import BASE_URL, Carried
from playground_tui.service.config import ServiceConfig
from playground_tui.service.service import Service
from playground_tui.settings.model import Provider, Settings
from playground_tui.settings.paths import find_paths
from tests.support.description import check_answer

DEMO = Settings(providers=(Provider("demo", "demo", default_model="demo"),), default_provider="demo")


class Checked(httpx2.AsyncBaseTransport):
    """Passes requests on and looks at each whole answer."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self.inner = inner
        self.headers: httpx2.Headers = httpx2.Headers()
        """Of the last answer."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self.inner.handle_async_request(request)
        self.headers = response.headers
        assert response.headers["x-request-id"].startswith("req_")
        if response.headers["content-type"] == "application/json" and request.method != "HEAD":
            body = await response.aread()
            check_answer(request.method, request.url.path, response.status_code, json.loads(body))
            response = httpx2.Response(response.status_code, headers=response.headers, content=body)
        return response


def service_config(home: Path, settings: Settings = DEMO, **more: object) -> ServiceConfig:
    return ServiceConfig(find_paths(home), lambda: settings, lambda provider: None, **more)


@contextmanager
def carried_service(
    config: ServiceConfig, make: Callable[[ServiceConfig], Service] = Service, grace: float = 0.5
) -> Iterator[Carried]:
    carried = Carried(lambda: make(config))
    carried.start()
    try:
        carried.wait_ready(30)
        yield carried
    finally:
        carried.stop(grace)
        carried.stop(30)  # only waits: what was to end has been told
        assert not carried._thread.is_alive()


def client_of(transport: httpx2.AsyncBaseTransport, **options: object) -> openai.AsyncOpenAI:
    options = {"api_key": "none", "base_url": BASE_URL, "max_retries": 0, **options}
    return openai.AsyncOpenAI(http_client=httpx2.AsyncClient(transport=transport), **options)
