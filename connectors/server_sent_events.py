"""Read Server-Sent Events from the bytes of a response. Source: HTML standard, "Server-sent events"."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from connectors.http_message import failure
from schema.errors import RuntimeCode

_COST_OF_A_LINE = 64
"""What keeping a line takes beside its bytes: an event of nothing but short lines is large too."""


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """``name`` is ``message`` where the event has none; the lines of ``data`` are joined."""

    name: str
    data: str


async def read_events(chunks: AsyncIterator[bytes], maximum_bytes: int) -> AsyncIterator[ServerSentEvent]:
    """Each event once its empty line is there; what is cut off before that is none.

    Raises ``ConnectorFailure`` for an event larger than ``maximum_bytes`` and for what is not UTF-8.
    """
    lines: list[str] = []
    size = 0
    async for line in _lines(chunks, maximum_bytes):
        size += len(line) + _COST_OF_A_LINE
        if size > maximum_bytes:
            raise failure(RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE, f"an event of more than {maximum_bytes} bytes")
        if line:
            lines.append(_text(line))
            continue
        event = _event(lines)
        lines, size = [], 0
        if event is not None:
            yield event


async def _lines(chunks: AsyncIterator[bytes], maximum_bytes: int) -> AsyncIterator[bytes]:
    """Lines without their end, which is LF, CR LF or CR."""
    rest, end = bytearray(), b""
    async for chunk in chunks:
        # A CR at the very end may be half of a CR LF: it waits for the next chunk.
        came = end + chunk
        end = b"\r" if came.endswith(b"\r") else b""
        came = came.removesuffix(end).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        first, *others = came.split(b"\n")
        rest += first
        if len(rest) > maximum_bytes:
            raise failure(RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE, f"a line of more than {maximum_bytes} bytes")
        if others:
            yield bytes(rest)
            for line in others[:-1]:
                yield line
            rest = bytearray(others[-1])


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise failure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, error) from error


def _event(lines: list[str]) -> ServerSentEvent | None:
    """Comments alone, as a sign of life, are no event."""
    name, data, named = "message", [], False
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name, named = value, True
        elif field == "data":
            data.append(value)
    return ServerSentEvent(name, "\n".join(data)) if data or named else None
