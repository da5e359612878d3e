"""Existing code of the Assistants API, as it stands in many repositories: nothing of this project in it."""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

from openai import AssistantEventHandler, OpenAI

warnings.simplefilter("ignore", DeprecationWarning)


class Handler(AssistantEventHandler):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def on_text_delta(self, delta: Any, snapshot: Any) -> None:
        self.text += delta.value or ""


def main() -> None:
    client = OpenAI(base_url=sys.argv[1])
    function = {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
    assistant = client.beta.assistants.create(
        model=sys.argv[2], instructions="Be kind.", tools=[{"type": "function", "function": function}]
    )
    thread = client.beta.threads.create()
    client.beta.threads.messages.create(thread_id=thread.id, role="user", content="/calls")
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
        stream.until_done()
        run = stream.get_final_run()
    assert run.status == "requires_action", run
    calls = run.required_action.submit_tool_outputs.tool_calls
    outputs = [{"tool_call_id": call.id, "output": '{"sky": "clear"}'} for call in calls]
    handler = Handler()
    with client.beta.threads.runs.submit_tool_outputs_stream(
        thread_id=thread.id, run_id=run.id, tool_outputs=outputs, event_handler=handler
    ) as stream:
        stream.until_done()
    messages = client.beta.threads.messages.list(thread_id=thread.id, order="asc").data
    print(  # noqa: T201
        json.dumps(
            {
                "calls": [call.function.name for call in calls],
                "streamed": handler.text,
                "messages": [[m.role, m.content[0].text.value] for m in messages],
                "status": client.beta.threads.runs.retrieve(run.id, thread_id=thread.id).status,
            }
        )
    )


if __name__ == "__main__":
    main()
