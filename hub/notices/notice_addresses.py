"""Where persons are told outside the hub: an address is good once its owner has typed the code sent there.

A code has six digits, is good for ten minutes and five tries, and is kept hashed; how many are sent, for a person
and to an address, is limited. Addresses are sealed where the hub has a key to seal with.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from auth.attempts import Attempts, Limit, TooManyAttempts
from connectors.clock import Clock
from hub.keys.sealing import Sealer, is_sealed
from hub.notices.notice_gateway import NoticeGateway, OutgoingNotice
from hub.notices.notice_preferences import preferences_of
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.tables.notice import NoticeAddressRow, NoticePreferenceRow
from schema.domain.notice_delivery import News
from schema.domain.notice_preference import NoticeChannel
from schema.domain.notice_words import code_text
from schema.errors import DomainError, RuntimeCode

CODE_LIVES = timedelta(minutes=10)
TRIES = 5
LONGEST_CODE = 20
MOST_BROWSERS = 5
"""That one person is told in."""
CODES_OF_PERSON = Limit("notice codes of a person", 5, timedelta(hours=1))
CODES_TO_ADDRESS = Limit("notice codes to an address", 5, timedelta(hours=1))
CODES_OF_PERSON_A_DAY = Limit("notice codes of a person in a day", 10, timedelta(days=1))
CODES_TO_ADDRESS_A_DAY = Limit("notice codes to an address in a day", 10, timedelta(days=1))
"""An address may be a stranger's, who never asked for a code."""
_PHONE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_MAIL = re.compile(r"^[^\s@<>\"(),:;\\\[\]]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}$")
_CODED = frozenset({NoticeChannel.SMS, NoticeChannel.EMAIL})


@dataclass(frozen=True, slots=True)
class ShownAddress:
    """What an owner sees of it: most of it hidden."""

    id: str
    channel: NoticeChannel
    shown: str
    is_confirmed: bool


def place_of_address(id: str) -> str:
    """Where an address is at home; sealed, it opens nowhere else."""
    return f"notice_address/{id}"


