"""Answers that keep coming over one HTTP response: Server-Sent Events, and parts of ``multipart/mixed``.

Both are the same pace in different clothes: an answer when there is one, a sign of life when there was none for a
while, the end when the stream ends or the reader's token does.
Sources: GraphQL over Server-Sent Events, "distinct connections mode"; Apollo, "Multipart HTTP protocol for GraphQL
subscriptions", version 1.0.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from starlette.responses import StreamingResponse

from hub.doors.graphql_http import EVENT_STREAM, MULTIPART, encode
from hub.doors.stream_place import CURSOR
from hub.gateway import GraphQLAnswer

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Pace:
    """``keep_alive`` is the longest silence; ``lifetime`` what is left of the reader's token, if there is one."""

    keep_alive: timedelta
    lifetime: timedelta | None


def stream(answers: AsyncGenerator[GraphQLAnswer, None], pace: Pace, media_type: str) -> StreamingResponse:
    """A response in one of the media types that stay open."""
    write, told = _WRITERS[media_type]
    return streaming_response(write(paced(answers, pace)), told)


def streaming_response(content: AsyncIterator[bytes], media_type: str) -> StreamingResponse:
    """A response that no cache keeps and no proxy holds back."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(content, 200, headers, media_type=media_type)


async def paced(items: AsyncGenerator[Item, None], pace: Pace) -> AsyncGenerator[Item | None, None]:
    """Each item, ``None`` after each time of silence; closes ``items`` when it ends."""
    loop = asyncio.get_running_loop()
    silence = pace.keep_alive.total_seconds()
    end = loop.time() + pace.lifetime.total_seconds() if pace.lifetime is not None else None
    following = asyncio.ensure_future(anext(items, None))
    try:
        while end is None or loop.time() < end:
            patience = silence if end is None else min(silence, end - loop.time())
            done, _pending = await asyncio.wait((following,), timeout=patience)
            if not done:
                yield None
                continue
            item = following.result()
            if item is None:
                return
            yield item
            following = asyncio.ensure_future(anext(items, None))
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await items.aclose()


async def server_sent_events(answers: AsyncGenerator[GraphQLAnswer | None, None]) -> AsyncIterator[bytes]:
    """One ``next`` per answer, then ``complete``."""
    yield b":\n\n"
    async with aclosing(answers):
        async for answer in answers:
            yield b":\n\n" if answer is None else _next(answer)
    yield b"event: complete\ndata: \n\n"


def _next(answer: GraphQLAnswer) -> bytes:
    """With its cursor as the event's id: a browser sends the last one back as ``Last-Event-ID``."""
    cursor = answer.extensions.get(CURSOR)
    told = event("next", answer.payload())
    return told if cursor is None else b"id: %b\n%b" % (str(cursor).encode(), told)


def event(name: str, data: Mapping[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + encode(data) + b"\n\n"


async def parts(answers: AsyncGenerator[GraphQLAnswer | None, None]) -> AsyncIterator[bytes]:
    """One part per answer, an empty object as the sign of life."""
    yield b"\r\n--graphql"
    async with aclosing(answers):
        async for answer in answers:
            yield _part({} if answer is None else {"payload": answer.payload()})
    yield b"--\r\n"


def _part(content: Mapping[str, Any]) -> bytes:
    """A part and the delimiter after it, so that a client need not wait for the next one to know the end."""
    return b"\r\nContent-Type: application/json\r\n\r\n" + encode(content) + b"\r\n--graphql"


_Writer = Callable[[AsyncGenerator[GraphQLAnswer | None, None]], AsyncIterator[bytes]]
_WRITERS: Mapping[str, tuple[_Writer, str]] = {
    EVENT_STREAM: (server_sent_events, EVENT_STREAM),
    MULTIPART: (parts, f'{MULTIPART};boundary="graphql";subscriptionSpec="1.0"'),
}
