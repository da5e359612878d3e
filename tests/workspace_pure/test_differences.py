import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground_tui.workspace import differences
from playground_tui.workspace.differences import DiffRow, changed_fields, compare, diff_texts, unified

lines = st.text(st.sampled_from("ab \n"), max_size=30)


def sides(rows: tuple[DiffRow, ...]) -> tuple[str, str]:
    left = "\n".join("".join(p.text for p in r.left) for r in rows if r.left_line)
    right = "\n".join("".join(p.text for p in r.right) for r in rows if r.right_line)
    return left, right


@given(lines, lines, st.booleans())
def test_both_sides_can_be_read_back(old: str, new: str, is_large: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if is_large:
            patch.setattr(differences, "_MAX_PAIRS", 3)
        rows = diff_texts(old, new)
    assert sides(rows) == (old, new)
    assert all(r.kind == "same" for r in rows) == (old == new)


def test_the_words_that_differ_are_marked() -> None:
    (row,) = diff_texts("You are kind.", "You are strict.")
    assert [p.text for p in row.left if p.changed] == ["kind"]
    assert [p.text for p in row.right if p.changed] == ["strict"]


def test_thousands_of_equal_lines_do_not_stop_a_comparison() -> None:
    lines = [f"{number}\n\n" for number in range(2_000)]
    old, new = "\n".join(lines), "\n".join(["begin", *lines[:900], *lines[950:], "end"])
    rows = diff_texts(old, new)
    assert sides(rows) == (old, new)
    assert sum(row.kind != "same" for row in rows) == 50 * 3 + 2
    assert diff_texts("a\n" * 9_000, "b\n" * 9_000)


def test_null_missing_and_empty_are_the_same() -> None:
    assert changed_fields({"name": None, "tools": []}, {"metadata": {}}) == ()
    assert changed_fields({"top_p": 0}, {"top_p": None}) == ("top_p",)


def test_as_plain_text() -> None:
    diffs = compare({"instructions": "a\nb", "model": "m"}, {"instructions": "a\nc", "model": "m", "temperature": 0.2})
    assert unified(diffs) == "instructions:\n  - b\n  + c\ntemperature:\n  + 0.2"
