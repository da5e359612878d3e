"""Listening: several at once, late, slowly, from another process, or not at all. None of it changes the run."""

from __future__ import annotations

import asyncio

from playground_tui.service.engines.base import TextDelta
from playground_tui.service.runs import feed as feed_module
from playground_tui.service.runs import listening
from playground_tui.service.store import runs as store
from tests.service_runs.bench import FUNCTION, Bench, said
from tests.service_runs.reading import parse, read_all, short
from tests.support.engines import Gate, calls, text

PIECES = [f"piece {n} " for n in range(50)]


def reply_of(parts: list[bytes]) -> str:
    if not parts:
        return ""
    deltas = [e.data["delta"]["content"][0] for e in parse(b"".join(parts)) if e.name == "thread.message.delta"]
    return "".join(delta["text"]["value"] for delta in deltas)


async def test_several_listeners_hear_the_same(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[*text(*PIECES[:10])[:-1], gate, *text(*PIECES[10:])]]
    handle = await bench.begin()
    early = asyncio.ensure_future(read_all(handle.events()))
    await gate.reached.wait()
    late = asyncio.ensure_future(read_all(handle.events()))
    follower = await bench.runs.follow(handle.run["thread_id"], handle.run["id"])
    followed = asyncio.ensure_future(read_all(follower, whole=True))
    gate.opened.set()
    assert await early == await late == await followed
    assert await early == await read_all(await bench.runs.follow(handle.run["thread_id"], handle.run["id"]), whole=True)


async def test_a_run_goes_on_when_its_listener_leaves(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[TextDelta("Half"), gate, *text(" and half")]]
    handle = await bench.begin()
    listener = handle.events()
    await anext(listener)
    await listener.aclose()
    gate.opened.set()
    run = await bench.until(handle, "completed")
    assert said((await bench.messages(run["thread_id"]))[-1]) == "Half and half"


async def test_nobody_needs_to_listen(bench: Bench):
    handle = await bench.begin()
    await bench.until(handle, "completed")
    assert short(await read_all(handle.events()))[-1] == "done"


async def test_a_slow_listener_reads_from_the_disk(bench: Bench, monkeypatch):
    monkeypatch.setattr(feed_module, "KEPT_BYTES", 2000)
    monkeypatch.setattr(feed_module, "CHUNK_BYTES", 500)
    pieces = [f"piece {n} " for n in range(2000)]
    gate = Gate()
    bench.engine.replies = [[*text(*pieces[:3])[:-1], gate, *text(*pieces[3:])]]
    handle = await bench.begin()
    listener = handle.events()
    parts = [await anext(listener)]
    await gate.reached.wait()
    gate.opened.set()
    await bench.until(handle, "completed")
    feed = handle._feed
    assert sum(len(frame) for chunk in feed._chunks for frame in chunk.frames) < 10_000
    parts += [part async for part in listener]
    assert reply_of(parts) == "".join(pieces)
    assert reply_of([part async for part in handle.events()]) == "".join(pieces)


async def test_a_listener_one_chunk_behind(bench: Bench, monkeypatch):
    """Its place is in the middle of a chunk when that leaves memory."""
    monkeypatch.setattr(feed_module, "KEPT_BYTES", 0)
    gates = [Gate(), Gate()]
    bench.engine.replies = [
        [*text(*PIECES[:5])[:-1], gates[0], *text(*PIECES[5:20])[:-1], gates[1], *text(*PIECES[20:])]
    ]
    handle = await bench.begin()
    listener = handle.events()
    parts = []
    await gates[0].reached.wait()
    while PIECES[4] not in reply_of(parts):
        parts.append(await anext(listener))
    gates[0].opened.set()
    await gates[1].reached.wait()
    handle._feed._flush()
    gates[1].opened.set()
    await bench.until(handle, "completed")
    parts += [part async for part in listener]
    assert reply_of(parts) == "".join(PIECES)


async def test_a_later_leg_heard_from_the_start(bench: Bench):
    gate = Gate()
    bench.engine.replies = [calls(("call_1", "weather", "{}")), [TextDelta("So"), gate, *text(" it is.")]]
    handle = await bench.begin(assistant_tools=[FUNCTION])
    await read_all(handle.events())
    thread_id, run_id = handle.run["thread_id"], handle.run["id"]
    second = await bench.runs.submit(thread_id, run_id, [{"tool_call_id": "call_1", "output": "x"}])
    await gate.reached.wait()
    followed = asyncio.ensure_future(read_all(await bench.runs.follow(thread_id, run_id), whole=True))
    gate.opened.set()
    names = [event.name for event in await followed]
    assert names.count("done") == 1
    assert names.count("thread.run.queued") == 2
    assert short(await read_all(second.events()))[0] == "run.step.completed"
    assert short(await read_all(handle.events()))[-2:] == ["run.requires_action", "done"]


async def test_another_service_follows_what_is_stored(bench: Bench, monkeypatch, tmp_path):
    monkeypatch.setattr(listening, "AT_ONCE", 2)
    gate = Gate()
    bench.engine.replies = [[*text(*PIECES[:10])[:-1], gate, *text(*PIECES[10:])]]
    other = Bench(tmp_path)
    await other.start()
    handle = await bench.begin()
    await gate.reached.wait()
    follower = await other.runs.follow(handle.run["thread_id"], handle.run["id"])
    parts = []
    while PIECES[9] not in reply_of(parts):
        parts.append(await anext(follower))
    gate.opened.set()
    parts += [part async for part in follower]
    assert reply_of(parts) == "".join(PIECES)
    assert short(parse(b"".join(parts)))[-2:] == ["run.completed", "done"]
    await other.stop()


async def test_of_an_old_run_only_its_state_is_told(bench: Bench):
    handle = await bench.begin()
    await read_all(handle.events())
    await bench.db.write(lambda conn: store.forget_events(conn, int(bench.now) + 1))
    follower = await bench.runs.follow(handle.run["thread_id"], handle.run["id"])
    events = parse(b"".join([part async for part in follower]))
    assert [event.name for event in events] == ["thread.run.completed", "done"]
    assert events[0].data == await bench.run(handle)


async def test_events_of_active_runs_are_not_forgotten(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[TextDelta("Half"), gate, *text(" more")]]
    handle = await bench.begin()
    await gate.reached.wait()
    await bench.db.write(lambda conn: store.forget_events(conn, int(bench.now) + 1))
    gate.opened.set()
    await read_all(handle.events())
    assert len(await read_all(await bench.runs.follow(handle.run["thread_id"], handle.run["id"]), whole=True)) > 10
