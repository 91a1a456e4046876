"""Make the connector by which the hub itself reaches a department: over HTTP, or its database.

With the department's own secrets, and only to addresses that it may call. One that may call hosts inside has
connections of its own, so that nobody else's requests go over them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.addresses import AddressRule
from connectors.build import ConnectorRegistration, build_connector
from connectors.connector import Connector, ConnectorFailure, FetchRequest, FetchResponse
from connectors.http_client import HttpClient
from connectors.mapped import MappedConnector
from connectors.redaction import Redacting
from hub.departments.connector_access import ConnectorAccess
from hub.departments.connector_configuration import MissingSecret, check_secrets, headers_of, secrets_named
from hub.departments.connector_secrets import ConnectorSecrets, UnreadableSecret
from hub.registry.registration import ConnectorVersion, Registration
from schema.errors import RuntimeCode

if TYPE_CHECKING:
    from connectors.sql import SqlConnector

_DESCRIBED_WITHIN = timedelta(seconds=10)


class ConnectorReach:
    """``client`` is shared by all whose hosts need no leave."""

    def __init__(self, client: HttpClient, secrets: ConnectorSecrets) -> None:
        self._client = client
        self._secrets = secrets

    def connector(
        self, version: ConnectorVersion | Registration, access: ConnectorAccess, deadline: timedelta
    ) -> Connector:
        """Raises ``ValueError`` where none can be made: ``AddressRefused``, ``InvalidRegistration``,
        ``InvalidConnector``, ``MissingSecret`` or ``UnreadableSecret``."""
        secrets = self._secrets.opened(version.department, version.name, access)
        client, _ = self.client(access)
        registration = _registration(version, secrets, deadline)
        is_sql = registration.kind == "sql"
        rule = client.addresses
        connector = _database(registration, rule) if is_sql else build_connector(registration, client)
        if isinstance(connector, MappedConnector):
            check_secrets(secrets_named(connector.schema), secrets, version.name)
        if access.allowed:
            connector = _WithItsOwnClient(connector, client)
        return Redacting(connector, secrets.values()) if secrets else connector

    def database(self, registration: Registration, access: ConnectorAccess, deadline: timedelta) -> SqlConnector:
        """Bare, to be tried and closed. Raises as ``connector`` does."""
        secrets = self._secrets.opened(registration.department, registration.name, access)
        rule = self._client.addresses
        addresses = replace(rule, allowed=(*rule.allowed, *access.allowed))
        return _database(_registration(registration, secrets, deadline), addresses)

    def client(self, access: ConnectorAccess) -> tuple[HttpClient, bool]:
        """For these hosts, and whether it is a client of its own, which whoever asked closes."""
        return (self._client.allowing(access.allowed), True) if access.allowed else (self._client, False)

    async def describe(self, registration: Registration, access: ConnectorAccess) -> str:
        """The SDL that the department states itself. Raises ``ConnectorFailure``."""
        try:
            connector = self.connector(registration, access, _DESCRIBED_WITHIN)
        except (MissingSecret, UnreadableSecret) as error:
            code = RuntimeCode.CONNECTOR_SECRET_MISSING
            raise ConnectorFailure(code, str(error), never_sent=True) from error
        except ValueError as error:
            raise ConnectorFailure(RuntimeCode.DEPARTMENT_UNREACHABLE, str(error), never_sent=True) from error
        try:
            return await connector.describe()
        finally:
            await connector.close()


def _registration(
    version: ConnectorVersion | Registration, secrets: Mapping[str, str], deadline: timedelta
) -> ConnectorRegistration:
    return ConnectorRegistration(
        version.name,
        version.kind,
        version.url or None,
        version.sdl,
        timeout=deadline,
        headers=headers_of(version.configuration, secrets, version.name),
        config=version.configuration.config,
        environment=secrets,
    )


def _database(registration: ConnectorRegistration, addresses: AddressRule) -> SqlConnector:
    """The secret ``DATABASE_URL`` takes the place of the url, ``DATABASE_PASSWORD`` that of its password."""
    from connectors.sql import SqlConnector  # a hub without such connectors needs none of it
    from connectors.sql.address import database_url

    url = registration.environment.get("DATABASE_URL") or registration.url
    if not url:
        mend = "Register one, or set the secret DATABASE_URL."
        raise MissingSecret(f'"{registration.name}" has no url of its database. {mend}')
    return SqlConnector(
        registration.name,
        registration.sdl or "",
        database_url(url, registration.environment.get("DATABASE_PASSWORD")),
        timeout=registration.timeout,
        config=registration.config,
        addresses=addresses,
    )


class _WithItsOwnClient:
    """A connector that closes its client."""

    def __init__(self, connector: Connector, client: HttpClient) -> None:
        self._connector = connector
        self._client = client

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        return await self._connector.fetch(request)

    def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        return self._connector.subscribe(request)

    async def describe(self) -> str:
        return await self._connector.describe()

    async def close(self) -> None:
        await self._connector.close()
        await self._client.close()
