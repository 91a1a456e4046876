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
from connectors.broker import Broker, BrokerUnavailable, Message, Unroutable
from connectors.clock import Clock
from connectors.cloud_events import InvalidCloudEvent, decode_event
from connectors.topology import event_address
from hub.doors.http_problem import http_problem
from hub.doors.request_body import read_body
from hub.doors.signed_callback import SIGNATURE_HEADER, BadCallback, CallbackFault, verify
from hub.fees import payment_callback
from hub.fees.callback_refusals import CallbackRefusals
from hub.fees.holds import Holds
from hub.fees.payment_callback import HeldCallback, PaidCallback
from hub.fees.payment_provider import HoldReport, RefundReport
from hub.fees.payments import Payments
from hub.fees.refunds import Refunds
from schema.domain.case_flow import DEPARTMENT_EVENT_TYPES
from schema.domain.joint_flow import SUB_CASE_EVENT_TYPES
from schema.domain.payment import Arrival

log = structlog.get_logger(__name__)

LARGEST_BODY_BYTES = 256 * 1024
KNOWN_TYPES = DEPARTMENT_EVENT_TYPES | SUB_CASE_EVENT_TYPES

Authenticate = Callable[[Request], Awaitable[Actor | None]]
"""The actor behind the request's bearer token; ``None`` when there is none that is valid."""


def event_routes(broker: Broker, clock: Clock, authenticate: Authenticate) -> Sequence[Route]:
    """The door for departments that the hub reaches directly; each speaks under its own name."""
    declared: set[str] = set()

    async def post_event(request: Request) -> Response:
        actor = await authenticate(request)
        if actor is None:
            headers = {"WWW-Authenticate": "Bearer"}
            return http_problem(401, "Send a department's access token as bearer.", headers, title="Unauthorized")
        if actor.department is None or not actor.has_role("department"):
            return http_problem(403, "Only a department's own client may tell events.", title="Forbidden")
        body = await read_body(request, LARGEST_BODY_BYTES)
        if body is None:
            return http_problem(
                413, f"An event has at most {LARGEST_BODY_BYTES} bytes.", title="Content Too Large"
            )
        try:
            event = stamp(decode_event(body, received_at=clock.now()), actor.department)
        except InvalidCloudEvent as error:
            return http_problem(422, " ".join(error.problems), title="Invalid CloudEvent")
        if event.type not in KNOWN_TYPES:
            known = ", ".join(sorted(KNOWN_TYPES))
            return http_problem(422, f'Type "{event.type}" is not one of: {known}.', title="Unknown type")
        try:
            await _publish(broker, event, actor.department, declared)
        except (BrokerUnavailable, Unroutable) as error:
            log.warning("event not accepted by the broker", message=event.id, why=str(error))
            detail = "The broker did not confirm the event. Send it again, with the same id."
            return http_problem(503, detail, {"Retry-After": "2"}, title="Service Unavailable")
        return JSONResponse({"id": event.id}, status_code=202)

    return (Route("/events", post_event, methods=["POST"]),)


async def _publish(broker: Broker, event: Message, department: str, declared: set[str]) -> None:
    """The department's queues are declared before its first event, and again where they are gone.

    Not before each event: a declaration is some twenty questions to the broker, and a department that has many
    events to tell at once would wait for nothing else. Raises ``BrokerUnavailable`` and ``Unroutable``.
    """
    address = event_address(department, event.partition_key)
    if department in declared:
        try:
            await broker.publish(address, event)
        except Unroutable:
            declared.discard(department)
        else:
            return
    await broker.declare_department(department)
    declared.add(department)
    await broker.publish(address, event)


def payment_routes(
    payments: Payments, holds: Holds, refunds: Refunds, refusals: CallbackRefusals, clock: Clock, secret: str
) -> Sequence[Route]:
    """The door for the payment provider's signed callbacks. What is not believed is recorded."""

    async def refuse(fault: CallbackFault, body: bytes, response: Response) -> Response:
        log.warning("payment callback refused", fault=fault.value)
        await refusals.note(fault, body)
        return response

    async def post_callback(request: Request) -> Response:
        body = await read_body(request, LARGEST_BODY_BYTES)
        if body is None:
            return http_problem(
                413, f"A callback has at most {LARGEST_BODY_BYTES} bytes.", title="Content Too Large"
            )
        try:
            header = request.headers.get(SIGNATURE_HEADER)
            verify(secret, header, body, clock.now(), setting="payment_secret")
        except BadCallback as error:
            return await refuse(error.fault, body, http_problem(401, str(error), title="Unauthorized"))
        try:
            said = payment_callback.read(body)
        except BadCallback as error:
            return await refuse(error.fault, body, http_problem(422, str(error), title="Unprocessable Content"))
        if said is None:
            return Response(status_code=204)
        match said:
            case RefundReport():
                known: object = await refunds.reported(said)
            case HoldReport():
                known = await holds.reported(said)
            case HeldCallback():
                known = await payments.money_held(said.payment_number, said.amount_fen, said.hold)
            case PaidCallback():
                known = await payments.money_arrived(said.payment_number, said.amount_fen, said.paid_at)
        if known is None:
            detail = "There is no payment, hold or refund of this number here."
            return await refuse(CallbackFault.UNKNOWN, body, http_problem(404, detail, title="Not Found"))
        if known is Arrival.WRONG_AMOUNT:
            detail = "The amount is not what was ordered. Nothing was taken."
            return await refuse(CallbackFault.WRONG_AMOUNT, body, http_problem(409, detail, title="Conflict"))
        return Response(status_code=204)

    return (Route("/payments/callback", post_callback, methods=["POST"]),)
