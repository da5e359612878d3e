"""Which tools a run may have, and who answers them.

A tool that nobody can run is refused when the run is made, with the reason; it is never left out silently:

- `function`: always; the client answers.
- `code_interpreter`: only where the endpoint has one of its own.
- `file_search`: the service answers it (`ServiceTool`) for the vector stores it keeps; stores that it does not know are
  left to the endpoint's own. Without any vector store the model hears that there is nothing to search.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.engines.base import Capabilities
from playground_tui.service.errors import ApiError
from playground_tui.service.runs.objects import Object


@dataclass(frozen=True, slots=True)
class Resources:
    """Files and stores of the assistant and the thread together."""

    vector_store_ids: tuple[str, ...] = ()
    file_ids: tuple[str, ...] = ()
    own_stores: tuple[str, ...] = ()
    """Those of the vector stores that this service keeps."""
    own_files: tuple[str, ...] = ()

    @property
    def foreign_stores(self) -> tuple[str, ...]:
        """Those that only the endpoint can know."""
        return tuple(store for store in self.vector_store_ids if store not in self.own_stores)

    @property
    def foreign_files(self) -> tuple[str, ...]:
        return tuple(file for file in self.file_ids if file not in self.own_files)

    def knowing(self, stores: Container[str], files: Container[str]) -> Resources:
        return replace(
            self,
            own_stores=tuple(store for store in self.vector_store_ids if store in stores),
            own_files=tuple(file for file in self.file_ids if file in files),
        )

    @classmethod
    def of(cls, *owners: Object | None) -> Resources:
        stores: list[str] = []
        files: list[str] = []
        for owner in owners:
            given = (owner or {}).get("tool_resources") or {}
            stores += (given.get("file_search") or {}).get("vector_store_ids") or ()
            files += (given.get("code_interpreter") or {}).get("file_ids") or ()
        return cls(tuple(dict.fromkeys(stores)), tuple(dict.fromkeys(files)))


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    output: str
    """What the model reads."""
    call: Mapping[str, Any]
    """The call as a step shows it: the keys beside `id` and `type`."""
    sources: tuple[str, ...] = ()
    """Files of the passages found, in their order; what marks in the reply point at."""


class ServiceTool(Protocol):
    """A tool that the service itself answers; to the model it is a function of the tool's name."""

    type: str

    def function(self, tool: Object) -> Object:
        """The function the model is offered, in the Assistants API's shape; named like the tool's type."""
        ...

    async def answer(self, tool: Object, arguments: str, resources: Resources, number: int) -> ToolAnswer:
        """`arguments` as the model wrote them. What is wrong with them is said in the output. `number`: of this call
        among the run's, from 0."""
        ...


def check_tools(
    tools: Sequence[Object],
    resources: Resources,
    can: Capabilities,
    provider: str,
    own: Mapping[str, ServiceTool],
) -> None:
    """Raises the 400 that says which tool cannot be run, and why. `provider` is named in it."""
    for tool in tools:
        kind = tool["type"]
        if kind == "code_interpreter" and not can.hosted_code_interpreter:
            raise _refused(f"The provider '{provider}' has no code interpreter.", kind)
        if kind == "file_search":
            if not resources.vector_store_ids and kind not in own:
                raise _refused("Neither the assistant nor the thread has a vector store to search.", kind)
            foreign = resources.foreign_stores if kind in own else resources.vector_store_ids
            if foreign and not can.hosted_file_search:
                named = ", ".join(f"'{store[:80]}'" for store in foreign)
                raise _refused(f"The provider '{provider}' has no file search for these vector stores: {named}.", kind)


def check_choice(choice: Any, tools: Sequence[Object]) -> None:
    """Raises the 400 for a choice that no tool of the run can satisfy."""
    if choice == "required" and not tools:
        raise ApiError(400, "'tool_choice' is 'required', but the run has no tools.", param="tool_choice")
    if not isinstance(choice, dict):
        return
    name = choice["function"]["name"] if choice["type"] == "function" else None
    for tool in tools:
        if tool["type"] == choice["type"] and (name is None or tool["function"]["name"] == name):
            return
    wanted = f"the function '{name[:64]}'" if name is not None else f"'{choice['type']}'"
    raise ApiError(400, f"'tool_choice' names {wanted}, which the run does not have.", param="tool_choice")


def _refused(reason: str, kind: str) -> ApiError:
    advice = f"Take '{kind}' off the assistant or the run's tools, or use a provider that has it."
    if kind == "file_search":
        advice = "Attach a vector store that can be searched here, or take 'file_search' off the run's tools."
    return ApiError(400, f"{reason} {advice}", param="tools", code="unsupported_tool")
