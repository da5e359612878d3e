"""Start: from exec to the first recognisable frame, to a form that takes keys, to a message that is queued.

Everything runs in a real pseudo-terminal of 120×40, in turn with a bare Textual app; what counts are the ratios within
one run. `--json` for machines, `--runs N` for the number of rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.report import report
from bench.watched import Cost, Watched
from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.paths import find_paths
from playground_tui.workspace.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("bare is here")
Bare().run()
"""
SAME_MODULES = """
import threading
from textual.app import App
from textual.widgets import Static
def load():
    import openai, openai.resources.models, openai.resources.beta.assistants, openai.resources.beta.threads.runs
    import starlette.applications, starlette.routing, markdown_it, pygments.lexers, tree_sitter_markdown, ruamel.yaml
    import textual.widgets.text_area, textual.widgets.input, sqlite3, tinydb, click
    app.call_from_thread(app.query_one(Static).update, "all is loaded")
class Bare(App):
    def compose(self):
        yield Static("bare is here")
    def on_mount(self):
        self.call_after_refresh(threading.Thread(target=load).start)
app = Bare()
app.run()
"""
FIRST_REQUEST = SAME_MODULES.replace(
    'app.call_from_thread(app.query_one(Static).update, "all is loaded")',
    """import sys
    ask = [{"role": "user", "content": "Hi"}]
    try:
        openai.OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0).chat.completions.create(
            model=sys.argv[2], messages=ask
        )
    except openai.OpenAIError:
        pass""",
)
"""The same bare app, which then sends one request with the client it loaded."""
APP = [sys.executable, "-m", "playground_tui"]
MODEL, ASKING = "scripted", "asking"
"""A model at the scripted endpoint, and the home with an assistant that uses it."""
NAME, INSTRUCTIONS = "Quokka bot", "Answer as a quokka would."
CPU = ", main thread CPU"
TARGETS = {"frame": 1.3, "form": 2.0, "queued": 2.0}
"""From `performance.md`, times the bare app's first frame."""
LONGEST_KEY, MORE_MB, FIRST_REQUEST_LATER = 0.06, 25, 1.15
"""Also from there: seconds; MB over a bare app with the same foreign modules; times when its first request leaves."""
FIRST_KEY, FIRST_MARK = 0x1401, 0x1500
"""Letters that no word on the screen has, and each is typed once."""
LOADING, BETWEEN_KEYS = 2.5, 0.03
"""Seconds that keys are typed while the rest loads, and between one's echo and the next."""


