from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from playground_tui.service.answers import json_answer
from playground_tui.service.routes.common import route
from playground_tui.service.service import Service


async def list_models(request: Request, service: Service) -> Response:
    return json_answer(await service.models.answer())


async def get_model(request: Request, service: Service) -> Response:
    return json_answer(await service.models.one(request.path_params["model"]))


routes = [route("/models", get=list_models), route("/models/{model:path}", get=get_model)]
