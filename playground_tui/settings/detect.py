"""Which model a first start runs on. The environment decides at once; local servers are asked after the first frame.

Order (product: section 2): `OPENAI_API_KEY` set → OpenAI (with `OPENAI_BASE_URL`); else a local Ollama, LM Studio or
llama.cpp that answers → that; else the demo.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from playground_tui.quick_dataclass import dataclass
from playground_tui.settings.model import TRIED, Provider, Settings
from playground_tui.settings.parse import Wrong, check_base_url
from playground_tui.settings.presets import DEMO, Preset, presets

PROBE_SECONDS = 1.0
RESPONSES_HOSTS = ("api.openai.com", ".openai.azure.com")
DEMO_NOTICE = "No model is connected: the demo answers. Set OPENAI_API_KEY, start Ollama, or add a provider."


@dataclass(frozen=True, slots=True)
class FirstStart:
    provider: Provider
    model: str = ""
    """The provider's own name; empty: the person picks."""
    notice: str = ""
    """One line to show, or empty."""


def decide(settings: Settings, environ: Mapping[str, str]) -> FirstStart | None:
    """What the settings and the environment say, without asking anybody. None: local servers are worth asking."""
    if chosen := settings.provider(settings.default_provider):
        return FirstStart(chosen, chosen.default_model, DEMO_NOTICE if chosen.kind == "demo" else "")
    if configured := next((p for p in settings.providers if p.kind != "demo"), None):
        return FirstStart(configured, configured.default_model)
    if environ.get("OPENAI_API_KEY", "").strip():
        return _openai(environ)
    return None


def settle(settings: Settings, choice: FirstStart) -> Settings:
    """The settings with the chosen provider among them, as the default one. Nothing is written."""
    others = tuple(p for p in settings.providers if p.id != choice.provider.id)
    return replace(settings, providers=(choice.provider, *others), default_provider=choice.provider.id)


def try_endpoint(settings: Settings, base_url: str, model: str, environ: Mapping[str, str]) -> Settings:
    """The settings for `--base-url URL --model NAME`: one endpoint, for this process only. Raises `Wrong`."""
    host = urlsplit(check_base_url(base_url)).hostname or ""
    key = "env:OPENAI_API_KEY" if environ.get("OPENAI_API_KEY", "").strip() else ""
    provider = Provider(
        TRIED,
        "responses" if host.endswith(RESPONSES_HOSTS) else "chat",
        base_url=check_base_url(base_url),
        key=key,
        default_model=model,
        title=host,
    )
    return settle(settings, FirstStart(provider, model))


def demo_start() -> FirstStart:
    return FirstStart(DEMO, DEMO.default_model, DEMO_NOTICE)


async def probe_local(
    candidates: tuple[Preset, ...] | None = None,
    seconds: float = PROBE_SECONDS,
    environ: Mapping[str, str] | None = None,
) -> FirstStart | None:
    """Ask the local servers known by preset for their models, all at once; the first in the presets' order that
    answers wins. At most `seconds`; `OLLAMA_HOST` in `environ` says where Ollama listens, as it does for Ollama."""
    if candidates is None:
        loaded = await asyncio.to_thread(presets)
        candidates = tuple(_where_it_listens(p, environ or {}) for p in loaded.values() if p.probe)
    answers = await asyncio.gather(*(_first_model(p.base_url, seconds) for p in candidates))
    for preset, model in zip(candidates, answers, strict=True):
        if model is not None:
            where = f"{preset.title} answers on this machine"
            notice = f"{where}: using {model}." if model else f"{where}, but it has no model yet; pick one when it has."
            return FirstStart(replace(preset.provider(), default_model=model), model, notice)
    return None


def _where_it_listens(preset: Preset, environ: Mapping[str, str]) -> Preset:
    host = environ.get("OLLAMA_HOST", "").strip() if preset.id == "ollama" else ""
    if not host:
        return preset
    try:
        parts = urlsplit(host if "://" in host else f"http://{host}")
        name = "localhost" if parts.hostname in (None, "0.0.0.0") else parts.hostname
        return replace(preset, base_url=f"http://{name}:{parts.port or 11434}/v1")
    except ValueError:
        return preset


def _openai(environ: Mapping[str, str]) -> FirstStart:
    preset = presets()["openai"]
    provider = preset.provider()
    other = environ.get("OPENAI_BASE_URL", "").strip()
    if not other:
        return FirstStart(provider, preset.model)
    try:
        url = check_base_url(other)
    except Wrong as wrong:
        return FirstStart(provider, preset.model, f"OPENAI_BASE_URL {wrong}; it is not used.")
    if (urlsplit(url).hostname or "") == "api.openai.com":
        return FirstStart(replace(provider, base_url=url), preset.model)
    # Another host has models of its own. The engine falls back to Chat Completions where there are no Responses.
    return FirstStart(replace(provider, base_url=url, default_model=""))


async def _first_model(base_url: str, seconds: float) -> str | None:
    """The first model listed at `base_url`; empty when there is none; None when nobody answers as a model server."""
    try:
        async with asyncio.timeout(seconds):
            return await _ask_models(base_url)
    except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
        return None


async def _ask_models(base_url: str) -> str | None:
    parts = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        request = f"GET {parts.path}/models HTTP/1.0\r\nHost: {parts.netloc}\r\nAccept: application/json\r\n\r\n"
        writer.write(request.encode())
        await writer.drain()
        answer = await reader.read(1_000_000)
        while more := await reader.read(1_000_000 - len(answer)):
            answer += more
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        return None
    listed = json.loads(body).get("data") or []
    return str(listed[0]["id"]) if listed and isinstance(listed[0], dict) and "id" in listed[0] else ""


class Chooser:
    """The settings in force: the file's, with the first start's choice as the default provider. Safe to ask from
    another thread: it only reads frozen objects and replaces one."""

    def __init__(self, current: Callable[[], Settings], environ: Mapping[str, str]) -> None:
        self._current = current
        self._environ = environ
        self._found: FirstStart | None = None
        self._last: tuple[Settings, FirstStart | None, Settings] | None = None

    def choice(self) -> FirstStart:
        """What runs now, and the notice that goes with it."""
        return decide(self._current(), self._environ) or self._found or demo_start()

    def settings(self) -> Settings:
        current = self._current()
        if self._last is not None and self._last[0] is current and self._last[1] is self._found:
            return self._last[2]
        settled = settle(current, self.choice())
        self._last = (current, self._found, settled)
        return settled

    async def look_around(self) -> bool:
        """Ask the local servers, if neither settings nor environment decide. True when one was found."""
        if decide(self._current(), self._environ) is not None:
            return False
        self._found = await probe_local(environ=self._environ)
        return self._found is not None
