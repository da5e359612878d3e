"""Thousands of assistants and threads: the lists come at once, are searched, and what was found opens."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from tests.faults.stage import PATIENCE, Hurt, Stage, answered
from tests.support.endpoint import ScriptedEndpoint

ASSISTANTS, THREADS = "\x0f", "\x12"
"""ctrl+o, ctrl+r."""


def copied(stage: Stage, table: str, count: int) -> None:
    """The one row of the service's `table` that is there, many times over; each with words of its own."""
    with closing(sqlite3.connect(stage.folder / "service.sqlite3")) as conn, conn:
        (text,) = conn.execute(f"SELECT body FROM {table}").fetchone()
        body = json.loads(text)
        for number in range(count):
            own = {"id": f"{body['id'][:-6]}{number:06}", "created_at": body["created_at"] - number}
            if table == "assistants":
                own |= {"name": f"Helper {number}", "description": f"Number{number * 7}"}
            else:
                own |= {"metadata": {"title": f"Topic {number} Number{number * 7}"}}
            values = (own["id"], own["created_at"], json.dumps({**body, **own}))
            conn.execute(f"INSERT INTO {table} (id, created_at, body) VALUES (?, ?, ?)", values)


def found(program: Hurt, key: str, word: str, row: str) -> None:
    """`row` is not among what was typed, so only the list can show it."""
    program.raw = b""
    program.write(key)
    program.until("Search", timeout=PATIENCE)
    program.write(word)
    program.until(row, timeout=PATIENCE)
    program.raw = b""
    program.write("\r")
    program.until(f"{row} ", timeout=PATIENCE)


@pytest.mark.slow
@pytest.mark.parametrize("count", [2_000, 10_000])
def test_many_assistants_and_threads(stage: Stage, endpoint: ScriptedEndpoint, count: int) -> None:
    stage.settings(endpoint.base_url)
    first = stage.open()
    answered(first, "hello", "You said: hello")
    first.leave()
    copied(stage, "assistants", count)
    copied(stage, "threads", count)
    program = stage.open("You said: hello")
    answered(program, "once", "You said: once")
    before, last = program.held, count - 1
    found(program, ASSISTANTS, f"Number{last * 7}", f"Helper {last}")
    found(program, THREADS, f"Number{last * 7}", f"Topic {last}")
    answered(program, "here", "You said: here")
    program.lets_go(before)
    program.leave()
    again = stage.open("You said: here")
    found(again, ASSISTANTS, f"Number{7 * 5}", "Helper 5")
    again.leave()
    stage.check()
