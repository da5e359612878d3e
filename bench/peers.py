"""Other programs to measure beside, installed by name into a folder of their own with pip.

`python -m bench.peers` installs what is missing into `PLAYGROUND_BENCH_PEERS` (else a folder of the cache) and says
what did not come. Each keeps its settings in a folder that is made for one start.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(os.environ.get("PLAYGROUND_BENCH_PEERS") or Path.home() / ".cache" / "playground-tui-bench")


@dataclass(frozen=True)
class Peer:
    package: str
    """As pip takes it, with the version that is measured."""
    command: tuple[str, ...]
    """Its program among what the package installs, and arguments."""
    ready: str
    """Text that stands on its screen when it takes a message."""
    send: str
    """The key that sends."""
    settings: Callable[[Path, str], dict[str, str]]
    """Writes its settings into a home, to ask an endpoint; gives what it needs in its environment."""

    @property
    def place(self) -> Path:
        return FOLDER / re.sub(r"[^\w.-]+", "-", self.package)

    @property
    def executable(self) -> Path:
        return self.place / "bin" / self.command[0]

    def environ(self, home: Path, base_url: str) -> dict[str, str]:
        own = {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "OPENAI_API_KEY": "none",
        }
        return own | self.settings(home, base_url)


def _elia(home: Path, base_url: str) -> dict[str, str]:
    config = home / "config" / "elia" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        'default_model = "scripted"\n[[models]]\nname = "openai/scripted-model"\nid = "scripted"\n'
        f'display_name = "Scripted"\napi_base = "{base_url}"\napi_key = "none"\n'
    )
    return {}


def _gptme(_home: Path, base_url: str) -> dict[str, str]:
    return {"OPENAI_BASE_URL": base_url}


PEERS = (
    Peer("elia-chat==1.10.0", ("elia",), "Scripted", "\n", _elia),
    Peer(
        "gptme[tui]==0.35.1",
        ("gptme-tui", "-m", "local/scripted-model", "-t", "read", "--tool-format", "tool"),
        "scripted-model",
        "\r",
        _gptme,
    ),
)


def install() -> tuple[Peer, ...]:
    """Those that are there afterwards; what failed is said on standard error."""
    return tuple(peer for peer in PEERS if peer.executable.exists() or _installed(peer))


def _installed(peer: Peer) -> bool:
    pip = [str(peer.place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run([sys.executable, "-m", "venv", str(peer.place)], check=True, stdout=sys.stderr)
        subprocess.run([*pip, peer.package], check=True, stdout=sys.stderr, stderr=subprocess.PIPE, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        words = str(getattr(error, "stderr", "") or error).strip().splitlines()
        print(f"{peer.package} could not be installed: {words[-1] if words else error}", file=sys.stderr)
        return False
    return peer.executable.exists()


def main() -> None:
    there = install()
    for peer in PEERS:
        print(f"{peer.package}: {peer.executable if peer in there else 'not there'}")


if __name__ == "__main__":
    main()
