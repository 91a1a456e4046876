"""What goes out to a department over HTTP and what comes back: values, whoever carries them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from connectors.connector import ConnectorFailure
from schema.errors import RUNTIME_CODES, RuntimeCode


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """``url`` is percent-encoded already and sent as it is. ``is_repeatable``: sending it twice does no harm."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    is_repeatable: bool = False


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """``headers`` have lower-case names; of a repeated one the first value."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """``answer_bytes`` counts after decompression; ``connect_timeout`` is part of each request's own time."""

    connections: int = 200
    connections_per_host: int = 50
    answer_bytes: int = 16 * 1024 * 1024
    connect_timeout: timedelta = timedelta(seconds=2)
    keep_alive: timedelta = timedelta(seconds=15)


class WebSocketClosed(ConnectorFailure):
    """The other side ended the conversation. From 4000 on its code is one of the protocol that was spoken, and the
    department is there all the same."""

    def __init__(self, close_code: int | None) -> None:
        is_meant = close_code is not None and 4000 <= close_code < 5000
        code = RuntimeCode.DEPARTMENT_ERROR if is_meant else RuntimeCode.DEPARTMENT_UNREACHABLE
        super().__init__(code, RUNTIME_CODES[code], f"WebSocket closed: {close_code}")
        self.close_code = close_code


def failure(code: RuntimeCode, cause: object, *, never_sent: bool = False) -> ConnectorFailure:
    """A failure in the public words of its code; the cause is for the log."""
    return ConnectorFailure(code, RUNTIME_CODES[code], str(cause) or repr(cause), never_sent=never_sent)
