"""The models of all configured providers, as `provider/model`. A provider that cannot list now is left out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

from playground_tui.service.engines.base import Engine, ModelInfo
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
        self._known: dict[str, tuple[Provider, float, list[ModelInfo]]] = {}

    async def all(self) -> list[dict[str, Any]]:
        """Model objects in the settings' order of providers."""
        providers = self._settings().providers
        lists = await asyncio.gather(*(self._of(provider) for provider in providers))
        return [_model(provider, info) for provider, infos in zip(providers, lists, strict=True) for info in infos]

    async def one(self, model_id: str) -> dict[str, Any]:
        """A listed model by `provider/model`, or by its bare name at the default provider. Raises 404."""
        default = self._settings().default_provider
        wanted = {model_id, f"{default}/{model_id}"}
        found = next((model for model in await self.all() if model["id"] in wanted), None)
        if found is None:
            message = f"The model '{model_id[:120]}' does not exist or you do not have access to it."
            raise ApiError(404, message, param="model", code="model_not_found")
        return found

    async def _of(self, provider: Provider) -> list[ModelInfo]:
        known = self._known.get(provider.id)
        now = self._monotonic()
        if known is not None and known[0] == provider and now < known[1]:
            return known[2]
        try:
            infos = await asyncio.wait_for(self._engines.get(provider).models(), self._patience)
            fresh = FRESH
        except Exception as error:  # whatever is wrong with one provider, the others are listed
            log.info("provider %s does not list its models: %s", provider.id, type(error).__name__)
            infos, fresh = [], 0.0 if getattr(error, "status", None) == 401 else FRESH_FAILURE
        self._known[provider.id] = (provider, self._monotonic() + fresh, infos)
        return infos


def _model(provider: Provider, info: ModelInfo) -> dict[str, Any]:
    return {
        "id": f"{provider.id}/{info.id}",
        "object": "model",
        "created": info.created,
        "owned_by": info.owned_by or provider.id,
    }
