"""A department gets credentials of its own, shown once: an OAuth client and, at RabbitMQ, a user.

Renewing them is enrolling again. The OAuth secret before stays good for the time that whoever renews allows;
at RabbitMQ the connections that stand go on, and new ones need the new password.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from auth.actor import Actor
from auth.clients import Client, department_client, hash_made_secret, new_secret
from connectors.broker import BrokerUnavailable
from connectors.clock import Clock
from connectors.routing import check_department
from hub.messages.broker_accounts import AccountsUnavailable, BrokerAccount, BrokerAccounts
from hub.people.who import operator, signed_in
from schema.errors import DomainError, RuntimeCode

LONGEST_GRACE = timedelta(days=30)
DeclareDepartment = Callable[[str], Awaitable[None]]


class Clients(Protocol):
    """Where OAuth clients are kept; ``auth.store.AuthStore`` fulfils it."""

    async def client(self, client_id: str) -> Client | None: ...

    async def save_client(self, client: Client) -> None: ...

    async def remove_client(self, client_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class DepartmentCredentials:
    """``client_secret`` and the account's password are kept nowhere but by whoever receives them now."""

    department: str
    client_id: str
    client_secret: str = field(repr=False)
    broker: BrokerAccount


class Enrolment:
    """An operator enrols and dismisses; a department may renew its own credentials."""

    def __init__(
        self, clients: Clients, accounts: BrokerAccounts, declare: DeclareDepartment, clock: Clock
    ) -> None:
        self._clients = clients
        self._accounts = accounts
        self._declare = declare
        self._clock = clock

    async def enrol(
        self, department: str, actor: Actor | None, grace: timedelta = timedelta()
    ) -> DepartmentCredentials:
        """New credentials; the OAuth secret before is good for ``grace`` more.

        Raises :class:`DomainError` for who may not, a name that is none, and a broker that cannot be administered:
        then nothing has changed that was told to anybody.
        """
        known = signed_in(actor)
        if known.department != department or not known.has_role("department"):
            operator(actor)
        _check(department, grace)
        try:
            await self._declare(department)
            account = await self._accounts.admit(department)
        except (AccountsUnavailable, BrokerUnavailable) as error:
            raise DomainError(RuntimeCode.BROKER_UNAVAILABLE, str(error)) from error
        secret = new_secret()
        client = department_client(department, hash_made_secret(secret))
        earlier = await self._clients.client(client.client_id)
        await self._clients.save_client(client.succeeding(earlier, self._clock.now() + grace))
        return DepartmentCredentials(department, client.client_id, secret, account)

    async def dismiss(self, department: str, actor: Actor | None) -> tuple[str, ...]:
        """End a department's credentials; what is left to RabbitMQ's administrator, as commands.

        Raises :class:`DomainError`. Its queues stay with what is in them, its connectors are retired apart.
        """
        operator(actor)
        _check(department, timedelta())
        try:
            commands = await self._accounts.dismiss(department)
        except AccountsUnavailable as error:
            raise DomainError(RuntimeCode.BROKER_UNAVAILABLE, str(error)) from error
        await self._clients.remove_client(department_client(department, "").client_id)
        return commands


def _check(department: str, grace: timedelta) -> None:
    try:
        check_department(department)
    except ValueError as refusal:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, str(refusal)) from None
    if not timedelta() <= grace <= LONGEST_GRACE:
        longest = int(LONGEST_GRACE.total_seconds() // 60)
        raise DomainError(
            RuntimeCode.BAD_USER_INPUT, f"The minutes that the old secret stays good are 0 to {longest}."
        )
