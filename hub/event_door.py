"""Two doors for other systems: departments tell events, the payment provider tells of money.

``POST /events`` answers 202 once the broker has the event, 503 while it cannot; ``POST /payments/callback``
answers 204 once what it says is noted. Errors are RFC 9457 problems. Both may be called twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth.actor import Actor
from connectors.agent_events import stamp
from connectors.broker import Broker, BrokerUnavailable, Unroutable
from connectors.clock import Clock
from connectors.cloud_events import InvalidCloudEvent, decode_event
from connectors.topology import event_address
from hub import payment_callback
from hub.payment_callback import BadCallback
from hub.payments import Payments
from schema.domain.case_flow import DEPARTMENT_EVENT_TYPES
from schema.domain.fee import Arrival

log = structlog.get_logger(__name__)

LARGEST_BODY_BYTES = 256 * 1024

Authenticate = Callable[[Request], Awaitable[Actor | None]]
"""The actor behind the request's bearer token; ``None`` when there is none that is valid."""


def event_routes(broker: Broker, clock: Clock, authenticate: Authenticate) -> Sequence[Route]:
    """The door for departments that the hub reaches directly; each speaks under its own name."""

    async def post_event(request: Request) -> Response:
        actor = await authenticate(request)
        if actor is None:
            headers = {"WWW-Authenticate": "Bearer"}
            return _problem(401, "Unauthorized", "Send a department's access token as bearer.", headers)
        if actor.department is None or not actor.has_role("department"):
            return _problem(403, "Forbidden", "Only a department's own client may tell events.")
        body = await _read(request)
        if body is None:
            return _problem(413, "Content Too Large", f"An event has at most {LARGEST_BODY_BYTES} bytes.")
        try:
            event = stamp(decode_event(body, received_at=clock.now()), actor.department)
        except InvalidCloudEvent as error:
            return _problem(422, "Invalid CloudEvent", " ".join(error.problems))
        if event.type not in DEPARTMENT_EVENT_TYPES:
            known = ", ".join(sorted(DEPARTMENT_EVENT_TYPES))
            return _problem(422, "Unknown type", f'Type "{event.type}" is not one of: {known}.')
        try:
            await broker.declare_department(actor.department)
            await broker.publish(event_address(actor.department, event.partition_key), event)
        except (BrokerUnavailable, Unroutable) as error:
            log.warning("event not accepted by the broker", message=event.id, why=str(error))
            detail = "The broker did not confirm the event. Send it again, with the same id."
            return _problem(503, "Service Unavailable", detail, {"Retry-After": "2"})
        return JSONResponse({"id": event.id}, status_code=202)

    return (Route("/events", post_event, methods=["POST"]),)


def payment_routes(payments: Payments, clock: Clock, secret: str) -> Sequence[Route]:
    """The door for the payment provider's signed callbacks."""

    async def post_callback(request: Request) -> Response:
        body = await _read(request)
        if body is None:
            return _problem(413, "Content Too Large", f"A callback has at most {LARGEST_BODY_BYTES} bytes.")
        try:
            header = request.headers.get(payment_callback.SIGNATURE_HEADER)
            payment_callback.verify(secret, header, body, clock.now())
        except BadCallback as error:
            log.warning("payment callback refused", why=str(error))
            return _problem(401, "Unauthorized", str(error))
        try:
            paid = payment_callback.read(body)
        except BadCallback as error:
            return _problem(422, "Unprocessable Content", str(error))
        if paid is None:
            return Response(status_code=204)
        meaning = await payments.money_arrived(paid.payment_number, paid.amount_fen, paid.paid_at)
        if meaning is None:
            return _problem(404, "Not Found", "There is no payment of this number here.")
        if meaning is Arrival.WRONG_AMOUNT:
            return _problem(409, "Conflict", "The amount is not what was ordered. Nothing was taken.")
        return Response(status_code=204)

    return (Route("/payments/callback", post_callback, methods=["POST"]),)


async def _read(request: Request) -> bytes | None:
    """The body, ``None`` when it is too large; no more than the limit is ever held."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            return None
    return bytes(body)


def _problem(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(content, status_code=status, headers=headers, media_type="application/problem+json")
