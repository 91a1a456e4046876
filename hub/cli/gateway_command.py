"""``jiyi gateway``: the engine alone over a list of subgraphs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from hub.cli.output import fail, note, write
from hub.cli.ports import describe_busy_port

if TYPE_CHECKING:
    import socket

    from connectors.graphql_streams import SubscriptionDoor
    from hub.standalone.application import GatewayOptions
    from hub.standalone.graph_source import GraphSource
    from hub.standalone.latecomers import Awaited

PUBLISH_TOKEN = "JIYI_PUBLISH_TOKEN"  # noqa: S105  # the name of the variable
_OF_THE_CONNECTION = frozenset(
    {
        "accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "host",
        "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GatewayFlags:
    """What was typed."""

    subgraphs: Path | None
    supergraph: Path | None
    host: str
    port: int
    publish: bool
    jwks: str | None
    issuer: str | None
    audience: str | None
    workers: int
    forward_headers: tuple[str, ...]
    wait: float
    subgraph_timeout: float
    subscriptions: tuple[str, ...]
    max_subscriptions: int
    max_operations: int
    dev_errors: bool


def run_gateway(flags: GatewayFlags) -> None:
    """Serve until told to stop. 1 when it cannot serve, 2 on wrong usage."""
    from hub.standalone.application import only_application
    from hub.standalone.listening import CannotListen, PortTaken, listen, reserve
    from hub.standalone.process import serve

    options = _options(flags)
    try:
        sockets = reserve(flags.host, flags.port, flags.workers)
        source, awaited = _source(flags)
        listen(sockets)
    except PortTaken:
        what, mend = describe_busy_port(flags.host, flags.port)
        fail("PORT_IN_USE", f"{what}. {mend}")
    except CannotListen as error:
        fail("CANNOT_LISTEN", str(error))
    options = replace(options, awaited=awaited)
    if flags.workers > 1:
        _supervise(options, source, sockets)
    else:
        application = only_application(options, source)
        raise typer.Exit(128 + serve(application, sockets[0], lambda: _announce(sockets[0], source)))


def _supervise(options: GatewayOptions, source: GraphSource, sockets: tuple[socket.socket, ...]) -> None:
    from hub.standalone.supervisor import Supervisor, WorkerFailed

    supervisor = Supervisor(options, source, lambda: _announce(sockets[0], source), note)
    try:
        number = supervisor.run(sockets)
    except WorkerFailed as error:
        fail("WORKER_FAILED", str(error))
    raise typer.Exit(128 + number)


def _options(flags: GatewayFlags) -> GatewayOptions:
    from hub.standalone.application import GatewayOptions, TokenRule

    if flags.subgraphs is None and flags.supergraph is None and not flags.publish:
        raise typer.BadParameter("Name the graph with --subgraphs or --supergraph, or take it by --publish.")
    if flags.jwks is None and (flags.issuer or flags.audience):
        raise typer.BadParameter("--issuer and --audience are demanded of tokens, which are verified with --jwks.")
    _check_jwks(flags.jwks)
    token = os.environ.get(PUBLISH_TOKEN) if flags.publish else None
    if flags.publish and not token:
        fail("PUBLISH_TOKEN_MISSING", f"--publish needs a secret in {PUBLISH_TOKEN}. Set it.", exit_code=2)
    return GatewayOptions(
        tokens=TokenRule(flags.jwks, flags.issuer, flags.audience) if flags.jwks else None,
        publish_token=token,
        forwarded_headers=header_names(flags.forward_headers),
        subgraph_timeout=timedelta(seconds=flags.subgraph_timeout),
        tells_internals=flags.dev_errors,
        subscriptions_each=flags.max_subscriptions,
        operations_per_minute=flags.max_operations,
        subscriptions=tuple(_subscription_door(each) for each in flags.subscriptions),
    )


def _check_jwks(address: str | None) -> None:
    from connectors.addresses import AddressRefused
    from hub.standalone.describing import ADDRESSES

    try:
        if address is not None:
            ADDRESSES.check_url(address)
    except AddressRefused as error:
        raise typer.BadParameter(f"--jwks is the http or https address of a key set. {error}") from None


def _subscription_door(given: str) -> tuple[str, SubscriptionDoor]:
    """``ws`` addresses are for WebSockets, ``http`` addresses for events."""
    from connectors.addresses import AddressRefused
    from connectors.graphql_streams import SubscriptionDoor
    from hub.standalone.describing import ADDRESSES

    name, _, door = given.partition("=")
    scheme, _, rest = door.partition("://")
    match scheme:
        case "graphql-ws" | "graphql-sse" if name and not rest:
            return name, SubscriptionDoor(scheme)
        case "ws" | "wss" | "http" | "https" if name and rest:
            url = f"{scheme.replace('ws', 'http')}://{rest}"
            try:
                ADDRESSES.check_url(url)
            except AddressRefused as error:
                raise typer.BadParameter(
                    f'"{name}" cannot be asked for subscriptions at "{door}": {error}'
                ) from None
            return name, SubscriptionDoor("graphql-ws" if scheme.startswith("ws") else "graphql-sse", url)
    raise typer.BadParameter(
        f'"{given}" is not NAME=graphql-ws, NAME=graphql-sse, or NAME and a ws, wss, http or https address.'
    )


def header_names(names: Sequence[str]) -> tuple[str, ...]:
    """In lower case, each once. Raises ``typer.BadParameter`` for what cannot be forwarded."""
    return tuple(dict.fromkeys(_header_name(name) for name in names))


def _header_name(name: str) -> str:
    lowered = name.strip().lower()
    if lowered in _OF_THE_CONNECTION or not lowered.replace("-", "").replace("_", "").isalnum():
        raise typer.BadParameter(f'"{name}" belongs to one connection, or is no header; it cannot be forwarded.')
    return lowered


def _source(flags: GatewayFlags) -> tuple[GraphSource, Awaited | None]:
    """What is served first, which composes and can be called, and who may come yet. Exits where it does not."""
    from connectors.addresses import AddressRefused
    from hub.cli.graph_sources import read_source_so_far, supergraph_or_exit
    from hub.standalone.describing import ADDRESSES
    from hub.standalone.latecomers import Awaited

    patience = timedelta(seconds=flags.wait)
    source, missing = read_source_so_far(
        flags.subgraphs, flags.supergraph, patience=patience, may_be_nothing=flags.publish
    )
    for late in missing:
        note(f'subgraph "{late.name}" did not come: going on without it until it answers')
    awaited = Awaited(missing, note) if missing else None
    if source.is_nothing:
        return source, awaited
    supergraph = supergraph_or_exit(source)
    for each in supergraph.subgraphs.values():
        if each.name in source.mapped:
            continue
        try:
            ADDRESSES.check_url(each.url)
        except AddressRefused as error:
            fail("ADDRESS_REFUSED", f'subgraph "{each.name}" cannot be called at "{each.url}": {error}')
    return source, awaited


def _announce(listener: socket.socket, source: GraphSource) -> None:
    from hub.standalone.graph_source import composition_of
    from hub.standalone.listening import address_of

    supergraph = None if source.is_nothing else composition_of(source).supergraph
    names = ", ".join(supergraph.subgraphs) if supergraph else "no subgraph yet; PUT /subgraphs"
    address = address_of(listener)
    note(f"serving {names} at {address}/graphql")
    write(json.dumps({"ready": True, "url": address}))
