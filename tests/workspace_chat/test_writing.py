"""Templates, variables, history, path completion: what helps writing a message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.store import writing as table
from playground_tui.workspace.writing.path_completion import complete_path
from playground_tui.workspace.writing.templates import insert
from tests.support.assistants_server import Hold, reply
from tests.support.wait import wait_until
from tests.workspace_chat.conftest import Desk

# -- templates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "rest", "text"),
    [
        ("Be brief.", "", "Be brief."),
        ("Translate:", "hello", "Translate: hello"),
        ("Translate\nwell:", "hello", "Translate\nwell:\n\nhello"),
        ("Translate {{ input }} now", "hello", "Translate hello now"),
        ("{{input}} and {{input}}", r"a\1", r"a\1 and a\1"),
    ],
)
def test_what_follows_a_command_goes_into_the_template(template: str, rest: str, text: str) -> None:
    assert insert(template, rest) == text


async def test_a_template_is_sent_by_its_command(desk: Desk) -> None:
    await desk.templates.put("sum.up", "Sum this up:")
    await desk.say("/sum.up a long story")
    assert desk.texts[0] == "Sum this up: a long story"
    assert desk.templates.get("sum.up").used_at == 0  # the listing is read again on demand
    desk.store.flush()
    desk.templates.read()
    assert desk.templates.get("sum.up").used_at > 0
    await desk.say("/unknown thing")
    assert "/unknown thing" in desk.texts


async def test_templates_are_kept_renamed_and_checked(desk: Desk) -> None:
    await desk.templates.put("b", "two\nlines")
    await desk.templates.put("a", "one")
    await desk.templates.put("a", "uno")
    assert [(t.name, t.summary) for t in desk.templates.listing.value] == [("a", "uno"), ("b", "two")]
    for name, text in (("", "x"), ("with space", "x"), ("/a", "x"), ("x" * 65, "x"), ("ok", "  ")):
        with pytest.raises(FailureError):
            await desk.templates.put(name, text)
    with pytest.raises(FailureError):
        await desk.templates.rename("a", "b")
    await desk.templates.rename("a", "c")
    await desk.templates.delete("b")
    assert [t.name for t in desk.templates.listing.value] == ["c"]


async def test_commands_are_completed_at_the_start_only(desk: Desk) -> None:
    for name in ("review", "rewrite", "preview"):
        await desk.templates.put(name, f"Do a {name}.")
    found = desk.templates.complete("/re", 3)
    assert [c.label for c in found] == ["/review", "/rewrite", "/preview"]
    assert (found[0].start, found[0].end, found[0].text, found[0].help) == (0, 3, "/review ", "Do a review.")
    assert desk.templates.complete("/rexx", 3)[0].end == 5
    assert desk.templates.complete("see /re", 7) == ()
    assert desk.templates.complete("/re view", 8) == ()


# -- variables ---------------------------------------------------------------------------------------------------------


async def test_a_message_waits_for_its_variables(desk: Desk) -> None:
    desk.conversation.set_unsent("Dear {{name}}, {{ greeting }}")
    await desk.say("Dear {{name}}, {{ greeting }}")
    failure = desk.state.failure
    assert (failure.kind, failure.field) == ("invalid", "variables")
    assert "{{name}}, {{greeting}} have no values" in failure.what
    assert desk.server.lines() == []
    assert desk.state.unsent == "Dear {{name}}, {{ greeting }}"
    fields = desk.conversation.variables.fields("Dear {{name}}, {{ greeting }}")
    assert [(f.name, f.value, f.where) for f in fields] == [
        ("name", "", ("message",)),
        ("greeting", "", ("message",)),
    ]
    await desk.conversation.variables.put({"name": "Ada", "greeting": "hi {{name}}"})
    await desk.say("Dear {{name}}, {{ greeting }}")
    assert desk.texts[0] == "Dear Ada, hi {{name}}"
    assert desk.state.failure is None


async def test_variables_of_the_instructions_are_filled_for_the_run_alone(desk: Desk) -> None:
    draft = desk.editor.draft.value
    desk.editor.draft.set(replace(draft, values={"instructions": "Serve {{shop}}.", "name": "Bot"}))
    await desk.say("Hi")
    assert "{{shop}}" in desk.state.failure.what
    await desk.conversation.variables.put({"shop": "Acme"})
    await desk.say("Hi")
    (run,) = desk.server.sent("POST /threads/thread_0001/runs")
    assert run["instructions"] == "Serve Acme."
    assert desk.editor.draft.value.values["instructions"] == "Serve {{shop}}."
    await desk.threads.open(None)
    assert desk.conversation.variables.fields("")[0].value == "Acme"
    await desk.conversation.variables.put({"shop": "Zenith"}, "thread")
    assert desk.conversation.variables.fields("")[0].level == "thread"
    await desk.say("Hi")
    assert [b["instructions"] for m, p, b in desk.server.calls if p.endswith("/runs") and m == "POST"] == [
        "Serve Acme.",
        "Serve Zenith.",
    ]
    # the thread's own value stays with it once it has an id
    assert desk.conversation.variables.fields("")[0].value == "Zenith"


async def test_braces_can_be_sent_as_they_are(desk: Desk) -> None:
    await desk.conversation.send("{{ user.name }} in Jinja, and \\{{", as_is=True)
    await desk.conversation.wait_idle()
    assert desk.texts[0] == "{{ user.name }} in Jinja, and \\{{"
    await desk.say(r"so does \{{escaped}}")
    assert "so does {{escaped}}" in desk.texts


async def test_a_thread_that_is_not_shown_runs_with_its_own_assistants_instructions(desk: Desk) -> None:
    await desk.keep_draft()
    await desk.conversation.variables.put({"shop": "Acme"})
    hold = Hold()
    desk.server.scripts = [reply("Half", hold)]
    await desk.conversation.send("one")
    await desk.until("answering")
    await desk.conversation.send("two")
    first = desk.conversation
    await desk.threads.open(None)
    desk.stored_instructions = "Serve {{shop}}."
    hold.set()
    await wait_until(lambda: len(first.messages) == 4 and not first.busy)
    bodies = desk.server.sent("POST /threads/thread_0001/runs")
    assert bodies[1]["instructions"] == "Serve Acme."
    assert [m.text for m in first.messages][2] == "two"


async def test_a_failed_run_offers_the_text_as_it_was_typed(desk: Desk) -> None:
    from tests.support.assistants_server import failing

    await desk.conversation.variables.put({"name": "Ada"})
    desk.server.scripts = [failing("server_error", "Broken.")]
    await desk.say("Dear {{name}}")
    assert desk.state.unsent == "Dear {{name}}"
    await desk.say("Dear {{name}}")
    assert desk.server.texts("thread_0001").count("Dear Ada") == 1


# -- history -----------------------------------------------------------------------------------------------------------


async def test_the_up_key_walks_through_this_thread_then_others(desk: Desk) -> None:
    await desk.say("old thread")
    await desk.threads.open(None)
    await desk.say("one")
    await desk.say("two")
    await desk.say("one")
    desk.store.flush()
    walk = desk.conversation.history("typing")
    assert [walk.older() for _ in range(4)] == ["one", "two", "old thread", None]
    assert [walk.newer() for _ in range(4)] == ["two", "one", "typing", None]


async def test_only_so_many_texts_are_kept(desk: Desk) -> None:
    await desk.store.write(lambda conn: [table.add_typed(conn, "local", "k", f"t{n}") for n in range(1_010)])
    kept = await desk.store.read(lambda conn: conn.execute("SELECT count(*), min(text) FROM typed").fetchone())
    assert kept[0] == table.MOST_TYPED


# -- paths -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a b.md").write_text("x")
    (tmp_path / "data.csv").write_text("x")
    (tmp_path / "Dump.json").write_text("x")
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "evil\x1b[31m").write_text("x")
    return tmp_path


def test_a_path_alone_is_completed(folder: Path) -> None:
    assert [c.text for c in complete_path("docs/", folder=folder)] == ["docs/a b.md"]
    assert [c.text for c in complete_path(f"{folder}/da", folder=Path("/"))] == [f"{folder}/data.csv"]
    assert complete_path("~nobody-of-this-name/", folder=folder) == ()
    assert complete_path("a\0b/", folder=folder) == ()
