"""One HTTP connection, with a limit on how long it may keep the server waiting. uvicorn has one for idle connections
only: a client that sends half a request, or reads no more of its answer, would hold its connection for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from playground_tui.service.errors import ApiError
from playground_tui.service.store.objects import dump

HEAD_PATIENCE: Final = 60.0
"""Seconds from the connection, or from a later request's first byte, until a request's head is there; and for the rest
of a body whose request is answered already."""
LINGER: Final = 10.0
"""Seconds in which the rest of a refused body is thrown away. A client that reads while it writes stops at once; one
that reads only when it has written would lose the answer with the connection."""
REST: Final = 1 << 20
"""Bytes of a declared body that are taken after its answer, so that the connection can be used again."""
READER_PATIENCE: Final = 300.0
"""Seconds in which a client must take what waits for it (64 KiB)."""
STOP_PATIENCE: Final = 5.0
"""The same while the server stops."""


def protocol_for(most: int, is_stopping: Callable[[], bool]) -> type[PatientProtocol]:
    """`most`: connections at once; a further one is told 503 and closed. So is one that comes as the server stops:
    uvicorn would wait for it, since only those that it knew before are told."""
    return type("PatientProtocol", (PatientProtocol,), {"most": most, "is_stopping": staticmethod(is_stopping)})


class PatientProtocol(H11Protocol):
    most = 1000
    is_stopping: Callable[[], bool]
    _owed: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None
    _stopping = False
    _dropping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.most:
            message = "The service has too many connections; close some and try again."
            self._refuse(ApiError(503, message, type="server_error", code="too_many_connections"))
        elif self.is_stopping():
            self._refuse(ApiError(503, "The service is stopping.", type="server_error", code="stopping"))
        else:
            self._watch_request()

    def data_received(self, data: bytes) -> None:
        if not self._dropping:
            super().data_received(data)
            self._watch_request()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._is_refused():
            self._take_no_more()
        else:
            self._watch_request()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for timer in (self._owed, self._stuck):
            if timer is not None:
                timer.cancel()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    def shutdown(self) -> None:
        self._stopping = True
        if self.flow.write_paused:
            self._watch_reader()
        super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused in the API's shape too; in the middle of an answer nothing more can be said."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        state: Any = self.conn.our_state
        if state in (h11.IDLE, h11.SEND_RESPONSE):
            self._refuse(ApiError(400, "The request is not valid HTTP.", code="invalid_http"))
        self.transport.close()

    def _refuse(self, error: ApiError) -> None:
        """Without an application, as the last thing said."""
        body = dump(error.body()).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        head = h11.Response(status_code=error.status, headers=headers, reason=HTTPStatus(error.status).phrase)
        for event in (head, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _is_refused(self) -> bool:
        """The request was answered while much of its body, or nobody knows how much, is still to come."""
        state: Any = self.conn.their_state
        declared = dict(self.headers).get(b"content-length", b"")
        return state is h11.SEND_BODY and not (declared.isdigit() and int(declared) <= REST)

    def _take_no_more(self) -> None:
        """The client is told by a closed half of the connection that nothing else is read."""
        if not self.transport.is_closing():
            self._dropping = True
            self.transport.write_eof()
            self._owed = self.loop.call_later(LINGER, self.transport.abort)

    def _watch_request(self) -> None:
        if not self._is_owed():
            if self._owed is not None:
                self._owed.cancel()
                self._owed = None
        elif self._owed is None:
            self._owed = self.loop.call_later(HEAD_PATIENCE, self.transport.abort)

    def _is_owed(self) -> bool:
        """Whether something of a request is missing that no application is waiting for."""
        if self.cycle is None:
            return True
        if not self.cycle.response_complete:
            return False
        state: Any = self.conn.their_state
        return state is h11.SEND_BODY or (state is h11.IDLE and bool(self.conn.trailing_data[0]))

    def _watch_reader(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
        patience = STOP_PATIENCE if self._stopping else READER_PATIENCE
        self._stuck = self.loop.call_later(patience, self.transport.abort)
