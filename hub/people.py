"""What the hub's domain asks the person register.

An identity number tells a department whose case it is; it never stands in logs, keys or addresses.
"""

from __future__ import annotations

from typing import Protocol

from auth.persons import PersonRegister
from schema.errors import DomainError, RuntimeCode


class People(Protocol):
    """Opaque subject ⇄ identity number."""

    async def identity_of(self, subject: str) -> str | None:
        """The identity number of a person; ``None`` for services and unknown subjects."""
        ...

    async def subject_of(self, id_number: str) -> str | None:
        """The subject of a person who has signed in here before."""
        ...


class RegisteredPeople:
    """:class:`People` over the register that sign-in fills."""

    def __init__(self, register: PersonRegister) -> None:
        self._register = register

    async def identity_of(self, subject: str) -> str | None:
        identity = await self._register.identity_of(subject)
        return identity["idNumber"] if identity else None

    async def subject_of(self, id_number: str) -> str | None:
        person = await self._register.person_of_number(id_number)
        return person.id if person else None


async def identity_number(people: People, subject: str) -> str:
    """The identity number of an applicant. Raises :class:`DomainError` when the subject is no person."""
    number = await people.identity_of(subject)
    if number is None:
        raise DomainError(RuntimeCode.FORBIDDEN, "Only a person has cases. Sign in as a person.")
    return number
