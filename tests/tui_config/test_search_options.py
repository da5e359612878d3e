"""What file search is set to: results, ranker, threshold; by keys and by mouse."""

from __future__ import annotations

from tests.support.config_demo import make_draft
from tests.tui_config.conftest import Staged

SEARCH = {"type": "file_search"}


async def test_results_and_threshold_by_keys(staged: Staged) -> None:
    async with staged(make_draft(tools=[SEARCH, {"type": "code_interpreter"}])) as stage:
        await stage.go_to("tools")
        await stage.press("right", *"8", "enter", "right", "right", "down", *"0.5", "ctrl+s")
        assert stage.told("tools")[-1] == [
            {
                "type": "file_search",
                "file_search": {
                    "max_num_results": 8,
                    "ranking_options": {"ranker": "default_2024_08_21", "score_threshold": 0.5},
                },
            },
            {"type": "code_interpreter"},
        ]
        assert "at most 8 · from 0.5" in stage.picture()


async def test_wrong_numbers_are_not_taken_and_clearing_unsets(staged: Staged) -> None:
    options = {"max_num_results": 8, "ranking_options": {"ranker": "auto", "score_threshold": 0}}
    async with staged(make_draft(tools=[{"type": "file_search", "file_search": options}])) as stage:
        await stage.go_to("tools")
        await stage.press("right", *"8", "ctrl+s")
        assert "! " in stage.picture()
        assert stage.said == []
        await stage.press("ctrl+u", "down", "left", "down", "end", "ctrl+u", "ctrl+s")
        assert stage.told("tools") == [[SEARCH]]


async def test_the_mouse_opens_it_and_escape_changes_nothing(staged: Staged) -> None:
    async with staged(make_draft(tools=[SEARCH])) as stage:
        lines = stage.picture().split("\n")
        row = next(n for n, line in enumerate(lines) if "set ▸" in line)
        await stage.pilot.click(offset=(lines[row].index("set ▸") + 1, row))
        await stage.pilot.pause()
        assert "At most so many" not in stage.picture()
        assert "Score from" in stage.picture()
        await stage.press("escape")
        assert stage.said == []
        assert "[x] File search" in stage.picture()


async def test_what_is_off_has_no_options(staged: Staged) -> None:
    async with staged() as stage:
        await stage.go_to("tools")
        await stage.press("right")
        assert len(stage.app.screen_stack) == 1
