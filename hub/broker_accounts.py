"""A department's own user at RabbitMQ, made and taken away over its management API.

Where the hub was given no administrator there, it tells the commands instead; the embedded broker knows a
department by its access token and needs no user. Source: RabbitMQ, "Management HTTP API".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit

import aiohttp

from auth.clients import new_secret
from connectors.rabbitmq.access import (
    NOTHING,
    commands_to_admit,
    commands_to_dismiss,
    department_access,
    department_user,
    virtual_host_of,
)

_TIMEOUT = aiohttp.ClientTimeout(total=10)


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
        parts = urlsplit(url)
        login, password = unquote(parts.username or ""), unquote(parts.password or "")
        self._headers = {"Authorization": aiohttp.encode_basic_auth(login, password)}
        self._base = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        self._namespace = namespace
        self._virtual_host = virtual_host

    async def admit(self, department: str) -> BrokerAccount:
        """May be repeated: each step replaces what was."""
        access, password = department_access(department, self._namespace, self._virtual_host), new_secret()
        user, host = quote(access.user, safe=""), quote(access.virtual_host, safe="")
        permissions = {"configure": access.configure, "write": access.write, "read": access.read}
        topics = {"exchange": access.exchange, "write": access.routing_keys, "read": NOTHING}
        async with self._session() as session:
            await self._change(session, "PUT", f"users/{user}", {"password": password, "tags": ""})
            await self._change(session, "PUT", f"permissions/{host}/{user}", permissions)
            await self._change(session, "PUT", f"topic-permissions/{host}/{user}", topics)
        return BrokerAccount(access.user, password)

    async def dismiss(self, department: str) -> tuple[str, ...]:
        user = quote(department_user(department, self._namespace), safe="")
        async with self._session() as session:
            await self._change(session, "DELETE", f"users/{user}", None, fine=frozenset({404}))
        return ()

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(headers=self._headers, timeout=_TIMEOUT)

    async def _change(
        self,
        session: aiohttp.ClientSession,
        method: str,
        path: str,
        body: Mapping[str, str] | None,
        *,
        fine: frozenset[int] = frozenset(),
    ) -> None:
        try:
            async with session.request(
                method, f"{self._base}/api/{path}", json=body, allow_redirects=False
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            reason = type(error).__name__
            raise AccountsUnavailable(f"RabbitMQ's management API cannot be reached: {reason}.") from error
        if status >= 300 and status not in fine:
            raise AccountsUnavailable(
                f"RabbitMQ's management API refuses {method} {path}: HTTP {status}. Check broker_management_url."
            )


def open_accounts(broker_url: str, management_url: str | None, namespace: str) -> BrokerAccounts:
    """By what the settings say."""
    if not broker_url.startswith("amqp"):
        return NoAccounts()
    virtual_host = virtual_host_of(broker_url)
    if management_url is None:
        return ToldAccounts(namespace, virtual_host)
    return ManagedAccounts(management_url, namespace, virtual_host)
