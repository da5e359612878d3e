from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest

from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.store.messages import MessageRecord, append_messages
from playground_tui.workspace.store.threads import ThreadRecord, put_thread
from playground_tui.workspace.values import Draft
from tests.support.assistants_server import Hold, reply
from tests.support.wait import wait_until
from tests.workspace_chat.conftest import Desk


def titles(desk: Desk) -> list[str]:
    return [row.title for row in desk.threads.listing.value.rows]


async def test_the_list_is_local_and_takes_over_the_server_s(desk: Desk) -> None:
    desk.server.new_thread(metadata={"title": "From elsewhere"})
    desk.server.new_thread(metadata={})
    await desk.say("Mine")
    assert titles(desk) == ["Mine"]
    await desk.threads.refresh()
    assert sorted(titles(desk)) == ["From elsewhere", "Mine", "New thread"]
    assert desk.threads.listing.value.source == "server"
    assert titles(desk)[0] == "Mine"


async def test_a_server_without_a_list(desk: Desk) -> None:
    desk.server.lists_threads = False
    await desk.say("Mine")
    await desk.threads.refresh()
    assert titles(desk) == ["Mine"]
    assert desk.threads.listing.value.source == "local"
    assert desk.threads.listing.value.failure is None
    assert "threads.list" in desk.lacking


async def test_many_threads_come_page_by_page(desk: Desk) -> None:
    for number in range(150):
        desk.server.new_thread(metadata={"title": f"t{number}"})
    await desk.threads.refresh()
    assert len(titles(desk)) == 150


async def test_an_unreachable_server_leaves_the_list(desk: Desk) -> None:
    await desk.say("Mine")
    desk.server.refusals = [("GET /threads", httpx2.ConnectError("away"))]
    await desk.threads.refresh()
    assert titles(desk) == ["Mine"]
    assert desk.threads.listing.value.failure.kind == "offline"


async def test_rename_keeps_other_metadata(desk: Desk) -> None:
    thread_id = desk.server.new_thread(metadata={"a": "b"})
    await desk.threads.refresh()
    await desk.threads.open(thread_id)
    await desk.threads.rename(thread_id, "Better\n title")
    assert titles(desk) == ["Better title"]
    assert desk.state.title == "Better title"
    assert desk.server.threads[thread_id]["metadata"] == {"a": "b", "title": "Better title"}


async def test_delete_goes_everywhere(desk: Desk) -> None:
    await desk.say("Mine")
    thread_id = desk.state.thread_id
    await desk.threads.delete(thread_id)
    assert not desk.server.threads
    assert titles(desk) == []
    assert desk.state.thread_id is None
    assert desk.threads.search("world") == ()
    await desk.restart()
    assert desk.state.thread_id is None


async def test_delete_is_not_done_when_the_server_was_not_reached(desk: Desk) -> None:
    await desk.say("Mine")
    desk.server.refusals = [("DELETE", httpx2.ConnectError("away"))]
    with pytest.raises(FailureError):
        await desk.threads.delete(desk.state.thread_id)
    assert titles(desk) == ["Mine"]


async def test_delete_of_a_thread_with_a_run(desk: Desk) -> None:
    desk.server.scripts = [reply("Half", Hold())]
    await desk.conversation.send("Mine")
    await desk.until("answering")
    await desk.threads.delete(desk.state.thread_id)
    assert desk.server.open_streams == 0
    assert desk.texts == []


async def test_search_in_titles_and_texts(desk: Desk) -> None:
    desk.server.scripts = [reply("Annual plans can be refunded."), reply("Ja, größer.")]
    await desk.say("About money")
    await desk.clock.advance(1)
    await desk.threads.open(None)
    await desk.say("Straßen und Größe")
    for text, found in {
        "MONEY": ["About money"],
        "refund annual": ["About money"],
        "efunde": ["About money"],
        "größ": ["Straßen und Größe"],
        "an": ["About money"],
        '"': [],
        "x%_": [],
        "": ["Straßen und Größe", "About money"],
    }.items():
        desk.store.flush()
        assert [row.title for row in desk.threads.search(text)] == found, text


