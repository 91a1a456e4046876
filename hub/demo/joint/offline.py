"""Licences verified as a stranger does it: by ``jiyi licence verify`` with files alone, and no word from the hub.

The published keys and the status list are fetched once; what comes after needs no network.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from auth.signed_licences import published_keys, read_licence
from hub.demo.processes import surroundings
from hub.demo.road import Road, expect, expect_equal

PRESENT = """query Present($issuer: ID!, $number: ID!) {
  licencePresentation(issuerCode: $issuer, number: $number) { document } }"""
SHARE = """mutation Share($input: ShareLicenceInput!) {
  shareLicence(input: $input) { id presentation { document } } }"""
WITHDRAW = "mutation Withdraw($id: ID!) { withdrawLicenceShare(id: $id) { state } }"
VERIFY = "query Verify($document: String!) { verifyLicence(document: $document) { isValid reason } }"
PURPOSE = "外卖平台入驻审核。Admission to a delivery platform."
SHARED_FOR = timedelta(days=30)
OLDEST_SECONDS = 3600
"""The revocation data was fetched a moment ago, on whatever machine."""


class Desk:
    """Who verifies: a folder with the published keys, and ``jiyi licence verify`` without a hub."""

    def __init__(self, folder: Path, keys: dict[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._keys = self.keep("keys.json", json.dumps(keys))

    def keep(self, name: str, content: str) -> Path:
        file = self._folder / name
        file.write_text(content, encoding="utf-8")
        return file

    async def verify(self, document: Path, status: Path | None = None) -> tuple[int, dict[str, Any]]:
        """The command's exit code, and what it says."""
        options = ["--keys", str(self._keys), *(["--status", str(status)] if status else []), "--json"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub.cli", "licence", "verify", str(document), *options,
            stdout=asyncio.subprocess.PIPE, env=surroundings(),
        )  # fmt: skip
        answer, _ = await process.communicate()
        told: dict[str, Any] = json.loads(answer)["data"]["verification"]
        return process.returncode or 0, told


async def verify(road: Road, issuer: str, numbers: Iterable[str]) -> None:
    """Each issued licence is good and says how old its word is; one letter changed, it is good no more."""
    keys = await road.client.json(f"{road.stack.places.hub_url}/oauth/jwks")
    desk = Desk(road.stack.places.directory / "verifying", keys)
    documents = {number: await _present(road, issuer, number) for number in numbers}
    async with asyncio.TaskGroup() as group:
        asked = {
            number: group.create_task(desk.verify(desk.keep(f"{number}.jws", document)))
            for number, document in documents.items()
        }
        number = next(iter(documents))
        changed = group.create_task(desk.verify(desk.keep("changed.jws", _changed(documents[number]))))
        shared = group.create_task(_share(road, desk, keys, issuer, number))
    verdicts = {number: task.result() for number, task in asked.items()}
    for number, (code, told) in verdicts.items():
        _expect_good(number, code, told)
        expect_equal(told["licence"]["number"], number, "the number that the licence says")
    code, told = changed.result()
    expect_equal((code, told["reason"]), (1, "BAD_SIGNATURE"), "a licence with one letter changed")
    road.answers["verified"] = {
        **{number: told for number, (_, told) in verdicts.items()},
        "shared": shared.result(),
    }


async def _share(road: Road, desk: Desk, keys: dict[str, Any], issuer: str, number: str) -> dict[str, Any]:
    """Shown to somebody outside, it has a place in the status list; taken back, the hub calls it good no more."""
    given = {"issuerCode": issuer, "number": number, "recipientKind": "BEARER", "recipient": "集贤外卖"}
    until = (datetime.now(UTC) + SHARED_FOR).isoformat()
    asked = {"input": {**given, "purpose": PURPOSE, "endsAt": until}}
    share = (await road.client.data(SHARE, asked, road.token))["shareLicence"]
    document = share["presentation"]["document"]
    place = read_licence(document, published_keys(keys)).status
    if place is None:
        expect(False, "what is shared names no status list")
        return {}
    _, _, listed, _ = await road.client.page(place[0])
    code, told = await desk.verify(desk.keep("shared.jws", document), desk.keep("status.jwt", listed))
    _expect_good(f"{number}, as shared,", code, told)
    await road.client.data(WITHDRAW, {"id": share["id"]}, road.token)
    after = (await road.client.data(VERIFY, {"document": document}))["verifyLicence"]
    expect_equal(after["reason"], "SHARE_WITHDRAWN", "a share that was taken back")
    return told


def _expect_good(what: str, code: int, told: dict[str, Any]) -> None:
    expect_equal((code, told["reason"]), (0, "VALID"), f"licence {what} verified offline")
    age = told["statusAgeSeconds"]
    is_fresh = age is not None and 0 <= age <= OLDEST_SECONDS
    expect(is_fresh, f"licence {what}: the revocation data is {age} seconds old")


async def _present(road: Road, issuer: str, number: str) -> str:
    wanted = {"issuer": issuer, "number": number}
    found = await road.client.data(PRESENT, wanted, road.token)
    return str(found["licencePresentation"]["document"])


def _changed(document: str) -> str:
    place = len(document) // 2
    return document[:place] + ("A" if document[place] != "A" else "B") + document[place + 1 :]
