"""Pages that tell of held money, rendered from the real graph: its payer's, the TV's, those of who keeps fees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from starlette.requests import Request
from starlette.responses import Response

from auth.actor import Actor
from auth.csrf import CsrfGuard
from hub.portal.accounts_pages import AccountsPages
from hub.portal.desk import Desk
from hub.portal.fee_pages import FeePages
from hub.portal.graph import GraphAnswer
from hub.portal.my_pages import MyPages
from hub.portal.page import PageRenderer
from hub.portal.tv_fee_pages import TelevisionFeePages
from hub.portal.visitors import Visitor
from tests.hub.fee_item import accepted, forget, offer
from tests.hub.held_fees import decided, hold
from tests.hub.own_graph import Graph
from tests.hub.own_graph import request as asked
from tests.hub.world import ANNA, OPERATOR, World

pytestmark = [
    pytest.mark.usefixtures("offered"),
    pytest.mark.parametrize("made_url", ["sqlite"], indirect=True),
]
FINANCES_PART = "settlement { receiptNumber }"
"""What another department adds: of held money there is none."""
SOMEBODY = cast("Visitor", None)


@pytest.fixture
async def offered(world: World) -> AsyncIterator[None]:
    world.provider.can_hold = True
    await offer(world.database)
    yield
    await forget(world.database)


class DeskOf:
    """A desk at which one person sits: what a page asks goes to the graph in their name."""

    def __init__(self, world: World, actor: Actor) -> None:
        self.pages = PageRenderer(CsrfGuard("http://hub"))
        self._connector = Graph(world).connector
        self._actor = actor

    async def ask(self, _visitor: Visitor, query: str, variables: dict[str, Any] | None = None) -> GraphAnswer:
        own = query.replace(FINANCES_PART, "")
        found = cast(
            "dict[str, Any]", (await self._connector.fetch(asked(own, self._actor, variables or {}))).data
        )
        fees = ((found or {}).get("me") or {}).get("fees") or ()
        for fee in fees:
            fee["settlement"] = None
        return GraphAnswer(found or {})


def desk(world: World, actor: Actor) -> Desk:
    return cast("Desk", DeskOf(world, actor))


def request(path: str, language: str, **path_params: str) -> Request:
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": f"lang={language}".encode(),
        "headers": [],
        "path_params": path_params,
        "server": ("hub", 80),
    }
    return Request(scope)


def text_of(response: Response) -> str:
    assert response.status_code == 200
    return bytes(response.body).decode()


@pytest.mark.parametrize(
    ("language", "held", "until", "on_tv"),
    [
        ("zh-CN", "¥3.00 已冻结，尚未扣款", "预授权有效期至 2026-11-30", "已冻结、尚未扣款 1 笔，共 ¥3.00"),
        ("en", "¥3.00 held, not taken", "The hold ends 2026-11-30", "1 held and not taken, ¥3.00 together"),
    ],
)
async def test_the_payer_reads_that_money_is_held_and_not_taken(
    world: World, language: str, held: str, until: str, on_tv: str
) -> None:
    """In the list, on the pages of case and fee, the latter with the hold's end, and on the TV."""
    case = await accepted(world)
    await hold(world, case)
    number = f"FO-{case.receipt_number}-1"
    fees, television = FeePages(desk(world, ANNA)), TelevisionFeePages(desk(world, ANNA), "http://hub")

    listed = text_of(await fees.fees(request("/portal/fees", language), SOMEBODY))
    shown = text_of(await fees.fee(request(f"/portal/fees/{number}", language, number=number), SOMEBODY))
    watched = text_of(await television.fees(request("/tv/fees", language), SOMEBODY))

    told = text_of(await MyPages(desk(world, ANNA)).case(request("/portal/cases", language, id=case.id), SOMEBODY))

    assert held in listed
    assert held in told
    assert "checkbox" not in listed
    assert held in shown
    assert until in shown
    assert "Fee order" not in watched
    assert on_tv in watched


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-CN", ("预授权的扣款与解冻", "扣款", "办理通过", "预授权冻结")),
        ("en", ("Holds taken and released", "Taken", "What it pays for was done", "Held for payers")),
    ],
)
async def test_who_keeps_the_fees_reads_what_becomes_of_holds(
    world: World, language: str, words: tuple[str, ...]
) -> None:
    """What is taken and let go, why, and what is held in all."""
    for decision in ("approved", "denied", ""):
        case = await accepted(world)
        await hold(world, case)
        if decision:
            await decided(world, case, decision)
    await world.holds.step()
    pages = AccountsPages(desk(world, OPERATOR), world.clock)

    shown = text_of(await pages.board(request("/officer/fees", language), SOMEBODY))

    assert [word for word in words if word not in shown] == []
