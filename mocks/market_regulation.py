"""市场监管: enterprises and their business licences over REST; leads the joint case of a restaurant.

People are searched by POST, so that no identity number stands in an address.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.faults import Faults
from mocks.hub_door import HUB_DOOR_TABLES, HubDoor
from mocks.idempotency import IDEMPOTENCY_TABLE
from mocks.lead_desk import LEAD_TABLES, LeadDesk
from mocks.licences import LICENCE_TABLE, Licence, LicenceKind, LicenceRegister, today
from mocks.refusal import Refused, read_object, text_of
from mocks.residents import Enterprise, enterprises
from mocks.serving import Department, Options, serve
from mocks.store import Store
from mocks.sub_case_desk import SUB_CASE_TABLES, SubCaseDesk

ISSUER = "110102-SJ"
BUSINESS = LicenceKind("business-licence", "营业执照", "Business licence")
RESTAURANT = LicenceKind("restaurant-permit", "餐饮业综合许可凭证", "Comprehensive restaurant permit")
FOOD = LicenceKind("food-business-permit", "食品经营许可证", "Food business permit")
ENTERPRISE_TABLE = """
CREATE TABLE IF NOT EXISTS enterprise (
    credit_code TEXT PRIMARY KEY, name TEXT NOT NULL, name_en TEXT NOT NULL, address TEXT NOT NULL,
    status TEXT NOT NULL, representative TEXT NOT NULL, founded TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS enterprise_representative ON enterprise (representative);
"""
LARGEST_BATCH = 100
JOINT_TABLES = SUB_CASE_TABLES + LEAD_TABLES + IDEMPOTENCY_TABLE + HUB_DOOR_TABLES
_HOLDER_KEYS = {"Citizen": "idNumber", "Enterprise": "creditCode"}


class EnterpriseRegister:
    """The enterprises, sorted by credit code wherever several are given."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, enterprise: Enterprise) -> None:
        self._store.execute(
            "INSERT INTO enterprise VALUES (?, ?, ?, ?, ?, ?, ?)",
            enterprise.credit_code, enterprise.name, enterprise.name_en, enterprise.address, enterprise.status,
            enterprise.legal_representative, enterprise.founded.isoformat(),
        )  # fmt: skip

    def represented_by(self, id_number: str) -> list[dict[str, Any]]:
        sql = "SELECT * FROM enterprise WHERE representative = ? ORDER BY credit_code"
        return [_show_enterprise(row) for row in self._store.rows(sql, id_number)]

    def find(self, credit_code: str) -> dict[str, Any] | None:
        row = self._store.row("SELECT * FROM enterprise WHERE credit_code = ?", credit_code)
        return _show_enterprise(row) if row else None

    def all(self) -> list[dict[str, Any]]:
        return [_show_enterprise(row) for row in self._store.rows("SELECT * FROM enterprise ORDER BY credit_code")]


class MarketRegulation:
    """The department's doors over its registers."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self.enterprises = EnterpriseRegister(store)
        self.licences = LicenceRegister(store, ISSUER)
        self.door = HubDoor("market-regulation", store, faults)
        kinds = {"business": BUSINESS, "food": FOOD}
        self.desk = SubCaseDesk(store, self.door.tell, self.licences, "SJ", kinds)
        self.lead = LeadDesk(store, self.door.tell, self.licences, "SJC", {RESTAURANT.code: RESTAURANT})

    def found(self, seed: int) -> None:
        """Every enterprise has a business licence; caterers have a food licence too."""
        for place, enterprise in enumerate(enterprises(seed)):
            self.enterprises.add(enterprise)
            state = "VALID" if enterprise.status == "OPEN" else "REVOKED"
            holder, founded = enterprise.credit_code, enterprise.founded
            self.licences.add(
                Licence(f"110102{place:09d}", BUSINESS, "Enterprise", holder, founded, None, state=state)
            )
            if "餐饮" in enterprise.name:
                until = founded.replace(year=2031, day=1)
                self.licences.add(Licence(f"JY1110102{place:06d}", FOOD, "Enterprise", holder, founded, until))

    async def search_enterprises(self, request: Request) -> Response:
        representative = text_of(await read_object(request), "legalRepresentative")
        return JSONResponse({"enterprises": self.enterprises.represented_by(representative)})

    async def batch_enterprises(self, request: Request) -> Response:
        codes = (await read_object(request)).get("creditCodes")
        if not isinstance(codes, list) or len(codes) > LARGEST_BATCH:
            raise Refused(400, "WRONG_BATCH", f'"creditCodes" must be a list of at most {LARGEST_BATCH} codes.')
        found = [self.enterprises.find(str(code)) for code in codes]
        return JSONResponse({"enterprises": [enterprise for enterprise in found if enterprise]})

    async def show_enterprise(self, request: Request) -> Response:
        enterprise = self.enterprises.find(request.path_params["credit_code"])
        if enterprise is None:
            raise Refused(404, "NOT_FOUND", "No enterprise has this credit code.")
        return JSONResponse(enterprise)

    async def search_licences(self, request: Request) -> Response:
        """Those of an enterprise, or of all enterprises that a person represents."""
        holder = text_of(await read_object(request), "holder")
        represented = [enterprise["creditCode"] for enterprise in self.enterprises.represented_by(holder)]
        found = self.licences.of_holders(holder, *represented)
        return JSONResponse({"licences": [_show_licence(licence) for licence in found]})

    async def show_licence(self, request: Request) -> Response:
        licence = self.licences.find(request.path_params["number"])
        if request.path_params["issuer"] != ISSUER or licence is None:
            raise Refused(404, "NOT_FOUND", "This department has issued no licence of this number.")
        return JSONResponse(_show_licence(licence))

    def records(self) -> dict[str, Any]:
        licences = [_show_licence(licence) for licence in self.licences.all()]
        return {
            "enterprises": self.enterprises.all(),
            "licences": licences,
            "subCases": self.desk.records(),
            "jointCases": self.lead.records(),
            "events": self.door.outbox.figures(),
        }


def build(options: Options) -> Department:
    """The department with its enterprises and licences, founded from the seed."""
    store = options.open_store(LICENCE_TABLE + ENTERPRISE_TABLE + JOINT_TABLES)
    office = MarketRegulation(store, options.faults)
    if store.is_new:
        with store.founding():
            office.found(options.seed)
    return Department(
        store,
        office.records,
        routes=(
            Route("/enterprises/search", office.search_enterprises, methods=["POST"]),
            Route("/enterprises/batch", office.batch_enterprises, methods=["POST"]),
            Route("/enterprises/{credit_code}", office.show_enterprise),
            Route("/licences/search", office.search_licences, methods=["POST"]),
            Route("/licences/{issuer}/{number}", office.show_licence),
            *office.door.routes(),
            *office.desk.routes(),
            *office.lead.routes(),
        ),
        jobs=(office.door.run, office.desk.work, office.lead.work),
    )


def _show_enterprise(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "creditCode": row["credit_code"],
        "name": row["name"],
        "nameEn": row["name_en"],
        "address": row["address"],
        "status": row["status"],
        "legalRepresentative": {"idNumber": row["representative"]},
        "founded": row["founded"],
    }


def _show_licence(licence: Licence) -> dict[str, Any]:
    return {
        "issuerCode": ISSUER,
        "number": licence.number,
        "kind": licence.kind.code,
        "name": licence.kind.name,
        "nameEn": licence.kind.name_en,
        "holder": {"type": licence.holder_type, _HOLDER_KEYS[licence.holder_type]: licence.holder},
        "validFrom": licence.valid_from.isoformat(),
        "validUntil": licence.valid_until and licence.valid_until.isoformat(),
        "state": licence.state_on(today()),
    }


if __name__ == "__main__":
    serve("market-regulation", build)
