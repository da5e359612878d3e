import os
from pathlib import Path

import pytest

from playground_tui.service.files.extractor import ExtractionError, Extractor
from tests.support.pdf import make_pdf


async def test_many_files_by_one_child(tmp_path: Path) -> None:
    extractor = Extractor()
    (tmp_path / "a.txt").write_text("hello world " * 2000)
    (tmp_path / "b.pdf").write_bytes(make_pdf([f"page {n} text" for n in range(30)]))
    (tmp_path / "c.bin").write_bytes(b"\0\1\2")
    try:
        first = [c async for c in extractor.chunks(tmp_path / "a.txt", "a.txt", 800, 400)]
        second = [c async for c in extractor.chunks(tmp_path / "b.pdf", "b.pdf", 8, 0)]
        with pytest.raises(ExtractionError, match="binary"):
            _ = [c async for c in extractor.chunks(tmp_path / "c.bin", "notes.txt", 800, 400)]
        with pytest.raises(ExtractionError, match="deleted"):
            _ = [c async for c in extractor.chunks(tmp_path / "gone", "gone.txt", 800, 400)]
        again = [c async for c in extractor.chunks(tmp_path / "a.txt", "a.txt", 800, 400)]
    finally:
        await extractor.close()
    assert again == first
    assert len(first) > 5
    assert second[-1]["pages"][-1][1] == 30


async def test_a_reader_that_leaves_early_does_not_disturb_the_next(tmp_path: Path) -> None:
    extractor = Extractor()
    (tmp_path / "a.txt").write_text("one " * 20_000)
    (tmp_path / "b.txt").write_text("two")
    try:
        found = extractor.chunks(tmp_path / "a.txt", "a.txt", 800, 400)
        await anext(found)
        await found.aclose()
        assert [c["text"] async for c in extractor.chunks(tmp_path / "b.txt", "b.txt", 800, 400)] == ["two"]
    finally:
        await extractor.close()


async def test_a_child_that_dies_or_hangs_fails_one_file_only(tmp_path: Path) -> None:
    extractor = Extractor(silence=0.2)
    (tmp_path / "b.txt").write_text("two")
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    try:
        with pytest.raises(ExtractionError, match="gave nothing"):
            _ = [c async for c in extractor.chunks(pipe, "pipe.txt", 800, 400)]
        extractor._silence = 60
        assert [c["text"] async for c in extractor.chunks(tmp_path / "b.txt", "b.txt", 800, 400)] == ["two"]
    finally:
        await extractor.close()
