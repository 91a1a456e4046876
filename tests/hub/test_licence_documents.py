"""What a holder shows and anyone verifies: through the graph, over HTTP, and by the command without the hub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner

from hub.cli.commands import app
from hub.gateway.request import GraphQLAnswer
from hub.licences.gathered_licences import Gathered, GatheredLicences, ToldLicence
from hub.licences.licence_door import licence_routes
from hub.tables.auth import PersonRow
from schema.domain.licence import LicenceState
from schema.errors import DomainError
from tests.hub.officers import Office
from tests.hub.own_graph import request
from tests.hub.test_licences import GUO, REVOKE, SQLITE, SUSPEND, issue
from tests.hub.world import ANNA, ANNA_NUMBER, BO, MONDAY, MovableClock, World

PRESENT = """query ($i: ID!, $n: ID!, $show: [String!]) {
  licencePresentation(issuerCode: $i, number: $n, show: $show) { document address qr endsAt } }"""
VERIFY = """query ($d: String!) { verifyLicence(document: $d) { isValid reason statusAsOf statusAgeSeconds
  licence { number name holder issuerName validUntil statements { name value } sharedWith toldAt } } }"""
TOLD = ToldLicence(
    issuer="110102-MZ",
    issuer_name="民政局",
    number="MZ-1",
    kind="senior-card",
    name="老年人优待证",
    name_en="Senior card",
    state=LicenceState.VALID,
    valid_from=date(2026, 1, 1),
    valid_until=None,
    enterprise=None,
    source="civil-affairs",
    told_at=MONDAY,
)
OF_CIVIL_AFFAIRS = {"i": "110102-MZ", "n": "MZ-1"}


@pytest.fixture
async def office(world: World) -> Office:
    async with world.database.transaction() as session:
        session.add(PersonRow(id="anna", id_number=ANNA_NUMBER, name="王安娜", seen_at=MONDAY))
    return Office(world)


async def present(office: Office, named: Mapping[str, str], show: tuple[str, ...] = ()) -> dict[str, Any]:
    found: dict[str, Any] = (await office.graph.ask(PRESENT, ANNA, **named, show=list(show)))[
        "licencePresentation"
    ]
    return found


async def verdict(office: Office, document: str) -> dict[str, Any]:
    found: dict[str, Any] = (await office.graph.ask(VERIFY, None, d=document))["verifyLicence"]
    return found


@SQLITE
async def test_a_stranger_reads_no_more_than_the_holder_shows(office: Office) -> None:
    """The name is masked and the address hidden until the holder shows them; without sign-in; never the number."""
    named = await issue(office)
    plain = await present(office, named)
    shown = await present(office, named, ("holderName", "address"))
    first, second = await verdict(office, plain["document"]), await verdict(office, shown["address"])

    assert (first["isValid"], first["reason"], first["statusAgeSeconds"]) == (True, "VALID", 0)
    assert (first["licence"]["holder"], first["licence"]["statements"]) == ("王**", [])
    assert (second["licence"]["holder"], second["licence"]["statements"]) == (
        "王安娜",
        [{"name": "居住地住址", "value": "西单北大街 1 号"}],
    )
    assert ANNA_NUMBER not in json.dumps([first, second])
    assert plain["endsAt"] == "2027-11-22T16:00:00+00:00"
    assert plain["qr"].startswith("<svg")
    assert await office.graph.refused(PRESENT, ANNA, **named, show=["secret"]) == ["BAD_USER_INPUT"]
    assert await office.graph.refused(PRESENT, BO, **named) == ["NOT_FOUND"]


@SQLITE
async def test_the_reason_follows_what_happens_to_the_licence(office: Office) -> None:
    named = await issue(office)
    document = (await present(office, named))["document"]
    reasons = [(await verdict(office, document))["reason"]]
    await office.graph.ask(SUSPEND, GUO, **named, r="doubts")
    reasons.append((await verdict(office, document))["reason"])
    await office.graph.ask(REVOKE, GUO, **named, r="false statements")
    reasons.append((await verdict(office, document))["reason"])
    reasons.append((await verdict(office, document[:-2] + "AA"))["reason"])
    renewed = await issue(office)
    fresh = (await present(office, renewed))["document"]
    office.world.clock.move(days=366)
    reasons.append((await verdict(office, fresh))["reason"])

    assert reasons == ["VALID", "SUSPENDED", "REVOKED", "BAD_SIGNATURE", "EXPIRED"]


@SQLITE
async def test_a_departments_licence_stands_equal_and_says_when_it_was_told(office: Office) -> None:
    """Shown and verified as the hub's own, for a day; only what its very issuer says, and only a valid one."""
    office.world.told.append(TOLD)
    document = (await present(office, OF_CIVIL_AFFAIRS))["document"]
    office.world.clock.move(hours=5)
    found = await verdict(office, document)
    office.world.clock.move(hours=20)
    later = await verdict(office, document)
    office.world.told[:] = [replace(TOLD, source="transport")]
    by_another = await office.graph.refused(PRESENT, ANNA, **OF_CIVIL_AFFAIRS)
    office.world.told[:] = [replace(TOLD, state=LicenceState.REVOKED)]

    assert (found["reason"], found["statusAgeSeconds"]) == ("VALID", 5 * 3600)
    assert (found["licence"]["toldAt"], found["licence"]["holder"]) == ("2026-11-23T09:00:00+00:00", "王**")
    assert later["reason"] == "EXPIRED"
    assert by_another == ["FORBIDDEN"]
    assert await office.graph.refused(PRESENT, ANNA, **OF_CIVIL_AFFAIRS) == ["INVALID_TRANSITION"]
    assert await office.graph.refused(PRESENT, BO, **OF_CIVIL_AFFAIRS) == ["NOT_FOUND"]


