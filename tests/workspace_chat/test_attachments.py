from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.writing.attachment import Attachment, from_json, to_json
from playground_tui.workspace.writing.attachment_check import check_file, check_url
from tests.support.assistants_server import Hold, reply
from tests.support.wait import wait_until
from tests.workspace_chat.conftest import Desk

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("hello " * 1000)
    (tmp_path / "p.png").write_bytes(PNG)
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "no.png").write_text("text")
    (tmp_path / "x.zip").write_bytes(b"PK\3\4")
    return tmp_path


def phases(desk: Desk) -> list[str]:
    return [item.phase for item in desk.conversation.attachments.items.value]


@pytest.mark.parametrize(
    ("name", "use", "says"),
    [
        ("empty.txt", "auto", "empty"),
        ("no.png", "auto", "no PNG picture"),
        ("a.txt", "image", "PNG, JPEG"),
        ("x.zip", "file_search", "no text"),
        ("gone.txt", "auto", "no such file"),
        ("", "auto", "folder"),
        ("a\0b", "auto", "cannot be attached"),
    ],
)
def test_what_cannot_be_attached_is_said_before_it_is_sent(folder: Path, name: str, use: str, says: str) -> None:
    with pytest.raises(FailureError) as caught:
        check_file(folder / name, use)  # type: ignore[arg-type]
    assert says in caught.value.failure.what
    assert caught.value.failure.field == "attachments"


def test_the_size_is_looked_at(folder: Path) -> None:
    for name, size in (("big.txt", 512 * 1024**2 + 1), ("big.png", 20 * 1024**2 + 1)):
        with (folder / name).open("wb") as file:
            file.write(PNG)
            file.truncate(size)
        with pytest.raises(FailureError, match="MB"):
            check_file(folder / name)


def test_what_a_file_is_for(folder: Path) -> None:
    assert check_file(folder / "p.png").kind == "image"
    assert check_file(folder / "a.txt").tools == ("file_search",)
    assert check_file(folder / "a.txt", tools=("function", "code_interpreter")).tools == ("code_interpreter",)
    assert check_file(folder / "x.zip", "code_interpreter").kind == "file"
    assert check_url("https://x.example/a/cat.png?s=1").name == "cat.png"
    for url in ("file:///etc/passwd", "x.png", "https://a b"):
        with pytest.raises(FailureError):
            check_url(url)
    kept = (Attachment("1", "file", "n", "/n", 3, ("file_search",), "uploading", 2),)
    assert from_json(to_json(kept)) == (Attachment("1", "file", "n", "/n", 3, ("file_search",)),)


async def test_files_and_pictures_go_with_the_message(desk: Desk, folder: Path) -> None:
    attachments = desk.conversation.attachments
    steps: list[float] = []
    attachments.items.watch(lambda items: steps.extend(item.progress for item in items if item.name == "a.txt"))
    await attachments.add_file(folder / "a.txt")
    await attachments.add_file(folder / "p.png")
    attachments.add_url("https://x.example/cat.png")
    await wait_until(lambda: phases(desk) == ["ready"] * 3)
    assert steps == sorted(steps)
    assert steps[-1] == 1.0
    await desk.say("Look")
    (body,) = desk.server.sent("POST /threads/thread_0003/messages") or [None]
    assert body["attachments"] == [{"file_id": "file_0001", "tools": [{"type": "file_search"}]}]
    assert [part["type"] for part in body["content"]] == ["text", "image_file", "image_url"]
    assert attachments.items.value == ()
    message = desk.conversation.messages[0]
    assert message.attachments == ("file_0001",)
    assert message.images == ("file_0002", "https://x.example/cat.png")
    assert b"hello hello" in desk.server.files["file_0001"]


async def test_a_picture_alone_is_a_message(desk: Desk) -> None:
    desk.conversation.attachments.add_url("https://x.example/cat.png")
    await desk.say("")
    assert desk.conversation.messages[0].images == ("https://x.example/cat.png",)
    assert desk.state.failure is None


async def test_they_wait_in_the_queue_with_their_text(desk: Desk, folder: Path) -> None:
    hold = Hold()
    desk.server.scripts = [reply("Half", hold)]
    await desk.conversation.send("one")
    await desk.until("answering")
    await desk.conversation.attachments.add_file(folder / "a.txt")
    await desk.conversation.send("two")
    assert desk.conversation.attachments.items.value == ()
    hold.set()
    await desk.conversation.wait_idle()
    assert desk.conversation.messages[2].attachments != ()


async def test_one_taken_out_of_the_queue_brings_them_back(desk: Desk, folder: Path) -> None:
    hold = Hold()
    desk.server.scripts = [reply("Half", hold)]
    await desk.conversation.send("one")
    await desk.until("answering")
    desk.conversation.attachments.add_url("https://x.example/cat.png")
    await desk.conversation.send("two")
    assert await desk.conversation.dequeue(0) == "two"
    assert [item.name for item in desk.conversation.attachments.items.value] == ["cat.png"]
    hold.set()
    await desk.conversation.wait_idle()


async def test_a_server_without_files_says_so_and_keeps_everything(desk: Desk, folder: Path) -> None:
    desk.server.lacks = {"POST /files"}
    await desk.conversation.attachments.add_file(folder / "a.txt")
    await wait_until(lambda: phases(desk) == ["failed"])
    assert "takes no files" in desk.conversation.attachments.items.value[0].failure
    assert "files" in desk.lacking
    await desk.say("Look")
    assert desk.state.failure.what.startswith("a.txt was not sent")
    assert desk.state.unsent == "Look"
    assert phases(desk) == ["failed"]
    assert desk.texts == []
    assert desk.server.threads == {}


async def test_one_that_failed_is_sent_again(desk: Desk, folder: Path) -> None:
    desk.server.refusals = [("POST /files", httpx2.ConnectError("away"))]
    added = await desk.conversation.attachments.add_file(folder / "a.txt")
    await wait_until(lambda: phases(desk) == ["failed"])
    desk.conversation.attachments.retry(added.id)
    await wait_until(lambda: phases(desk) == ["ready"])


async def test_one_left_out_is_deleted_on_the_server(desk: Desk, folder: Path) -> None:
    added = await desk.conversation.attachments.add_file(folder / "a.txt")
    await wait_until(lambda: phases(desk) == ["ready"])
    await desk.conversation.attachments.remove(added.id)
    assert desk.server.files == {}
    assert phases(desk) == []


async def test_what_was_chosen_survives_a_restart(desk: Desk, folder: Path) -> None:
    desk.server.refusals = [("POST /files", httpx2.ConnectError("away"))]
    await desk.conversation.attachments.add_file(folder / "a.txt")
    await wait_until(lambda: phases(desk) == ["failed"])
    await desk.conversation.attachments.add_file(folder / "p.png")
    await wait_until(lambda: phases(desk) == ["failed", "ready"])
    desk.conversation.set_unsent("soon")
    await desk.restart()
    desk.conversation.attachments.begin()
    await wait_until(lambda: phases(desk) == ["ready", "ready"])
    assert len(desk.server.files) == 2


async def test_an_earlier_message_keeps_its_attachments_when_it_is_edited(desk: Desk, folder: Path) -> None:
    await desk.conversation.attachments.add_file(folder / "a.txt")
    await wait_until(lambda: phases(desk) == ["ready"])
    await desk.say("first")
    before = desk.conversation.messages[0]
    await desk.conversation.resend(before.id, "second")
    await desk.conversation.wait_idle()
    assert desk.texts[0] == "second"
    assert desk.conversation.messages[0].attachments == before.attachments
