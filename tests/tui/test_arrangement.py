import pytest

from playground_tui.tui.arrangement import DRAWER, SHARE, arrange


def test_a_wide_screen_gives_the_configuration_its_share() -> None:
    plan = arrange(120, SHARE, folded=False, drawer_open=False)
    assert (plan.mode, plan.config, plan.chat) == ("side", 48, 71)


def test_a_folded_configuration_leaves_the_chat_everything() -> None:
    assert arrange(120, SHARE, folded=True, drawer_open=True).chat == 120


def test_a_drawer_of_44_columns_stands_beside_the_chat() -> None:
    plan = arrange(80, SHARE, folded=False, drawer_open=True)
    assert (plan.mode, plan.config, plan.chat, plan.divider) == ("drawer", DRAWER, 35, True)


def test_below_70_the_configuration_takes_the_whole_width() -> None:
    plan = arrange(69, SHARE, folded=False, drawer_open=True)
    assert (plan.mode, plan.config, plan.chat, plan.divider) == ("whole", 69, 0, False)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("width", [110, 111, 200, 400])
def test_no_share_squeezes_a_pane_away(width: int, share: float) -> None:
    plan = arrange(width, share, folded=False, drawer_open=False)
    assert plan.config >= 34
    assert plan.chat >= 40
    assert plan.config + plan.chat + 1 == width


@pytest.mark.parametrize("width", range(20, 110, 7))
def test_a_narrow_screen_opens_with_the_chat_alone(width: int) -> None:
    assert arrange(width, SHARE, folded=False, drawer_open=False).config == 0
