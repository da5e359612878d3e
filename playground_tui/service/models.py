"""The models of all configured providers, as `provider/model`. A provider that cannot list now is left out, and why is
told beside the list."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.engines.base import Engine, EngineError, ModelInfo
from playground_tui.service.errors import ApiError
from playground_tui.settings.model import Provider, Settings

PATIENCE: Final = 4.0
"""Seconds a provider has to list its models."""
FRESH: Final = 60.0
"""Seconds a list is taken as it is."""
FRESH_FAILURE: Final = 5.0
"""Seconds before a provider that could not list is asked again; one that wants a key is asked at once, since it may
have been given."""
log = logging.getLogger("playground_tui.service.models")


class Engines(Protocol):
    def get(self, provider: Provider) -> Engine: ...


@dataclass(frozen=True, slots=True)
class _Known:
    """What a provider answered, or why it did not."""

    provider: Provider
    until: float
    infos: tuple[ModelInfo, ...] = ()
    silence: Mapping[str, Any] | None = None


class ModelCatalogue:
    def __init__(
        self,
        engines: Engines,
        settings: Callable[[], Settings],
        *,
        patience: float = PATIENCE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engines = engines
        self._settings = settings
        self._patience = patience
        self._monotonic = monotonic
        self._known: dict[str, _Known] = {}

    async def all(self) -> list[dict[str, Any]]:
        """Model objects in the settings' order of providers."""
        return [_model(known.provider, info) for known in await self._ask_all() for info in known.infos]

    async def answer(self) -> dict[str, Any]:
        """The list as the API answers it; with `unlisted`, which is this service's own, where a provider is silent."""
        known = await self._ask_all()
        data = [_model(one.provider, info) for one in known for info in one.infos]
        unlisted = [one.silence for one in known if one.silence is not None]
        return {"object": "list", "data": data, **({"unlisted": unlisted} if unlisted else {})}

    async def one(self, model_id: str) -> dict[str, Any]:
        """A listed model by `provider/model`, or by its bare name at the default provider. Raises 404."""
        default = self._settings().default_provider
        wanted = {model_id, f"{default}/{model_id}"}
        found = next((model for model in await self.all() if model["id"] in wanted), None)
        if found is None:
            message = f"The model '{model_id[:120]}' does not exist or you do not have access to it."
            raise ApiError(404, message, param="model", code="model_not_found")
        return found

    async def _ask_all(self) -> list[_Known]:
        return list(await asyncio.gather(*(self._of(provider) for provider in self._settings().providers)))

    async def _of(self, provider: Provider) -> _Known:
        known = self._known.get(provider.id)
        if known is not None and known.provider == provider and self._monotonic() < known.until:
            return known
        try:
            infos = await asyncio.wait_for(self._engines.get(provider).models(), self._patience)
            known = _Known(provider, self._monotonic() + FRESH, tuple(infos))
        except Exception as error:  # whatever is wrong with one provider, the others are listed
            log.info("provider %s does not list its models: %s", provider.id, type(error).__name__)
            status = getattr(error, "status", None)
            fresh = 0.0 if status == 401 else FRESH_FAILURE
            known = _Known(provider, self._monotonic() + fresh, silence=_silence(provider, error, self._patience))
        self._known[provider.id] = known
        return known


def _silence(provider: Provider, error: Exception, patience: float) -> dict[str, Any]:
    """Why a provider lists nothing: its id, the endpoint's status if it gave one, and one sentence without keys."""
    message = f"{provider.title or provider.id} did not list its models."
    if isinstance(error, EngineError) and error.status not in (404, 405, 501):
        message = error.message
    elif isinstance(error, TimeoutError):
        message = f"{provider.title or provider.id} did not list its models within {patience:g} s."
    return {"provider": provider.id, "status": getattr(error, "status", None), "message": message}


def _model(provider: Provider, info: ModelInfo) -> dict[str, Any]:
    return {
        "id": f"{provider.id}/{info.id}",
        "object": "model",
        "created": info.created,
        "owned_by": info.owned_by or provider.id,
    }
