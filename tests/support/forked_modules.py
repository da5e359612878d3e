"""Everything that a command may load, loaded: `forked.py` forks from a process that has imported this."""

from __future__ import annotations

import importlib
import pkgutil

import openai.resources.beta
import openai.resources.chat
import openai.resources.responses  # noqa: F401
import starlette.applications  # noqa: F401
import tinydb  # noqa: F401

import playground_tui

for found in pkgutil.walk_packages(playground_tui.__path__, "playground_tui."):
    if not found.name.startswith(("playground_tui.tui", "playground_tui.__main__")):
        importlib.import_module(found.name)