@pytest.mark.slow
async def test_search_over_ten_thousand_messages(desk: Desk) -> None:
    def fill(conn):
        for thread in range(100):
            put_thread(conn, "local", ThreadRecord(f"t{thread}", None, f"Title {thread}", "", 0.0, float(thread)))
            rows = [MessageRecord(f"m{n}", f"some words about {thread}-{n} and more", "{}") for n in range(100)]
            append_messages(conn, "local", f"t{thread}", rows)

    await desk.store.write(fill)
    desk.threads._list.read()
    desk.threads._publish()
    assert [row.id for row in desk.threads.search("about 42-77")] == ["t42"]
    assert len(desk.threads.search("words")) == 100


async def test_switching_the_assistant_opens_its_last_thread(desk: Desk) -> None:
    await desk.say("one")
    first = desk.state.thread_id
    other = Draft("draft_2", "local", "asst_2", {})
    desk.editor.draft.set(other)
    await wait_until(lambda: desk.state.thread_id is None)
    await desk.say("two")
    second = desk.state.thread_id
    desk.editor.draft.set(Draft("draft_1", "local", "asst_1", {}))
    await wait_until(lambda: desk.state.thread_id == first)
    assert desk.texts == ["one", "Hello, world."]
    desk.editor.draft.set(other)
    await wait_until(lambda: desk.state.thread_id == second)
    rows = {row.id: row.assistant_id for row in desk.threads.listing.value.rows}
    assert rows == {first: "asst_1", second: "asst_2"}


async def test_editing_the_assistant_leaves_the_thread(desk: Desk) -> None:
    await desk.say("one")
    draft = desk.editor.draft.value
    conversation = desk.conversation
    desk.editor.draft.set(replace(draft, revision=5, values={"name": "X"}))
    assert desk.conversation is conversation


async def test_a_queue_goes_on_unseen_with_its_own_assistant(desk: Desk) -> None:
    hold = Hold()
    desk.server.scripts = [reply("One", hold)]
    await desk.conversation.send("a")
    await desk.until("answering")
    await desk.conversation.send("b")
    first = desk.conversation
    desk.editor.draft.set(Draft("draft_2", "local", "asst_2", {}))
    await wait_until(lambda: desk.conversation is not first)
    desk.editor.overrides = {"temperature": 2}
    hold.set()
    await wait_until(lambda: len(first.messages) == 4)
    await first.wait_idle()
    runs = desk.server.sent(f"POST /threads/{first.state.value.thread_id}/runs")
    assert runs == [{"assistant_id": "asst_1", "stream": True}] * 2


async def test_another_server_has_its_own_threads(desk: Desk) -> None:
    await desk.say("one")
    await desk.threads.use(desk.context("remote"))
    assert desk.state.thread_id is None
    assert desk.texts == []
    await desk.threads.use(desk.context("local"))
    assert desk.texts == ["one", "Hello, world."]


# -- what was typed ----------------------------------------------------------------------------------------------------


async def test_unsent_text_is_on_disk_within_a_quarter_second_per_thread(desk: Desk) -> None:
    await desk.say("one")
    desk.conversation.set_unsent("half a thou")
    await desk.clock.advance(0.1)
    desk.conversation.set_unsent("half a thought")
    await desk.clock.advance(0.1)
    await desk.threads.open(None)
    desk.conversation.set_unsent("for the new one")
    await desk.clock.advance(0.2)
    assert [row.has_unsent for row in desk.threads.listing.value.rows] == [True]
    await desk.die()
    assert desk.state.unsent == "for the new one"
    await desk.threads.open(desk.threads.listing.value.rows[0].id)
    assert desk.state.unsent == "half a thought"


async def test_flush_hands_over_what_no_timer_wrote_yet(desk: Desk) -> None:
    desk.conversation.set_unsent("just typed")
    desk.threads.flush()
    await desk.die()
    assert desk.state.unsent == "just typed"


async def test_the_queue_survives_being_killed_and_is_held(desk: Desk) -> None:
    desk.server.scripts = [reply("One", Hold())]
    await desk.conversation.send("a")
    await desk.until("answering")
    await desk.conversation.send("b")
    await desk.die()
    assert desk.state.queued == ("b",)
    assert "a" in desk.texts


