"""A key that somebody else may have is revoked: what it signed is worth nothing, and holders lose nothing."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from joserfc import jws
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner

from auth.keys import KeyRing
from hub.cli.commands import app
from hub.licences.key_revocations import KeyRevocations
from hub.licences.licence_door import licence_routes
from hub.licences.licence_keys import LicenceKeys
from hub.tables.supervision import NoticeRow
from tests.hub.fee_item import accepted, forget, offer, pay
from tests.hub.officers import HANNA, SUPERVISOR, Office
from tests.hub.test_licence_documents import office, present, verdict  # noqa: F401  the fixture
from tests.hub.test_licence_keys import KEYS, ROTATE
from tests.hub.test_licences import SQLITE, issue
from tests.hub.world import ANNA, OPERATOR, World

REVOKE = """mutation ($key: ID!, $reason: String!, $since: DateTime) {
  revokeLicenceKey(keyId: $key, reason: $reason, since: $since) { id isSigning revokedAt compromisedSince } }"""


async def signing(office: Office) -> str:  # noqa: F811
    keys = (await office.graph.ask(KEYS, OPERATOR))["licenceKeys"]
    return str(next(each["id"] for each in keys if each["isSigning"]))


async def revoke(office: Office, key: str, **more: Any) -> dict[str, Any]:  # noqa: F811
    found: dict[str, Any] = await office.graph.ask(REVOKE, OPERATOR, key=key, reason="a stolen backup", **more)
    return found["revokeLicenceKey"]  # type: ignore[no-any-return]  # JSON


def worker(world: World) -> KeyRevocations:
    return KeyRevocations(world.database, world.licence_keys, world.clock, world.wakeups)


@SQLITE
async def test_what_a_revoked_key_signed_fails_everywhere_and_the_new_document_holds(
    office: Office,  # noqa: F811
    tmp_path: Path,
) -> None:
    """domain.md, 6: at the hub, and offline with the keys of today, or those of yesterday and today's status list;
    no other library finds the key. The licence itself is as good as before."""
    world, named = office.world, await issue(office)
    printed = (await present(office, named))["document"]
    door = TestClient(Starlette(routes=list(licence_routes(world.documents, world.shares, world.clock))))
    files = {"old-keys": json.dumps((await world.licence_keys()).public())}
    files["old-list"] = door.get("/licences/status/0").text
    lost = await signing(office)
    told = await revoke(office, lost, since="2026-11-23T09:00:00Z")
    anew = (await present(office, named))["document"]
    public = (await world.licence_keys()).public()
    files |= {"new-keys": json.dumps(public), "new-list": door.get("/licences/status/0").text}
    for name, content in files.items():
        (tmp_path / name).write_text(content)

    def offline(document: str, keys: str, listed: str) -> str:
        chosen = ["--keys", str(tmp_path / keys), "--status", str(tmp_path / listed), "--max-age", "1000000"]
        return CliRunner().invoke(app, ["licence", "verify", document, *chosen]).stdout.splitlines()[0]

    assert (told["id"], told["isSigning"]) == (lost, False)
    assert told["compromisedSince"] == "2026-11-23T09:00:00+00:00"
    assert [(await verdict(office, each))["reason"] for each in (printed, anew)] == ["KEY_REVOKED", "VALID"]
    assert [offline(printed, *each) for each in (("new-keys", "new-list"), ("new-keys", "old-list"))] == [
        "KEY_REVOKED"
    ] * 2
    assert offline(printed, "old-keys", "old-list") == "VALID", "nobody told this verifier yet"
    assert offline(anew, "new-keys", "new-list") == "VALID"
    assert offline(anew, "new-keys", "old-list") == "STATUS_UNKNOWN", "the list was signed by the revoked key"
    assert [each["kid"] for each in public["revoked_keys"]] == [lost]
    assert lost not in {each["kid"] for each in public["keys"]}


@SQLITE
async def test_a_kept_key_is_given_up_with_the_next_status_list(office: Office, tmp_path: Path) -> None:  # noqa: F811
    """A verifier that keeps keys from before, the new one among them, learns of the revocation with the list."""
    named = await issue(office)
    printed = (await present(office, named))["document"]
    lost = await signing(office)
    await office.graph.ask(ROTATE, OPERATOR, hours=0)
    (tmp_path / "keys").write_text(json.dumps((await office.world.licence_keys()).public()))
    await revoke(office, lost)
    (tmp_path / "list").write_text(await office.world.documents.status_list(0) or "")
    files = ["--keys", str(tmp_path / "keys"), "--status", str(tmp_path / "list"), "--max-age", "1000000"]
    told = CliRunner().invoke(app, ["licence", "verify", printed, *files])

    assert (told.stdout.splitlines()[0], told.exit_code) == ("KEY_REVOKED", 1)


@SQLITE
async def test_each_holder_is_told_once_where_copies_are_void(office: Office) -> None:  # noqa: F811
    """Those for whom the key signed, by any number of workers; nobody else."""
    named = await issue(office)
    await present(office, named)
    await present(office, named)
    await revoke(office, await signing(office))
    await present(office, named)
    await asyncio.gather(*(worker(office.world).look() for _ in range(3)))
    office.world.clock.move(minutes=11)
    left = await worker(office.world).look()
    async with office.world.database.reading() as session:
        of_keys = select(NoticeRow).where(col(NoticeRow.key).startswith("licence-key/"))
        told = (await session.exec(of_keys)).all()

    assert [each.recipient for each in told] == ["anna"]
    assert named["n"] in told[0].text_zh
    assert "verifies no more" in told[0].text_en
    assert left == 0


async def test_receipts_are_signed_anew_with_the_same_words(world: World) -> None:
    """A receipt is kept as it was signed: the payer fetches the same one, and it verifies."""
    await offer(world.database)
    case = await accepted(world)
    await pay(world, case)
    await world.receipts.issue()
    order = f"FO-{case.receipt_number}-1"
    [before] = (await world.receipts.of_orders([order]))[order]
    lost = str((await world.licence_keys()).current.kid)
    await revoke(Office(world), lost)
    await worker(world).look()
    [after] = (await world.receipts.of_orders([order]))[order]
    ring = await world.licence_keys()
    read = jws.deserialize_compact(after.signed, ring.known[str(ring.current.kid)], algorithms=["ES256"])
    await forget(world.database)

    assert before.number == after.number
    assert read.payload == jws.extract_compact(before.signed.encode()).payload
    assert jws.extract_compact(before.signed.encode()).headers()["kid"] == lost


@SQLITE
async def test_a_revocation_is_an_operators_with_a_reason_once(office: Office) -> None:  # noqa: F811
    lost = await signing(office)
    given = {"key": lost, "reason": "a stolen backup"}
    refused = [await office.graph.refused(REVOKE, who, **given) for who in (ANNA, HANNA, SUPERVISOR)]
    no_reason = await office.graph.refused(REVOKE, OPERATOR, key=lost, reason=" ")
    to_come = await office.graph.refused(REVOKE, OPERATOR, **given, since="2027-01-01T00:00:00Z")
    unknown = await office.graph.refused(REVOKE, OPERATOR, key="k", reason="x")
    await revoke(office, lost)
    again = await office.graph.refused(REVOKE, OPERATOR, **given)

    assert refused == [["FORBIDDEN"]] * 3
    assert (no_reason, to_come) == (["BAD_USER_INPUT"], ["BAD_USER_INPUT"])
    assert (unknown, again) == (["NOT_FOUND"], ["CONFLICT"])


@SQLITE
async def test_a_revoked_key_that_waited_never_signs(office: Office) -> None:  # noqa: F811
    """The one before goes on, and is retired by nobody."""
    before = await signing(office)
    waiting = (await office.graph.ask(ROTATE, OPERATOR, hours=24))["rotateLicenceKey"]["id"]
    await revoke(office, waiting)
    office.world.clock.move(hours=25)
    keys = (await office.graph.ask(KEYS, OPERATOR))["licenceKeys"]

    assert await signing(office) == before
    assert next(each["retiredAt"] for each in keys if each["id"] == before) is None


async def test_a_key_is_replaced_by_schedule_once_over_several_processes(world: World) -> None:
    """A day of announcement before the year is over; where nothing is set, never."""
    await world.licence_keys()

    async def process(days: int) -> LicenceKeys:
        ring = await KeyRing.open(world.licence_key_store, world.clock.now, timedelta(days=36_525))

        async def keys() -> KeyRing:
            return ring

        return LicenceKeys(keys, world.licence_key_store, world.clock, timedelta(days=days))

    never, processes = await process(0), [await process(365) for _ in range(3)]
    world.clock.move(days=363)
    too_soon = [await each.replace_due() for each in processes]
    world.clock.move(days=1)
    done = await asyncio.gather(*(each.replace_due() for each in (never, *processes)))
    again = [await each.replace_due() for each in processes]
    newest, first = await processes[0].list(OPERATOR)

    assert (too_soon, sum(done), done[0], again) == ([False] * 3, 1, False, [False] * 3)
    assert (first.is_signing, newest.is_signing) == (True, False)
    assert newest.signs_from - newest.published_at == timedelta(hours=24)
