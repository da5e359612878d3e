"""The paths of the API; one module per resource, each with its `routes`."""

from __future__ import annotations

from starlette.routing import Route

from playground_tui.service.routes import (
    assistants,
    files,
    messages,
    models,
    runs,
    steps,
    store_files,
    threads,
    vector_stores,
)


def all_routes() -> list[Route]:
    """The hot ones first: routes are tried in order."""
    hot = [*runs.routes, *messages.routes, *steps.routes, *threads.routes, *assistants.routes, *models.routes]
    return [*hot, *files.routes, *vector_stores.routes, *store_files.routes]
