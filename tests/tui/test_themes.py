from pathlib import Path

import pytest

from playground_tui.tui import themes


def test_the_shipped_themes_are_good_and_hold_a_dark_and_a_light_one() -> None:
    loaded = themes.load_all([themes.shipped_folder()])
    assert loaded.problems == ()
    assert loaded.found["playground-dark"].dark
    assert not loaded.found["playground-light"].dark
    assert len(loaded.found) >= 4


def test_a_shipped_theme_is_found_by_its_files_name(tmp_path: Path) -> None:
    for path in themes.shipped_folder().glob("*.yaml"):
        assert themes.load_first(path.stem, [themes.shipped_folder()], tmp_path / "kept") is not None


def test_what_was_read_last_is_kept_until_the_file_changes(tmp_path: Path) -> None:
    file, kept = tmp_path / "mine.yaml", tmp_path / "kept"
    file.write_text("name: mine\nprimary: '#111111'\n")
    first = themes.load_first("mine", [tmp_path], kept)
    again = themes.load_first("mine", [tmp_path], kept)
    assert first == again
    file.write_text("name: mine\nprimary: '#222222'  # changed\n")
    changed = themes.load_first("mine", [tmp_path], kept)
    assert changed is not None
    assert changed.primary == "#222222"


def test_an_unreadable_memory_of_the_theme_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("name: mine\nprimary: '#111111'\n")
    (tmp_path / "kept").write_text("{torn")
    assert themes.load_first("mine", [tmp_path], tmp_path / "kept") is not None


def test_a_persons_theme_replaces_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("name: playground-dark\nprimary: '#123456'\n")
    loaded = themes.load_all([themes.shipped_folder(), tmp_path])
    assert loaded.found["playground-dark"].primary == "#123456"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not YAML"),
        ("- a\n", "table"),
        ("primary: '#123456'\n", "name is missing"),
        ("name: x\n", "primary is missing"),
        ("name: x\nprimary: no-colour\n", "no colour"),
        ("name: x\nprimary: red\nprimry: blue\n", "primry is no field"),
        ("name: x\nprimary: red\ndark: maybe\n", "true or false"),
        ("name: x\nprimary: red\ntext_alpha: much\n", "number"),
        ("name: x\nprimary: red\nvariables: [1]\n", "variables"),
    ],
)
def test_a_bad_file_is_reported_in_a_sentence_and_left_out(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "bad.yaml").write_text(text)
    loaded = themes.load_all([tmp_path])
    assert loaded.found == {}
    assert "bad.yaml" in loaded.problems[0]
    assert says in loaded.problems[0]
    assert themes.load_first("bad", [tmp_path], tmp_path / "kept") is None


def test_a_missing_folder_holds_no_themes(tmp_path: Path) -> None:
    assert themes.load_all([tmp_path / "none"]).found == {}
