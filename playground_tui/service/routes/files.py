from __future__ import annotations

import json
import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from playground_tui.limits.bodies import check_body
from playground_tui.limits.file_bodies import CREATE_FILE, MAX_FILE_LIST
from playground_tui.service.answers import json_answer, list_answer
from playground_tui.service.decode import refuse
from playground_tui.service.errors import ApiError
from playground_tui.service.files.upload import receive
from playground_tui.service.queries import page_query
from playground_tui.service.routes.common import route
from playground_tui.service.service import Service
from playground_tui.service.store import FILES, files, objects

_INNER: Final = re.compile(r"expires_after(?:\[(\w+)\]|\.(\w+))")


async def create_file(request: Request, service: Service) -> Response:
    upload = await receive(request, service.library.folder, service.config.max_file_bytes)
    try:
        body = _nested(upload.fields)
        refuse(check_body(CREATE_FILE, body))
        lifetime = body["expires_after"]["seconds"] if "expires_after" in body else None
        return json_answer(await service.library.keep(upload, body["purpose"], lifetime))
    finally:
        upload.incoming.drop()


def _nested(fields: dict[str, str]) -> dict[str, Any]:
    """A form has texts only: `expires_after[seconds]` as the SDK sends it, or `expires_after` as JSON."""
    body: dict[str, Any] = {}
    for name, value in fields.items():
        if match := _INNER.fullmatch(name):
            inner = body.setdefault("expires_after", {})
            if isinstance(inner, dict):
                inner[match[1] or match[2]] = int(value) if value.isdecimal() and len(value) < 19 else value
        elif name == "expires_after":
            body[name] = _json(value)
        else:
            body[name] = value
    return body


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ApiError(400, "'expires_after' is not JSON.", param="expires_after", code="invalid_json") from None


async def list_files(request: Request, service: Service) -> Response:
    query = page_query(request, most=MAX_FILE_LIST, default=MAX_FILE_LIST)
    purpose = request.query_params.get("purpose")
    where = {"purpose": purpose} if purpose else {}
    await service.library.forget_expired()
    return list_answer(await service.db.read(lambda conn: objects.page(conn, FILES, query, **where)))


async def get_file(request: Request, service: Service) -> Response:
    file_id, now = request.path_params["file_id"], service.now()
    await service.library.arrived(file_id)
    return json_answer(await service.db.read(lambda conn: files.require(conn, file_id, now)))


async def delete_file(request: Request, service: Service) -> Response:
    file_id = request.path_params["file_id"]
    await service.library.delete(file_id)
    return json_answer({"id": file_id, "object": "file", "deleted": True})


async def file_content(request: Request, service: Service) -> Response:
    file, path = await service.library.content(request.path_params["file_id"])
    headers = {"x-content-type-options": "nosniff"}
    return FileResponse(path, headers=headers, media_type="application/octet-stream", filename=file["filename"])


routes = [
    route("/files", get=list_files, post=create_file),
    route("/files/{file_id}", get=get_file, delete=delete_file),
    route("/files/{file_id}/content", get=file_content),
]
