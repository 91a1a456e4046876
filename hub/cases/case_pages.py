"""A person's cases by the page, the newest first: read from where the last page ended, however many there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.cases import case_store
from hub.tables.case import CaseRow
from schema.domain.case import Case
from schema.domain.page import Page, PageRequest, Place, page_of_window, window
from schema.errors import DomainError, RuntimeCode

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPE = (int, str)


async def newest(
    session: AsyncSession, applicant: str, limit: int, items: frozenset[str] = frozenset()
) -> tuple[Case, ...]:
    """At most ``limit`` cases of a party; where ``items`` are named, of these alone."""
    return await _read(session, applicant, of_items(items), limit)


async def page(
    session: AsyncSession, applicant: str, wanted: PageRequest, items: frozenset[str] = frozenset()
) -> Page[Case]:
    """Raises :class:`DomainError` for sizes out of range and for what is no cursor of this list."""
    part = window(wanted, _SHAPE)
    between = of_items(items)
    if part.after is not None:
        between.append(_is_behind(part.after))
    if part.before is not None:
        between.append(_is_ahead(part.before))
    found = await _read(session, applicant, between, part.limit + 1, is_from_end=part.is_from_end)
    return page_of_window(found, _place, part)


def of_items(items: frozenset[str]) -> list[ColumnElement[bool]]:
    """No condition where none are named."""
    return [col(CaseRow.item_code).in_(sorted(items))] if items else []


async def _read(
    session: AsyncSession,
    applicant: str,
    between: list[ColumnElement[bool]],
    limit: int,
    *,
    is_from_end: bool = False,
) -> tuple[Case, ...]:
    submitted, number = col(CaseRow.submitted_at), col(CaseRow.receipt_number)
    mine = select(CaseRow).where(col(CaseRow.applicant) == applicant, *between).limit(limit)
    forward, backward = mine.order_by(submitted.desc(), number), mine.order_by(submitted, number.desc())
    rows = (await session.exec(backward if is_from_end else forward)).all()
    cases = tuple(case_store.case_of(row) for row in rows)
    return cases[::-1] if is_from_end else cases


def _is_behind(place: Place) -> ColumnElement[bool]:
    """Older, or of the same moment with a later number. The first half lets the index do its work."""
    moment, number = _read_place(place)
    submitted = col(CaseRow.submitted_at)
    return (submitted <= moment) & ((submitted < moment) | (col(CaseRow.receipt_number) > number))


def _is_ahead(place: Place) -> ColumnElement[bool]:
    moment, number = _read_place(place)
    submitted = col(CaseRow.submitted_at)
    return (submitted >= moment) & ((submitted > moment) | (col(CaseRow.receipt_number) < number))


def _place(case: Case) -> Place:
    """In a list of the newest first."""
    age = (case.submitted_at or _EPOCH) - _EPOCH
    return (-(age // timedelta(microseconds=1)), case.receipt_number)


def _read_place(place: Place) -> tuple[datetime, str]:
    age, number = place
    try:
        return _EPOCH - timedelta(microseconds=int(age)), str(number)
    except OverflowError:
        message = "The cursor is none of this list. Take one of its edges."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, message) from None
