"""Inspections through the graph: ordered, dispatched, proved, reported; and who sees them (art. 14)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from auth.actor import Actor
from hub.appointments.inspections import Inspections
from hub.materials.file_services import FileServices
from hub.materials.file_store import FolderStore
from hub.materials.uploads import NewFile, Uploads
from hub.materials.virus_scan import NoScanner
from hub.supervision.supervision import CardFilter, Supervision
from tests.hub.officers import HANNA, HUGO, STRANGER, SUPERVISOR, Office
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, BO, World

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(5000)
ORDER = "mutation ($input: OrderInspectionInput!) { orderInspection(input: $input) { id number state dueAt } }"
SCHEDULE = """mutation ($id: ID!, $inspector: ID!, $begins: DateTime!, $ends: DateTime!) {
  scheduleInspection(id: $id, inspector: $inspector, beginsAt: $begins, endsAt: $ends) { state } }"""
EVIDENCE = (
    "mutation ($id: ID!, $input: EvidenceInput!) { addEvidence(id: $id, input: $input) { evidence { file } } }"
)
REPORT = """mutation ($id: ID!) { reportInspection(id: $id, passed: true, findings: "符合条件") { state } }"""
SEEN = "query ($case: ID!) { caseInspections(case: $case) { state findings inspector evidence { file } } }"
PLACE = {"latitude": 39.9130, "longitude": 116.3660}


def _files(world: World, folder: Path) -> FileServices:
    store = FolderStore(folder)
    uploads = Uploads(world.database, store, NoScanner(), world.clock)
    return FileServices(store, uploads, cast("Any", None), cast("Any", None))


async def _picture(files: FileServices, actor: Actor) -> str:
    row = await files.uploads.begin(actor, NewFile("shop.png", "image/png", len(PNG)))

    async def all_of_it() -> AsyncIterator[bytes]:
        yield PNG

    return (await files.uploads.append(row, 0, all_of_it())).id


async def test_an_inspection_is_ordered_dispatched_proved_and_reported(world: World, tmp_path: Path) -> None:
    """Article 14: by the department, with a picture from there and then, which the applicant may see."""
    office, files = Office(world), _files(world, tmp_path)
    graph = Graph(world, files=files)
    case = await office.in_review()
    wanted = {"case": case, "way": "ON_SITE", "address": "北礼士路1号", "reason": "核实经营场所", **PLACE}
    stranger = await graph.refused(ORDER, STRANGER, input=wanted)
    ordered = [(await graph.ask(ORDER, HANNA, input=wanted))["orderInspection"] for _ in range(2)]
    begins = world.clock.now() + timedelta(days=1)
    visit = {"begins": begins.isoformat(), "ends": (begins + timedelta(hours=1)).isoformat(), "inspector": "hugo"}
    outsiders = ("bo", "iris", "window", "nobody")
    others = [
        await graph.refused(SCHEDULE, HANNA, id=ordered[0]["id"], **{**visit, "inspector": who})
        for who in outsiders
    ]
    await graph.ask(SCHEDULE, HANNA, id=ordered[0]["id"], **visit)
    busy = await graph.refused(SCHEDULE, HANNA, id=ordered[1]["id"], **visit)
    world.clock.moment = begins + timedelta(minutes=20)
    picture = {"file": await _picture(files, HUGO), "takenAt": begins.isoformat(), **PLACE}
    early = await graph.refused(REPORT, HUGO, id=ordered[0]["id"])
    not_hers = await graph.refused(EVIDENCE, HANNA, id=ordered[0]["id"], input=picture)
    added = await graph.ask(EVIDENCE, HUGO, id=ordered[0]["id"], input=picture)
    reported = await graph.ask(REPORT, HUGO, id=ordered[0]["id"])
    seen = {
        who.subject: (await graph.ask(SEEN, who, case=case))["caseInspections"] for who in (ANNA, BO, STRANGER)
    }
    one = "query ($id: ID!) { inspection(id: $id) { number } }"
    found = {
        who.subject: (await graph.ask(one, who, id=ordered[0]["id"]))["inspection"] is not None
        for who in (ANNA, BO, HUGO, STRANGER, SUPERVISOR)
    }

    assert stranger == ["NOT_FOUND"]
    assert others == [["BAD_USER_INPUT"]] * 4
    assert ordered[0]["number"].startswith("IN261123-")
    assert (busy, early, not_hers) == (["CONFLICT"], ["INVALID_TRANSITION"], ["BAD_USER_INPUT"])
    assert added["addEvidence"]["evidence"] == [{"file": picture["file"]}]
    assert reported == {"reportInspection": {"state": "PASSED"}}
    passed = next(each for each in seen["anna"] if each["state"] == "PASSED")
    assert passed["evidence"] == [{"file": picture["file"]}]
    assert (passed["findings"], passed["inspector"]) == ("符合条件", None)
    assert (seen["bo"], seen["stranger"]) == ([], [])
    assert found == {"anna": True, "bo": False, "hugo": True, "stranger": False, "supervisor": True}
    assert await files.uploads.readable(ANNA, str(picture["file"])) is not None
    assert await files.uploads.readable(BO, str(picture["file"])) is None


async def test_an_inspection_without_a_result_in_time_is_a_red_card(world: World) -> None:
    """domain.md, 8: a deadline of its own, under the same supervision; once."""
    office = Office(world)
    graph, case = office.graph, await office.in_review()
    wanted = {"case": case, "way": "REMOTE", "address": "线上", "reason": "视频核实"}
    await graph.ask(ORDER, HANNA, input=wanted)
    inspections = Inspections(world.database, world.catalogue, world.clock, world.wakeups)
    world.clock.move(days=20)
    looked = [await inspections.look(), await inspections.look()]
    cards = await Supervision(world.database, world.clock, world.wakeups).cards(HANNA, CardFilter())

    assert looked == [1, 0]
    assert [(each.trigger, each.level, each.department) for each in cards if each.about == "INSPECTION"] == [
        ("INSPECTION_LIMIT", "RED", "civil-affairs")
    ]


async def test_one_inspector_dispatched_by_many_at_once_has_one_visit(world: World) -> None:
    """Article 14: unified dispatch. Twenty dispatch one inspector in the same hour: one does."""
    office = Office(world)
    graph, case = office.graph, await office.in_review()
    wanted = {"case": case, "way": "ON_SITE", "address": "北礼士路1号", "reason": "核实"}
    orders = [(await graph.ask(ORDER, HANNA, input=wanted))["orderInspection"]["id"] for _ in range(20)]
    begins = world.clock.now() + timedelta(days=1)

    def visit(minutes: int) -> dict[str, str]:
        begin = begins + timedelta(minutes=minutes)
        return {"begins": begin.isoformat(), "ends": (begin + timedelta(hours=1)).isoformat(), "inspector": "hugo"}

    refusals = await asyncio.gather(
        *(graph.refused(SCHEDULE, HANNA, id=each, **visit(number)) for number, each in enumerate(orders))
    )
    work = "{ inspectionWork { id number state } }"
    scheduled = [each for each in (await graph.ask(work, HANNA))["inspectionWork"] if each["state"] == "SCHEDULED"]
    again = await graph.refused(SCHEDULE, HANNA, id=scheduled[0]["id"], **visit(30))
    cancel = 'mutation ($id: ID!) { cancelInspection(id: $id, reason: "来电改期") { state } }'
    await graph.ask(cancel, HANNA, id=scheduled[0]["id"])
    free = await graph.refused(
        SCHEDULE, HANNA, id=next(each for each in orders if each != scheduled[0]["id"]), **visit(30)
    )

    assert sorted(refusals) == [[]] + [["CONFLICT"]] * 19
    assert len(scheduled) == 1
    assert (again, free) == ([], [])
