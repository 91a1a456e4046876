"""The connectors of a department, one of them with all its sections, and one version with its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk
from hub.portal.report import CHECK, Report, report_of
from hub.portal.staff import GREATEST, WHO, StaffDesk
from hub.portal.visitors import Visitor

CONNECTORS = f"""query Connectors {{ {WHO} connectors {{
  name kind department state version waitingFor agentOnline lastError lastErrorAt versions {{ version }} }} }}"""
FACTS = "name kind department state version url waitingFor allowedActions agentOnline lastError lastErrorAt"
VERSIONS = (
    "versions { version state kind url timeoutMs idempotency createdAt createdBy approvedBy allowedActions }"
)
HISTORY = "history { action version actor reason at supergraphVersion }"
HEALTH = """conditions { kind since detail } circuit { kind state failures since }
  bulkhead { concurrency inFlight waiting refused }
  agents { id version kind inHand concurrency latencyMs lastHeartbeatAt refusal }
  traffic(minutes: 60) { at requests errors codes { code count } p50 p99 }"""
SECTIONS = (FACTS, HEALTH, VERSIONS, HISTORY)
"""What each section of a connector's page asks; its template is ``templates/connector_<section>.html``."""
CONNECTOR = f"query Connector($name: String!) {{ {WHO} connector(name: $name) {{ {' '.join(SECTIONS)} }} }}"
VERSION = f"""query Version($name: String!, $number: Int!) {{ {WHO} connector(name: $name) {{
  name kind department state version
  versions(number: $number) {{
    version state kind url sdl headers config diff timeoutMs idempotency
    createdAt createdBy approvedBy allowedActions }} }} }}"""
DONE = frozenset(
    {
        "approve", "hold", "reject", "release", "rollback", "suspend", "resume", "retire",
        "live", "waiting", "kept", "draft",
    }
)  # fmt: skip
"""What may just have happened, as the address of a connector's page says it."""


class ConnectorPages:
    """``/department`` and what lies below each connector, for its own people and for operators."""

    def __init__(self, desk: Desk) -> None:
        self._staff = StaffDesk(desk)

    def routes(self) -> list[BaseRoute]:
        mine = self._staff.desk.signed_in
        return [
            Route("/department", mine(self.overview), methods=["GET"]),
            Route("/department/connectors/{name}", mine(self.connector), methods=["GET"]),
            Route("/department/connectors/{name}/versions/{number:int}", mine(self.version), methods=["GET"]),
        ]

    async def overview(self, request: Request, visitor: Visitor) -> Response:
        """All that the visitor may see; what the address filters by is kept in the form."""
        answer = await self._staff.asked(request, visitor, CONNECTORS)
        if isinstance(answer, Response):
            return answer
        found = answer.data["connectors"]
        wanted = {name: request.query_params.get(name, "")[:100] for name in ("q", "state", "department")}
        values = {
            "connectors": [each for each in found if _fits(each, wanted)],
            "count": len(found),
            "wanted": wanted,
            "states": sorted({each["state"] for each in found}),
            "departments": sorted({each["department"] for each in found}),
        }
        return self._staff.render(request, visitor, "department.html", answer.data[WHO], values)

    async def connector(self, request: Request, visitor: Visitor) -> Response:
        answer = await self._staff.asked(request, visitor, CONNECTOR, {"name": request.path_params["name"]})
        if isinstance(answer, Response):
            return answer
        connector = answer.data["connector"]
        if connector is None:
            return self._staff.desk.message(request, "not_found", 404)
        done = request.query_params.get("done", "")
        values = {
            "connector": connector,
            "current": _numbered(connector["versions"], connector["version"]),
            "hour": _summed(connector["traffic"] or ()),
            "done": done if done in DONE else "",
        }
        return self._staff.render(request, visitor, "connector.html", answer.data[WHO], values)

    async def version(self, request: Request, visitor: Visitor) -> Response:
        """One version: who handed it in, its SDL, what it changed, and its check against the graph of now."""
        number = min(request.path_params["number"], GREATEST)
        wanted = {"name": request.path_params["name"], "number": number}
        answer = await self._staff.asked(request, visitor, VERSION, wanted)
        if isinstance(answer, Response):
            return answer
        connector = answer.data["connector"]
        if connector is None or not connector["versions"]:
            return self._staff.desk.message(request, "not_found", 404)
        report = await check_of(self._staff, visitor, connector)
        values = {"connector": connector, "version": connector["versions"][0], "report": report}
        return self._staff.render(request, visitor, "connector_version.html", answer.data[WHO], values)


async def check_of(staff: StaffDesk, visitor: Visitor, connector: Mapping[str, Any]) -> Report | None:
    """What the connector's one version that was asked for would change now; ``None`` where it is not told."""
    version = connector["versions"][0]
    registration = {
        "name": connector["name"],
        "department": connector["department"],
        "kind": version["kind"],
        "sdl": version["sdl"],
        "url": version["url"] or None,
        "timeoutMs": version["timeoutMs"],
        "idempotency": version["idempotency"],
        **{name: version[name] for name in ("headers", "config") if version[name]},
    }
    answer = await staff.desk.ask(visitor, CHECK, {"input": registration})
    check = answer.data.get("checkConnector")
    return report_of(check, connector["name"], version["sdl"]) if check else None


def _fits(connector: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    return (
        wanted["q"].strip().lower() in connector["name"].lower()
        and wanted["state"] in ("", connector["state"])
        and wanted["department"] in ("", connector["department"])
    )


def _numbered(versions: Sequence[Mapping[str, Any]], number: int) -> Mapping[str, Any]:
    return next(each for each in versions if each["version"] == number)


def _summed(traffic: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The last hour in one line: how many, how many failed and why, and how long its slowest minute took."""
    codes: Counter[str] = Counter()
    for minute in traffic:
        codes.update({each["code"]: each["count"] for each in minute["codes"]})
    return {
        "requests": sum(minute["requests"] for minute in traffic),
        "errors": sum(minute["errors"] for minute in traffic),
        "codes": codes.most_common(5),
        "p99": max((minute["p99"] for minute in traffic if minute["p99"] is not None), default=None),
    }
