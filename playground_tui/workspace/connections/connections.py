"""Servers and providers, changed while everything runs. Contract: used on one loop; the file is read and written in
threads; every change is in force when the call returns."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing, KeyUnavailable, server_owner
from playground_tui.settings.model import LOCAL_SERVER, Provider, Server, Settings
from playground_tui.workspace.clock import Clock, Handle, until_beat
from playground_tui.workspace.connections.values import ConnectionsState, Entry, Probes, ProbeView, Section
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.subject import Subject

if TYPE_CHECKING:
    import openai

log = logging.getLogger("playground_tui.workspace.connections")


class Ground:
    """What a change reaches beyond the settings. The workspace gives it."""

    def __init__(
        self,
        *,
        effective: Callable[[], Settings],
        server: Callable[[], Server],
        model: Callable[[], str],
        spare_client: Callable[[Server], Awaitable[openai.AsyncOpenAI]],
        use_server: Callable[[str], Awaitable[None]],
        refresh_models: Callable[[], Awaitable[None]],
        announce: Callable[[], None],
    ) -> None:
        self.effective = effective
        self.server = server
        """The one in use, as it was when the connection was made."""
        self.model = model
        """The open assistant's."""
        self.spare_client = spare_client
        self.use_server = use_server
        self.refresh_models = refresh_models
        self.announce = announce
        """Tell anew which provider is in force."""


