"""Archives whose term is over are destroyed by three persons' will, and leave a certificate (domain.md, 9.11)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet
from sqlalchemy import text

from auth.keys import KeyRing
from hub.archives.destructions import Destructions
from hub.cases.case_content import GivenMaterial
from hub.materials.file_services import FileServices
from hub.materials.file_store import FileStoreUnavailable
from hub.materials.uploads import NewFile
from hub.people.auth_store import HubAuthStore
from hub.tables.stored_file import CaseArchiveRow
from tests.hub.officers import ASSISTANCE, HANNA, SUPERVISOR, Office, officer
from tests.hub.own_graph import Graph
from tests.hub.test_materials import PDF, departments, files  # noqa: F401  fixtures
from tests.hub.world import ANNA, OPERATOR, World

ARCHIVIST = officer("ada", "archivist", None)
SECOND = officer("sun", "archivist", None)
LAWYER = officer("lin", "legal-reviewer", None)
DUE = "{ destroyableArchives { caseId receiptNumber state } }"
DRAFT = """mutation ($cases: [ID!]!) { draftDestructionList(cases: $cases, reason: "保管期满") {
  id number state author } }"""
REVIEW = "mutation ($id: ID!) { reviewDestructionList(id: $id) { state reviewer } }"
APPROVE = "mutation ($id: ID!) { approveDestructionList(id: $id) { state waitsUntil } }"
STOP = 'mutation ($id: ID!) { stopDestruction(id: $id, reason: "涉诉") { state entries { sha256 } } }'
LISTS = "{ destructionLists { state certificate entries { receiptNumber sha256 destroyedAt } } }"
CANARY = "金丝雀的理由"


@pytest.fixture
def destructions(world: World, files: FileServices) -> Destructions:  # noqa: F811
    async def keys() -> KeyRing:
        return await KeyRing.open(HubAuthStore(world.database), world.clock.now)

    return Destructions(world.database, files.store, world.clock, keys)


async def sealed(world: World, files: FileServices) -> str:  # noqa: F811
    """A withdrawn case with a file in it, whose package need not be kept any longer."""
    row = await files.uploads.begin(ANNA, NewFile("income.pdf", "application/pdf", len(PDF)))

    async def all_of_it() -> AsyncIterator[bytes]:
        yield PDF

    given = (GivenMaterial("income", f"file:{(await files.uploads.append(row, 0, all_of_it())).id}"),)
    form = {**ASSISTANCE.form, "telephone": "13811112222"}
    case = await world.cases.submit_case(ANNA, replace(ASSISTANCE, form=form, materials=given))
    await world.applicant.withdraw(ANNA, case.id, CANARY)
    world.clock.move(days=2)
    assert await files.archives.seal_due() == 1
    return case.id


async def test_three_persons_and_thirty_days_stand_before_a_destruction(
    world: World,
    files: FileServices,  # noqa: F811
    destructions: Destructions,
    tmp_path: Path,
) -> None:
    """Listed once its term is over; reviewed and approved by others; then nothing is left but the certificate."""
    graph = Graph(world, files=files, destructions=destructions)
    case = await sealed(world, files)
    early = (await graph.ask(DUE, ARCHIVIST))["destroyableArchives"]
    kept = await graph.refused(DRAFT, ARCHIVIST, cases=[case])
    world.clock.move(days=2 * 366)
    due = (await graph.ask(DUE, ARCHIVIST))["destroyableArchives"]
    offices = [
        await graph.refused(DRAFT, who, cases=[case]) for who in (ANNA, HANNA, LAWYER, SUPERVISOR, OPERATOR)
    ]
    made = (await graph.ask(DRAFT, ARCHIVIST, cases=[case]))["draftDestructionList"]
    twice = await graph.refused(DRAFT, ARCHIVIST, cases=[case])
    own = await graph.refused(REVIEW, ARCHIVIST, id=made["id"])
    unreviewed = await graph.refused(APPROVE, SECOND, id=made["id"])
    await graph.ask(REVIEW, LAWYER, id=made["id"])
    author = await graph.refused(APPROVE, ARCHIVIST, id=made["id"])
    approved = (await graph.ask(APPROVE, SECOND, id=made["id"]))["approveDestructionList"]
    world.clock.move(days=29)
    waiting = await destructions.execute_due()
    package = await files.archives.of_case(ANNA, case)
    world.clock.move(days=2)
    done = [await destructions.execute_due() for _ in range(2)]
    late = await graph.refused(STOP, SUPERVISOR, id=made["id"])
    told = (await graph.ask(LISTS, SUPERVISOR))["destructionLists"][0]

    assert (early, kept) == ([], ["CONFLICT"])
    assert [each["caseId"] for each in due] == [case]
    assert offices == [["FORBIDDEN"]] * 5
    assert (twice, own, unreviewed, author) == (["CONFLICT"], *[["INVALID_TRANSITION"]] * 3)
    assert approved["state"] == "APPROVED"
    assert (waiting, package is not None, done, late) == (0, True, [1, 0], ["INVALID_TRANSITION"])
    assert (told["state"], told["entries"][0]["destroyedAt"] is not None) == ("EXECUTED", True)
    await _nothing_is_left(world, files, case, told["entries"][0]["receiptNumber"], tmp_path)
    await _certified(world, told)


async def _nothing_is_left(
    world: World,
    files: FileServices,  # noqa: F811
    case: str,
    number: str,
    folder: Path,
) -> None:
    """Neither through the doors nor in any table, nor in the store once unused files are forgotten."""
    assert [await world.cases.case(who, name) for who in (ANNA, HANNA, OPERATOR) for name in (case, number)] == [
        None
    ] * 6
    assert await files.archives.of_case(ANNA, case) is None
    while await files.uploads.look():
        world.clock.move(days=40)
    assert [each for each in (folder / "files").rglob("*") if each.is_file()] == []
    async with world.database.reading() as session:
        connection = await session.connection()
        names = ("service_case", "case_event", "case_file", "stored_file", "notice", "shared_record", "rating")
        for name in names:
            rows = (await connection.execute(text(f"SELECT * FROM {name}"))).all()
            assert not any(canary in str(rows) for canary in (CANARY, "13811112222", "income.pdf", "anna")), name
    assert await files.archives.seal_due() == 0


async def _certified(world: World, told: dict[str, Any]) -> None:
    ring = await KeyRing.open(HubAuthStore(world.database), world.clock.now)
    published = KeySet.import_key_set({"keys": list(await ring.all_public())})
    read = jws.deserialize_compact(told["certificate"], published, algorithms=["ES256"])
    header = json.loads(urlsafe_b64decode(told["certificate"].partition(".")[0] + "=="))
    said = json.loads(read.payload)

    assert header["typ"] == "destruction+jws"
    assert (said["author"], said["reviewer"], said["archivist"]) == ("ada", "lin", "sun")
    assert [each["sha256"] for each in said["destroyed"]] == [told["entries"][0]["sha256"]]
    assert CANARY not in json.dumps(said, ensure_ascii=False)


async def test_a_list_is_stopped_while_it_waits_and_its_archives_can_be_listed_again(
    world: World,
    files: FileServices,  # noqa: F811
    destructions: Destructions,
) -> None:
    """A supervisor, or anyone who stands for it, with a reason; nothing was touched."""
    graph = Graph(world, files=files, destructions=destructions)
    case = await sealed(world, files)
    world.clock.move(days=2 * 366)
    made = (await graph.ask(DRAFT, ARCHIVIST, cases=[case]))["draftDestructionList"]["id"]
    await graph.ask(REVIEW, SECOND, id=made)
    third = await graph.refused(APPROVE, SECOND, id=made)
    stopped = (await graph.ask(STOP, SUPERVISOR, id=made))["stopDestruction"]
    world.clock.moment += timedelta(days=60)
    nothing = await destructions.execute_due()
    again = (await graph.ask(DRAFT, SECOND, cases=[case]))["draftDestructionList"]

    assert third == ["INVALID_TRANSITION"]
    assert stopped == {"state": "STOPPED", "entries": []}
    assert (nothing, again["author"]) == (0, "sun")
    assert await files.archives.of_case(ANNA, case) is not None


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
async def test_a_case_that_was_reopened_is_not_destroyed_but_sealed_anew(
    world: World,
    files: FileServices,  # noqa: F811
    destructions: Destructions,
) -> None:
    """Reopened in the thirty days: the list is carried out without it, and what it becomes is what is kept."""
    office = Office(world)
    graph = Graph(world, files=files, destructions=destructions)
    case = await office.in_review()
    await office.does("approveCase", case)
    first = await _archived(world, files, case)
    async with world.database.transaction() as session:
        (await session.get_one(CaseArchiveRow, case)).retained_until = world.clock.now()
    made = (await graph.ask(DRAFT, ARCHIVIST, cases=[case]))["draftDestructionList"]
    await graph.ask(REVIEW, LAWYER, id=made["id"])
    await graph.ask(APPROVE, SECOND, id=made["id"])
    await office.does("reopenCase", case, SUPERVISOR, reason="a new fact")
    world.clock.move(days=31)

    assert await destructions.execute_due() == 0
    assert (await graph.ask(LISTS, SUPERVISOR))["destructionLists"][0]["entries"] == []
    assert (await office.case(case))["state"] == "IN_REVIEW"
    assert (await graph.ask(DUE, ARCHIVIST))["destroyableArchives"] == []
    assert await graph.refused(DRAFT, ARCHIVIST, cases=[case]) == ["CONFLICT"]

    await office.does("approveCase", case)
    second = await _archived(world, files, case)
    assert second.sha256 != first.sha256
    assert b"".join([part async for part in files.archives.content(second)])[:2] == b"PK"
    with pytest.raises(FileStoreUnavailable):
        await anext(files.archives.content(first))


async def _archived(world: World, files: FileServices, case: str) -> CaseArchiveRow:  # noqa: F811
    """Its package, once it was archived and sealed."""
    world.clock.move(days=31)
    await world.watch.look()
    world.clock.move(days=2)
    assert [await files.archives.seal_due() for _ in range(2)] == [1, 0]
    row = await files.archives.of_case(ANNA, case)
    assert row is not None
    return row
