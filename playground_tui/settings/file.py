"""`settings.yaml`: read, watched by its time and size, written in place of the old one. Contract: reading never
raises, writing keeps the person's comments and whatever stands in the file that this version does not know."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from playground_tui.quick_dataclass import dataclass
from playground_tui.settings.model import Provider, Server, Settings
from playground_tui.settings.paths import Paths
from playground_tui.settings.presets import DEMO


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    sentence: str
    line: int | None = None
    """Counted from 1; None where it is about the whole file."""

    def __str__(self) -> str:
        where = f"settings.yaml, line {self.line}" if self.line else "settings.yaml"
        return f"{where}: {self.sentence}"


class SettingsStore:
    """The settings of one home. Thread-safe: `current` is replaced whole, reading and writing the file take turns."""

    def __init__(self, paths: Paths) -> None:
        self.path = paths.settings_file
        self.current = Settings(providers=(DEMO,))
        self.problems: tuple[SettingsProblem, ...] = ()
        self._stamp: tuple[int, int, int] | None = None
        self._overlay: dict[str, Any] = {}
        self._lock = threading.RLock()
        self.reload(force=True)

    def overlay(self, **values: Any) -> None:
        """Settings for this process only (`--base-url`), laid over what the file says and never written. `providers`
        come before the file's."""
        with self._lock:
            self._overlay.update(values)
            self._take(self.current)

    def is_stale(self) -> bool:
        """Whether the file is another one than the one that was read."""
        return _stamp(self.path) != self._stamp

    def reload(self, *, force: bool = False) -> bool:
        """Take up what changed on disk. True when the settings are other ones now. A file that is not YAML leaves
        the present settings in force and is reported in `problems`."""
        if _stamp(self.path) == self._stamp and not force:
            return False
        with self._lock:
            self._stamp = _stamp(self.path)
            before = self.current
            if self._stamp is None:
                self._take(Settings(providers=(DEMO,)))
                self.problems = ()
            else:
                self._read()
            return self.current != before

    def change(self, section: str, values: Mapping[str, Any] | None, name: str | None = None) -> None:
        """Set one top-level setting (`name` None, `values` {"value": …}) or one entry of `providers`/`servers`; None
        removes it. Reads the file again first, so that changes made outside stay. Raises OSError, YamlError."""
        from playground_tui.settings.yaml_text import edit_yaml

        def apply(data: Any) -> None:
            where, key = data, section
            if name is not None:
                if not isinstance(data.get(section), Mapping):
                    data[section] = {}
                where, key = data[section], name
            if values is None:
                where.pop(key, None)
            elif name is None:
                where[key] = values["value"]
            else:
                _merge(where, key, values)

        with self._lock:
            text = self.path.read_text("utf-8") if self.path.exists() else ""
            write_atomically(self.path, edit_yaml(text, apply))
            self.reload(force=True)

    def set(self, setting: str, value: Any) -> None:
        """Write one top-level setting. Raises OSError, YamlError."""
        self.change(setting, {"value": value})

    def put_provider(self, provider: Provider) -> None:
        self.change("providers", _entry(provider), provider.id)

    def put_server(self, server: Server) -> None:
        self.change("servers", _entry(server), server.id)

    def remove(self, section: str, entry_id: str) -> None:
        self.change(section, None, entry_id)

    def _take(self, settings: Settings) -> None:
        from dataclasses import replace

        over = dict(self._overlay)
        if "providers" in over:
            ids = {provider.id for provider in over["providers"]}
            over["providers"] = (*over["providers"], *(p for p in settings.providers if p.id not in ids))
        self.current = replace(settings, **over) if over else settings

    def _read(self) -> None:
        from playground_tui.settings.parse import Report, parse_settings
        from playground_tui.settings.yaml_text import YamlError, line_of, load_yaml

        try:
            text = self.path.read_text("utf-8")
            data = load_yaml(text)
        except YamlError as error:
            self.problems = (SettingsProblem(f"not YAML ({error.message}); it is not used.", error.line),)
            return
        except (OSError, UnicodeDecodeError) as error:
            self.problems = (SettingsProblem(f"could not be read ({type(error).__name__}); it is not used."),)
            return
        report = Report()
        self._take(parse_settings(data, report))
        self.problems = tuple(
            SettingsProblem(sentence, line_of(text, path) if path else None) for path, sentence in report.problems
        )


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file whole: temporary file beside it, flush, fsync, rename. Raises OSError, then nothing is left."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _entry(item: Provider | Server) -> dict[str, Any]:
    """What differs from an empty (or preset) one, as the file has it. None marks what is to be taken out."""
    base: Any = type(item)(item.id) if isinstance(item, Server) else Provider(item.id, item.kind)
    if isinstance(item, Provider) and item.preset:
        from playground_tui.settings.presets import presets

        if preset := presets().get(item.preset):
            base = preset.provider(item.id)
    entry: dict[str, Any] = {}
    for f in fields(item):
        value = getattr(item, f.name)
        if f.name == "id" or value == getattr(base, f.name):
            continue
        entry[f.name] = dict(value) if isinstance(value, Mapping) else value
    if isinstance(item, Provider):
        entry.update({"preset": item.preset} if item.preset else {"kind": item.kind})
    return entry


def _merge(where: Any, key: str, values: Mapping[str, Any]) -> None:
    """Write `values` over the entry at `key` in place; names this version knows and that are not in `values` go."""
    known = {f.name for f in fields(Provider)} | {f.name for f in fields(Server)}
    present = where.get(key)
    if not isinstance(present, Mapping):
        where[key] = dict(values)
        return
    for name in [n for n in present if n in known and n not in values]:
        del present[name]  # type: ignore[attr-defined]
    present.update(values)  # type: ignore[attr-defined]


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
