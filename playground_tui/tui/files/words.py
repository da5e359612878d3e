"""Files, vector stores and uploads in words with a sign. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from rich.cells import cell_len

from playground_tui.tui.chat_view.clean import safe
from playground_tui.tui.words import list_time
from playground_tui.workspace.files.values import UNDER_WAY, FileRow, StoreFile, StoreRow, Transfer, in_words

WIDEST: Final = 32
SEEN: Final = 1000
"""Names that are measured."""
SIGNS = {"waiting": "·", "uploading": "◌", "adding": "◌", "done": "●", "failed": "!", "cancelled": "–"}
FILE_SIGNS = {"in_progress": "◌", "completed": "●", "failed": "!", "cancelled": "–"}


def size_words(size: int) -> str:
    """`820 B`, `14 kB`, `1.2 MB`."""
    if size < 1000:
        return f"{size} B"
    if size < 999_500:
        return f"{size / 1000:.0f} kB"
    if size < 999_500_000:
        return f"{size / 1e6:.1f} MB"
    return f"{size / 1e9:.1f} GB"


def column(names: Iterable[str]) -> int:
    """How wide a column of names is; a few long ones do not make it wide for all."""
    return min(WIDEST, max((cell_len(safe(name[:WIDEST])) for name in islice(names, SEEN)), default=0))


def fitted(name: str, width: int) -> str:
    """As it is shown, whatever is in it; a long name keeps its length."""
    shown = safe(name)
    return shown + " " * max(0, width - cell_len(shown))


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def file_note(row: FileRow, used_by: Sequence[str]) -> str:
    used = in_words(tuple(used_by))
    return " · ".join(part for part in (f"{size_words(row.size):>7}", row.purpose, used, row.problem) if part)


def file_detail(row: FileRow, used_by: Sequence[str]) -> str:
    lines = [
        f"{row.id} · {row.size:,} bytes" + (f" · {row.purpose}" if row.purpose else ""),
        f"Used by {', '.join(used_by)}."
        if used_by
        else "Used by nothing here: no vector store, assistant or thread has it.",
    ]
    if row.expires_at:
        lines.append(f"Expires on {_day(row.expires_at)}.")
    if row.problem:
        lines.append(f"! {row.problem}")
    return "\n".join(lines)


def store_sign(row: StoreRow) -> str:
    return "–" if row.status == "expired" else "◌" if row.moving else "!" if row.failed else "●"


def store_note(row: StoreRow) -> str:
    """`◌ 12 of 200 indexed · 3 failed`."""
    if row.status == "expired":
        return "expired"
    if row.moving:
        parts = [f"{row.completed:,} of {row.total:,} indexed"]
    else:
        parts = [counted(row.completed, "file")]
    if row.failed:
        parts.append(f"{row.failed:,} failed")
    return " · ".join(parts)


def store_detail(row: StoreRow, used_by: Sequence[str]) -> str:
    used = f"used by {in_words(tuple(used_by))}" if used_by else "used by no assistant or thread here"
    return f"{store_note(row)} · {size_words(row.usage)} · {used}\n{expiry_words(row)}\n{row.id}"


def expiry_words(row: StoreRow) -> str:
    if row.status == "expired":
        return "expired: its passages are gone, the files stay"
    if not row.days:
        return "never expires"
    when = f", on {_day(row.expires_at)} unless it is used" if row.expires_at else ""
    return f"expires {counted(row.days, 'day')} after its last use{when}"


def store_file_note(file: StoreFile) -> str:
    if file.status == "failed":
        return file.why or "could not be indexed"
    return {"in_progress": "being indexed", "cancelled": "cancelled"}.get(file.status, f"{size_words(file.size):>7}")


def transfer_note(transfer: Transfer) -> str:
    match transfer.phase:
        case "uploading":
            return f"{transfer.share:.0%} sent"
        case "adding":
            return "sent, being put into the store"
        case "waiting":
            return "waits for its turn"
        case "done":
            return "sent"
        case _:
            return transfer.why


def transfers_words(transfers: Sequence[Transfer]) -> str:
    """What all uploads together are doing; empty when there is nothing to say."""
    if not transfers:
        return ""
    failed = sum(transfer.phase == "failed" for transfer in transfers)
    left = sum(transfer.phase in UNDER_WAY for transfer in transfers)
    wrong = f" · ! {failed} not sent" if failed else ""
    if not left:
        return f"● {counted(sum(t.phase == 'done' for t in transfers), 'file')} sent{wrong}"
    known = [transfer for transfer in transfers if transfer.size and transfer.phase != "failed"]
    size = f" · {size_words(sum(t.sent for t in known))} of {size_words(sum(t.size for t in known))}" if known else ""
    return f"◌ sending {len(transfers) - left + 1} of {len(transfers)}{size}{wrong}"


def created_words(seconds: int) -> str:
    return list_time(float(seconds))


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d")
