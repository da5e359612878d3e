"""A run as it stands, and its conversation → what the engine is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground_tui.service.engines.base import Capabilities, EngineRequest, Turn
from playground_tui.service.runs.objects import Object
from playground_tui.service.runs.tools import Resources, ServiceTool


@dataclass(slots=True)
class Work:
    """What a run needs beyond its object; kept beside it, never sent."""

    reasoning_effort: str | None = None
    resources: Resources = field(default_factory=Resources)
    after: int = 0
    """Seq of the thread's last message when the run was made."""
    rounds: int = 0
    """Completions so far."""
    usage: Object | None = None
    """Of the completions so far."""
    sources: list[list[str]] = field(default_factory=list)
    """Files of the passages that each search of the run gave."""
    contents: bool = False
    """Whether the run's stream shows the texts that file search found."""

    def keep(self) -> Object:
        return {
            "reasoning_effort": self.reasoning_effort,
            "vector_store_ids": list(self.resources.vector_store_ids),
            "file_ids": list(self.resources.file_ids),
            "own_stores": list(self.resources.own_stores),
            "own_files": list(self.resources.own_files),
            "sources": self.sources,
            "contents": self.contents,
            "after": self.after,
            "rounds": self.rounds,
            "usage": self.usage,
        }

    @classmethod
    def kept(cls, extra: Object | None) -> Work:
        e = extra or {}
        names = ("vector_store_ids", "file_ids", "own_stores", "own_files")
        return cls(
            e.get("reasoning_effort"),
            Resources(*(tuple(e.get(name) or ()) for name in names)),
            e.get("after", 0),
            e.get("rounds", 0),
            e.get("usage"),
            e.get("sources") or [],
            bool(e.get("contents")),
        )


def engine_request(
    run: Object,
    work: Work,
    model: str,
    can: Capabilities,
    own: Mapping[str, ServiceTool],
    turns: tuple[Turn, ...] = (),
    max_output_tokens: int | None = None,
    file_ids: tuple[str, ...] = (),
) -> EngineRequest:
    """Values that are the API's default anyway are not sent: some endpoints refuse even those.

    `file_ids`: of the run's files, as the endpoint knows them. A `tool_choice` that forces a call holds for the run's
    first completion only; else the run would never end."""
    served = served_here(run, work.resources, own)
    tools = tuple(made for tool in run["tools"] for made in _offered(tool, served, work.resources))
    return EngineRequest(
        model=model,
        instructions=run["instructions"],
        turns=turns,
        tools=tools,
        tool_choice=_choice(run["tool_choice"], work.rounds, served) if tools else None,
        parallel_tool_calls=False if tools and run["parallel_tool_calls"] is False else None,
        temperature=run["temperature"],
        top_p=run["top_p"],
        response_format=None if run["response_format"] in (None, "auto") else run["response_format"],
        reasoning_effort=work.reasoning_effort,
        max_output_tokens=max_output_tokens,
        vector_store_ids=work.resources.foreign_stores if can.hosted_file_search else (),
        file_ids=file_ids if can.hosted_code_interpreter else (),
    )


def _offered(tool: Object, served: Mapping[str, ServiceTool], resources: Resources) -> list[Object]:
    """Stores of both kinds make two tools of one: the service's function, and the endpoint's own."""
    if tool["type"] not in served:
        return [tool]
    function = served[tool["type"]].function(tool)
    return [function, tool] if resources.foreign_stores else [function]


def served_here(run: Object, resources: Resources, own: Mapping[str, ServiceTool]) -> dict[str, ServiceTool]:
    """The run's tools that the service answers itself."""
    kinds = {tool["type"] for tool in run["tools"]}
    here = resources.own_stores or not resources.vector_store_ids
    return {kind: tool for kind, tool in own.items() if kind in kinds and here}


def _choice(choice: Any, rounds: int, served: Mapping[str, ServiceTool]) -> Any:
    if choice == "none":
        return "none"
    if rounds > 0 or choice in (None, "auto"):
        return None
    if isinstance(choice, dict) and choice["type"] in served:
        return {"type": "function", "function": {"name": choice["type"]}}
    return choice
