"""Errors in the API's shape (wire.md §7): `{"error": {"message", "type", "param", "code"}}`."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer other than success. May be raised anywhere below a route, inside store functions too."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


class StoreError(ApiError):
    """The database could not do it: locked for too long, disk full, damaged. What was asked for was not stored."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(503, message, type="server_error", code=code)


def not_found(noun: str, object_id: str, *, param: str | None = None) -> ApiError:
    """404 in the API's words; `noun` as a person says it: assistant, run step."""
    return ApiError(404, f"No {noun} found with id '{object_id[:120]}'.", param=param)
