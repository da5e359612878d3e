"""Files and vector stores of one server, as plain objects of the API. As in `thread_api`, the `openai` client does the
calling, its typing is left out, nothing is repeated. Raises what the client raises (`failure_of` knows it all)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from playground_tui.workspace.api_objects import as_dict, as_list, as_text
from playground_tui.workspace.api_path import part
from playground_tui.workspace.thread_api import HEADERS, Page
from playground_tui.workspace.uploads import upload

if TYPE_CHECKING:
    import httpx2
    import openai

Json = Any
PAGE: Final = 100
"""Objects asked for at once: the most that the API gives of anything but files."""
LONG_PAGE: Final = 1000
BLOCK: Final = 1 << 16
"""Bytes of one piece of a download."""
SECONDS: Final = 60.0
"""Without a byte."""
INCLUDE: Final = "step_details.tool_calls[*].file_search.results[*].content"


class FilesApi:
    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self._client = client

    # -- files ---------------------------------------------------------------------------------------------------------

    async def files(self, most: int) -> tuple[list[dict[str, Any]], bool]:
        """(at most about `most` of them, newest first; are there more)"""
        return await self._all("/files", {"order": "desc"}, most, LONG_PAGE)

    async def file(self, file_id: str) -> dict[str, Any]:
        return as_dict(await self._get(f"/files/{part(file_id)}"))

    async def delete_file(self, file_id: str) -> None:
        await self._delete(f"/files/{part(file_id)}")

    @asynccontextmanager
    async def content(self, file_id: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The file itself, in pieces as they come."""
        part(file_id)
        async with self._client.files.with_streaming_response.content(file_id, timeout=SECONDS) as response:
            yield response.iter_bytes(BLOCK)

    async def upload(self, path: Path, purpose: Literal["assistants", "vision"], told: Callable[[int], None]) -> str:
        """The id it got. `told` hears now and then how many bytes were read for sending. Raises `FailureError`
        besides."""
        return await upload(self._client, path, purpose, told)

    # -- vector stores -------------------------------------------------------------------------------------------------

    async def stores(self, most: int) -> tuple[list[dict[str, Any]], bool]:
        return await self._all("/vector_stores", {"order": "desc"}, most)

    async def store(self, store_id: str) -> dict[str, Any]:
        return as_dict(await self._get(_store(store_id)))

    async def create_store(self, body: Mapping[str, Json]) -> dict[str, Any]:
        return as_dict(await self._post("/vector_stores", body))

    async def modify_store(self, store_id: str, body: Mapping[str, Json]) -> dict[str, Any]:
        return as_dict(await self._post(_store(store_id), body))

    async def delete_store(self, store_id: str) -> None:
        await self._delete(_store(store_id))

    async def search(self, store_id: str, query: str, most: int) -> list[dict[str, Any]]:
        body = {"query": query, "max_num_results": most}
        # The header asks our own service for the pages of PDF files; others do not know it.
        answer = await self._post(f"{_store(store_id)}/search", body, {"Playground-Tui-Results": "page"})
        return [as_dict(item) for item in as_list(as_dict(answer).get("data"))]

    async def store_files(self, store_id: str, most: int, status: str = "") -> tuple[list[dict[str, Any]], bool]:
        """`status`: only those; empty: all."""
        query = {"order": "desc", **({"filter": status} if status else {})}
        return await self._all(f"{_store(store_id)}/files", query, most)

    async def add_file(self, store_id: str, file_id: str) -> dict[str, Any]:
        return as_dict(await self._post(f"{_store(store_id)}/files", {"file_id": file_id}))

    async def remove_file(self, store_id: str, file_id: str) -> None:
        """Out of the store; the file stays."""
        await self._delete(f"{_store(store_id)}/files/{part(file_id)}")

    async def text(self, store_id: str, file_id: str) -> str:
        """What was read from the file."""
        answer = await self._get(f"{_store(store_id)}/files/{part(file_id)}/content")
        parts = as_list(as_dict(answer).get("data"))
        return "\n".join(as_text(as_dict(piece).get("text")) for piece in parts)

    # -- threads and runs ----------------------------------------------------------------------------------------------

    async def threads(self, most: int) -> tuple[list[dict[str, Any]], bool]:
        """Newest first; an extension of our own service."""
        return await self._all("/threads", {"order": "desc"}, most)

    async def thread(self, thread_id: str) -> dict[str, Any]:
        return as_dict(await self._get(f"/threads/{part(thread_id)}"))

    async def run(self, thread_id: str, run_id: str) -> dict[str, Any]:
        return as_dict(await self._get(f"/threads/{part(thread_id)}/runs/{part(run_id)}"))

    async def assistant(self, assistant_id: str) -> dict[str, Any]:
        return as_dict(await self._get(f"/assistants/{part(assistant_id)}"))

    async def steps(self, thread_id: str, run_id: str) -> list[dict[str, Any]]:
        """In order, with the texts that file search found."""
        path = f"/threads/{part(thread_id)}/runs/{part(run_id)}/steps"
        return Page(await self._get(path, {"limit": PAGE, "order": "asc", "include[]": INCLUDE})).data

    # -- calling -------------------------------------------------------------------------------------------------------

    async def _all(
        self, path: str, query: Mapping[str, Json], most: int, limit: int = PAGE
    ) -> tuple[list[dict[str, Any]], bool]:
        """Page by page. Servers that know no pages send everything at once, whatever they are asked."""
        found: list[dict[str, Any]] = []
        seen: set[str] = set()
        after = ""
        while True:
            page = Page(await self._get(path, {**query, "limit": limit, **({"after": after} if after else {})}))
            fresh = [item for item in page.data if as_text(item.get("id")) not in seen]
            found += fresh
            seen.update(as_text(item.get("id")) for item in fresh)
            if not page.has_more or not fresh or len(found) >= most:
                return found, page.has_more and bool(fresh)
            after = as_text(fresh[-1].get("id"))

    async def _get(self, path: str, query: Mapping[str, Json] | None = None) -> Json:
        import httpx2

        return _body(await self._client.get(path, cast_to=httpx2.Response, options=_options(query)))

    async def _post(self, path: str, body: Mapping[str, Json], headers: Mapping[str, str] | None = None) -> Json:
        import httpx2

        options = _options(headers=headers)
        return _body(await self._client.post(path, cast_to=httpx2.Response, body=body, options=options))

    async def _delete(self, path: str) -> None:
        import httpx2

        await self._client.delete(path, cast_to=httpx2.Response, options=_options())


def _options(query: Mapping[str, Json] | None = None, headers: Mapping[str, str] | None = None) -> Any:
    return {"headers": {**HEADERS, **(headers or {})}, "params": dict(query or {}), "max_retries": 0}


def _body(response: httpx2.Response) -> Json:
    try:
        return response.json()
    except ValueError:
        return None


def _store(store_id: str) -> str:
    return f"/vector_stores/{part(store_id)}"
