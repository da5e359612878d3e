"""What was read from files, made on the server: one assistant or thread at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from playground_tui.workspace.api_objects import as_text
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.exchange.intake import Taken
from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.records import Records

if TYPE_CHECKING:
    import openai

MAX_TITLE = 512


class Taking:
    """`model`: for an assistant that names none."""

    def __init__(self, records: Records, api: Callable[[], Awaitable[openai.AsyncOpenAI]], model: str = "") -> None:
        self._records = records
        self._api = api
        self._model = model

    async def take(self, taken: Taken) -> str:
        """Make it. Returns its id on the server. Raises `FailureError`; nothing is then left behind."""
        try:
            return await (self._assistant(taken) if taken.kind == "assistant" else self._thread(taken))
        except FailureError:
            raise
        except Exception as error:
            raise FailureError(failure_of(error)) from error

    def fields(self, taken: Taken) -> dict[str, Any]:
        """An assistant as it is made: with a name and a model."""
        model = taken.fields.get("model") or self._model
        return {**taken.fields, "name": taken.fields.get("name") or taken.name, "model": model}

    async def _assistant(self, taken: Taken) -> str:
        return str((await self._records.create(self.fields(taken)))["id"])

    async def _thread(self, taken: Taken) -> str:
        from playground_tui.workspace.thread_api import ThreadApi

        api = ThreadApi(await self._api())
        made = await api.create_thread({**taken.fields["metadata"], "title": taken.name[:MAX_TITLE]})
        thread_id = as_text(made.get("id"))
        try:
            for message in taken.fields["messages"]:
                await api.create_message(thread_id, message)
        except BaseException:
            await api.delete_thread(thread_id)
            raise
        return thread_id
