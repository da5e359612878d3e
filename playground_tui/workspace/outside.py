"""What somebody else changed on the server while it was edited here: kept until the next such change, so that it can be
looked at and undone."""

from __future__ import annotations

from collections.abc import Mapping

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.values import Json


@dataclass(frozen=True, slots=True)
class OutsideChange:
    draft_id: str
    name: str
    """The assistant's, for the title of a picture."""
    taken: tuple[str, ...]
    """Fields not edited here: their values were taken over."""
    contested: tuple[str, ...]
    """Fields edited on both sides: this side's values stand."""
    mine: Mapping[str, Json]
    """These fields as they were here; one that is absent was not set."""
    theirs: Mapping[str, Json]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(sorted({*self.taken, *self.contested}))

    @property
    def before(self) -> dict[str, Json]:
        """What an undo leaves behind."""
        return self._choose(self.theirs, self.mine)

    @property
    def undone(self) -> dict[str, Json]:
        """What an undo puts in place: the former values where theirs were taken over, theirs where they were not."""
        return self._choose(self.mine, self.theirs)

    def _choose(self, for_taken: Mapping[str, Json], for_contested: Mapping[str, Json]) -> dict[str, Json]:
        taken = {name: for_taken.get(name) for name in self.taken}
        return taken | {name: for_contested.get(name) for name in self.contested}


def outside_change(
    draft_id: str,
    name: str,
    taken: tuple[str, ...],
    contested: tuple[str, ...],
    mine: Mapping[str, Json],
    theirs: Mapping[str, Json],
) -> OutsideChange | None:
    """None when nothing was changed elsewhere."""
    names = sorted({*taken, *contested})
    if not names:
        return None
    here = {field: mine[field] for field in names if mine.get(field) is not None}
    there = {field: theirs[field] for field in names if theirs.get(field) is not None}
    only_taken = tuple(sorted(set(taken) - set(contested)))
    return OutsideChange(draft_id, name, only_taken, tuple(sorted(contested)), here, there)
