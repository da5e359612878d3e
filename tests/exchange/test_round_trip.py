"""200 generated assistants through both file formats and through a server come back as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground_tui.limits import check_field
from playground_tui.workspace.exchange.document import Format, from_text, to_text
from playground_tui.workspace.exchange.intake import read_paths
from tests.exchange.assistants import generated
from tests.support.carried import carried_service, client_of, service_config

COUNT = 200


@pytest.mark.parametrize("form", ["markdown", "json"])
@pytest.mark.parametrize(
    "seeds",
    [range(50), *(pytest.param(range(at, at + 50), marks=pytest.mark.slow) for at in range(50, COUNT, 50))],
    ids=str,
)
def test_through_files(form: Format, seeds: range) -> None:
    for seed in seeds:
        assistant = generated(seed)
        text = to_text(assistant, form)
        assert text.encode("utf-8").decode("utf-8") == text
        assert from_text(text, form) == assistant, seed
        assert to_text(from_text(text, form), form) == text, seed


@pytest.mark.slow
def test_through_files_on_disk_and_the_intake(tmp_path: Path) -> None:
    wanted = {}
    for seed in range(COUNT):
        assistant = {**generated(seed), "name": f"n{seed}"}
        form: Format = "json" if seed % 2 else "markdown"
        file = tmp_path / f"{seed:03}{'.json' if seed % 2 else '.md'}"
        file.write_bytes(to_text(assistant, form).encode("utf-8"))
        wanted[f"n{seed}"] = {k: v for k, v in assistant.items() if check_field(k, v) is None}
    found = read_paths([tmp_path])
    assert not found.refused
    assert {taken.name: dict(taken.fields) for taken in found.taken} == wanted


async def test_through_a_server(tmp_path: Path) -> None:
    with carried_service(service_config(tmp_path)) as carried:
        async with client_of(carried.transport()) as client:
            for seed in range(COUNT):
                assistant = generated(seed)
                sent = {k: v for k, v in assistant.items() if k != "tool_resources"}
                made = await client.beta.assistants.with_raw_response.create(**sent)
                assistant_id = made.http_response.json()["id"]
                read = await client.beta.assistants.with_raw_response.retrieve(assistant_id)
                doc = read.http_response.json()
                assert {name: doc[name] for name in sent} == sent, seed
