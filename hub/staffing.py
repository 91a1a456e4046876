"""Who looks after a department's connectors: persons, whom an operator lets in and takes out."""

from __future__ import annotations

from typing import Protocol

from auth.actor import Actor
from connectors.routing import check_department
from hub.who import operator
from schema.errors import DomainError, RuntimeCode


class Staff(Protocol):
    """Who works for which department; ``auth.persons.PersonRegister`` fulfils it."""

    async def employ(self, subject: str, department: str) -> None: ...

    async def dismiss(self, subject: str, department: str) -> None: ...


class Staffing:
    """Only an operator employs and dismisses. Raises ``DomainError`` for others, and for a name that is none."""

    def __init__(self, staff: Staff) -> None:
        self._staff = staff

    async def employ(self, department: str, citizen: str, actor: Actor | None) -> None:
        """A person looks after the department's connectors, in place of any other department's."""
        _check(department, actor)
        await self._staff.employ(citizen, department)

    async def dismiss(self, department: str, citizen: str, actor: Actor | None) -> None:
        """Holds once the person's present token has expired."""
        _check(department, actor)
        await self._staff.dismiss(citizen, department)


def _check(department: str, actor: Actor | None) -> None:
    operator(actor)
    try:
        check_department(department)
    except ValueError as refusal:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, str(refusal)) from None
