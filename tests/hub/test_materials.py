"""Files and shared records as materials, pre-review, and the sealed package of a finished case (art. 5, 14)."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema
from joserfc.jwk import KeySet
from typer.testing import CliRunner

from auth.actor import Actor
from auth.keys import KeyRing
from hub.archives.case_archives import CaseArchives
from hub.archives.package_check import check_package
from hub.cases.case_content import GivenMaterial
from hub.cli.commands import app
from hub.materials.file_services import FileServices, selection_of
from hub.materials.file_store import FolderStore
from hub.materials.shared_records import OwnData, SharedRecords
from hub.materials.uploads import NewFile, UploadConflict, Uploads
from hub.materials.virus_scan import NoScanner
from hub.people.auth_store import HubAuthStore
from hub.tables.case import CaseRow
from schema.domain.case import CaseState
from schema.domain.material import Trust
from schema.errors import DomainError
from tests.hub.officers import ASSISTANCE, HANNA, STRANGER, Office
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, BO, FREE, World

PDF = b"%PDF-1.7\n" + b"a page\n" * 1000
LICENCE = {
    "number": "D-1",
    "kind": "disability-certificate",
    "name": "残疾人证",
    "state": "VALID",
    "issuer": {"code": "110102-CL"},
}
ALLOWANCE = "CA-DISABLED-ALLOWANCE"
ALLOWANCE_FORM = {"allowance": "living", "grade": 2}
SHARE = """mutation ($input: ShareRecordInput!) {
  shareRecord(input: $input) { id reference source issuer content } }"""


class GraphOfDepartments:
    """What departments hold about Anna; ``None`` where they are silent."""

    def __init__(self) -> None:
        self.me: dict[str, Any] = {"licences": []}
        self.broken: frozenset[str] = frozenset()
        self.asked: list[tuple[str, str]] = []

    async def ask(self, actor: Actor, query: str) -> OwnData:
        self.asked.append((actor.subject, query))
        return OwnData(self.me, self.broken)


@pytest.fixture
def departments() -> GraphOfDepartments:
    return GraphOfDepartments()


@pytest.fixture
def files(world: World, tmp_path: Path, departments: GraphOfDepartments) -> FileServices:
    store = FolderStore(tmp_path / "files")
    uploads = Uploads(world.database, store, NoScanner(), world.clock)

    async def keys() -> KeyRing:
        return await KeyRing.open(HubAuthStore(world.database), world.clock.now)

    records = SharedRecords(world.database, world.catalogue, world.clock, departments.ask, lambda _field: "")
    return FileServices(store, uploads, records, CaseArchives(world.database, store, uploads, world.clock, keys))


async def _file(files: FileServices, actor: Actor = ANNA) -> str:
    row = await files.uploads.begin(actor, NewFile("income.pdf", "application/pdf", len(PDF)))

    async def all_of_it() -> AsyncIterator[bytes]:
        yield PDF

    return (await files.uploads.append(row, 0, all_of_it())).id


async def test_two_who_append_at_once_cannot_both(files: FileServices) -> None:
    """One goes on; the other is told, and nothing of theirs is in the file."""
    uploads = files.uploads
    row = await uploads.begin(ANNA, NewFile("a.pdf", "application/pdf", len(PDF)))

    async def all_of_it() -> AsyncIterator[bytes]:
        yield PDF

    outcomes = await asyncio.gather(
        uploads.append(row, 0, all_of_it()), uploads.append(row, 0, all_of_it()), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in outcomes) == ["StoredFileRow", UploadConflict.__name__]
    assert b"".join([chunk async for chunk in uploads.content(row.id)]) == PDF


async def test_a_file_is_used_again_and_again_by_its_owner_alone(world: World, files: FileServices) -> None:
    """Articles 5, 14: handed in once; another's file, an unknown one and a claimed grade are refused by name."""
    file = await _file(files)
    theirs = await _file(files, BO)
    for _ in range(2):
        given = (GivenMaterial("income", f"file:{file}"),)
        case = await world.cases.submit_case(ANNA, replace(ASSISTANCE, materials=given))
    not_hers = replace(ASSISTANCE, materials=(GivenMaterial("income", f"file:{theirs}"),))
    claimed = replace(ASSISTANCE, materials=(GivenMaterial("income", f"file:{file}", Trust.A),))
    words = replace(ASSISTANCE, materials=(GivenMaterial("income", "收入证明"),))
    with pytest.raises(DomainError, match="its reference names nothing"):
        await world.cases.submit_case(ANNA, words)
    with pytest.raises(DomainError, match="no such file"):
        await world.cases.submit_case(ANNA, not_hers)
    with pytest.raises(DomainError, match="grade A is not claimed"):
        await world.cases.submit_case(ANNA, claimed)
    with pytest.raises(DomainError, match="A case of yours uses this file"):
        await files.uploads.cancel(ANNA, file)
    readers = {
        who.subject: await files.uploads.readable(who, file) is not None for who in (ANNA, BO, HANNA, STRANGER)
    }

    assert case.materials[0].reference == f"file:{file}"
    assert readers == {"anna": True, "bo": False, "hanna": True, "stranger": False}


