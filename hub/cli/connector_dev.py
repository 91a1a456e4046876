"""``jiyi connector dev``: one connector alone with an explorer, reloaded on save."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.output import fail, note, write
from hub.cli.ports import describe_busy_port

if TYPE_CHECKING:
    import socket

    from hub.workbench.specification import SpecificationFlags

Name = Annotated[str, typer.Argument(help="The connector's name.")]
SystemSchema = Annotated[
    Path | None, typer.Option("--schema", help="SDL file; a graphql system is asked for its own if absent.")
]
SystemUrl = Annotated[str | None, typer.Option("--url", help="Where the department's system or database is.")]
SystemKind = Annotated[str | None, typer.Option("--kind", help="graphql, rest or sql; the SDL tells.")]
Config = Annotated[
    Path | None, typer.Option("--config", help="The mapping's $config (TOML or JSON), or the agent.toml.")
]
Timeout = Annotated[int, typer.Option("--timeout-ms", min=1, help="Deadline of one request in milliseconds.")]


def dev(
    name: Name,
    schema: SystemSchema = None,
    url: SystemUrl = None,
    kind: SystemKind = None,
    config: Config = None,
    timeout_ms: Timeout = 5000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="Port; 0 is a free one.")] = 4000,
    polling_interval: Annotated[float, typer.Option(min=0.05, help="Seconds between two looks.")] = 0.5,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell each request in full.")] = False,
) -> None:
    """Try one connector alone in an explorer: each request and how its answer is mapped, reloaded on save."""
    flags = specification_flags(name, schema, url, kind, config, timeout_ms)
    from hub.standalone.listening import CannotListen, PortTaken, listen, reserve
    from hub.standalone.process import serve
    from hub.workbench.development import DevelopmentOptions, open_development
    from hub.workbench.specification import read_specification

    try:
        (listener,) = reserve(host, port, 1)
        listen([listener])
    except PortTaken:
        what, mend = describe_busy_port(host, port)
        fail("PORT_IN_USE", f"{what}. {mend}")
    except CannotListen as error:
        fail("CANNOT_LISTEN", str(error))
    options = DevelopmentOptions(polling_interval, verbose, (host,))
    opened = open_development(partial(read_specification, flags, os.environ), options, note)
    raise typer.Exit(128 + serve(opened, listener, lambda: _announce(listener)))


def specification_flags(
    name: str, schema: Path | None, url: str | None, kind: str | None, config: Path | None, timeout_ms: int
) -> SpecificationFlags:
    """What was typed, as a value."""
    from datetime import timedelta

    from hub.workbench.specification import SpecificationFlags

    if schema is None and url is None and config is None:
        raise typer.BadParameter("Name the SDL with --schema, or a GraphQL system with --url.")
    if str(schema) == "-" or str(config) == "-":
        raise typer.BadParameter("What is looked at again cannot come from stdin. Name a file.")
    return SpecificationFlags(name, schema, url, kind, config, timedelta(milliseconds=timeout_ms))


def _announce(listener: socket.socket) -> None:
    from hub.standalone.listening import address_of

    address = address_of(listener)
    write(f"graph     {address}/graphql")
    write(f"explorer  {address}/explorer")
    write("Ctrl-C stops it. Each answer tells in extensions.jiyi.requests what was asked, and how it was mapped.")
