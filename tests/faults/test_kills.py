"""`kill -9` at random moments, many times over on one home: of typing, saving, streaming, indexing and migrating.

A round starts what the last one killed, lets it work, and kills it at a moment chosen by chance; what was confirmed
must then be on disk, and the next start must find it. `FAULTS_SEED=…` repeats the rounds of a failure, which
names it; the 1,000 rounds of `make test-slow` are 200 of each.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.kill_rounds import Indexing, Migrating, Rounds, Saving, Streaming, Typing

KINDS = (Typing, Saving, Streaming, Indexing, Migrating)
PER_TEST = 20
QUICK = {Typing: 1, Saving: 1, Streaming: 1, Indexing: 2, Migrating: 8}


def play(make: Callable[[Path, random.Random], Rounds], folder: Path, count: int, seed: int) -> None:
    seed = int(os.environ.get("FAULTS_SEED", seed))
    print(f"FAULTS_SEED={seed}")  # noqa: T201  # shown with a failure
    rounds = make(folder, random.Random(seed))
    try:
        for number in range(count):
            rounds.play(number)
        rounds.finish()
    finally:
        rounds.end()
    rounds.check()


@pytest.mark.process
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_confirmed_is_lost(tmp_path: Path, kind: type[Rounds]) -> None:
    play(kind, tmp_path, QUICK[kind], int(time.time()))


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(200 // PER_TEST))
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_confirmed_is_lost_in_many_rounds(tmp_path: Path, kind: type[Rounds], seed: int) -> None:
    play(kind, tmp_path, PER_TEST, seed)
