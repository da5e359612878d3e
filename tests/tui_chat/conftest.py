from __future__ import annotations

from tests.tui.conftest import _no_home, _utc, open_app, paths, workspace

__all__ = ["_no_home", "_utc", "open_app", "paths", "workspace"]
