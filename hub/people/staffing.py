"""Who works for a department and who holds an office: persons, whom an operator lets in and takes out."""

from __future__ import annotations

from typing import Protocol

from auth.actor import Actor
from auth.roles import GRANTABLE
from connectors.routing import check_department
from hub.people.who import operator
from schema.errors import DomainError, RuntimeCode


class Staff(Protocol):
    """Who works for which department; ``auth.persons.PersonRegister`` fulfils it."""

    async def employ(self, subject: str, department: str) -> None: ...

    async def dismiss(self, subject: str, department: str) -> None: ...

    async def grant_role(self, subject: str, role: str) -> None: ...

    async def withdraw_role(self, subject: str, role: str) -> None: ...


class Staffing:
    """Only an operator employs and dismisses. Raises ``DomainError`` for others, and for a name that is none."""

    def __init__(self, staff: Staff) -> None:
        self._staff = staff

    async def employ(self, department: str, citizen: str, actor: Actor | None) -> None:
        """A person works for the department, in place of any other."""
        _check(department, actor)
        await self._staff.employ(citizen, department)

    async def dismiss(self, department: str, citizen: str, actor: Actor | None) -> None:
        """Holds once the person's present token has expired."""
        _check(department, actor)
        await self._staff.dismiss(citizen, department)

    async def grant(self, citizen: str, role: str, actor: Actor | None) -> None:
        """Holds from the person's next token on. The person need not have signed in yet."""
        operator(actor)
        await self._staff.grant_role(citizen, _grantable(role))

    async def withdraw(self, citizen: str, role: str, actor: Actor | None) -> None:
        """Holds once the person's present token has expired."""
        operator(actor)
        await self._staff.withdraw_role(citizen, _grantable(role))


def _grantable(role: str) -> str:
    if role not in GRANTABLE:
        known = ", ".join(GRANTABLE)
        raise DomainError(RuntimeCode.BAD_USER_INPUT, f'"{role}" is no role that is granted, but: {known}.')
    return role


def _check(department: str, actor: Actor | None) -> None:
    operator(actor)
    try:
        check_department(department)
    except ValueError as refusal:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, str(refusal)) from None
