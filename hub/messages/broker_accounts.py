"""A department's own user at RabbitMQ, made and taken away over its management API.

Where the hub was given no administrator there, it tells the commands instead; the embedded broker knows a
department by its access token and needs no user. Source: RabbitMQ, "Management HTTP API".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from auth.clients import new_secret
from connectors.rabbitmq.access import (
    commands_to_admit,
    commands_to_dismiss,
    department_access,
    department_user,
    virtual_host_of,
)
from connectors.rabbitmq.management import Management, ManagementUnavailable


class AccountsUnavailable(Exception):
    """RabbitMQ's management API cannot be reached or refuses the hub; the text holds no password."""


@dataclass(frozen=True, slots=True)
class BrokerAccount:
    """``password`` is kept nowhere but by whoever receives it; ``commands`` are for an administrator."""

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    commands: tuple[str, ...] = field(default=(), repr=False)


class BrokerAccounts(Protocol):
    """Where departments' users of the broker are kept."""

    async def admit(self, department: str) -> BrokerAccount:
        """A user with a new password. Connections that stand go on; new ones need it.

        Raises :class:`AccountsUnavailable`.
        """
        ...

    async def dismiss(self, department: str) -> tuple[str, ...]:
        """Take the user and its connections away; what is left to an administrator, as commands.

        Raises :class:`AccountsUnavailable`.
        """
        ...


class NoAccounts:
    """The embedded broker's: an access token is all that a department needs."""

    async def admit(self, department: str) -> BrokerAccount:
        return BrokerAccount()

    async def dismiss(self, department: str) -> tuple[str, ...]:
        return ()


class ToldAccounts:
    """The hub may not administer RabbitMQ: it tells what to type there."""

    def __init__(self, namespace: str, virtual_host: str) -> None:
        self._namespace = namespace
        self._virtual_host = virtual_host

    async def admit(self, department: str) -> BrokerAccount:
        access, password = department_access(department, self._namespace, self._virtual_host), new_secret()
        return BrokerAccount(access.user, password, commands_to_admit(access, password))

    async def dismiss(self, department: str) -> tuple[str, ...]:
        return commands_to_dismiss(department_user(department, self._namespace))


class ManagedAccounts:
    """``url`` is the management API's, with an administrator's name and password in it."""

    def __init__(self, url: str, namespace: str, virtual_host: str) -> None:
        self._management = Management(url, virtual_host)
        self._namespace = namespace
        self._virtual_host = virtual_host

    async def admit(self, department: str) -> BrokerAccount:
        """May be repeated: each step replaces what was."""
        access, password = department_access(department, self._namespace, self._virtual_host), new_secret()
        with _unavailable():
            async with self._management.open() as session:
                await session.permit(access, password)
        return BrokerAccount(access.user, password)

    async def dismiss(self, department: str) -> tuple[str, ...]:
        with _unavailable():
            async with self._management.open() as session:
                await session.dismiss(department_user(department, self._namespace))
        return ()


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except ManagementUnavailable as error:
        raise AccountsUnavailable(str(error)) from error


def open_accounts(broker_url: str, management_url: str | None, namespace: str) -> BrokerAccounts:
    """By what the settings say."""
    if not broker_url.startswith("amqp"):
        return NoAccounts()
    virtual_host = virtual_host_of(broker_url)
    if management_url is None:
        return ToldAccounts(namespace, virtual_host)
    return ManagedAccounts(management_url, namespace, virtual_host)
