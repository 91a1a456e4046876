"""How notices leave the hub, for operators: gateways, what waits or was given up, receipts that were refused.

What came to nothing is ticked and sent again, with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk
from hub.portal.page import see_other
from hub.portal.staff import StaffDesk, whole_number
from hub.portal.visitors import Visitor
from schema.domain.notice_delivery import IN_VAIN, DeliveryState

LIST = """query NoticeGateways($states: [NoticeDeliveryState!]) {
  noticeGateways { name channel failures restsUntil failedAt wellAt why underWay }
  noticeCounts { channel state count }
  undeliveredNotices(states: $states, first: 100) {
    id kind channel state gateway attempts noticedAt nextAt lastError resends { at by reason } }
  refusedReceipts { minute fault count } }"""
RESEND = """mutation Resend($ids: [ID!]!, $reason: String!) {
  resendNotices(ids: $ids, reason: $reason) { resent left } }"""


class NoticeGatewayPages:
    """``/operator/notices``; for operators alone, who see no person here."""

    def __init__(self, desk: Desk) -> None:
        self._staff = StaffDesk(desk)

    def routes(self) -> list[BaseRoute]:
        mine = self._staff.desk.signed_in
        return [Route("/operator/notices", mine(self.overview), methods=["GET", "POST"])]

    async def overview(self, request: Request, visitor: Visitor) -> Response:
        """The list; a POST sends what is ticked again, and comes back here."""
        if request.method == "GET":
            return await self._list(request, visitor, {})
        form = await self._staff.desk.pages.guarded_form(request)
        if form is None:
            return self._staff.desk.message(request, "expired", 400)
        ids, reason = [str(each) for each in form.getlist("id")], str(form.get("reason", "")).strip()
        answer = await self._staff.desk.ask(visitor, RESEND, {"ids": ids, "reason": reason})
        if answer.code() == "FORBIDDEN":
            return self._staff.desk.message(request, "forbidden", 403)
        made = answer.data.get("resendNotices") if answer.data else None
        if made is None:
            said = self._staff.said(request, answer)
            return await self._list(request, visitor, {"said": said, "reason": reason, "chosen": ids}, 409)
        return see_other(f"/operator/notices?resent={len(made['resent'])}&left={len(made['left'])}")

    async def _list(
        self, request: Request, visitor: Visitor, tried: Mapping[str, Any], status: int = 200
    ) -> Response:
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
            "said": None,
            "reason": "",
            "chosen": [],
            **tried,
        }
        return self._staff.render(request, visitor, "notice_gateways.html", None, values, status)
