"""Which server the workspace talks to, its client, and how the talking goes. Every call's outcome is heard here, so the
state needs no polling; only while the server is away is it asked now and then whether it is back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from playground_tui.settings.keys import KeyRing, describe, own_secrets, server_owner
from playground_tui.settings.model import LOCAL_SERVER, Provider, Server, Settings
from playground_tui.settings.paths import Paths
from playground_tui.workspace.carried import BASE_URL, CarriedService, StartCarried, start_carried_service
from playground_tui.workspace.client import make_client, warm_up
from playground_tui.workspace.clock import Clock, Handle
from playground_tui.workspace.exceptions import (
    RETIRED,
    ServerFacts,
    facts_of,
    failure_of,
    is_retired_url,
    not_reached,
    refused_key,
)
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.values import ConnectionState

if TYPE_CHECKING:
    import httpx2
    import openai

    Transports = Callable[[Server], httpx2.AsyncBaseTransport | None]
    Answered = Callable[[httpx2.Response], None]
    Unreached = Callable[[httpx2.Request, Exception], None]

log = logging.getLogger("playground_tui.workspace.connection")
PROBE_DELAYS: Final = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds between questions to a server that is away."""
STOP_SECONDS: Final = 5.0


class Connection(Subject[ConnectionState]):
    """Used on one loop. `transports` may give the way to a server; without it, or where it gives None, it is the
    network, and the carried service for `local`."""

    def __init__(
        self,
        server: Server,
        paths: Paths,
        settings: Callable[[], Settings],
        keys: KeyRing,
        clock: Clock,
        *,
        transports: Transports | None = None,
        start_carried: StartCarried = start_carried_service,
    ) -> None:
        super().__init__(_starting(server))
        self.server = server
        self._paths = paths
        self._settings = settings
        self._given: tuple[Settings, frozenset[str], Settings] | None = None
        self._keys = keys
        self._clock = clock
        self._transports = transports
        self._start_carried = start_carried
        self._carried: CarriedService | None = None
        self._opened: asyncio.Task[openai.AsyncOpenAI] | None = None
        self._stale: list[asyncio.Task[openai.AsyncOpenAI]] = []
        """Clients whose key was refused; calls may still be under way on them."""
        self._refusals = 0
        self._wanted = asyncio.Event()
        self._reached: list[Callable[[], None]] = []
        self._probe: Handle | None = None
        self._probes = 0
        self._probing: asyncio.Task[None] | None = None

    # -- the client ----------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Begin to connect to `server`; on a thread, so that no key press waits. Idempotent."""
        if self._opened is None:
            self._refusals = 0
            self._opened = asyncio.get_running_loop().create_task(self._connect(self.server))
            self._opened.add_done_callback(_look_at)
            self._wanted.set()

    async def api(self) -> openai.AsyncOpenAI:
        """The client of the present server; waits until `open` was called and its work is done.
        Raises `FailureError`, `KeyUnavailable` or OSError when there can be none."""
        await self._wanted.wait()
        assert self._opened is not None
        return await asyncio.shield(self._opened)

    async def use(self, server: Server) -> None:
        """Leave the present server and connect to another, or to the same one anew (another key)."""
        await self._leave()
        self.server = server
        self.set(_starting(server))
        self.open()

    async def close(self) -> None:
        await self._leave()
        if self._carried is not None:
            await asyncio.to_thread(self._carried.stop, STOP_SECONDS)
            self._carried = None

    async def _leave(self) -> None:
        self._stop_probing()
        if self._probing is not None:
            self._probing.cancel()
        opened, self._opened = self._opened, None
        self._wanted.clear()
        stale, self._stale = self._stale, []
        for made in (*stale, *((opened,) if opened is not None else ())):
            await _close(made)

    async def _connect(self, server: Server) -> openai.AsyncOpenAI:
        try:
            return await asyncio.to_thread(self._make, server, self._answered, self._unreached)
        except Exception as error:
            failure = failure_of(error)
            self.set(replace(self.value, phase="refused", failure=failure))
            raise FailureError(failure) from error

    def _make(self, server: Server, answered: Answered | None, unreached: Unreached | None) -> openai.AsyncOpenAI:
        """On a thread: everything here may take its time."""
        transport = self._transports(server) if self._transports else None
        if transport is None and server.id == LOCAL_SERVER:
            if self._carried is None:
                self._carried = self._start_carried(
                    self._paths, self._service_settings, self._key, lambda provider: self._keys.forget_commands()
                )
            transport = self._carried.transport()
        warm_up()
        key = self._keys.resolve(server.key, server_owner(server.id))
        self._keys.hide(own_secrets(server))
        if server.id == LOCAL_SERVER:
            server = replace(server, base_url=BASE_URL)
        facts = ServerFacts(_title(server), server.base_url, self._key_place(server), self._keys.redact)
        return make_client(server, key, facts, transport=transport, answered=answered, unreached=unreached)

    async def spare_client(self, server: Server) -> openai.AsyncOpenAI:
        """Another client for any server of the settings, whose calls change no state here. The caller closes it.
        Raises what `failure_of` knows."""
        return await asyncio.to_thread(self._make, server, None, None)

    def _key_place(self, server: Server) -> str:
        given = self._keys.has_session(server_owner(server.id))
        return describe("session") if given else describe(server.key) if server.key else ""

    def _service_settings(self) -> Settings:
        """Providers whose key was given for this session say so, so that a refusal names the right key. Safe to call
        on any thread; the same object while nothing changes."""
        settings = self._settings()
        given = frozenset(p.id for p in settings.providers if self._keys.has_session(p.id))
        last = self._given
        if last is None or last[0] is not settings or last[1] != given:
            providers = tuple(replace(p, key="session") if p.id in given else p for p in settings.providers)
            self._given = last = (settings, given, replace(settings, providers=providers) if given else settings)
        return last[2]

    def _key(self, provider: Provider) -> str | None:
        return self._keys.resolve(provider.key, provider.id)

    # -- how it goes ---------------------------------------------------------------------------------------------------

    def on_reached(self, fn: Callable[[], None]) -> None:
        """Call `fn` on the loop after each answer of the server, whatever it says."""
        self._reached.append(fn)

    def lack(self, what: str) -> None:
        """Remember for this session that the server does not offer something."""
        self.set(replace(self.value, lacking=self.value.lacking | {what}))

    def announce(self, notice: str) -> None:
        self.set(replace(self.value, notice=notice))

    def _answered(self, response: httpx2.Response) -> None:
        self._stop_probing()
        if is_retired_url(str(response.request.url)) and response.status_code == 404:
            self._refused(RETIRED)
            return
        if response.status_code == 401:
            self._refused(refused_key(facts_of(response.request)))
            self._fetch_key_again()
        else:
            self._refusals = 0
            self.set(replace(self.value, phase="ready", failure=None))
        for fn in tuple(self._reached):
            fn()

    def _fetch_key_again(self) -> None:
        """A key command or keyring may give another one now; the next call brings it, once per refusal in a row."""
        self._keys.forget_commands()
        self._refusals += 1
        if self._refusals == 1 and self.server.key.startswith(("command:", "keyring:")) and self._opened is not None:
            stale, self._opened = self._opened, asyncio.get_running_loop().create_task(self._connect(self.server))
            self._opened.add_done_callback(_look_at)
            self._stale.append(stale)

    def _refused(self, failure: Failure) -> None:
        self.set(replace(self.value, phase="refused", failure=failure))

    def _unreached(self, request: httpx2.Request, error: Exception) -> None:
        import httpx2

        if isinstance(error, (httpx2.ReadTimeout, httpx2.WriteTimeout, httpx2.PoolTimeout)):
            return  # somebody is there; what waited tells of it
        failure = replace(not_reached(_title(self.server), error), details=type(error).__name__)
        self.set(replace(self.value, phase="offline", failure=failure))
        self._ask_later()

    # -- while it is away ----------------------------------------------------------------------------------------------

    def _ask_later(self) -> None:
        if self._probe is None and self._opened is not None:
            wait = PROBE_DELAYS[min(self._probes, len(PROBE_DELAYS) - 1)]
            self._probes += 1
            self._probe = self._clock.call_later(wait, self._ask)

    def _ask(self) -> None:
        self._probe = None
        self._probing = asyncio.get_running_loop().create_task(self._ask_now())

    async def _ask_now(self) -> None:
        try:
            client = await self.api()
            await client.models.with_raw_response.list(timeout=10.0)
        except Exception as error:
            log.debug("the server is still away: %s", type(error).__name__)

    def _stop_probing(self) -> None:
        self._probes = 0
        if self._probe is not None:
            self._probe.cancel()
            self._probe = None


def _starting(server: Server) -> ConnectionState:
    return ConnectionState(server.id, server.title or server.id)


def _title(server: Server) -> str:
    """How sentences call it."""
    return "The local service" if server.id == LOCAL_SERVER else server.title or server.id


async def _close(opened: asyncio.Task[openai.AsyncOpenAI]) -> None:
    if not opened.done():
        opened.cancel()
    client = (await asyncio.gather(opened, return_exceptions=True))[0]
    if not isinstance(client, BaseException):
        await client.close()


def _look_at(task: asyncio.Task[openai.AsyncOpenAI]) -> None:
    """Whoever asks for the client gets the exception; nobody may be asking."""
    if not task.cancelled():
        task.exception()
