"""How well and how fast the service finds passages: recall at 5 and 20, time and memory at 1,000 and 10,000 chunks.

    python -m bench.search [--json]

The baselines in the same run are the same text in an FTS5 table asked with the question's words, as SQLite ranks them:
plain, and with word stems. The distractors are made of the passages' own words, so that every question has many half
hits. A passage stands alone, shorter than what is around it, or inside a chunk of other words, as in a long document.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.search_set import PASSAGES, QUESTIONS
from playground_tui.service.files.attachments import add_store
from playground_tui.service.files.search import search
from playground_tui.service.files.words import indexed
from playground_tui.service.store import Connection, Database, chunks, store_files
from playground_tui.service.store.chunks import Passage

SIZES = (1_000, 10_000)
BATCH = 32
MOST = 20


def corpus(size: int, *, inside: bool = False) -> list[tuple[str, str]]:
    """(name, text): the passages among distractors of about 120 words each. `inside`: 90 other words around each."""
    chance = random.Random(7)
    words = [word for text in PASSAGES.values() if text.isascii() for word in re.findall(r"\w+", text)]
    filler = [f"term{n}" for n in range(4000)]

    def noise(count: int) -> str:
        return " ".join(chance.choice(words if chance.random() < 0.5 else filler) for _ in range(count))

    found = list(PASSAGES.items())
    if inside:
        cuts = [chance.randrange(91) for _ in found]
        pairs = zip(found, cuts, strict=True)
        found = [(name, f"{noise(cut)}. {text} {noise(90 - cut)}") for (name, text), cut in pairs]
    while len(found) < size:
        found.append((f"noise{len(found)}", noise(120)))
    chance.shuffle(found)
    return found


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


class Ours:
    name = "service"

    async def fill(self, folder: Path, texts: list[tuple[str, str]]) -> None:
        """As the indexer does: files of one passage each, stored 32 passages at a time."""
        self.db = Database(folder / "ours.sqlite3")
        await self.db.open()
        self.store: str = await self.db.write(lambda conn: str(add_store(conn, {}, 1)["id"]))
        for begin in range(0, len(texts), BATCH):
            part = texts[begin : begin + BATCH]
            await self.db.write(lambda conn, part=part: self._add(conn, part), durable=False)

    def _add(self, conn: Connection, part: list[tuple[str, str]]) -> None:
        for name, text in part:
            conn.execute(
                "INSERT INTO files (id, created_at, purpose, body) VALUES (?, 1, 'assistants', ?)",
                (name, json.dumps({"id": name, "filename": name})),
            )
            store_files.add(conn, self.store, {"file_id": name}, 1)
            job = store_files.claim(conn, "bench")
            assert job is not None
            chunks.add(conn, self.store, job.doc, [Passage(0, 0, (), text, indexed(text))])
            store_files.finish(conn, job, 1, len(text))

    async def find(self, question: str) -> list[str]:
        hits = await self.db.read(lambda conn: search(conn, (self.store,), (question,), MOST))
        return [hit.file_id for hit in hits]

    async def close(self) -> None:
        await self.db.close()


class Plain:
    name = "plain FTS5"
    options = ""

    async def fill(self, folder: Path, texts: list[tuple[str, str]]) -> None:
        self.conn = sqlite3.connect(folder / "plain.sqlite3")
        self.conn.execute("PRAGMA journal_mode = WAL")
        self.conn.execute(f"CREATE VIRTUAL TABLE plain USING fts5 (name UNINDEXED, text{self.options})")
        for begin in range(0, len(texts), BATCH):
            self.conn.executemany("INSERT INTO plain VALUES (?, ?)", texts[begin : begin + BATCH])
            self.conn.commit()

    async def find(self, question: str) -> list[str]:
        query = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question))
        sql = "SELECT name FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT ?"
        return [name for (name,) in self.conn.execute(sql, (query, MOST))]

    async def close(self) -> None:
        self.conn.close()


class Stems(Plain):
    name = "FTS5 with stems"
    options = ", tokenize = 'porter unicode61'"


async def measure(make: Callable[[], Any], texts: list[tuple[str, str]], passages: str) -> dict[str, Any]:
    one = make()
    with tempfile.TemporaryDirectory() as folder:
        before, began = memory_mb(), time.perf_counter()
        await one.fill(Path(folder), texts)
        filled = time.perf_counter() - began
        ranks, times = [], []
        for question, wanted in QUESTIONS:
            began = time.perf_counter()
            found = await one.find(question)
            times.append(time.perf_counter() - began)
            ranks.append(found.index(wanted) if wanted in found else MOST)
        await one.close()
        size = bytes_in(Path(folder))
    return {
        "who": one.name,
        "chunks": len(texts),
        "passages": passages,
        "recall_at_1": round(sum(rank < 1 for rank in ranks) / len(ranks), 3),
        "recall_at_5": round(sum(rank < 5 for rank in ranks) / len(ranks), 3),
        "recall_at_20": round(sum(rank < 20 for rank in ranks) / len(ranks), 3),
        "index_s": round(filled, 3),
        "search_ms_median": round(1000 * statistics.median(times), 2),
        "search_ms_worst": round(1000 * max(times), 2),
        "disk_mb": round(size / 1e6, 1),
        "memory_added_mb": round(memory_mb() - before, 1),
        "missed": [question for (question, _), rank in zip(QUESTIONS, ranks, strict=True) if rank >= 5],
    }


async def run() -> dict[str, Any]:
    rows = [
        await measure(make, corpus(size, inside=inside), "inside" if inside else "alone")
        for size in SIZES
        for inside in (False, True)
        for make in (Plain, Stems, Ours)
    ]
    return {"load": round(os.getloadavg()[0], 2), "questions": len(QUESTIONS), "results": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    result = asyncio.run(run())
    if wanted.json:
        print(json.dumps(result, indent=1, ensure_ascii=False))
        return
    print(f"load {result['load']}, {result['questions']} questions")
    for row in result["results"]:
        print(" · ".join(f"{key} {value}" for key, value in row.items() if key != "missed"))
        for question in row["missed"]:
            print(f"    not among the first 5: {question}")


if __name__ == "__main__":
    main()
