"""A second service process for `test_processes`: runs on threads it is told on standard input, one word at a time.

`run THREAD ASSISTANT`: makes a run there and listens to it. `cancel THREAD RUN`. Each answers one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from playground_tui.service.engines.base import TextDelta
from tests.service_runs.bench import Bench
from tests.service_runs.reading import Event, parse
from tests.support.engines import ScriptedEngine, text

PIECES = [f"<{n}>" for n in range(40)]


class SteadyEngine(ScriptedEngine):
    """Every reply is the same forty pieces, slowly enough for replies to overlap and to be cancelled."""

    async def stream(self, request: Any) -> Any:
        self.requests.append(request)
        for piece in PIECES:
            yield TextDelta(piece)
            await asyncio.sleep(0.04)
        for event in text():
            yield event


def summary(events: list[Event]) -> dict[str, Any]:
    deltas = [event.data["delta"]["content"][0] for event in events if event.name == "thread.message.delta"]
    last = events[-2]
    return {
        "run": events[0].data["id"],
        "status": last.data["status"],
        "text": "".join(delta["text"]["value"] for delta in deltas),
    }


async def stream(bench: Bench, thread_id: str, assistant_id: str, tell: Any) -> None:
    handle = await bench.runs.create(thread_id, {"assistant_id": assistant_id}, stream=True)
    tell({"began": handle.run["id"], "thread": thread_id})
    tell({"ended": thread_id, **summary(parse(b"".join([part async for part in handle.events()])))})


def tell(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


async def main(home: Path) -> None:
    bench = Bench(home, SteadyEngine())
    await bench.start()
    tell({"ready": True})
    tasks: set[asyncio.Task[None]] = set()
    while line := (await asyncio.to_thread(sys.stdin.readline)).split():
        if line[0] == "run":
            tasks.add(asyncio.create_task(stream(bench, line[1], line[2], tell)))
        else:
            run = await bench.runs.cancel(line[1], line[2])
            tell({"cancelled": run["id"], "status": run["status"]})
    await asyncio.gather(*tasks)
    await bench.stop(5)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
