"""``jiyi department``: an operator gives a department the credentials with which it joins the graph."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

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


@department_app.command()
def contact(
    name: Annotated[str, typer.Argument(help="The department's name.")],
    webhook: Annotated[
        str | None, typer.Option("--webhook", help='Address that gets alerts; "" for none.')
    ] = None,
    mail: Annotated[str | None, typer.Option("--mail", help='Mail address that gets alerts; "" for none.')] = None,
    test: Annotated[bool, typer.Option("--test", help="Send an alert that means nothing.")] = False,
    hub: Annotated[str | None, typer.Option("--hub", help="The hub's address; JIYI_HUB.")] = None,
    ca_file: Annotated[Path | None, typer.Option("--ca-file", help="Certificate to trust in addition.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell or set where a department is told what is wrong with its connectors."""
    from hub.cli.session import ask, hub_address

    def asked(query: str, **variables: object) -> dict[str, Any]:
        address = hub_address(hub)
        return asyncio.run(ask(address, query, {"name": name, **variables}, as_json=as_json, certificate=ca_file))

    known = asked(_CONTACT)["departmentContact"] or {"webhookUrl": None, "mailAddress": None}
    if webhook is not None or mail is not None:
        url = known["webhookUrl"] if webhook is None else webhook or None
        address = known["mailAddress"] if mail is None else mail or None
        known = asked(_SET_CONTACT, url=url, mail=address)["setDepartmentContact"]
    if test:
        asked("mutation ($name: String!) { testAlert(department: $name) }")
        note("A test alert is on its way.")
    if as_json:
        write(envelope({"contact": known}))
        return
    write(f"webhook {known['webhookUrl'] or '–'}\nmail    {known['mailAddress'] or '–'}")


_CONTACT = "query ($name: String!) { departmentContact(department: $name) { webhookUrl mailAddress } }"
_SET_CONTACT = (
    "mutation ($name: String!, $url: String, $mail: String) "
    "{ setDepartmentContact(department: $name, webhookUrl: $url, mailAddress: $mail) { webhookUrl mailAddress } }"
)
