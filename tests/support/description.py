"""The API's official description, when it lies beside the repository: answers are checked against it."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[3] / "shared" / "spec" / "assistants-openapi.json"
EXTENSIONS = (("GET", "/threads"), ("GET", "/threads/{thread_id}/runs/{run_id}/events"))
"""Paths of ours that the description does not know."""


@lru_cache
def description() -> dict[str, Any] | None:
    return json.loads(FILE.read_text()) if FILE.exists() else None


def check_answer(method: str, path: str, status: int, body: Any) -> None:
    """Raise AssertionError when a JSON answer is not what the description says."""
    if description() is None:
        return
    if status >= 400:
        check("ErrorResponse", body)
        return
    template = template_of(method, path.removeprefix("/v1"))
    if template is None:
        return
    operation = description()["paths"][template][method.lower()]
    reference = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    check(reference.rpartition("/")[2], without_known_deviations(body))


def template_of(method: str, path: str) -> str | None:
    """`/threads/thread_1` → `/threads/{thread_id}`; None for a path of ours."""
    found = [
        template
        for template, operations in description()["paths"].items()
        if method.lower() in operations and re.fullmatch(re.sub(r"{(\w+)}", r"[^/]+", template), path)
    ]
    if not found:
        assert path in {path for _, path in EXTENSIONS} or path.endswith("/events") or path.startswith("/models/"), path
        return "/models/{model}" if path.startswith("/models/") else None
    return min(found, key=lambda template: template.count("{"))


def without_known_deviations(body: Any) -> Any:
    """`first_id` and `last_id` of an empty list are null here; the description wants strings."""
    if isinstance(body, dict) and body.get("object") == "list" and not body["data"]:
        return {**body, "first_id": "", "last_id": ""}
    return body


def check(schema: str, value: Any) -> None:
    if description() is None:
        return
    problems = sorted(_validator(schema).iter_errors(value), key=lambda error: error.json_path)
    assert not problems, f"{schema}: " + "; ".join(f"{p.json_path}: {p.message[:300]}" for p in problems[:5])


@lru_cache
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator

    whole = {"$ref": f"#/components/schemas/{schema}", "components": description()["components"]}
    return Draft202012Validator(whole)
