"""What can be said of a registration by itself: name, kind, address, plain settings, and its mapping."""

from __future__ import annotations

from collections.abc import Iterator
from re import compile as regex

from connectors.addresses import AddressRefused, AddressRule
from connectors.kinds import KINDS
from connectors.routing import check_department
from hub.departments.connector_configuration import configuration_problems, secrets_read_back
from hub.registry.registration import Registration
from schema.errors import CompositionError
from schema.mapping import check_connectors, is_overlay, is_sql, read_connectors
from schema.mapping.read_sql import read_sql_connectors
from schema.overlay import check_overlay

OWN_NAME = "hub"
MAXIMUM_SDL_BYTES = 1_000_000
"""As much as a request may carry (``max_request_bytes``), wherever the SDL comes from."""

_NAME = regex(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


def door_problems(registration: Registration, addresses: AddressRule) -> tuple[CompositionError, ...]:
    """The first thing that stands against it, before anything is asked of the department."""
    for code, message in _problems(registration, addresses):
        return (CompositionError(code, message, (registration.name,)),)
    return ()


def mapping_problems(registration: Registration, addresses: AddressRule) -> tuple[CompositionError, ...]:
    """Whatever is wrong with how a mapped SDL reaches its department."""
    name, sdl = registration.name, registration.sdl or ""
    if is_overlay(sdl):
        return check_overlay(name, sdl)
    if registration.kind == "sql" and not is_sql(sdl):
        return read_sql_connectors(name, sdl)[1]
    if not (registration.kind in ("rest", "sql") or "specs.apollo.dev/connect/" in sdl):
        return ()
    errors = check_connectors(name, sdl, may_be_sql=registration.kind in ("sql", "queue"))
    if errors or registration.kind != "rest":
        return errors
    return tuple(CompositionError(code, text, (name,)) for code, text in _rest_problems(registration, addresses))


def _problems(registration: Registration, addresses: AddressRule) -> Iterator[tuple[str, str]]:
    name, kind = registration.name, registration.kind
    if name == OWN_NAME:
        yield "INVALID_SUBGRAPH_NAME", 'The name "hub" is the hub\'s own.'
    if not _NAME.fullmatch(name):
        message = f'"{name}" is no name for a connector. Use letters, digits, "_" and "-", a letter first.'
        yield "INVALID_SUBGRAPH_NAME", message
    try:
        check_department(registration.department)
    except ValueError as refusal:
        yield "INVALID_DEPARTMENT_NAME", str(refusal)
    if kind not in KINDS:
        yield "UNKNOWN_CONNECTOR_KIND", f'Connector kind "{kind}" is unknown. Known kinds: {", ".join(KINDS)}.'
    if registration.sdl is None and kind != "graphql":
        yield "CONNECTOR_SDL_MISSING", f'A connector of kind "{kind}" needs its SDL. Pass --schema.'
    if len((registration.sdl or "").encode()) > MAXIMUM_SDL_BYTES:
        yield "CONNECTOR_SDL_TOO_LARGE", f"The SDL has more than {MAXIMUM_SDL_BYTES} bytes. Split the connector."
    for problem in configuration_problems(kind, registration.configuration):
        yield "INVALID_CONNECTOR_CONFIGURATION", problem
    yield from _address_problems(registration, addresses)


def _address_problems(registration: Registration, addresses: AddressRule) -> Iterator[tuple[str, str]]:
    """A database's whole URL may be its secret; what is in there is looked at when it is connected to."""
    kind, url = registration.kind, registration.url
    if kind == "queue" or (kind == "sql" and not url):
        return
    if not url:
        yield "CONNECTOR_ADDRESS_MISSING", f'A connector of kind "{kind}" needs an address. Pass --url.'
        return
    try:
        if kind == "sql":
            _check_database(url, addresses)
        else:
            addresses.check_url(url)
    except ValueError as refusal:
        yield "CONNECTOR_ADDRESS_REFUSED", str(refusal)


def _check_database(url: str, addresses: AddressRule) -> None:
    from connectors.sql.address import (
        check_database,
        database_url,
    )  # a hub without such connectors needs none of it

    read = database_url(url)
    if read.password is not None:
        raise AddressRefused("A URL may not carry a password. Set the secret DATABASE_PASSWORD.")
    check_database(read, addresses)


def _rest_problems(registration: Registration, addresses: AddressRule) -> Iterator[tuple[str, str]]:
    """The registered address takes the place of the sources'; what has no source calls what it says."""
    schema, _errors = read_connectors(registration.name, registration.sdl or "")
    if schema is None:
        return
    for connect in schema.connects:
        if connect.source is None and connect.url is not None:
            try:
                addresses.check_url(str(connect.url.parts[0]))
            except AddressRefused as refusal:
                yield "CONNECTOR_ADDRESS_REFUSED", f'@connect on "{connect.coordinate}": {refusal}'
    for coordinate in secrets_read_back(schema):
        message = f'@connect on "{coordinate}" maps $env into its answer. Secrets are sent, never told.'
        yield "SECRET_IN_ANSWER", message
