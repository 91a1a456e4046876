"""Where a department wants to be told what is wrong with its connectors: a webhook, a mail address, or both."""

from __future__ import annotations

import re
from dataclasses import dataclass

from auth.actor import Actor
from connectors.addresses import AddressRefused, AddressRule
from connectors.clock import Clock
from connectors.routing import check_department
from hub.people.who import may_manage, may_see
from hub.storage.database import Database
from hub.tables.watch import DepartmentContactRow
from schema.errors import DomainError, RuntimeCode

_MAIL = re.compile(r"[^@\s<>\"(),:;\\]{1,64}@[A-Za-z0-9.-]{1,255}")


@dataclass(frozen=True, slots=True)
class Contact:
    """Either may be missing."""

    department: str
    webhook_url: str | None
    mail_address: str | None


class DepartmentContacts:
    """A department's own client and staff may set it, and operators."""

    def __init__(self, database: Database, clock: Clock, addresses: AddressRule, *, can_mail: bool) -> None:
        self._database = database
        self._clock = clock
        self._addresses = addresses
        self._can_mail = can_mail

    async def get(self, department: str, actor: Actor) -> Contact | None:
        """``None`` where there is none, or it is not the actor's to see."""
        if not may_see(actor, department):
            return None
        async with self._database.reading() as session:
            row = await session.get(DepartmentContactRow, department)
        return Contact(department, row.webhook_url, row.mail_address) if row else None

    async def set(self, contact: Contact, actor: Actor) -> Contact:
        """Raises ``DomainError`` for an address that cannot be told anything."""
        may_manage(actor, contact.department)
        self._check(contact)
        async with self._database.transaction() as session:
            row = await session.get(DepartmentContactRow, contact.department, with_for_update=True)
            if row is None:
                row = DepartmentContactRow(
                    department=contact.department, changed_at=self._clock.now(), changed_by=actor.subject
                )
                session.add(row)
            row.webhook_url, row.mail_address = contact.webhook_url, contact.mail_address
            row.changed_at, row.changed_by = self._clock.now(), actor.subject
        return contact

    def _check(self, contact: Contact) -> None:
        try:
            check_department(contact.department)
            if contact.webhook_url:
                self._addresses.check_url(contact.webhook_url)
        except (AddressRefused, ValueError) as refusal:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, str(refusal)) from None
        if contact.mail_address and not _MAIL.fullmatch(contact.mail_address):
            message = f'"{contact.mail_address}" is no mail address. Write it as name@office.example.'
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        if contact.mail_address and not self._can_mail:
            message = "This hub sends no mail: its operator has not set alert_mail_url. Give a webhook."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
