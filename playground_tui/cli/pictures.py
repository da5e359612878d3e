"""Files and pictures of a question, brought to the server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground_tui.cli.exits import CommandFailed
from playground_tui.workspace.uploads import upload

if TYPE_CHECKING:
    import openai


async def uploaded(client: openai.AsyncOpenAI, names: Sequence[str]) -> list[str]:
    """File ids. All files are looked at before the first is sent."""
    paths = [_file(name) for name in names]
    return [await upload(client, path, "assistants") for path in paths]


async def image_parts(client: openai.AsyncOpenAI, images: Sequence[str]) -> list[dict[str, Any]]:
    """Content parts; a file is sent first."""
    paths = {name: _file(name) for name in images if not _is_url(name)}
    parts: list[dict[str, Any]] = []
    for name in images:
        if name in paths:
            file_id = await upload(client, paths[name], "vision")
            parts.append({"type": "image_file", "image_file": {"file_id": file_id}})
        else:
            parts.append({"type": "image_url", "image_url": {"url": name}})
    return parts


def _is_url(name: str) -> bool:
    return name.startswith(("http://", "https://", "data:"))


def _file(name: str) -> Path:
    path = Path(name).expanduser()
    if path.is_dir():
        raise CommandFailed(f"{name} is a folder; name its files one by one.")
    if not path.is_file():
        raise CommandFailed(f"There is no file {name}.")
    return path
