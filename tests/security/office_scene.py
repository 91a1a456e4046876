"""What is Anna's beside her cases' events, and everybody who could ask for it.

They ask the graph, with the policy before it as the gateway has it, and the doors for files and sealed packages.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
from graphql import parse, validate
from starlette.applications import Starlette
from starlette.requests import Request

from auth.actor import Actor
from auth.keys import KeyRing
from auth.policy import Policy
from hub.archives.archive_door import archive_routes
from hub.archives.case_archives import CaseArchives
from hub.cases.case_content import GivenMaterial
from hub.materials.file_services import FileServices
from hub.materials.file_store import FolderStore
from hub.materials.shared_records import OwnData, SharedRecords, Wanted
from hub.materials.upload_door import upload_routes
from hub.materials.uploads import NewFile, Uploads
from hub.materials.virus_scan import NoScanner
from hub.people.auth_store import HubAuthStore
from tests.hub.fee_item import accepted, offer, pay
from tests.hub.officers import ASSISTANCE, CHIEF, DEPARTMENT, HANNA, HUGO, SUPERVISOR, WINDOW, Office, officer
from tests.hub.own_graph import Graph, request
from tests.hub.test_appointments import BOOK, CLERK, DAY, OPEN
from tests.hub.world import ANNA, BO, OPERATOR, World, citizen
from tests.security.road_graph import road_schema

PDF = b"%PDF-1.7\n" + "金丝雀的收入".encode() * 300
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(5000)
LICENCE = {
    "number": "D-CANARY",
    "kind": "disability-certificate",
    "name": "残疾人证",
    "state": "VALID",
    "issuer": {"code": "110102-CL"},
}
ADDRESS, FINDINGS, REFUND_REASON = "金丝雀胡同1号", "金丝雀的发现", "金丝雀的退款"
COMMENT, DOOR, TELEPHONE = "金丝雀的差评", "金丝雀胡同2号", "13800004321"

PEOPLE: Mapping[str, Actor] = {
    "owner": ANNA,
    "other citizen": BO,
    "handler": HANNA,
    "inspector": HUGO,
    "chief representative": CHIEF,
    "handler elsewhere": officer("teng", "handler", "transport"),
    "chief elsewhere": officer("ting", "chief-representative", "transport"),
    "keeper of fees": officer("fei", "handler", "finance"),
    "window officer": WINDOW,
    "supervisor": SUPERVISOR,
    "legal reviewer": officer("lin", "legal-reviewer", None),
    "price reviewer": officer("pan", "price-reviewer", None),
    "observer": officer("ou", "observer", None),
    "staff of the department": officer("su", "department-staff"),
    "client of the department": DEPARTMENT,
    "client of another": replace(
        citizen("department-transport", roles=frozenset({"department"})), department="transport"
    ),
    "operator": OPERATOR,
}
"""Everybody who holds a token, one for each office and side."""


@dataclass(frozen=True, slots=True)
class OfficeScene:
    """``known`` are ids and numbers that somebody may have got hold of."""

    world: World
    graph: Graph
    door: httpx.AsyncClient
    known: Mapping[str, str]
    secrets: Mapping[str, str]

    async def asks(self, who: str, query: str) -> tuple[str, bool]:
        """The answer as text, and whether it was refused: by the rule of a field, or by the object's."""
        document, actor = parse(query), PEOPLE[who]
        assert validate(road_schema(), document) == [], f"no question that the graph takes: {query}"
        if Policy().refusals(road_schema(), document, None, actor):
            return "", True
        response = await self.graph.connector.fetch(request(query, actor, {}))
        return json.dumps(response.data, ensure_ascii=False, default=str), bool(response.errors)

    async def knocks(self, who: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {who.replace(' ', '-')}", "Tus-Resumable": "1.0.0", **more}
        return await self.door.request(method, path, headers=headers, content=b"x" if method == "PATCH" else None)


async def office_scene(world: World, folder: Path) -> OfficeScene:
    """Anna's file, shared record, sealed package, inspection with its picture, paid fee and refund, low rating and
    visit at the door; and a caller's question."""
    files = _files(world, folder)
    graph = Graph(world, files=files)
    office = Office(world)
    office.graph = graph
    await offer(world.database)
    known = {"archived": await _archived(world, files)}
    file = await _file(files, ANNA, "金丝雀.pdf", "application/pdf", PDF)
    loose = await _file(files, ANNA, "无用.pdf", "application/pdf", PDF)
    wanted = Wanted("CA-DISABLED-ALLOWANCE", "DISABILITY")
    record = await files.records.share(ANNA, wanted, consents=True)
    case = await office.filed(replace(ASSISTANCE, materials=(GivenMaterial("income", f"file:{file}"),)))
    await office.does("acceptCase", case)
    await office.does("startReview", case)
    inspection, picture = await _inspected(world, graph, files, case)
    paid, order, payment = await _refunded(world)
    receipts = await world.receipts.of_orders([order])
    known |= {
        "file": file,
        "loose": loose,
        "record": record.id,
        "case": case,
        "inspection": inspection,
        "picture": picture,
        "order": order,
        "paid_case": paid,
    }
    known |= {**await _followed_up(office), **await _visited(graph), **await _called(graph)}
    archive = await files.archives.of_case(ANNA, known["archived"])
    assert archive is not None
    secrets = {
        "file": "金丝雀.pdf",
        "record": str(LICENCE["number"]),
        "archive": archive.sha256,
        "address": ADDRESS,
        "findings": FINDINGS,
        "receipt": receipts[order][0].number,
        "refund": REFUND_REASON,
        "payment": payment,
        "picture": picture,
        "comment": COMMENT,
        "rated": f'"{ANNA.subject}"',
        "door": DOOR,
        "telephone": TELEPHONE,
        "masked": "138****4321",
    }
    return OfficeScene(world, graph, _door(world, files), known, secrets)


def _files(world: World, folder: Path) -> FileServices:
    store = FolderStore(folder)
    uploads = Uploads(world.database, store, NoScanner(), world.clock)

    async def keys() -> KeyRing:
        return await KeyRing.open(HubAuthStore(world.database), world.clock.now)

    async def ask(_actor: Actor, _query: str) -> OwnData:
        return OwnData({"licences": [LICENCE]})

    records = SharedRecords(world.database, world.catalogue, world.clock, ask, lambda _field: "")
    return FileServices(store, uploads, records, CaseArchives(world.database, store, uploads, world.clock, keys))


def _door(world: World, files: FileServices) -> httpx.AsyncClient:
    tokens = {name.replace(" ", "-"): actor for name, actor in PEOPLE.items()}

    async def authenticate(request: Request) -> Actor | None:
        return tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))

    async def keys() -> KeyRing:
        return await KeyRing.open(HubAuthStore(world.database), world.clock.now)

    routes = [*upload_routes(files.uploads, authenticate), *archive_routes(files.archives, keys, authenticate)]
    return httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes)), base_url="http://hub")


