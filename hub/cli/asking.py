"""How a command asks a hub: which flags say where it is, and its graph's answer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

Hub = Annotated[str | None, typer.Option("--hub", help="The hub's address; JIYI_HUB.")]
Certificate = Annotated[Path | None, typer.Option("--ca-file", help="Certificate to trust in addition.")]


def ask_hub(
    hub: str | None, query: str, variables: dict[str, Any], as_json: bool, certificate: Path | None
) -> dict[str, Any]:
    """What the hub's graph answers; ends the command where it does not."""
    from hub.cli.session import ask, hub_address

    return asyncio.run(ask(hub_address(hub), query, variables, as_json=as_json, certificate=certificate))
