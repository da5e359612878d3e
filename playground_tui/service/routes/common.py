"""What every resource's routes share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from playground_tui.service.errors import ApiError
from playground_tui.service.service import Service

Endpoint = Callable[[Request, Service], Awaitable[Response]]


def route(path: str, **methods: Endpoint) -> Route:
    """`route("/threads", get=list_threads, post=create_thread)`"""
    by_method: Mapping[str, Endpoint] = {name.upper(): endpoint for name, endpoint in methods.items()}

    async def dispatch(request: Request) -> Response:
        endpoint = by_method.get(request.method) or by_method["GET"]  # HEAD
        return await endpoint(request, request.app.state.service)

    return Route(path, dispatch, methods=list(by_method))


def refuse_new_stores(body: dict[str, Any]) -> None:
    """Vector stores cannot be made on the way here. Raises 400."""
    resources = body.get("tool_resources") or {}
    if (resources.get("file_search") or {}).get("vector_stores"):
        raise ApiError(
            400,
            "This service does not make vector stores; give the id of an existing one in 'vector_store_ids'.",
            param="tool_resources.file_search.vector_stores",
            code="unsupported_parameter",
        )
