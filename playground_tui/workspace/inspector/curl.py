"""A request as a curl command. Masked values become shell variables to be set by whoever runs it."""

from __future__ import annotations

import json
import re
import shlex
from typing import Final
from urllib.parse import urlsplit

from playground_tui.workspace.inspector.exchanges import MASK, Exchange

IN_PROCESS: Final = "playground.local"
_LEFT_OUT: Final = ("accept-encoding", "connection", "content-length", "host", "user-agent")


def curl_of(exchange: Exchange) -> str:
    """Several lines for a POSIX shell."""
    lines = [f"curl {_quoted(exchange.url)}"]
    if exchange.method.upper() != "POST" or exchange.request_body is None:
        lines[0] += f" -X {exchange.method.upper()}"
    for name, value in exchange.request_headers.items():
        if name.lower() not in _LEFT_OUT and not name.lower().startswith("x-stainless-"):
            lines.append(f"-H {_quoted(f'{name}: {_header(name, value)}')}")
    if exchange.request_body is not None:
        body = json.dumps(exchange.request_body, ensure_ascii=False, indent=2)
        lines.append(f"--data-raw {shlex.quote(body)}")
    if "stream" in str(exchange.request_headers.get("accept", "")):
        lines.insert(1, "--no-buffer")
    command = " \\\n  ".join(lines)
    if urlsplit(exchange.url).hostname == IN_PROCESS:
        note = "# The carried service opens no port: start `playground-tui serve` and put its address in here."
        return f"{note}\n{command}"
    return command


def _header(name: str, value: str) -> str:
    if value != MASK:
        return value
    variable = "${" + re.sub(r"\W", "_", name).upper() + "}"
    return "Bearer ${API_KEY}" if name.lower() == "authorization" else variable


def _quoted(text: str) -> str:
    """Single quotes, but for what the shell is to fill in."""
    if "${" not in text:
        return shlex.quote(text)
    head, sign, rest = text.partition("${")
    return '"' + re.sub(r'(["\\`$])', r"\\\1", head) + sign + rest + '"'
