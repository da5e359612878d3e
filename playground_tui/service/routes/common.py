"""What every resource's routes share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from playground_tui.service.service import Service

Endpoint = Callable[[Request, Service], Awaitable[Response]]


def route(path: str, **methods: Endpoint) -> Route:
    """`route("/threads", get=list_threads, post=create_thread)`"""
    by_method: Mapping[str, Endpoint] = {name.upper(): endpoint for name, endpoint in methods.items()}

    async def dispatch(request: Request) -> Response:
        endpoint = by_method.get(request.method) or by_method["GET"]  # HEAD
        return await endpoint(request, request.app.state.service)

    return Route(path, dispatch, methods=list(by_method))
