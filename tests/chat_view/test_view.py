"""What the view shows and tells: messages in all their states, waiting, spans, search, selection, copying."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from playground_tui.tui.chat_view import ChatView, warm
from playground_tui.workspace.values import Citation, ReplyFacts, RunView, TokenUse, ToolCallView
from tests.chat_view.conftest import AT, ChatApp, reply, seen, talk, user

CALLS = (
    ToolCallView("call_1", "file_search", "file_search", '{"query": "refunds"}', done=True, seconds=0.4),
    ToolCallView("call_2", "function", "get_weather", '{"city": "Paris"}'),
)
MARKDOWN = "See [the docs](http://a.b/c)【1†s】.\n\n```python\nprint('hi')\n```\n\nBye http://d.e\n"
CITATIONS = (Citation("【1†s】", "[1] policy.pdf", "file_1"),)


async def test_a_message_has_heading_calls_text_and_facts(app: ChatApp) -> None:
    facts = ReplyFacts("gpt-6", 12, 1.8, 0.4, TokenUse(1812, 164, 300, 64), 0.0021)
    async with app.run_test(size=(70, 30)) as pilot:
        app.view.show([user(1, "Hello\n  there"), reply(2, "**Hi**", calls=CALLS, citations=CITATIONS, facts=facts)])
        await pilot.pause()
        rows = [row for row in seen(app.view) if row]
        time = AT.astimezone().strftime("%H:%M")
        assert rows[:4] == [f" You · {time}", " Hello", "   there", " Bot · gpt-6 · version 12"]
        assert rows[4].startswith(' ▸ file_search "refunds"')
        assert rows[4].endswith("done · 0.4 s")
        assert rows[5].endswith("waits")
        assert rows[6:8] == [" Hi", " [1] policy.pdf"]
        shown = " ".join(row.strip() for row in rows[8:])
        assert shown == "1.8 s · first token 0.4 s · 1,812 in · 164 out · 300 cached · 64 reasoning · cost 0.0021"


@pytest.mark.parametrize(
    ("status", "note", "shown"),
    [
        ("stopped", "by you", " ■ Stopped: by you"),
        ("stopped", "Stopped.", " ■ Stopped"),
        ("failed", "The server is gone.", " ! Failed: The server is gone."),
        ("incomplete", "", " ! Incomplete"),
        ("complete", "", " text"),
    ],
)
async def test_why_a_reply_ended(app: ChatApp, status: str, note: str, shown: str) -> None:
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.show([reply(1, "text", status, note=note)])
        await pilot.pause()
        assert [row for row in seen(app.view) if row][-1] == shown


async def test_a_message_that_got_no_reply_says_so_in_its_heading(app: ChatApp) -> None:
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.show([replace(user(1, "Hello"), status="failed")])
        await pilot.pause()
        rows = [row for row in seen(app.view) if row]
        assert rows[0].endswith(" · ! failed")
        assert rows[1:] == [" Hello"]


async def test_a_thread_that_is_shown_while_hidden_gets_its_width_when_it_is_seen(app: ChatApp) -> None:
    async with app.run_test(size=(70, 30)) as pilot:
        app.view.show([user(1, "the first thread of them")])
        await pilot.pause()
        app.view.display = False
        await pilot.pause()
        app.view.show([user(2, "the second thread of them")])
        app.view.display = True
        await pilot.pause()
        assert " the second thread of them" in seen(app.view)


async def test_empty_content_shows_until_there_are_messages(app: ChatApp) -> None:
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.empty = "Ask something.\n[bold]Really[/bold]."
        await pilot.pause()
        assert seen(app.view)[1:3] == [" Ask something.", " [bold]Really[/bold]."]
        app.view.add(user(1))
        await pilot.pause()
        assert "Ask something" not in "".join(seen(app.view))


async def test_waiting_says_what_for_and_how_long_and_only_ticks_meanwhile(app: ChatApp) -> None:
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.show([user(1)])
        app.view.set_waiting(RunView("tool", what="file_search", since=AT))
        await pilot.pause()
        assert seen(app.view)[4] == " … Running file_search · 0 s"
        app.now = AT + timedelta(seconds=65)
        while "1 min 05 s" not in seen(app.view)[4]:
            await pilot.pause(0.05)
        app.view.set_waiting(RunView("answering"))
        await pilot.pause()
        assert seen(app.view)[4] == ""
        assert app.view._ticker is None


async def test_idle_paints_nothing(app: ChatApp) -> None:
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.show([*talk(10), reply(99, "text", "streaming")])
        painted: list[object] = []
        original = app.view.render_lines
        app.view.render_lines = lambda crop: (painted.append(crop), original(crop))[1]  # type: ignore[method-assign]
        while not (app.view.settled and painted):
            await pilot.pause(0.01)
        await pilot.pause(0.05)  # what was shown is on the screen
        painted.clear()
        app.view.grow("msg_99", "")
        await pilot.pause(0.2)
        assert painted == []


async def test_spans_by_key_from_the_end_up(app: ChatApp) -> None:
    async with app.run_test(size=(60, 14)) as pilot:
        app.view.show([*talk(20), reply(99, MARKDOWN, calls=CALLS[:1], citations=CITATIONS)])
        await pilot.pause()
        reached = []
        for _ in range(6):
            await pilot.press("left")
            assert app.view.span is not None
            reached.append((app.view.span.kind, app.view.span.target))
        assert reached == [
            ("citation", "file_1"),
            ("link", "http://d.e"),
            ("code", "print('hi')"),
            ("citation", "file_1"),
            ("link", "http://a.b/c"),
            ("call", "call_1"),
        ]
        await pilot.press("right", "enter")
        (activated,) = app.posted_of(ChatView.SpanActivated)
        assert (activated.span.kind, activated.span.message_id) == ("link", "msg_99")
        assert len({message.span.id for message in app.posted_of(ChatView.SpanReached)}) == 6


async def test_spans_far_above_are_reached_without_drawing_what_lies_between(app: ChatApp) -> None:
    async with app.run_test(size=(60, 14)) as pilot:
        app.view.show([reply(0, MARKDOWN), *talk(2_000, first=1)])
        await pilot.pause()
        await pilot.press("left")
        await pilot.pause()
        assert app.view.span is not None
        assert app.view.span.target == "http://d.e"
        assert any("http://d.e" in row for row in seen(app.view))
        assert not app.view.following
        assert sum(1 for number in range(2_001) if app.view._thread.opened(f"msg_{number}")) < 120


async def test_spans_by_click(app: ChatApp) -> None:
    async with app.run_test(size=(60, 14)) as pilot:
        app.view.show([reply(99, MARKDOWN)])
        await pilot.pause()
        y = next(index for index, row in enumerate(seen(app.view)) if "the docs" in row)
        await pilot.click(ChatView, offset=(seen(app.view)[y].index("docs"), y))
        (activated,) = app.posted_of(ChatView.SpanActivated)
        assert activated.span.target == "http://a.b/c"
        await pilot.click(ChatView, offset=(1, y))
        assert len(app.posted_of(ChatView.SpanActivated)) == 1


async def test_more_below_is_a_button(app: ChatApp) -> None:
    async with app.run_test(size=(60, 14)) as pilot:
        app.view.show(talk(20))
        await pilot.pause()
        await pilot.press("pageup")
        assert "↓ more below" in seen(app.view)[-1]
        await pilot.click(ChatView, offset=(seen(app.view)[-1].index("more"), 13))
        assert app.view.following
        assert "more below" not in seen(app.view)[-1]


async def test_find_goes_up_and_over_wrapped_lines(app: ChatApp) -> None:
    async with app.run_test(size=(30, 14)) as pilot:
        app.view.show(
            [
                user(0, "the **Needle** is here"),
                *talk(30, first=1),
                reply(99, "one two three four five *sixteen* needle"),
            ]
        )
        await pilot.pause()
        assert app.view.find("needle") == 2
        assert app.view._hit is not None
        assert app.view._hit.message_id == "msg_99"
        assert app.view.find("needle") == 2
        assert any("Needle" in row for row in seen(app.view))
        await pilot.press("n")
        assert app.view._hit.message_id == "msg_99"
        assert app.view.find("five sixteen needle") == 1
        assert app.view.find("nowhere") == 0
        assert app.view.find("") == 0
        assert list(app.view.overlays(3)) == []


async def test_selected_text_joins_what_the_view_wrapped(app: ChatApp) -> None:
    async with app.run_test(size=(30, 20)) as pilot:
        app.view.show(
            [
                reply(
                    1,
                    "- one two three four five six seven\n- eight\n\n```\ncode that is longer than the view is\n```\n",
                )
            ]
        )
        await pilot.pause()
        start = next(index for index, row in enumerate(seen(app.view)) if "one" in row)
        selection = Selection(Offset(2, start), Offset(5, start + 2))
        app.screen.selections = {app.view: selection}
        assert app.view.copy_text("selection") == "one two three four five six seven\neig"
        selection = Selection(Offset(0, start + 4), Offset(90, start + 6))
        app.screen.selections = {app.view: selection}
        assert app.view.copy_text("selection") == "\ncode that is longer than the view is"


async def test_a_selection_by_mouse(app: ChatApp) -> None:
    async with app.run_test(size=(60, 14)) as pilot:
        app.view.show([user(1, "first 日本 line\nsecond line")])
        await pilot.pause()
        await pilot.mouse_down(ChatView, offset=(7, 2))
        await pilot.hover(ChatView, offset=(7, 3))
        await pilot.mouse_up(ChatView, offset=(7, 3))
        assert app.screen.get_selected_text() == "日本 line\nsecond"
        assert app.posted_of(ChatView.SpanActivated) == []


async def test_a_selection_stays_on_its_text_when_older_messages_come(app: ChatApp) -> None:
    async with app.run_test(size=(60, 14)) as pilot:
        app.view.show([*talk(10, first=50), reply(99, "to be selected")])
        await pilot.pause()
        y = next(index for index, row in enumerate(seen(app.view)) if "selected" in row)
        await pilot.mouse_down(ChatView, offset=(1, y))
        await pilot.hover(ChatView, offset=(14, y))
        await pilot.mouse_up(ChatView, offset=(14, y))
        assert app.view.copy_text("selection") == "to be selected"
        app.view.prepend(talk(50))
        await pilot.pause()
        assert app.view.copy_text("selection") == "to be selected"


async def test_copying_gives_sources(app: ChatApp) -> None:
    async with app.run_test(size=(60, 24)) as pilot:
        app.view.show([user(1, "a *question*"), reply(2, "", "streaming")])
        app.view.grow("msg_2", MARKDOWN)
        await pilot.pause(0.1)
        assert app.view.copy_text("message") == MARKDOWN
        assert app.view.copy_text("code") == "print('hi')"
        assert app.view.copy_text("thread") == f"a *question*\n\n{MARKDOWN}"
        assert app.view.copy_text("selection") is None
        assert app.view.chosen_message_id() == "msg_2"


async def test_a_theme_restyles_what_is_shown(app: ChatApp) -> None:
    async with app.run_test(size=(60, 14)) as pilot:
        app.view.show([reply(99, MARKDOWN)])
        await pilot.pause()
        before = app.view.render_line(3)
        app.theme = "textual-light"
        await pilot.pause()
        after = app.view.render_line(3)
        assert after.text == before.text
        assert list(after) != list(before)


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light", "textual-dark"])
async def test_without_colour(monkeypatch: pytest.MonkeyPatch, theme: str) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = ChatApp()
    async with app.run_test(size=(60, 14)) as pilot:
        app.theme = theme
        app.view.show([reply(99, MARKDOWN)])
        await pilot.pause()
        for segment in app.view.render_line(5):
            color = segment.style.color if segment.style else None
            assert color is None or color.triplet is None or len(set(color.triplet)) == 1


async def test_a_message_may_get_another_id_and_another_text(app: ChatApp) -> None:
    async with app.run_test(size=(60, 14)) as pilot:
        app.view.show([user(1), reply(2, "", "streaming")])
        app.view.grow("msg_2", "Hel")
        app.view.replace("msg_2", reply(7, "Hello"))
        app.view.grow("msg_2", "unknown now")
        await pilot.pause()
        assert seen(app.view)[5] == " Hello"
        app.view.replace("msg_7", reply(7, "Something else"))
        await pilot.pause()
        assert seen(app.view)[5] == " Something else"
        assert app.view.copy_text("message") == "Something else"


async def test_what_is_given_before_the_view_stands_is_shown_then() -> None:
    app = ChatApp()
    view = ChatView(now=lambda: AT)
    view.show([user(1), reply(2, "", "streaming")])
    view.grow("msg_2", "already")
    view.set_waiting(RunView("thinking", since=AT))
    async with app.run_test(size=(60, 30)) as pilot:
        await app.mount(view, before=0)
        while not view.settled:
            await pilot.pause(0.02)
        await pilot.pause()
        assert seen(view)[5] == " already"
        assert seen(view)[7] == " … Thinking · 0 s"
        assert view._ticker is not None


async def test_a_footnote_leads_to_its_text(app: ChatApp) -> None:
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.show([reply(1, "Claim[^a].\n\n" + "more\n\n" * 30 + "[^a]: The source.\n")])
        await pilot.pause()
        await pilot.press("home", "right", "enter")
        await pilot.pause()
        assert " [a] The source." in seen(app.view)


def test_importing_the_view_loads_neither_parser_nor_lexers() -> None:
    code = "import sys, playground_tui.tui.chat_view; print({'markdown_it', 'pygments'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_warming_makes_the_first_message_cheap() -> None:
    warm()
    assert "markdown_it" in sys.modules
    assert "pygments.lexers.python" in sys.modules
