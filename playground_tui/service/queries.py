"""Query parameters of lists and steps (wire.md §3). Unknown ones are ignored, as clients add their own."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from playground_tui.limits.rules import Choice, Number, wrong_type
from playground_tui.service.decode import refuse
from playground_tui.service.store.objects import PageQuery

RESULT_CONTENT: Final = "step_details.tool_calls[*].file_search.results[*].content"
_MOST: Final = 100
_ORDER: Final = Choice(("asc", "desc"))
_INCLUDE: Final = Choice((RESULT_CONTENT,))


def page_query(request: Request, *, most: int = _MOST, default: int = PageQuery().limit) -> PageQuery:
    given = request.query_params
    order = given.get("order", "desc")
    refuse(_ORDER.check(order, "order"))
    return PageQuery(
        _limit(given.get("limit"), most, default),
        "asc" if order == "asc" else "desc",
        _id(request, "after"),
        _id(request, "before"),
    )


def _limit(text: str | None, most: int, default: int) -> int:
    if text is None:
        return default
    try:
        value = int(text) if len(text) < 20 else None
    except ValueError:
        value = None
    if value is None:
        refuse(wrong_type(text, "limit", "an integer"))
    refuse(Number(1, most, integer=True).check(value, "limit"))
    return value or 0


def _id(request: Request, name: str) -> str | None:
    """An empty cursor counts as none: clients send `after=` for the first page."""
    return request.query_params.get(name) or None


def run_filter(request: Request) -> dict[str, str]:
    run_id = _id(request, "run_id")
    return {} if run_id is None else {"run_id": run_id}


def include_contents(request: Request) -> bool:
    """Whether file search results come with their texts. The SDK sends `include[]`, others `include`."""
    given = [value for name in ("include[]", "include") for value in request.query_params.getlist(name)]
    for value in given:
        refuse(_INCLUDE.check(value, "include[]"))
    return bool(given)
