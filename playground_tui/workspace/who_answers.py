"""When somebody else than the assistant's model would answer, or nobody: said before a message is sent."""

from __future__ import annotations

from playground_tui.settings.model import LOCAL_SERVER, Provider, Settings, is_stray, route


def who_answers(settings: Settings, server: str, model: str) -> str:
    """One sentence; empty where the model is run by whom it names, or only the server can know."""
    if server != LOCAL_SERVER or not model:
        return ""
    if is_stray(settings, model):
        return f"{model} was tried with --base-url and is not there now: choose another model."
    found = route(settings, model)
    if found is not None and not _is_own(found.provider, settings.aliases.get(model, model)):
        return f"No provider is set up for {model}: the demo answers in its place."
    return ""


def _is_own(provider: Provider, model: str) -> bool:
    """Only the demo answers for models that are not its own without anyone noticing."""
    return provider.kind != "demo" or model.startswith(f"{provider.id}/") or model == provider.default_model
