"""What `pull` and `push` share: reading both sides, telling what differs, doing it, remembering what they agreed on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground_tui.cli.exits import DONE, FAILED, WRONG_USAGE, CommandFailed
from playground_tui.cli.output import Out
from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.exchange.folder import Known, Pair, State, match, read_folder
from playground_tui.workspace.store import Connection, kv

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless


@dataclass(frozen=True, slots=True)
class Step:
    """What is done about one pair; `action` empty: nothing, and `why` says so."""

    pair: Pair
    action: str = ""
    why: str = ""
    collision: bool = False


class Folder:
    """A folder beside a server. Raises `CommandFailed`."""

    def __init__(self, headless: Headless, name: str) -> None:
        self.path = Path(name).expanduser().absolute()
        self._headless = headless
        self._key = f"folder:{headless.server.id}:{self.path}"

    def must_be_there(self) -> None:
        """A folder that is not there says nothing about assistants, least of all that they are to be deleted."""
        if not self.path.is_dir():
            raise CommandFailed(f"There is no folder {self.path}. Nothing was sent; `pull` makes it.", WRONG_USAGE)

    def file_of(self, name: str, pairs: Iterable[Pair]) -> str:
        """The file that `name` means: its name in the folder, or a path to it."""
        files = {pair.file for pair in pairs}
        path = Path(name).expanduser().absolute()
        found = name if name in files else path.name if path.parent.resolve() == self.path.resolve() else ""
        if found not in files:
            raise CommandFailed(f"--overwrite {name}: {self.path} has no such assistant.", WRONG_USAGE)
        return found

    async def pairs(self) -> tuple[Pair, ...]:
        """Both sides as they are now; the server is asked."""
        from playground_tui.workspace.failures import FailureError

        if failure := await self._headless.list_assistants(ask=True):
            raise FailureError(failure)
        rows = self._headless.assistants.listing.value.rows
        docs = [await self._headless.assistants.doc(row.id) for row in rows if not row.is_draft]
        memory = await self._headless.store.read(self._memory)
        try:
            return match(read_folder(self.path), docs, memory)
        except OSError as error:
            raise CommandFailed(f"{self.path} could not be read: {error.strerror}.") from None

    def _memory(self, conn: Connection) -> dict[str, Known]:
        found = kv.get(conn, self._key, {})
        return {name: Known(raw["id"], raw["base"]) for name, raw in found.items()}

    async def remember(self, agreed: Mapping[str, Known], gone: Iterable[str] = ()) -> None:
        """Files whose two sides are the same now, and files that are no more on either."""
        left = set(gone)

        def write(conn: Connection) -> None:
            memory = {**self._memory(conn), **agreed}
            kept = {name: {"id": k.id, "base": dict(k.base)} for name, k in memory.items() if name not in left}
            kv.put(conn, self._key, kept)

        await self._headless.store.write(write)


def renamed(pairs: Iterable[Pair]) -> dict[str, Known]:
    """What is remembered of files that have another name now, under that name."""
    return {pair.file: Known(pair.id or "", pair.base or {}) for pair in pairs if pair.was and pair.id}


def same_now(pairs: Iterable[Pair]) -> dict[str, Known]:
    return {pair.file: Known(pair.id or "", pair.here or {}) for pair in pairs if pair.state == "same"}


def show(out: Out, steps: Iterable[Step], *, towards: str) -> None:
    """Each file that is not the same on both sides, with the fields that differ: `-` is replaced by `+`."""
    from playground_tui.cli.harmless import one_line
    from playground_tui.workspace.differences import compare, unified

    for step in steps:
        pair = step.pair
        if pair.state == "same":
            continue
        what = step.action or ("collision" if step.collision else "left")
        out.line(one_line(f"{what} {pair.file} ({pair.name})" + (f": {step.why}" if step.why else "")))
        old, new = (pair.there, pair.here) if towards == "server" else (pair.here, pair.there)
        if step.action in ("create", "delete"):
            continue
        if old is not None and new is not None:
            out.document("".join(f"  {line}\n" for line in unified(compare(old, new)).split("\n")))


def as_json(steps: Iterable[Step]) -> list[dict[str, Any]]:
    from playground_tui.workspace.differences import changed_fields

    return [
        {
            "file": step.pair.file,
            "name": step.pair.name,
            "id": step.pair.id,
            "state": step.pair.state,
            "action": step.action or None,
            "why": step.why or None,
            "collision": step.collision,
            "fields": list(changed_fields(step.pair.here or {}, step.pair.there or {})),
        }
        for step in steps
        if step.pair.state != "same"
    ]


def plan(
    pairs: Iterable[Pair], actions: Mapping[State, Step | str], overwrite: frozenset[str], forced: str
) -> list[Step]:
    """`actions`: state → action's name, or a Step whose words are used. `forced` is what --overwrite FILE does."""
    return [_step(pair, actions, overwrite, forced) for pair in pairs]


def _step(pair: Pair, actions: Mapping[State, Step | str], overwrite: frozenset[str], forced: str) -> Step:
    chosen = actions.get(pair.state, "")
    if pair.file in overwrite and pair.state in ("both", "here", "there"):
        chosen = forced
    if isinstance(chosen, Step):
        return Step(pair, chosen.action, pair.problem or chosen.why, chosen.collision)
    return Step(pair, chosen)


def with_deletions(steps: Iterable[Step], state: State, why: str, changed: str) -> list[Step]:
    """--delete: what is gone on one side goes on the other, unless it was `changed` there since."""

    def deleting(step: Step) -> Step:
        pair = step.pair
        if pair.state != state:
            return step
        if (pair.here if pair.there is None else pair.there) == pair.base:
            return Step(pair, "delete", why)
        return Step(pair, "", f"{why}{changed}", collision=True)

    return [deleting(step) for step in steps]


async def bring(
    headless: Headless,
    out: Out,
    folder: str,
    *,
    towards: str,
    make_plan: Callable[[Iterable[Pair], frozenset[str]], list[Step]],
    apply: Callable[[Folder, list[Step]], Awaitable[None]],
    overwrite: Iterable[str],
    dry_run: bool,
) -> int:
    """Show the plan, then do it. Returns the exit code: 1 where something collides."""
    chosen = Folder(headless, folder)
    if towards == "server":
        chosen.must_be_there()
    pairs = await chosen.pairs()
    steps = make_plan(pairs, frozenset(chosen.file_of(name, pairs) for name in overwrite))
    if not out.as_json:
        show(out, steps, towards=towards)
    if not dry_run:
        await chosen.remember({**renamed(pairs), **same_now(pairs)}, [pair.was for pair in pairs if pair.was])
        await apply(chosen, steps)
    if out.as_json:
        out.json({"dry_run": dry_run, "folder": str(chosen.path), "changes": as_json(steps)})
    return FAILED if any(step.collision for step in steps) else DONE


_NO_PAIR = Pair("", None, None, None)


def left(why: str, *, collision: bool = False) -> Step:
    """What is not touched, and why."""
    return Step(_NO_PAIR, "", why, collision)