async def test_killed_before_the_server_had_it(desk: Desk) -> None:
    await desk.say("one")
    gate: list[tuple[str, httpx2.Response | Exception]] = [
        ("/messages", httpx2.Response(429, json={"error": {"message": "x"}}, headers={"retry-after": "9"}))
    ]
    desk.server.refusals = gate
    await desk.conversation.send("two")
    await desk.until("retrying")
    await desk.die()
    assert desk.state.unsent == "two"
    assert desk.state.queued == ()


async def test_killed_after_the_server_had_it(desk: Desk) -> None:
    await desk.say("one")
    thread_id = desk.state.thread_id
    desk.server.refusals = [
        ("/messages", httpx2.Response(429, json={"error": {"message": "x"}}, headers={"retry-after": "9"}))
    ]
    await desk.conversation.send("two")
    await desk.until("retrying")
    desk.server.add_message(thread_id, "user", "two")
    await desk.die()
    assert desk.texts[-1] == "two"
    assert (desk.state.unsent, desk.state.queued) == ("", ())


async def test_killed_before_the_thread_was_made(desk: Desk) -> None:
    desk.server.refusals = [
        ("POST /threads", httpx2.Response(429, json={"error": {"message": "x"}}, headers={"retry-after": "9"}))
    ]
    await desk.conversation.send("first")
    await desk.until("retrying")
    await desk.die()
    assert desk.state.unsent == "first"
    assert desk.state.queued == ()


async def test_sent_again_before_the_thread_was_read(desk: Desk) -> None:
    """An enter right after the start must not post what the server has already."""
    await desk.say("one")
    thread_id = desk.state.thread_id
    desk.server.refusals = [
        ("/messages", httpx2.Response(429, json={"error": {"message": "x"}}, headers={"retry-after": "9"}))
    ]
    await desk.conversation.send("two")
    await desk.until("retrying")
    desk.server.add_message(thread_id, "user", "two")
    desk.store.flush()
    await desk.end()
    desk.begin()
    await desk.say("three")
    await wait_until(lambda: desk.conversation.busy is False)
    assert [t for t in desk.server.texts(thread_id) if t != "Hello, world."] == ["one", "two", "three"]


async def test_a_full_disk_keeps_the_text_in_the_box(desk: Desk) -> None:
    await desk.store.write(lambda conn: conn.execute("DROP TABLE queue"))
    await desk.say("Hi")
    assert desk.state.unsent == "Hi"
    assert desk.state.failure.kind == "storage"
    await desk.store.write(lambda conn: conn.execute("CREATE TABLE queue (server, key, number)"))


# -- threads that this machine did not know ----------------------------------------------------------------------------


async def test_a_thread_opened_by_its_id(desk: Desk) -> None:
    thread_id = desk.server.new_thread()
    desk.server.add_message(thread_id, "user", "Where is my parcel?\nIt is late.")
    await desk.threads.open(thread_id)
    assert titles(desk) == ["Where is my parcel?"]
    assert desk.state.title == "Where is my parcel?"
    await desk.restart()
    assert desk.state.thread_id == thread_id


async def test_a_thread_that_the_server_does_not_have(desk: Desk) -> None:
    await desk.threads.open("thread_typo")
    assert desk.state.failure.kind == "missing"
    assert titles(desk) == []


async def test_switching_the_server_leaves_runs_to_it(desk: Desk) -> None:
    desk.server.scripts = [reply("Half", Hold())]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    await desk.threads.use(desk.context("remote"))
    assert desk.server.open_streams == 0
    assert not desk.threads.running
    await desk.threads.use(desk.context("local"))
    assert desk.texts == ["Hi"]
    assert desk.state.run.phase != "idle"
    assert not desk.state.run.followed


async def test_an_own_thread_is_not_shown_anew_on_reading_it_again(desk: Desk) -> None:
    desk.server.scripts = [reply("Half", Hold())]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    await desk.conversation.stop()
    await desk.conversation.wait_idle()
    (run,) = desk.server.runs.values()
    answer = desk.conversation.messages[-1]
    run.message("Half", id=answer.id, created_at=int(answer.created_at.timestamp()))
    changes: list[object] = []
    desk.conversation.watch(changes.append)
    await desk.conversation.refresh()
    assert changes == []
    assert desk.conversation.messages[-1].status == "stopped"
