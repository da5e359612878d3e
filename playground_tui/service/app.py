"""The ASGI application: the API's paths, under `/v1` and bare."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from playground_tui.service.answers import error_answer
from playground_tui.service.envelope import Envelope, as_api_error
from playground_tui.service.errors import ApiError
from playground_tui.service.routes import all_routes
from playground_tui.service.service import Service


def create_app(service: Service, *, local_only: bool = False) -> Starlette:
    """`service` is started and closed by the caller. `local_only`: refuse foreign `Host` and `Origin` headers."""
    app = Starlette(
        routes=all_routes(),
        middleware=[Middleware(Envelope, config=service.config, local_only=local_only)],
        exception_handlers={HTTPException: _refused, ApiError: _refused},
    )
    app.router.redirect_slashes = False
    app.state.service = service
    return app


async def _refused(request: Request, error: Exception) -> Response:
    known = as_api_error(error, request.scope)
    if known is None:
        raise error
    return error_answer(known)
