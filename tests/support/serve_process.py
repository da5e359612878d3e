"""`serve` in a process of its own, to be killed, starved or doubled by tests.

`python -m tests.support.serve_process HOME RATE BASE_URL`: RATE tokens a second of the demo (0: no pauses); BASE_URL of
a Chat Completions endpoint named `far`, or `-`. Prints its address.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from playground_tui.settings.model import Provider, Settings
from tests.support.carried import service_config
from tests.support.serving import KEY, Answer, Wire, request

ROOT = Path(__file__).parents[2]


class ServeProcess:
    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process = process
        self.url = url
        self.wires: list[Wire] = []

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2].removesuffix("/v1"))

    async def connect(self, **options: Any) -> Wire:
        wire = Wire(*await asyncio.open_connection("127.0.0.1", self.port, **options))
        self.wires.append(wire)
        return wire

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        wire = await self.connect()
        wire.send(request(method, f"/v1{path}", body, connection="close"))
        return await wire.answer()

    async def json(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.ask(method, path, body)
        assert answer.status == 200, (path, answer.content)
        return answer.json

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ended(self) -> tuple[int, str]:
        """(exit status, what it said on standard error)."""
        async with asyncio.timeout(90):
            _, errors = await self.process.communicate()
        return int(self.process.returncode or 0), errors.decode()


@asynccontextmanager
async def serve_process(
    home: Path, *, rate: float = 0, far: str = "-", limits: str = ""
) -> AsyncIterator[ServeProcess]:
    """`limits`: of the shell's `ulimit`, such as `-f 100`."""
    command = [sys.executable, "-m", "tests.support.serve_process", str(home), str(rate), far]
    if limits:
        command = ["sh", "-c", f'ulimit {limits}; exec "$@"', "sh", *command]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            **({"PYTHONDONTWRITEBYTECODE": "1"} if limits else {}),  # halves of modules, see `__main__`
        },
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = (await process.stdout.readline()).decode().strip()
        assert line, (await process.communicate())[1].decode()
        served = ServeProcess(process, line)
        yield served
        for wire in served.wires:
            wire.close()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def main(home: str, rate: str, far: str) -> None:
    from playground_tui.service.http import serve

    demo = Provider("demo", "demo", default_model="demo", extra_body={"tokens_per_second": float(rate)})
    others = () if far == "-" else (Provider("far", "chat", base_url=far, default_model="m"),)
    settings = Settings(providers=(demo, *others), default_provider="demo")
    serve(service_config(Path(home), settings, api_key=KEY), on_ready=lambda url: print(url, flush=True))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
