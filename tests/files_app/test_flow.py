"""The whole way, on the real service with the demo model: attach, ask, and follow a citation to its passage."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground_tui.tui.chat_view.lines import Span
from playground_tui.tui.files.text_screen import CitedScreen
from tests.files_app.conftest import LIMIT, Desk, OpenDesk, write
from tests.support.pdf import make_pdf

TOPICS = ("tea", "coffee", "bread", "cheese", "olives", "rice", "pepper", "salt")


def mixed_folder(folder: Path) -> Path:
    """200 files: texts of six kinds in three folders, pictures, and one of each kind that cannot be used."""
    for number in range(190):
        topic = TOPICS[number % len(TOPICS)]
        text = f"Article {number} is about {topic}. It says nothing else that matters, at some length."
        kind, content = [
            (".md", f"# {topic}\n\n{text}"),
            (".txt", text),
            (".html", f"<html><body><h1>{topic}</h1><p>{text}</p></body></html>"),
            (".json", f'{{"topic": "{topic}", "text": "{text}"}}'),
            (".csv", f"topic,text\n{topic},{text}\n"),
            (".py", f'"""{text}"""\n\n\ndef {topic}() -> None:\n    pass\n'),
        ][number % 6]
        write(folder, f"{('a', 'b', 'c/d')[number % 3]}/article-{number:03}{kind}", content)
    write(folder, "zeppelins.md", "The zeppelin maintenance interval is forty hours.")
    for number in range(4):
        write(folder, f"picture-{number}.png", b"\x89PNG\r\n\x1a\n" + bytes(100))
    write(folder, "broken.pdf", b"%PDF-1.4\n1 0 obj\n<< /Type")
    write(folder, "empty.md", "")
    write(folder, "binary.txt", b"\x00\x01\x02\xff" * 200)
    write(folder, "over.txt", "word " * LIMIT)
    write(folder, "photo-of-a-cat.jpg", b"\xff\xd8\xff" + bytes(100))
    assert sum(path.is_file() for path in folder.rglob("*")) == 200
    return folder


async def choose(desk: Desk, path: Path, *keys: str) -> None:
    """In the path dialog."""
    (await desk.field("AskPath")).value = str(path)
    await desk.pilot.pause()
    await desk.press(*keys)


async def search_files(desk: Desk) -> None:
    """The assistant may search files."""
    desk.workspace.editor.edit("tools", [{"type": "file_search"}])
    desk.workspace.editor.edit("model", "demo/demo-fast")
    await desk.pilot.pause()


async def open_citation(desk: Desk) -> str:
    """Activate the first citation of the last reply; what the viewer shows."""
    await desk.until(lambda: desk.workspace.conversation.value.messages[-1].citations)
    await desk.workspace.conversation.value.wait_idle()
    message = desk.workspace.conversation.value.messages[-1]
    citation = message.citations[0]
    span = Span("citation", citation.file_id, citation.label, citation.mark, message_id=message.id)
    desk.main.chat.view.post_message(desk.main.chat.view.SpanActivated(span))
    await desk.until(lambda: isinstance(desk.app.screen, CitedScreen))
    screen = desk.app.screen
    await desk.until(lambda: "copy the passage" in desk.text() and "◌ reading" not in desk.text())
    assert isinstance(screen, CitedScreen)
    return desk.text()


@pytest.mark.slow
async def test_a_folder_of_200_mixed_files_is_attached_asked_and_cited(open_desk: OpenDesk, folder: Path) -> None:
    mixed_folder(folder)
    async with open_desk() as desk:
        await search_files(desk)
        await desk.press("ctrl+l")
        await choose(desk, folder, "f5")
        await desk.sees("Send all 200 files")
        await desk.press("enter")
        await desk.sees("files of documents were left out")
        told = desk.text()
        for name in ("binary.txt", "empty.md", "picture-0.png", "photo-of-a-cat.jpg"):
            assert f"{name} cannot be attached" in told
        await desk.press("escape")
        await desk.press("h", "i")
        await desk.until(lambda: desk.main.chat.box.text == "hi")  # usable while hundreds of files are on their way
        desk.main.chat.box.clear()
        attachments = desk.workspace.conversation.value.attachments
        assert len(attachments.items.value) == 193
        await desk.until(lambda: all(item.phase in ("ready", "failed") for item in attachments.items.value))
        await desk.sees("! 1 of 193 files")
        await desk.press("ctrl+l")
        await desk.sees("Attached to this message", "broken.pdf")
        over = next(item for item in attachments.items.value if item.phase == "failed")
        assert over.name == "over.txt"
        assert "over.txt was not sent" in over.failure
        await attachments.remove(over.id)
        await desk.press("escape")
        await desk.say("What is the zeppelin maintenance interval?")
        shown = await open_citation(desk)
        assert "zeppelins.md" in shown
        await desk.sees("The zeppelin maintenance interval is forty hours.")
        await desk.press("escape")
        await desk.until(lambda: any("broken.pdf cannot be searched" in told for told in desk.notices()))


@pytest.mark.slow
async def test_a_pdf_of_300_pages_is_cited_with_the_right_page(open_desk: OpenDesk, folder: Path) -> None:
    pages = [f"Chapter {n}. Ordinary words about nothing at all.\nMore of them, line by line." for n in range(300)]
    pages[217] = "The zeppelin maintenance interval is forty hours."
    path = write(folder, "manual.pdf", make_pdf(pages))
    async with open_desk() as desk:
        await search_files(desk)
        await desk.say(f"/attach {path}")
        await desk.sees("1 file")
        await desk.say("What is the zeppelin maintenance interval?")
        shown = await open_citation(desk)
        assert "manual.pdf" in shown
        await desk.sees("The zeppelin maintenance interval is forty hours.")
        assert "page 218 (the passage: " in shown
