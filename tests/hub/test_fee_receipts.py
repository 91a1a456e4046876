"""Electronic receipts: one for each paid order and each refund, without a gap, signed, changed by nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from schema.domain.fee_receipt import RECEIPT_TYPE, receipt_number
from tests.hub.fee_item import accepted, forget, offer, pay
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, BO, OPERATOR, World

pytestmark = pytest.mark.usefixtures("offered")
RECEIPTS = "query R($id: ID!) { case(id: $id) { fees { receipts { number amountFen isReversal signed } } } }"


@pytest.fixture
async def offered(world: World) -> AsyncIterator[None]:
    await offer(world.database)
    yield
    await forget(world.database)


async def test_receipts_have_no_gap_and_say_what_moved(world: World) -> None:
    """Several workers at once give out each number once; whoever has the published keys can check them."""
    cases = [await accepted(world) for _ in range(3)]
    for case in cases:
        await pay(world, case)
    refund = await world.refunds.order(OPERATOR, f"FO-{cases[0].receipt_number}-1", 100, "too much")
    assert await world.receipts.issue() == 3
    await world.refunds.step()
    assert sum(await asyncio.gather(*(world.receipts.issue() for _ in range(3)))) == 1
    assert await world.receipts.issue() == 0

    found = await world.receipts.of_orders([f"FO-{case.receipt_number}-1" for case in cases])

    given = sorted((each for receipts in found.values() for each in receipts), key=lambda each: each.number)
    assert [each.number for each in given] == [receipt_number(2026, serial) for serial in (1, 2, 3, 4)]
    assert [each.amount_fen for each in given] == [300, 300, 300, -100]
    published = KeySet.import_key_set(cast("Any", (await world.licence_keys()).public()))
    read = jws.deserialize_compact(given[3].signed, published, algorithms=["ES256"])
    claims = json.loads(read.payload)
    assert read.headers()["typ"] == RECEIPT_TYPE
    assert (claims["number"], claims["order"], claims["amountFen"]) == (given[3].number, refund.order, -100)
    assert "anna" not in read.payload.decode()
    head, payload, signature = given[3].signed.split(".")
    flipped = payload[:10] + ("A" if payload[10] != "A" else "B") + payload[11:]
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(f"{head}.{flipped}.{signature}", published, algorithms=["ES256"])


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
async def test_a_receipt_is_the_payers_alone(world: World) -> None:
    """Through the case and its order; nobody else reaches it."""
    graph, case = Graph(world), await accepted(world)
    await pay(world, case)
    assert (await graph.ask(RECEIPTS, ANNA, id=case.id))["case"]["fees"] == [{"receipts": []}]
    await world.receipts.issue()
    [receipt] = (await graph.ask(RECEIPTS, ANNA, id=case.id))["case"]["fees"][0]["receipts"]
    assert (receipt["number"], receipt["amountFen"], receipt["isReversal"]) == ("FP26-00000001-5", 300, False)
    assert (await graph.ask(RECEIPTS, BO, id=case.id))["case"] is None


def test_a_serial_that_has_no_place_is_refused() -> None:
    """The number keeps its shape for ever."""
    assert receipt_number(2026, 99_999_999).startswith("FP26-99999999-")
    for serial in (0, 100_000_000):
        with pytest.raises(ValueError, match="between 1"):
            receipt_number(2026, serial)
