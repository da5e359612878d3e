"""An assistant as the body of one Responses or Chat Completions request, with what the target cannot carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from playground_tui.quick_dataclass import dataclass

Target = Literal["responses", "chat"]
PROMPT = "Hello!"


@dataclass(frozen=True, slots=True)
class RequestPicture:
    body: dict[str, Any]
    left_out: tuple[str, ...]
    """One sentence for each thing that the target cannot carry."""

    @property
    def has_functions(self) -> bool:
        return any(tool.get("type") == "function" for tool in self.body.get("tools", ()))


def picture(assistant: Mapping[str, Any], target: Target, prompt: str = PROMPT, model: str = "") -> RequestPicture:
    """`model`: the provider's own name, where it differs from the assistant's `provider/model`."""
    body: dict[str, Any] = {"model": model or assistant.get("model") or ""}
    left_out: list[str] = []
    build = _responses if target == "responses" else _chat
    build(assistant, body, left_out, prompt)
    for name in ("temperature", "top_p"):
        if assistant.get(name) is not None:
            body[name] = assistant[name]
    for name in ("name", "description"):
        if assistant.get(name):
            left_out.append(f"The {name} is not part of a request.")
    return RequestPicture(body, tuple(left_out))


def _responses(assistant: Mapping[str, Any], body: dict[str, Any], left_out: list[str], prompt: str) -> None:
    if assistant.get("instructions"):
        body["instructions"] = assistant["instructions"]
    body["input"] = [{"role": "user", "content": prompt}]
    if tools := [t for tool in assistant.get("tools") or () if (t := _responses_tool(tool, assistant, left_out))]:
        body["tools"] = tools
    form = assistant.get("response_format")
    if isinstance(form, Mapping):
        inner = form.get("json_schema")
        body["text"] = {"format": {"type": "json_schema", **inner} if isinstance(inner, Mapping) else dict(form)}
    if assistant.get("reasoning_effort"):
        body["reasoning"] = {"effort": assistant["reasoning_effort"]}
    if assistant.get("metadata"):
        body["metadata"] = dict(assistant["metadata"])


def _responses_tool(
    tool: Mapping[str, Any], assistant: Mapping[str, Any], left_out: list[str]
) -> dict[str, Any] | None:
    resources = assistant.get("tool_resources") or {}
    if tool.get("type") == "function":
        function = dict(tool.get("function") or {})
        # Responses is strict unless told otherwise, the Assistants API is not.
        return {"type": "function", **function, "strict": bool(function.get("strict"))}
    if tool.get("type") == "code_interpreter":
        files = (resources.get("code_interpreter") or {}).get("file_ids") or []
        return {"type": "code_interpreter", "container": {"type": "auto", **({"file_ids": files} if files else {})}}
    stores = (resources.get("file_search") or {}).get("vector_store_ids") or []
    if not stores:
        left_out.append("File search has no vector store, which Responses needs.")
        return None
    options = {k: v for k, v in (tool.get("file_search") or {}).items() if v is not None}
    return {"type": "file_search", "vector_store_ids": stores, **options}


def _chat(assistant: Mapping[str, Any], body: dict[str, Any], left_out: list[str], prompt: str) -> None:
    messages = [{"role": "user", "content": prompt}]
    if assistant.get("instructions"):
        messages.insert(0, {"role": "system", "content": assistant["instructions"]})
    body["messages"] = messages
    functions = []
    for tool in assistant.get("tools") or ():
        if tool.get("type") == "function":
            functions.append({"type": "function", "function": dict(tool.get("function") or {})})
        else:
            left_out.append(f"Chat Completions has no {str(tool.get('type')).replace('_', ' ')}.")
    if functions:
        body["tools"] = functions
    if isinstance(assistant.get("response_format"), Mapping):
        body["response_format"] = dict(assistant["response_format"])
    if assistant.get("reasoning_effort"):
        body["reasoning_effort"] = assistant["reasoning_effort"]
    if assistant.get("metadata"):
        left_out.append("The metadata is kept by Chat Completions only with stored completions.")
