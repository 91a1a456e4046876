"""What the hub's domain asks the person register.

The key of an identity document tells a department whose case it is; it never stands in logs, keys or addresses.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from auth.persons import PersonRegister
from auth.sign_in import IdentityUnavailable, VerifiedIdentity
from auth.store import IdentityConflict
from hub.people.mandate_store import MandateStore
from schema.domain.identity_document import IdentityDocument, normalised
from schema.errors import DomainError, RuntimeCode

Find = Callable[[str], Awaitable[VerifiedIdentity | None]]


class People(Protocol):
    """Opaque subject ⇄ keys of identity documents: of most people their resident number, of an enterprise its
    unified social credit code."""

    async def identity_of(self, subject: str) -> str | None:
        """By what departments know a person; ``None`` for services and unknown subjects."""
        ...

    async def documents_of(self, subject: str) -> tuple[IdentityDocument, ...]:
        """All documents of a person, those that are over too."""
        ...

    async def subject_of(self, id_number: str) -> str | None:
        """The subject of a person who is known here already."""
        ...

    async def introduced(self, id_number: str) -> str | None:
        """The same of a person, and of one who has never signed in: the identity department tells who that is.

        Raises :class:`DomainError` where it cannot be asked.
        """
        ...


class RegisteredPeople:
    """:class:`People` over the register that sign-in fills; ``find`` asks the identity department."""

    def __init__(self, register: PersonRegister, find: Find, enterprises: MandateStore) -> None:
        self._register = register
        self._find = find
        self._enterprises = enterprises

    async def identity_of(self, subject: str) -> str | None:
        identity = await self._register.identity_of(subject)
        return identity["idNumber"] if identity else await self._enterprises.credit_code(subject)

    async def documents_of(self, subject: str) -> tuple[IdentityDocument, ...]:
        return await self._register.documents_of(subject)

    async def subject_of(self, id_number: str) -> str | None:
        person = await self._register.person_of_number(id_number)
        if person is not None:
            return person.id
        enterprise = await self._enterprises.enterprise_of_code(id_number)
        return enterprise.id if enterprise is not None else None

    async def introduced(self, id_number: str) -> str | None:
        key = normalised(id_number)
        known = await self._register.person_of_number(key)
        if known is not None:
            return known.id
        try:
            found = await self._find(key)
            if found is None or not found.has(key):
                return None
            register = self._register
            return (await register.remember(found.citizen_id, found.id_number, found.name, found.documents)).id
        except IdentityUnavailable as error:
            raise DomainError(
                RuntimeCode.SERVICE_UNAVAILABLE, f"Who that is cannot be told now. {error}"
            ) from error
        except IdentityConflict as error:
            wrong = "The identity department names a person who is registered under other documents."
            raise DomainError(RuntimeCode.CONFLICT, wrong) from error


async def identity_number(people: People, subject: str) -> str:
    """The identity number of an applicant. Raises :class:`DomainError` when the subject is no person."""
    number = await people.identity_of(subject)
    if number is None:
        raise DomainError(RuntimeCode.FORBIDDEN, "Only a person has cases. Sign in as a person.")
    return number
