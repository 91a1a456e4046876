"""Receipts of gateways: what has arrived, told by signed calls that come twice, late, in any order, or forged.

``POST /notices/receipts/{gateway}`` with ``{"key", "state", "at", "why"}``, signed as ``Jiyi-Signature``. 204:
it is noted, or no news; what is not believed is counted. Described in docs/notices.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.clock import Clock
from hub.doors.http_problem import http_problem
from hub.doors.request_body import read_body
from hub.doors.signed_callback import SIGNATURE_HEADER, BadCallback, CallbackFault, verify
from hub.fees.callback_refusals import RefusalCounts
from hub.notices.http_notice_gateway import read_state
from hub.notices.notice_delivery_store import delivery_of, write_delivery
from hub.notices.notice_gateway import Answer
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.notice import NoticeDeliveryRow, NoticeReceiptRefusalRow
from schema.domain.notice_delivery import News, after, is_current

log = structlog.get_logger(__name__)

LARGEST_BODY_BYTES = 16 * 1024


class NoticeReceipts:
    """What gateways tell by themselves."""

    def __init__(self, database: Database, clock: Clock, wakeups: Wakeups, secret: str) -> None:
        self._database = database
        self._clock = clock
        self._wakeups = wakeups
        self._secret = secret
        self._refusals = RefusalCounts(database, NoticeReceiptRefusalRow)

    async def take(self, gateway: str, header: str | None, body: bytes) -> bool:
        """Note a receipt; whether it is about a delivery of ours. Raises :class:`BadCallback`."""
        verify(self._secret, header, body, self._clock.now(), setting="notice_receipt_secret")
        key, answer = read_receipt(body)
        async with self._database.transaction() as session:
            is_known = await self._note(session, gateway, key, answer)
        self._wakeups.notices.set()
        return is_known

    async def refuse(self, fault: CallbackFault, body: bytes) -> None:
        """Count it."""
        log.warning("receipt of a notice refused", fault=fault.value)
        await self._refusals.note(fault, body, self._clock.now())

    async def _note(self, session: AsyncSession, gateway: str, key: str, answer: Answer) -> bool:
        row = await session.get(NoticeDeliveryRow, key.rpartition(".")[0], with_for_update=True)
        if row is None:
            return False
        before, now = delivery_of(row), self._clock.now()
        # A proof holds for any message of the delivery; that one failed is news of the present one alone.
        if answer.news is News.PROVED or is_current(before, gateway, key):
            proved_at = min(answer.proved_at, now) if answer.proved_at is not None else None
            write_delivery(row, after(before, answer.news, now, proved_at))
            row.last_error = answer.why
            session.add(row)
        return True


def receipt_routes(receipts: NoticeReceipts) -> Sequence[Route]:
    async def post_receipt(request: Request) -> Response:
        body = await read_body(request, LARGEST_BODY_BYTES)
        if body is None:
            detail = f"A receipt has at most {LARGEST_BODY_BYTES} bytes."
            return http_problem(413, detail, title="Content Too Large")
        try:
            header = request.headers.get(SIGNATURE_HEADER)
            is_known = await receipts.take(request.path_params["gateway"], header, body)
        except BadCallback as error:
            await receipts.refuse(error.fault, body)
            if error.fault is CallbackFault.MALFORMED:
                return http_problem(422, str(error), title="Unprocessable Content")
            return http_problem(401, str(error), title="Unauthorized")
        if not is_known:
            await receipts.refuse(CallbackFault.UNKNOWN, body)
            return http_problem(404, "No notice was given to you under this key.", title="Not Found")
        return Response(status_code=204)

    return (Route("/notices/receipts/{gateway}", post_receipt, methods=["POST"]),)


def read_receipt(body: bytes) -> tuple[str, Answer]:
    """The key and what is said of it. Raises :class:`BadCallback`."""
    try:
        content = json.loads(body)
        return str(content["key"]), read_state(content)
    except (ValueError, KeyError, TypeError) as error:
        message = f"The body is no receipt: {type(error).__name__} {error}."
        raise BadCallback(CallbackFault.MALFORMED, message) from error