async def test_a_licence_replaces_a_material_with_consent(
    world: World, files: FileServices, departments: GraphOfDepartments
) -> None:
    """Articles 5, 14: fetched on the person's own behalf, recorded for one item and material, graded A."""
    graph = Graph(world, files=files)
    wanted = {"itemCode": ALLOWANCE, "material": "DISABILITY", "consent": True}
    nothing = await graph.refused(SHARE, input=wanted)
    departments.me = {"licences": [{**LICENCE, "number": "D-0", "state": "EXPIRED"}, LICENCE]}
    unasked = await graph.refused(SHARE, input={**wanted, "consent": False})
    shared = (await graph.ask(SHARE, input={**wanted, "idempotencyKey": "k"}))["shareRecord"]
    again = (await graph.ask(SHARE, input={**wanted, "idempotencyKey": "k"}))["shareRecord"]
    departments.me = {"licences": None}
    silent = await graph.refused(SHARE, input=wanted)
    departments.me, departments.broken = {"licences": []}, frozenset({"licences"})
    partly = await graph.refused(SHARE, input=wanted)
    departments.me, departments.broken = {"name": "安娜"}, frozenset()
    entry = (await graph.ask(SHARE, input={**wanted, "material": "ID"}))["shareRecord"]

    assert (nothing, unasked) == (["NOT_FOUND"], ["FORBIDDEN"])
    # All are silent, or one of them, which may be the one that has it.
    assert (silent, partly) == (["SERVICE_UNAVAILABLE"], ["SERVICE_UNAVAILABLE"])
    assert shared == again
    assert (shared["source"], shared["issuer"], shared["content"]["number"]) == (
        "disability-certificate",
        "110102-CL",
        "D-1",
    )
    assert {who for who, _ in departments.asked} == {"anna"}
    assert entry["content"] == {"entries": ["安娜"]}
    mine = await graph.ask("{ myConsents { material consentedAt } }")
    assert sorted(each["material"] for each in mine["myConsents"]) == ["DISABILITY", "ID"]
    assert (await graph.ask("query ($id: ID!) { sharedRecord(id: $id) { id } }", BO, id=shared["id"])) == {
        "sharedRecord": None
    }


