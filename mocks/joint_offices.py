"""Departments that take part in joint cases, each below its own path in one process, each with its own store.

Fire and rescue, health, medical insurance and natural resources speak REST; taxation is a GraphQL subgraph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from mocks.faults import Faults
from mocks.hub_door import HUB_DOOR_TABLES, HubDoor
from mocks.idempotency import IDEMPOTENCY_TABLE
from mocks.lead_desk import LEAD_TABLES, LeadDesk
from mocks.licences import LICENCE_TABLE, Licence, LicenceKind, LicenceRegister, today
from mocks.refusal import Refused, read_object, text_of
from mocks.residents import DEMO_RESIDENTS
from mocks.serving import Department, Options, serve
from mocks.store import Store
from mocks.sub_case_desk import SUB_CASE_TABLES, SubCaseDesk
from mocks.tax_graph import tax_graph

TABLES = LICENCE_TABLE + SUB_CASE_TABLES + LEAD_TABLES + IDEMPOTENCY_TABLE + HUB_DOOR_TABLES


@dataclass(frozen=True, slots=True)
class Held:
    """A licence that was issued before the demo began. ``years`` is how long it holds; ``None`` is for good."""

    kind: LicenceKind
    years: int | None


@dataclass(frozen=True, slots=True)
class Kind:
    """One department: what its steps issue, what a whole case that it leads comes to, and what every demo
    resident holds of it."""

    issuer: str
    prefix: str
    issues: Mapping[str, LicenceKind] = field(default_factory=dict)
    leads_to: Mapping[str, LicenceKind] = field(default_factory=dict)
    is_graph: bool = False
    held: tuple[Held, ...] = ()
    held_by_passport: tuple[tuple[LicenceKind, str], ...] = ()
    """What is held by somebody whom the department knows by a passport alone."""


BIRTH = LicenceKind("birth-certificate", "出生医学证明", "Birth certificate")
INSURANCE = LicenceKind("medical-insurance-certificate", "医疗保险参保凭证", "Medical insurance certificate")
TITLE = LicenceKind("real-estate-title", "不动产权证书", "Title of real estate")
HEALTH = LicenceKind("health-certificate", "从业人员健康证明", "Health certificate for handling food")
KINDS = {
    "fire-rescue": Kind("110102-XF", "XF"),
    "taxation": Kind("110102-SW", "SW", is_graph=True),
    "health": Kind("110102-WJ", "WJ", {"birth": BIRTH}, held=(Held(HEALTH, 1),)),
    "medical-insurance": Kind(
        "110102-YB", "YB", {"insurance": INSURANCE}, held_by_passport=((INSURANCE, "GBR-990000105"),)
    ),
    "natural-resources": Kind("110102-GT", "GT", {}, {TITLE.code: TITLE}, held=(Held(TITLE, None),)),
}


class Office:
    """One department's doors over its store."""

    def __init__(self, name: str, kind: Kind, store: Store, faults: Faults) -> None:
        self.name, self.kind, self.store = name, kind, store
        self.register = LicenceRegister(store, kind.issuer)
        self.door = HubDoor(name, store, faults)
        self.desk = SubCaseDesk(store, self.door.tell, self.register, kind.prefix, kind.issues)
        self.lead = LeadDesk(store, self.door.tell, self.register, f"{kind.prefix}C", dict(kind.leads_to))

    def mounted(self) -> BaseRoute:
        routes = [*self.door.routes(), *self.desk.routes(), *self.lead.routes()]
        routes += [
            Route("/licences/search", self.search, methods=["POST"]),
            Route("/licences/{issuer}/{number}", self.look_up),
            Route("/__records", self.show_records),
        ]
        if self.kind.is_graph:
            routes.append(Route("/graphql", tax_graph(self.store, self.desk)))
        return Mount(f"/{self.name}", routes=routes)

    def found(self) -> None:
        """What the demo residents hold already; a certificate for a year was issued this month."""
        start = today().replace(day=1)
        for held in self.kind.held:
            begins = start if held.years else date(2019, 6, 3)
            until = start.replace(year=start.year + held.years) if held.years else None
            for place, resident in enumerate(DEMO_RESIDENTS):
                number = f"{self.kind.prefix}H{begins.year}{place:06d}"
                self.register.add(Licence(number, held.kind, "Citizen", resident.id_number, begins, until))

        for place, (kind, passport) in enumerate(self.kind.held_by_passport):
            number = f"{self.kind.prefix}P{start.year}{place:06d}"
            self.register.add(Licence(number, kind, "Citizen", passport, start, None))

    async def search(self, request: Request) -> Response:
        body = await read_object(request)
        named = body.get("holders")
        holders = [str(each) for each in named] if isinstance(named, list) else [text_of(body, "holder")]
        return JSONResponse({"certificates": [self._show(each) for each in self.register.of_holders(*holders)]})

    async def look_up(self, request: Request) -> Response:
        licence = self.register.find(request.path_params["number"])
        if request.path_params["issuer"] != self.kind.issuer or licence is None:
            raise Refused(404, "NOT_FOUND", "This department has issued no licence of this number.")
        return JSONResponse(self._show(licence))

    async def show_records(self, _request: Request) -> Response:
        return JSONResponse(self.records())

    def records(self) -> dict[str, Any]:
        return {
            "subCases": self.desk.records(),
            "jointCases": self.lead.records(),
            "licences": [self._show(licence) for licence in self.register.all()],
            "events": self.door.outbox.figures(),
        }

    def _show(self, licence: Licence) -> dict[str, Any]:
        return {
            "number": licence.number,
            "issuerCode": self.kind.issuer,
            "kind": licence.kind.code,
            "name": licence.kind.name,
            "nameEn": licence.kind.name_en,
            "holder": {"type": "Citizen", "idNumber": licence.holder},
            "validFrom": licence.valid_from.isoformat(),
            "validUntil": licence.valid_until and licence.valid_until.isoformat(),
            "state": licence.state_on(today()),
            "receiptNumber": licence.receipt_number,
        }


def build(options: Options) -> Department:
    """All of them, founded with what the demo residents hold."""
    offices = [Office(name, kind, _store(options, name), options.faults) for name, kind in KINDS.items()]
    own = _store(options, "joint-offices")
    for store, found in ((own, _nothing), *((office.store, office.found) for office in offices)):
        if store.is_new:
            with store.founding():
                found()
    jobs = [job for office in offices for job in (office.door.run, office.desk.work, office.lead.work)]
    return Department(
        own,
        lambda: {office.name: office.records() for office in offices},
        routes=tuple(office.mounted() for office in offices),
        jobs=tuple(jobs),
    )


def _nothing() -> None:
    """What the process itself, beside its departments, has at its founding."""


def _store(options: Options, name: str) -> Store:
    return Store(options.state / f"{name}.sqlite3" if options.state else None, options.seed, TABLES)


if __name__ == "__main__":
    serve("joint-offices", build)
