"""The files screen, the assistant's tools, attachments: by keys and mouse, on the real service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from playground_tui.tui.files.screen import FilesScreen
from playground_tui.tui.files.tool_screen import ToolFilesScreen
from tests.files_app.conftest import Desk, OpenDesk, World, write
from tests.files_app.test_flow import choose
from tests.support.fake_workspace import FakeWorkspace
from tests.support.pdf import make_pdf
from tests.tui.conftest import Open

REFUNDS = "Annual plans can be refunded within 30 days. Monthly plans cannot be refunded."
SHIPPING = "Parcels to Norway take five working days and are insured."


async def named(desk: Desk, text: str) -> None:
    """In a dialog that asks for a line of text."""
    (await desk.field("AskText")).value = text
    await desk.pilot.pause()
    await desk.press("enter")
    await desk.closed("AskText")


@asynccontextmanager
async def scripted(handler: Any) -> AsyncIterator[World]:
    """The library on a server that answers as told."""
    transport = httpx2.AsyncClient(transport=httpx2.MockTransport(handler))
    async with openai.AsyncOpenAI(
        api_key="none", base_url="http://server.test/v1", max_retries=0, http_client=transport
    ) as client:
        world = World(client)
        yield world
        await world.library.close()


async def open_files(desk: Desk, *keys: str) -> None:
    await desk.press("f12")
    await desk.until(lambda: isinstance(desk.app.screen, FilesScreen))
    await desk.until(lambda: desk.workspace.library.stores.listing.value.loaded)
    await desk.press(*keys)


@pytest.mark.parametrize("size", [pytest.param((120, 36), marks=pytest.mark.slow), (80, 24)])
async def test_empty_lists_say_what_belongs_there(open_desk: OpenDesk, size: tuple[int, int]) -> None:
    async with open_desk(*size) as desk:
        await open_files(desk)
        await desk.sees("Files on the server will be listed here", "u upload")
        await desk.press("2")
        await desk.sees("Vector stores will be listed here", "n new")
        await desk.press("right")
        await desk.sees("What is on its way to the server", "u upload")
        assert "try again" not in desk.text()
        await desk.press("left", "left")
        await desk.sees("Files on the server will be listed here")
        assert "download" not in desk.text()
        assert "delete" not in desk.text()
        await desk.press("escape")
        assert not isinstance(desk.app.screen, FilesScreen)


@pytest.mark.parametrize("size", [pytest.param((120, 36), marks=pytest.mark.slow), (80, 24)])
async def test_a_store_is_made_filled_searched_and_deleted(
    open_desk: OpenDesk, folder: Path, size: tuple[int, int]
) -> None:
    write(folder, "policy.md", REFUNDS)
    write(folder, "shipping.md", SHIPPING)
    write(folder, "broken.pdf", b"%PDF-1.4\n1 0 obj\n<< /Type")
    write(folder, "manual.pdf", make_pdf(["First page.", "The zeppelin maintenance interval is forty hours."]))
    async with open_desk(*size) as desk:
        await open_files(desk, "2", "n")
        await named(desk, "Handbook")
        await desk.sees("Handbook", "Nothing is in it yet")
        await desk.press("u")
        await choose(desk, folder, "f5")
        await desk.sees("3 files · 1 failed", "broken.pdf", "policy.md", "manual.pdf")
        await desk.sees("It is a broken PDF" if size[0] > 100 else "broken PDF")
        await desk.press("s")
        field = await desk.field("SearchScreen")
        field.value = "zeppelin maintenance"
        await desk.press("enter")
        await desk.sees("manual.pdf", "page 2 (the passage: 1–2)", "zeppelin maintenance interval is forty hours")
        field.value = "xylophone"
        await desk.press("enter")
        await desk.sees("Nothing in Handbook has these words: xylophone")
        await desk.press("escape")
        await desk.closed("SearchScreen")
        await desk.press("e")
        await named(desk, "7")
        await desk.sees("expires 7 days after its last use")
        await desk.press("e")
        await named(desk, "700")
        await desk.until(lambda: any("from 1 to 365" in told for told in desk.notices()))
        await desk.press("f8")
        await desk.sees("Delete “Handbook”?", "Its files stay.")
        await desk.press("d")
        await desk.sees("Vector stores will be listed here")
        await desk.press("1")
        await desk.sees("policy.md", "shipping.md")


@pytest.mark.slow
async def test_a_files_text_is_shown_and_it_leaves_the_store(open_desk: OpenDesk, folder: Path) -> None:
    write(folder, "policy.md", REFUNDS)
    async with open_desk() as desk:
        await open_files(desk, "2", "n")
        await named(desk, "Handbook")
        await desk.sees("Nothing is in it yet")
        await desk.press("u")
        await choose(desk, folder / "policy.md", "enter")
        await desk.sees("● policy.md")
        await desk.press("enter", "enter")
        await desk.sees("characters were read from it", REFUNDS)
        await desk.press("escape", "f8")
        await desk.sees("Nothing is in it yet")


@pytest.mark.slow
async def test_a_download_asks_where_and_says_where_it_went(open_desk: OpenDesk, folder: Path, tmp_path: Path) -> None:
    write(folder, "policy.md", REFUNDS)
    target = tmp_path / "downloads"
    async with open_desk() as desk:
        await open_files(desk, "u")
        await choose(desk, folder / "policy.md", "enter")
        await desk.sees("policy.md", "Used by nothing here")
        for name in ("policy.md", "policy (2).md"):
            await desk.press("d")
            await named(desk, str(target))
            await desk.until(lambda name=name: (target / name).exists())
        await desk.press("f8")
        await desk.sees("Delete “policy.md”?")
        await desk.press("d")
        await desk.sees("Files on the server will be listed here")
        assert (target / "policy.md").read_text() == REFUNDS


@pytest.mark.slow
async def test_by_mouse(open_desk: OpenDesk, folder: Path) -> None:
    write(folder, "policy.md", REFUNDS)
    async with open_desk() as desk:
        await open_files(desk)
        await desk.click_text("u upload")
        (await desk.field("AskPath")).value = f"{folder}/"
        await desk.sees("policy.md")
        await desk.click_text("policy.md")
        await desk.sees("policy.md", "1 file sent")
        await desk.click_text("Uploads")
        await desk.sees("● policy.md")
        await desk.click_text("Vector stores")
        await desk.click_text("n new")
        await named(desk, "Handbook")
        await desk.sees("● Handbook")
        await desk.click_text("esc close")
        assert not isinstance(desk.app.screen, FilesScreen)


@pytest.mark.slow
async def test_what_was_not_sent_is_listed_with_its_reason_and_can_be_tried_again(
    open_desk: OpenDesk, folder: Path
) -> None:
    path = write(folder, "policy.md", "")
    async with open_desk() as desk:
        await open_files(desk, "u")
        await choose(desk, path, "enter")
        await desk.sees("! 1 not sent")
        await desk.press("3")
        await desk.sees("policy.md cannot be attached: it is empty.")
        path.write_text(REFUNDS)
        await desk.press("r")
        await desk.sees("1 file sent", "● policy.md")
        await desk.press("x")
        await desk.sees("What is on its way to the server")


async def test_a_server_without_files_says_so_and_what_to_do(open_app: Open, workspace: FakeWorkspace) -> None:
    def missing(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404, json={"detail": "Not Found"})

    async with scripted(missing) as world:
        workspace.library = world.library  # type: ignore[attr-defined]
        async with open_app() as opened:
            await opened.press("f12")
            await opened.until(lambda: "This server keeps no files." in opened.text())
            await opened.press("2")
            await opened.until(lambda: "This server offers no vector stores." in opened.text())
            assert "change the server under Connections" in " ".join(opened.text().split())


@pytest.mark.slow
async def test_uploads_are_cancelled_by_a_key(open_app: Open, workspace: FakeWorkspace, folder: Path) -> None:
    async def slow(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            await asyncio.Event().wait()
        return httpx2.Response(200, json={"data": []})

    async with scripted(slow) as world:
        workspace.library = world.library  # type: ignore[attr-defined]
        async with open_app() as opened:
            await opened.press("f12", "3")
            uploads = world.library.uploads
            uploads.add([write(folder, f"{n}.md", REFUNDS) for n in range(6)])
            await opened.until(lambda: "sending 1 of 6" in opened.text())
            await opened.press("down", "c")
            await opened.until(lambda: "Cancelled." in opened.text())
            await opened.press("C")
            await opened.until(lambda: not uploads.under_way)
            await opened.until(lambda: opened.text().count("Cancelled.") >= 6)


# -- the assistant's tools ---------------------------------------------------------------------------------------------


async def tool_files(desk: Desk, kind: str) -> ToolFilesScreen:
    line = next(line for line in desk.main.config.query("ToolLine") if line.kind == kind)
    line.focus()
    await desk.pilot.pause()
    await desk.press("f")
    await desk.until(lambda: isinstance(desk.app.screen, ToolFilesScreen))
    screen = desk.app.screen
    assert isinstance(screen, ToolFilesScreen)
    return screen


@pytest.mark.slow
async def test_file_search_gets_a_folder_in_a_store_of_its_own(open_desk: OpenDesk, folder: Path) -> None:
    write(folder, "policy.md", REFUNDS)
    write(folder, "shipping.md", SHIPPING)
    async with open_desk() as desk:
        await tool_files(desk, "file_search")
        await desk.sees("File search has no files yet")
        await desk.press("u")
        await choose(desk, folder, "f5")
        await desk.sees("policy.md", "shipping.md", "2 files")
        values = desk.workspace.editor.draft.value.values
        (store_id,) = values["tool_resources"]["file_search"]["vector_store_ids"]
        assert values["tools"] == [{"type": "file_search"}]
        await desk.press("escape")
        await desk.sees("[x] File search", "2 files ▸")
        desk.workspace.editor.edit("model", "demo/demo-fast")
        await desk.say("Within how many days are annual plans refunded?")
        messages = desk.workspace.conversation
        await desk.until(lambda: messages.value.messages and messages.value.messages[-1].citations)
        assert store_id


@pytest.mark.slow
async def test_the_code_interpreter_takes_twenty_files(open_desk: OpenDesk, folder: Path) -> None:
    for number in range(21):
        write(folder, f"{number:02}.csv", "a,b\n1,2\n")
    async with open_desk() as desk:
        await tool_files(desk, "code_interpreter")
        await desk.press("u")
        await choose(desk, folder, "f5")
        await desk.until(lambda: any("20" in told for told in desk.notices()))
        assert not desk.workspace.library.uploads.transfers.value
        (folder / "20.csv").unlink()
        await desk.press("u")
        await choose(desk, folder, "f5")
        await desk.sees("20 of 20 files", "00.csv")
        await desk.press("f8")
        await desk.sees("19 of 20 files")
        await desk.press("escape")
        await desk.sees("[x] Code interpreter", "19 files ▸")


async def test_a_click_on_files_opens_them_and_one_of_the_server_is_given(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        client = await desk.workspace.api()
        await client.files.create(file=("prices.csv", b"a,b"), purpose="assistants")
        column, row = desk.place("[ ] Code interpreter")
        line = desk.text().split("\n")[row]
        await desk.pilot.click(offset=(line.index("files ▸", column) + 2, row))
        await desk.sees("The code has no files yet")
        await desk.press("a")
        await desk.sees("Search names", "prices.csv")
        await desk.press("enter")
        await desk.sees("1 of 20 files")
        await desk.press("escape")
        await desk.sees("[x] Code interpreter", "1 file ▸")
        column, row = desk.place("[x] Code interpreter")
        await desk.pilot.click(offset=(column + 1, row))
        await desk.sees("[ ] Code interpreter")


async def test_a_store_that_is_there_is_chosen(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        store_id = await desk.workspace.library.stores.create("Handbook")
        await tool_files(desk, "file_search")
        await desk.press("v")
        await desk.sees("Search names", "Handbook")
        await desk.press("enter")
        await desk.sees("Vector store Handbook")
        values = desk.workspace.editor.draft.value.values
        assert values["tool_resources"] == {"file_search": {"vector_store_ids": [store_id]}}
