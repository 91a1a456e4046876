"""The register of persons: filled when somebody signs in, asked by the gateway whose object it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cachetools import TTLCache

from auth.store import Person, PersonStore
from schema.domain.identity_document import IdentityDocument

REMEMBERED_IDENTITIES = 10_000
REMEMBERED_SECONDS = 60.0
"""How long another process may not know of a document that was added."""


@dataclass(frozen=True, slots=True)
class _Identity:
    id: str
    id_number: str
    documents: tuple[IdentityDocument, ...]


class PersonRegister:
    """``operators`` are citizen ids that hold the operator role by the hub's settings."""

    def __init__(self, store: PersonStore, now: Callable[[], datetime], operators: Iterable[str] = ()) -> None:
        self._store = store
        self._now = now
        self._operators = frozenset(operators)
        self._identities: TTLCache[str, _Identity] = TTLCache(REMEMBERED_IDENTITIES, REMEMBERED_SECONDS)

    async def remember(
        self, citizen_id: str, id_number: str, name: str | None, documents: Iterable[IdentityDocument] = ()
    ) -> Person:
        """Note who signed in. Raises :class:`auth.store.IdentityConflict`."""
        await self._store.save_person(Person(citizen_id, id_number, name), self._now(), documents)
        self._identities.pop(citizen_id, None)
        return await self.person(citizen_id) or Person(citizen_id, id_number, name)

    async def person(self, subject: str) -> Person | None:
        """With all their roles: citizen always, others where they were granted."""
        return self._with_settings(await self._store.person(subject))

    async def person_of_number(self, key: str) -> Person | None:
        """Who has the document of this key."""
        return self._with_settings(await self._store.person_of_number(key))

    async def roles_of(self, subject: str) -> frozenset[str]:
        """Empty for whoever has never signed in."""
        person = await self.person(subject)
        return person.roles if person else frozenset()

    async def identity_of(self, subject: str) -> Mapping[str, str] | None:
        """``{"id": …, "idNumber": …}`` of a person; ``None`` for a service."""
        known = await self._identity(subject)
        return {"id": known.id, "idNumber": known.id_number} if known else None

    async def keys_of(self, subject: str) -> Mapping[str, frozenset[str]]:
        """What of each identifying field is this person's: a department may know them by any of the documents."""
        known = await self._identity(subject)
        if known is None:
            return {}
        numbers = frozenset({known.id_number, *(each.key for each in known.documents)})
        return {"id": frozenset({known.id}), "idNumber": numbers}

    async def documents_of(self, subject: str) -> tuple[IdentityDocument, ...]:
        """Empty for a service and for whoever has never signed in."""
        known = await self._identity(subject)
        return known.documents if known else ()

    async def grant_role(self, subject: str, role: str) -> None:
        """Holds from the person's next token on. The person need not have signed in yet."""
        await self._store.grant_role(subject, role)

    async def withdraw_role(self, subject: str, role: str) -> None:
        """Holds once the person's present token has expired."""
        await self._store.withdraw_role(subject, role)

    async def employ(self, subject: str, department: str) -> None:
        """They look after this department's connectors, and no other's, from their next token on."""
        await self._store.employ(subject, department)

    async def dismiss(self, subject: str, department: str) -> None:
        """Holds once the person's present token has expired."""
        await self._store.dismiss(subject, department)

    async def _identity(self, subject: str) -> _Identity | None:
        known = self._identities.get(subject)
        if known is None and (person := await self._store.person(subject)):
            documents = await self._store.documents_of(subject)
            known = self._identities[subject] = _Identity(person.id, person.id_number, documents)
        return known

    def _with_settings(self, person: Person | None) -> Person | None:
        if person is None or person.id not in self._operators:
            return person
        return replace(person, roles=person.roles | {"operator"})
