"""The agent's local door: the department's own programs post events here, and need no broker for it.

202 means that the broker has confirmed the event; 503 that it has not, so that the department sends it
again, with the same id. Errors are RFC 9457 problems.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.broker import Broker, BrokerUnavailable, Message, Unroutable
from connectors.clock import Clock
from connectors.cloud_events import MEDIA_TYPE, InvalidCloudEvent, decode_event
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
        if _media_type(request) not in (MEDIA_TYPE, "application/json"):
            return _problem(415, "Unsupported Media Type", f"Send {MEDIA_TYPE}, one event in structured mode.")
        body = await _read(request)
        if body is None:
            return _problem(413, "Content Too Large", f"An event has at most {LARGEST_EVENT_BYTES} bytes.")
        try:
            event = stamp(decode_event(body, received_at=clock.now()), department)
        except InvalidCloudEvent as error:
            return _problem(422, "Invalid CloudEvent", " ".join(error.problems), error.problems)
        return await _send(lambda: broker.publish(event_address(department, event.partition_key), event), event)

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


async def _send(publish: Callable[[], Awaitable[None]], event: Message) -> Response:
    try:
        await publish()
    except (BrokerUnavailable, Unroutable) as error:
        log.warning("Event %s was not accepted by the broker: %s", event.id, error)
        detail = "The broker did not confirm the event. Send it again, with the same id."
        return _problem(503, "Service Unavailable", detail, headers={"Retry-After": "2"})
    return JSONResponse({"id": event.id}, status_code=202)


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
