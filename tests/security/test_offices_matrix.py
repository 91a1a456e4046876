"""Who reads or moves what is handed in, sealed, inspected, paid and sent back, by each door.

A row says who may; whoever else asks learns nothing and changes nothing. Articles 5, 14, 17; domain.md, 9.13:
every edge is checked, not the root.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hub.conftest import made_sqlite, world  # noqa: F401  fixtures
from tests.hub.fee_item import forget
from tests.hub.world import World
from tests.security.office_scene import PEOPLE, OfficeScene, office_scene

pytestmark = pytest.mark.whole

CONTENT = frozenset({"owner", "handler", "inspector", "chief representative", "window officer"})
"""Who may read what was handed in: its owner, the department that handles it, the comprehensive window."""
WATCHING = CONTENT | {"supervisor", "operator"}
"""Who may know of the case."""
HANDS = frozenset({"handler", "chief representative"})
"""Who has the case in hand, and who stands above them."""
BOOKS = frozenset({"keeper of fees", "operator"})
STAFF = frozenset({"handler", "inspector", "chief representative"})
"""Who handles what is that department's."""
OWNER = frozenset({"owner"})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    """A question, the secret that its answer has for ``may``, and for nobody else."""

    query: str
    secret: str
    may: frozenset[str]


@dataclass(frozen=True, slots=True)
class Moving:
    """What would change something of Anna's. Whoever is not in ``may`` is refused."""

    mutation: str
    may: frozenset[str]


READINGS = {
    "files of one's own": Reading("{ myFiles { name } }", "file", OWNER),
    "consents of one's own": Reading("{ myConsents { content } }", "record", OWNER),
    "shared record by id": Reading('{ sharedRecord(id: "%(record)s") { content } }', "record", OWNER),
    "archive of a case": Reading('{ case(id: "%(archived)s") { archive { sha256 } } }', "archive", CONTENT),
    "archive as a node": Reading(
        '{ node(id: "%(archived)s") { ... on Case { archive { sha256 } } } }', "archive", CONTENT
    ),
    "inspection by id": Reading(
        '{ inspection(id: "%(inspection)s") { address } }',
        "address",
        frozenset({"owner", "handler", "inspector", "chief representative", "supervisor"}),
    ),
    "findings by case": Reading('{ caseInspections(case: "%(case)s") { findings } }', "findings", CONTENT),
    "pictures by case": Reading('{ caseInspections(case: "%(case)s") { evidence { file } } }', "picture", CONTENT),
    "work of inspectors": Reading("{ inspectionWork { address findings evidence { file } } }", "address", NOBODY),
    "receipts by case": Reading(
        '{ case(id: "%(paid_case)s") { fees { receipts { number signed } } } }', "receipt", WATCHING
    ),
    "receipts as one's own": Reading("{ me { fees { receipts { number } } } }", "receipt", OWNER),
    "refunds by case": Reading(
        '{ case(id: "%(paid_case)s") { fees { refunds { reason } } } }', "refund", WATCHING
    ),
    "payments of one's own": Reading("{ myPayments { number orders } }", "payment", OWNER),
    "comment of a low rating": Reading(
        '{ followUp(id: "%(follow_up)s") { comment } }',
        "comment",
        frozenset({"owner", "inspector", "chief representative", "supervisor"}),
    ),
    "who rated": Reading(
        '{ followUp(id: "%(follow_up)s") { rater } }',
        "rated",
        frozenset({"owner", "chief representative", "supervisor"}),
    ),
    "rating of a case": Reading(
        '{ case(id: "%(rated_case)s") { rating { comment } } }', "comment", frozenset({"owner", "supervisor"})
    ),
    "whose door": Reading(
        '{ appointment(id: "%(visit)s") { address visit { officer } } }',
        "door",
        frozenset({"owner", *STAFF, "window officer", "operator"}),
    ),
    "a caller's number": Reading(
        '{ enquiry(id: "%(question)s") { callback } }', "telephone", frozenset({"window officer"})
    ),
    "a caller's number, masked": Reading(
        '{ enquiry(id: "%(question)s") { callback } }', "masked", frozenset({*STAFF, "supervisor"})
    ),
    "all refunds": Reading("{ refunds { reason order } }", "refund", BOOKS),
}
MOVINGS = {
    "deleting a file": Moving('mutation { deleteFile(id: "%(loose)s") }', OWNER),
    "filing with a file": Moving(
        'mutation { submitCase(input: { itemCode: "CA-EXPENSE-ASSISTANCE", form: { reason: "illness", '
        'household: 3, telephone: "13800000000" }, materials: '
        '[{ code: "income", reference: "file:%(file)s" }] }) { id } }',
        OWNER,
    ),
    "filing with a shared record": Moving(
        'mutation { submitCase(input: { itemCode: "CA-DISABLED-ALLOWANCE", '
        'form: { allowance: "living", grade: 2 }, '
        'materials: [{ code: "DISABILITY", reference: "shared:%(record)s" }] }) { id } }',
        OWNER,
    ),
    "taking a consent back": Moving('mutation { withdrawConsent(id: "%(record)s") { id content } }', OWNER),
    "dispatching": Moving(
        'mutation { scheduleInspection(id: "%(inspection)s", inspector: "hugo", beginsAt: "2027-01-04T01:00:00Z", '
        'endsAt: "2027-01-04T02:00:00Z") { id } }',
        NOBODY,
    ),
    "adding a picture": Moving(
        'mutation { addEvidence(id: "%(inspection)s", input: { file: "%(picture)s", '
        'takenAt: "2026-11-26T01:00:00Z" }) { id } }',
        NOBODY,
    ),
    "reporting": Moving(
        'mutation { reportInspection(id: "%(inspection)s", passed: false, findings: "x") { id } }', NOBODY
    ),
    "calling an inspection off": Moving(
        'mutation { cancelInspection(id: "%(inspection)s", reason: "x") { id } }', NOBODY
    ),
    "ordering an inspection": Moving(
        'mutation { orderInspection(input: { case: "%(case)s", way: REMOTE, address: "x", reason: "x" }) { id } }',
        frozenset({"handler", "inspector", "chief representative"}),
    ),
    "reviewing a material": Moving(
        'mutation { reviewMaterial(case: "%(case)s", code: "income", state: ACCEPTED) { id } }', HANDS
    ),
    "taking a follow-up": Moving(
        'mutation { takeFollowUp(id: "%(follow_up)s") { id } }', frozenset({"inspector", "supervisor"})
    ),
    "answering for a rater": Moving('mutation { replyToFollowUp(id: "%(follow_up)s", text: "x") { id } }', NOBODY),
    "sending somebody": Moving(
        'mutation { dispatchVisit(appointment: "%(visit)s", officer: "chief") { number } }',
        frozenset({*STAFF, "window officer", "operator"}),
    ),
    "ending a visit": Moving(
        'mutation { finishVisit(appointment: "%(visit)s", served: true) { number } }', NOBODY
    ),
    "paying": Moving('mutation { payFees(orders: ["%(order)s"]) { number } }', NOBODY),
    "refunding": Moving(
        'mutation { refundFee(order: "%(order)s", reason: "x", amountFen: 1) { id } }',
        frozenset({"handler", "inspector", "chief representative", "keeper of fees", "operator"}),
    ),
}
DOORS = {
    "a file": ("GET", "/files/%(file)s/content", CONTENT),
    "a file in no case": ("GET", "/files/%(loose)s/content", OWNER),
    "a picture of an inspection": ("GET", "/files/%(picture)s/content", CONTENT),
    "how far an upload is": ("HEAD", "/files/%(file)s", OWNER),
    "going on with an upload": ("PATCH", "/files/%(file)s", NOBODY),
    "deleting an upload": ("DELETE", "/files/%(file)s", NOBODY),
    "a sealed package": ("GET", "/archives/%(archived)s", CONTENT),
    "a package of an unsealed case": ("GET", "/archives/%(case)s", NOBODY),
}


