"""The register of persons: filled when somebody signs in, asked by the gateway whose object it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from cachetools import LRUCache

from auth.store import Person, PersonStore

REMEMBERED_IDENTITIES = 10_000


class PersonRegister:
    """``operators`` are citizen ids that hold the operator role by the hub's settings."""

    def __init__(self, store: PersonStore, now: Callable[[], datetime], operators: Iterable[str] = ()) -> None:
        self._store = store
        self._now = now
        self._operators = frozenset(operators)
        self._identities: LRUCache[str, Mapping[str, str]] = LRUCache(maxsize=REMEMBERED_IDENTITIES)

    async def remember(self, citizen_id: str, id_number: str, name: str | None) -> Person:
        """Note who signed in. Raises :class:`auth.store.IdentityConflict`."""
        await self._store.save_person(Person(citizen_id, id_number, name), self._now())
        return await self.person(citizen_id) or Person(citizen_id, id_number, name)

    async def person(self, subject: str) -> Person | None:
        """With all their roles: citizen always, others where they were granted."""
        return self._with_settings(await self._store.person(subject))

    async def person_of_number(self, id_number: str) -> Person | None:
        return self._with_settings(await self._store.person_of_number(id_number))

    async def roles_of(self, subject: str) -> frozenset[str]:
        """Empty for whoever has never signed in."""
        person = await self.person(subject)
        return person.roles if person else frozenset()

    async def identity_of(self, subject: str) -> Mapping[str, str] | None:
        """``{"id": …, "idNumber": …}`` of a person; ``None`` for a service. Never changes, so it is cached."""
        known = self._identities.get(subject)
        if known is None and (person := await self._store.person(subject)):
            known = self._identities[subject] = {"id": person.id, "idNumber": person.id_number}
        return known

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

    def _with_settings(self, person: Person | None) -> Person | None:
        if person is None or person.id not in self._operators:
            return person
        return replace(person, roles=person.roles | {"operator"})
