from pathlib import Path

import pytest

from playground_tui.service.files.extract import passages
from playground_tui.service.files.kinds import Unreadable
from tests.support.pdf import make_pdf


def text_of(path: Path, name: str = "") -> str:
    return "".join(p.text for p in passages(path, name or path.name))


def write(tmp_path: Path, name: str, data: bytes | str) -> Path:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_text_of_many_encodings(tmp_path: Path) -> None:
    assert text_of(write(tmp_path, "a.md", "# Grüße\r\n世界")) == "# Grüße\n世界"
    assert text_of(write(tmp_path, "b.txt", "\ufeffhi")) == "hi"
    assert text_of(write(tmp_path, "c.txt", "hé".encode("utf-16"))) == "hé"
    assert text_of(write(tmp_path, "d.py", "# naïve".encode("cp1252"))) == "# naïve"


def test_a_character_cut_by_the_first_block_is_no_binary(tmp_path: Path) -> None:
    text = "x" * 8191 + "é" * 10
    assert text_of(write(tmp_path, "a.txt", text)) == text


def test_html_is_its_words(tmp_path: Path) -> None:
    page = (
        "<html><head><title>T</title><style>a{}</style></head><body><h1>Title</h1><script>no()</script>"
        "<p>One &amp; two<br>three</p><ul><li>four</ul></body></html>"
    )
    words = text_of(write(tmp_path, "a.html", page)).split("\n")
    assert [w.strip() for w in words if w.strip()] == ["Title", "One & two", "three", "four"]


def test_json_and_csv_read_by_the_line(tmp_path: Path) -> None:
    assert text_of(write(tmp_path, "a.json", '{"a":{"b":1}}')) == '{\n "a": {\n  "b": 1\n }\n}'
    assert text_of(write(tmp_path, "b.json", "{broken")) == "{broken"
    assert text_of(write(tmp_path, "c.csv", 'name,city\n"Ann, B",Rome\n')) == "name, city\nname: Ann, B; city: Rome\n"


def test_pdf_by_the_page(tmp_path: Path) -> None:
    path = write(tmp_path, "a.pdf", make_pdf(["First page\nof text", "Second page"]))
    found = list(passages(path, "a.pdf"))
    assert [p.page for p in found] == [1, 2]
    assert "Second page" in found[1].text


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.txt", b"", "empty"),
        ("notes.txt", b"\x89PNG\r\n\x1a\n....", "PNG picture"),
        ("notes.md", b"abc\0def" * 100, "binary"),
        ("notes.md", bytes(range(1, 32)) * 50, "binary"),
        ("a.docx", b"PK\x03\x04....", "archive or office"),
        ("a.pdf", b"hello", "named as a PDF"),
        ("a.pdf", b"%PDF-1.4\ngarbage", "broken PDF|without text"),
        ("a.pdf", make_pdf([""]), "without text"),
    ],
)
def test_what_holds_no_text_says_what_it_is(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        text_of(write(tmp_path, name, data))