async def test_a_consent_holds_for_its_material_until_it_is_taken_back(
    world: World, files: FileServices, departments: GraphOfDepartments
) -> None:
    """domain.md, 9.12: neither for another material or person, nor after withdrawal."""
    graph = Graph(world, files=files)
    departments.me = {"licences": [LICENCE]}
    wanted = {"itemCode": ALLOWANCE, "material": "DISABILITY", "consent": True}
    shared = (await graph.ask(SHARE, input=wanted))["shareRecord"]
    check = """mutation ($input: SubmitCaseInput!) { submitCase(input: $input) { id materials { code trust } } }"""
    form = {"itemCode": ALLOWANCE, "form": ALLOWANCE_FORM}

    def using(code: str) -> dict[str, Any]:
        return {**form, "materials": [{"code": code, "reference": shared["reference"]}]}

    elsewhere = await graph.refused(check, input=using("ID"))
    not_his = await graph.refused(check, BO, input=using("DISABILITY"))
    filed = (await graph.ask(check, input=using("DISABILITY")))["submitCase"]
    unused = (await graph.ask(SHARE, input=wanted))["shareRecord"]
    withdraw = "mutation ($id: ID!) { withdrawConsent(id: $id) { content withdrawnAt caseId } }"
    kept = (await graph.ask(withdraw, id=shared["id"]))["withdrawConsent"]
    gone = (await graph.ask(withdraw, id=unused["id"]))["withdrawConsent"]
    late = await graph.refused(check, input=using("DISABILITY"))
    seen = await graph.ask("query ($id: ID!) { sharedRecord(id: $id) { content } }", HANNA, id=shared["id"])

    assert (elsewhere, not_his, late) == (["BAD_USER_INPUT"], ["BAD_USER_INPUT"], ["BAD_USER_INPUT"])
    assert {each["code"]: each["trust"] for each in filed["materials"]}["DISABILITY"] == "A"
    assert (kept["caseId"], kept["content"]["number"]) == (filed["id"], "D-1")
    assert gone["content"] == {}
    assert seen["sharedRecord"]["content"]["number"] == "D-1"


async def test_each_material_is_looked_at_with_a_remark(world: World, files: FileServices) -> None:
    """Pre-review (资料预审, art. 5): in order or sent back with a reason; an original that was seen makes it B."""
    office = Office(world)
    given = (GivenMaterial("income", f"file:{await _file(files)}"),)
    case = await office.filed(replace(ASSISTANCE, materials=given))
    review = """mutation ($case: ID!, $state: MaterialState!, $remark: String, $saw: Boolean!) {
      reviewMaterial(case: $case, code: "income", state: $state, remark: $remark, sawOriginal: $saw) {
        materials { code state remark trust } } }"""
    silent = await office.graph.refused(review, HANNA, case=case, state="RETURNED", saw=False)
    stranger = await office.graph.refused(review, STRANGER, case=case, state="ACCEPTED", saw=False)
    returned = await office.graph.ask(review, HANNA, case=case, state="RETURNED", remark="看不清", saw=False)
    accepted = await office.graph.ask(review, HANNA, case=case, state="ACCEPTED", saw=True)

    def of(answer: Any) -> dict[str, Any]:
        found: dict[str, Any] = answer["reviewMaterial"]["materials"][0]
        return found

    assert (silent, stranger) == (["INVALID_TRANSITION"], ["NOT_FOUND"])
    assert of(returned) == {"code": "income", "state": "RETURNED", "remark": "看不清", "trust": "C"}
    assert of(accepted) == {"code": "income", "state": "ACCEPTED", "remark": None, "trust": "B"}


async def _sealed(world: World, files: FileServices, folder: Path) -> tuple[str, Path]:
    """A withdrawn case with a file in it, sealed, and its package on disk."""
    given = (GivenMaterial("income", f"file:{await _file(files)}"),)
    case = await world.cases.submit_case(ANNA, replace(ASSISTANCE, materials=given))
    await world.applicant.withdraw(ANNA, case.id, None)
    world.clock.move(days=2)
    assert [await files.archives.seal_due() for _ in range(2)] == [1, 0]
    row = await files.archives.of_case(ANNA, case.id)
    assert row is not None
    path = folder / "case.zip"
    path.write_bytes(b"".join([part async for part in files.archives.content(row)]))
    return case.id, path


