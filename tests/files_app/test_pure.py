from __future__ import annotations

from pathlib import Path

import pytest

from playground_tui.limits.assistant import MAX_CODE_FILES
from playground_tui.tui.files import words
from playground_tui.tui.files.attached import attached_words
from playground_tui.tui.files.pasted import pasted_paths
from playground_tui.tui.files.tool_edit import with_code_files, with_store
from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.files.checks import files_in
from playground_tui.workspace.files.names import safe_name
from playground_tui.workspace.files.nearest import nearest, said_before
from playground_tui.workspace.files.values import StoreRow, Transfer, store_file, store_row
from playground_tui.workspace.writing.attachment import Attachment
from tests.files_app.conftest import write


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("policy.pdf", "policy.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\win.ini", "win.ini"),
        (".bashrc", "_bashrc"),
        ("..", "file-1"),
        ("", "file-1"),
        ("con.txt", "_con.txt"),
        ("a\x1b[2Jb\u202e.txt", "a_[2Jb_.txt"),
        ("名前.txt", "名前.txt"),
        ("a:b*c?.md", "a_b_c_.md"),
    ],
)
def test_names_from_elsewhere_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name, "file-1") == safe


def test_long_names_keep_their_ending() -> None:
    found = safe_name("ü" * 500 + ".pdf", "file-1")
    assert found.endswith(".pdf")
    assert len(found.encode()) <= 200


def test_pasted_paths_are_told_from_text(tmp_path: Path) -> None:
    plain, spaced = write(tmp_path, "a.txt", "a"), write(tmp_path, "b c.txt", "b")
    escaped = str(spaced).replace(" ", "\\ ")
    for text in (str(spaced), f"'{spaced}'", f'"{spaced}"', escaped, spaced.as_uri(), f"{spaced}\n"):
        assert pasted_paths(text) == [spaced]
    assert pasted_paths(f"{plain} {escaped}") == [plain, spaced]
    assert pasted_paths(f"{plain}\n{spaced}\n") == [plain, spaced]
    for text in ("", "hello", "a.txt", f"see {plain}", "/no/such/file", "/", "x" * 10_000, "'unclosed", "/a\0b"):
        assert pasted_paths(text) == []


def test_a_folder_gives_its_files_in_order_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.md", ".hidden", ".git/config", "a/y.md"):
        write(tmp_path, name, "text")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = files_in(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in found.paths] == ["b.md", "a/y.md", "a/z.md"]
    assert not found.more
    with pytest.raises(FailureError, match="no such file"):
        files_in(tmp_path / "missing")


def test_the_sentence_that_a_reply_takes_up_is_found() -> None:
    passage = "Ordinary words come first. Annual plans are refunded within 30 days.\nMonthly ones are not. More words."
    start, end = nearest(passage, "What about refunds?\nAnnual plans are refunded within a month, 30 days")
    assert passage[start:end].strip() == "Annual plans are refunded within 30 days."
    assert nearest(passage, "Something else entirely") == (0, 0)
    assert nearest("", "words") == (0, 0)
    text = "Before 【0:1†a.md】 it says so 【0:0†b.md】."
    assert said_before(text, text.index("【0:0")).split() == ["Before", "it", "says", "so"]


def test_a_tool_is_switched_on_with_its_first_file_and_keeps_the_others() -> None:
    values = {"tools": [{"type": "function"}], "tool_resources": {"code_interpreter": {"file_ids": ["file-1"]}}}
    edits = with_store(values, "vs_1")
    assert edits["tools"] == [{"type": "file_search"}, {"type": "function"}]
    assert edits["tool_resources"] == {
        "code_interpreter": {"file_ids": ["file-1"]},
        "file_search": {"vector_store_ids": ["vs_1"]},
    }
    assert "tools" not in with_store({"tools": [{"type": "file_search"}]}, "vs_1")
    assert "tools" not in with_store({}, "")
    many = [f"file-{n}" for n in range(MAX_CODE_FILES + 1)]
    with pytest.raises(FailureError, match="20"):
        with_code_files({}, many)
    assert with_code_files({}, ["file-1", "file-1"])["tool_resources"]["code_interpreter"]["file_ids"] == ["file-1"]


def test_counts_and_states_in_words() -> None:
    assert [words.size_words(size) for size in (7, 1500, 1_200_000, 3_000_000_000)] == [
        "7 B",
        "2 kB",
        "1.2 MB",
        "3.0 GB",
    ]
    moving = StoreRow("vs_1", "Handbook", "in_progress", total=200, completed=12, failed=3, indexing=185)
    assert words.store_note(moving) == "12 of 200 indexed · 3 failed"
    expired = StoreRow("vs_1", "", "expired", days=7)
    assert (words.store_note(expired), words.store_sign(expired)) == ("expired", "–")
    assert "the files stay" in words.expiry_words(expired)
    transfers = (
        Transfer(1, "a", "/a", 100, 100, "done"),
        Transfer(2, "b", "/b", 100, 50, "uploading"),
        Transfer(3, "c", "/c", phase="failed", why="It is empty."),
    )
    assert words.transfers_words(transfers) == "◌ sending 3 of 3 · 150 B of 200 B · ! 1 not sent"
    assert words.transfers_words(transfers[:1]) == "● 1 file sent"
    assert words.transfers_words(()) == ""


def test_attachments_in_words() -> None:
    ready = Attachment("1", "file", "a", size=100, phase="ready")
    assert attached_words((ready,)) == "1 file"
    assert attached_words((ready, ready)) == "2 files"
    assert attached_words((Attachment("1", "image", "a", phase="ready"),)) == "1 image"
    assert (
        attached_words((ready, Attachment("2", "file", "b", size=100, phase="uploading", sent=50))) == "2 files · 75%"
    )
    assert attached_words((ready, Attachment("2", "file", "b", phase="failed"))) == "! 1 of 2 files"


def test_objects_with_missing_keys_are_read() -> None:
    assert store_row({"id": "vs_1"}).total == 0
    assert store_row({"id": "vs_1", "file_counts": None, "expires_after": None, "name": None}).shown_name == "vs_1"
    assert store_file({"file_id": "file-1", "last_error": None}, {"file-1": "a.md"}).name == "a.md"
