"""What the service costs between a model endpoint and a client. `python -m bench.service [--json] [--quick]`.

Baseline of the same run: the same events, as ready frames, through an ASGI application that does nothing else. The
service's own share is the difference, storing included. Medians; compare ratios and shares, not times.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from playground_tui.service.answers import EventAnswer
from playground_tui.service.app import create_app
from playground_tui.service.config import ServiceConfig
from playground_tui.service.engines.base import Capabilities, EngineEvent, EngineRequest, Finish, TextDelta, Usage
from playground_tui.service.runs.frames import DONE, DeltaFrames
from playground_tui.service.service import Service
from playground_tui.service.shapes import new_assistant, new_message, new_thread
from playground_tui.service.store import ASSISTANTS, MESSAGES, THREADS, Connection, objects
from playground_tui.settings.model import Provider, Settings
from playground_tui.settings.paths import Paths

PIECE = " word"


class Endpoint:
    """Gives `count` deltas, each in a turn of the loop of its own, as from a network; `pause` seconds apart."""

    kind = "bench"
    capabilities = Capabilities()

    def __init__(self) -> None:
        self.count = 1000
        self.pause = 0.0
        self.first_at: dict[str, float] = {}
        self.sent_tokens = 0

    def get(self, provider: Provider) -> Endpoint:
        return self

    async def stream(self, request: EngineRequest) -> AsyncIterator[EngineEvent]:
        self.first_at[request.instructions] = time.perf_counter()
        for _ in range(self.count):
            yield TextDelta(PIECE)
            await asyncio.sleep(self.pause)
        yield Usage(10, self.count)
        yield Finish("stop")

    async def models(self) -> list[Any]:
        return []

    async def aclose(self) -> None: ...


class Answer:
    def __init__(self) -> None:
        self.first_delta = 0.0
        self.events = 0
        self.body = b""

    def take(self, part: bytes) -> None:
        if not self.first_delta and b"message.delta" in part:
            self.first_delta = time.perf_counter()
        self.events += part.count(b"\nevent: ") + part.startswith(b"event: ")


async def call(app: ASGIApp, method: str, path: str, body: Any = None, *, keep: bool = False) -> Answer:
    """One request straight into the application, as a transport hands it over."""
    answer, sent, never = Answer(), False, asyncio.Event()

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await never.wait()
        sent = True
        return {"type": "http.request", "body": b"" if body is None else json.dumps(body).encode(), "more_body": False}

    async def send(message: Any) -> None:
        if part := message.get("body"):
            answer.take(part)
            if keep:
                answer.body += part

    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": f"/v1{path}",
        "raw_path": f"/v1{path}".encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", b"bench"), (b"content-type", b"application/json")],
        "server": ("bench", 80),
        "client": ("bench", 1),
    }
    await app(scope, receive, send)
    return answer


class Bench:
    def __init__(self, home: Path) -> None:
        self.endpoint = Endpoint()
        settings = Settings(providers=(Provider("here", "chat"),), default_provider="here")
        config = ServiceConfig(Paths(home, home), lambda: settings, lambda provider: None)
        self.service = Service(config, engines=self.endpoint)

    async def start(self) -> None:
        await self.service.start()
        self.app = create_app(self.service)

    async def thread(self, messages: int = 1, name: str = "x") -> tuple[str, str]:
        """(thread, assistant): the assistant's instructions tell the endpoint's requests apart."""
        now = self.service.now()
        thread, assistant = new_thread({}, now), new_assistant({"model": "m", "instructions": name}, now)
        made = [
            new_message(thread["id"], {"role": "user", "content": f"Message {n} " + PIECE * 20}, now)
            for n in range(messages)
        ]

        def add(conn: Connection) -> None:
            objects.insert(conn, THREADS, thread)
            objects.insert(conn, ASSISTANTS, assistant)
            for message in made:
                objects.insert(conn, MESSAGES, message)

        await self.service.db.write(add)
        return thread["id"], assistant["id"]

    async def run(self, thread_id: str, assistant_id: str, **body: Any) -> Answer:
        body = {"assistant_id": assistant_id, "stream": True, **body}
        return await call(self.app, "POST", f"/threads/{thread_id}/runs", body)


def ready_frames(endpoint: Endpoint) -> ASGIApp:
    """The baseline: frames that need no work."""
    frames = DeltaFrames("thread.message.delta", {"id": "msg_" + "x" * 24, "delta": {"content": [{"value": "\0"}]}})
    frame = frames.of(PIECE)

    async def produce() -> AsyncIterator[bytes]:
        async for event in endpoint.stream(EngineRequest("m", "baseline", ())):
            if isinstance(event, TextDelta):
                yield frame
        yield DONE

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await EventAnswer(produce())(scope, receive, send)

    return app


async def cpu_of(doing: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
    """(CPU seconds of all threads, wall seconds)."""
    cpu, wall = time.process_time(), time.perf_counter()
    await doing()
    return time.process_time() - cpu, time.perf_counter() - wall


async def share_per_event(bench: Bench, rounds: int, events: int, pause: float) -> dict[str, float]:
    """A whole run's cost, its beginning and end included, on its events."""
    bench.endpoint.count, bench.endpoint.pause = events, pause
    plain = ready_frames(bench.endpoint)
    base, whole = [], []
    for _ in range(rounds):
        base.append((await cpu_of(lambda: call(plain, "POST", "/x")))[0])
        thread_id, assistant_id = await bench.thread()
        whole.append((await cpu_of(lambda: bench.run(thread_id, assistant_id)))[0])  # noqa: B023
    baseline, total = (statistics.median(times) / events * 1e6 for times in (base, whole))
    return {"events": events, "baseline_us": baseline, "with_service_us": total, "share_us": total - baseline}


