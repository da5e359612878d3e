"""Where things lie. With `PLAYGROUND_TUI_HOME` set, that one folder holds settings and data."""

from __future__ import annotations

import os
from pathlib import Path

from playground_tui.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Paths:
    config: Path
    """Holds `settings.yaml` and `themes/`."""
    data: Path
    """Holds the databases, the cache, file contents and the log."""

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.yaml"

    @property
    def themes(self) -> Path:
        return self.config / "themes"

    @property
    def workspace_db(self) -> Path:
        return self.data / "workspace.sqlite3"

    @property
    def service_db(self) -> Path:
        return self.data / "service.sqlite3"

    @property
    def files(self) -> Path:
        return self.data / "files"

    @property
    def cache(self) -> Path:
        return self.data / "cache"

    @property
    def locks(self) -> Path:
        return self.data / "locks"

    @property
    def log_file(self) -> Path:
        return self.data / "logs" / "playground-tui.log"

    @property
    def serve_key_file(self) -> Path:
        return self.data / "serve.key"

    def make(self) -> None:
        """Create the folders, private to the person (0700). Raises OSError."""
        for folder in (self.config, self.data, self.cache, self.files, self.locks, self.log_file.parent):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def find_paths(home: str | os.PathLike[str] | None = None) -> Paths:
    """`home`, else `PLAYGROUND_TUI_HOME`, else the system's own folders. Nothing is created."""
    chosen = home or os.environ.get("PLAYGROUND_TUI_HOME")
    if chosen:
        root = Path(chosen).expanduser().absolute()
        return Paths(root, root)
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("playground-tui", appauthor=False)
    return Paths(Path(dirs.user_config_dir), Path(dirs.user_data_dir))
