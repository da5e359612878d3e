from __future__ import annotations

from playground_tui.settings.detect import demo_start, settle, try_endpoint
from playground_tui.settings.model import Settings, is_stray, route
from playground_tui.workspace.who_answers import who_answers

DEMO = settle(Settings(), demo_start())
TRIED = try_endpoint(Settings(), "http://127.0.0.1:8080/v1", "echo-1", {})


def test_a_model_that_was_tried_once_has_nobody_to_answer_for_it_later() -> None:
    assert is_stray(DEMO, "try/echo-1")
    assert route(DEMO, "try/echo-1") is None
    assert "choose another model" in who_answers(DEMO, "local", "try/echo-1")


def test_it_has_while_the_endpoint_is_tried_and_where_an_alias_names_another() -> None:
    assert who_answers(TRIED, "local", "try/echo-1") == ""
    other = Settings(DEMO.providers, default_provider="demo", aliases={"try/echo-1": "demo/demo"})
    assert who_answers(other, "local", "try/echo-1") == ""


def test_the_demo_in_another_models_place_is_said() -> None:
    assert "the demo answers in its place" in who_answers(DEMO, "local", "gpt-6-astra")
    for own in ("demo/demo", "demo/demo-fast", "demo", ""):
        assert who_answers(DEMO, "local", own) == ""


def test_a_remote_server_knows_its_models_itself() -> None:
    assert who_answers(DEMO, "work", "try/echo-1") == ""
