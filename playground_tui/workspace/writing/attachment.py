"""What goes along with a message: a file for a tool, or a picture by file or address. Frozen, and JSON to keep it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.api_objects import as_dict, as_list, as_text

Tool = Literal["file_search", "code_interpreter"]
Phase = Literal["waiting", "uploading", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Attachment:
    id: str
    """Local."""
    kind: Literal["file", "image"]
    name: str
    source: str = ""
    """The path on this machine, or a picture's address; empty for what is on the server already."""
    size: int = 0
    """Bytes."""
    tools: tuple[str, ...] = ()
    """For a file: the tools that may use it."""
    phase: Phase = "waiting"
    sent: int = 0
    """Bytes on their way."""
    file_id: str = ""
    url: str = ""
    failure: str = ""
    """Why it could not be uploaded: one sentence."""

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        if self.phase == "ready":
            return 1.0
        return min(self.sent / self.size, 1.0) if self.size else 0.0


def message_body(text: str, attachments: Sequence[Attachment]) -> dict[str, Any]:
    """What the API takes; every attachment is ready."""
    images = [_image(item) for item in attachments if item.kind == "image"]
    parts = [{"type": "text", "text": text}] if text.strip() else []
    body: dict[str, Any] = {"role": "user", "content": [*parts, *images] if images else text}
    files = [
        {"file_id": item.file_id, "tools": [{"type": tool} for tool in item.tools]}
        for item in attachments
        if item.kind == "file"
    ]
    return {**body, "attachments": files} if files else body


def _image(item: Attachment) -> dict[str, Any]:
    if item.file_id:
        return {"type": "image_file", "image_file": {"file_id": item.file_id}}
    return {"type": "image_url", "image_url": {"url": item.url}}


def of_message(raw: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """What a message on the server has with it, so that another text can go in its place."""
    found: list[Attachment] = []
    for part in as_list(raw.get("content")):
        file_id = as_text(as_dict(as_dict(part).get("image_file")).get("file_id"))
        url = as_text(as_dict(as_dict(part).get("image_url")).get("url"))
        if file_id or url:
            name = file_id or url
            found.append(Attachment(name, "image", name, phase="ready", file_id=file_id, url=url))
    for item in as_list(raw.get("attachments")):
        file_id = as_text(as_dict(item).get("file_id"))
        kinds = (as_text(as_dict(tool).get("type")) for tool in as_list(as_dict(item).get("tools")))
        if file_id:
            tools = tuple(kind for kind in kinds if kind)
            found.append(Attachment(file_id, "file", file_id, tools=tools, phase="ready", file_id=file_id))
    return tuple(found)


def to_json(attachments: Iterable[Attachment]) -> str:
    """Empty for none. What was on its way is to be sent anew."""
    kept = []
    for item in attachments:
        raw = {key: value for key, value in asdict(item).items() if value}
        kept.append(raw if item.phase == "ready" else {**raw, "phase": "waiting", "sent": 0, "failure": ""})
    return json.dumps(kept, ensure_ascii=False) if kept else ""


def from_json(text: str) -> tuple[Attachment, ...]:
    names = {field.name for field in fields(Attachment)}
    found = []
    for raw in as_list(json.loads(text)) if text else ():
        known = {key: value for key, value in as_dict(raw).items() if key in names}
        found.append(Attachment(**{**known, "tools": tuple(as_list(known.get("tools")))}))
    return tuple(found)
