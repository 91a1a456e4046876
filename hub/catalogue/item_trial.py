"""Try a change of a service item against last year's cases before it is published; and count the demand.

Nothing is changed: cases keep the version under which they were filed. Source: domain.md, 9.3; art. 3, 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from auth.actor import Actor
from hub.catalogue.admissions import CheckedItem
from hub.people.who import may_handle, operator
from hub.storage.database import Database
from hub.tables.case import CaseRow
from schema.domain import form
from schema.domain.case import FINISHED, CaseState, Channel
from schema.domain.catalogue import Catalogue
from schema.domain.service_item import ServiceItem

LAST_YEAR = timedelta(days=365)
MOST_NAMED = 100
"""How many cases in progress are named; the count is of all."""


@dataclass(frozen=True, slots=True)
class TouchedCase:
    """A case that could not have been filed so under the change."""

    receipt_number: str
    state: CaseState
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemTrial:
    """``in_progress`` are cases that are not finished; they end under the version that they began with.
    ``touched`` names those of them that the change would have refused, to those who may read them."""

    checked: CheckedItem
    cases: int
    would_be_refused: int
    in_progress: int
    in_progress_touched: int
    touched: tuple[TouchedCase, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """How often an item was asked for."""

    item: ServiceItem
    cases: int


async def try_item(
    database: Database, catalogue: Catalogue, checked: CheckedItem, actor: Actor, now: datetime
) -> ItemTrial:
    """What the change would have done to the cases of the last 365 days. The caller checked who asks."""
    statement = (
        select(CaseRow.receipt_number, CaseRow.state, CaseRow.channel, CaseRow.form)
        .where(col(CaseRow.item_code) == checked.item.code, col(CaseRow.submitted_at) >= now - LAST_YEAR)
        .order_by(col(CaseRow.submitted_at), col(CaseRow.receipt_number))
    )
    cases = refused = running = touched = 0
    named: list[TouchedCase] = []
    department = catalogue.department(checked.item.organisation)
    sees_cases = actor.has_role("operator") or may_handle(actor, department)
    async with database.reading() as session:
        found = (await session.exec(statement)).all()
    for receipt_number, state, channel, filled in found:
        problems = _problems(checked.item, Channel(channel), filled)
        is_running = CaseState(state) not in FINISHED
        cases, refused = cases + 1, refused + bool(problems)
        running, touched = running + is_running, touched + (is_running and bool(problems))
        if is_running and problems and sees_cases and len(named) < MOST_NAMED:
            named.append(TouchedCase(receipt_number, CaseState(state), problems))
    return ItemTrial(checked, cases, refused, running, touched, tuple(named))


async def little_demand(
    database: Database, catalogue: Catalogue, actor: Actor, now: datetime, fewer_than: int
) -> tuple[Demand, ...]:
    """Items in force for a year with fewer cases than that in it, the least wanted first: to merge or let go."""
    operator(actor)
    statement = (
        select(col(CaseRow.item_code), func.count())
        .where(col(CaseRow.submitted_at) >= now - LAST_YEAR)
        .group_by(col(CaseRow.item_code))
    )
    async with database.reading() as session:
        counts: Mapping[str, int] = dict(list(await session.exec(statement)))
    old_enough = (
        item
        for item in catalogue.in_force(now)
        if catalogue.versions[item.code][0].in_force_since <= now - LAST_YEAR and item.exemption is None
    )
    asked = (Demand(item, counts.get(item.code, 0)) for item in old_enough)
    few = [demand for demand in asked if demand.cases < fewer_than]
    return tuple(sorted(few, key=lambda demand: (demand.cases, demand.item.code)))


def _problems(item: ServiceItem, channel: Channel, filled: Any) -> tuple[str, ...]:
    found = [str(each) for each in form.problems(item.form, filled)]
    if channel not in item.channels:
        found.append(f"It is no longer offered on {channel}.")
    return tuple(found)
