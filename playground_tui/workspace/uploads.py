"""Files of this machine on their way to a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from playground_tui.workspace.api_objects import as_dict, as_text
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError

if TYPE_CHECKING:
    import openai

UPLOAD_SECONDS = 600.0


async def upload(client: openai.AsyncOpenAI, path: Path, purpose: Literal["assistants", "vision"]) -> str:
    """Send one file, streamed from the disk; its id. Raises `FailureError`."""
    try:
        with path.open("rb") as file:
            answer = await client.files.with_raw_response.create(
                file=(path.name, file), purpose=purpose, timeout=UPLOAD_SECONDS
            )
        made: dict[str, Any] = as_dict(answer.http_response.json())
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise FailureError(Failure("storage", f"{path} could not be read: {why}.")) from None
    except Exception as error:
        raise FailureError(failure_of(error)) from error
    if not (file_id := as_text(made.get("id"))):
        raise FailureError(Failure("server", "The server's answer to a file makes no sense: it has no id."))
    return file_id
