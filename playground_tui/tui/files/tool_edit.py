"""An assistant's files as edits of its draft: which store file search looks into, which files code may read. Contract:
pure; what the API does not allow is refused with the sentence of the limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from playground_tui.limits import check_field
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.files.cited import code_files_in, stores_in

Kind = Literal["file_search", "code_interpreter"]
WORDS: Mapping[Kind, str] = {"file_search": "File search", "code_interpreter": "Code interpreter"}


def store_of(values: Mapping[str, Any]) -> str:
    """The id of the store that file search looks into; empty: none."""
    return next(iter(stores_in(dict(values))), "")


def code_files_of(values: Mapping[str, Any]) -> list[str]:
    return code_files_in(dict(values))


def with_store(values: Mapping[str, Any], store_id: str) -> dict[str, Any]:
    """The edits (field → value) that make file search look into this store; empty: into none."""
    resources = _resources(values)
    resources["file_search"] = {"vector_store_ids": [store_id] if store_id else []}
    return _edits(values, resources, "file_search", on=bool(store_id))


def with_code_files(values: Mapping[str, Any], file_ids: Sequence[str]) -> dict[str, Any]:
    """The edits that give exactly these files to the code interpreter. Raises FailureError for too many."""
    resources = _resources(values)
    resources["code_interpreter"] = {"file_ids": list(dict.fromkeys(file_ids))}
    return _edits(values, resources, "code_interpreter", on=bool(file_ids))


def switched_on(values: Mapping[str, Any], wanted: Iterable[str]) -> tuple[list[Any], list[str]]:
    """(the tools with those of `wanted` that were off, those in words); of file search and code interpreter."""
    tools = list(values.get("tools") or [])
    has = {tool.get("type") for tool in tools if isinstance(tool, Mapping)}
    missing: list[Kind] = [kind for kind in WORDS if kind in set(wanted) - has]
    return [*({"type": kind} for kind in missing), *tools], [WORDS[kind] for kind in missing]


def _resources(values: Mapping[str, Any]) -> dict[str, Any]:
    found = values.get("tool_resources")
    return dict(found) if isinstance(found, Mapping) else {}


def _edits(values: Mapping[str, Any], resources: dict[str, Any], kind: Kind, *, on: bool) -> dict[str, Any]:
    """A tool that gets files is switched on; one that loses them is left as it is."""
    problem = check_field("tool_resources", resources)
    if problem is not None:
        raise FailureError(Failure("invalid", problem.advice, field="tool_resources"))
    tools = values.get("tools") or []
    edits: dict[str, Any] = {"tool_resources": resources}
    if on and not any(isinstance(tool, Mapping) and tool.get("type") == kind for tool in tools):
        edits["tools"] = [{"type": kind}, *tools]
    return edits
