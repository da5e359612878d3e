"""Keys in every place where they may come from, endpoints that say them back, and the search for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.remote.test_main_job import Place
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Call, Wire, refusal, stream

PLANTED = {
    "env": "plantedenv0123456789abcdef",
    "keyring": "plantedring0123456789abcdef",
    "command": "plantedcommand0123456789abcdef",
    "session": "plantedsession0123456789abcdef",
    "header": "plantedheader0123456789abcdef",
    "query": "plantedquery0123456789abcdef",
    "proxy": "plantedproxy0123456789abcdef",
    "server": "plantedserver0123456789abcdef",
    "serve": "plantedserve0123456789abcdef",
    "address": "plantedaddress0123456789abcdef",
}
IN_SETTINGS = ("header", "query", "proxy", "address")
"""May stand in settings.yaml, where the person wrote them; nowhere else."""
SAID = "Rate, quota, key: "
WAYS = ("env", "keyring", "command", "session")


def echo(status: int) -> Any:
    """An endpoint that repeats everything secret that came with the request."""

    def answer(call: Call) -> Wire:
        secrets = f"{call.headers.get('authorization')} {call.headers.get('x-team-token')} {call.query}"
        secrets += f" {PLANTED['proxy']}" if "proxy-authorization" in call.headers else ""
        if status == 200:
            return stream({"error": {"message": f"{SAID}{secrets}", "code": "server_error"}})
        return refusal(status, f"{SAID}{secrets}", param="temperature", headers={"retry-after": "0"})

    return answer


def write_settings(place: Place, base_url: str) -> None:
    """Each way to a key, for each kind of provider; a server with all that its entry may hold."""
    secret = place.paths.data.parent / "secret.txt"
    secret.write_text(PLANTED["command"])
    refs = {"env": "env:MY_KEY", "keyring": "keyring:mine", "command": f"command:cat {secret}", "session": "session"}
    lines = ["default_provider: chat-env", "providers:"]
    for kind in ("chat", "responses"):
        for name, ref in refs.items():
            lines.append(f"  {kind}-{name}: {{kind: {kind}, base_url: '{base_url}', key: '{ref}', default_model: m}}")
    extra = f"headers: {{x-team-token: {PLANTED['header']}}}, query: {{api_key: {PLANTED['query']}}}"
    proxy = base_url.removesuffix("/v1").replace("://", f"://me:{PLANTED['proxy']}@")
    lines.append(f"  header: {{kind: chat, base_url: '{base_url}', default_model: m, {extra}}}")
    lines.append(f"  proxy: {{kind: chat, base_url: 'http://far.example/v1', default_model: m, proxy: '{proxy}'}}")
    lines.append(f"  address: {{kind: chat, base_url: 'http://me:{PLANTED['address']}@127.0.0.1/v1'}}")
    lines.append(f"servers:\n  work: {{base_url: '{base_url}', key: 'env:WORK_KEY', proxy: '{proxy}', {extra}}}")
    place.settings("\n".join(lines) + "\n")


def arrived(endpoint: ScriptedEndpoint) -> str:
    """All that came; the proxy's password comes encoded."""
    return " ".join(f"{call.headers} {call.query}" for call in endpoint.calls)


def search(folder: Path, seen: list[str], allowed: dict[str, tuple[str, ...]]) -> None:
    """Every file of `folder`, and every text that was shown. `allowed`: file name → what it may hold."""
    for text in seen:
        search_text("what was shown", text)
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for name, key in PLANTED.items():
                if name not in allowed.get(path.name, ()):
                    assert key.encode() not in content, f"the key from {name} stands in {path}"


def search_text(where: str, text: str) -> None:
    for name, key in PLANTED.items():
        place = text.find(key)
        assert place < 0, f"the key from {name} stands in {where}: {text[max(0, place - 300) : place + 50]}"
