"""民政: certificates, cases and contact addresses over REST, behind a door that only its own agent reaches.

What happens to a case later is told by CloudEvents, posted to the agent until it takes them.
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from random import Random
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.case_file import CASE_TABLES, DECISIONS, CaseFiles, Decision
from mocks.cloud_event import CLOUD_EVENT_HEADERS, cloud_event
from mocks.contact_addresses import CONTACT_TABLE, ContactAddresses
from mocks.delivery import DELIVERY_TABLE, Outbox
from mocks.idempotency import IDEMPOTENCY_TABLE, once
from mocks.licences import LICENCE_TABLE, Licence, LicenceKind, LicenceRegister, today
from mocks.refusal import Refused, read_object, text_of
from mocks.residents import find_resident, is_known_to, residents
from mocks.serving import Department, Options, serve

ISSUER = "110102-MZ"
KINDS = {
    kind.code: kind
    for kind in (
        LicenceKind("marriage-certificate", "结婚证", "Marriage certificate"),
        LicenceKind("senior-card", "老年人优待证", "Senior citizen's card"),
        LicenceKind("marital-status-certificate", "婚姻登记记录证明", "Certificate of marital status"),
        LicenceKind("subsistence-allowance-certificate", "最低生活保障证", "Subsistence allowance certificate"),
    )
}
VALID_YEARS = 5
TABLES = LICENCE_TABLE + CASE_TABLES + IDEMPOTENCY_TABLE + DELIVERY_TABLE + CONTACT_TABLE


class CivilAffairs:
    """The department's doors over its registers."""

    def __init__(self, options: Options) -> None:
        self.seed = options.seed
        self.faults = options.faults
        self.events_url: str = options.own.events_url
        self.store = options.open_store(TABLES)
        self.register = LicenceRegister(self.store, ISSUER)
        self.addresses = ContactAddresses(self.store)
        self.outbox = Outbox(self.store, lambda _body: CLOUD_EVENT_HEADERS, lambda: self.events_url)
        self.cases = CaseFiles(self.store, self.tell, options.own.decision_delay)
        if self.store.is_new:
            with self.store.founding():
                for licence in founding_licences(self.seed):
                    self.register.add(licence)

    def tell(self, type_: str, receipt_number: str, data: dict[str, Any]) -> None:
        """Keep an event for the agent; twice while the fault ``duplicateEvents`` is on."""
        event = cloud_event("civil-affairs", type_, receipt_number, data)
        for _ in range(2 if self.faults.fault.duplicateEvents else 1):
            self.outbox.add(receipt_number, event)

    async def search(self, request: Request) -> Response:
        holder = text_of(await read_object(request), "holder")
        return JSONResponse({"certificates": [_show(licence) for licence in self.register.of_holders(holder)]})

    async def look_up(self, request: Request) -> Response:
        licence = self.register.find(request.path_params["number"])
        if request.path_params["issuer"] != ISSUER or licence is None:
            raise Refused(404, "NOT_FOUND", "This department has issued no certificate of this number.")
        return JSONResponse(_show(licence))

    async def receive_case(self, request: Request) -> Response:
        body = await read_object(request)
        for name in ("receiptNumber", "itemCode", "submittedAt"):
            text_of(body, name)
        self._check_person(text_of(body, "applicantIdNumber"))
        return once(
            self.store, request, body, lambda: (202, {"accepted": True, "reference": self.cases.receive(body)})
        )

    async def show_case(self, request: Request) -> Response:
        case = self.cases.find(request.path_params["receipt_number"])
        if case is None:
            raise Refused(404, "NOT_FOUND", "This department has no case of this receipt number.")
        return JSONResponse(_show_case(case))

    async def issue_licence(self, request: Request) -> Response:
        body = await read_object(request)
        receipt_number, kind = text_of(body, "receiptNumber"), text_of(body, "kind")
        holder = text_of(body, "holderIdNumber")
        self._check_person(holder)
        return once(self.store, request, body, lambda: self._issue(receipt_number, kind, holder))

    def _issue(self, receipt_number: str, kind: str, holder: str) -> tuple[int, dict[str, Any]]:
        issued = self.register.issued_for(receipt_number)
        if issued:
            return 200, {"accepted": True, "reference": issued.number}
        case = self.cases.find(receipt_number)
        if case is None or case["state"] != "APPROVED":
            raise Refused(409, "NOT_APPROVED", "There is no approved case of this receipt number to issue it for.")
        start = today()
        licence = Licence(
            number=f"MZ{start.year}{case['reference']:06d}",
            kind=KINDS.get(kind, LicenceKind(kind, kind, kind)),
            holder_type="Citizen",
            holder=holder,
            valid_from=start,
            # The day before the anniversary; the 28th exists in every month.
            valid_until=start.replace(year=start.year + VALID_YEARS, day=min(start.day, 28)) - timedelta(days=1),
            receipt_number=receipt_number,
        )
        self.register.add(licence)
        self.cases.close(receipt_number)
        self.tell("jiyi.licence.issued", receipt_number, {
            "number": licence.number, "issuerCode": ISSUER, "kind": kind,
            "validUntil": licence.valid_until and licence.valid_until.isoformat(),
        })  # fmt: skip
        return 201, {"accepted": True, "reference": licence.number}

    async def change_address(self, request: Request) -> Response:
        body = await read_object(request)
        holder, street, postcode = text_of(body, "holder"), body.get("street") or "", body.get("postcode")
        self._check_person(holder)
        return once(self.store, request, body, lambda: (201, self.addresses.change(holder, street, postcode)))

    async def decide(self, request: Request) -> Response:
        body = await read_object(request)
        if body.get("decision") not in DECISIONS:
            raise Refused(400, "WRONG_DECISION", f'"decision" must be one of {", ".join(DECISIONS)}.')
        decision = Decision(body["decision"], body.get("reason"), body.get("remedy"))
        self.cases.instruct(body.get("receiptNumber") or "", decision)
        return JSONResponse({"receiptNumber": body.get("receiptNumber"), "decision": decision.decision})

    async def settings(self, request: Request) -> Response:
        if request.method == "POST":
            body = await read_object(request)
            self.events_url = body.get("eventsUrl", self.events_url)
            self.cases.delay_seconds = float(body.get("decisionDelaySeconds", self.cases.delay_seconds))
            self.outbox.hurry()
        return JSONResponse(
            {"eventsUrl": self.events_url, "decisionDelaySeconds": self.cases.delay_seconds},
        )

    def records(self) -> dict[str, Any]:
        return {
            "cases": [_show_case(case) for case in self.cases.all()],
            "licences": [_show(licence) for licence in self.register.all()],
            "issued": [_show(licence) for licence in self.register.all() if licence.receipt_number],
            "addresses": self.addresses.all(),
            "events": self.outbox.figures(),
        }

    def _check_person(self, id_number: str) -> None:
        if find_resident(self.seed, id_number) is None:
            raise Refused(422, "UNKNOWN_PERSON", "No resident has this identity number.")


