"""An assistant as code, ready to run: Python with the `openai` package, or curl. Keys are only ever named."""

from __future__ import annotations

import json
import pprint
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from playground_tui.workspace.exchange.request import RequestPicture, Target, picture

Language = Literal["python", "curl"]
OPENAI_URL = "https://api.openai.com/v1"


def to_code(
    assistant: Mapping[str, Any],
    target: Target,
    language: Language,
    *,
    base_url: str = OPENAI_URL,
    key_name: str = "OPENAI_API_KEY",
    model: str = "",
    notes: Sequence[str] = (),
) -> str:
    """The program's text. `key_name` is the environment variable that holds the key; empty where none is needed.
    `notes` become comments at its beginning."""
    made = picture(assistant, target, model=model)
    comments = [_comment(words) for words in (*notes, *(f"Left out: {words}" for words in made.left_out))]
    write = _curl if language == "curl" else _python
    return "\n".join((*comments, write(made, target, base_url, key_name)))


def _comment(words: str) -> str:
    """On one line, whatever a name in it holds."""
    return f"# {' '.join(words.split())}"


def _curl(made: RequestPicture, target: Target, base_url: str, key_name: str) -> str:
    path = "responses" if target == "responses" else "chat/completions"
    body = json.dumps(made.body, indent=2, ensure_ascii=False)
    lines = [f"curl {shlex.quote(f'{base_url}/{path}')} \\"]
    if key_name:
        lines.append(f'  -H "Authorization: Bearer ${key_name}" \\')
    lines += ["  -H 'Content-Type: application/json' \\", f"  --data-binary {shlex.quote(body)}"]
    return "\n".join(lines) + "\n"


def _python(made: RequestPicture, target: Target, base_url: str, key_name: str) -> str:
    client = _client(base_url, key_name)
    imports = [*(["import json"] if made.has_functions else []), *(["import os"] if "os.environ" in client else [])]
    head = [*imports, *([""] if imports else []), "from openai import OpenAI", ""]
    head += [client, "", f"request = {_literal(made.body)}", ""]
    if made.has_functions:
        head += ["", *_ANSWER, ""]
        head += _RESPONSES_LOOP if target == "responses" else _CHAT_LOOP
    else:
        head += _RESPONSES_ONCE if target == "responses" else _CHAT_ONCE
    return "\n".join(head) + "\n"


def _client(base_url: str, key_name: str) -> str:
    if base_url == OPENAI_URL and key_name == "OPENAI_API_KEY":
        return "client = OpenAI()  # reads OPENAI_API_KEY"
    key = f'os.environ["{key_name}"]' if key_name else '"none"'
    return f"client = OpenAI(base_url={json.dumps(base_url)}, api_key={key})"


def _literal(body: dict[str, Any]) -> str:
    return pprint.pformat(body, width=100, sort_dicts=False)


_ANSWER = [
    "def answer(name, arguments):",
    '    """Run the function that the model asked for; what it returns goes back as text."""',
    '    return json.dumps({"error": f"{name} is not connected yet"})',
    "",
]
_RESPONSES_ONCE = ["response = client.responses.create(**request)", "print(response.output_text)"]
_RESPONSES_LOOP = [
    "response = client.responses.create(**request)",
    'while calls := [item for item in response.output if item.type == "function_call"]:',
    '    request["input"] += [item.model_dump(exclude_none=True) for item in response.output]',
    "    for call in calls:",
    "        output = answer(call.name, json.loads(call.arguments or '{}'))",
    '        request["input"].append({"type": "function_call_output", "call_id": call.call_id, "output": output})',
    "    response = client.responses.create(**request)",
    "print(response.output_text)",
]
_CHAT_ONCE = ["completion = client.chat.completions.create(**request)", "print(completion.choices[0].message.content)"]
_CHAT_LOOP = [
    "message = client.chat.completions.create(**request).choices[0].message",
    "while message.tool_calls:",
    '    request["messages"].append(message.model_dump(exclude_none=True))',
    "    for call in message.tool_calls:",
    "        output = answer(call.function.name, json.loads(call.function.arguments or '{}'))",
    '        request["messages"].append({"role": "tool", "tool_call_id": call.id, "content": output})',
    "    message = client.chat.completions.create(**request).choices[0].message",
    "print(message.content)",
]
