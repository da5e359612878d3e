"""What models there are: what the server lists at `/models`, and why a provider's are not among them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from playground_tui.settings.keys import KeyRing, KeyUnavailable
from playground_tui.settings.model import LOCAL_SERVER, Provider, Settings
from playground_tui.workspace.api_objects import as_dict, as_list, as_text
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.values import ModelListing, ModelRow

if TYPE_CHECKING:
    import openai

_NOT_FOR_CHAT: Final = re.compile(
    r"embed|whisper|\btts\b|-tts|audio|realtime|transcri|speech|voice|dall-e|image|imagen|\bsora\b|video|veo-"
    r"|moderation|rerank|stable-diffusion|\bflux\b|\bbge\b",
    re.IGNORECASE,
)
ADVICE: Final = "Type a model's name, or test the provider in Connections."
KEY_ADVICE: Final = "Give another one there or in Connections."


class Models:
    def __init__(
        self,
        api: Callable[[], Awaitable[openai.AsyncOpenAI]],
        settings: Callable[[], Settings],
        keys: KeyRing,
        server: Callable[[], str],
    ) -> None:
        self.listing = Subject(ModelListing())
        self._api = api
        self._settings = settings
        self._keys = keys
        self._server = server

    async def refresh(self) -> None:
        """Ask the server. What was listed before stays when it does not answer; never raises."""
        server = self._server()
        try:
            answer = await self._ask()
            rows = tuple(ModelRow(name, self._provider(server, name), not_for_chat(name)) for name in _ids(answer))
            failures = await asyncio.to_thread(self._silent, rows, _told(answer)) if server == LOCAL_SERVER else {}
        except Exception as error:
            rows, failures = self.listing.value.rows, {server: failure_of(error)}
        if server == self._server():
            self.listing.set(ModelListing(rows, failures))

    def clear(self) -> None:
        """Another server is used now."""
        self.listing.set(ModelListing())

    async def _ask(self) -> object:
        return (await (await self._api()).models.with_raw_response.list()).http_response.json()

    def _provider(self, server: str, name: str) -> str:
        head, slash, _ = name.partition("/")
        return head if server == LOCAL_SERVER and slash and self._settings().provider(head) else server

    def _silent(self, rows: tuple[ModelRow, ...], told: Mapping[str, Failure]) -> Mapping[str, Failure]:
        """On a thread: a key may have to be asked for."""
        heard = {row.provider for row in rows}
        return {p.id: self._why_silent(p, told) for p in self._settings().providers if p.id not in heard}

    def _why_silent(self, provider: Provider, told: Mapping[str, Failure]) -> Failure:
        try:
            self._keys.resolve(provider.key, provider.id)
        except KeyUnavailable as error:
            return failure_of(error)
        what = f"{provider.title or provider.id} did not list its models."
        return told.get(provider.id) or Failure("server", what, next=ADVICE)


def _ids(answer: object) -> list[str]:
    data: Any = answer.get("data") if isinstance(answer, dict) else answer
    found = [item.get("id") if isinstance(item, dict) else item for item in data or []]
    return list(dict.fromkeys(name for name in found if isinstance(name, str) and name))


def _told(answer: object) -> dict[str, Failure]:
    """What the local service says of providers that list nothing."""
    silent = [as_dict(item) for item in as_list(as_dict(answer).get("unlisted"))]
    return {
        as_text(item.get("provider")): _silence(as_text(item.get("message")), item.get("status")) for item in silent
    }


def _silence(message: str, status: object) -> Failure:
    is_key = status in (401, 403)
    return Failure("key" if is_key else "server", message, next=KEY_ADVICE if is_key else ADVICE)


def not_for_chat(name: str) -> bool:
    """By its name: an embedding, audio, image or moderation model."""
    return _NOT_FOR_CHAT.search(name) is not None
