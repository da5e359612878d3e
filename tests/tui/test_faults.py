import logging
from pathlib import Path

import pytest

from playground_tui.tui.faults import Faults


def test_a_fault_leaves_types_and_places_but_no_contents(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "playground_tui"):
        try:
            try:
                raise KeyError("sk-secret in the text of a person")
            except KeyError as error:
                raise ValueError("my diary") from error
        except ValueError as error:
            Faults(Path("x.log")).record(error, "send")
    assert "ValueError" in caplog.text
    assert "KeyError" in caplog.text
    assert "test_faults.py" in caplog.text
    assert "send" in caplog.text
    assert "sk-secret" not in caplog.text
    assert "diary" not in caplog.text


def test_the_sentence_names_the_log_file() -> None:
    assert "x.log" in Faults(Path("x.log")).sentence()
