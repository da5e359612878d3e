"""References to keys and what they stand for. Contract: a key lives in this process's memory only; it is never part
of a repr, an error text or a log line.

References: `env:NAME`, `keyring:NAME` (service `playground-tui`), `command:ARGV…` (no shell, 10 s, cached),
`session` (given by the person for this run of the program).
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground_tui.settings.model import Provider, Server

COMMAND_SECONDS = 10.0
KEYRING_SERVICE = "playground-tui"
_KEY_LOOK = re.compile(r"\b(?:sk|gsk|xai|pk|rk|key)[-_][A-Za-z0-9_\-]{12,}|(?<=Bearer )[A-Za-z0-9._\-]{8,}")


class KeyUnavailable(Exception):
    """A reference that gives no key. `sentence` says which, where it is set and what to do; never the key."""

    def __init__(self, ref: str, sentence: str) -> None:
        super().__init__(sentence)
        self.ref = ref
        self.sentence = sentence


def describe(ref: str) -> str:
    """Where a key is set, for an error sentence: `the environment variable OPENAI_API_KEY`."""
    kind, _, rest = ref.partition(":")
    if kind == "env":
        return f"the environment variable {rest}"
    if kind == "keyring":
        return f"the system keyring entry {rest}"
    if kind == "command":
        program = (shlex.split(rest) or ["?"])[0] if rest else "?"
        return f"the key command {program}"
    return "the key given for this session" if ref == "session" else "no key"


def the_key(place: str, where: str = "in") -> str:
    """The key at a place that `describe` named, within a sentence."""
    return place if place == describe("session") else f"the key {where} {place}"


def server_owner(server_id: str) -> str:
    """The owner of a server's session key. A provider's is its id: a provider and a server of one name share none."""
    return f"server {server_id}"


def looks_secret(name: str) -> bool:
    """Whether a header or query parameter of this name carries a key."""
    return any(word in name.lower() for word in ("auth", "key", "token", "secret", "password"))


def own_secrets(entry: Provider | Server) -> list[str]:
    """What is secret in an entry of the settings itself: headers and queries that are keys by their name, and the
    password of a proxy."""
    from urllib.parse import unquote, urlsplit

    found = [value for name, value in (*entry.headers.items(), *entry.query.items()) if looks_secret(name)]
    try:
        password = urlsplit(entry.proxy).password or ""
    except ValueError:
        password = ""
    return [secret for secret in (*found, password, unquote(password)) if secret]


def check_reference(ref: str) -> str | None:
    """What is wrong with a reference, as a sentence, or None. A bare key is refused without being repeated."""
    kind, colon, rest = ref.partition(":")
    if ref in ("", "session"):
        return None
    if kind in ("env", "keyring", "command") and colon and rest.strip():
        if kind == "env" and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", rest):
            return "After env: comes the name of an environment variable."
        if kind == "command":
            try:
                shlex.split(rest)
            except ValueError:
                return "The key command has an open quote."
        return None
    return "A key is given as env:NAME, keyring:NAME, command:PROGRAM ARGUMENTS or session, never the key itself."


class KeyRing:
    """Resolves references. Thread-safe; commands run once per reference and process."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._session: dict[str, str] = {}
        self._commands: dict[str, str] = {}
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "KeyRing(…)"

    def set_session(self, owner_id: str, key: str) -> None:
        """Keep a key of provider or server `owner_id` until the program ends; an empty one forgets it."""
        with self._lock:
            if key:
                self._session[owner_id] = self._remember(key.strip())
            else:
                self._session.pop(owner_id, None)

    def has_session(self, owner_id: str) -> bool:
        with self._lock:
            return owner_id in self._session

    def note(self, ref: str) -> str:
        """What can be said of a well-formed reference without asking a keyring or running a command."""
        kind, _, rest = ref.partition(":")
        if kind == "env":
            return f"{rest} is set." if self._environ.get(rest, "").strip() else f"{rest} is not set in this terminal."
        if kind == "session":
            return "Asked for once; forgotten when the program ends."
        return {"keyring": f"The entry {rest} of the system keyring.", "command": "Run when a key is needed."}.get(
            kind, ""
        )

    def hide(self, secrets: Iterable[str]) -> None:
        """Mask these too in `redact`: keys that stand in headers or queries of the settings."""
        with self._lock:
            for secret in secrets:
                self._remember(secret)

    def store(self, name: str, key: str) -> None:
        """Put a key into the system keyring, where `keyring:NAME` finds it. May block. Raises `KeyUnavailable`."""
        with self._lock:
            self._remember(key)
        try:
            import keyring

            keyring.set_password(KEYRING_SERVICE, name, key)
        except Exception as error:
            what = f"The system keyring did not take the key ({type(error).__name__})."
            raise KeyUnavailable(f"keyring:{name}", what) from None

    def resolve(self, ref: str, owner_id: str = "") -> str | None:
        """The key, None where no reference is set. A session key of `owner_id` comes first. Blocks up to 10 s for a
        command or a locked keyring: call it off the loop. Raises `KeyUnavailable`."""
        with self._lock:
            if owner_id and (given := self._session.get(owner_id)):
                return given
        if not ref:
            return None
        if problem := check_reference(ref):
            raise KeyUnavailable(ref.partition(":")[0], problem)
        kind, _, rest = ref.partition(":")
        if kind == "session":
            raise KeyUnavailable(
                ref, f"No key was given for {owner_id or 'this'} in this session; give one in Connections."
            )
        key = {"env": self._from_env, "keyring": self._from_keyring, "command": self._from_command}[kind](rest)
        with self._lock:
            return self._remember(key)

    def forget_commands(self) -> None:
        """Run key commands again on the next use (after a refused key)."""
        with self._lock:
            self._commands.clear()

    def redact(self, text: str) -> str:
        """`text` with every key this process has seen, and whatever looks like one, masked."""
        with self._lock:
            seen = sorted(self._seen, key=len, reverse=True)
        for key in seen:
            text = text.replace(key, "•••")
        return _KEY_LOOK.sub("•••", text)

    def _remember(self, key: str) -> str:
        if len(key) >= 6:
            self._seen.add(key)
        return key

    def _from_env(self, name: str) -> str:
        key = self._environ.get(name, "").strip()
        if not key:
            raise KeyUnavailable(f"env:{name}", f"The environment variable {name} is not set; set it and start again.")
        return key

    def _from_keyring(self, name: str) -> str:
        ref = f"keyring:{name}"
        try:
            import keyring

            key = keyring.get_password(KEYRING_SERVICE, name)
        except Exception as error:
            raise KeyUnavailable(ref, f"The system keyring did not answer ({type(error).__name__}).") from None
        if not key:
            raise KeyUnavailable(ref, f"The system keyring has no entry {name} for {KEYRING_SERVICE}.")
        return key.strip()

    def _from_command(self, line: str) -> str:
        with self._lock:
            if cached := self._commands.get(line):
                return cached
        ref, argv = f"command:{line}", shlex.split(line)
        try:
            done = subprocess.run(
                argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_SECONDS, check=False, text=True
            )
        except subprocess.TimeoutExpired:
            raise KeyUnavailable(ref, f"The key command {argv[0]} gave nothing within {COMMAND_SECONDS:g} s.") from None
        except (OSError, ValueError):
            raise KeyUnavailable(ref, f"The key command {argv[0]} could not be started.") from None
        lines = done.stdout.strip().splitlines()
        if done.returncode != 0 or not lines:
            how = f"ended with status {done.returncode}" if done.returncode else "printed nothing"
            raise KeyUnavailable(ref, f"The key command {argv[0]} {how}.")
        with self._lock:
            self._commands[line] = lines[0].strip()
        return lines[0].strip()
