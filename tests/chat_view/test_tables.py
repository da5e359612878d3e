"""Tables stay readable in narrow views."""

from __future__ import annotations

from rich.cells import cell_len

from tests.chat_view.drawn import streamed, texts

TABLE = """\
| Plan | Price | Notes |
|:--|--:|:-:|
| Annual | 120.00 | pro rata after [thirty](/x) days |
| 月額 | 9 | - |
"""


def rows(width: int) -> list[str]:
    return [row.rstrip() for row in texts(streamed([TABLE], width))[2:]]


def test_columns_are_as_wide_as_their_content() -> None:
    assert rows(60) == [
        "Plan     Price            Notes",
        "──────────────────────────────────────────",
        "Annual  120.00  pro rata after thirty days",
        "月額         9              -",
    ]


def test_wide_columns_wrap() -> None:
    assert rows(30) == [
        "Plan     Price      Notes",
        "──────────────────────────────",
        "Annual  120.00  pro rata after",
        "                 thirty days",
        "月額         9        -",
    ]


def test_where_columns_cannot_stand_side_by_side_rows_become_records() -> None:
    assert rows(18) == [
        "Plan: Annual",
        "Price: 120.00",
        "Notes: pro rata",
        "  after thirty",
        "  days",
        "──────────────────",
        "Plan: 月額",
        "Price: 9",
        "Notes: -",
    ]
    assert all(cell_len(row) <= 18 for row in rows(18))
