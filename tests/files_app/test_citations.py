"""From a mark to its passage, with servers that tell more or less."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest

from playground_tui.tui.chat_view.lines import Span
from playground_tui.tui.files.text_screen import CitedScreen
from playground_tui.workspace.citations import citations_of
from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.files.cited import Citations, Place
from tests.files_app.conftest import OpenDesk
from tests.files_app.test_screens import named
from tests.support.files_server import AFTER, BEFORE, POLICY, answer

PLACE = Place("thread_8fk2", "run_1", "【0:0†policy.pdf】", "file-1", "Annual plans are refunded within 30 days")


async def find(place: Place, handler: Callable[[httpx2.Request], httpx2.Response] = answer) -> Any:
    transport = httpx2.AsyncClient(transport=httpx2.MockTransport(handler))
    client = openai.AsyncOpenAI(api_key="none", base_url="http://server.test/v1", max_retries=0, http_client=transport)

    async def api() -> Any:
        from playground_tui.workspace.files.api import FilesApi

        return FilesApi(client)

    async def name_of(file_id: str) -> str:
        return "policy.pdf"

    async with client:
        return await Citations(api, name_of).find(place)


async def test_a_mark_names_its_passage_with_what_stands_around_it() -> None:
    cited = await find(PLACE)
    assert cited.sure
    assert (cited.passage.text, cited.passage.page) == (POLICY, 12)
    assert (cited.before, cited.after) == (BEFORE, AFTER)
    assert POLICY[slice(*cited.spot)].startswith("Annual plans can be refunded")


async def test_a_mark_of_another_kind_gets_the_best_passage_of_its_file() -> None:
    cited = await find(Place("thread_8fk2", "run_1", "【13†source】", "file-2"))
    assert not cited.sure
    assert cited.passage.name == "shipping.md"


async def test_a_mark_that_names_another_files_passage_is_not_believed() -> None:
    cited = await find(Place("thread_8fk2", "run_1", "【0:0†policy.pdf】", "file-2"))
    assert not cited.sure
    assert cited.passage.file_id == "file-2"


async def test_a_server_without_texts_around_gives_the_passage_alone() -> None:
    def sparse(request: httpx2.Request) -> httpx2.Response:
        return answer(request) if "/steps" in request.url.path else httpx2.Response(404, json={"detail": "Not Found"})

    cited = await find(PLACE, sparse)
    assert (cited.passage.text, cited.before, cited.after) == (POLICY, "", "")


async def test_a_server_that_tells_nothing_is_said_in_one_sentence() -> None:
    def empty(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"data": []})

    with pytest.raises(FailureError, match=r"policy\.pdf: the server does not tell which passage is meant"):
        await find(PLACE, empty)


def test_the_label_names_the_file_of_the_mark() -> None:
    text = "So it is 【0:2†policy.pdf】 and so 【1:0†source】."
    raw = [
        (0, {"text": mark, "file_citation": {"file_id": file_id}})
        for mark, file_id in (("【0:2†policy.pdf】", "file-1"), ("【1:0†source】", "file-2"))
    ]
    assert [citation.label for citation in citations_of(text, raw)] == ["[1] policy.pdf", "[2] file-2"]


@pytest.mark.slow
async def test_a_cited_file_is_copied_from_and_downloaded(open_desk: OpenDesk, tmp_path: Any) -> None:
    async with open_desk() as desk:
        desk.workspace.editor.edit("model", "demo/demo-fast")
        client = await desk.workspace.api()
        file = await client.files.create(file=("policy.md", POLICY.encode()), purpose="assistants")
        store = await client.vector_stores.create(name="Handbook", file_ids=[file.id])
        desk.workspace.editor.edit("tools", [{"type": "file_search"}])
        desk.workspace.editor.edit("tool_resources", {"file_search": {"vector_store_ids": [store.id]}})
        await desk.say("Are annual plans refunded?")
        messages = desk.workspace.conversation
        await desk.until(lambda: messages.value.messages and messages.value.messages[-1].citations)
        await messages.value.wait_idle()
        await desk.sees("[1] policy.md")
        await desk.click_text("[1] policy.md")
        await desk.until(lambda: isinstance(desk.app.screen, CitedScreen))
        await desk.sees("Annual plans can be refunded within 30 days")
        await desk.press("c")
        await desk.until(lambda: desk.clipboard.text == POLICY)
        await desk.press("d")
        await named(desk, str(tmp_path / "downloads"))
        await desk.until(lambda: (tmp_path / "downloads" / "policy.md").exists())


async def test_a_citation_without_a_file_is_just_told(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        desk.main.open_citation(Span("citation", "", "[1] somewhere", message_id="none"))
        await desk.until(lambda: "[1] somewhere" in desk.notices())
