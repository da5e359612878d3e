from pathlib import Path

import pytest

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.model import Provider, Server, route
from playground_tui.settings.paths import Paths, find_paths


def store(tmp_path: Path, text: str | None = None) -> SettingsStore:
    if text is not None:
        (tmp_path / "settings.yaml").write_text(text, "utf-8")
    return SettingsStore(Paths(tmp_path, tmp_path))


def test_no_file_gives_the_defaults_and_the_demo(tmp_path: Path) -> None:
    settings = store(tmp_path)
    assert [p.id for p in settings.current.providers] == ["demo"]
    assert settings.problems == ()
    assert not (tmp_path / "settings.yaml").exists()


def test_a_preset_is_filled_in_and_overridden(tmp_path: Path) -> None:
    current = store(
        tmp_path,
        "providers:\n  openai:\n  house:\n    preset: vllm\n    base_url: http://gpu:9000/v1/\n    headers: {X-A: 1}\n",
    ).current
    openai, house = current.provider("openai"), current.provider("house")
    assert openai is not None
    assert house is not None
    assert (openai.kind, openai.key) == ("responses", "env:OPENAI_API_KEY")
    assert (house.kind, house.base_url, dict(house.headers)) == ("chat", "http://gpu:9000/v1", {"X-A": "1"})


@pytest.mark.parametrize(
    ("text", "sentence", "line"),
    [
        ("theme: [1]\n", "theme: must be text", 1),
        ("colour: red\n", "colour is not a setting", 1),
        ("# c\nautosave_delay: -1\n", "autosave_delay: must be from 0.2", 2),
        ("providers:\n  x:\n    kind: magic\n    base_url: http://a/v1\n", "kind: must be one of", 3),
        ("providers:\n  x:\n    kind: chat\n", "needs a base_url", 2),
        ("providers:\n  x:\n    kind: chat\n    base_url: ftp://a\n", "must be an address", 4),
        ("providers:\n  x/y:\n    kind: demo\n", "must not be empty or hold a /", 2),
        ("default_server: nowhere\n", "There is no server nowhere", 1),
        ("servers:\n  local:\n    base_url: http://a/v1\n", "local is the carried service", 2),
        ("- a\n- b\n", "must be a list of name: value pairs", None),
        ("theme: x\n  bad: [\n", "not YAML", 2),
    ],
)
def test_what_is_wrong_is_reported_with_its_line_and_the_rest_is_used(
    tmp_path: Path, text: str, sentence: str, line: int | None
) -> None:
    settings = store(tmp_path, text)
    assert any(sentence in p.sentence for p in settings.problems), settings.problems
    assert line is None or settings.problems[0].line == line
    assert settings.current.provider("demo") is not None


def test_a_bare_key_in_the_file_is_refused_without_being_repeated(tmp_path: Path) -> None:
    settings = store(tmp_path, "providers:\n  openai:\n    key: sk-planted-0123456789abcdef\n")
    assert "never the key itself" in str(settings.problems[0])
    assert "sk-planted" not in str(settings.problems)


def test_a_broken_file_leaves_the_settings_that_were_in_force(tmp_path: Path) -> None:
    settings = store(tmp_path, "theme: night\n")
    (tmp_path / "settings.yaml").write_text("theme: [", "utf-8")
    assert settings.reload() is False
    assert settings.current.theme == "night"
    assert settings.problems


def test_changes_made_outside_are_taken_up(tmp_path: Path) -> None:
    settings = store(tmp_path, "theme: night\n")
    (tmp_path / "settings.yaml").write_text("theme: broad daylight\n", "utf-8")
    assert settings.reload() is True
    assert settings.current.theme == "broad daylight"


def test_writing_keeps_comments_order_and_unknown_names(tmp_path: Path) -> None:
    text = "# mine\nproviders:\n  house:   # the big one\n    kind: chat\n    base_url: http://gpu/v1\n    later: 1\n"
    text += "odd: true\n"
    settings = store(tmp_path, text)
    settings.set("theme", "night")
    house = settings.current.provider("house")
    assert house is not None
    settings.put_provider(Provider("house", "chat", base_url="http://gpu2/v1", key="env:HOUSE"))
    written = (tmp_path / "settings.yaml").read_text("utf-8")
    assert "# mine" in written
    assert "# the big one" in written
    assert "later: 1" in written
    assert "odd: true" in written
    assert settings.current.theme == "night"
    changed = settings.current.provider("house")
    assert changed is not None
    assert (changed.base_url, changed.key) == ("http://gpu2/v1", "env:HOUSE")


def test_entries_come_and_go(tmp_path: Path) -> None:
    settings = store(tmp_path)
    settings.put_server(Server("azure", base_url="https://a/openai", key="env:AZ", api_version="2025-01-01"))
    settings.put_provider(Provider("mistral", "chat", base_url="https://api.mistral.ai/v1", preset="mistral"))
    again = SettingsStore(Paths(tmp_path, tmp_path))
    azure = again.current.server("azure")
    assert azure is not None
    assert azure.api_version == "2025-01-01"
    assert again.problems == ()
    again.remove("servers", "azure")
    assert again.current.server("azure") is None
    assert [f.name for f in tmp_path.iterdir()] == ["settings.yaml"]


def test_a_file_of_comments_alone_keeps_them(tmp_path: Path) -> None:
    settings = store(tmp_path, "# only words\n")
    settings.set("theme", "night")
    assert (tmp_path / "settings.yaml").read_text("utf-8").startswith("# only words\n")


def test_an_overlay_is_in_force_and_never_written(tmp_path: Path) -> None:
    settings = store(tmp_path, "theme: night\n")
    settings.overlay(default_provider="demo")
    settings.set("theme", "day")
    assert settings.current.default_provider == "demo"
    assert "default_provider" not in (tmp_path / "settings.yaml").read_text("utf-8")


def test_a_prefix_counts_only_when_it_names_a_provider(tmp_path: Path) -> None:
    current = store(
        tmp_path,
        "default_provider: house\naliases: {old: demo/demo}\n"
        "providers:\n  house: {kind: chat, base_url: http://gpu/v1}\n",
    ).current
    found = {name: route(current, name) for name in ("meta-llama/Llama-3", "demo/demo", "plain", "old")}
    assert {n: (r.provider.id, r.model) for n, r in found.items() if r} == {
        "meta-llama/Llama-3": ("house", "meta-llama/Llama-3"),
        "demo/demo": ("demo", "demo"),
        "plain": ("house", "plain"),
        "old": ("demo", "demo"),
    }


def test_one_folder_holds_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_TUI_HOME", str(tmp_path / "home"))
    paths = find_paths()
    paths.make()
    assert paths.settings_file.parent == paths.workspace_db.parent == tmp_path / "home"
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0
