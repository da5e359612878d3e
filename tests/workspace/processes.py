"""Workspaces in processes of their own (`life_process.py`), told what to do and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any


class Process:
    def __init__(self, home: Path, server: str = "local") -> None:
        env = {k: v for k, v in os.environ.items() if not k.startswith("OPENAI_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.workspace.life_process", str(home), server],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
            cwd=Path(__file__).parents[2],
        )
        self._answer()

    def tell(self, do: str, **what: Any) -> Any:
        self.say(do, **what)
        return self._answer()

    def say(self, do: str, **what: Any) -> None:
        """Without waiting for the answer: what is told next must be the end."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **what}) + "\n")
        self._process.stdin.flush()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process ended"
        return json.loads(line)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._end()

    def leave(self) -> None:
        self.tell("close")
        self._end()

    def _end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
