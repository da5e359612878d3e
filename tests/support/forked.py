"""The command line in a process of its own, forked from one that has its modules already: what a test asks of a command
is the same, and most of what a start costs is paid once. What a start itself does is tested with real ones."""

from __future__ import annotations

import atexit
import io
import multiprocessing
import os
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

PRELOADED = ["tests.support.forked_modules"]


def run_forked(
    arguments: Sequence[str], environ: Mapping[str, str], folder: Path, stdin: bytes | None, room: Path, patience: float
) -> tuple[int, bytes, bytes]:
    """(exit code, standard output, standard error). `stdin`: None is /dev/null. `room`: a folder for the three files.
    Raises TimeoutError after `patience` seconds."""
    paths = [room / name for name in ("stdin", "stdout", "stderr")]
    paths[0].write_bytes(stdin or b"")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    files = [os.devnull if stdin is None else str(paths[0]), *map(str, paths[1:])]
    process = context.Process(target=_enter, args=(list(arguments), dict(environ), str(folder), files))
    process.start()
    process.join(patience)
    if process.exitcode is None:
        process.kill()
        raise TimeoutError(f"{arguments} did not end within {patience:g} s")
    return process.exitcode, paths[1].read_bytes(), paths[2].read_bytes()


def _enter(arguments: list[str], environ: dict[str, str], folder: str, files: list[str]) -> None:
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    _connect(files)
    sys.argv = ["playground-tui", *arguments]
    code = _run()
    threading._shutdown()  # type: ignore[attr-defined]  # what the interpreter does at its end, and a fork does not
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _connect(files: list[str]) -> None:
    for number, path in enumerate(files):
        descriptor = os.open(
            path, os.O_RDWR if path == os.devnull else os.O_RDWR | os.O_CREAT | (number and os.O_TRUNC)
        )
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False), "utf-8")  # noqa: SIM115
    sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), "utf-8")  # noqa: SIM115
    sys.stderr = io.TextIOWrapper(open(2, "wb", closefd=False), "utf-8", "backslashreplace", write_through=True)  # noqa: SIM115


def _run() -> int:
    from playground_tui.__main__ import main

    try:
        main()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0
