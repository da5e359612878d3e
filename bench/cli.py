"""The command line: help and version, a list of 1,000 assistants, and the first token of `ask`.

Beside them, in turn in the same run: `python -c "import click"`, and a script of `openai` alone that asks the
scripted endpoint itself. `--json` for machines, `--runs N` for the number of rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from bench.report import report
from bench.start import ROOT, environ_of
from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.paths import find_paths
from playground_tui.workspace.headless import Headless
from tests.support.endpoint import ScriptedEndpoint

CLI = [sys.executable, "-m", "playground_tui"]
ASSISTANTS = 1_000
INSTRUCTIONS = "Answer first, then explain as briefly as the question allows. " * 30
PLAIN = """
import sys
from openai import OpenAI
client = OpenAI(base_url=sys.argv[1], api_key="none")
messages = [{"role": "user", "content": "Hi"}]
for chunk in client.chat.completions.create(model="scripted-model", messages=messages, stream=True):
    if chunk.choices and chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content, end="", flush=True)
"""
TARGETS = {"help": 2.0, "version": 2.0}
"""From `performance.md`, times `import click`."""


async def fill(home: Path, base_url: str) -> None:
    paths = find_paths(home)
    paths.make()
    paths.settings_file.write_text(
        "default_provider: scripted\nproviders:\n  scripted:\n    kind: chat\n"
        f"    base_url: {base_url}\n    default_model: scripted-model\n"
    )
    headless = Headless(paths, SettingsStore(paths), KeyRing())
    places = asyncio.Semaphore(20)

    async def make(number: int) -> None:
        async with places:
            fields = {"name": f"Bot {number}", "model": "scripted/scripted-model", "instructions": INSTRUCTIONS}
            await headless.calls.create(fields)

    await asyncio.gather(*(make(number) for number in range(ASSISTANTS)))
    await headless.list_assistants(ask=True)
    await headless.close()


def whole(command: list[str], environ: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def first_byte(command: list[str], environ: dict[str, str]) -> tuple[float, float]:
    """(seconds to the first byte of the reply, to the end)."""
    began = time.perf_counter()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.read(1)
        first = time.perf_counter() - began
        process.stdout.read()
    return first, time.perf_counter() - began


def measure(runs: int) -> dict[str, object]:
    times: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, ScriptedEndpoint() as endpoint:
        home = Path(folder)
        asyncio.run(fill(home, endpoint.base_url))
        environ = environ_of(home)
        whole([*CLI, "assistants", "list"], environ)
        for _ in range(runs):
            times["import click"].append(whole([sys.executable, "-c", "import click"], environ))
            times["version"].append(whole([*CLI, "--version"], environ))
            times["help"].append(whole([*CLI, "--help"], environ))
            times["list, known to be complete"].append(whole([*CLI, "assistants", "list"], environ))
            plain, _end = first_byte([sys.executable, "-c", PLAIN, endpoint.base_url], environ)
            times["openai alone, first token"].append(plain)
            first, end = first_byte([*CLI, "ask", "Bot 7", "Hi"], environ)
            times["ask, first token"].append(first)
            times["ask, end"].append(end)
            times["list, asked"].append(whole([*CLI, "assistants", "list"], environ))
    medians = {name: statistics.median(values) for name, values in times.items()}
    click, plain = medians["import click"], medians["openai alone, first token"]
    return {
        "seconds": medians,
        "times import click": {
            name: medians[name] / click for name in ("version", "help", "list, known to be complete")
        },
        "times openai alone": {"ask, first token": medians["ask, first token"] / plain},
        "targets, times import click": TARGETS,
        "assistants": ASSISTANTS,
        "load": os.getloadavg(),
        "runs": runs,
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--runs", type=int, default=7)
    chosen = options.parse_args()
    found = measure(chosen.runs)
    report(found, as_json=chosen.json)


if __name__ == "__main__":
    main()
