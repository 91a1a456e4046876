"""Signing in: an identity document and a one-time code from the department that knows who a person is.

There is no password table. Whoever asks learns nothing about a number: known, unknown and malformed ones
get the same answer. Sources: OWASP Authentication; NIST SP 800-63B, section 5.2.2 (limits).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from auth.attempts import Attempts, Limit, TooManyAttempts
from auth.persons import PersonRegister
from auth.store import AttemptStore, Person
from schema.domain.identity_document import IdentityDocument, document_of_key, normalised

_CODE = re.compile(r"\d{4,10}")


@dataclass(frozen=True, slots=True)
class VerifiedIdentity:
    """What the identity department says once the code was right. ``citizen_id`` is opaque; ``id_number`` is the
    key of the document by which departments know the person, ``documents`` all that the department names."""

    citizen_id: str
    id_number: str
    name: str | None
    documents: tuple[IdentityDocument, ...] = ()

    def has(self, key: str) -> bool:
        """Whether the document of this key is the person's."""
        return key == self.id_number or any(each.key == key for each in self.documents)


class IdentityUnavailable(Exception):
    """The identity department cannot be asked now. Say so and let the person try again."""


class IdentityProvider(Protocol):
    """The identity department. Both raise :class:`IdentityUnavailable` when it cannot be asked."""

    async def request_one_time_code(self, id_number: str) -> None:
        """Send the person a code by the way on file. Silent about whether there is such a person."""
        ...

    async def verify_one_time_code(self, id_number: str, code: str) -> VerifiedIdentity | None:
        """``None`` when the code is wrong, used or too old, or the number unknown."""
        ...


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """Codes asked for and codes tried, by document, by person and by network address."""

    codes_per_number: Limit
    codes_per_person: Limit
    codes_per_address: Limit
    tries_per_number: Limit
    tries_per_person: Limit
    tries_per_address: Limit


TEN_MINUTES = timedelta(minutes=10)
DEFAULT_LIMITS = SignInLimits(
    codes_per_number=Limit("codes by number", 5, TEN_MINUTES),
    codes_per_person=Limit("codes by person", 5, TEN_MINUTES),
    codes_per_address=Limit("codes by address", 60, TEN_MINUTES),
    tries_per_number=Limit("tries by number", 10, TEN_MINUTES),
    tries_per_person=Limit("tries by person", 10, TEN_MINUTES),
    tries_per_address=Limit("tries by address", 60, TEN_MINUTES),
)


class SignIn:
    """``id_number`` is a document's key, ``address`` the client's network address. Methods raise
    ``TooManyAttempts``."""

    def __init__(
        self,
        provider: IdentityProvider,
        persons: PersonRegister,
        attempts: AttemptStore,
        now: Callable[[], datetime],
        limits: SignInLimits = DEFAULT_LIMITS,
    ) -> None:
        self._provider = provider
        self._persons = persons
        self._attempts = Attempts(attempts, now)
        self._limits = limits

    async def request_code(self, id_number: str, address: str) -> None:
        """Have a code sent, if there is such a person; the caller cannot tell."""
        number = normalised(id_number)
        await self._attempts.count(self._limits.codes_per_address, address)
        await self._attempts.count(self._limits.codes_per_number, number)
        is_within = await self._is_within(self._limits.codes_per_person, number)
        if is_within and document_of_key(number) is not None:
            await self._provider.request_one_time_code(number)

    async def verify(self, id_number: str, code: str, address: str) -> Person | None:
        """The person, now in the register; ``None`` when number or code is wrong.

        Every try counts, right ones too: a counter that a right code resets could be reset by an attacker
        with an account of their own.
        """
        number, digits = normalised(id_number), code.strip()
        await self._attempts.count(self._limits.tries_per_address, address)
        await self._attempts.count(self._limits.tries_per_number, number)
        if not await self._is_within(self._limits.tries_per_person, number):
            return None
        if document_of_key(number) is None or not _CODE.fullmatch(digits):
            return None
        identity = await self._provider.verify_one_time_code(number, digits)
        if identity is None or not identity.has(number):
            return None
        return await self._persons.remember(
            identity.citizen_id, identity.id_number, identity.name, identity.documents
        )

    async def _is_within(self, limit: Limit, number: str) -> bool:
        """Whether a person's documents together are within it. Said to nobody: a refusal would tell which
        documents are one person's. What nobody has is counted too, so that it takes as long."""
        person = await self._persons.person_of_number(number)
        try:
            await self._attempts.count(limit, person.id if person else number)
        except TooManyAttempts:
            return False
        return True


def safe_next(target: str | None, otherwise: str = "/") -> str:
    """Where to go after signing in: a path on this hub, never another site."""
    if target is None or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    return otherwise if any(ord(character) < 0x20 for character in target) else target
