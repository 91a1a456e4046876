"""``jiyi department``: an operator gives a department the credentials for the graph, and ends them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.output import JsonFlag, envelope, note, write

department_app = typer.Typer(help="Let a department in.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The department's name: lower-case letters, digits, hyphens.")]
Hub = Annotated[str | None, typer.Option("--hub", help="The hub's address; JIYI_HUB.")]
CaFile = Annotated[Path | None, typer.Option("--ca-file", help="Certificate to trust in addition.")]

_ENROL = """mutation ($department: String!, $grace: Int!) {
  enrolDepartment(department: $department, graceMinutes: $grace) {
    department clientId clientSecret brokerUser brokerPassword brokerCommands
  }
}"""
_DISMISS = "mutation ($department: String!) { dismissDepartment(department: $department) }"


@department_app.callback()
def department() -> None:
    """Let a department in."""


@department_app.command()
def enrol(
    name: Name,
    grace_minutes: Annotated[
        int, typer.Option("--grace-minutes", help="How long the client secret before stays good.")
    ] = 0,
    hub: Hub = None,
    ca_file: CaFile = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a department's credentials, or renew them; shown this once (operators; a department its own)."""
    variables = {"department": name, "grace": grace_minutes}
    made = _asked(_ENROL, variables, hub, ca_file, as_json=as_json)["enrolDepartment"]
    if as_json:
        write(envelope({"credentials": made}))
        return
    write(f"JIYI_CLIENT_ID={made['clientId']}\nJIYI_CLIENT_SECRET={made['clientSecret']}")
    if made["brokerUser"]:
        write(f"JIYI_BROKER_USER={made['brokerUser']}\nJIYI_BROKER_PASSWORD={made['brokerPassword']}")
    note("The secret is shown this once. The department sets both variables, and JIYI_HUB, to publish.")
    _tell(made["brokerCommands"])


@department_app.command()
def dismiss(name: Name, hub: Hub = None, ca_file: CaFile = None, as_json: JsonFlag = False) -> None:
    """End a department's credentials, and its connections to RabbitMQ (operators)."""
    commands = _asked(_DISMISS, {"department": name}, hub, ca_file, as_json=as_json)["dismissDepartment"]
    if as_json:
        write(envelope({"brokerCommands": commands}))
        return
    write(f"{name} has no credentials any more.")
    _tell(commands)


def _asked(
    query: str, variables: dict[str, Any], hub: str | None, ca_file: Path | None, *, as_json: bool
) -> dict[str, Any]:
    from hub.cli.session import ask, hub_address

    return asyncio.run(ask(hub_address(hub), query, variables, as_json=as_json, certificate=ca_file))


def _tell(commands: list[str]) -> None:
    if commands:
        note("The hub has no broker_management_url: an administrator of RabbitMQ types, on its machine:")
        note("\n".join(commands))
