"""``jiyi supergraph``: what was in force, how it changed, and the way back; for operators."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.asking import Certificate, Hub, ask_hub
from hub.cli.connector_commands import NOTHING_FOUND, PROBLEMS, Reason, report
from hub.cli.output import JsonFlag, envelope, fail, write

supergraph_app = typer.Typer(help="Look at the versions of the graph and go back to one.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="The supergraph's number.")]

_VERSION = "version reason createdAt createdBy members { name version }"
_CHANGES = "changes { kind criticality path description }"


@supergraph_app.command("list")
def list_versions(
    first: Annotated[int, typer.Option("--first", help="How many.", min=1, max=100)] = 20,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """List the supergraphs that were in force, the newest first."""
    query = f"query ($first: Int!) {{ supergraphVersions(first: $first) {{ {_VERSION} }} }}"
    found = ask_hub(hub, query, {"first": first}, as_json, ca_file)["supergraphVersions"]
    if as_json:
        write(envelope({"supergraphVersions": found}))
        return
    for each in found:
        write(f"{each['version']:<5} {each['createdAt'][:19].replace('T', ' ')}  {each['reason']}")


@supergraph_app.command()
def fetch(
    version: Number,
    output: Annotated[Path | None, typer.Option("--output", help="File to write to.")] = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Print the API that clients see in a supergraph."""
    found = _one(version, "version sdl", hub, ca_file, as_json)
    write(envelope({"supergraph": found}) if as_json else found["sdl"], output)


@supergraph_app.command()
def changes(version: Number, hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
    """Print what a supergraph changed for clients."""
    found = _one(version, f"version {_CHANGES}", hub, ca_file, as_json)
    report({**NOTHING_FOUND, "errors": [], "lint": [], **found}, as_json)


@supergraph_app.command()
def rollback(
    version: Number,
    reason: Reason = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Put an earlier supergraph back, as a new version."""
    query = (
        "mutation ($version: Int!, $reason: String) { rollbackSupergraph(version: $version, reason: $reason) "
        f"{{ ok errors {PROBLEMS} {_CHANGES} supergraphVersion }} }}"
    )
    variables = {"version": version, "reason": reason}
    answer = ask_hub(hub, query, variables, as_json, ca_file)["rollbackSupergraph"]
    report({**NOTHING_FOUND, "lint": [], **answer}, as_json)
    if not as_json:
        write(f"supergraph {version} is in force again, as {answer['supergraphVersion']}")


def _one(version: int, fields: str, hub: str | None, certificate: Path | None, as_json: bool) -> dict[str, Any]:
    query = f"query ($before: Int!) {{ supergraphVersions(first: 1, before: $before) {{ {fields} }} }}"
    found = ask_hub(hub, query, {"before": version + 1}, as_json, certificate)["supergraphVersions"]
    if not found or found[0]["version"] != version:
        fail("NOT_FOUND", f"There is no supergraph {version}.", as_json=as_json)
    one: dict[str, Any] = found[0]
    return one
