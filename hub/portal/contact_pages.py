"""Where a department is told what is wrong with its connectors, what it was told, and a test of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk
from hub.portal.page import see_other
from hub.portal.staff import WHO, StaffDesk
from hub.portal.visitors import Visitor

CONTACT = f"""query Contact($department: String!) {{ {WHO}
  departmentContact(department: $department) {{ webhookUrl mailAddress }}
  alerts(department: $department) {{ way type subject createdAt state lastError }} }}"""
SAVE = """mutation SaveContact($department: String!, $webhook: String, $mail: String) {
  setDepartmentContact(department: $department, webhookUrl: $webhook, mailAddress: $mail) { department } }"""
TEST = "mutation TestAlert($department: String!) { testAlert(department: $department) }"


class ContactPages:
    """``/department/contact/NAME``; the graph says who may."""

    def __init__(self, desk: Desk) -> None:
        self._staff = StaffDesk(desk)

    def routes(self) -> list[BaseRoute]:
        page = self._staff.desk.signed_in(self.contact)
        return [Route("/department/contact/{department}", page, methods=["GET", "POST"])]

    async def contact(self, request: Request, visitor: Visitor) -> Response:
        """Look, save, or send a test of what is saved."""
        wanted = {"department": request.path_params["department"]}
        if request.method == "GET":
            return await self._page(request, visitor, wanted, None, None)
        fields = await self._staff.desk.pages.form(request)
        if fields is None:
            return self._staff.desk.message(request, "expired", 400)
        typed = {"webhook": fields.get("webhook", "").strip(), "mail": fields.get("mail", "").strip()}
        is_test = fields.get("do") == "test"
        values = wanted if is_test else {**wanted, **{name: text or None for name, text in typed.items()}}
        answer = await self._staff.desk.ask(visitor, TEST if is_test else SAVE, values)
        if answer.code() == "FORBIDDEN":
            return self._staff.desk.message(request, "forbidden_department", 403)
        if answer.errors:
            return await self._page(request, visitor, wanted, typed, answer.errors[0].message)
        return see_other(f"{request.url.path}?done={'tested' if is_test else 'saved'}")

    async def _page(
        self,
        request: Request,
        visitor: Visitor,
        wanted: Mapping[str, str],
        typed: Mapping[str, str] | None,
        wrong: str | None,
    ) -> Response:
        answer = await self._staff.asked(request, visitor, CONTACT, wanted)
        if isinstance(answer, Response):
            return answer
        own = answer.data[WHO]
        if own is not None and own != wanted["department"]:
            return self._staff.desk.message(request, "forbidden_department", 403)
        kept: Mapping[str, Any] = answer.data["departmentContact"] or {}
        done = request.query_params.get("done", "")
        values = {
            "department": wanted["department"],
            "webhook": typed["webhook"] if typed else kept.get("webhookUrl") or "",
            "mail": typed["mail"] if typed else kept.get("mailAddress") or "",
            "alerts": answer.data["alerts"],
            "wrong": wrong,
            "done": done if done in ("saved", "tested") else "",
        }
        status = 200 if wrong is None else 422
        return self._staff.render(request, visitor, "department_contact.html", own, values, status)
