"""The paths of the API; one module per resource, each with its `routes`."""

from __future__ import annotations

from starlette.routing import Route

from playground_tui.service.routes import assistants, messages, models, runs, steps, threads


def all_routes() -> list[Route]:
    """The hot ones first: routes are tried in order."""
    return [*runs.routes, *messages.routes, *steps.routes, *threads.routes, *assistants.routes, *models.routes]
