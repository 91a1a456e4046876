"""Make the connector that a registration asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from connectors.connector import JSON, Connector
from connectors.graphql import DEFAULT_TIMEOUT, GraphQLConnector
from connectors.graphql_streams import SubscriptionDoor
from connectors.http_client import HttpClient


@dataclass(frozen=True, slots=True)
class ConnectorRegistration:
    """How a department said it can be reached.

    ``subscriptions`` of a graphql connector: how and where it is asked for them.
    ``url`` of a rest connector takes the place of its sources' ``baseURL``; ``config`` is its ``$config``,
    ``environment`` its ``$env``.
    """

    name: str
    kind: str
    url: str | None = None
    sdl: str | None = None
    timeout: timedelta = DEFAULT_TIMEOUT
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    config: Mapping[str, JSON] = field(default_factory=dict)
    subscriptions: SubscriptionDoor = field(default_factory=SubscriptionDoor)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


_OVERLAY = "https://jiyi.dev/spec/overlay/"
"""Written out, since an agent in front of a GraphQL server need not load the mapping language."""


class InvalidRegistration(ValueError):
    """A registration from which no connector can be made. The text says what to add."""


def build_connector(registration: ConnectorRegistration, client: HttpClient) -> Connector:
    """Raises :class:`InvalidRegistration`, ``AddressRefused``, for rest ``InvalidConnector`` and for an SDL with
    ``@lookup`` ``InvalidOverlay``."""
    build = _KINDS.get(registration.kind)
    if build is None:
        raise InvalidRegistration(
            f'Connector "{registration.name}" has the kind "{registration.kind}". Kinds that can be built from a '
            f"registration: {', '.join(sorted(_KINDS))}."
        )
    return build(registration, client)


def _graphql(registration: ConnectorRegistration, client: HttpClient) -> Connector:
    if not registration.url:
        raise InvalidRegistration(f'Connector "{registration.name}" needs the url of its GraphQL endpoint.')
    for url in (registration.url, registration.subscriptions.url):
        if url is not None:
            client.addresses.check_url(url)
    server = GraphQLConnector(
        registration.url,
        client,
        timeout=registration.timeout,
        sdl=registration.sdl,
        headers=registration.headers,
        subscriptions=registration.subscriptions,
    )
    if registration.sdl and _OVERLAY in registration.sdl:
        from connectors.overlay import OverlayConnector  # most servers know Federation

        return OverlayConnector(registration.name, registration.sdl, server)
    return server


def _rest(registration: ConnectorRegistration, client: HttpClient) -> Connector:
    from connectors.rest import RestConnector  # an agent in front of a GraphQL server never loads it

    if not registration.sdl:
        raise InvalidRegistration(f'Connector "{registration.name}" needs an SDL with @source and @connect.')
    connector = RestConnector(
        registration.name,
        registration.sdl,
        client,
        base_url=registration.url,
        timeout=registration.timeout,
        config=registration.config,
        environment=registration.environment,
    )
    for url in connector.base_urls:
        client.addresses.check_url(url)
    return connector


_KINDS: dict[str, Callable[[ConnectorRegistration, HttpClient], Connector]] = {"graphql": _graphql, "rest": _rest}
