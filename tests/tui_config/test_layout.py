"""The form at every size: what has to be seen is seen, everything is reached by tab and by mouse."""

from __future__ import annotations

import pytest

from tests.support.config_demo import SAMPLE
from tests.tui_config.conftest import Staged

LABELS = (
    "Name",
    "Description",
    "Instructions",
    "Model",
    "Tools",
    "Temperature",
    "Top P",
    "Response format",
    "Metadata",
)


@pytest.mark.parametrize(("size", "least"), [((48, 34), 8), ((44, 24), 4), ((44, 20), 4), ((60, 50), 20)])
async def test_the_instructions_take_the_spare_height(staged: Staged, size: tuple[int, int], least: int) -> None:
    async with staged(SAMPLE, size=size) as stage:
        assert stage.instructions.size.height >= least


@pytest.mark.parametrize("size", [(48, 34), (44, 24), (34, 22), (60, 50)])
async def test_all_is_on_the_screen_at_usual_sizes(staged: Staged, size: tuple[int, int]) -> None:
    async with staged(SAMPLE, size=size) as stage:
        shown = stage.picture()
        assert [label for label in LABELS if label not in shown] == []
        assert "Run settings" in shown


async def test_what_does_not_fit_scrolls_as_a_whole(staged: Staged) -> None:
    async with staged(SAMPLE, size=(44, 16)) as stage:
        stage.pane._folds["run"].focus()
        await stage.pilot.pause()
        await stage.pilot.pause()
        shown = stage.picture()
        assert "Run settings" in shown
        assert "Assistant" in shown.split("\n")[0]
        assert "Kept for this assistant" in shown.split("\n")[-1]


async def test_tab_reaches_everything_in_order(staged: Staged) -> None:
    async with staged(SAMPLE, size=(44, 24)) as stage:
        stage.pane.query_one("ConfigTitle").focus()
        await stage.pilot.pause()
        reached = []
        for _ in range(14):
            await stage.press("tab")
            focused = stage.app.focused
            assert focused is not None
            reached.append(type(focused).__name__)
        assert reached == [
            "LineInput",
            "LineInput",
            "InstructionsEditor",
            "ModelRow",
            "ToolLine",
            "ToolLine",
            "FunctionsLine",
            "SliderRow",
            "SliderRow",
            "Fold",
            "Fold",
            "Fold",
            "Fold",
            "ConfigTitle",
        ]
        assert stage.said == []


async def test_texts_keep_one_empty_column(staged: Staged) -> None:
    async with staged(SAMPLE, size=(44, 24)) as stage:
        lines = stage.picture().split("\n")[1:]
        assert {line[0] for line in lines} == {" "}
        assert {line[-1] for line in lines} == {" "}