async def _file(files: FileServices, actor: Actor, name: str, kind: str, content: bytes) -> str:
    row = await files.uploads.begin(actor, NewFile(name, kind, len(content)))

    async def all_of_it() -> AsyncIterator[bytes]:
        yield content

    return (await files.uploads.append(row, 0, all_of_it())).id


async def _archived(world: World, files: FileServices) -> str:
    case = await world.cases.submit_case(ANNA, ASSISTANCE)
    await world.applicant.withdraw(ANNA, case.id, None)
    world.clock.move(days=2)
    assert await files.archives.seal_due() == 1
    return case.id


async def _inspected(world: World, graph: Graph, files: FileServices, case: str) -> tuple[str, str]:
    """Dispatched to Hugo, proved by a picture, with findings."""
    order = f"""mutation {{ orderInspection(input: {{ case: "{case}", way: REMOTE, address: "{ADDRESS}",
      reason: "核实" }}) {{ id }} }}"""
    inspection = (await graph.ask(order, HANNA))["orderInspection"]["id"]
    begins = world.clock.now() + timedelta(hours=1)
    visit = f"""mutation {{ scheduleInspection(id: "{inspection}", inspector: "hugo",
      beginsAt: "{begins.isoformat()}", endsAt: "{(begins + timedelta(hours=1)).isoformat()}") {{ id }} }}"""
    await graph.ask(visit, HANNA)
    world.clock.moment = begins + timedelta(minutes=10)
    picture = await _file(files, HUGO, "shop.png", "image/png", PNG)
    proof = f"""mutation {{ addEvidence(id: "{inspection}", input: {{ file: "{picture}",
      takenAt: "{begins.isoformat()}" }}) {{ id }} }}"""
    await graph.ask(proof, HUGO)
    report = f'mutation {{ reportInspection(id: "{inspection}", passed: true, findings: "{FINDINGS}") {{ id }} }}'
    await graph.ask(report, HUGO)
    return inspection, picture


async def _followed_up(office: Office) -> dict[str, str]:
    """One star on a case that Hanna decided; the chief representative took it."""
    case = await office.in_review()
    await office.does("denyCase", case, reason="not in need", remedy="administrative review within 60 days")
    rate = f'mutation {{ rateService(case: "{case}", stars: 1, comment: "{COMMENT}") {{ stars }} }}'
    await office.graph.ask(rate, ANNA)
    follow_up: str = (await office.graph.ask("{ myFollowUps { id } }", ANNA))["myFollowUps"][0]["id"]
    await office.graph.ask(f'mutation {{ takeFollowUp(id: "{follow_up}") {{ id }} }}', CHIEF)
    return {"follow_up": follow_up, "rated_case": case}


async def _visited(graph: Graph) -> dict[str, str]:
    """A booked visit at Anna's door, to which Hugo is sent."""
    opened = {**DAY, "serviceForm": "AT_THE_DOOR", "firstDay": "2026-12-02", "lastDay": "2026-12-02"}
    await graph.ask(OPEN, CLERK, input=opened)
    free = '{ appointmentSlots(place: "110102-HALL", serviceForm: AT_THE_DOOR) { id } }'
    slot = (await graph.ask(free, None))["appointmentSlots"][0]["id"]
    booked: str = (await graph.ask(BOOK, ANNA, input={"slot": slot, "address": DOOR}))["bookAppointment"]["id"]
    await graph.ask(f'mutation {{ dispatchVisit(appointment: "{booked}", officer: "hugo") {{ number }} }}', CLERK)
    return {"visit": booked}


async def _called(graph: Graph) -> dict[str, str]:
    """A question of a caller without a name, for civil affairs, that the window wrote down."""
    record = f"""mutation {{ recordQuestion(callback: "{TELEPHONE}", input: {{ subject: "x", text: "x",
      department: "civil-affairs", channel: TELEPHONE }}) {{ id }} }}"""
    question: str = (await graph.ask(record, WINDOW))["recordQuestion"]["id"]
    return {"question": question}


async def _refunded(world: World) -> tuple[str, str, str]:
    """Case, fee order and payment: a part of the paid fee went back; both receipts are given out."""
    case = await accepted(world)
    payment = await pay(world, case)
    order = f"FO-{case.receipt_number}-1"
    await world.refunds.order(OPERATOR, order, 100, REFUND_REASON)
    await world.refunds.step()
    await world.receipts.issue()
    return case.id, order, payment
