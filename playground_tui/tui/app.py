"""Opening the app. Contract: importing this costs nothing; `run` first puts up the last picture, then loads Textual."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import TYPE_CHECKING

from playground_tui.tui.last_picture import LastPicture

TURN = 0.0005
"""Seconds that a thread which loads or serves may keep the screen's loop waiting; Python's own 5 ms add up over the
several rounds that one key takes."""

LOST = "The disk could not be written at the end: what was typed last may be lost.\n"

if TYPE_CHECKING:
    from playground_tui.settings.file import SettingsStore
    from playground_tui.settings.keys import KeyRing
    from playground_tui.settings.paths import Paths
    from playground_tui.workspace.workspace import Workspace


def run(
    paths: Paths,
    settings: SettingsStore,
    keys: KeyRing,
    *,
    server: str | None = None,
    assistant: str | None = None,
    thread: str | None = None,
    base_url: str | None = None,
    model: str | None = None,
) -> int:
    """Open the app and stay until it is left. Returns the process's exit code. `base_url` and `model` have done their
    work in the settings' overlay. Raises what opening the workspace's store raises."""
    # Loading allocates a few hundred thousand objects that stay: collections in between were 80 ms of a 300 ms start.
    gc.disable()
    sys.setswitchinterval(TURN)
    picture = LastPicture(paths)
    if not (server or assistant or thread or base_url or model):
        picture.put_up()
    try:
        from playground_tui.workspace.workspace import Workspace

        workspace = Workspace(paths, settings, keys, server=server)
        return asyncio.run(_run(workspace, paths, settings, picture, assistant or "", thread or ""))
    finally:
        picture.take_down()


async def _run(
    workspace: Workspace, paths: Paths, settings: SettingsStore, picture: LastPicture, assistant: str, thread: str
) -> int:
    from playground_tui.tui.playground import PlaygroundApp
    from playground_tui.tui.screens.main import Wanted
    from playground_tui.tui.ways_out import guarded

    app = PlaygroundApp(workspace, paths, settings, wanted=Wanted(assistant, thread), picture=picture)
    app.aside.begin()
    try:
        with guarded(workspace.flush_now, app.leave):
            code = await app.run_async()
            workspace.flush_now()
    finally:
        app.aside.end()
        await workspace.close()
        if workspace.store.refused is not None:
            sys.stderr.write(LOST)
    picture.keep()
    return code if code is not None else app.return_code or 0
