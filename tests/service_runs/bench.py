"""What the tests of runs work with: one service process without HTTP, and what it stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from playground_tui.service.config import ServiceConfig
from playground_tui.service.runs.listening import RunHandle
from playground_tui.service.runs.manager import RunManager
from playground_tui.service.runs.objects import Object
from playground_tui.service.runs.tools import ServiceTool
from playground_tui.service.shapes import new_assistant, new_message, new_thread
from playground_tui.service.store import ASSISTANTS, MESSAGES, RUNS, STEPS, THREADS, Connection, Database, objects
from playground_tui.service.store.objects import PageQuery
from playground_tui.settings.paths import Paths
from tests.support.engines import ScriptedEngine, scripted_settings

FUNCTION = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
SECOND = {"type": "function", "function": {"name": "clock", "parameters": {"type": "object"}}}


class Bench:
    def __init__(self, home: Path, engine: ScriptedEngine | None = None, **options: Any) -> None:
        self.engine = engine or ScriptedEngine()
        self.now = 1_800_000_000.0
        self.sleeps: list[float] = []
        self.paths = Paths(home, home)
        self.settings = scripted_settings()
        self.config = ServiceConfig(
            self.paths, lambda: self.settings, lambda provider: None, 600.0, clock=lambda: self.now
        )
        self._options: dict[str, Any] = options

    async def start(self, *, tools: Mapping[str, ServiceTool] | None = None) -> None:
        self.paths.make()
        self.db = Database(self.paths.service_db)
        await self.db.open()
        self.runs = RunManager(self.db, self.config, self.engine, tools=tools, sleep=self._sleep, **self._options)
        await self.runs.recover()

    async def stop(self, grace: float = 0) -> None:
        await self.runs.close(grace)
        await self.db.close()

    async def die(self) -> None:
        """As if the process were killed: nothing is tidied up, its lock goes."""
        for task in [t for t in asyncio.all_tasks() if t in self.runs._legs | self.runs._tasks]:
            task.cancel()
        for task in (self.runs._sweeping, self.runs._watching):
            if task is not None:
                task.cancel()
        await asyncio.sleep(0)
        self.runs._ownership.release()
        await self.db.close()

    async def _sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        await asyncio.sleep(0)

    # -- things --------------------------------------------------------------------------------------------------------

    async def assistant(self, **fields: Any) -> Object:
        assistant = new_assistant({"model": "m", "instructions": "Be brief.", **fields}, int(self.now))
        await self.db.write(lambda conn: objects.insert(conn, ASSISTANTS, assistant))
        return assistant

    async def thread(self, *messages: str | Object, **fields: Any) -> str:
        """A thread with user messages."""
        thread = new_thread(fields, int(self.now))
        await self.db.write(lambda conn: objects.insert(conn, THREADS, thread))
        for message in messages:
            await self.say(thread["id"], message)
        return str(thread["id"])

    async def say(self, thread_id: str, message: str | Object, role: str = "user") -> None:
        body = {"role": role, "content": message} if isinstance(message, str) else message
        await self.say_all(thread_id, [body])

    async def say_all(self, thread_id: str, bodies: Sequence[Object]) -> None:
        made = [new_message(thread_id, body, int(self.now)) for body in bodies]

        def add(conn: Connection) -> None:
            for message in made:
                objects.insert(conn, MESSAGES, message)

        await self.db.write(add)

    async def begin(self, *messages: str, assistant: Object | None = None, **body: Any) -> RunHandle:
        """A run on a new thread."""
        thread_id = await self.thread(*(messages or ("Hi",)))
        return await self.run_on(thread_id, assistant, **body)

    async def run_on(self, thread_id: str, assistant: Object | None = None, **body: Any) -> RunHandle:
        assistant = assistant or await self.assistant(tools=body.pop("assistant_tools", []))
        return await self.runs.create(thread_id, {"assistant_id": assistant["id"], **body}, stream=True)

    # -- what is stored ------------------------------------------------------------------------------------------------

    async def run(self, handle: RunHandle | str) -> Object:
        run_id = handle if isinstance(handle, str) else handle.run["id"]
        return await self.db.read(lambda conn: objects.require(conn, RUNS, run_id))

    async def messages(self, thread_id: str) -> list[Object]:
        page = PageQuery(limit=100, order="asc")
        return (await self.db.read(lambda conn: objects.page(conn, MESSAGES, page, thread_id=thread_id))).objects()

    async def runs_of(self, thread_id: str) -> list[Object]:
        page = PageQuery(limit=100, order="asc")
        return (await self.db.read(lambda conn: objects.page(conn, RUNS, page, thread_id=thread_id))).objects()

    async def steps(self, handle: RunHandle) -> list[Object]:
        page, run_id = PageQuery(limit=100, order="asc"), handle.run["id"]
        return (await self.db.read(lambda conn: objects.page(conn, STEPS, page, run_id=run_id))).objects()

    async def until(self, handle: RunHandle | str, *statuses: str) -> Object:
        return await eventually(lambda: self.run(handle), lambda run: run["status"] in statuses)


async def eventually(look: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
    """Look until it is so; the test's own time-out is the limit."""
    async with asyncio.timeout(30):
        while not good(found := await look()):
            await asyncio.sleep(0.005)
    return found


def said(message: Object) -> str:
    return "".join(part["text"]["value"] for part in message["content"] if part["type"] == "text")
