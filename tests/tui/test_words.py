from dataclasses import replace
from datetime import timedelta

import pytest

from playground_tui.tui.words import name_of, save_words, seconds_until, without_marks, wrong_fields
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.values import Draft, RawEdit, SaveState
from tests.support.fake_workspace import NOON


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SaveState("new"), "○ new, not created"),
        (SaveState("unsaved"), "○ unsaved"),
        (SaveState("saving"), "◌ saving"),
        (SaveState("saved", at=NOON), "● saved at 14:02"),
        (SaveState("failed", retry_at=NOON + timedelta(seconds=8)), "! save failed, next try in 8 s"),
        (SaveState("failed", failure=Failure("missing", "Gone.", kept="All.")), "! gone on the server, kept here"),
        (SaveState("failed", failure=Failure("missing", "No such endpoint.")), "! save failed"),
        (SaveState("offline"), "! offline, kept here"),
        (SaveState("changed_elsewhere"), "! changed elsewhere"),
        (SaveState("unsaved", paused=True), "○ unsaved, auto-save paused"),
    ],
)
def test_every_state_of_saving_has_words_and_a_sign(state: SaveState, words: str) -> None:
    assert save_words(state, NOON)[0] == words


def test_a_countdown_never_goes_below_zero() -> None:
    assert seconds_until(NOON - timedelta(seconds=3), NOON) == 0


def test_fields_in_error_stand_in_the_forms_order() -> None:
    raw = {"top_p": RawEdit("7", ""), "name": RawEdit("x", "")}
    assert wrong_fields(Draft("d", "local", None, {}, raw=raw)) == ("! Name", "! Top P")


def test_an_assistant_always_has_a_name_to_show() -> None:
    draft = Draft("d", "local", None, {})
    assert name_of(draft) == "New assistant"
    assert name_of(replace(draft, assistant_id="asst_1")) == "Unnamed"
    assert name_of(replace(draft, values={"name": "Bot"})) == "Bot"


def test_a_line_of_markdown_is_read_without_its_signs() -> None:
    assert without_marks("# A **bold** and *soft* `code_name`: 2 * 3") == "A bold and soft code_name: 2 * 3"