async def first_event(bench: Bench, clients: int, rounds: int) -> dict[str, float]:
    bench.endpoint.count, bench.endpoint.pause = 20, 0.01
    waits = []
    for number in range(rounds):
        where = [(await bench.thread(name=f"first {number} {n}"), f"first {number} {n}") for n in range(clients)]
        answers = await asyncio.gather(*(bench.run(*ids) for ids, _ in where))
        waits += [
            (answer.first_delta - bench.endpoint.first_at[name]) * 1000
            for answer, (_, name) in zip(answers, where, strict=True)
        ]
    return {"clients": clients, "median_ms": statistics.median(waits), "longest_ms": max(waits)}


async def many_at_once(bench: Bench, events: int, rounds: int) -> dict[str, float]:
    bench.endpoint.count, bench.endpoint.pause = events, 0
    rates: dict[int, list[float]] = {1: [], 50: []}
    for _ in range(rounds):
        for clients in rates:
            where = [await bench.thread() for _ in range(clients)]
            _, wall = await cpu_of(lambda: asyncio.gather(*(bench.run(*ids) for ids in where)))  # noqa: B023
            rates[clients].append(clients * events / wall)
    one, fifty = (statistics.median(rates[clients]) for clients in (1, 50))
    return {"one_events_per_s": one, "fifty_events_per_s": fifty, "ratio": fifty / one}


async def cost_by_age(bench: Bench, old: int, rounds: int) -> dict[str, Any]:
    """The same amount sent to the engine, from a young thread and from an old one."""
    bench.endpoint.count, bench.endpoint.pause = 20, 0
    threads = [await bench.thread(age) for age in (60, old)]
    found: dict[str, Any] = {"young": 60, "old": old}
    for name, body in (
        ("last_messages", {"truncation_strategy": {"type": "last_messages", "last_messages": 10}}),
        ("auto", {"max_prompt_tokens": 1000}),
    ):
        costs: list[list[float]] = [[], []]
        for _ in range(rounds * 3):
            for ids, times in zip(threads, costs, strict=True):
                times.append((await cpu_of(lambda: bench.run(*ids, **body)))[0])  # noqa: B023
        young_s, old_s = map(statistics.median, costs)
        found[name] = {"young_ms": young_s * 1000, "old_ms": old_s * 1000, "ratio": old_s / young_s}
    return found


