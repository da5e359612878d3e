"""Files that go along with a message, in the real app: pasted, listed, refused, deleted while they are indexed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from textual import events

from playground_tui.service.files.extractor import Extractor
from playground_tui.tui.files.attachments_screen import AttachmentsScreen
from tests.files_app.conftest import LIMIT, Desk, OpenDesk, write
from tests.files_app.test_flow import choose, search_files
from tests.files_app.test_screens import REFUNDS, named, open_files


async def paste(desk: Desk, text: str) -> None:
    desk.app.post_message(events.Paste(text))
    await desk.pilot.pause()


@pytest.mark.slow
async def test_a_pasted_path_is_offered_and_stays_text_otherwise(open_desk: OpenDesk, folder: Path) -> None:
    path = write(folder, "a policy.md", REFUNDS)
    async with open_desk() as desk:
        await paste(desk, f"'{path}'")
        await desk.sees("Attach a policy.md to this message?")
        await desk.press("enter")
        await desk.sees("1 file")
        assert desk.main.chat.box.text == ""
        await paste(desk, str(path))
        await desk.sees("Attach a policy.md to this message?")
        await desk.press("escape")
        await desk.until(lambda: desk.main.chat.box.text == str(path))
        await paste(desk, " and /no/such/file")
        await desk.until(lambda: desk.main.chat.box.text.endswith("/no/such/file"))


@pytest.mark.slow
async def test_attachments_change_their_tool_and_survive_a_restart(open_desk: OpenDesk, folder: Path) -> None:
    path = write(folder, "table.csv", "a,b\n1,2\n")
    async with open_desk() as desk:
        await search_files(desk)
        desk.main.chat.box.insert("Look at this")
        await desk.press("ctrl+l")
        await choose(desk, path, "enter")
        await desk.sees("1 file")
        await desk.press("ctrl+l")
        await desk.sees("table.csv", "file search")
        await desk.press("t")
        await desk.sees("code interpreter")
        await desk.press("u")
        await named(desk, "https://example.org/cat.png")
        await desk.sees("cat.png", "the model looks at it")
        await desk.press("escape")
        await desk.sees("2 files")
        await desk.until(lambda: all(i.phase == "ready" for i in desk.main._attachments.items.value))
    async with open_desk() as desk:
        await desk.sees("2 files", "Look at this")
        await desk.click_text("2 files")
        await desk.sees("table.csv", "code interpreter", "cat.png")
        await desk.press("f8", "X")
        await desk.sees("Nothing goes along with the message yet")


async def test_a_file_alone_is_no_message(open_desk: OpenDesk, folder: Path) -> None:
    path = write(folder, "policy.md", REFUNDS)
    async with open_desk() as desk:
        await desk.say(f"/attach {path}")
        await desk.sees("1 file")
        desk.main.chat.box.focus()
        await desk.press("enter")
        await desk.until(lambda: any("Write what to do" in told for told in desk.notices()))


async def test_what_cannot_be_attached_is_said_and_nothing_is_sent(open_desk: OpenDesk, folder: Path) -> None:
    path = write(folder, "empty.md", "")
    async with open_desk() as desk:
        await desk.say(f"/attach {path}")
        await desk.until(lambda: any("it is empty" in told for told in desk.notices()))
        assert not desk.main._attachments.items.value
        listed = await (await desk.workspace.api()).files.list()
        assert not listed.data


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Until it is set, the service reads no further than the first passage of `long.md`."""
    go_on = threading.Event()
    read = Extractor.chunks

    async def chunks(self: Extractor, path: Path, name: str, size: int, overlap: int) -> AsyncGenerator[dict[str, Any]]:
        async with aclosing(read(self, path, name, size, overlap)) as found:
            async for chunk in found:
                yield chunk
                while name == "long.md" and not go_on.is_set():
                    await asyncio.sleep(0.01)

    monkeypatch.setattr(Extractor, "chunks", chunks)
    return go_on


async def test_a_file_deleted_while_it_is_indexed_is_out_and_the_app_goes_on(
    open_desk: OpenDesk, folder: Path, held: threading.Event
) -> None:
    write(folder, "long.md", "Ordinary words about nothing at all. " * 4000)
    write(folder, "policy.md", REFUNDS)
    async with open_desk() as desk:
        library = desk.workspace.library
        store_id = await library.stores.create("Handbook")
        await open_files(desk, "2")
        sent = await library.uploads.wait(library.uploads.add(sorted(folder.iterdir()), store_id))
        await desk.sees("◌ long.md", "being indexed")
        assert await library.stores.search(store_id, "ordinary words") == ()
        await library.delete_file(sent[0].file_id)
        held.set()
        await asyncio.wait_for(library.stores.until_indexed(store_id), 30)
        await desk.sees("1 file", "● policy.md")
        assert "long.md" not in desk.text()
        assert await library.stores.search(store_id, "ordinary words") == ()
        assert [hit.name for hit in await library.stores.search(store_id, "refunded")] == ["policy.md"]


@pytest.mark.slow
async def test_a_file_that_cannot_be_searched_is_told_before_the_reply_is_there(
    open_desk: OpenDesk, folder: Path
) -> None:
    path = write(folder, "broken.pdf", b"%PDF-1.4\n1 0 obj\n<< /Type")
    async with open_desk(pace=40) as desk:
        await search_files(desk)
        await desk.say(f"/attach {path}")
        await desk.sees("1 file")
        desk.workspace.editor.edit("model", "demo/demo-slow")
        await desk.say("What is in it?")
        await desk.until(lambda: any("broken.pdf cannot be searched: It is" in told for told in desk.notices()))
        assert desk.workspace.conversation.value.state.value.run.phase != "idle"
        await desk.workspace.conversation.value.stop()


async def test_a_pdf_of_one_line_is_refused_before_it_is_sent(open_desk: OpenDesk, folder: Path) -> None:
    path = write(folder, "broken.pdf", b"%PDF-1.4\nnothing of the kind")
    async with open_desk() as desk:
        await search_files(desk)
        await desk.say(f"/attach {path}")
        await desk.until(lambda: any("broken.pdf cannot be attached: it is a broken PDF" in t for t in desk.notices()))
        assert not desk.main._attachments.items.value


async def test_a_tool_that_attached_files_need_is_switched_on(open_desk: OpenDesk, folder: Path) -> None:
    path = write(folder, "policy.md", REFUNDS)
    async with open_desk() as desk:
        desk.workspace.editor.edit("model", "demo/demo-fast")
        await desk.say(f"/attach {path}")
        await desk.sees("1 file")
        await desk.say("Within how many days are annual plans refunded?")
        await desk.sees("File search was switched on: the attached files need it.", "[x] File search")
        messages = desk.workspace.conversation
        await desk.until(lambda: messages.value.messages and messages.value.messages[-1].citations)
        assert desk.workspace.editor.draft.value.values["tools"] == [{"type": "file_search"}]


@pytest.mark.slow
async def test_all_that_failed_is_tried_again_by_one_key(open_desk: OpenDesk, folder: Path) -> None:
    async with open_desk() as desk:
        attachments = desk.main._attachments
        paths = [write(folder, f"{number}.md", "word " * LIMIT) for number in range(3)]
        for path in paths:
            await attachments.add_file(path)
        await desk.sees("! 3 of 3 files")
        for path in paths:
            path.write_text(REFUNDS)
        await desk.press("ctrl+l")
        await desk.until(lambda: isinstance(desk.app.screen, AttachmentsScreen))
        await desk.press("R")
        await desk.until(lambda: all(item.phase == "ready" for item in attachments.items.value))
