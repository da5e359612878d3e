from __future__ import annotations

from typing import Any

from playground_tui.workspace.exchange.plan import plan


def doc(name: str | None, **fields: Any) -> dict[str, Any]:
    return {"id": f"asst_{name}_{fields.get('model')}", "name": name, "model": "m", "tools": [], **fields}


def test_names_decide_what_is_created_changed_or_left() -> None:
    here = [doc("new"), doc("same", metadata={}), doc("other", temperature=0.1), doc("twin"), doc(None)]
    there = [doc("same", metadata=None), doc("other", description="old"), doc("twin"), doc("twin", model="n")]
    steps = {item.name: item for item in plan(here, there)}
    assert {name: item.step for name, item in steps.items()} == {
        "new": "create",
        "same": "same",
        "other": "update",
        "twin": "collision",
        "Unnamed": "collision",
    }
    assert steps["other"].changes == {"description": None, "temperature": 0.1}
    assert steps["other"].target_id == there[1]["id"]
    assert steps["twin"].why == "2 assistants are called twin."
    assert steps["twin"].changes == steps["same"].changes == {}


def test_files_and_stores_stay_where_they_are() -> None:
    (item,) = plan([doc("a", tool_resources={"file_search": {"vector_store_ids": ["vs"]}})], [])
    assert item.left_behind
    assert "tool_resources" not in item.changes
    assert item.changes["name"] == "a"
    assert [diff.field for diff in item.diffs] == ["name", "model"]
    assert not plan([doc("b", tool_resources={"file_search": {}})], [])[0].left_behind
