"""A folder of assistant files beside a server: what is where, who changed what since both were last the same.

Each file holds one assistant. Which assistant a file is, and what both sides last agreed on, is remembered on this
machine; a folder that is new here is matched by name. Files stay as they were written where nothing changed, so that
one changed field is a diff of its own lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.exchange.document import DocumentError, Format, form_of, from_text, to_text
from playground_tui.workspace.exchange.from_assistant import assistant_fields
from playground_tui.workspace.exchange.slim import slim
from playground_tui.workspace.exchange.splice import spliced

Fields = Mapping[str, Any]
State = Literal["same", "here", "there", "both", "only_here", "only_there", "gone_here", "gone_there", "unreadable"]
"""`here` is the folder, `there` the server; `both` changed, or differ with nothing remembered."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a file."""

    id: str
    base: Fields


@dataclass(frozen=True, slots=True)
class FoundFile:
    name: str
    fields: Fields | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    file: str
    here: Fields | None
    there: Fields | None
    id: str | None
    """The assistant's, where there is one."""
    base: Fields | None = None
    problem: str = ""
    was: str = ""
    """The name under which the file is remembered, where it was renamed since."""

    @property
    def state(self) -> State:
        if self.problem:
            return "unreadable"
        if self.here is not None and self.there is not None:
            return self._both_there()
        if self.here is not None:
            return "gone_there" if self.base is not None else "only_here"
        return "gone_here" if self.base is not None else "only_there"

    def _both_there(self) -> State:
        if self.here == self.there:
            return "same"
        if self.base is None:
            return "both"
        return "there" if self.here == self.base else "here" if self.there == self.base else "both"

    @property
    def name(self) -> str:
        fields = self.here or self.there or {}
        return str(fields.get("name") or self.file)


def read_folder(folder: Path) -> list[FoundFile]:
    """The assistant files in it, by name; Markdown without front matter is some other text. Raises OSError."""
    if not folder.exists():
        return []
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    found = (_read(folder / name) for name in names if form_of(name) is not None)
    return [file for file in found if file is not None]


def _read(path: Path) -> FoundFile | None:
    form = form_of(path.name) or "markdown"
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return FoundFile(path.name, None, "It is not UTF-8 text.")
    if form == "markdown" and not text.startswith("---"):
        return None
    try:
        fields, _, not_taken = assistant_fields(from_text(text, form))
    except DocumentError as error:
        return FoundFile(path.name, None, str(error))
    return FoundFile(path.name, slim(fields), not_taken[0] if not_taken else "")


def match(
    files: Iterable[FoundFile], docs: Iterable[Mapping[str, Any]], known: Mapping[str, Known]
) -> tuple[Pair, ...]:
    """Files and assistants brought together: as remembered (a renamed file too), else by a name that is unique on both
    sides."""
    there = {str(doc["id"]): slim(doc) for doc in docs}
    listed = list(files)
    pairs: list[Pair] = []
    left: list[FoundFile] = []
    for file in listed:
        memory = known.get(file.name)
        if memory is None:
            left.append(file)
        else:
            pairs.append(_pair(file, memory.id, there.pop(memory.id, None), memory.base))
    names = {file.name for file in listed}
    missing = {name: memory for name, memory in known.items() if name not in names}
    for file, was in _renamed(left, missing):
        memory = missing.pop(was)
        left.remove(file)
        pair = _pair(file, memory.id, there.pop(memory.id, None), memory.base)
        pairs.append(replace(pair, was=was))
    for name, memory in missing.items():
        if memory.id in there:
            pairs.append(Pair(name, None, there.pop(memory.id), memory.id, memory.base))
    for file in left:
        found = _by_name(file, left, there)
        pairs.append(_pair(file, found, there.pop(found) if found else None, None))
    taken = {pair.file.lower() for pair in pairs}
    for doc_id, fields in there.items():
        pairs.append(Pair(_new_name(str(fields.get("name") or doc_id), taken), None, fields, doc_id))
    return tuple(sorted(pairs, key=lambda pair: pair.file))


def _pair(file: FoundFile, doc_id: str | None, there: Fields | None, base: Fields | None) -> Pair:
    return Pair(file.name, file.fields, there, doc_id if there is not None else None, base, file.problem)


def _renamed(files: Iterable[FoundFile], missing: Mapping[str, Known]) -> list[tuple[FoundFile, str]]:
    """(file, the remembered name that it took the place of): the same fields, else the same assistant's name."""
    found: dict[str, FoundFile] = {}
    rests = [file for file in files if file.fields is not None]
    for alike in (_same_fields, _same_name):
        for file in rests:
            was = next((name for name, k in missing.items() if name not in found and alike(file.fields, k.base)), None)
            if was is not None and file not in found.values():
                found[was] = file
    return [(file, was) for was, file in found.items()]


def _same_fields(here: Fields | None, base: Fields) -> bool:
    return here == base


def _same_name(here: Fields | None, base: Fields) -> bool:
    name = (here or {}).get("name")
    return bool(name) and name == base.get("name")


def _by_name(file: FoundFile, files: list[FoundFile], there: Mapping[str, Fields]) -> str | None:
    name = (file.fields or {}).get("name")
    same_files = [other for other in files if (other.fields or {}).get("name") == name]
    ids = [doc_id for doc_id, fields in there.items() if fields.get("name") == name]
    return ids[0] if name and len(ids) == 1 and len(same_files) == 1 else None


def _new_name(name: str, taken: set[str]) -> str:
    """A file name made of letters, digits and dashes, that no other file has in any case."""
    words = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", name).lower()).strip("-")[:60] or "assistant"
    number, made = 1, f"{words}.md"
    while made in taken:
        number += 1
        made = f"{words}-{number}.md"
    taken.add(made)
    return made


def file_text(path: Path, fields: Fields, before: Fields | None) -> str:
    """The file's text with what did not change in the order it had; of a Markdown file that is there, in its own
    lines."""
    form: Format = form_of(path.name) or "markdown"
    text = to_text(in_order(dict(fields), before), form)
    if form == "json":
        return text
    try:
        return spliced(path.read_bytes().decode("utf-8-sig"), text)
    except (OSError, UnicodeDecodeError):
        return text


def in_order(new: Any, old: Any) -> Any:
    """`new` with the keys of objects in the order that `old` has them; what is new comes last."""
    if isinstance(new, dict) and isinstance(old, Mapping):
        names = [name for name in old if name in new] + [name for name in new if name not in old]
        return {name: in_order(new[name], old.get(name)) for name in names}
    if isinstance(new, list) and isinstance(old, list):
        return [in_order(item, old[place] if place < len(old) else None) for place, item in enumerate(new)]
    return new
