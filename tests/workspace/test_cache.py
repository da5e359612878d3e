"""The cache's file: whole or as before, shared by processes, and cheap for what did not change."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB

from playground_tui.workspace.cache import AssistantCache
from playground_tui.workspace.cache_file import AssistantFile, AtomicFile, Docs


def doc(number: int, **values: Any) -> dict[str, Any]:
    return {"id": f"asst_{number}", "name": f"Bot {number}", "instructions": "Be kind. " * 20, **values}


async def test_documents_come_back_as_they_were(tmp_path: Path) -> None:
    cache = AssistantCache(tmp_path, "local")
    assert await cache.read() == {}
    odd = doc(1, name='"quoted"\n日本語 👩‍👩‍👧 \u2028 [b]x[/b]', metadata={"}}": "{"})
    await cache.put([odd, doc(2)])
    await cache.put([doc(2, name="renamed")])
    other = AssistantCache(tmp_path, "local")
    assert await other.read() == {"asst_1": odd, "asst_2": doc(2, name="renamed")}
    await other.remove("asst_1")
    assert list(await cache.read()) == ["asst_2"]
    await cache.close()
    await other.close()


async def test_each_server_has_its_own_file(tmp_path: Path) -> None:
    names = ["local", "work", "https://a/b", "https://a-b", "Ünï", ""]
    caches = [AssistantCache(tmp_path, name) for name in names]
    assert len({cache.path for cache in caches}) == len(names)
    for cache in caches:
        await cache.close()


async def test_the_file_is_plain_json_that_tinydb_reads(tmp_path: Path) -> None:
    cache = AssistantCache(tmp_path, "local")
    await cache.put([doc(1), doc(2)])
    assert set(json.loads(cache.path.read_text())["assistants"]) == {"asst_1", "asst_2"}
    await cache.remove("asst_1")
    await cache.remove("asst_2")
    assert await cache.read() == {}
    with TinyDB(cache.path) as plain:
        assert plain.tables() == {"assistants"}
    await cache.close()


async def test_what_another_process_wrote_is_taken_up_and_kept(tmp_path: Path) -> None:
    one, two = AssistantCache(tmp_path, "local"), AssistantCache(tmp_path, "local")
    await one.put([doc(1)])
    await two.put([doc(2)])
    await one.put([doc(3)])
    assert set(await two.read()) == {"asst_1", "asst_2", "asst_3"}
    await one.close()
    await two.close()


@pytest.mark.parametrize("damage", [b"", b"{", b'{"assistants": {\n"a":{"id":1},\n', b"\xff\xfe", b"[]"])
async def test_a_damaged_file_is_put_aside_and_replaced(tmp_path: Path, damage: bytes) -> None:
    cache = AssistantCache(tmp_path, "local")
    cache.path.write_bytes(damage)
    assert await cache.read() == {}
    aside = await cache.take_damaged()
    assert aside is not None
    assert aside.read_bytes() == damage
    assert await cache.take_damaged() is None
    await cache.put([doc(1)])
    assert list(await cache.read()) == ["asst_1"]
    await cache.close()


async def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    cache = AssistantCache(tmp_path, "local")
    await cache.put([doc(1)])
    before = cache.path.read_bytes()
    with pytest.raises(TypeError):
        await cache.put([doc(2), {"id": "asst_3", "odd": object()}])
    assert cache.path.read_bytes() == before
    assert [p for p in tmp_path.iterdir() if p.suffix == ".tmp"] == []
    await cache.put([doc(2)])
    assert list(await cache.read()) == ["asst_1", "asst_2"]
    await cache.close()


async def test_temporary_files_of_killed_processes_are_removed(tmp_path: Path) -> None:
    cache = AssistantCache(tmp_path, "local")
    left = tmp_path / f".{cache.path.name}.abc.tmp"
    left.write_text("half")
    other = tmp_path / ".other.tmp"
    other.write_text("not ours")
    await cache.read()
    assert not left.exists()
    assert other.exists()
    await cache.close()


async def test_the_servers_list_replaces_all_but_what_is_newer(tmp_path: Path) -> None:
    cache = AssistantCache(tmp_path, "local")
    await cache.put([doc(1, name="newer"), doc(2), doc(3)])
    await cache.replace({"asst_1": doc(1), "asst_4": doc(4)}, keep=["asst_1"])
    found = await cache.read()
    assert set(found) == {"asst_1", "asst_4"}
    assert found["asst_1"]["name"] == "newer"
    await cache.close()


def test_a_save_encodes_only_what_changed(tmp_path: Path) -> None:
    db = AssistantFile(tmp_path / "a.json")
    db.assistants.change(lambda docs: docs.update({f"asst_{n}": doc(n) for n in range(10_000)}))
    assert db.file.encodings == 10_000
    for number in range(5):
        fresh = doc(number, name="changed")
        db.assistants.change(lambda docs, fresh=fresh: docs.update({fresh["id"]: fresh}))  # type: ignore[misc]
    assert db.file.encodings == 10_005
    again = AssistantFile(tmp_path / "a.json")
    assert again.assistants.documents() == db.assistants.documents()


def test_an_unchanged_file_is_not_parsed_again(tmp_path: Path) -> None:
    db = AssistantFile(tmp_path / "a.json")
    db.assistants.change(lambda docs: docs.update({"asst_1": doc(1)}))
    first = db.assistants.documents()["asst_1"]
    assert db.assistants.documents()["asst_1"] is first


WRITER = """
import asyncio, sys
from pathlib import Path
from playground_tui.workspace.cache import AssistantCache

async def main():
    cache = AssistantCache(Path(sys.argv[1]), "local")
    number = 0
    while True:
        number += 1
        await cache.put([{"id": f"asst_{number % 50}", "number": number, "text": "x" * 2000}])
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.process
@pytest.mark.parametrize("writes", [3, 20, 60])
async def test_kill_9_while_writing_loses_no_confirmed_write(tmp_path: Path, writes: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    confirmed = [int(process.stdout.readline()) for _ in range(writes)]
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    confirmed += [int(line) for line in rest.splitlines()]
    cache = AssistantCache(tmp_path, "local")
    found = await cache.read()
    assert await cache.take_damaged() is None
    for number in confirmed[-50:]:
        assert found[f"asst_{number % 50}"]["number"] >= number
    await cache.put([{"id": "after"}])
    assert not list(tmp_path.glob(".*.tmp"))
    await cache.close()


def test_a_save_writes_the_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    pieces = AtomicFile._pieces

    def counted(file: AtomicFile, docs: Docs) -> Iterator[bytes]:
        for piece in pieces(file, docs):
            written.append(piece)
            yield piece

    db = AssistantFile(tmp_path / "a.json")
    db.assistants.change(lambda docs: docs.update({f"asst_{n}": doc(n) for n in range(1_000)}))
    monkeypatch.setattr(AtomicFile, "_pieces", counted)
    db.assistants.change(lambda docs: docs.update({"asst_7": doc(7, name="changed")}))
    assert sum(map(len, written)) == (tmp_path / "a.json").stat().st_size
    assert max(map(len, written)) < sum(map(len, written)) / 10  # in steps that hold the interpreter shortly
