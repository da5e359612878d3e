"""Which tools a run may have, and who answers them.

A tool that nobody can run is refused when the run is made, with the reason; it is never left out silently:

- `function`: always; the client answers.
- `code_interpreter`: only where the endpoint has one of its own.
- `file_search`: where the service answers it (`ServiceTool`) or the endpoint has its own. Without any vector store
  there is nothing to search; leaving the tool out would hide that, so such a run is refused as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from playground_tui.service.engines.base import Capabilities
from playground_tui.service.errors import ApiError
from playground_tui.service.runs.objects import Object


@dataclass(frozen=True, slots=True)
class Resources:
    """Files and stores of the assistant and the thread together."""

    vector_store_ids: tuple[str, ...] = ()
    file_ids: tuple[str, ...] = ()

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


class ServiceTool(Protocol):
    """A tool that the service itself answers; to the model it is a function of the tool's name."""

    type: str

    def serves(self, resources: Resources) -> bool:
        """Whether this service, rather than the endpoint, has what the tool works on."""
        ...

    def function(self, tool: Object) -> Object:
        """The function the model is offered, in the Assistants API's shape; named like the tool's type."""
        ...

    async def answer(self, tool: Object, arguments: str, resources: Resources) -> ToolAnswer:
        """`arguments` as the model wrote them. What is wrong with them is said in the output."""
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
            if not resources.vector_store_ids:
                raise _refused("Neither the assistant nor the thread has a vector store to search.", kind)
            served = kind in own and own[kind].serves(resources)
            if not served and not can.hosted_file_search:
                raise _refused(f"The provider '{provider}' has no file search for these vector stores.", kind)


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