async def listing(bench: Bench, many: int, rounds: int) -> dict[str, float]:
    paths = [f"/threads/{(await bench.thread(count))[0]}/messages?limit=100" for count in (100, many)]
    walls: list[list[float]] = [[], []]
    for _ in range(rounds * 20):
        for path, times in zip(paths, walls, strict=True):
            times.append((await cpu_of(lambda: call(bench.app, "GET", path)))[1])  # noqa: B023
    few_ms, many_ms = (statistics.median(times) * 1000 for times in walls)
    return {"of_100_ms": few_ms, f"of_{many}_ms": many_ms, "ratio": many_ms / few_ms}


async def through_the_client(bench: Bench, events: int, rounds: int) -> dict[str, float]:
    """Both sides: the openai client across two threads, its own typing included."""
    import httpx2
    import openai

    from playground_tui.service.carried import BASE_URL, Carried

    endpoint = Endpoint()
    endpoint.count = events
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(providers=(Provider("here", "chat"),), default_provider="here")
        config = ServiceConfig(Paths(Path(home), Path(home)), lambda: settings, lambda provider: None)
        carried = Carried(lambda: Service(config, engines=endpoint))
        carried.start()
        await carried.ready()
        http = httpx2.AsyncClient(transport=carried.transport())
        costs = []
        async with openai.AsyncOpenAI(api_key="none", base_url=BASE_URL, http_client=http) as client:
            assistant = await client.beta.assistants.create(model="m")
            for _ in range(rounds + 1):
                thread = await client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])

                async def listen(thread_id: str = thread.id) -> None:
                    stream = await client.beta.threads.runs.create(thread_id, assistant_id=assistant.id, stream=True)
                    async for _ in stream:
                        pass

                costs.append((await cpu_of(listen))[0] / events * 1e6)
        await asyncio.to_thread(carried.stop, 2)
    return {"us_per_event": statistics.median(costs[1:])}


async def measure(*, quick: bool) -> dict[str, Any]:
    rounds = 3 if quick else 5
    with tempfile.TemporaryDirectory() as home:
        bench = Bench(Path(home))
        await bench.start()
        try:
            await bench.run(*await bench.thread())
            return {
                "load": os.getloadavg()[0],
                "burst": await share_per_event(bench, rounds, 1000, 0.0),
                "long": await share_per_event(bench, rounds, 10_000, 0.0),
                "at_100_a_second": await share_per_event(bench, 3, 500, 0.01),
                "one_event": await share_per_event(bench, rounds, 1, 0.0),
                "first_event": await first_event(bench, 1, rounds * 3),
                "first_event_of_50": await first_event(bench, 50, rounds),
                "at_once": await many_at_once(bench, 200, rounds),
                "age": await cost_by_age(bench, 5000, rounds),
                "listing": await listing(bench, 10_000, rounds),
                "client": await through_the_client(bench, 1000, rounds),
            }
        finally:
            await bench.service.close(1)


def show(found: dict[str, Any]) -> None:
    print(f"load {found['load']:.1f}")
    for name in ("burst", "long", "at_100_a_second", "one_event"):
        row = found[name]
        print(
            f"{name:<16} {row['share_us']:6.1f} µs CPU per event are the service's "
            f"({row['with_service_us']:.1f} − {row['baseline_us']:.1f} of the same frames without it)"
        )
    for name in ("first_event", "first_event_of_50"):
        row = found[name]
        print(f"{name:<16} {row['median_ms']:6.1f} ms after the engine's first, longest {row['longest_ms']:.1f}")
    print(f"50 runs at once  {found['at_once']['ratio']:6.2f} × one run's events per second")
    for name in ("last_messages", "auto"):
        row = found["age"][name]
        print(f"old thread       {row['ratio']:6.2f} × a young one's run ({name}: {row['old_ms']:.1f} ms)")
    row = found["listing"]
    print(f"listing          {row['ratio']:6.2f} × listing 100 of 100 ({row['of_100_ms']:.1f} ms)")
    print(f"openai client    {found['client']['us_per_event']:6.1f} µs CPU per event, both sides")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    asked = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        found = asyncio.run(measure(quick=asked.quick))
        print(json.dumps(found)) if asked.json else show(found)


if __name__ == "__main__":
    main()
