"""The agent's local door: the department's own programs post events here, and need no broker for it.

One event, or several in batched mode, which are taken in their order for each case. 202 means that the broker has
confirmed all; 503 that it has not, so that the department sends them again, with the same ids. Errors are RFC 9457
problems.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Sequence
from dataclasses import replace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.broker import Broker, BrokerUnavailable, Message, Unroutable
from connectors.clock import Clock
from connectors.cloud_events import BATCH_MEDIA_TYPE, MEDIA_TYPE, InvalidCloudEvent, decode_event, decode_events
from connectors.queue_messages import COMMAND, OUTCOME, REQUEST, RESPONSE
from connectors.topology import event_address

log = logging.getLogger(__name__)

LARGEST_EVENT_BYTES = 1024 * 1024
_RESERVED_TYPES = frozenset({REQUEST, RESPONSE, COMMAND, OUTCOME})


def events_app(department: str, broker: Broker, clock: Clock, token: str | None) -> Starlette:
    """``POST /events`` for one department; a bearer ``token`` is asked for where one is set."""

    async def post_event(request: Request) -> Response:
        if token is not None and not _bears(request, token):
            return _problem(401, "Unauthorized", "Send the agent's event token as a bearer token.")
        media_type = _media_type(request)
        if media_type not in (MEDIA_TYPE, BATCH_MEDIA_TYPE, "application/json"):
            what = f"Send {MEDIA_TYPE}, one event in structured mode, or {BATCH_MEDIA_TYPE}, an array of them."
            return _problem(415, "Unsupported Media Type", what)
        body = await _read(request)
        if body is None:
            return _problem(413, "Content Too Large", f"An event has at most {LARGEST_EVENT_BYTES} bytes.")
        try:
            if media_type == BATCH_MEDIA_TYPE:
                events = tuple(stamp(each, department) for each in decode_events(body, received_at=clock.now()))
            else:
                events = (stamp(decode_event(body, received_at=clock.now()), department),)
        except InvalidCloudEvent as error:
            return _problem(422, "Invalid CloudEvent", " ".join(error.problems), error.problems)
        if not await _send(events, broker):
            detail = "The broker did not confirm all of it. Send it again, with the same ids."
            return _problem(503, "Service Unavailable", detail, headers={"Retry-After": "2"})
        told = [each.id for each in events]
        return JSONResponse({"ids": told} if media_type == BATCH_MEDIA_TYPE else {"id": told[0]}, status_code=202)

    async def health(_request: Request) -> Response:
        return JSONResponse({"department": department, "status": "ok"})

    return Starlette(routes=[Route("/events", post_event, methods=["POST"]), Route("/healthz", health)])


def stamp(event: Message, department: str) -> Message:
    """The event as this department's own, ordered by its case. Raises :class:`InvalidCloudEvent`."""
    if not event.subject:
        raise InvalidCloudEvent(('Attribute "subject" is missing. Send the receipt number of the case.',))
    if event.type in _RESERVED_TYPES:
        raise InvalidCloudEvent((f'Type "{event.type}" is for the agent itself. Use one of the case events.',))
    return replace(
        event,
        source=department,
        partition_key=event.subject,
        correlation_id=None,
        reply_to=None,
        expires_at=None,
    )


async def _send(events: Sequence[Message], broker: Broker) -> bool:
    """Whether the broker has all of them. Of one case the later follows the earlier, so that none overtakes."""
    by_case: dict[str, list[Message]] = {}
    for event in events:
        by_case.setdefault(event.partition_key, []).append(event)
    return all(await asyncio.gather(*(_send_in_order(each, broker) for each in by_case.values())))


async def _send_in_order(events: Sequence[Message], broker: Broker) -> bool:
    address = event_address(events[0].source, events[0].partition_key)
    try:
        await broker.publish_all(address, events)
    except (BrokerUnavailable, Unroutable) as error:
        log.warning("Events from %s on were not accepted by the broker: %s", events[0].id, error)
        return False
    return True


async def _read(request: Request) -> bytes | None:
    """The body, ``None`` when it is too large; no more than the limit is ever held."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_EVENT_BYTES:
            return None
    return bytes(body)


def _bears(request: Request, token: str) -> bool:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(value.encode(), token.encode())


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _problem(
    status: int,
    title: str,
    detail: str,
    problems: tuple[str, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    more = {"problems": list(problems)} if problems else {}
    return JSONResponse(content | more, status_code=status, headers=headers, media_type="application/problem+json")
