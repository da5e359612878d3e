"""Bringing together what the form holds and what the server says. Pure: drafts in, drafts out.

The API has no revision number, so fields are compared: with `base` (what the server last confirmed) on one side and
what the server says now on the other. Where only the server moved, its value is taken over; where both moved, the
form wins and the server's value is handed back for keeping.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from playground_tui.workspace.documents import holds
from playground_tui.workspace.store.drafts import set_value
from playground_tui.workspace.values import Draft, Json


class Merged(NamedTuple):
    draft: Draft
    taken: tuple[str, ...] = ()
    """Fields changed elsewhere and taken over."""
    contested: tuple[str, ...] = ()
    """Fields changed on both sides: the form's value stays, and is still to be saved."""

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(sorted({*self.taken, *self.contested}))


def merge(draft: Draft, remote: Mapping[str, Json], doubtful: Mapping[str, Json] = MappingProxyType({})) -> Merged:
    """`remote`: the fields that the server speaks of, null where not set. `doubtful`: what a save sent whose answer
    never came; where the server has just that, it is this side's own and nobody changed it elsewhere."""
    values, base = dict(draft.values), dict(draft.base)
    taken, contested = [], []
    for name, theirs in remote.items():
        before, mine = draft.base.get(name), draft.values.get(name)
        if theirs == before:
            continue
        set_value(base, name, mine if mine == theirs else theirs)
        in_doubt = name in doubtful
        if mine == theirs:
            continue
        if in_doubt and arrived(theirs, doubtful[name]):
            if mine == doubtful[name]:
                set_value(values, name, theirs)
            continue
        if mine == before and not in_doubt:
            set_value(values, name, theirs)
            taken.append(name)
        else:
            contested.append(name)
    if base == draft.base:
        return Merged(draft)
    return Merged(replace(draft, values=values, base=base), tuple(sorted(taken)), tuple(sorted(contested)))


def confirm(draft: Draft, sent: Mapping[str, Json], answer: Mapping[str, Json]) -> Merged:
    """After a save: `answer` is what the server has now, `draft` what the form holds now, perhaps edited since.
    A sent field that the answer leaves out counts as stored."""
    values, base = dict(draft.values), dict(draft.base)
    moved = []
    for name, value in sent.items():
        stored = answer.get(name, value)
        stored = value if stored == value else stored  # a server may give keys back in another order
        set_value(base, name, stored)
        if draft.values.get(name) == value and stored != value:
            set_value(values, name, stored)
            if not _same_but_for_defaults(stored, value):
                moved.append(name)
    own = replace(draft, values=values, base=base)
    rest = merge(own, {name: value for name, value in answer.items() if name not in sent})
    return Merged(rest.draft, tuple(sorted({*rest.taken, *moved})), rest.contested)


def arrived(stored: Json, sent: Json) -> bool:
    """Whether a server that has `stored` was sent `sent`, as far as can be told: it may have added defaults."""
    return bool(stored == sent) or (sent is not None and holds(stored, sent))


def _same_but_for_defaults(stored: Json, sent: Json) -> bool:
    return sent is None or holds(stored, sent)
