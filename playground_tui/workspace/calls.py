"""The server's assistants as calls: plain dicts in and out, whatever the server's dialect. Each call may raise what
`failure_of` knows; nothing is repeated here.

The paths are called through the client itself: touching `client.beta` would load its types, 0.5 s of CPU at a start.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from playground_tui.workspace.api_objects import as_text
from playground_tui.workspace.api_path import part
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.values import Json

if TYPE_CHECKING:
    import openai

    Api = Callable[[], Awaitable[openai.AsyncOpenAI]]

    import httpx2

PAGE = 100
"""The most the API gives at once."""
HEADERS: Final = {"OpenAI-Beta": "assistants=v2"}
_PATH: Final = "/assistants"


class AssistantCalls:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def retrieve(self, assistant_id: str) -> dict[str, Any]:
        return await self._get(_one(assistant_id), {})

    async def create(self, body: Mapping[str, Json]) -> dict[str, Any]:
        return await self._post(_PATH, body)

    async def update(self, assistant_id: str, body: Mapping[str, Json]) -> dict[str, Any]:
        """None in `body` is sent as null and clears the field."""
        return await self._post(_one(assistant_id), body)

    async def delete(self, assistant_id: str) -> None:
        client = await self._api()
        import httpx2  # it is there by now; before, this loop would wait for the thread that loads it

        await client.delete(_one(assistant_id), cast_to=httpx2.Response, options=_options())

    async def newest(self) -> list[dict[str, Any]]:
        """The first page, newest first."""
        async for page in self.pages():
            return page
        return []

    async def pages(self) -> AsyncIterator[list[dict[str, Any]]]:
        """All assistants, newest first. Ends when the server repeats itself (one that ignores `after`)."""
        after: str | None = None
        seen: set[str] = set()
        while True:
            asked = {"after": after} if after else {}
            answer = await self._get(_PATH, {"limit": PAGE, "order": "desc", **asked})
            data = answer.get("data")
            fresh = [named(doc) for doc in data if _new(doc, seen)] if isinstance(data, list) else []
            if fresh:
                yield fresh
            if not fresh or not answer.get("has_more"):
                return
            after = str(fresh[-1]["id"])

    async def _get(self, path: str, query: Mapping[str, Any]) -> dict[str, Any]:
        client = await self._api()
        import httpx2

        options: Any = {**_options(), "params": dict(query)}
        return _object(await client.get(path, cast_to=httpx2.Response, options=options))

    async def _post(self, path: str, body: Mapping[str, Json]) -> dict[str, Any]:
        client = await self._api()
        import httpx2

        return _object(await client.post(path, cast_to=httpx2.Response, body=dict(body), options=_options()))


def _options() -> Any:
    return {"headers": HEADERS, "max_retries": 0}


def _one(assistant_id: str) -> str:
    return f"{_PATH}/{part(assistant_id)}"


def _new(doc: Any, seen: set[str]) -> bool:
    found = as_text(doc.get("id")) if isinstance(doc, dict) else ""
    if not found or found in seen:
        return False
    seen.add(found)
    return True


def named(doc: dict[str, Any]) -> dict[str, Any]:
    """The object with its id as text: some servers number theirs."""
    found = doc.get("id")
    return doc if found is None or isinstance(found, str) else {**doc, "id": as_text(found)}


def _object(response: httpx2.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        found = None
    if isinstance(found, dict):
        return named(found)
    what = "The server's answer makes no sense: it is no JSON object."
    raise FailureError(Failure("server", what, details=f"status {response.status_code}", status=response.status_code))
