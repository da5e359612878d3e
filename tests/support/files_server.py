"""A server's files and vector stores for pictures: made up, and always the same."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import openai

DAY = 86_400
BEGUN = 1_794_000_000
"""A day in November 2026."""
POLICY = (
    "Annual plans can be refunded within 30 days of the purchase. Monthly plans cannot be refunded; they end with the "
    "month that is paid."
)
BEFORE = "3. Refunds\n\nA refund is made to the card that was charged. It takes up to five working days.\n"
AFTER = "\nVouchers are not refunded. A customer who was charged twice gets the second charge back at once.\n"
FILES = (
    ("file-1", "policy.pdf", 184_220, "assistants", 0),
    ("file-2", "shipping.md", 8_412, "assistants", 0),
    ("file-3", "prices-2026.csv", 52_003, "assistants", 1),
    ("file-4", "scanned-letter.pdf", 902_118, "assistants", 2),
    ("file-5", "storefront.png", 340_992, "vision", 4),
    ("file-6", "questions.jsonl", 12_775, "user_data", 9),
)
IN_HANDBOOK = (
    ("file-4", "failed", "It is a PDF without text, perhaps scanned pages."),
    ("file-2", "in_progress", ""),
    ("file-1", "completed", ""),
    ("file-3", "completed", ""),
)


def file(id: str, name: str, size: int, purpose: str, age: int) -> dict[str, Any]:
    return {"id": id, "object": "file", "filename": name, "bytes": size, "purpose": purpose} | {
        "created_at": BEGUN - age * DAY,
        "status": "processed",
    }


def store(id: str, name: str, days: int, **counts: int) -> dict[str, Any]:
    whole = {"in_progress": 0, "completed": 0, "failed": 0, "cancelled": 0, **counts}
    after = {"anchor": "last_active_at", "days": days} if days else None
    return {
        "id": id,
        "object": "vector_store",
        "name": name,
        "status": "in_progress" if whole["in_progress"] else "completed",
        "file_counts": {**whole, "total": sum(whole.values())},
        "usage_bytes": 412_800,
        "created_at": BEGUN,
        "last_active_at": BEGUN,
        "expires_after": after,
        "expires_at": BEGUN + days * DAY if days else None,
    }


STORES = (
    store("vs_1", "Handbook", 30, in_progress=1, completed=2, failed=1),
    store("vs_2", "Product manuals", 0, completed=128),
    store("vs_3", "Old letters", 7, completed=14),
)


def in_store(id: str, status: str, why: str) -> dict[str, Any]:
    error = {"code": "invalid_file", "message": why} if why else None
    return {"id": id, "object": "vector_store.file", "status": status, "last_error": error, "usage_bytes": 24_000}


def page(items: list[Any]) -> dict[str, Any]:
    return {"object": "list", "data": items, "has_more": False}


def result(file_id: str, name: str, score: float, text: str, **more: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": text}]
    return {"file_id": file_id, "filename": name, "file_name": name, "score": score, "content": content, **more}


PAGES = [{"page": 12, "start": 0}, {"page": 13, "start": POLICY.rindex(". ") + 2}]
FOUND = [
    result("file-1", "policy.pdf", 0.91, POLICY, page=12, pages=PAGES),
    result("file-2", "shipping.md", 0.34, "Parcels that come back are refunded when they arrive."),
    result("file-3", "prices-2026.csv", 0.12, "plan: annual; price: 96.00; refund: 30 days"),
]


def answer(request: httpx2.Request) -> httpx2.Response:
    path = request.url.path.removeprefix("/v1")
    failed_only = request.url.params.get("filter") == "failed"
    handbook = [in_store(*f) for f in IN_HANDBOOK if f[1] == "failed" or not failed_only]
    call = {"type": "file_search", "file_search": {"results": FOUND}}
    known: dict[str, Any] = {
        "/files": page([file(*f) for f in FILES]),
        "/vector_stores": page(list(STORES)),
        "/vector_stores/vs_1": STORES[0],
        "/vector_stores/vs_1/files": page(handbook),
        "/vector_stores/vs_1/search": {"data": FOUND},
        "/vector_stores/vs_1/files/file-1/content": {"data": [{"type": "text", "text": BEFORE + POLICY + AFTER}]},
        "/threads/thread_8fk2": {"id": "thread_8fk2"},
        "/threads/thread_8fk2/runs/run_1": {"id": "run_1", "assistant_id": "asst_1"},
        "/assistants/asst_1": {"tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}}},
        "/threads/thread_8fk2/runs/run_1/steps": page([{"step_details": {"tool_calls": [call]}}]),
    }
    body = known.get(path, page([]) if path.endswith("/files") else None)
    if body is None:
        return httpx2.Response(404, json={"error": {"message": "not in this picture", "type": "invalid_request_error"}})
    return httpx2.Response(200, content=json.dumps(body), headers={"content-type": "application/json"})


def client() -> openai.AsyncOpenAI:
    transport = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    return openai.AsyncOpenAI(api_key="none", base_url="http://server.test/v1", max_retries=0, http_client=transport)