class Connections:
    def __init__(self, settings: SettingsStore, keys: KeyRing, clock: Clock, ground: Ground) -> None:
        self.probes: Subject[Probes] = Subject({})
        self._settings = settings
        self._keys = keys
        self._clock = clock
        self._ground = ground
        self._session: frozenset[Entry] = frozenset()
        self._testing: dict[Entry, asyncio.Task[None]] = {}
        self._look: Handle | None = None
        self._looking: asyncio.Task[None] | None = None
        self.state = Subject(self._state())

    # -- taking up changes ---------------------------------------------------------------------------------------------

    def watch_file(self) -> None:
        """Look at the settings file every few seconds from now on; that costs one `stat`."""
        if self._look is None:
            self._look = self._clock.call_later(until_beat(self._clock), self._look_now)

    def _look_now(self) -> None:
        self._look = None
        if self._settings.is_stale() and (self._looking is None or self._looking.done()):
            self._looking = asyncio.get_running_loop().create_task(self._quietly(self.take_up()))
        self.watch_file()

    async def take_up(self) -> None:
        """Changes made outside: reread the file and bring everything in line with it."""
        before = self._settings.current
        await asyncio.to_thread(self._settings.reload)
        await self._settle(before)

    async def close(self) -> None:
        if self._look is not None:
            self._look.cancel()
        tasks = [task for task in (*self._testing.values(), self._looking) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def show(self) -> None:
        """The provider in force may be another one now, without a change of settings."""
        self.state.set(self._state())

    # -- changes -------------------------------------------------------------------------------------------------------

    async def put(self, item: Provider | Server) -> None:
        """Add or replace. The first provider, and one that was in force without standing in the file, becomes the
        default one. Raises `FailureError` when the file cannot be written."""
        if isinstance(item, Server):
            await self._change(lambda: self._settings.put_server(item))
        else:
            await self._change(lambda: self._put_provider(item))

    async def remove(self, entry: Entry) -> None:
        """Raises `FailureError`."""
        await self._change(lambda: self._remove(entry))
        self.probes.set({e: view for e, view in self.probes.value.items() if e != entry})

    async def set_default(self, entry: Entry) -> None:
        """The provider of bare model names and new assistants, or the server that is used at the start and by
        commands. Raises `FailureError`."""
        setting = "default_provider" if entry.section == "providers" else "default_server"
        await self._change(lambda: self._set_default(setting, entry))

    async def set_default_model(self, provider_id: str, model: str) -> None:
        """Raises `FailureError`."""
        provider = self._ground.effective().provider(provider_id)
        if provider is not None:
            await self.put(replace(provider, default_model=model))

    async def put_alias(self, name: str, model: str) -> None:
        """`name` runs on `model` from now on; an empty `model` removes the alias. Raises `FailureError`."""
        aliases = {key: value for key, value in self._settings.current.aliases.items() if key != name}
        if model:
            aliases[name] = model
        await self._change(lambda: self._settings.set("aliases", aliases))

    async def give_session_key(self, entry: Entry, key: str) -> None:
        """In memory until the program ends; an empty key is forgotten."""
        self._keys.set_session(self.owner(entry), key)
        self._session = self._session | {entry} if key else self._session - {entry}
        await self._key_changed(entry)

    async def store_key(self, entry: Entry, key: str) -> None:
        """Into the system keyring, under the entry's id, and the reference into the settings. Raises
        `FailureError`."""
        item = self.item(entry)
        if item is None:
            return
        name = entry.id if entry.section == "providers" else f"server-{entry.id}"
        try:
            await asyncio.to_thread(self._keys.store, name, key)
        except KeyUnavailable as error:
            raise FailureError(Failure("storage", error.sentence, next="Give it for this session instead.")) from None
        self._keys.set_session(self.owner(entry), "")
        self._session -= {entry}
        await self.put(replace(item, key=f"keyring:{name}"))
        await self._key_changed(entry)

    def owner(self, entry: Entry) -> str:
        return entry.id if entry.section == "providers" else server_owner(entry.id)

    def key_note(self, ref: str) -> str:
        """What a key reference stands for here, without using it."""
        return self._keys.note(ref)

    def item(self, entry: Entry) -> Provider | Server | None:
        settings = self._ground.effective()
        return settings.provider(entry.id) if entry.section == "providers" else settings.server(entry.id)

    # -- tests ---------------------------------------------------------------------------------------------------------

    def test(self, entry: Entry) -> None:
        """Begin a test; how it goes is in `probes`. One that is under way begins anew."""
        if (item := self.item(entry)) is None:
            return
        if running := self._testing.pop(entry, None):
            running.cancel()
        work = self._test(entry, item)
        self._testing[entry] = asyncio.get_running_loop().create_task(self._quietly(work))

    async def tested(self, entry: Entry) -> ProbeView:
        """Wait for the end of a test that was begun."""
        await asyncio.gather(self._testing[entry], return_exceptions=True)
        return self.probes.value[entry]

    async def _test(self, entry: Entry, item: Provider | Server) -> None:
        from playground_tui.workspace.connections import provider_probe, server_probe
        from playground_tui.workspace.connections.steps import Steps

        self._keys.forget_commands()
        titles = provider_probe.STEPS if isinstance(item, Provider) else server_probe.STEPS

        def tell(view: ProbeView) -> None:
            if self._testing.get(entry) is asyncio.current_task():
                self.probes.set({**self.probes.value, entry: view})

        steps = Steps(titles, tell)
        if isinstance(item, Provider):
            await provider_probe.probe_provider(item, self._keys, steps)
        else:
            model = self._ground.model() if item.id in (self._ground.server().id, LOCAL_SERVER) else ""
            await server_probe.probe_server(item, lambda: self._ground.spare_client(item), model, steps)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _state(self) -> ConnectionsState:
        settings = self._ground.effective()
        implied = settings.default_provider
        if self._settings.current.provider(implied) is not None:
            implied = ""
        return ConnectionsState(
            settings, self._settings.problems, implied, self._session, self._settings.current.default_server
        )

    def _put_provider(self, provider: Provider) -> None:
        current, effective = self._settings.current, self._ground.effective()
        implied = effective.provider(effective.default_provider)
        stays = implied is not None and implied.kind != "demo" and implied.id != provider.id
        if not current.default_provider and stays and implied is not None:
            # What a first start chose stays in force beside the first provider that is configured.
            if current.provider(implied.id) is None:
                self._settings.put_provider(implied)
            self._settings.set("default_provider", implied.id)
        self._settings.put_provider(provider)
        if not self._settings.current.default_provider and provider.kind != "demo":
            self._settings.set("default_provider", provider.id)

    def _set_default(self, setting: str, entry: Entry) -> None:
        implied = self._ground.effective().provider(entry.id) if entry.section == "providers" else None
        if implied is not None and self._settings.current.provider(entry.id) is None:
            self._settings.put_provider(implied)
        self._settings.set(setting, entry.id)

    def _remove(self, entry: Entry) -> None:
        current = self._settings.current
        self._settings.remove(entry.section, entry.id)
        setting = "default_provider" if entry.section == "providers" else "default_server"
        if getattr(current, setting) == entry.id:
            self._settings.change(setting, None)

    async def _change(self, write: Callable[[], None]) -> None:
        from playground_tui.settings.yaml_text import YamlError

        before = self._settings.current
        try:
            await asyncio.to_thread(write)
        except YamlError as error:
            what = f"settings.yaml is not YAML at line {error.line}: {error.message}."
            raise FailureError(Failure("storage", what, "Nothing was changed.", "Mend the file first.")) from None
        except OSError as error:
            what = f"The settings file could not be written ({error.strerror or type(error).__name__})."
            raise FailureError(Failure("storage", what, "Nothing was changed.")) from None
        await self._settle(before)

    async def _settle(self, before: Settings) -> None:
        """Bring the connection and the models in line with the settings."""
        after = self._settings.current
        self.state.set(self._state())
        if after == before:
            return
        self._ground.announce()
        used = self._ground.server()
        wanted = after.server(used.id)
        if wanted is None:
            await self._ground.use_server(LOCAL_SERVER)
        elif used.id != LOCAL_SERVER and wanted != used:
            await self._ground.use_server(used.id)
        elif (after.providers, after.default_provider) != (before.providers, before.default_provider):
            await self._ground.refresh_models()

    async def _key_changed(self, entry: Entry) -> None:
        self.state.set(self._state())
        if entry.section == "providers":
            await self._ground.refresh_models()
        elif entry.id == self._ground.server().id:
            await self._ground.use_server(entry.id)

    async def _quietly(self, work: Awaitable[None]) -> None:
        try:
            await work
        except FailureError as error:
            log.warning("connections: %s", error.failure.kind)
        except Exception as error:
            from playground_tui.workspace.exceptions import failure_of

            with suppress(Exception):
                failure_of(error)


__all__ = ["Connections", "Ground", "Section"]
