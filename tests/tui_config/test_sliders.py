"""Temperature and top_p: steps, typing, mouse, and "not set" as a state of its own."""

from __future__ import annotations

import pytest

from tests.support.config_demo import make_draft
from tests.tui_config.conftest import Staged


async def test_keys_step(staged: Staged) -> None:
    async with staged(make_draft(temperature=0.2, top_p=0.5)) as stage:
        await stage.go_to("temperature")
        await stage.press("right", "left", "left", "home", "left", "end", "right")
        assert stage.told("temperature") == [0.3, 0.2, 0.1, 0.0, 2.0]
        await stage.go_to("top_p")
        await stage.press("right", "minus")
        assert stage.told("top_p") == [0.55, 0.5]


async def test_not_set_is_a_state_of_its_own(staged: Staged) -> None:
    async with staged(make_draft(temperature=0.2)) as stage:
        await stage.go_to("temperature")
        await stage.press("delete")
        assert stage.told("temperature") == [None]
        assert "not set" in stage.picture(stage.control("temperature"))
        assert "●" not in stage.picture(stage.control("temperature"))
        await stage.press("right")
        assert stage.told("temperature") == [None, 1.0]


async def test_digits_type_a_value_between_the_steps(staged: Staged) -> None:
    async with staged(make_draft(temperature=1.0)) as stage:
        await stage.go_to("temperature")
        await stage.type("0.35")
        assert stage.told("temperature") == [0.0, 0.3, 0.35]
        await stage.press("enter")
        assert "0.35" in stage.picture(stage.control("temperature"))
        await stage.press("right")
        assert stage.told("temperature")[-1] == 0.4


async def test_a_wrong_number_is_kept_and_held_back(staged: Staged) -> None:
    async with staged() as stage:
        await stage.go_to("temperature")
        await stage.type("25")
        assert stage.told("temperature") == [2.0, "!25"]
        assert "! A number from 0 to 2." in stage.picture()
        await stage.press("tab")
        assert "25" in stage.picture(stage.control("temperature"))
        await stage.go_to("temperature")
        await stage.press("backspace")
        assert stage.told("temperature")[-1] == 2.0
        assert "! A number" not in stage.picture()


async def test_what_is_no_number_says_the_range(staged: Staged) -> None:
    async with staged() as stage:
        await stage.go_to("top_p")
        await stage.type("..")
        assert stage.told("top_p")[-1] == "!.."
        assert "! A number from 0 to 1." in stage.picture()
        await stage.press("backspace", "backspace")
        assert stage.told("top_p")[-1] is None


async def test_escape_ends_typing_and_goes_no_further(staged: Staged) -> None:
    async with staged() as stage:
        await stage.go_to("temperature")
        await stage.type("1")
        await stage.press("escape")
        await stage.type("2")
        assert stage.told("temperature") == [1.0, 2.0]


async def test_the_mouse_drags(staged: Staged) -> None:
    async with staged(make_draft(temperature=0.0)) as stage:
        slider = stage.control("temperature")
        width = slider.content_size.width - 14 - 9
        await stage.pilot.mouse_down(slider, offset=(1 + 14, 0))
        await stage.pilot.hover(slider, offset=(1 + 14 + (width - 1) // 2, 0))
        await stage.pilot.hover(slider, offset=(1 + 14 + width + 3, 0))
        await stage.pilot.mouse_up(slider, offset=(1 + 14 + width + 3, 0))
        await stage.pilot.hover(slider, offset=(1 + 14, 0))
        told = stage.told("temperature")
        assert told[0] == pytest.approx(1.0, abs=0.1)
        assert round(told[0] * 10) == told[0] * 10
        assert told[-1] == 2.0


async def test_the_mouse_sets_what_was_not_set(staged: Staged) -> None:
    async with staged() as stage:
        await stage.pilot.click(stage.control("top_p"), offset=(1 + 14, 0))
        assert stage.told("top_p") == [0.0]


async def test_up_and_down_leave(staged: Staged) -> None:
    async with staged() as stage:
        await stage.go_to("temperature")
        await stage.press("down")
        assert stage.app.focused is stage.control("top_p")
        await stage.press("up")
        assert stage.app.focused is stage.control("temperature")
        assert stage.said == []