class NoticeAddresses:
    """``new_code`` makes six digits. ``gateways`` send the codes, in their order."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sealer: Sealer,
        attempts: Attempts,
        gateways: Mapping[NoticeChannel, Sequence[NoticeGateway]],
        link: str,
        new_code: Callable[[], str] = lambda: f"{secrets.randbelow(1_000_000):06d}",
    ) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._attempts = attempts
        self._gateways = gateways
        self._link = link
        self._new_code = new_code

    @property
    def offered(self) -> tuple[NoticeChannel, ...]:
        """Channels for which this hub has a gateway."""
        return tuple(channel for channel in NoticeChannel if self._gateways.get(channel))

    def opened(self, row: NoticeAddressRow) -> str:
        """Raises :class:`Unsealable`."""
        content = row.content
        return self._sealer.unseal(content, place_of_address(row.id)) if is_sealed(content) else content

    async def of(self, actor: Actor) -> tuple[ShownAddress, ...]:
        """One's own."""
        mine = select(NoticeAddressRow).where(col(NoticeAddressRow.subject) == actor.subject)
        async with self._database.reading() as session:
            rows = (
                await session.exec(mine.order_by(col(NoticeAddressRow.channel), col(NoticeAddressRow.id)))
            ).all()
        return tuple(_shown(row) for row in rows)

    async def add(self, actor: Actor, channel: NoticeChannel, text: str) -> ShownAddress:
        """Send a code there. The address that was good before stays until the new one is confirmed."""
        if channel not in _CODED or channel not in self.offered:
            known = ", ".join(each for each in self.offered if each in _CODED) or "none"
            message = f"No notices are sent by {channel} here, to an address that is typed. Offered: {known}."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        address = canonical_address(channel, text)
        for limit in (CODES_OF_PERSON, CODES_OF_PERSON_A_DAY):
            await self._limit(limit, actor.subject)
        for limit in (CODES_TO_ADDRESS, CODES_TO_ADDRESS_A_DAY):
            await self._limit(limit, f"{channel}/{mailbox_of(address)}")
        code, key, now = self._new_code(), str(uuid4()), self._clock.now()
        code_hash = await asyncio.to_thread(_hash, code, key)
        row = NoticeAddressRow(
            id=key,
            subject=actor.subject,
            channel=channel,
            digest=key,
            content=self._sealed(address, key),
            shown=masked(channel, address),
            added_at=now,
            code_hash=code_hash,
            code_ends_at=now + CODE_LIVES,
            tries_left=TRIES,
        )
        async with self._database.transaction() as session:
            mine = (col(NoticeAddressRow.subject) == actor.subject, col(NoticeAddressRow.channel) == channel)
            await session.exec(delete(NoticeAddressRow).where(*mine, col(NoticeAddressRow.confirmed_at).is_(None)))
            session.add(row)
            preferences = preferences_of(await session.get(NoticePreferenceRow, actor.subject))
        words = code_text(code, preferences.language)
        code_notice = OutgoingNotice(
            f"{key}.code", address, words.subject, words.text, self._link, wants_receipt=False
        )
        await self._send(channel, code_notice)
        return _shown(row)

    async def confirm(self, actor: Actor, id: str, code: str) -> ShownAddress:
        """The code came back: from now on notices go there, and no more to the one before."""
        now = self._clock.now()
        async with self._database.reading() as session:
            before = await session.get(NoticeAddressRow, id)
        # Hashing is slow, so that it is done for a code that is waited for and for no other.
        is_waiting = before is not None and before.subject == actor.subject and _takes_codes(before, now)
        hashed = await asyncio.to_thread(_hash, code.strip()[:LONGEST_CODE], id) if is_waiting else ""
        async with self._database.transaction() as session:
            row = await session.get(NoticeAddressRow, id, with_for_update=True)
            if row is None or row.subject != actor.subject:
                raise DomainError(RuntimeCode.NOT_FOUND, "You have no such address. Add it again.")
            if row.confirmed_at is not None:
                return _shown(row)
            is_good = is_waiting and _takes_codes(row, now)
            is_right = is_good and hmac.compare_digest(row.code_hash or "", hashed)
            row.tries_left -= is_good
            session.add(row)
            if is_right:
                await _replace_others(session, row)
                row.confirmed_at, row.code_hash, row.code_ends_at, row.tries_left = now, None, None, 0
        if is_right:
            return _shown(row)
        if not is_good:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "The code is good no more. Add the address again.")
        message = f"This is not the code that was sent. {row.tries_left} more tries are left."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, message)

    async def remove(self, actor: Actor, id: str) -> bool:
        """Nothing is sent there any more; what waits to be sent there is suppressed."""
        async with self._database.transaction() as session:
            row = await session.get(NoticeAddressRow, id, with_for_update=True)
            if row is None or row.subject != actor.subject:
                raise DomainError(RuntimeCode.NOT_FOUND, "You have no such address.")
            await session.delete(row)
        return True

    async def subscribe(self, actor: Actor, endpoint: str, content: str, shown: str) -> ShownAddress:
        """A browser's subscription, which the browser itself vouches for; the same one again is the same."""
        key, digest = str(uuid4()), hashlib.sha256(endpoint.encode()).hexdigest()
        now = self._clock.now()
        values = {
            "id": key,
            "subject": actor.subject,
            "channel": NoticeChannel.WEB_PUSH.value,
            "digest": digest,
            "content": self._sealed(content, key),
            "shown": shown,
            "added_at": now,
            "confirmed_at": now,
            "tries_left": 0,
        }
        async with self._database.transaction() as session:
            # A browser tells one person at a time: whoever subscribes in it last.
            mine = col(NoticeAddressRow.digest) == digest
            await session.exec(
                delete(NoticeAddressRow).where(mine, col(NoticeAddressRow.subject) != actor.subject)
            )
            await insert_if_absent(session, NoticeAddressRow, values)
            await _forget_oldest(session, actor.subject)
            statement = select(NoticeAddressRow).where(mine, col(NoticeAddressRow.subject) == actor.subject)
            return _shown((await session.exec(statement)).one())

    async def _limit(self, limit: Limit, what: str) -> None:
        try:
            await self._attempts.count(limit, what)
        except TooManyAttempts as error:
            raise DomainError(RuntimeCode.RATE_LIMITED, str(error)) from None

    def _sealed(self, text: str, id: str) -> str:
        """Open as it is where the hub has no key to seal with."""
        return self._sealer.seal(text, place_of_address(id)) if self._sealer.can_seal else text

    async def _send(self, channel: NoticeChannel, message: OutgoingNotice) -> None:
        for gateway in self._gateways[channel]:
            answer = await gateway.send(message)
            if answer.news is News.REFUSED:
                raise DomainError(RuntimeCode.BAD_USER_INPUT, "This address takes nothing. Give another one.")
            if answer.news in {News.TAKEN, News.TAKEN_WITHOUT_PROOF}:
                return
        message_text = "The code could not be sent just now. Try again in a few minutes."
        raise DomainError(RuntimeCode.SERVICE_UNAVAILABLE, message_text)


