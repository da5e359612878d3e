"""What all runs of a service share, and the ways in which a leg is left early."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from playground_tui.service.config import ServiceConfig
from playground_tui.service.engines.base import Engine
from playground_tui.service.runs.listening import real_sleep
from playground_tui.service.runs.objects import MessageReason
from playground_tui.service.runs.tokens import Calibration
from playground_tui.service.runs.tools import ServiceTool
from playground_tui.service.store import Database
from playground_tui.settings.model import Provider

StopReason = Literal["cancelled", "expired", "closing", "silent"]


class Engines(Protocol):
    def get(self, provider: Provider) -> Engine: ...


class Files(Protocol):
    """What runs ask of the service's files."""

    def image_url(self, file_id: str) -> str | None:
        """A picture as a data URL; None where the service does not have it. Blocks."""
        ...

    def fetch(self, file_id: str, name: str, source: AsyncIterator[bytes]) -> None:
        """Keep a copy of a file that a model endpoint made, without waiting for it."""
        ...

    async def lend(self, engine: Engine, provider: Provider, file_ids: Sequence[str]) -> tuple[str, ...]:
        """The files as the endpoint knows them, sent there first if need be. Raises `EngineError`."""
        ...


class NoFiles:
    """A service without files."""

    def image_url(self, file_id: str) -> str | None:
        return None

    def fetch(self, file_id: str, name: str, source: AsyncIterator[bytes]) -> None: ...

    async def lend(self, engine: Engine, provider: Provider, file_ids: Sequence[str]) -> tuple[str, ...]:
        return ()


@dataclass(slots=True)
class Means:
    db: Database
    config: ServiceConfig
    engines: Engines
    owner: str
    """This service's id in the database."""
    tools: Mapping[str, ServiceTool] = field(default_factory=dict)
    """Tools the service answers itself, by type."""
    files: Files = field(default_factory=NoFiles)
    sleep: Callable[[float], Awaitable[None]] = real_sleep
    calibration: Calibration = field(default_factory=Calibration)

    def now(self) -> int:
        return int(self.config.clock())


class Stopped(Exception):
    """Someone wants the leg to end."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason = reason


class Gone(Exception):
    """The run is no longer this leg's: deleted, or ended by another."""


class LimitReached(Exception):
    """The run ends `incomplete`, with this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Failure(Exception):
    """The run ends `failed`. `message_reason`: of a message cut off by it, where that has one of its own."""

    def __init__(self, code: str, message: str, message_reason: MessageReason | None = None) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message}
        self.message_reason = message_reason
