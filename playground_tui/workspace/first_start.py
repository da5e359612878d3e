"""Which provider the local service runs on when the settings name none. The world is asked once, after the first frame;
settings that change later count at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.model import Settings

if TYPE_CHECKING:
    from playground_tui.settings.detect import FirstStart


class FirstStartChoice:
    def __init__(self, settings: SettingsStore, environ: Mapping[str, str]) -> None:
        self._settings = settings
        self._environ = environ
        self._found: FirstStart | None = None
        """What was decided at the start, and what holds while settings and environment decide nothing."""
        self._applied: tuple[Settings, FirstStart, Settings] | None = None
        self._deciding: asyncio.Task[FirstStart] | None = None
        self.asked_around = False
        """Local model servers were asked: what was listed before may lack their models."""

    async def decide(self) -> None:
        """Settings, then environment, then local servers, then the demo. At most about a second; asked again, it
        answers at once."""
        if self._deciding is None:
            self._deciding = asyncio.get_running_loop().create_task(self._decide())
        self._found = await asyncio.shield(self._deciding)

    @property
    def choice(self) -> FirstStart | None:
        """What holds now; None before the first decision."""
        if self._found is None:
            return None
        from playground_tui.settings import detect

        decided = detect.decide(self._settings.current, self._environ)
        return decided or (self._found if self.asked_around else detect.demo_start())

    @property
    def notice(self) -> str:
        choice = self.choice
        return choice.notice if choice else ""

    @property
    def model(self) -> str:
        """As an assistant names it: `provider/model`; empty where the person has to pick."""
        choice = self.choice
        return f"{choice.provider.id}/{choice.model}" if choice is not None and choice.model else ""

    def apply(self, settings: Settings) -> Settings:
        """Safe to call on any thread."""
        choice = None if settings.default_provider else self.choice
        if choice is None:
            return settings
        last = self._applied
        if last is not None and last[0] is settings and last[1] == choice:
            return last[2]
        from playground_tui.settings.detect import settle

        settled = settle(settings, choice)
        self._applied = (settings, choice, settled)
        return settled

    async def _decide(self) -> FirstStart:
        await asyncio.to_thread(_load)
        from playground_tui.settings import detect

        decided = await asyncio.to_thread(detect.decide, self._settings.current, self._environ)
        if decided is not None:
            return decided
        self.asked_around = True
        return await detect.probe_local(environ=self._environ) or detect.demo_start()


def _load() -> None:
    """The presets' YAML among it; off the loop."""
    import playground_tui.settings.detect  # noqa: F401
