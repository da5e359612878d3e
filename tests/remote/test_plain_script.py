"""A plain script with `openai.OpenAI(base_url=…)` against `serve`, both as processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import openai
import pytest

from tests.remote.test_main_job import KEY, Place, served
from tests.support.endpoint import ScriptedEndpoint

pytestmark = pytest.mark.process
SCRIPT = Path(__file__).with_name("plain_script.py")


def base_url_of(place: Place) -> str:
    return place.paths.settings_file.read_text().split("base_url: '")[1].split("'")[0]


@pytest.mark.slow
def test_serve_takes_the_environments_key_and_address_as_the_app_does(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with ScriptedEndpoint() as endpoint:
        endpoint.key = "upstream-key-000000"
        environ = {"OPENAI_API_KEY": endpoint.key, "OPENAI_BASE_URL": endpoint.base_url}
        with served(place, environ), openai.OpenAI(base_url=base_url_of(place), api_key=KEY, max_retries=0) as client:
            assert "openai/scripted-model" in [model.id for model in client.models.list()]
            assistant = client.beta.assistants.create(model="scripted-model")
            thread = {"messages": [{"role": "user", "content": "Hello"}]}
            run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=thread)  # type: ignore[arg-type]
            assert run.status == "completed", run.last_error
            (answer,) = client.beta.threads.messages.list(run.thread_id, run_id=run.id).data
            assert answer.content[0].text.value == "You said: Hello"  # type: ignore[union-attr]


def test_it_calls_a_function_and_reads_everything_back(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with served(place):
        base_url = base_url_of(place)
        environ = {**os.environ, "OPENAI_API_KEY": KEY}
        command = [sys.executable, str(SCRIPT), base_url, "demo/demo-fast"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["calls"] == ["get_weather", "get_weather"]
    assert told["status"] == "completed"
    assert [role for role, _ in told["messages"]] == ["user", "assistant"]
    assert told["messages"][-1][1] == told["streamed"]
    assert told["streamed"]
