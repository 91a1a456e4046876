"""The key that signs licences is replaced, and every licence signed before or after verifies, offline too."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner

from auth.keys import KeyRing
from hub.cli.commands import app
from hub.licences.licence_door import licence_routes
from tests.hub.officers import HANNA, SUPERVISOR, Office
from tests.hub.test_licence_documents import office, present  # noqa: F401  the fixture
from tests.hub.test_licences import SQLITE, issue
from tests.hub.world import ANNA, OPERATOR

ROTATE = "mutation ($hours: Int!) { rotateLicenceKey(announceHours: $hours) { id signsFrom isSigning } }"
KEYS = "{ licenceKeys { id isSigning retiredAt } }"


@SQLITE
@pytest.mark.filterwarnings("ignore:authlib.jose module is deprecated")
async def test_licences_verify_offline_on_both_sides_of_a_rotation(office: Office, tmp_path: Path) -> None:  # noqa: F811
    """domain.md, 6: signed before, while the new key waits, and by the new key; files that were kept from the day
    between hold for all three, and another library reads them the same."""
    from authlib.jose import JsonWebKey, JsonWebSignature

    world, named = office.world, await issue(office)
    documents = [(await present(office, named))["document"]]
    made = (await office.graph.ask(ROTATE, OPERATOR, hours=24))["rotateLicenceKey"]
    too_soon = await office.graph.refused(ROTATE, OPERATOR, hours=24)
    kept = json.dumps((await world.licence_keys()).public())
    world.clock.move(hours=23)
    documents.append((await present(office, named))["document"])
    world.clock.move(hours=1)
    documents.append((await present(office, named))["document"])
    listed = (await office.graph.ask(KEYS, OPERATOR))["licenceKeys"]
    door = TestClient(Starlette(routes=list(licence_routes(world.documents, world.shares, world.clock))))
    list_now = door.get("/licences/status/0").text
    world.clock.move(days=300)
    online = [door.post("/licences/verify", json={"document": each}).json()["reason"] for each in documents]

    first, second = [each["id"] for each in reversed(listed)]
    assert (made["id"], made["isSigning"], too_soon) == (second, False, ["CONFLICT"])
    assert [_header(each)["kid"] for each in documents] == [first, first, second]
    assert [each["isSigning"] for each in listed] == [True, False]
    assert online == ["VALID"] * 3
    (tmp_path / "keys").write_text(kept)
    (tmp_path / "list").write_text(list_now)
    offline = ["--keys", str(tmp_path / "keys"), "--status", str(tmp_path / "list"), "--max-age", "1000000"]
    for document in (*documents, list_now):
        published = {each["kid"]: each for each in json.loads(kept)["keys"]}
        key = JsonWebKey.import_key(published[_header(document)["kid"]])
        assert JsonWebSignature(["ES256"]).deserialize_compact(document.encode(), key)["payload"]
    for document in documents:
        told = CliRunner().invoke(app, ["licence", "verify", document, *offline])
        assert (told.stdout.splitlines()[0], told.exit_code) == ("VALID", 0)


@SQLITE
async def test_only_an_operator_replaces_the_key_and_at_once_where_it_is_lost(office: Office) -> None:  # noqa: F811
    """Without announcement it signs at once, over one that waits; other processes learn of it by themselves."""
    world = office.world
    other = await KeyRing.open(world.licence_key_store, world.clock.now, timedelta(days=36_525))
    refused = [await office.graph.refused(ROTATE, who, hours=0) for who in (ANNA, HANNA, SUPERVISOR)]
    too_long = await office.graph.refused(ROTATE, OPERATOR, hours=24 * 31)
    await office.graph.ask(ROTATE, OPERATOR, hours=48)
    made = (await office.graph.ask(ROTATE, OPERATOR, hours=0))["rotateLicenceKey"]
    world.clock.move(minutes=2)
    await other.refresh()
    here = (await world.licence_keys()).current.kid

    assert (refused, too_long) == ([["FORBIDDEN"]] * 3, ["BAD_USER_INPUT"])
    assert made["isSigning"]
    assert here == other.current.kid == made["id"]


def _header(document: str) -> dict[str, Any]:
    part = document.partition(".")[0]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
