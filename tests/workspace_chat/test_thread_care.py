"""Branches, notes, metadata, trash, clean-up, export, import, threads that the server lost, search."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from playground_tui.workspace.exchange.intake import read_text
from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.store import messages as message_table
from playground_tui.workspace.store.messages import MessageRecord
from playground_tui.workspace.thread_cleanup import to_clean_up
from playground_tui.workspace.thread_search import PER_THREAD, find_snippets
from playground_tui.workspace.thread_trash import LEFT_OVER
from tests.support.assistants_server import Hold, reply
from tests.support.wait import wait_until
from tests.workspace_chat.conftest import Desk
from tests.workspace_chat.events import function


def rows(desk: Desk) -> list[str]:
    return [row.id for row in desk.threads.listing.value.rows]


# -- branches ----------------------------------------------------------------------------------------------------------


async def test_a_branch_has_everything_up_to_the_message(desk: Desk) -> None:
    for text in ("one", "two", "three"):
        await desk.say(text)
    thread_id = desk.state.thread_id
    message = desk.conversation.messages[3]
    await desk.conversation.notes.put(message.id, "good one")
    branch = await desk.threads.archive.branch(thread_id, message.id)
    await desk.threads.open(branch)
    assert desk.texts == ["one", "Hello, world.", "two", "Hello, world."]
    assert desk.server.threads[branch]["metadata"] == {
        "title": "one · branch",
        "branched_from": thread_id,
        "branched_at": message.id,
    }
    assert desk.state.title == "one · branch"
    copy = desk.conversation.messages[3]
    assert copy.facts.tokens.completion == 3
    assert copy.author == "Bot"
    assert desk.conversation.notes.texts.value == {copy.id: "good one"}
    assert desk.conversation.assistant_id == "asst_1"
    await desk.threads.open(thread_id)
    assert len(desk.texts) == 6


async def test_a_long_branch_takes_several_requests(desk: Desk) -> None:
    thread_id = desk.server.new_thread()
    for number in range(130):
        last = desk.server.add_message(thread_id, "user" if number % 2 == 0 else "assistant", f"m{number}")
    branch = await desk.threads.archive.branch(thread_id, last["id"])
    assert desk.server.texts(branch) == [f"m{number}" for number in range(130)]
    with pytest.raises(FailureError) as caught:
        await desk.threads.archive.branch(thread_id, "msg_nowhere")
    assert caught.value.failure.kind == "missing"


async def test_a_copy_that_fails_on_the_way_leaves_nothing(desk: Desk) -> None:
    thread_id = desk.server.new_thread()
    for number in range(40):
        last = desk.server.add_message(thread_id, "user", f"m{number}")
    desk.server.refusals = [(f"POST /threads/thread_{42:04}/messages", httpx2.Response(500, json={"error": {}}))]
    with pytest.raises(FailureError):
        await desk.threads.archive.branch(thread_id, last["id"])
    assert list(desk.server.threads) == [thread_id]


async def test_a_partial_reply_goes_on(desk: Desk) -> None:
    desk.server.scripts = [reply("Half", Hold()), reply(" and whole.")]
    desk.editor.overrides = {"additional_instructions": "Be kind."}
    await desk.conversation.send("Hi")
    await desk.until("answering")
    await desk.conversation.stop()
    await desk.conversation.wait_idle()
    await desk.conversation.continue_reply()
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "Half", " and whole."]
    more = desk.server.sent("POST /threads/thread_0001/runs")[-1]["additional_instructions"]
    assert more.startswith("Be kind.\n\nYour last message was cut short.")
    await desk.conversation.continue_reply()
    assert not desk.conversation.busy


# -- notes and metadata ------------------------------------------------------------------------------------------------


async def test_notes_stay_here(desk: Desk) -> None:
    await desk.say("Hi")
    first = desk.conversation.messages[0].id
    await desk.conversation.notes.put(first, "  remember \n")
    await desk.restart()
    assert desk.conversation.notes.texts.value == {first: "remember"}
    await desk.conversation.notes.put(first, "")
    assert desk.conversation.notes.texts.value == {}
    assert not any("remember" in json.dumps(body) for _, _, body in desk.server.calls if isinstance(body, dict))


async def test_metadata_is_read_checked_and_written(desk: Desk) -> None:
    await desk.say("Hi")
    thread_id = desk.state.thread_id
    assert await desk.threads.metadata(thread_id) == {"title": "Hi"}
    await desk.threads.set_metadata(thread_id, {"title": "Renamed", "ticket": "7"})
    assert desk.server.threads[thread_id]["metadata"] == {"title": "Renamed", "ticket": "7"}
    assert desk.state.title == "Renamed"
    with pytest.raises(FailureError) as caught:
        await desk.threads.set_metadata(thread_id, {"k" * 65: "v"})
    assert caught.value.failure.field == "metadata"
    with pytest.raises(FailureError):
        await desk.threads.metadata("thread_nowhere")


# -- trash -------------------------------------------------------------------------------------------------------------


async def test_a_discarded_thread_comes_back_whole(desk: Desk) -> None:
    await desk.say("Hi")
    thread_id = desk.state.thread_id
    await desk.threads.discard([thread_id])
    assert rows(desk) == []
    assert desk.state.thread_id is None
    assert [row.title for row in desk.threads.discarded] == ["Hi"]
    assert thread_id in desk.server.threads
    await desk.threads.refresh()
    assert rows(desk) == []
    await desk.threads.restore([thread_id])
    assert rows(desk) == [thread_id]
    await desk.threads.open(thread_id)
    assert desk.texts == ["Hi", "Hello, world."]


async def test_closing_deletes_on_the_server(desk: Desk) -> None:
    await desk.say("Hi")
    thread_id = desk.state.thread_id
    await desk.threads.discard([thread_id])
    await desk.restart()
    assert desk.server.threads == {}
    assert rows(desk) == []
    assert desk.threads.discarded == ()


async def test_what_a_crash_left_is_deleted_later(desk: Desk) -> None:
    await desk.say("Hi")
    thread_id = desk.state.thread_id
    await desk.threads.discard([thread_id])
    await desk.die()
    assert thread_id in desk.server.threads
    assert rows(desk) == []
    await desk.clock.advance(LEFT_OVER + 1)
    await desk.die()
    await wait_until(lambda: not desk.server.threads)


async def test_an_active_run_is_stopped_with_its_thread(desk: Desk) -> None:
    desk.server.scripts = [reply("Half", Hold())]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    await desk.threads.discard([desk.state.thread_id])
    assert next(run.body["status"] for run in desk.server.runs.values()) in ("cancelling", "cancelled")


async def test_an_absent_server_keeps_the_trash(desk: Desk) -> None:
    await desk.say("Hi")
    thread_id = desk.state.thread_id
    await desk.threads.discard([thread_id])
    desk.server.refusals = [("DELETE", httpx2.ConnectError("away"))]
    await desk.restart()
    assert thread_id in desk.server.threads
    assert rows(desk) == []
    await desk.clock.advance(LEFT_OVER + 1)
    await desk.restart()
    assert desk.server.threads == {}
    assert desk.threads.discarded == ()


async def test_many_are_chosen_for_a_clean_up(desk: Desk) -> None:
    await desk.say("old")
    await desk.clock.advance(86_400)
    empty = desk.server.new_thread()
    await desk.threads.open(None)
    await desk.say("new")
    await desk.threads.refresh()
    listed = desk.threads.listing.value.rows
    day = desk.clock.now() - timedelta(hours=1)
    assert {row.title for row in to_clean_up(listed, unused_since=day)} == {"old", "New thread"}
    assert [row.id for row in to_clean_up(listed, empty=True)] == [empty]
    assert {row.title for row in to_clean_up(listed, assistant_id="asst_1")} == {"old", "new"}
    assert to_clean_up(listed) == ()
    kept = [row.id for row in listed]
    assert to_clean_up(listed, empty=True, keep=kept) == ()
    await desk.threads.discard([row.id for row in to_clean_up(listed, unused_since=day)])
    assert [row.title for row in desk.threads.listing.value.rows] == ["new"]


# -- export and import -------------------------------------------------------------------------------------------------


async def with_a_call(desk: Desk) -> str:
    desk.server.scripts = [
        lambda run: [*run.begin(), *run.call(function("call_1", "f", '{"a": 1}'))],
    ]
    await desk.say("Hi")
    await desk.conversation.submit_outputs({"call_1": "42"})
    await desk.conversation.wait_idle()
    await desk.conversation.notes.put(desk.conversation.messages[-1].id, "fine\nreally")
    return str(desk.state.thread_id)


async def test_exports_have_calls_and_notes(desk: Desk) -> None:
    thread_id = await with_a_call(desk)
    desk.store.flush()
    markdown = await desk.threads.archive.export(thread_id, "markdown")
    assert markdown.name == "Hi.md"
    assert "**Called f**" in markdown.text
    assert '{"a": 1}' in markdown.text
    assert "> **Note:** fine\n> really" in markdown.text
    whole = json.loads((await desk.threads.archive.export(thread_id, "json")).text)
    assert whole["thread"]["id"] == thread_id
    assert [m["role"] for m in whole["messages"]] == ["user", "assistant"]
    (calls,) = whole["calls"].values()
    assert calls[0]["name"] == "f"
    line = json.loads((await desk.threads.archive.export(thread_id, "jsonl", instructions="Be kind.")).text)
    assert [turn["role"] for turn in line["messages"]][:3] == ["system", "user", "assistant"]
    assert line["messages"][-1]["content"] == "Thanks."


async def test_an_absent_server_exports_what_was_kept(desk: Desk) -> None:
    thread_id = await with_a_call(desk)
    desk.store.flush()
    desk.server.refusals = [("GET", httpx2.ConnectError("away"))]
    export = await desk.threads.archive.export(thread_id, "markdown")
    assert export.source == "local"
    assert "Thanks." in export.text
    with pytest.raises(FailureError):
        await desk.threads.archive.export("thread_nowhere", "json")


async def test_an_export_is_imported_again(desk: Desk) -> None:
    thread_id = desk.server.new_thread(metadata={"title": "Long one"})
    for number in range(70):
        desk.server.add_message(thread_id, "user" if number % 2 == 0 else "assistant", f"m{number}")
    await desk.threads.open(thread_id)
    export = await desk.threads.archive.export(thread_id, "json")
    (taken,) = read_text(export.text, "thread.json").taken
    made = await desk.threads.archive.take(taken)
    assert made.failure is None
    assert desk.server.texts(made.thread_id) == desk.server.texts(thread_id)
    assert {row.id: row.title for row in desk.threads.listing.value.rows}[made.thread_id] == "Long one"
    desk.server.refusals = [("POST /threads", httpx2.ConnectError("away"))]
    assert (await desk.threads.archive.take(taken)).failure.kind == "offline"


# -- a thread that the server lost -------------------------------------------------------------------------------------


async def test_a_lost_thread_is_made_again_when_the_person_agrees(desk: Desk) -> None:
    await desk.say("Hi")
    old = desk.state.thread_id
    await desk.conversation.notes.put(desk.conversation.messages[0].id, "kept")
    desk.conversation.set_unsent("soon")
    del desk.server.threads[old]
    await desk.restart()
    assert desk.state.gone
    assert desk.texts == ["Hi", "Hello, world."]
    new = await desk.threads.recreate(old)
    assert desk.state.thread_id == new
    assert not desk.state.gone
    assert desk.texts == ["Hi", "Hello, world."]
    assert desk.state.unsent == "soon"
    assert list(desk.conversation.notes.texts.value.values()) == ["kept"]
    assert rows(desk) == [new]
    assert desk.server.threads[new]["metadata"]["recreated_from"] == old
    await desk.say("on we go")
    assert desk.server.texts(new)[-1] == "Hello, world."


async def test_a_send_into_a_lost_thread_tells_it(desk: Desk) -> None:
    await desk.say("Hi")
    del desk.server.threads[desk.state.thread_id]
    await desk.say("again")
    assert desk.state.failure.kind == "missing"
    assert desk.state.gone
    assert desk.state.unsent == "again"


# -- search ------------------------------------------------------------------------------------------------------------


async def test_what_was_found_is_shown_with_its_places(desk: Desk) -> None:
    await desk.say("The refund policy for annual plans")
    await desk.threads.open(None)
    await desk.say("something\nelse about REFUNDS, " + "x " * 400)
    desk.store.flush()
    by_title, by_text = await desk.threads.find("refund")
    assert "refund" in by_title.row.title.casefold()
    for hit in (by_title, by_text):
        for snippet in hit.snippets:
            assert [snippet.text[s:e].casefold() for s, e in snippet.marks] == ["refund"]
            assert "\n" not in snippet.text
    assert len(await desk.threads.find("annual refund")) == 1
    assert len(await desk.threads.find("")) == 2
    assert await desk.threads.find("zebra") == ()


async def test_ten_thousand_messages_are_searched_by_index(desk: Desk) -> None:
    """By the plan, not by the time: whatever is indexed is looked up."""
    records = [MessageRecord(f"msg_{n}", f"message {n} about topic{n % 97} and more", "{}") for n in range(10_000)]

    def fill(conn: object) -> None:
        for start in range(0, 10_000, 50):
            message_table.append_messages(conn, "local", f"t{start}", records[start : start + 50])  # type: ignore[arg-type]

    await desk.store.write(fill)
    found = await desk.store.read(lambda conn: message_table.search_threads(conn, "local", "topic13 message"))
    assert 0 < len(found) <= 200
    everywhere = await desk.store.read(lambda conn: find_snippets(conn, "local", "message"))
    assert len(everywhere) == 200
    assert {len(snippets) for snippets in everywhere.values()} == {PER_THREAD}
    plan = await desk.store.read(
        lambda conn: conn.execute(
            "EXPLAIN QUERY PLAN SELECT rowid FROM message_words WHERE message_words MATCH '\"topic13\"'"
        ).fetchall()
    )
    assert "VIRTUAL TABLE INDEX" in str(plan)


# -- quitting ----------------------------------------------------------------------------------------------------------


async def test_what_goes_on_is_told_for_the_question_on_quitting(desk: Desk, tmp_path: Path) -> None:
    assert desk.threads.under_way == ()
    hold = Hold()
    desk.server.scripts = [reply("Half", hold)]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    await desk.conversation.send("next")
    (found,) = desk.threads.under_way
    assert (found.title, found.run.phase, found.queued, found.handlers) == ("Hi", "answering", 1, 0)
    hold.set()
    await desk.conversation.wait_idle()
