"""``jiyi department``: an operator gives a department the credentials with which it joins the graph."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.output import JsonFlag, envelope, note, write

department_app = typer.Typer(help="Let a department in.", no_args_is_help=True)

_ENROL = (
    "mutation ($department: String!) "
    "{ enrolDepartment(department: $department) { department clientId clientSecret } }"
)


@department_app.callback()
def department() -> None:
    """Let a department in."""


@department_app.command()
def enrol(
    name: Annotated[str, typer.Argument(help="The department's name: lower-case letters, digits, hyphens.")],
    hub: Annotated[str | None, typer.Option("--hub", help="The hub's address; JIYI_HUB.")] = None,
    ca_file: Annotated[Path | None, typer.Option("--ca-file", help="Certificate to trust in addition.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a department's client id and secret, shown this once; the ones before end (operators)."""
    from hub.cli.session import ask, hub_address

    address = hub_address(hub)
    answer = asyncio.run(ask(address, _ENROL, {"department": name}, as_json=as_json, certificate=ca_file))
    made = answer["enrolDepartment"]
    if as_json:
        write(envelope({"credentials": made}))
        return
    write(f"JIYI_CLIENT_ID={made['clientId']}\nJIYI_CLIENT_SECRET={made['clientSecret']}")
    note("The secret is shown this once. The department sets both variables, and JIYI_HUB, to publish.")


def _add_staff_verb(verb: str, description: str) -> None:
    def act(
        name: Annotated[str, typer.Argument(help="The department's name.")],
        citizen: Annotated[str, typer.Argument(help="The person's citizen id.")],
        hub: Annotated[str | None, typer.Option("--hub", help="The hub's address; JIYI_HUB.")] = None,
        ca_file: Annotated[
            Path | None, typer.Option("--ca-file", help="Certificate to trust in addition.")
        ] = None,
        as_json: JsonFlag = False,
    ) -> None:
        from hub.cli.session import ask, hub_address

        field = {"employ": "employInDepartment", "dismiss": "dismissFromDepartment"}[verb]
        query = (
            "mutation ($department: String!, $citizen: ID!) "
            f"{{ {field}(department: $department, citizen: $citizen) }}"
        )
        variables = {"department": name, "citizen": citizen}
        asyncio.run(ask(hub_address(hub), query, variables, as_json=as_json, certificate=ca_file))
        word = {"employ": "looks", "dismiss": "no longer looks"}[verb]
        answer = {"department": name, "citizen": citizen}
        write(envelope(answer) if as_json else f"{citizen} {word} after the connectors of {name}")

    act.__doc__ = description
    department_app.command(verb)(act)


_add_staff_verb("employ", "Let a person look after a department's connectors (operators).")
_add_staff_verb("dismiss", "End that, once the person's present token has expired (operators).")
