"""From a citation in a reply to the passage it means, and to the text around that."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.api_objects import as_dict, as_list, as_text
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.files.api import FilesApi
from playground_tui.workspace.files.nearest import nearest
from playground_tui.workspace.files.stores import passages_of
from playground_tui.workspace.files.values import Passage, StoreFile, store_file

AROUND: Final = 4000
"""Characters of the file's text that are shown before and after a passage."""
MOST_FAILED: Final = 20
_MARK: Final = re.compile(r"【(\d{1,4}):(\d{1,4})(?:†[^【】]*)?】")


@dataclass(frozen=True, slots=True)
class Cited:
    """A passage with the text around it; both empty where the server does not tell."""

    passage: Passage
    before: str = ""
    after: str = ""
    spot: tuple[int, int] = (0, 0)
    """From and to, in the passage's text, of the sentence that the reply took up; both 0: not known."""
    sure: bool = True
    """False: the file is certain, the passage is the best one of it that the run found."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a citation stands."""

    thread_id: str
    run_id: str
    mark: str
    file_id: str
    said: str = ""
    """The question, and the reply's text before the mark."""


class Citations:
    """Raises FailureError."""

    def __init__(self, api: Callable[[], Awaitable[FilesApi]], name_of: Callable[[str], Awaitable[str]]) -> None:
        self._api, self._name_of = api, name_of

    async def find(self, place: Place) -> Cited:
        try:
            api = await self._api()
            passage, sure = _chosen(place, await self._searches(api, place))
            if passage is None:
                raise FailureError(_unknown(await self._name_of(place.file_id)))
            before, after = await self._around(api, place, passage)
        except Exception as error:
            raise FailureError(failure_of(error)) from error
        return Cited(passage, before, after, nearest(passage.text, place.said), sure)

    async def failed_in(self, thread_id: str) -> tuple[StoreFile, ...]:
        """Files attached to messages of a thread that could not be indexed. None where the server does not tell."""
        try:
            api = await self._api()
            found = []
            for store_id in stores_in(await api.thread(thread_id)):
                for raw in (await api.store_files(store_id, MOST_FAILED, "failed"))[0]:
                    name = await self._name_of(as_text(raw.get("id")))
                    found.append(store_file(raw, {as_text(raw.get("id")): name}))
        except Exception as error:
            failure_of(error)
            return ()
        return tuple(file for file in found if file.status == "failed")

    async def _searches(self, api: FilesApi, place: Place) -> list[tuple[Passage, ...]]:
        """What each file search of the run found."""
        if not place.run_id:
            return []
        return searches_of(await api.steps(place.thread_id, place.run_id))

    async def _around(self, api: FilesApi, place: Place, passage: Passage) -> tuple[str, str]:
        for store_id in await self._stores(api, place):
            try:
                text = await api.text(store_id, passage.file_id)
            except Exception as error:
                failure_of(error)
                continue
            if (start := text.find(passage.text)) >= 0 and passage.text:
                end = start + len(passage.text)
                return text[max(0, start - AROUND) : start], text[end : end + AROUND]
        return "", ""

    async def _stores(self, api: FilesApi, place: Place) -> list[str]:
        """The stores that the run may have searched: its thread's and its assistant's."""
        found: list[str] = []
        try:
            found += stores_in(await api.thread(place.thread_id))
            run = await api.run(place.thread_id, place.run_id)
            found += stores_in(await api.assistant(as_text(run.get("assistant_id"))))
        except Exception as error:
            failure_of(error)
        return list(dict.fromkeys(found))


def stores_in(raw: dict[str, Any]) -> list[str]:
    """The vector stores of an assistant or thread."""
    search = as_dict(as_dict(raw.get("tool_resources")).get("file_search"))
    return [store for item in as_list(search.get("vector_store_ids")) if (store := as_text(item))]


def code_files_in(raw: dict[str, Any]) -> list[str]:
    code = as_dict(as_dict(raw.get("tool_resources")).get("code_interpreter"))
    return [file for item in as_list(code.get("file_ids")) if (file := as_text(item))]


def searches_of(steps: Sequence[dict[str, Any]]) -> list[tuple[Passage, ...]]:
    found = []
    for step in steps:
        for call in as_list(as_dict(step.get("step_details")).get("tool_calls")):
            if as_text(as_dict(call).get("type")) == "file_search":
                found.append(passages_of(as_list(as_dict(as_dict(call).get("file_search")).get("results"))))
    return found


def _chosen(place: Place, searches: Sequence[tuple[Passage, ...]]) -> tuple[Passage | None, bool]:
    """By the mark where it names a passage of the cited file, else the best passage of that file."""
    match = _MARK.fullmatch(place.mark)
    if match is not None:
        search, number = int(match[1]), int(match[2])
        if search < len(searches) and number < len(searches[search]):
            named = searches[search][number]
            if named.file_id == place.file_id:
                return named, True
    of_file = [passage for found in searches for passage in found if passage.file_id == place.file_id]
    return max(of_file, key=lambda passage: passage.score, default=None), False


def _unknown(name: str) -> Failure:
    what = f"{name or 'The cited file'}: the server does not tell which passage is meant."
    return Failure("missing", what, next="The file itself may be among the files of this server.")
