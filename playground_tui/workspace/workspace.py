"""The workspace: all that the screen and the command line hold on to. It wires the rooms together and owns their order
of starting and stopping; what each does is in its own module."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.model import LOCAL_SERVER, Settings
from playground_tui.settings.paths import Paths
from playground_tui.workspace.assistants import Assistants
from playground_tui.workspace.boot import PAUSED_KEY, SERVER_KEY, Boot, last_draft, open_last
from playground_tui.workspace.calls import AssistantCalls
from playground_tui.workspace.carried import StartCarried, start_carried_service
from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.clock import Clock, SystemClock
from playground_tui.workspace.connection import Connection
from playground_tui.workspace.connections.connections import Connections, Ground
from playground_tui.workspace.conversation import Conversation
from playground_tui.workspace.costs import cost_of
from playground_tui.workspace.disk import Disk
from playground_tui.workspace.drafts import FLUSH_SECONDS, DraftKeeper
from playground_tui.workspace.editor import Editor, new_draft
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.first_start import FirstStartChoice
from playground_tui.workspace.models import Models
from playground_tui.workspace.neighbours import Neighbours
from playground_tui.workspace.notices import Notices
from playground_tui.workspace.saving import Saving, Shelf
from playground_tui.workspace.store import Connection as StoreConnection
from playground_tui.workspace.store import Database, kv
from playground_tui.workspace.store import drafts as draft_table
from playground_tui.workspace.store.drafts import StoredDraft
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.threads import Threads
from playground_tui.workspace.versions import Versions

if TYPE_CHECKING:
    import openai

    from playground_tui.workspace.connection import Transports
    from playground_tui.workspace.drafting import Drafting
    from playground_tui.workspace.exchange.servers import ServerPlace
    from playground_tui.workspace.files.library import Library
    from playground_tui.workspace.handlers.functions import Functions
    from playground_tui.workspace.headless import Headless
    from playground_tui.workspace.inspector.inspector import Inspector
    from playground_tui.workspace.records import Records
    from playground_tui.workspace.writing.templates import Templates

log = logging.getLogger("playground_tui.workspace")


class Workspace:
    """Used on one event loop. Making it reads the store and nothing else, so that the first frame need not wait.
    Raises `StoreError`, `NewerStoreError` or OSError when this machine's store cannot be opened."""

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
        """`server`: an id from the settings; without it the one used last. `transports` and `start_carried` are the
        seams to the network and to the service."""
        self.paths, self.settings, self.keys = paths, settings, keys
        self.clock: Clock = clock or SystemClock()
        self._transports, self._start_carried = transports, start_carried
        self.notices = Notices()
        self.store = Database(paths.workspace_db)
        self._choice = FirstStartChoice(settings, os.environ if environ is None else environ)
        opening = open_last(self.store, settings.current, server, self.clock.now().timestamp())
        self.connection = Connection(
            opening.server,
            paths,
            self.effective_settings,
            keys,
            self.clock,
            transports=transports,
            start_carried=start_carried,
        )
        self._calls = AssistantCalls(self.api)
        self.versions = Versions(self.store, self.clock)
        self.assistants = Assistants(paths.cache, self.store, self.clock, self._calls)
        self.disk = Disk(self.store, self.notices)
        self._keeper = DraftKeeper(self.store, self.clock, self.disk.tell)
        self.editor = self._make_editor(opening.stored)
        self.assistants.opened = self.editor
        self.models = Models(self.api, self.effective_settings, keys, lambda: self.connection.server.id)
        if opening.is_new:
            self._keeper.insert(opening.stored.draft)
        self._session_approvals: set[str] = set()
        self.threads = Threads(self._context())
        self.conversation: Subject[Conversation] = self.threads.current
        self.connections = Connections(settings, keys, self.clock, self._ground())
        self.boot = self._boot(opening.notices)
        self.connection.on_reached(self.editor.reached)
        self._neighbours = Neighbours(self.store, self.clock, self.editor.look_beside)
        self._library: Library | None = None
        self._started: asyncio.Task[None] | None = None
        self._closed = False

    # -- starting and stopping -----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """After the first frame: connect, show the cache, then ask the server. Never raises; what fails is in the
        subjects. Idempotent."""
        if self._started is None:
            self._started = asyncio.get_running_loop().create_task(self._start())
        await asyncio.shield(self._started)

    async def _start(self) -> None:
        self.disk.begin()
        self.connection.open()
        await asyncio.gather(self._decide_first_start(), self._begin())
        self.connections.watch_file()
        self._neighbours.watch()

    async def _begin(self) -> None:
        """Bring everything of the present server up to date."""
        await self.assistants.use(self.connection.server.id)
        await self._quietly(self._take_up_unsaved())
        await asyncio.gather(
            self.assistants.refresh(),
            self.models.refresh(),
            self._quietly(self.editor.refresh()),
            self._quietly(self.threads.start()),
        )

    async def _take_up_unsaved(self) -> None:
        server = self.connection.server.id

        def read(conn: StoreConnection) -> list[StoredDraft]:
            found = [draft_table.load(conn, draft_id) for draft_id in draft_table.with_edits(conn, server)]
            return [stored for stored in found if stored is not None]

        self.editor.take_up(await self.store.read(read))

    async def _decide_first_start(self) -> None:
        if self.connection.server.id != LOCAL_SERVER:
            return
        await self._choice.decide()
        self._announce_choice()
        if self._choice.asked_around:
            await self.models.refresh()

    def _announce_choice(self) -> None:
        if self.connection.server.id == LOCAL_SERVER:
            self.editor.suggest_model(self._choice.model)
            self.connection.announce(self._choice.notice)
        self.connections.show()

    async def close(self) -> None:
        """Everything on disk, saves given a last chance, connection and service stopped. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self.flush_now()
        if self._started is not None:
            self._started.cancel()
            await asyncio.gather(self._started, return_exceptions=True)
        await self._neighbours.close()
        await self._quietly(self.editor.close(save=self.connection.value.phase == "ready"))
        for step in (
            self._close_library,
            self.connections.close,
            self.threads.close,
            self.assistants.close,
            self.connection.close,
        ):
            await self._quietly(step())
        now = self.clock.now().timestamp()
        self.store.keep(lambda conn: draft_table.mark_left(conn, now))
        await asyncio.to_thread(self.store.close)

    def flush_now(self) -> None:
        """Block until all that was typed is on disk; for every way out, signal handlers included. Idempotent."""
        with suppress(Exception):
            self.threads.flush()
        self._keeper.flush_now()
        with suppress(Exception):
            self.store.flush(FLUSH_SECONDS)

    # -- servers -------------------------------------------------------------------------------------------------------

    async def api(self) -> openai.AsyncOpenAI:
        """The client of the present server; waits until there is one. Raises what `failure_of` knows."""
        return await self.connection.api()

    async def use_server(self, server_id: str) -> None:
        """Talk to another server, or to the same one anew. Raises `FailureError` for one not in the settings."""
        server = self.settings.current.server(server_id)
        if server is None:
            raise FailureError(Failure("missing", f"No server {server_id} is in the settings."))
        self.flush_now()
        await self._close_library()
        stored = await self._stored_for(server_id)
        await self.connection.use(server)
        self.models.clear()
        await self.editor.use(stored)
        await self.store.write(lambda conn: kv.put(conn, SERVER_KEY, server_id))
        await self._quietly(self.threads.use(self._context()))
        await asyncio.gather(self._decide_first_start(), self._begin())

    async def _stored_for(self, server_id: str) -> StoredDraft:
        stored = await self.store.read(lambda conn: last_draft(conn, server_id))
        if stored is not None:
            return stored
        draft = await self.store.read(lambda conn: new_draft(conn, server_id))
        self._keeper.insert(draft)
        now = self.clock.now().timestamp()
        return StoredDraft(draft, now, now, None, None, {}, (), False)

    def effective_settings(self) -> Settings:
        """The settings with the provider that a first start chose. Safe to call on any thread."""
        return self._choice.apply(self.settings.current)

    def functions(self) -> Functions:
        """Handlers, mocks and approvals on the present server."""
        from playground_tui.workspace.handlers.functions import Functions

        return Functions(self._context())

    def place(self) -> ServerPlace:
        """The present server's assistants, to copy from or to."""
        from playground_tui.workspace.exchange.servers import ServerPlace

        return ServerPlace(self._calls, self.records())

    def other_server(self, server_id: str) -> Headless:
        """Another server beside the present one, for one errand; the caller closes it. Raises `FailureError` for one
        that is not in the settings."""
        from playground_tui.workspace.headless import Headless

        return Headless(
            self.paths,
            self.settings,
            self.keys,
            server=server_id,
            clock=self.clock,
            transports=self._transports,
            start_carried=self._start_carried,
        )

    def records(self) -> Records:
        """For changes to assistants of the present server that no form shows: imports, copies from other servers."""
        from playground_tui.workspace.records import Records

        server = self.connection.server.id
        return Records(self.store, self.clock, self._calls, self.versions, self.assistants, server)

    # -- assistants ----------------------------------------------------------------------------------------------------

    async def open_assistant(self, row_id: str) -> None:
        """Show an assistant or draft with its last thread. Raises `FailureError`."""
        await self.editor.open(row_id)
        await self.threads.shown()

    async def new_assistant(self) -> None:
        """With a new thread."""
        await self.editor.new()
        await self.threads.shown()

    async def refresh(self) -> None:
        """Take up what changed elsewhere: settings, another app on this home, the server. For a regained focus."""
        await self._quietly(self.connections.take_up())
        await self._quietly(self.editor.refresh())
        await self.assistants.reread()

    # -- files ---------------------------------------------------------------------------------------------------------

    @property
    def library(self) -> Library:
        """Files and vector stores of the present server; another one after a change of servers."""
        if self._library is None:
            from playground_tui.workspace.files.library import Ground, Library

            ground = Ground(self.api, self.clock, self._assistant_docs, self.connection.lack)
            self._library = Library(ground)
        return self._library

    async def _assistant_docs(self) -> list[Mapping[str, object]]:
        """As far as the cache knows them; the open one as the form has it."""
        draft = self.editor.draft.value
        ids = [row.id for row in self.assistants.listing.value.rows if not row.is_draft]
        docs = [await self.assistants.doc(row_id) for row_id in ids if row_id != draft.assistant_id]
        return [draft.values, *docs]

    async def _close_library(self) -> None:
        library, self._library = self._library, None
        if library is not None:
            await library.close()

    @cached_property
    def drafting(self) -> Drafting:
        from playground_tui.workspace.drafting import Drafting

        return Drafting(self.api, self._calls, self.clock)

    @cached_property
    def templates(self) -> Templates:
        """Messages worth keeping, and their slash commands. Raises StoreError."""
        from playground_tui.workspace.writing.templates import Templates

        return Templates(self.store, self.clock)

    @property
    def inspector(self) -> Inspector:
        """Of the present server's runs."""
        from playground_tui.workspace.inspector.inspector import Inspector

        return Inspector(self.threads.context, self.versions)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _make_editor(self, stored: StoredDraft) -> Editor:
        shelf = Shelf(self.assistants.stored, self.assistants.gone, self.assistants.names)
        saving = Saving(self.store, self.clock, self._calls, self.versions, self.notices, shelf)
        return Editor(
            stored,
            db=self.store,
            clock=self.clock,
            keeper=self._keeper,
            saving=saving,
            versions=self.versions,
            assistants=self.assistants,
            delay=lambda: self.settings.current.autosave_delay,
            paused=bool(self.store.read_now(lambda conn: kv.get(conn, PAUSED_KEY, not self.settings.current.autosave))),
            keep_paused=self._keep_paused,
            model_found=self._model_found,
        )

    def _keep_paused(self, paused: bool) -> None:
        """Only where it differs from the settings, which may change."""
        if paused == (not self.settings.current.autosave):
            self.store.keep(lambda conn: kv.drop(conn, PAUSED_KEY))
        else:
            self.store.keep(lambda conn: kv.put(conn, PAUSED_KEY, paused))

    async def _model_found(self) -> str:
        if self.connection.server.id != LOCAL_SERVER:
            return ""
        await self._choice.decide()
        return self._choice.model

    def _ground(self) -> Ground:
        return Ground(
            effective=self.effective_settings,
            server=lambda: self.connection.server,
            model=lambda: str(self.editor.draft.value.values.get("model") or ""),
            spare_client=self.connection.spare_client,
            use_server=self.use_server,
            refresh_models=self.models.refresh,
            announce=self._announce_choice,
        )

    def _context(self) -> ChatContext:
        return ChatContext(
            server=self.connection.server.id,
            api=self.api,
            store=self.store,
            clock=self.clock,
            editor=self.editor,
            author=self._author,
            version=self.editor.version,
            run_timeout=lambda: self.editor.run_timeout or self.settings.current.run_timeout,
            lacking=lambda: self.connection.value.lacking,
            lack=self.connection.lack,
            address=lambda: self.connection.server.base_url,
            interpreter=lambda: self.settings.current.handler_python,
            session_approvals=self._session_approvals,
            redact=self.keys.redact,
            instructions=self._instructions,
            expand=self._expand,
            price=lambda model, tokens: cost_of(self.settings.current.prices, model, tokens),
        )

    async def _instructions(self, assistant_id: str) -> str:
        return str((await self.assistants.doc(assistant_id)).get("instructions") or "")

    def _expand(self, text: str) -> str:
        return self.templates.expand(text) if text.startswith("/") else text

    def _author(self, assistant_id: str) -> str:
        draft = self.editor.draft.value
        if draft.assistant_id == assistant_id:
            return str(draft.values.get("name") or "")
        return self.assistants.name(assistant_id)

    def _boot(self, notices: tuple[str, ...]) -> Boot:
        state = self.conversation.value.state.value
        return Boot(
            self.editor.draft.value,
            self.editor.save_state.value,
            state.thread_id,
            state.title,
            state.unsent,
            notices,
        )

    async def _quietly(self, work: Awaitable[object]) -> None:
        """A step of starting or stopping whose failure must not keep the others from theirs; it is in the log."""
        try:
            await work
        except Exception as error:
            failure_of(error)