def canonical_address(channel: NoticeChannel, text: str) -> str:
    """Raises ``DomainError`` BAD_USER_INPUT with the mend."""
    given = "".join(text.split())
    if channel is NoticeChannel.SMS:
        if (match := _PHONE.fullmatch(given.replace("-", ""))) is not None:
            return match.group(1)
        raise DomainError(RuntimeCode.BAD_USER_INPUT, "Give a mobile number, such as 13800138000.")
    if len(given) <= 254 and _MAIL.match(given):
        local, _, domain = given.rpartition("@")
        return f"{local}@{domain.lower()}"
    raise DomainError(RuntimeCode.BAD_USER_INPUT, "Give a mail address, such as name@example.com.")


def masked(channel: NoticeChannel, address: str) -> str:
    if channel is NoticeChannel.SMS:
        return f"{address[:3]}****{address[-4:]}"
    local, _, domain = address.rpartition("@")
    return f"{local[0]}***@{domain}"


def _shown(row: NoticeAddressRow) -> ShownAddress:
    return ShownAddress(row.id, NoticeChannel(row.channel), row.shown, row.confirmed_at is not None)


def _takes_codes(row: NoticeAddressRow, now: datetime) -> bool:
    return row.tries_left > 0 and row.code_ends_at is not None and now < row.code_ends_at


def mailbox_of(address: str) -> str:
    """Under what codes to an address are counted: ``Name+1@x`` and ``name@x`` reach one mailbox."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0].lower()}{at}{domain}" if at else address


async def _forget_oldest(session: AsyncSession, subject: str) -> None:
    """A browser that is thrown away is never heard of again."""
    mine = (
        col(NoticeAddressRow.subject) == subject,
        col(NoticeAddressRow.channel) == NoticeChannel.WEB_PUSH.value,
    )
    newest = select(NoticeAddressRow.id).where(*mine).order_by(col(NoticeAddressRow.added_at).desc())
    kept = (await session.exec(newest.limit(MOST_BROWSERS))).all()
    await session.exec(delete(NoticeAddressRow).where(*mine, col(NoticeAddressRow.id).not_in(kept)))


async def _replace_others(session: AsyncSession, row: NoticeAddressRow) -> None:
    mine = (col(NoticeAddressRow.subject) == row.subject, col(NoticeAddressRow.channel) == row.channel)
    await session.exec(delete(NoticeAddressRow).where(*mine, col(NoticeAddressRow.id) != row.id))


def _hash(code: str, id: str) -> str:
    """Slow on purpose: a code has a million values only."""
    return hashlib.scrypt(code.encode(), salt=id.encode(), n=2**14, r=8, p=1, maxmem=64 * 2**20).hex()
