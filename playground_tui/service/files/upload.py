"""A multipart upload in bounded memory: the file goes to disk while it comes, and is counted while it goes."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
from dataclasses import dataclass, field
from typing import Any, Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from playground_tui.service.errors import ApiError, StoreError
from playground_tui.service.files.folder import Folder, Incoming, clean_name

_BUFFER: Final = 1 << 20
"""Bytes held before they are written."""
_FIELDS: Final = 64 * 1024
"""Bytes of all fields together, names included; as much is allowed around the file for the form itself."""
_PARTS: Final = 32
_SILENT: Final = logging.Logger("silent", logging.CRITICAL + 1)
"""The parser's own log quotes bytes of a broken form."""


@dataclass
class Upload:
    incoming: Incoming
    name: str
    fields: dict[str, str] = field(default_factory=dict)


async def receive(request: Request, folder: Folder, most: int) -> Upload:
    """The form of the request; its part `file` is on disk. Raises 400, 413 and 415; nothing is left then."""
    boundary = _boundary(request)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 19 or int(declared) > most + 2 * _FIELDS):
        raise _too_large(most)
    try:
        form = _Form(folder.begin(), boundary, most)
    except ValueError as error:
        raise _told(error) from error
    try:
        async for block in request.stream():
            form.feed(block)
            if len(form.waiting) >= _BUFFER:
                await asyncio.to_thread(form.flush)
        upload = form.finished()
        await asyncio.to_thread(form.flush)
        await asyncio.to_thread(upload.incoming.finish)
        return upload
    except BaseException as error:
        await asyncio.to_thread(form.incoming.drop)
        raise _told(error) from error


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        said = "This API method only accepts 'multipart/form-data' requests with a boundary."
        raise ApiError(415, f"Unsupported content type. {said}", code="unsupported_content_type")
    return options[b"boundary"]


def _too_large(most: int) -> ApiError:
    message = f"The file is too large: at most {most:,} bytes are taken."
    return ApiError(413, message, param="file", code="file_too_large")


def _told(error: BaseException) -> BaseException:
    if isinstance(error, MultipartParseError | ValueError):
        return ApiError(400, "The body is not a well-formed multipart form.", code="invalid_multipart")
    if isinstance(error, ClientDisconnect):
        return ApiError(400, "The request ended before its body was complete.", code="incomplete_body")
    if isinstance(error, OSError):
        return disk_error(error)
    return error


def disk_error(error: OSError) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError("The disk of the service's files is full; nothing was stored.", code="store_full")
    return StoreError(f"The service's files cannot be written ({type(error).__name__}).", code="store_failed")


class _Form:
    def __init__(self, incoming: Incoming, boundary: bytes, most: int) -> None:
        self.incoming = incoming
        self.waiting = bytearray()
        self._most = most
        self._size = self._said = self._parts = 0
        self._fields: dict[str, str] = {}
        self._file_name: str | None = None
        self._ended = False
        self._header: list[bytes] = [b"", b""]
        self._disposition = b""
        self._part: str = ""
        self._value = bytearray()
        callbacks: Any = {
            "on_part_begin": self._part_begin,
            "on_header_field": lambda data, start, end: self._header_grows(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._header_grows(1, data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }
        self._parser = MultipartParser(boundary, callbacks)
        self._parser.logger = _SILENT

    def feed(self, block: bytes) -> None:
        if block:
            self._parser.write(block)

    def flush(self) -> None:
        data, self.waiting = self.waiting, bytearray()
        self.incoming.write(bytes(data))

    def finished(self) -> Upload:
        self._parser.finalize()
        if not self._ended:
            raise ApiError(400, "The multipart form ends before it is complete.", code="invalid_multipart")
        if self._file_name is None:
            raise ApiError(400, "Missing required parameter: 'file'.", param="file", code="missing_required_parameter")
        return Upload(self.incoming, self._file_name, self._fields)

    # -- called by the parser ------------------------------------------------------------------------------------------

    def _part_begin(self) -> None:
        self._parts += 1
        if self._parts > _PARTS:
            raise ApiError(400, f"The form has too many parts: at most {_PARTS} are taken.", code="invalid_multipart")
        self._disposition, self._value = b"", bytearray()

    def _header_grows(self, which: int, data: bytes) -> None:
        self._header[which] += data

    def _header_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = [b"", b""]

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._part = options.get(b"name", b"").decode("utf-8", "replace")
        if self._part == "file":
            if self._file_name is not None:
                raise ApiError(400, "Only one file is taken at a time.", param="file", code="invalid_value")
            self._file_name = clean_name(options.get(b"filename", b"").decode("utf-8", "replace"))

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._part == "file":
            self._size += end - start
            if self._size > self._most:
                raise _too_large(self._most)
            self.waiting += data[start:end]
            return
        self._said += end - start
        if self._said > _FIELDS:
            raise ApiError(413, "The form's fields are too large.", code="request_too_large")
        self._value += data[start:end]

    def _part_end(self) -> None:
        if self._part != "file":
            with contextlib.suppress(UnicodeDecodeError):
                self._fields[self._part] = self._value.decode()

    def _end(self) -> None:
        self._ended = True
