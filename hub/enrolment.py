"""A department gets credentials of its own: an OAuth client, whose secret is shown once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from auth.actor import Actor
from auth.clients import Client, department_client, hash_made_secret, new_secret
from connectors.routing import check_department
from hub.who import operator
from schema.errors import DomainError, RuntimeCode

EnsureClient = Callable[[Client], Awaitable[None]]


class Staff(Protocol):
    """Who works for which department; ``auth.persons.PersonRegister`` fulfils it."""

    async def employ(self, subject: str, department: str) -> None: ...

    async def dismiss(self, subject: str, department: str) -> None: ...


@dataclass(frozen=True, slots=True)
class DepartmentCredentials:
    """``client_secret`` is kept nowhere but by whoever receives it now."""

    department: str
    client_id: str
    client_secret: str = field(repr=False)


class Enrolment:
    """Only an operator enrols. Enrolling again gives a new secret and ends the one before."""

    def __init__(self, ensure_client: EnsureClient, staff: Staff) -> None:
        self._ensure_client = ensure_client
        self._staff = staff

    async def employ(self, department: str, citizen: str, actor: Actor | None) -> None:
        """A person looks after the department's connectors, in place of any other department's."""
        _check(department, actor)
        await self._staff.employ(citizen, department)

    async def dismiss(self, department: str, citizen: str, actor: Actor | None) -> None:
        _check(department, actor)
        await self._staff.dismiss(citizen, department)

    async def enrol(self, department: str, actor: Actor | None) -> DepartmentCredentials:
        """Raises :class:`DomainError` for anybody but an operator, or a name that is none."""
        _check(department, actor)
        secret = new_secret()
        client = department_client(department, hash_made_secret(secret))
        await self._ensure_client(client)
        return DepartmentCredentials(department, client.client_id, secret)


def _check(department: str, actor: Actor | None) -> None:
    operator(actor)
    try:
        check_department(department)
    except ValueError as refusal:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, str(refusal)) from None
