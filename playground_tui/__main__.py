"""The one command, `playground-tui`."""

from __future__ import annotations

import os
import sys

COMPLETE = "_PLAYGROUND_TUI_COMPLETE"
"""The shell asks for completions by it, without arguments."""


def main() -> None:
    """Run the command line and leave with its exit code. Without arguments nothing has to be parsed: the app opens
    without loading the parser."""
    if sys.argv[1:] or COMPLETE in os.environ:
        from playground_tui.cli.root import run

        sys.exit(run(sys.argv[1:]))
    from playground_tui.cli.front import run_app

    sys.exit(run_app())


if __name__ == "__main__":
    main()