def environ_of(home: Path) -> dict[str, str]:
    """With compiled modules, as an installed program has them, whatever this shell says about them."""
    foreign = ("OPENAI_", "TMUX", "SSH_", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    environ = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    compiled = {"PYTHONPYCACHEPREFIX": str(home / "compiled")}
    return environ | compiled | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PLAYGROUND_TUI_HOME": str(home)}


async def write_assistant(home: Path, model: str = "") -> None:
    paths = find_paths(home)
    paths.make()
    workspace = Workspace(paths, SettingsStore(paths), KeyRing())
    workspace.editor.edit("name", NAME)
    workspace.editor.edit("instructions", INSTRUCTIONS)
    if model:
        workspace.editor.edit("model", model)
    workspace.flush_now()
    await workspace.close()


def fill(home: Path, model: str = "", *options: str) -> None:
    """An assistant as a person leaves it, and the app left in good order once."""
    asyncio.run(write_assistant(home, model))
    watched = Watched([*APP, *options], environ_of(home), folder=str(ROOT))
    watched.until(NAME, INSTRUCTIONS)
    time.sleep(1.5)
    watched.end()


def seen(watched: Watched, name: str, *texts: str) -> dict[str, float]:
    """When it showed the texts, and what that had cost its main thread: the latter hardly depends on what else runs."""
    return {name: watched.until(*texts), name + CPU: watched.main_cpu()}


def press(watched: Watched, mark: str, *, before: str = "", after: str = "") -> None:
    """Type what was not on the screen yet: else its echo would be taken for seen at once."""
    if mark in watched.shown():
        raise AssertionError(f"{mark} was there before it was typed")
    watched.write(before + mark + after)


def bare(_home: Path, _mark: str) -> tuple[dict[str, float], Cost]:
    watched = Watched([sys.executable, "-c", BARE], environ_of(_home), folder=str(ROOT))
    return seen(watched, "bare", "bare is here"), watched.end()


def without_picture(home: Path, mark: str) -> tuple[dict[str, float], Cost]:
    """Textual's own first frame, as after a crash or in a terminal of another size."""
    (home / "screen.picture").unlink(missing_ok=True)
    watched = Watched(APP, environ_of(home), folder=str(ROOT))
    return seen(watched, "frame without picture", NAME, INSTRUCTIONS), watched.end()


def form(home: Path, mark: str) -> tuple[dict[str, float], Cost]:
    """The first frame, then a key typed into the instructions at once."""
    watched = Watched(APP, environ_of(home), folder=str(ROOT))
    times = {"frame": watched.until(NAME, INSTRUCTIONS)}
    press(watched, mark, before="\x1b[17~")
    times |= seen(watched, "form", mark)
    watched.write("\x7f\x13")
    time.sleep(0.5)
    return times, watched.end()


def keys(home: Path, mark: str) -> tuple[dict[str, float], Cost]:
    """One key after the other into the message while all that is heavy loads: the longest until one is shown."""
    watched = Watched(APP, environ_of(home), folder=str(ROOT))
    watched.until(NAME, INSTRUCTIONS)
    press(watched, mark)
    end = watched.until(mark) + LOADING
    delays, key = [0.0], FIRST_KEY
    while time.monotonic() - watched.started < end:
        time.sleep(BETWEEN_KEYS)
        pressed = time.monotonic() - watched.started
        press(watched, chr(key))
        delays.append(watched.until(chr(key)) - pressed)
        key += 1
    watched.write("\x7f" * len(delays))
    time.sleep(1)
    return {"longest key": max(delays)}, watched.end()


def same_modules(home: Path, _mark: str) -> tuple[dict[str, float], Cost]:
    watched = Watched([sys.executable, "-c", SAME_MODULES], environ_of(home), folder=str(ROOT))
    return {"same modules, loaded": watched.until("all is loaded")}, watched.end()


def queued(home: Path, mark: str) -> tuple[dict[str, float], Cost]:
    """A message typed and sent at once; it counts when it stands among the messages."""
    watched = Watched(APP, environ_of(home), folder=str(ROOT))
    watched.until(NAME, INSTRUCTIONS)
    press(watched, mark * 2, after="\r")
    times = seen(watched, "queued", "You", f"{mark}{mark}")
    time.sleep(1.5)
    return times, watched.end()


class Asked(BaseHTTPRequestHandler):
    """An endpoint that only notes when it is asked. It refuses, which ends what asks."""

    def do_GET(self) -> None:
        self._answer(200, {"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    def do_POST(self) -> None:
        self.server.asked.append(time.monotonic())  # type: ignore[attr-defined]
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(400, {"error": {"message": "not here", "type": "invalid_request_error"}})

    def _answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        with suppress(ConnectionError):  # what asked is ended as soon as it has asked
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def endpoint() -> Iterator[tuple[str, list[float]]]:
    """Its address, and when it was asked for a reply (monotonic seconds)."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    asked: list[float] = []
    server.asked = asked  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", asked
    finally:
        server.shutdown()
        server.server_close()


def until_asked(watched: Watched, asked: list[float]) -> float:
    end = time.monotonic() + 20
    while not asked:
        if time.monotonic() > end:
            raise TimeoutError(f"no request came; the end of what is shown: {watched.shown()[-500:]!r}")
        watched.read_for(0.005)
    return asked[0] - watched.started


def bare_request(home: Path, _mark: str) -> tuple[dict[str, float], Cost]:
    with endpoint() as (address, asked):
        watched = Watched([sys.executable, "-c", FIRST_REQUEST, address, MODEL], environ_of(home), folder=str(ROOT))
        return {"same modules, first request": until_asked(watched, asked)}, watched.end()


def request(home: Path, mark: str) -> tuple[dict[str, float], Cost]:
    """A message sent on the first frame, through the carried service to the endpoint. In a copy of the home: the
    assistant and the thread that it makes would stay."""
    with endpoint() as (address, asked), tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "home"
        shutil.copytree(home / ASKING, copied, ignore=shutil.ignore_patterns("compiled"))
        environ = environ_of(home) | {"PLAYGROUND_TUI_HOME": str(copied)}
        watched = Watched([*APP, "--base-url", address, "--model", MODEL], environ, folder=str(ROOT))
        watched.until(NAME, INSTRUCTIONS)
        press(watched, mark, after="\r")
        return {"first request": until_asked(watched, asked)}, watched.end()


def measure(runs: int) -> dict[str, object]:
    times: dict[str, list[float]] = defaultdict(list)
    peaks: dict[str, list[float]] = defaultdict(list)
    ways = (bare, without_picture, same_modules, bare, form, keys, bare, queued, bare_request, request)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill(home)
        with endpoint() as (address, _asked):
            fill(home / ASKING, MODEL, "--base-url", address, "--model", MODEL)
        for turn in range(runs):
            for place, way in enumerate(ways):
                found, cost = way(home, chr(FIRST_MARK + turn * len(ways) + place))
                for name, seconds in found.items():
                    times[name].append(seconds)
                peaks[way.__name__].append(cost.peak_mb)
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        "seconds": medians,
        "times bare": {
            name: value / medians["bare" + CPU if name.endswith(CPU) else "bare"] for name, value in medians.items()
        },
        "targets, times bare": TARGETS,
        "longest key, seconds": {"found": medians["longest key"], "target": LONGEST_KEY},
        "first request, times a bare app's with the same modules": {
            "found": medians["first request"] / medians["same modules, first request"],
            "target": FIRST_REQUEST_LATER,
        },
        "MB over the same modules": {
            "found": statistics.median(peaks["form"]) - statistics.median(peaks["same_modules"]),
            "target": MORE_MB,
        },
        "peak MB": {name: statistics.median(values) for name, values in peaks.items()},
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
