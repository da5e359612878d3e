"""Which provider the local service runs on when the settings name none. Asked once, after the first frame."""

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
        self._choice: FirstStart | None = None
        self._deciding: asyncio.Task[FirstStart] | None = None
        self.asked_around = False
        """Local model servers were asked: what was listed before may lack their models."""

    async def decide(self) -> None:
        """Settings, then environment, then local servers, then the demo. At most about a second; asked again, it
        answers at once."""
        if self._deciding is None:
            self._deciding = asyncio.get_running_loop().create_task(self._decide())
        self._choice = await asyncio.shield(self._deciding)

    @property
    def notice(self) -> str:
        return self._choice.notice if self._choice else ""

    @property
    def model(self) -> str:
        """As an assistant names it: `provider/model`; empty where the person has to pick."""
        if self._choice is None or not self._choice.model:
            return ""
        return f"{self._choice.provider.id}/{self._choice.model}"

    def apply(self, settings: Settings) -> Settings:
        """Safe to call on any thread."""
        if self._choice is None or settings.default_provider:
            return settings
        from playground_tui.settings.detect import settle

        return settle(settings, self._choice)

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
