"""`docs/service.md` names every endpoint, parameter and field of the official description, with what became of it."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from playground_tui.service.routes import all_routes
from tests.support.description import description

pytestmark = pytest.mark.skipif(description() is None, reason="the official description is not beside the repository")
STATES = {"done", "differs", "not offered", "extension"}
SCHEMAS = {
    "assistant": ("AssistantObject", "CreateAssistantRequest", "ModifyAssistantRequest"),
    "thread": ("ThreadObject", "CreateThreadRequest", "ModifyThreadRequest"),
    "message": ("MessageObject", "CreateMessageRequest", "ModifyMessageRequest"),
    "run": (
        *("RunObject", "CreateRunRequest", "CreateThreadAndRunRequest"),
        *("ModifyRunRequest", "SubmitToolOutputsRunRequest"),
    ),
    "run step": ("RunStepObject",),
    "model": ("Model",),
    "file": ("OpenAIFile", "CreateFileRequest"),
    "vector store": ("VectorStoreObject", "CreateVectorStoreRequest", "UpdateVectorStoreRequest"),
    "search": ("VectorStoreSearchRequest", "VectorStoreSearchResultsPage", "VectorStoreSearchResultItem"),
    "vector store file": (
        *("VectorStoreFileObject", "CreateVectorStoreFileRequest"),
        "UpdateVectorStoreFileAttributesRequest",
    ),
    "file batch": ("VectorStoreFileBatchObject", "CreateVectorStoreFileBatchRequest"),
}
EVERYWHERE = {"id", "object", "created_at", "created"}


@lru_cache
def table(heading: str) -> list[list[str]]:
    text = (Path(__file__).parents[2] / "docs" / "service.md").read_text("utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split(" |") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def quoted(cell: str) -> set[str]:
    return {word for code in re.findall("`([^`]+)`", cell) for word in re.findall(r"[\w\[\]]+", code)}


def documented_paths() -> dict[tuple[str, str], str]:
    return {
        (method, path.strip("`")): state
        for path, methods, state, _ in table("Endpoints")
        for method in methods.split(", ")
    }


def documented_fields() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    noun = ""
    for name, fields, _, _ in table("Fields"):
        noun = name or noun
        found.setdefault(noun, set()).update(quoted(fields))
    return found


def properties(schema: dict[str, Any]) -> set[str]:
    names = set(schema.get("properties", ()))
    for part in schema.get("allOf", ()):
        names |= properties(_resolved(part))
    return names


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return schema if reference is None else description()["components"]["schemas"][reference.rpartition("/")[2]]


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    verbs = ("get", "post", "delete", "put", "patch")
    return [
        (method.upper(), path, operation)
        for path, methods in (description() or {"paths": {}})["paths"].items()
        for method, operation in methods.items()
        if method in verbs
    ]


def test_every_state_is_one_of_the_four():
    for heading, column in (("Endpoints", 2), ("Requests", 1), ("Answers", 1), ("Fields", 2)):
        assert len(table(heading)) > 4
        assert {row[column] for row in table(heading)} <= STATES


def test_every_endpoint_has_a_row_and_every_row_a_route():
    documented = documented_paths()
    missing = [(method, path) for method, path, _ in operations() if (method, path) not in documented]
    assert not missing
    offered = {(method, path) for (method, path), state in documented.items() if state != "not offered"}
    routed = {
        (method, route.path.replace(":path", ""))
        for route in all_routes()
        for method in (route.methods or ())
        if method != "HEAD"
    }
    assert offered == routed


def test_every_parameter_is_named():
    named = {word for row in table("Requests") for word in quoted(row[0])}
    for _, path, operation in operations():
        given = {_resolved(parameter)["name"] for parameter in operation.get("parameters", ())}
        assert {name for name in given if f"{{{name}}}" not in path} <= named, path


@pytest.mark.parametrize("noun", SCHEMAS)
def test_every_field_is_named(noun: str):
    schemas = description()["components"]["schemas"]
    wanted = {name for schema in SCHEMAS[noun] for name in properties(schemas[schema])}
    assert wanted - EVERYWHERE - documented_fields()[noun] == set()


def test_every_body_is_among_them():
    for _, path, operation in operations():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            name = content["schema"]["$ref"].rpartition("/")[2]
            assert any(name in schemas for schemas in SCHEMAS.values()), (path, name)
