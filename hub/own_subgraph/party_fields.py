"""What a party has here, be it a person or an enterprise: its cases and its fee orders, for who may read them."""

from __future__ import annotations

from hub.own_subgraph.case_types import Case, CaseConnection
from hub.own_subgraph.fee_types import FeeOrder
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from schema.domain.page import PageRequest


async def cases_of(info: Info, party: str) -> list[Case]:
    """The newest ones."""
    known, loaders = services(info), Loaders(services(info))
    cases = await known.cases.cases_of(signed_in(actor(info)), party)
    return [Case.of(case, loaders) for case in cases]


async def page_of(info: Info, party: str, wanted: PageRequest) -> CaseConnection:
    known = services(info)
    page = await known.cases.page_of(signed_in(actor(info)), party, wanted)
    return CaseConnection.of(page, Loaders(known))


async def fees_of(info: Info, party: str) -> list[FeeOrder]:
    known, loaders = services(info), Loaders(services(info))
    orders = await known.fees.orders_of(signed_in(actor(info)), party)
    return [FeeOrder.of(order, loaders) for order in orders]
