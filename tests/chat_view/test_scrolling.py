"""Where the view stands: it follows at the bottom, lets go on the first scroll up, and keeps what is read in place."""

from __future__ import annotations

from textual.events import MouseScrollDown, MouseScrollUp
from textual.pilot import Pilot

from playground_tui.tui.chat_view import ChatView
from playground_tui.tui.chat_view.document import Document
from playground_tui.tui.chat_view.lines import Line
from tests.chat_view.conftest import AT, ChatApp, reply, seen, talk

SIZE = (60, 20)
LINE = "a line of the reply\n\n"


async def stream(pilot: Pilot[None], app: ChatApp, text: str, message_id: str = "msg_99") -> None:
    app.view.grow(message_id, text)
    while not app.view.settled:
        await pilot.pause(0.01)
    await pilot.pause()


async def test_opens_at_the_end_and_follows_what_comes(app: ChatApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        app.view.show([*talk(30), reply(99, "", "streaming")])
        await pilot.pause()
        for number in range(10):
            await stream(pilot, app, f"part {number}\n\n")
            assert app.view.scroll_offset.y == app.view.max_scroll_y
        assert seen(app.view)[-1] == " part 9"
        assert app.view.following


async def test_one_line_up_lets_go_and_end_takes_it_up_again(app: ChatApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        app.view.show([*talk(30), reply(99, "", "streaming")])
        await stream(pilot, app, LINE * 30)
        await pilot.press("up")
        assert not app.view.following
        before = seen(app.view)
        await stream(pilot, app, LINE * 30)
        assert seen(app.view)[:-1] == before[:-1]
        assert "↓ more below" in seen(app.view)[-1]
        await pilot.press("end")
        assert app.view.following
        assert app.view.scroll_offset.y == app.view.max_scroll_y


async def test_wheel_up_lets_go_and_back_to_the_bottom_follows(app: ChatApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        app.view.show(talk(30))
        await pilot.pause()
        await pilot._post_mouse_events([MouseScrollUp], ChatView)
        assert not app.view.following
        for _ in range(3):
            await pilot._post_mouse_events([MouseScrollDown], ChatView)
        assert app.view.following


async def test_a_shrinking_text_does_not_follow_again(app: ChatApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        app.view.show([*talk(30), reply(99, LINE * 40)])
        await pilot.pause()
        await pilot.press("up")
        app.view.remove_message("msg_99")
        await pilot.pause()
        assert not app.view.following
        app.view.add(reply(99, "", "streaming"))
        y = app.view.scroll_offset.y
        await stream(pilot, app, LINE * 10)
        assert app.view.scroll_offset.y == y
        assert not app.view.following


async def test_a_growing_window_does_not_follow_again(app: ChatApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        app.view.show([*talk(30), reply(99, "", "streaming")])
        await pilot.pause()
        await pilot.press("up", "up")
        await pilot.resize_terminal(60, 45)
        await pilot.pause()
        assert not app.view.following
        y = app.view.scroll_offset.y
        await stream(pilot, app, LINE * 10)
        assert app.view.scroll_offset.y == y


async def test_following_goes_on_through_a_resize(app: ChatApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        app.view.show(talk(50))
        for size in ((40, 20), (90, 12), (60, 30)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.view.following
            assert app.view.scroll_offset.y == app.view.max_scroll_y
            assert seen(app.view)[-1] == " • point"


async def test_the_reading_place_stays_through_a_resize(app: ChatApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        app.view.show([reply(number, f"start {number} " + "word " * 60) for number in range(40)])
        await pilot.pause()
        for _ in range(6):
            app.view.action_page_up()
        top = next(row for row in seen(app.view) if "start" in row)
        await pilot.resize_terminal(44, 20)
        await pilot.pause()
        assert any(top.split("word")[0].strip() in row for row in seen(app.view))


async def test_older_messages_do_not_move_what_is_read(app: ChatApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        app.view.show(talk(20, first=100))
        await pilot.pause()
        await pilot.press("home")
        await pilot.pause()
        assert len(app.posted_of(ChatView.OlderWanted)) >= 1
        before = seen(app.view)
        app.view.prepend(talk(50, first=50))
        await pilot.pause()
        assert seen(app.view) == before
        rows = []
        while app.view.scroll_offset.y > 0:
            app.view.action_scroll_up()
            rows.append(seen(app.view)[0])
        assert [row for row in rows if "question" in row] == [f" question {number}" for number in range(98, 48, -2)]


async def test_older_messages_are_asked_for_once(app: ChatApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        app.view.show(talk(60))
        await pilot.pause()
        assert app.posted_of(ChatView.OlderWanted) == []
        for _ in range(30):
            app.view.action_page_up()
        await pilot.pause()
        assert len(app.posted_of(ChatView.OlderWanted)) == 1
        app.view.prepend(talk(60, first=-60))
        for _ in range(40):
            app.view.action_page_up()
        await pilot.pause()
        assert len(app.posted_of(ChatView.OlderWanted)) == 2


async def test_pages_up_show_every_row_once(app: ChatApp) -> None:
    """Guesses of heights above are wrong; nothing may be skipped or shown twice because of that."""
    async with app.run_test(size=(50, 20)) as pilot:
        texts = [f"start {number}\n\n" + "some words to wrap " * (number % 17) for number in range(60)]
        view = app.view
        view.show([reply(number, text) for number, text in enumerate(texts)])
        await pilot.pause()
        rows = texts_in_sight(view)
        while (above := view.scroll_offset.y) > 0:
            view.action_page_up()
            rows = texts_in_sight(view)[:above] + rows
        assert rows == [line.text for number in range(60) for line in whole_lines(view, number)]


def texts_in_sight(view: ChatView) -> list[str]:
    return [row.line.text for row in view._rows]


def whole_lines(view: ChatView, index: int) -> list[Line]:
    document = Document(view.messages[index], view.text_width, AT)
    return [line for unit in range(len(document.units)) for line in document.lines(unit)]
