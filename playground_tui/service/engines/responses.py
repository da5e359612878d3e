"""The Responses API with `store=false`. Contract: `Engine` of `base.py`.

Events are decoded by hand from raw Server-Sent Events, for the reasons given in `chat.py`.

Requests that are repeated once, and what is remembered for the endpoint: without asking for encrypted reasoning, where
the model has none; without the reasoning of earlier turns, where the endpoint cannot read it (another key or account);
and as Chat Completions, where the endpoint has no Responses at all (`OPENAI_BASE_URL` may point anywhere).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from urllib.parse import quote

from playground_tui.service.engines.base import Capabilities, EngineEvent, EngineRequest, ModelInfo, OutputFile
from playground_tui.service.engines.chat import ChatEngine
from playground_tui.service.engines.link import Link, Refused, Stream
from playground_tui.service.engines.reading import read
from playground_tui.service.engines.responses_reply import ResponsesReply
from playground_tui.service.engines.responses_request import body_of


class ResponsesEngine:
    kind = "responses"
    capabilities = Capabilities(hosted_file_search=True, hosted_code_interpreter=True)

    def __init__(self, link: Link) -> None:
        self._link = link
        self._chat = ChatEngine(link)
        self._only_chat = False
        self._without_encrypted: set[str] = set()
        """Models that have no encrypted reasoning to give."""

    async def stream(self, request: EngineRequest) -> AsyncGenerator[EngineEvent]:
        answer = None if self._only_chat else await self._ask(request)
        if answer is None:
            async with aclosing(self._chat.stream(request)) as events:
                async for event in events:
                    yield event
            return
        form = request.response_format
        plain = not isinstance(form, Mapping) or form.get("type") == "text"
        reply = ResponsesReply(self._link.provider.id, plain_text=plain)
        async with aclosing(read(answer, reply)) as events:
            async for event in events:
                yield event

    async def upload(self, path: Path, name: str, lifetime: int) -> str:
        return await self._link.upload(path, name, lifetime)

    async def download(self, made: OutputFile) -> AsyncGenerator[bytes]:
        path = f"/containers/{quote(made.container_id, safe='')}/files/{quote(made.file_id, safe='')}/content"
        async with aclosing(self._link.download(path)) as blocks:
            async for block in blocks:
                yield block

    async def models(self) -> list[ModelInfo]:
        return await self._link.models()

    async def aclose(self) -> None:
        await self._link.aclose()

    async def _ask(self, request: EngineRequest) -> Stream | None:
        """None: the endpoint has no Responses."""
        carried = True
        for _ in range(2):
            encrypted = request.model not in self._without_encrypted
            try:
                return await self._post(request, encrypted, carried)
            except Refused as refused:
                if _is_missing(refused):
                    self._only_chat = True
                    return None
                if encrypted and refused.words.mention("encrypted content is not supported", "'include", '"include'):
                    self._without_encrypted.add(request.model)
                elif (
                    carried
                    and refused.status == 400
                    and refused.words.mention("encrypted_content", "encrypted content")
                ):
                    carried = False
                else:
                    raise
        return await self._post(request, request.model not in self._without_encrypted, carried)

    async def _post(self, request: EngineRequest, encrypted: bool, carried: bool) -> Stream:
        body = body_of(request, self._link.provider.id, encrypted=encrypted, carried=carried)
        return await self._link.post("/responses", body)


def _is_missing(refused: Refused) -> bool:
    """Whether the address itself is unknown; an unknown model is a 404 too."""
    if refused.status in (405, 501):
        return True
    return refused.status == 404 and not refused.words.mention("model", "deployment")
