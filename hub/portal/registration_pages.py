"""A department hands a connector in: fill in, check, then publish or keep. Nothing typed is lost on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connectors.kinds import KINDS
from hub.portal.desk import Desk
from hub.portal.drafts import whose
from hub.portal.page import see_other
from hub.portal.registration_form import TypedRegistration, is_too_large, read_registration
from hub.portal.report import CHECK, REPORT, Report, report_of
from hub.portal.staff import WHO, StaffDesk, whole_number
from hub.portal.visitors import Visitor

NEW = f"query Registering {{ {WHO} connectors {{ name }} }}"
CURRENT = "query Current($name: String!) { connector(name: $name) { version } }"
AGAIN = f"""query RegisteringAgain($name: String!, $number: Int!) {{ {WHO} connector(name: $name) {{
  name department versions(number: $number) {{ kind url sdl timeoutMs idempotency headers config }} }} }}"""
_HANDED_IN = "$input: ConnectorInput!, $reason: String"
_RESULT = f"{REPORT} supergraphVersion connector {{ name }}"
PUBLISH = f"mutation Publish({_HANDED_IN}) {{ publishConnector(input: $input, reason: $reason) {{ {_RESULT} }} }}"
KEEP = f"mutation Keep({_HANDED_IN}) {{ registerConnector(input: $input, reason: $reason) {{ {_RESULT} }} }}"


@dataclass(frozen=True, slots=True)
class _Place:
    """For whom and what is registered, which the form cannot change. ``earlier`` is what the form begins with."""

    department: str | None
    connector: str | None
    earlier: TypedRegistration

    def fixed(self, typed: TypedRegistration) -> TypedRegistration:
        """With a name and a department that are not the form's to say."""
        if self.connector is not None:
            earlier = self.earlier
            return replace(typed, name=self.connector, department=earlier.department, kept=earlier.kept)
        return replace(typed, department=self.department) if self.department else typed


class RegistrationPages:
    """``/department/register``; with ``?connector=`` a new version, which begins as the live one does."""

    def __init__(self, desk: Desk) -> None:
        self._staff = StaffDesk(desk)

    def routes(self) -> list[BaseRoute]:
        page = self._staff.desk.signed_in(self.register, keeps=True, reads=read_registration)
        return [Route("/department/register", page, methods=["GET", "POST"])]

    async def register(self, request: Request, visitor: Visitor) -> Response:
        place = await self._place(request, visitor)
        if isinstance(place, Response):
            return place
        if request.method == "GET":
            kept = await self._staff.desk.drafts.take(request, visitor)
            typed = place.fixed(TypedRegistration.of(kept) if kept else place.earlier)
            return self._form(request, visitor, place, typed, is_restored=bool(kept))
        if is_too_large(request):
            return self._staff.desk.message(request, "too_large", 413)
        fields = await read_registration(self._staff.desk.pages, request)
        if fields is None:
            return self._staff.desk.message(request, "expired", 400)
        typed = place.fixed(TypedRegistration.of(fields))
        if wrong := typed.wrong(self._staff.desk.texts(request)):
            return self._form(request, visitor, place, typed, wrong=wrong)
        return await self._handed_in(request, visitor, place, typed, fields.get("step", ""))

    async def _place(self, request: Request, visitor: Visitor) -> _Place | Response:
        name = request.query_params.get("connector")
        if name is None:
            answer = await self._staff.asked(request, visitor, NEW)
            if isinstance(answer, Response):
                return answer
            department = answer.data[WHO]
            return _Place(department, None, TypedRegistration(department=department or ""))
        current = await self._staff.asked(request, visitor, CURRENT, {"name": name})
        if isinstance(current, Response):
            return current
        number = whole_number(request.query_params.get("version", "")) or current.at("connector", "version") or 0
        answer = await self._staff.asked(request, visitor, AGAIN, {"name": name, "number": number})
        if isinstance(answer, Response):
            return answer
        connector = answer.data["connector"]
        if connector is None or not connector["versions"]:
            return self._staff.desk.message(request, "not_found", 404)
        return _Place(answer.data[WHO], connector["name"], _typed_before(connector))

    async def _handed_in(
        self, request: Request, visitor: Visitor, place: _Place, typed: TypedRegistration, step: str
    ) -> Response:
        operation, field = {
            "publish": (PUBLISH, "publishConnector"),
            "keep": (KEEP, "registerConnector"),
        }.get(step, (CHECK, "checkConnector"))
        variables: dict[str, Any] = {"input": typed.input}
        if operation != CHECK:
            variables["reason"] = typed.reason or None
        answer = await self._staff.desk.ask(visitor, operation, variables)
        made = answer.data.get(field)
        if made is None:
            return self._form(request, visitor, place, typed, said=self._staff.said(request, answer))
        if done := _done(step, made):
            return see_other(f"/department/connectors/{made['connector']['name']}?done={done}")
        return self._form(request, visitor, place, typed, report=report_of(made, typed.name, typed.sdl))

    def _form(
        self,
        request: Request,
        visitor: Visitor,
        place: _Place,
        typed: TypedRegistration,
        *,
        wrong: Mapping[str, str] | None = None,
        said: Mapping[str, str] | None = None,
        report: Report | None = None,
        is_restored: bool = False,
    ) -> Response:
        values = {
            "typed": typed,
            "place": place,
            "kinds": KINDS,
            "wrong": wrong or {},
            "said": said,
            "report": report,
            "whose": whose(visitor),
            "is_restored": is_restored,
        }
        status = 400 if wrong or said else 200
        return self._staff.render(request, visitor, "register.html", place.department, values, status)


def _done(step: str, made: Mapping[str, Any]) -> str:
    """What became of it, for the connector's page; empty where nothing did."""
    if step == "publish" and made["ok"]:
        return "waiting" if made["supergraphVersion"] is None else "live"
    if step == "keep" and made["connector"] is not None:
        return "kept" if made["ok"] else "draft"
    return ""


def _typed_before(connector: Mapping[str, Any]) -> TypedRegistration:
    """As the version was registered that was asked for."""
    found = connector["versions"][0]
    return TypedRegistration(
        name=connector["name"],
        department=connector["department"],
        kind=found["kind"],
        url=found["url"],
        timeout=str(found["timeoutMs"]),
        idempotency=found["idempotency"],
        sdl=found["sdl"],
        kept={name: found[name] for name in ("headers", "config") if found[name]},
    )
