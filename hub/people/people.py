"""What the hub's domain asks the person register.

An identity number tells a department whose case it is; it never stands in logs, keys or addresses.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from auth.persons import PersonRegister
from auth.sign_in import IdentityUnavailable, VerifiedIdentity
from auth.store import IdentityConflict
from schema.errors import DomainError, RuntimeCode

Find = Callable[[str], Awaitable[VerifiedIdentity | None]]


class People(Protocol):
    """Opaque subject ⇄ identity number."""

    async def identity_of(self, subject: str) -> str | None:
        """The identity number of a person; ``None`` for services and unknown subjects."""
        ...

    async def subject_of(self, id_number: str) -> str | None:
        """The subject of a person who is known here already."""
        ...

    async def introduced(self, id_number: str) -> str | None:
        """The same, and of one who has never signed in: the identity department tells who that is.

        Raises :class:`DomainError` where it cannot be asked.
        """
        ...


class RegisteredPeople:
    """:class:`People` over the register that sign-in fills; ``find`` asks the identity department."""

    def __init__(self, register: PersonRegister, find: Find) -> None:
        self._register = register
        self._find = find

    async def identity_of(self, subject: str) -> str | None:
        identity = await self._register.identity_of(subject)
        return identity["idNumber"] if identity else None

    async def subject_of(self, id_number: str) -> str | None:
        person = await self._register.person_of_number(id_number)
        return person.id if person else None

    async def introduced(self, id_number: str) -> str | None:
        known = await self.subject_of(id_number)
        if known is not None:
            return known
        try:
            found = await self._find(id_number)
            if found is None:
                return None
            return (await self._register.remember(found.citizen_id, found.id_number, found.name)).id
        except IdentityUnavailable as error:
            raise DomainError(
                RuntimeCode.SERVICE_UNAVAILABLE, f"Who that is cannot be told now. {error}"
            ) from error
        except IdentityConflict as error:
            wrong = "The identity department names a person who is registered under another number."
            raise DomainError(RuntimeCode.CONFLICT, wrong) from error


async def identity_number(people: People, subject: str) -> str:
    """The identity number of an applicant. Raises :class:`DomainError` when the subject is no person."""
    number = await people.identity_of(subject)
    if number is None:
        raise DomainError(RuntimeCode.FORBIDDEN, "Only a person has cases. Sign in as a person.")
    return number
