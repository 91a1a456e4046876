"""How notices leave the hub, for operators: gateways, what waits or was given up, receipts that were refused."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk
from hub.portal.staff import StaffDesk
from hub.portal.visitors import Visitor
from schema.domain.notice_delivery import DeliveryState

LIST = """query NoticeGateways($states: [NoticeDeliveryState!]) {
  noticeGateways { name channel failures restsUntil failedAt wellAt why underWay }
  noticeCounts { channel state count }
  undeliveredNotices(states: $states, first: 100) {
    id kind channel state gateway attempts noticedAt nextAt lastError }
  refusedReceipts { minute fault count } }"""


class NoticeGatewayPages:
    """``/operator/notices``; for operators alone, who see no person here."""

    def __init__(self, desk: Desk) -> None:
        self._staff = StaffDesk(desk)

    def routes(self) -> list[BaseRoute]:
        return [Route("/operator/notices", self._staff.desk.signed_in(self.overview), methods=["GET"])]

    async def overview(self, request: Request, visitor: Visitor) -> Response:
        state = request.query_params.get("state", "")
        is_state = state in {each.value for each in DeliveryState}
        wanted = {"states": [state] if is_state else None}
        answer = await self._staff.asked(request, visitor, LIST, wanted, "forbidden")
        if isinstance(answer, Response):
            return answer
        values = {**answer.data, "state": state if is_state else "", "is_operator": True}
        return self._staff.desk.pages.render(request, "notice_gateways.html", values)
