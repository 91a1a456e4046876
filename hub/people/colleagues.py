"""Whom work may be given to: who holds the office for it. Given to anybody else it would wait unseen.

Offices are an operator's to grant (``hub/people/staffing.py``), and are looked at in the transaction that gives
the work. Source: docs/domain.md, "Handling" (art. 12, 14, 17).
"""

from __future__ import annotations

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.roles import CHIEF_REPRESENTATIVE, DEPARTMENT_STAFF, HANDLER, OFFICER, SUPERVISOR
from hub.tables.auth import PersonRoleRow
from schema.errors import DomainError, RuntimeCode

_HANDLES = frozenset({HANDLER, CHIEF_REPRESENTATIVE})


async def check_handler(session: AsyncSession, person: str, department: str | None) -> None:
    """The person handles cases of the department. Raises ``DomainError`` BAD_USER_INPUT."""
    if not _handles(await _offices(session, person), department):
        raise _no_colleague(person, f'a handler or chief representative who works for "{department}"')


async def check_server(session: AsyncSession, person: str, department: str | None) -> None:
    """The person handles its cases, or is an officer of a comprehensive window. Raises as above."""
    held = await _offices(session, person)
    if OFFICER not in held and not _handles(held, department):
        raise _no_colleague(person, f'an officer of a comprehensive window, or a handler of "{department}"')


async def check_window(session: AsyncSession, person: str) -> None:
    """The person is an officer of a comprehensive window. Raises as above."""
    if OFFICER not in await _offices(session, person):
        raise _no_colleague(person, "an officer of a comprehensive window")


async def check_approver(session: AsyncSession, person: str, department: str | None) -> None:
    """The person may answer for a longer limit: somebody of the department, or a supervisor. Raises as above."""
    held = await _offices(session, person)
    if SUPERVISOR not in held and not _handles(held, department):
        raise _no_colleague(person, f'a supervisor, or a handler or chief representative of "{department}"')


async def _offices(session: AsyncSession, person: str) -> frozenset[str]:
    return frozenset(
        (await session.exec(select(PersonRoleRow.role).where(col(PersonRoleRow.subject) == person))).all()
    )


def _handles(held: frozenset[str], department: str | None) -> bool:
    return department is not None and f"{DEPARTMENT_STAFF}:{department}" in held and bool(held & _HANDLES)


def _no_colleague(person: str, wanted: str) -> DomainError:
    return DomainError(RuntimeCode.BAD_USER_INPUT, f'"{person}" does not hold the office for this. Name {wanted}.')
