"""The one command, `playground-tui`."""

from __future__ import annotations

import os
import sys
from importlib import _bootstrap_external as compiled

COMPLETE = "_PLAYGROUND_TUI_COMPLETE"
"""The shell asks for completions by it, without arguments."""


def write_whole_modules() -> None:
    """On a disk that runs full Python 3.11 keeps what fitted of a compiled module, and every later start ends with it
    (CPython issue 126606, mended in 3.12 and later ones). Such a one is removed."""
    write = compiled._write_atomic  # type: ignore[attr-defined]

    def write_whole(path: str, data: bytes, *mode: int) -> None:
        write(path, data, *mode)
        if os.stat(path).st_size != len(data):
            os.unlink(path)

    compiled._write_atomic = write_whole  # type: ignore[attr-defined]


def main() -> None:
    """Run the command line and leave with its exit code. Without arguments nothing has to be parsed: the app opens
    without loading the parser."""
    write_whole_modules()
    if sys.argv[1:] or COMPLETE in os.environ:
        from playground_tui.cli.root import run

        sys.exit(run(sys.argv[1:]))
    from playground_tui.cli.front import run_app

    sys.exit(run_app())


if __name__ == "__main__":
    main()
