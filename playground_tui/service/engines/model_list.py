"""What `/models` of an endpoint says, in any of the shapes seen."""

from __future__ import annotations

from playground_tui.service.engines.base import ModelInfo, count_in


def models_in(body: object) -> list[ModelInfo]:
    """Models in `{"data": […]}`, a bare list, or Ollama's `{"models": […]}`. Raises ValueError for anything else."""
    if isinstance(body, dict):
        listed = body.get("data")
        body = listed if isinstance(listed, list) else body.get("models")
    if not isinstance(body, list):
        raise ValueError("no list of models")
    found = (_model(item) for item in body)
    return [model for model in found if model is not None]


def next_page(body: object) -> str | None:
    """The id after which the list goes on; None where it is whole."""
    if not isinstance(body, dict) or body.get("has_more") is not True:
        return None
    data = body.get("data")
    newest = data[-1] if isinstance(data, list) and data else None
    last = body.get("last_id") or (newest.get("id") if isinstance(newest, dict) else None)
    return last if isinstance(last, str) else None


def _model(item: object) -> ModelInfo | None:
    if isinstance(item, str):
        return ModelInfo(item)
    if not isinstance(item, dict):
        return None
    name = next((item[k] for k in ("id", "name", "model") if isinstance(item.get(k), str) and item[k]), None)
    if name is None:
        return None
    owner = item.get("owned_by")
    extra = {k: v for k, v in item.items() if k not in ("id", "object", "created", "owned_by")}
    return ModelInfo(
        name.removeprefix("models/"),  # Gemini's resource names; it takes the bare ones
        count_in(item.get("created")),
        owner if isinstance(owner, str) else "",
        extra,
    )
