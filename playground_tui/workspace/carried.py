"""The one place where the workspace touches the service: starting the carried one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from playground_tui.settings.model import Provider, Settings
from playground_tui.settings.paths import Paths

if TYPE_CHECKING:
    import httpx2

BASE_URL = "http://playground.local/v1"
"""What clients of the carried service call; the name is never looked up."""


class CarriedService(Protocol):
    def transport(self) -> httpx2.AsyncBaseTransport: ...

    def stop(self, timeout: float) -> None: ...


StartCarried = Callable[
    [Paths, Callable[[], Settings], Callable[[Provider], str | None], Callable[[Provider], None]], CarriedService
]


def start_carried_service(
    paths: Paths,
    settings: Callable[[], Settings],
    key: Callable[[Provider], str | None],
    key_refused: Callable[[Provider], None],
) -> CarriedService:
    """Start it in a thread of its own. Requests made before it is ready wait. The three callables are called there."""
    from playground_tui.service.carried import start_carried
    from playground_tui.service.config import ServiceConfig

    return start_carried(ServiceConfig(paths, settings, key, run_expiry=settings().run_expiry, key_refused=key_refused))
