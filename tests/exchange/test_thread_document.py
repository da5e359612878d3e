import json

from playground_tui.workspace.exchange.intake import read_text
from playground_tui.workspace.exchange.thread_document import thread_text

THREAD = {"id": "thread_1", "created_at": 1_700_000_000, "metadata": {"title": "Refunds", "team": "a"}}
MESSAGES = [
    {"role": "user", "created_at": 1_700_000_000, "content": [{"type": "text", "text": {"value": "Hi"}}]},
    {
        "role": "assistant",
        "created_at": 1_700_000_001,
        "content": [
            {"type": "text", "text": {"value": "Hello **you**"}},
            {"type": "image_file", "image_file": {"file_id": "file_1"}},
        ],
    },
]


def test_markdown_reads_well() -> None:
    text = thread_text(THREAD, MESSAGES, "markdown")
    assert text.startswith(
        "---\ntitle: Refunds\nthread: thread_1\ncreated: '2023-11-14 22:13:20Z'\nmetadata:\n  team: a\n---\n"
    )
    assert "## You · 2023-11-14 22:13:20Z\n\nHi\n" in text
    assert "Hello **you**\n\n![image](file_1)" in text


def test_json_is_whole_and_can_be_taken_in_again() -> None:
    text = thread_text(THREAD, MESSAGES, "json")
    assert json.loads(text) == {"thread": THREAD, "messages": MESSAGES}
    (taken,) = read_text(text, "t.json").taken
    assert taken.name == "Refunds"
    assert [m["role"] for m in taken.fields["messages"]] == ["user", "assistant"]


def test_a_data_set_line() -> None:
    line = json.loads(thread_text(THREAD, MESSAGES, "jsonl"))
    assert [m["role"] for m in line["messages"]] == ["user", "assistant"]
