from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from playground_tui.service.files.chunk import chunks
from playground_tui.service.files.extract import Passage

words = st.lists(st.text(st.sampled_from("abcé世"), min_size=1, max_size=12), max_size=120)


@given(words, st.integers(10, 60), st.integers(0, 30), st.integers(1, 40))
def test_every_word_is_in_some_chunk_and_none_is_too_long(
    found: list[str], size: int, overlap: int, block: int
) -> None:
    text = " ".join(found)
    overlap = min(overlap, size // 2)
    passages = [Passage(text[n : n + block]) for n in range(0, len(text), block)]
    made = list(chunks(passages, size, overlap))
    covered: set[int] = set()
    for chunk in made:
        assert text[chunk.start : chunk.start + len(chunk.text)] == chunk.text
        assert chunk.tokens <= size + 1 or " " not in chunk.text
        covered |= set(range(chunk.start, chunk.start + len(chunk.text)))
    assert all(n in covered for n, char in enumerate(text) if char != " ")


def test_chunks_overlap_as_asked() -> None:
    text = " ".join(f"word{n:04}" for n in range(2000))
    made = list(chunks([Passage(text)]))
    assert len(made) > 3
    assert all(c.tokens <= 800 for c in made)
    for left, right in pairwise(made):
        shared = left.start + len(left.text) - right.start
        assert 1400 <= shared <= 1610


def test_a_word_without_end_is_cut() -> None:
    made = list(chunks([Passage("x" * 100_000)], 100, 50))
    assert max(len(c.text) for c in made) <= 400
    assert made[-1].start + len(made[-1].text) == 100_000


def test_pages_are_kept() -> None:
    made = list(chunks([Passage("a " * 300, 1), Passage("b " * 300, 2)], 100, 0))
    assert made[0].pages == ((0, 1),)
    assert made[-1].pages == ((0, 2),)
    (over,) = (chunk for chunk in made if len(chunk.pages) > 1)
    (_, first), (start, second) = over.pages
    assert (first, second) == (1, 2)
    assert over.text[:start].replace(" ", "") == "a" * over.text.count("a")
    assert over.text[start:].replace(" ", "") == "b" * over.text.count("b")
    assert all(c.tokens for c in made)


def test_the_last_word_of_a_page_and_the_first_of_the_next_stay_apart() -> None:
    (made,) = chunks([Passage("one two\n", 1), Passage("three", 2), Passage(" four", 3)])
    assert made.text == "one two\nthree four"
    assert [made.text[start:].split()[0] for start, _ in made.pages] == ["one", "three", "four"]