@pytest.fixture
def made_url(made_sqlite: Path, tmp_path: Path) -> str:  # noqa: F811
    """One stack is enough: who may is asked of no database."""
    return f"sqlite:///{shutil.copy(made_sqlite, tmp_path / 'jiyi.db')}"


@pytest.fixture
async def scene(world: World, tmp_path: Path) -> AsyncIterator[OfficeScene]:  # noqa: F811
    made = await office_scene(world, tmp_path / "files")
    yield made
    await made.door.aclose()
    await forget(world.database)


async def test_each_thing_is_read_by_whom_it_concerns_and_nobody_else(scene: OfficeScene) -> None:
    """Through the graph. The rows that somebody may read are the control that the others ask for what is there."""
    found = {}
    for name, row in READINGS.items():
        query = row.query % scene.known
        readers = {who for who in PEOPLE if scene.secrets[row.secret] in (await scene.asks(who, query))[0]}
        if readers != row.may:
            found[name] = {"leaks to": sorted(readers - row.may), "hidden from": sorted(row.may - readers)}
    assert found == {}


async def test_each_thing_is_moved_by_whom_it_concerns_and_nobody_else(scene: OfficeScene) -> None:
    """Through the graph. Those who may come last, so that the others are refused for who they are."""
    found = {}
    for name, row in MOVINGS.items():
        mutation = row.mutation % scene.known
        strangers = [who for who in PEOPLE if who not in row.may]
        moved = {who for who in strangers if await _moves(scene, who, mutation)}
        stuck = set()
        for who in sorted(row.may)[:1]:
            stuck = set() if await _moves(scene, who, mutation) else {who}
        if moved or stuck:
            found[name] = {"moved by": sorted(moved), "not by": sorted(stuck)}
    assert found == {}


async def test_doors_beside_the_graph_open_to_the_same_people(scene: OfficeScene) -> None:
    """Files by tus and by content, sealed packages; to others they are as if there were none."""
    found = {}
    for name, (method, path, may) in DOORS.items():
        answers = {who: await scene.knocks(who, method, path % scene.known) for who in (*PEOPLE, "nobody")}
        opened = {who for who, answer in answers.items() if answer.status_code < 300}
        told = {answer.status_code for who, answer in answers.items() if who not in may}
        if opened != may or not told <= {401, 403, 404, 409, 415}:
            found[name] = (sorted(opened ^ may), sorted(told))
    assert found == {}


async def _moves(scene: OfficeScene, who: str, mutation: str) -> bool:
    answer, refused = await scene.asks(who, mutation)
    return not refused and answer != '{"deleteFile": false}'
