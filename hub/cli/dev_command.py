"""``jiyi dev``: the engine with an explorer, recomposing while somebody works on subgraphs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from hub.cli.input import Unreadable, read_text
from hub.cli.output import fail, note, write
from hub.cli.ports import describe_busy_port
from hub.cli.subgraph_lists import read_list
from hub.standalone.subgraph_list import BadSubgraphList, ListedSubgraph

if TYPE_CHECKING:
    import socket

    from hub.cli.subgraph_flags import NamedSubgraph

_TRY = "curl {address}/graphql -H 'Content-Type: application/json' -d '{{\"query\":\"{{ __typename }}\"}}'"


@dataclass(frozen=True, slots=True)
class DevFlags:
    """What was typed."""

    config: Path | None
    named: tuple[NamedSubgraph, ...]
    host: str
    port: int
    watch: bool
    polling_interval: float
    forward_headers: tuple[str, ...]
    subgraph_timeout: float
    show_plans: bool


def run_development(flags: DevFlags) -> None:
    """Serve until told to stop. 1 when it cannot serve, 2 on wrong usage."""
    from hub.cli.gateway_command import header_names
    from hub.standalone.application import GatewayOptions
    from hub.standalone.development import DevelopmentOptions, open_development
    from hub.standalone.listening import CannotListen, PortTaken, listen, reserve
    from hub.standalone.process import serve

    if str(flags.config) == "-":
        raise typer.BadParameter("A list that is looked at again cannot come from stdin. Name a file.")
    if flags.config is None and not flags.named:
        raise typer.BadParameter("Name the subgraphs with --supergraph-config, or each with --name and --url.")
    read = partial(_read, flags.config, flags.named)
    try:
        read()
    except BadSubgraphList as error:
        fail("SUBGRAPHS_UNREADABLE", str(error), exit_code=2)
    gateway = GatewayOptions(
        forwarded_headers=header_names(flags.forward_headers),
        subgraph_timeout=timedelta(seconds=flags.subgraph_timeout),
        tells_internals=True,
    )
    pause = flags.polling_interval if flags.watch else None
    try:
        (listener,) = reserve(flags.host, flags.port, 1)
        listen([listener])
    except PortTaken:
        what, mend = describe_busy_port(flags.host, flags.port)
        fail("PORT_IN_USE", f"{what}. {mend}")
    except CannotListen as error:
        fail("CANNOT_LISTEN", str(error))
    opened = open_development(gateway, DevelopmentOptions(flags.show_plans, pause), read, note)
    raise typer.Exit(128 + serve(opened, listener, lambda: _announce(listener)))


def _read(config: Path | None, named: tuple[NamedSubgraph, ...]) -> tuple[ListedSubgraph, ...]:
    """The list as the files are now."""
    try:
        listed = read_list(config) if config is not None else ()
        return (*listed, *(_listed(each) for each in named))
    except Unreadable as error:
        raise BadSubgraphList(str(error)) from None


def _listed(each: NamedSubgraph) -> ListedSubgraph:
    sdl = read_text(each.schema) if each.schema is not None else None
    return ListedSubgraph(each.name, each.url, sdl, each.url)


def _announce(listener: socket.socket) -> None:
    from hub.standalone.listening import address_of

    address = address_of(listener)
    write(f"graph     {address}/graphql")
    write(f"explorer  {address}/explorer")
    write(f"try       {_TRY.format(address=address)}")
    write("Ctrl-C stops it. A request with the header Jiyi-Explain: 1 is answered with its plan and fetches.")
