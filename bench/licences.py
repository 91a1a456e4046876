"""``python -m bench.licences``: how many licences one core verifies in a second.

With the published keys and a status list alone, as the command does, and as the hub's doors do, where each verdict
asks the database for the status of this moment. The goal is 200 a second.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

from joserfc.jwk import ECKey

from auth.keys import KeyRing
from auth.signed_licences import LICENCE_TYPE, published_keys, read_licence, read_status_list, sign
from connectors.clock import SystemClock
from hub.catalogue.catalogue import CatalogueStore
from hub.keys.sealing import Sealer
from hub.licences.gathered_licences import Gathered
from hub.licences.licence_documents import LicenceDocuments
from hub.licences.licence_key_store import LicenceKeyStore
from hub.storage.database import Database
from hub.tables.licence import LicenceStatusRow
from schema.domain.licence_verification import ShownLicence, claims_of, judge
from schema.domain.status_list import BITS, LIST_SIZE, pack

GOAL = 200
HUB = "http://hub.example"
SHOWN = ShownLicence(
    number="JZ261123-0123456789-X",
    kind="residence-permit",
    name="居住证",
    name_en="Residence permit",
    issuer="110102-GA",
    issuer_name="集易示范区公安分局",
    holder="王**",
    issued_at=datetime.now(UTC),
    status=(f"{HUB}/licences/status/0", 5),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.licences", description=__doc__)
    parser.add_argument("--licences", type=int, default=2_000)
    given = parser.parse_args()
    offline = _offline(given.licences)
    with tempfile.TemporaryDirectory() as folder:
        online = asyncio.run(_online(given.licences, Path(folder)))
    for name, rate in (("offline", offline), ("at the hub", online)):
        sys.stdout.write(f"{name}: {rate:,.0f} licences verified in a second of one core (goal {GOAL})\n")
    if min(offline, online) < GOAL:
        raise SystemExit("bench: below the goal")


def _offline(count: int) -> float:
    """Each another document; the status list is read once, as who keeps one does."""
    key, now = ECKey.generate_key("P-256", auto_kid=True), datetime.now(UTC)
    keys = published_keys({"keys": [key.as_dict(private=False)]})
    values = {place: 1 for place in range(0, LIST_SIZE, 100) if place != 5}
    claims = {"sub": SHOWN.status[0] if SHOWN.status else "", "iat": int(now.timestamp())}
    text = sign(key, "statuslist+jwt", {**claims, "status_list": {"bits": BITS, "lst": pack(values)}})
    documents = [_document(key, number) for number in range(count)]
    began = process_time()
    listed = read_status_list(text, keys)
    for document in documents:
        shown = read_licence(document, keys)
        if not judge(shown, now, listed.reading(shown), timedelta(hours=24)).is_valid:
            raise SystemExit("bench: a good licence was refused")
    return count / (process_time() - began)


async def _online(count: int, folder: Path) -> float:
    import hub.tables  # noqa: F401  fills the metadata

    database, clock = Database(f"sqlite:///{folder / 'bench.db'}"), SystemClock()
    await database.create_tables_for_tests()
    ring = await KeyRing.open(LicenceKeyStore(database, Sealer()), clock.now)
    async with database.transaction() as session:
        session.add(LicenceStatusRow(index=5, value=0))

    async def keys() -> KeyRing:
        return ring

    async def nobody(_actor: object) -> Gathered:
        return Gathered(())

    documents = LicenceDocuments(database, CatalogueStore(database, clock), clock, keys, HUB, nobody)
    signed = [_document(ring.current, number) for number in range(count)]
    began = process_time()
    for document in signed:
        if not (await documents.verify(document)).is_valid:
            raise SystemExit("bench: a good licence was refused")
    rate = count / (process_time() - began)
    await database.close()
    return rate


def _document(key: ECKey, number: int) -> str:
    return sign(key, LICENCE_TYPE, claims_of(replace(SHOWN, number=f"JZ-{number}"), HUB))


if __name__ == "__main__":
    main()
