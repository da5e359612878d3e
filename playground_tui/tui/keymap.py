"""The person's keymap, checked: Textual ignores unknown ids and lets the first of two clashing keys win, silently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.binding import Binding

from playground_tui.quick_dataclass import dataclass

TEXT_KEYS = frozenset(f"ctrl+{letter}" for letter in "acdekuvwxyz")
"""What the text editor uses."""
LINE_KEYS = TEXT_KEYS - {"ctrl+z", "ctrl+y"}
"""What a line of text uses: it takes nothing back."""
TERMINAL_KEYS = frozenset(("ctrl+i", "ctrl+m", "ctrl+h", "ctrl+b"))
"""Tab, enter and backspace in disguise, and tmux's own prefix."""
MODIFIERS = frozenset(("ctrl", "shift", "alt", "super", "hyper", "meta"))


@dataclass(frozen=True, slots=True)
class Scope:
    """The bindings of one widget or screen."""

    name: str
    bindings: tuple[Binding, ...]
    within: tuple[str, ...] = ()
    """The scopes around it, whose keys work there too."""
    app_wide: bool = False
    """Works around text editors, so it leaves them their keys."""
    typed: bool = False
    """A line of text has the focus there: what it takes never comes to these bindings."""

    def meets(self, other: Scope) -> bool:
        """Whether a key can reach both."""
        return self is other or self.name in other.within or other.name in self.within


@dataclass(frozen=True, slots=True)
class Checked:
    keymap: dict[str, str]
    """What can be handed to Textual."""
    problems: tuple[str, ...]
    """One sentence each."""


def check_keymap(wanted: Mapping[str, str], scopes: Iterable[Scope]) -> Checked:
    """Take what works of `wanted` (id → keys separated by commas); an entry with a fault keeps its default keys."""
    scopes = tuple(scopes)
    taken: dict[str, str] = {}
    problems: list[str] = []
    for binding_id, keys in wanted.items():
        parts = [key.strip() for key in keys.split(",") if key.strip()]
        problem = _entry_problem(binding_id, parts, scopes) or _clash(binding_id, parts, {**wanted, **taken}, scopes)
        if problem:
            problems.append(problem)
        else:
            taken[binding_id] = ",".join(parts)
    return Checked(taken, tuple(problems))


def _entry_problem(binding_id: str, keys: list[str], scopes: tuple[Scope, ...]) -> str:
    scope = next((scope for scope in scopes if any(b.id == binding_id for b in scope.bindings)), None)
    if scope is None:
        return f"keymap: {binding_id} is no id of a binding; f1 lists them."
    if not keys:
        return f"keymap: {binding_id} needs at least one key."
    for key in keys:
        if not _is_key(key):
            return f"keymap: {key} for {binding_id} is no key."
        if scope.typed and (len(key) == 1 or key in LINE_KEYS):
            return f"keymap: {key} for {binding_id} would go into the line that is typed in."
        if scope.app_wide and len(key) == 1:
            return f"keymap: {key} for {binding_id} would be taken away from typing."
        if scope.app_wide and key in TEXT_KEYS:
            return f"keymap: {key} for {binding_id} belongs to the text editor."
        if scope.app_wide and key in TERMINAL_KEYS:
            return f"keymap: {key} for {binding_id} cannot be told from another key by terminals."
    return ""


def _clash(binding_id: str, keys: list[str], keymap: Mapping[str, str], scopes: tuple[Scope, ...]) -> str:
    homes = [(scope, b) for scope in scopes for b in scope.bindings if b.id == binding_id]
    met = ((home, own, scope) for home, own in homes for scope in scopes if scope.meets(home))
    for home, own, scope in met:
        for other in scope.bindings:
            if other.id == binding_id or (other.id is None and scope is not home):
                continue
            theirs = {key.strip() for key in keymap.get(other.id or "", other.key).split(",")}
            if scope is not home:  # what both have by default is meant so: the inner one goes first
                theirs -= set(own.key.split(",")) & set(other.key.split(","))
            if common := next((key for key in keys if key in theirs), None):
                return f"keymap: {common} for {binding_id} is already {other.id or other.description}'s."
    return ""


def _is_key(key: str) -> bool:
    *modifiers, base = key.split("+") if key != "+" else ["+"]
    if not all(modifier in MODIFIERS for modifier in modifiers) or not base:
        return False
    return len(base) == 1 or base in _named_keys()


def _named_keys() -> frozenset[str]:
    from textual.keys import KEY_NAME_REPLACEMENTS, Keys

    return frozenset((*(str(key.value) for key in Keys), *KEY_NAME_REPLACEMENTS.values(), *KEY_NAME_REPLACEMENTS))
