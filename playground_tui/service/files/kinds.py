"""What a file is, by its name and its first bytes; the name alone is never believed."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final, Literal

Kind = Literal["text", "html", "json", "csv", "pdf"]

SNIFF_BYTES: Final = 8192
_BY_SUFFIX: Final[dict[str, Kind]] = {
    ".htm": "html",
    ".html": "html",
    ".xhtml": "html",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".pdf": "pdf",
}
_MAGIC: Final = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"PK\x03\x04": "an archive or office document",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"\x1f\x8b": "a compressed file",
    b"7z\xbc\xaf": "an archive",
    b"\xd0\xcf\x11\xe0": "an old office document",
    b"OggS": "a sound",
    b"ID3": "a sound",
    b"SQLite format 3": "a database",
}


Code = Literal["unsupported_file", "invalid_file"]


class Unreadable(Exception):
    """A file that holds no text; the sentence says what it is."""

    def __init__(self, sentence: str, code: Code = "invalid_file") -> None:
        super().__init__(sentence)
        self.code: Code = code
        """The API's word for it: a kind of file that is not read at all, or a file that is broken."""


def kind_of(name: str, head: bytes) -> Kind:
    """`head`: the first `SNIFF_BYTES` of the file. Raises `Unreadable`."""
    if head.lstrip()[:5] == b"%PDF-":
        return "pdf"
    suffix = PurePath(name).suffix.lower()
    if suffix == ".pdf":
        raise Unreadable("It is named as a PDF but is none.")
    for magic, what in _MAGIC.items():
        if head.startswith(magic) and (magic != b"MZ" or b"\0" in head):
            raise Unreadable(f"It is {what}, not text.", "unsupported_file")
    encoding_of(head)
    return _BY_SUFFIX.get(suffix, "text")


def encoding_of(head: bytes) -> str:
    """`utf-8-sig`, `utf-16` (by its mark) or `cp1252`. Raises `Unreadable` for what is no text in any of them."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in head:
        raise Unreadable("It is a binary file, not text.", "unsupported_file")
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    if control > len(head) // 100:
        raise Unreadable("It is a binary file, not text.", "unsupported_file")
    try:
        head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cut_by_sniffing = len(head) >= SNIFF_BYTES and error.start >= len(head) - 3
        return "utf-8-sig" if cut_by_sniffing else "cp1252"
    return "utf-8-sig"
