"""Nothing here asserts a time: a machine that is busy makes no test of properties fail either."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

HERE = Path(__file__).parent
UNCOUNTED = (
    *("chat_flows", "cli", "connections", "faults", "files_app", "remote"),
    *("tui_assistants", "tui_chat", "tui_snapshots"),
)
"""Whole programs and screens end to end: counting lines there costs a minute and finds few that the others miss."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.relative_to(HERE).parts[0] in UNCOUNTED:
            item.add_marker("no_cover")
