"""Something is done with a connector in two steps: what will happen and why, then the deed.

The first step shows the check of the version where one would go live. Nothing happens by following a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.connector_pages import VERSION, check_of
from hub.portal.desk import Desk
from hub.portal.page import see_other
from hub.portal.report import REPORT, report_of
from hub.portal.staff import WHO, StaffDesk, whole_number
from hub.portal.visitors import Visitor


@dataclass(frozen=True, slots=True)
class Deed:
    """A mutation and what its page needs. With ``goes_live`` the version is checked and its check shown."""

    field: str
    of_version: bool = False
    goes_live: bool = False
    needs_reason: bool = False

    @property
    def mutation(self) -> str:
        reason = "String!" if self.needs_reason else "String"
        declared, passed = f"$name: String!, $reason: {reason}", "name: $name, reason: $reason"
        if self.of_version:
            declared, passed = f"{declared}, $version: Int!", f"{passed}, version: $version"
        if self.field == "approveConnector":
            declared, passed = f"{declared}, $hold: Boolean!", f"{passed}, hold: $hold"
        result = REPORT if self.goes_live else "name"
        return f"mutation Act({declared}) {{ {self.field}({passed}) {{ {result} }} }}"


DEEDS: Mapping[str, Deed] = {
    "approve": Deed("approveConnector", of_version=True, goes_live=True),
    "reject": Deed("rejectConnector", of_version=True, needs_reason=True),
    "release": Deed("releaseConnector", of_version=True, goes_live=True),
    "rollback": Deed("rollbackConnector", of_version=True, goes_live=True),
    "suspend": Deed("suspendConnector"),
    "resume": Deed("resumeConnector"),
    "retire": Deed("retireConnector"),
}
CONNECTOR = f"query Acting($name: String!) {{ {WHO} connector(name: $name) {{ name state allowedActions }} }}"


class ConnectorActions:
    """``/department/connectors/{name}/actions/{action}``, with ``?version=`` where one is meant."""

    def __init__(self, desk: Desk) -> None:
        self._staff = StaffDesk(desk)

    def routes(self) -> list[BaseRoute]:
        path = "/department/connectors/{name}/actions/{action}"
        return [Route(path, self._staff.desk.signed_in(self.act), methods=["GET", "POST"])]

    async def act(self, request: Request, visitor: Visitor) -> Response:
        name, action = request.path_params["name"], request.path_params["action"]
        deed, number = DEEDS.get(action), whole_number(request.query_params.get("version", ""))
        if deed is None or (deed.of_version and number is None):
            return self._staff.desk.message(request, "not_found", 404)
        wanted = {"name": name, "number": number} if deed.of_version else {"name": name}
        answer = await self._staff.asked(request, visitor, VERSION if deed.of_version else CONNECTOR, wanted)
        if isinstance(answer, Response):
            return answer
        connector = answer.data["connector"]
        if connector is None or connector.get("versions") == []:
            return self._staff.desk.message(request, "not_found", 404)
        version = connector["versions"][0] if deed.of_version else None
        if action not in (version or connector)["allowedActions"]:
            return self._staff.desk.message(request, "not_now", 409)
        values = {"connector": connector, "version": version, "action": action, "deed": deed}
        if request.method == "POST":
            return await self._done(request, visitor, answer.data[WHO], values)
        return await self._confirm(request, visitor, answer.data[WHO], values)

    async def _confirm(
        self,
        request: Request,
        visitor: Visitor,
        department: str | None,
        values: Mapping[str, Any],
        said: Mapping[str, str] | None = None,
        reason: str = "",
    ) -> Response:
        goes_live = values["deed"].goes_live
        report = await check_of(self._staff, visitor, values["connector"]) if goes_live else None
        shown = {**values, "report": report, "said": said, "reason": reason}
        status = 400 if said else 200
        return self._staff.render(request, visitor, "connector_action.html", department, shown, status)

    async def _done(
        self, request: Request, visitor: Visitor, department: str | None, values: Mapping[str, Any]
    ) -> Response:
        fields = await self._staff.desk.pages.form(request)
        if fields is None:
            return self._staff.desk.message(request, "expired", 400)
        deed, connector, version = values["deed"], values["connector"], values["version"]
        reason = fields.get("reason", "").strip()
        if deed.needs_reason and not reason:
            missing = {"text": self._staff.desk.texts(request)("act.reason_missing"), "detail": ""}
            return await self._confirm(request, visitor, department, values, missing)
        hold = fields.get("step") == "hold"
        variables = {"name": connector["name"], "reason": reason or None, "hold": hold}
        if version is not None:
            variables["version"] = version["version"]
        answer = await self._staff.desk.ask(visitor, deed.mutation, variables)
        made = answer.data.get(deed.field)
        if made is None:
            said = self._staff.said(request, answer)
            return await self._confirm(request, visitor, department, values, said, reason)
        if not made.get("ok", True):
            report = report_of(made, connector["name"], version["sdl"])
            shown = {**values, "report": report, "said": None, "reason": reason}
            return self._staff.render(request, visitor, "connector_action.html", department, shown, 409)
        done = "hold" if hold else values["action"]
        return see_other(f"/department/connectors/{connector['name']}?done={done}")
