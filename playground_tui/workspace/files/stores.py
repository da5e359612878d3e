"""Vector stores: what there is, what is in the opened one, and how their indexing goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from playground_tui.workspace.api_objects import as_dict, as_list, as_text
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.files.api import FilesApi
from playground_tui.workspace.files.values import (
    Passage,
    StoreFile,
    StoreFiles,
    StoreListing,
    StoreRow,
    store_file,
    store_row,
)
from playground_tui.workspace.subject import Subject

MOST_STORES: Final = 1000
MOST_SHOWN: Final = 300
"""Files of the opened store that are read, the failed ones first."""
FIRST_WAIT: Final = 0.2
LONGEST_WAIT: Final = 2.0
"""Seconds between two looks at stores that are being indexed."""
PATIENCE: Final = 5
"""Looks in a row that may fail."""
MOST_PASSAGES: Final = 20
MOST_SCORE: Final = 1e6
"""Of a passage that was found; a larger number is none."""

T = TypeVar("T")
Names = Callable[[], Mapping[str, str]]


class Stores:
    """What a person asks for raises FailureError; what goes on by itself puts its failure into a listing."""

    def __init__(
        self, api: Callable[[], Awaitable[FilesApi]], clock: Clock, names: Names, lack: Callable[[Failure], None]
    ) -> None:
        """`names`: file id → name, as far as it is known. `lack` hears of failed calls."""
        self._api, self._clock, self._names, self._lack = api, clock, names, lack
        self._following: asyncio.Task[None] | None = None
        self._asked = asyncio.Event()
        self._reads = self._newest_read = 0
        self.listing: Subject[StoreListing] = Subject(StoreListing())
        self.opened: Subject[StoreFiles | None] = Subject(None)

    # -- reading -------------------------------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Never raises."""
        try:
            raw, _ = await (await self._api()).stores(MOST_STORES)
        except Exception as error:
            self.listing.set(replace(self.listing.value, failure=self._failure(error), loaded=True))
            return
        before = self._opened_row()
        self.listing.set(replace(self.listing.value, rows=tuple(map(store_row, raw)), failure=None, loaded=True))
        self.follow()
        if (now := self._opened_row()) is not None and now != before:
            await self._read_files(now.id)

    async def read(self, store_id: str) -> None:
        """Bring one store's counts up to date, and follow them. Never raises."""
        try:
            await self._look_at(store_id)
        except FailureError:
            return  # told where the store is used
        self.follow()

    async def open(self, store_id: str) -> None:
        """Read what is in a store; from now on `opened` is kept up with it. Never raises."""
        before = self.opened.value
        if before is None or before.store_id != store_id:
            self.opened.set(StoreFiles(store_id))
        await self._read_files(store_id)

    def leave(self) -> None:
        self.opened.set(None)

    def _opened_row(self) -> StoreRow | None:
        opened = self.opened.value
        return None if opened is None else self.listing.value.get(opened.store_id)

    async def _read_files(self, store_id: str) -> None:
        """Of several at once the one that began last counts."""
        self._reads += 1
        read = self._reads
        try:
            api = await self._api()
            failed, _ = await api.store_files(store_id, MOST_SHOWN, "failed")
            others, more = await api.store_files(store_id, MOST_SHOWN)
            names = await self._all_names(api, [*failed, *others])
        except Exception as error:
            self._put_files(store_id, failure=self._failure(error), loaded=True)
            return
        rows = {file.id: file for raw in (*failed, *others) if (file := store_file(raw, names)).id}
        ordered = tuple(sorted(rows.values(), key=_order))
        if read < self._newest_read:
            return
        self._newest_read = read
        self._put_files(store_id, rows=ordered, failure=None, loaded=True, has_more=more)

    async def _all_names(self, api: FilesApi, raw: list[dict[str, Any]]) -> Mapping[str, str]:
        """Names are not in a store's list; those that the list of files lacks are asked for, a few of them."""
        names = dict(self._names())
        ids = [as_text(item.get("id")) for item in raw if "filename" not in item]
        for file_id in [file_id for file_id in dict.fromkeys(ids) if file_id not in names][:50]:
            try:
                names[file_id] = as_text((await api.file(file_id)).get("filename"))
            except Exception as error:
                failure_of(error)
        return names

    def _put_files(self, store_id: str, **changes: Any) -> None:
        opened = self.opened.value
        if opened is not None and opened.store_id == store_id:
            self.opened.set(replace(opened, **changes))

    async def text(self, store_id: str, file_id: str) -> str:
        """What was read from a file of a store."""
        return await self._call(lambda api: api.text(store_id, file_id))

    async def search(self, store_id: str, query: str) -> tuple[Passage, ...]:
        """Best first."""
        found = await self._call(lambda api: api.search(store_id, query, MOST_PASSAGES))
        return tuple(_passage(raw, store_id) for raw in found)

    # -- changing ------------------------------------------------------------------------------------------------------

    async def create(self, name: str, days: int = 0) -> str:
        """The id of a new, empty store; `days`: see `set_expiry`."""
        body: dict[str, Any] = {"name": name, **({"expires_after": _expiry(days)} if days else {})}
        made = store_row(await self._call(lambda api: api.create_store(body)))
        if not made.id:
            what = "The server's answer to a new vector store makes no sense: it has no id."
            raise FailureError(Failure("server", what))
        self._put(made)
        return made.id

    async def rename(self, store_id: str, name: str) -> None:
        self._put(store_row(await self._call(lambda api: api.modify_store(store_id, {"name": name}))))

    async def set_expiry(self, store_id: str, days: int) -> None:
        """`days` after its last use it expires; 0: never."""
        body = {"expires_after": _expiry(days) if days else None}
        self._put(store_row(await self._call(lambda api: api.modify_store(store_id, body))))

    async def delete(self, store_id: str) -> None:
        """Its files stay."""
        await self._call(lambda api: api.delete_store(store_id))
        rows = tuple(row for row in self.listing.value.rows if row.id != store_id)
        self.listing.set(replace(self.listing.value, rows=rows))
        opened = self.opened.value
        if opened is not None and opened.store_id == store_id:
            self.leave()

    async def add_file(self, store_id: str, file_id: str) -> None:
        await self._call(lambda api: api.add_file(store_id, file_id))
        self.added(store_id)

    async def remove_file(self, store_id: str, file_id: str) -> None:
        """The file itself stays."""
        await self._call(lambda api: api.remove_file(store_id, file_id))
        await self._look_at(store_id)

    def added(self, store_id: str) -> None:
        """Something was put into the store: follow how it is indexed."""
        row = self.listing.value.get(store_id) or StoreRow(store_id, "")
        self._put(replace(row, status="in_progress", indexing=max(row.indexing, 1)))
        self.follow()

    # -- indexing ------------------------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Look at the stores that are being indexed until they are done."""
        self._asked.set()
        if self._following is None or self._following.done():
            self._following = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        wait, failures = FIRST_WAIT, 0
        while moving := [row.id for row in self.listing.value.rows if row.moving]:
            self._asked.clear()
            try:
                for store_id in moving:
                    await self._look_at(store_id)
                failures = 0
            except FailureError as error:
                failures += 1
                if failures >= PATIENCE or error.failure.kind not in ("offline", "timeout", "rate", "server"):
                    self.listing.set(replace(self.listing.value, failure=error.failure))
                    return
            wait = FIRST_WAIT if self._asked.is_set() else min(wait * 1.5, LONGEST_WAIT)
            await self._clock.sleep(wait)

    async def _look_at(self, store_id: str) -> None:
        before = self.listing.value.get(store_id)
        try:
            after = store_row(await self._call(lambda api: api.store(store_id)))
        except FailureError as error:
            if error.failure.kind != "missing":
                raise
            self._drop(store_id)
            return
        self._put(after)
        opened = self.opened.value
        if opened is not None and opened.store_id == store_id and before != after:
            await self._read_files(store_id)

    async def until_indexed(self, store_id: str) -> StoreRow | None:
        """Wait until nothing of the store is being indexed; what it is then, None: gone."""
        done = asyncio.Event()

        def look(listing: StoreListing) -> None:
            row = listing.get(store_id)
            if row is None or not row.moving or listing.failure is not None:
                done.set()

        end = self.listing.watch(look, now=True)
        try:
            await done.wait()
        finally:
            end()
        return self.listing.value.get(store_id)

    async def close(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait([self._following])

    # -- inside --------------------------------------------------------------------------------------------------------

    def _put(self, row: StoreRow) -> None:
        listing = self.listing.value
        known = any(old.id == row.id for old in listing.rows)
        rows = tuple(row if old.id == row.id else old for old in listing.rows) if known else (row, *listing.rows)
        self.listing.set(replace(listing, rows=rows))

    def _drop(self, store_id: str) -> None:
        rows = tuple(row for row in self.listing.value.rows if row.id != store_id)
        self.listing.set(replace(self.listing.value, rows=rows))

    async def _call(self, call: Callable[[FilesApi], Awaitable[T]]) -> T:
        try:
            return await call(await self._api())
        except Exception as error:
            raise FailureError(self._failure(error)) from error

    def _failure(self, error: Exception) -> Failure:
        failure = failure_of(error)
        if failure.kind in ("unsupported", "retired"):
            self._lack(failure)
            what = "This server offers no vector stores."
            return replace(
                failure,
                kind="unsupported",
                what=what,
                next="The local server does: change the server under Connections.",
            )
        return failure


def _order(file: StoreFile) -> tuple[int, str, str]:
    return ({"failed": 0, "in_progress": 1}.get(file.status, 2), file.name.casefold(), file.id)


def _expiry(days: int) -> dict[str, Any]:
    return {"anchor": "last_active_at", "days": days}


def _passage(raw: Mapping[str, Any], store_id: str) -> Passage:
    text = "\n".join(as_text(as_dict(part).get("text")) for part in as_list(raw.get("content")))
    score, page = raw.get("score"), raw.get("page")
    name = as_text(raw.get("filename")) or as_text(raw.get("file_name"))
    file_id = as_text(raw.get("file_id"))
    return Passage(
        file_id,
        name or file_id,
        text,
        float(score) if isinstance(score, int | float) and abs(score) < MOST_SCORE else 0.0,
        page if isinstance(page, int) else None,
        store_id,
        _pages(raw.get("pages")),
    )


def _pages(raw: Any) -> tuple[tuple[int, int], ...]:
    """Only our own service tells them."""
    pairs = ((as_dict(one).get("start"), as_dict(one).get("page")) for one in as_list(raw))
    return tuple(sorted((at, page) for at, page in pairs if isinstance(at, int) and isinstance(page, int)))


def passages_of(results: list[Any]) -> tuple[Passage, ...]:
    """The results of a `file_search` call of a run step."""
    return tuple(_passage(as_dict(raw), "") for raw in results)