@SQLITE
async def test_of_a_silent_departments_licence_nobody_says_that_there_is_none(office: Office) -> None:
    """Whether there is one is not known until its department answers; another's silence changes nothing."""
    share = """mutation ($i: ID!, $n: ID!) { shareLicence(input: {issuerCode: $i, number: $n, recipient: "Bank",
      recipientKind: BEARER, purpose: "loan", endsAt: "2026-11-24T09:00:00Z"}) { id } }"""
    office.world.silent = frozenset({"transport"})
    by_the_other = await office.graph.refused(PRESENT, ANNA, **OF_CIVIL_AFFAIRS)
    office.world.silent = frozenset({"civil-affairs"})
    variables = {**OF_CIVIL_AFFAIRS, "show": []}
    [shown] = (await office.graph.connector.fetch(request(PRESENT, ANNA, variables))).errors

    assert by_the_other == ["NOT_FOUND"]
    assert shown["extensions"] == {"code": "SERVICE_UNAVAILABLE", "department": "civil-affairs"}
    assert '"civil-affairs" keeps the licences of 110102-MZ' in shown["message"]
    assert await office.graph.refused(share, ANNA, **OF_CIVIL_AFFAIRS) == ["SERVICE_UNAVAILABLE"]


async def test_what_the_graph_gathers_is_told_by_its_parts() -> None:
    """Which department said what is known by the parts of the list; where they do not add up nothing is shown."""
    entry = {
        "issuerCode": "110102-MZ",
        "number": "MZ-1",
        "kind": "senior-card",
        "name": "老年人优待证",
        "nameEn": "Senior card",
        "validFrom": "2026-01-01",
        "validUntil": None,
        "state": "VALID",
        "issuer": {"name": "民政局"},
        "holder": {"__typename": "Citizen", "id": "anna"},
    }
    parts = [
        {"service": "ca", "state": "ok", "count": 1},
        {"service": "dl", "state": "failed", "count": 0},
        {"service": "hub", "state": "ok", "count": 1},
    ]
    answers = [
        GraphQLAnswer(
            {"me": {"licences": [entry, {**entry, "number": "own"}]}},
            extensions={"sources": [{"path": ["me", "licences"], "parts": said}]},
        )
        for said in (parts, parts[:1])
    ]
    answers.append(GraphQLAnswer(None))

    async def ask(_request: object, _actor: object) -> GraphQLAnswer:
        return answers.pop(0)

    departments = {"ca": "civil-affairs", "dl": "transport", "hub": "hub"}
    gathered = GatheredLicences(ask, departments.__getitem__, MovableClock())
    assert await gathered.of(ANNA) == Gathered((TOLD,), frozenset({"transport"}))
    for _ in range(2):
        with pytest.raises(DomainError, match="Try again"):
            await gathered.of(ANNA)


@SQLITE
async def test_over_http_and_offline_with_the_published_files(office: Office, tmp_path: Path) -> None:
    """The doors need no sign-in; the command needs no hub once keys, list and document are files."""
    named = await issue(office)
    document = (await present(office, named))["document"]
    await issue(office)  # takes the place of the first, so that the list is not empty
    second = (await present(office, {**named, "n": (await _numbers(office))[-1]}))["document"]
    world = office.world
    door = TestClient(Starlette(routes=list(licence_routes(world.documents, world.shares, world.clock))))
    told = [door.post("/licences/verify", json={"document": each}).json() for each in (document, second, "x")]
    listed = door.get("/licences/status/0")
    unchanged = door.get("/licences/status/0", headers={"If-None-Match": listed.headers["etag"]})

    assert [each["reason"] for each in told] == ["SUPERSEDED", "VALID", "MALFORMED"]
    assert told[1]["licence"]["holder"] == "王**"
    assert (listed.headers["content-type"], listed.headers["cache-control"]) == (
        "application/statuslist+jwt",
        "public, max-age=60",
    )
    assert (unchanged.status_code, door.get("/licences/status/7").status_code) == (304, 404)
    assert door.post("/licences/verify", content=b"[]").status_code == 400
    assert door.post("/licences/verify", content=b"x" * 70_000).status_code == 413

    files = {"keys": json.dumps((await world.licence_keys()).public()), "list": listed.text, "doc": document}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    keys, status = ["--keys", str(tmp_path / "keys")], ["--status", str(tmp_path / "list"), "--max-age", "1000000"]
    run = CliRunner().invoke
    old = run(app, ["licence", "verify", str(tmp_path / "doc"), *keys, *status, "--json"])
    good = run(app, ["licence", "verify", f"http://hub/verify?licence={second}", *keys, *status])
    alone = run(app, ["licence", "verify", second, *keys])
    neither = run(app, ["licence", "verify", second])

    assert (old.exit_code, json.loads(old.stdout)["data"]["verification"]["reason"]) == (1, "SUPERSEDED")
    assert (good.stdout.splitlines()[0], good.exit_code) == ("VALID", 0)
    assert "revocations: as of" in good.stdout
    assert (alone.stdout.splitlines()[0], alone.exit_code) == ("STATUS_UNKNOWN", 1)
    assert neither.exit_code == 2


async def _numbers(office: Office) -> list[str]:
    found = await office.graph.ask("{ me { licences { number } } }")
    return [each["number"] for each in found["me"]["licences"]]
