"""Signed licences: what a holder shows, whether it is good, and the list of those that are not any more.

A licence of the hub's own register and one of a department's stand equal: both are shown, shared and verified.
Source: docs/licences.md; domain.md, section 6 and 9.14.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from auth.keys import KeyRing
from auth.signed_licences import LICENCE_TYPE, STATUS_LIST_TYPE, document_in, read_licence, sign
from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.licences.gathered_licences import Gather, ToldLicence
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.tables.auth import PersonRow
from hub.tables.licence import LicenceRow, LicenceSignatureRow, LicenceStatusRow
from schema.domain.catalogue import Catalogue
from schema.domain.licence import LicenceState, masked_name
from schema.domain.licence_verification import (
    TOLD_FOR,
    NotGood,
    Reason,
    ShownLicence,
    Statement,
    StatusReading,
    Verdict,
    claims_of,
    end_of,
    judge,
)
from schema.domain.status_list import BITS, LIST_SIZE, list_of, pack
from schema.errors import DomainError, RuntimeCode

HOLDER_NAME = "holderName"
"""What the holder names to show the whole name and not only the family name."""
LIST_FOR = timedelta(seconds=60)
"""How long a signed list is given out before it is made anew."""
LIST_ENDS_AFTER = timedelta(days=7)

Keys = Callable[[], Awaitable[KeyRing]]
KeyState = tuple[str, frozenset[str]]
"""The key that signs, and those that are revoked."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """A document to show, and the address that opens it on the verify page: what the QR code holds."""

    document: str
    address: str
    shown: ShownLicence


class LicenceDocuments:
    """Every method is told who asks; verifying is for everybody."""

    def __init__(
        self,
        database: Database,
        catalogue: CatalogueStore,
        clock: Clock,
        keys: Keys,
        issuer_url: str,
        gather: Gather,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._keys = keys
        self._issuer_url = issuer_url
        self._gather = gather
        self._lists: dict[int, tuple[datetime, KeyState, str]] = {}

    async def present(self, actor: Actor, issuer: str, number: str, shows: Sequence[str] = ()) -> Presentation:
        """A document of an own licence, with no more than ``shows``. Raises ``DomainError`` NOT_FOUND."""
        return await self.signed(await self.shown(actor, issuer, number, shows), actor.subject)

    async def shown(self, actor: Actor, issuer: str, number: str, shows: Sequence[str]) -> ShownLicence:
        """What a document of an own licence says, before it is signed."""
        row = await self.own(actor, issuer, number)
        if row is not None:
            return await self.of_row(row, shows)
        return await self.of_told(await self.told(actor, issuer, number), actor.subject, shows)

    async def own(self, actor: Actor, issuer: str, number: str) -> LicenceRow | None:
        """The hub's licence of that number, if it is the actor's own."""
        named = select(LicenceRow).where(col(LicenceRow.issuer) == issuer, col(LicenceRow.number) == number)
        async with self._database.reading() as session:
            row = (await session.exec(named)).first()
        return row if row is not None and row.holder == actor.subject else None

    async def told(self, actor: Actor, issuer: str, number: str) -> ToldLicence:
        """The valid licence of that number in a department's register, as it says now."""
        found = await self.told_in_any_state(actor, issuer, number)
        if found.state is not LicenceState.VALID:
            wrong = f"Licence {number} is {found.state}; its department says so. Only a valid one is shown."
            raise DomainError(RuntimeCode.INVALID_TRANSITION, wrong)
        return found

    async def told_in_any_state(self, actor: Actor, issuer: str, number: str) -> ToldLicence:
        """As :meth:`told`, however it stands. Raises ``DomainError`` SERVICE_UNAVAILABLE while the department that
        would know is silent, NOT_FOUND only once it answered."""
        gathered, department = await self._gather(actor), (await self._catalogue.current()).department(issuer)
        found = [each for each in gathered.licences if (each.issuer, each.number) == (issuer, number)]
        if not found and department in gathered.silent:
            wrong = f'"{department}" keeps the licences of {issuer} and does not answer now. Try again later.'
            raise DomainError(RuntimeCode.SERVICE_UNAVAILABLE, wrong, {"department": department})
        if not found:
            raise DomainError(RuntimeCode.NOT_FOUND, "You have no such licence.")
        if department != found[0].source:
            # A department speaks for what it issued, and for no other issuer.
            wrong = f'Licence {number} is told by "{found[0].source}", not by its issuer. It cannot be shown.'
            raise DomainError(RuntimeCode.FORBIDDEN, wrong)
        return found[0]

    async def of_row(self, row: LicenceRow, shows: Sequence[str]) -> ShownLicence:
        known = {each["code"]: each for each in row.said}
        _check(shows, known)
        catalogue = await self._catalogue.current()
        return ShownLicence(
            number=row.number,
            kind=row.kind,
            name=row.name,
            name_en=row.name_en,
            issuer=row.issuer,
            issuer_name=_name_of(catalogue, row.issuer),
            holder=await self._holder(row.holder, shows),
            issued_at=self._clock.now(),
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            ends_at=end_of(row.valid_until) if row.valid_until else None,
            status=self.place(row.status_index),
            statements=tuple(
                Statement(code=code, name=known[code]["name"], value=known[code]["value"])
                for code in shows
                if code in known
            ),
        )

    async def of_told(self, told: ToldLicence, holder: str, shows: Sequence[str]) -> ShownLicence:
        _check(shows, {})
        ends = self._clock.now() + TOLD_FOR
        return ShownLicence(
            number=told.number,
            kind=told.kind,
            name=told.name,
            name_en=told.name_en,
            issuer=told.issuer,
            issuer_name=told.issuer_name,
            holder=told.enterprise or await self._holder(holder, shows),
            issued_at=self._clock.now(),
            valid_from=told.valid_from,
            valid_until=told.valid_until,
            ends_at=min(ends, end_of(told.valid_until)) if told.valid_until else ends,
            told_at=told.told_at,
        )

    async def signed(self, shown: ShownLicence, holder: str) -> Presentation:
        """Signed with the key in force; whose it is stands with the key before the document is handed out."""
        key = (await self._keys()).current
        await self._note(str(key.kid), shown, holder)
        document = sign(key, LICENCE_TYPE, claims_of(shown, self._issuer_url))
        return Presentation(document, f"{self._issuer_url}/verify?licence={document}", shown)

    async def verify(self, text: str) -> Verdict:
        """Of a document, or of the address that its QR code holds; with the revocation data of this moment."""
        ring = await self._keys()
        try:
            try:
                shown = read_licence(document_in(text), ring.known, ring.revoked)
            except NotGood as problem:
                if problem.reason is not Reason.UNKNOWN_KEY:
                    raise
                await ring.refresh()
                shown = read_licence(document_in(text), ring.known, ring.revoked)
        except NotGood as problem:
            return Verdict(problem.reason)
        return judge(shown, self._clock.now(), await self._status(shown))

    async def status_list(self, number: int) -> str | None:
        """The signed list of that number; ``None`` where there is none."""
        now, ring = self._clock.now(), await self._keys()
        state = (str(ring.current.kid), ring.revoked)
        kept = self._lists.get(number)
        if kept is not None and timedelta() <= now - kept[0] < LIST_FOR and kept[1] == state:
            return kept[2]
        async with self._database.reading() as session:
            last = (await session.exec(select(func.max(LicenceStatusRow.index)))).one()
            if number and (last is None or number > list_of(last)[0]):
                return None
            values = await _values(session, number)
        claims: dict[str, Any] = {
            "iss": self._issuer_url,
            "sub": self._list_address(number),
            "iat": int(now.timestamp()),
            "exp": int((now + LIST_ENDS_AFTER).timestamp()),
            "ttl": int(LIST_FOR.total_seconds()),
            "status_list": {"bits": BITS, "lst": pack(values)},
        }
        if ring.revoked:
            # Whoever keeps older keys learns of it with the revocations of licences.
            claims["revoked_keys"] = sorted(ring.revoked)
        made = sign(ring.current, STATUS_LIST_TYPE, claims)
        self._lists[number] = (now, state, made)
        return made

    def place(self, index: int) -> tuple[str, int]:
        """The address of the list that has this place, and where in it."""
        number, place = list_of(index)
        return self._list_address(number), place

    async def _note(self, key_id: str, shown: ShownLicence, holder: str) -> None:
        named = {"key_id": key_id, "holder": holder, "issuer": shown.issuer, "number": shown.number}
        async with self._database.reading() as session:
            if await session.get(LicenceSignatureRow, named) is not None:
                return
        values = {**named, "name": shown.name, "name_en": shown.name_en, "at": self._clock.now()}
        async with self._database.transaction() as session:
            await insert_if_absent(session, LicenceSignatureRow, values)

    def _list_address(self, number: int) -> str:
        return f"{self._issuer_url}/licences/status/{number}"

    async def _status(self, shown: ShownLicence) -> StatusReading | None:
        if shown.status is None:
            return None
        address, place = shown.status
        number = address.rpartition("/")[2]
        if not number.isdecimal() or self._list_address(int(number)) != address:
            return None
        async with self._database.reading() as session:
            row = await session.get(LicenceStatusRow, int(number) * LIST_SIZE + place)
        return StatusReading(row.value, self._clock.now()) if row is not None else None

    async def _holder(self, subject: str, shows: Sequence[str]) -> str:
        async with self._database.reading() as session:
            person = await session.get(PersonRow, subject)
        name = (person.name if person else None) or ""
        return name if HOLDER_NAME in shows else masked_name(name)


async def _values(session: AsyncSession, number: int) -> dict[int, int]:
    begin = number * LIST_SIZE
    index = col(LicenceStatusRow.index)
    found = await session.exec(
        select(LicenceStatusRow).where(index >= begin, index < begin + LIST_SIZE, col(LicenceStatusRow.value) != 0)
    )
    return {(row.index or 0) - begin: row.value for row in found.all()}


def _check(shows: Sequence[str], known: dict[str, dict[str, str]]) -> None:
    wrong = sorted(set(shows) - {HOLDER_NAME, *known})
    if wrong:
        can = ", ".join((HOLDER_NAME, *sorted(known)))
        raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`show`: {', '.join(wrong)} is not there. There is: {can}.")


def _name_of(catalogue: Catalogue, organisation: str) -> str:
    found = catalogue.organisations.get(organisation)
    return found.name if found else ""