def build(options: Options) -> Department:
    """The department with its certificates, its clerk and its messenger."""
    office = CivilAffairs(options)
    return Department(
        office.store,
        office.records,
        routes=(
            Route("/licences/search", office.search, methods=["POST"]),
            Route("/licences/{issuer}/{number}", office.look_up),
            Route("/licences", office.issue_licence, methods=["POST"]),
            Route("/cases", office.receive_case, methods=["POST"]),
            Route("/contact-addresses", office.change_address, methods=["POST"]),
            Route("/cases/{receipt_number}", office.show_case),
            Route("/__decisions", office.decide, methods=["POST"]),
            Route("/__settings", office.settings, methods=["GET", "POST"]),
        ),
        jobs=(office.cases.work, office.outbox.run),
    )


def founding_licences(seed: int) -> list[Licence]:
    """A certificate or two for those the department knows; seniors have their card."""
    random = Random(f"civil affairs {seed}")
    licences: list[Licence] = []
    for place, resident in enumerate(residents(seed)):
        if not is_known_to("civil-affairs", resident, 45):
            continue
        issued = date(2016, 1, 1) + timedelta(days=random.randrange(3000))
        kinds = ["senior-card"] if resident.birth_date.year < 1966 else []
        kinds += ["marriage-certificate"] if resident.birth_date.year < 2000 and place % 2 == 0 else []
        for kind in kinds or ["marital-status-certificate"]:
            number = f"MZ{issued.year}9{place:04d}{'ABCD'[list(KINDS).index(kind)]}"
            licences.append(Licence(number, KINDS[kind], "Citizen", resident.id_number, issued, None))
    return licences


def _show(licence: Licence) -> dict[str, Any]:
    return {
        "number": licence.number,
        "issuerCode": ISSUER,
        "kind": licence.kind.code,
        "name": licence.kind.name,
        "nameEn": licence.kind.name_en,
        "holder": {"type": "Citizen", "idNumber": licence.holder},
        "validFrom": licence.valid_from.isoformat(),
        "validUntil": licence.valid_until and licence.valid_until.isoformat(),
        "state": licence.state_on(today()),
        "receiptNumber": licence.receipt_number,
    }


def _show_case(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "reference": f"MZ-{case['reference']:06d}",
        "receiptNumber": case["receipt_number"],
        "itemCode": case["item_code"],
        "applicantIdNumber": case["applicant"],
        "state": case["state"],
        "reason": case["reason"],
        "remedy": case["remedy"],
    }


def _own_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events-url", default="", help="where events go, e.g. the agent's http://…/events")
    parser.add_argument("--decision-delay", type=float, default=1.0, help="seconds from submission to decision")


if __name__ == "__main__":
    serve("civil-affairs", build, _own_arguments)
