from hypothesis import given
from hypothesis import strategies as st

from playground_tui.workspace.differences import DiffRow, changed_fields, compare, diff_texts, unified

lines = st.text(st.sampled_from("ab \n"), max_size=30)


def sides(rows: tuple[DiffRow, ...]) -> tuple[str, str]:
    left = "\n".join("".join(p.text for p in r.left) for r in rows if r.left_line)
    right = "\n".join("".join(p.text for p in r.right) for r in rows if r.right_line)
    return left, right


@given(lines, lines)
def test_both_sides_can_be_read_back(old: str, new: str) -> None:
    rows = diff_texts(old, new)
    assert sides(rows) == (old, new)
    assert all(r.kind == "same" for r in rows) == (old == new)


def test_the_words_that_differ_are_marked() -> None:
    (row,) = diff_texts("You are kind.", "You are strict.")
    assert [p.text for p in row.left if p.changed] == ["kind"]
    assert [p.text for p in row.right if p.changed] == ["strict"]


def test_null_missing_and_empty_are_the_same() -> None:
    assert changed_fields({"name": None, "tools": []}, {"metadata": {}}) == ()
    assert changed_fields({"top_p": 0}, {"top_p": None}) == ("top_p",)


def test_as_plain_text() -> None:
    diffs = compare({"instructions": "a\nb", "model": "m"}, {"instructions": "a\nc", "model": "m", "temperature": 0.2})
    assert unified(diffs) == "instructions:\n  - b\n  + c\ntemperature:\n  + 0.2"
