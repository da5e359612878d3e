"""The workspace without a screen: the same store, server, cache, versions and threads as the app, for one command.

Unlike `Workspace` it opens nothing: no draft is made or shown, and what the app opens next stays what it was.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from playground_tui.settings.detect import Chooser
from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.model import LOCAL_SERVER, Route, route
from playground_tui.settings.paths import Paths
from playground_tui.workspace.assistants import Assistants
from playground_tui.workspace.calls import AssistantCalls
from playground_tui.workspace.carried import StartCarried, start_carried_service
from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.clock import Clock, SystemClock
from playground_tui.workspace.connection import Connection
from playground_tui.workspace.exchange.slim import slim
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.listed import Listed
from playground_tui.workspace.records import Records
from playground_tui.workspace.store import Database
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.values import AssistantRow, Draft
from playground_tui.workspace.versions import Versions

if TYPE_CHECKING:
    import openai

    from playground_tui.workspace.connection import Transports
    from playground_tui.workspace.thread_api import ThreadApi

MOST_NAMED = 256
"""Characters of a name in a sentence; no assistant has a longer one."""


class Headless:
    """Used on one event loop. Nothing is connected and nothing heavy imported before it is needed. Raises
    `FailureError` for a server that is not in the settings, and what opening the store raises."""

    def __init__(
        self,
        paths: Paths,
        settings: SettingsStore,
        keys: KeyRing,
        *,
        server: str | None = None,
        clock: Clock | None = None,
        environ: Mapping[str, str] | None = None,
        transports: Transports | None = None,
        start_carried: StartCarried = start_carried_service,
    ) -> None:
        """`server`: an id from the settings; without it their default one."""
        name = server or settings.current.default_server
        chosen = settings.current.server(name)
        if chosen is None:
            raise FailureError(Failure("missing", f"No server {name} is in the settings."))
        self.server = chosen
        self.paths = paths
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.store = Database(paths.workspace_db)
        self._chooser = Chooser(lambda: settings.current, os.environ if environ is None else environ)
        self.connection = Connection(
            chosen, paths, self._chooser.settings, keys, self.clock, transports=transports, start_carried=start_carried
        )
        self.calls = AssistantCalls(self.api)
        self.versions = Versions(self.store, self.clock)
        self.assistants = Assistants(paths.cache, self.store, self.clock, self.calls)
        self.records = Records(self.store, self.clock, self.calls, self.versions, self.assistants, chosen.id)
        self._listed = Listed(paths, chosen.id)
        self._cache_read = False

    async def api(self) -> openai.AsyncOpenAI:
        """The server's client; connects on first use. Raises what `failure_of` knows."""
        self.connection.open()
        return await self.connection.api()

    async def threads(self) -> ThreadApi:
        from playground_tui.workspace.thread_api import ThreadApi

        return ThreadApi(await self.api())

    async def close(self) -> None:
        """Everything on disk, the connection and the service stopped."""
        for step in (self.assistants.close, self.connection.close):
            with suppress(Exception):
                await step()
        self._listed.close()
        await asyncio.to_thread(self.store.close)

    # -- which model ---------------------------------------------------------------------------------------------------

    async def look_for_models(self, model: str) -> str:
        """Before `model` runs on the local service: where neither settings nor environment say who runs it, local
        model servers are asked, for about a second. Returns the notice that goes with what was found, or nothing."""
        if self.server.id != LOCAL_SERVER or route(self.settings.current, model) is not None:
            return ""
        await self._chooser.look_around()
        return self._chooser.choice().notice

    async def default_model(self) -> str:
        """What a new assistant takes when no model is named; empty where the person has to."""
        if self.server.id != LOCAL_SERVER:
            return ""
        await self._chooser.look_around()
        choice = self._chooser.choice()
        return f"{choice.provider.id}/{choice.model}" if choice.model else ""

    def route_of(self, model: str) -> Route | None:
        """Who runs `model` on the local service; None where that is not known here."""
        return route(self._chooser.settings(), model) if self.server.id == LOCAL_SERVER else None

    def provider_of(self, model: str) -> str:
        """That provider's id, or nothing."""
        found = self.route_of(model)
        return found.provider.id if found is not None else ""

    # -- assistants ----------------------------------------------------------------------------------------------------

    async def read_cache(self) -> None:
        """Show in `assistants.listing` what this machine has. Never raises."""
        if not self._cache_read:
            self._cache_read = True
            await self.assistants.use(self.server.id)

    async def list_assistants(self, *, ask: bool | None = None) -> Failure | None:
        """Bring `assistants.listing` up to date. `ask` None: the server is only asked where the cache cannot be known
        to be complete. Returns why the server could not be asked; the cache is then all there is."""
        current = self._listed.is_current()
        await self.read_cache()
        if ask is False or (ask is None and current and self.assistants.listing.value.rows):
            return None
        await self.assistants.refresh()
        failure = self.assistants.listing.value.failure
        if failure is None:
            self._listed.note()
        return failure

    async def find(self, wanted: str, *, fresh: bool = False) -> AssistantRow:
        """The assistant or draft with this id or name. Unless `fresh`, one that the cache knows is enough. Raises
        `FailureError` when there is none, or several of this name."""
        await self.read_cache()
        if not fresh and len(found := _matches(self.assistants.listing.value.rows, wanted)) == 1:
            return found[0]
        failure = await self.list_assistants(ask=True)
        found = _matches(self.assistants.listing.value.rows, wanted)
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(row.id for row in found)
            what = f"{len(found)} assistants are called {wanted}: {ids}."
            raise FailureError(Failure("invalid", what, next="Name one by its id."))
        if failure is not None:
            raise FailureError(failure)
        where = self.server.title or self.server.id
        raise FailureError(Failure("missing", f"There is no assistant {_cut(wanted)} on the server {where}."))

    async def create_draft(self, row: AssistantRow, model: str = "") -> AssistantRow:
        """Create a draft on the server; `model` is for one that names none, else it takes the default. Raises
        `FailureError`."""
        from playground_tui.workspace.draft_creation import create_draft

        assistant_id = await create_draft(
            row.id,
            "" if row.model else model or await self.default_model(),
            db=self.store,
            clock=self.clock,
            calls=self.calls,
            versions=self.versions,
            assistants=self.assistants,
        )
        return await self.find(assistant_id)

    async def same_as(self, fields: Mapping[str, Any]) -> str | None:
        """The id of an assistant of the last listing that has exactly these (slim) fields."""
        await self.read_cache()
        for row in self.assistants.listing.value.rows:
            like = row.name == fields.get("name") and not row.is_draft
            if like and slim(await self.assistants.doc(row.id)) == fields:
                return row.id
        return None

    # -- threads -------------------------------------------------------------------------------------------------------

    def context(self, *, run_timeout: float | None = None) -> ChatContext:
        """For the modules that talk in threads. `run_timeout`: seconds of silence that end a run."""
        return ChatContext(
            server=self.server.id,
            api=self.api,
            store=self.store,
            clock=self.clock,
            editor=_NoEditor(self.server.id),
            author=self.assistants.name,
            version=lambda: None,
            run_timeout=lambda: run_timeout or self.settings.current.run_timeout,
            lacking=lambda: self.connection.value.lacking,
            lack=self.connection.lack,
            address=lambda: self.server.base_url,
            interpreter=lambda: self.settings.current.handler_python,
        )


class _NoEditor:
    """Nobody edits here: who is asked is said with each run."""

    def __init__(self, server: str) -> None:
        self.draft = Subject(Draft("", server, None, {}))

    async def ensure_created(self) -> str:
        raise FailureError(Failure("invalid", "No assistant was named."))

    def run_overrides(self) -> Mapping[str, Any]:
        return {}


def _matches(rows: tuple[AssistantRow, ...], wanted: str) -> list[AssistantRow]:
    """By id, else by name, else by name in any case."""
    folded = wanted.casefold()
    return (
        [row for row in rows if row.id == wanted]
        or [row for row in rows if row.name == wanted]
        or [row for row in rows if row.name.casefold() == folded]
    )


def _cut(name: str) -> str:
    """As much of it as a sentence holds."""
    return name if len(name) <= MOST_NAMED else f"{name[: MOST_NAMED - 1]}…"