def _altered(path: Path, name: str, content: bytes | None) -> Path:
    """The package with one file of it changed, added or (``None``) left out."""
    altered = path.with_name("altered.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(altered, "w") as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        if content is not None:
            new.writestr(name, content)
    return altered


async def test_a_finished_case_is_sealed_and_checked_without_the_hub(
    world: World, files: FileServices, tmp_path: Path
) -> None:
    """Article 14, domain.md 9.11: a changed, added or missing file is named; keys are compared."""
    case, path = await _sealed(world, files, tmp_path)
    ring = await KeyRing.open(HubAuthStore(world.database), world.clock.now)
    published = KeySet.import_key_set({"keys": list(await ring.all_public())})
    strangers = KeySet.generate_key_set("EC", "P-256", count=1)
    with zipfile.ZipFile(path) as package:
        names = sorted(package.namelist())
        material = next(each for each in names if each.startswith("materials/"))
        content, key = package.read(material), package.read("key.json")
        told_otherwise = package.read("manifest.json").replace(b"WITHDRAWN", b"COMPLETED")
    other_key = json.dumps(strangers.keys[0].as_dict(private=False)).encode()
    problems = {
        "changed": check_package(_altered(path, material, PDF[:-1] + b"X")).problems,
        "added": check_package(_altered(path, "materials/more.pdf", PDF)).problems,
        "missing": check_package(_altered(path, material, None)).problems,
        "manifest": check_package(_altered(path, "manifest.json", told_otherwise)).problems,
        "key": check_package(_altered(path, "key.json", other_key)).problems,
        "unknown": check_package(path, strangers).problems,
    }
    readers = {who.subject: await files.archives.of_case(who, case) for who in (BO, STRANGER)}

    assert content == PDF
    assert b'"d"' not in key
    assert check_package(path, published).problems == ()
    assert check_package(path, published).about["state"] == "WITHDRAWN"
    assert check_package(path).about["retainedUntil"].startswith("2028-11-23")
    assert problems == {
        "changed": (f"{material} was changed.",),
        "added": ("materials/more.pdf was added.",),
        "missing": (f"{material} is missing.",),
        "manifest": ("manifest.json is not the one that was sealed.",),
        "key": ("The seal is broken: the signature does not hold.",),
        "unknown": ("It was sealed with a key that is not among the published ones.",),
    }
    assert readers == {"bo": None, "stranger": None}
    _try_the_command(path, _altered(path, material, b"x"), tmp_path)


async def test_what_is_sealed_is_looked_through_once_a_day(world: World, files: FileServices) -> None:
    """A look costs what ended since the last one, and not what an archive holds; and none is missed for good."""
    one, late = [await world.cases.submit_case(ANNA, FREE) for _ in range(2)]
    await world.applicant.withdraw(ANNA, one.id, None)
    world.clock.move(days=2)
    assert [await files.archives.seal_due() for _ in range(2)] == [1, 0]
    async with world.database.transaction() as session:
        row = await session.get_one(CaseRow, late.id)
        row.state = CaseState.WITHDRAWN  # long ago, and only now written
    world.clock.move(hours=23)
    assert await files.archives.seal_due() == 0
    world.clock.move(hours=1)
    assert await files.archives.seal_due() == 1


def _try_the_command(path: Path, altered: Path, folder: Path) -> None:
    run = CliRunner()
    good = run.invoke(app, ["archive", "verify", str(path)])
    bad = run.invoke(app, ["archive", "verify", str(altered), "--json"])
    none = folder / "none.zip"
    none.write_bytes(b"no package")
    unreadable = run.invoke(app, ["archive", "verify", str(none)])

    assert (good.exit_code, "untouched" in good.stdout) == (0, True)
    assert bad.exit_code == 1
    assert json.loads(bad.stdout)["data"]["isUntouched"] is False
    assert (unreadable.exit_code, "ARCHIVE_UNREADABLE" in unreadable.output) == (1, True)


def test_the_selection_of_a_register_entry_is_its_scalars() -> None:
    """A scalar needs none, an object its scalars without needed arguments; an unknown field is none."""
    schema = build_schema("""
      type Query { me: Citizen }
      type Citizen { name: String enterprises: [Enterprise!]! }
      type Enterprise { code: ID! name(long: Boolean!): String owner: Citizen state: String }
    """)
    assert selection_of(schema, "name") == ""
    assert selection_of(schema, "enterprises") == "{ code state }"
    assert selection_of(schema, "cars") is None
    assert selection_of(None, "name") is None
