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


def test_what_was_copied_before_belongs_together_whatever_it_is_called_now() -> None:
    here = [doc("renamed"), doc(None, model="o"), doc("twin"), doc("twin", model="n"), doc("gone there")]
    there = [doc("old name"), doc("twin"), doc("renamed", model="x"), doc("by hand")]
    ids = [item["id"] for item in here]
    links = {ids[0]: there[0]["id"], ids[1]: there[3]["id"], ids[2]: there[1]["id"], ids[4]: "asst_deleted"}
    renamed, unnamed, twin, other_twin, gone = plan(here, there, links)
    assert (renamed.step, renamed.target_id, renamed.changes) == ("update", there[0]["id"], {"name": "renamed"})
    assert (unnamed.step, unnamed.target_id) == ("update", there[3]["id"])
    assert (twin.step, twin.target_id) == ("same", there[1]["id"])
    # the other twin is the only one of its name that is left, and what is linked is no longer found by name
    assert other_twin.step == "create"
    assert gone.step == "create"
    # one alone: what belongs to an assistant that is not copied now is not taken for another
    assert plan([here[3]], there, links)[0].step == "create"


def test_equal_ids_on_two_servers_mean_nothing() -> None:
    (item,) = plan([{**doc("mine"), "id": "1"}], [{**doc("theirs"), "id": "1"}])
    assert item.step == "create"
