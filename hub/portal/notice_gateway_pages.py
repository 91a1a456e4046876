"""How notices leave the hub, for operators: gateways, what waits or was given up, receipts that were refused.

What came to nothing is ticked and sent again, with a reason.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk
from hub.portal.staff import StaffDesk, whole_number
from hub.portal.ticked import TickedDeed, Undecided, do_ticked
from hub.portal.visitors import Visitor
from schema.domain.notice_delivery import IN_VAIN, DeliveryState

LIST = """query NoticeGateways($states: [NoticeDeliveryState!]) {
  noticeGateways { name channel failures restsUntil failedAt wellAt why underWay }
  noticeCounts { channel state count }
  undeliveredNotices(states: $states, first: 100) {
    id kind channel state gateway attempts noticedAt nextAt lastError resends { at by reason } }
  refusedReceipts { minute fault count } }"""
RESEND = TickedDeed(
    """mutation Resend($ids: [ID!]!, $reason: String!) {
  resendNotices(ids: $ids, reason: $reason) { resent left } }""",
    "resendNotices",
    ("resent", "left"),
)


class NoticeGatewayPages:
    """``/operator/notices``; for operators alone, who see no person here."""

    def __init__(self, desk: Desk) -> None:
        self._staff = StaffDesk(desk)

    def routes(self) -> list[BaseRoute]:
        mine = self._staff.desk.signed_in
        return [Route("/operator/notices", mine(self.overview), methods=["GET", "POST"])]

    async def overview(self, request: Request, visitor: Visitor) -> Response:
        """The list; a POST sends what is ticked again, and comes back here."""
        tried = await do_ticked(self._staff, request, visitor, RESEND)
        return tried if isinstance(tried, Response) else await self._list(request, visitor, tried)

    async def _list(self, request: Request, visitor: Visitor, tried: Undecided) -> Response:
        state = request.query_params.get("state", "")
        is_state = state in {each.value for each in DeliveryState}
        wanted = {"states": [state] if is_state else None}
        answer = await self._staff.asked(request, visitor, LIST, wanted, "forbidden")
        if isinstance(answer, Response):
            return answer
        values = {
            **answer.data,
            "state": state if is_state else "",
            "in_vain": [each.value for each in IN_VAIN],
            "resent": whole_number(request.query_params.get("resent", "")),
            "left": whole_number(request.query_params.get("left", "")),
            **tried.values(),
        }
        return self._staff.render(request, visitor, "notice_gateways.html", None, values, tried.status)
