"""``jiyi department``: an operator lets a department in, and lets it call hosts inside."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hub.cli.asking import Certificate, Hub, ask_hub
from hub.cli.output import JsonFlag, envelope, fail, note, write

department_app = typer.Typer(help="Let a department in.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The department's name: lower-case letters, digits, hyphens.")]

_ENROL = """mutation ($department: String!, $grace: Int!) {
  enrolDepartment(department: $department, graceMinutes: $grace) {
    department clientId clientSecret brokerUser brokerPassword brokerCommands
  }
}"""
_DISMISS = "mutation ($department: String!) { dismissDepartment(department: $department) }"


_ENTRY = "{ department host reason allowedAt allowedBy }"
_ALLOW = (
    "mutation ($department: String!, $host: String!, $reason: String!) "
    f"{{ allowHost(department: $department, host: $host, reason: $reason) {_ENTRY} }}"
)
_DISALLOW = (
    "mutation ($department: String!, $host: String!) { disallowHost(department: $department, host: $host) }"
)
_ALLOWED = f"query ($department: String) {{ allowedHosts(department: $department) {_ENTRY} }}"

Host = Annotated[str, typer.Argument(help="A name or address, with or without a port, or a range: 10.1.0.0/16.")]


@department_app.command()
def enrol(
    name: Name,
    grace_minutes: Annotated[
        int, typer.Option("--grace-minutes", help="How long the client secret before stays good.")
    ] = 0,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a department's credentials, or renew them; shown this once (operators; a department its own)."""
    variables = {"department": name, "grace": grace_minutes}
    made = ask_hub(hub, _ENROL, variables, as_json, ca_file)["enrolDepartment"]
    if as_json:
        write(envelope({"credentials": made}))
        return
    write(f"JIYI_CLIENT_ID={made['clientId']}\nJIYI_CLIENT_SECRET={made['clientSecret']}")
    if made["brokerUser"]:
        write(f"JIYI_BROKER_USER={made['brokerUser']}\nJIYI_BROKER_PASSWORD={made['brokerPassword']}")
    note("The secret is shown this once. The department sets both variables, and JIYI_HUB, to publish.")
    _tell(made["brokerCommands"])


def _add_staff_verb(verb: str, description: str) -> None:
    def act(
        name: Annotated[str, typer.Argument(help="The department's name.")],
        citizen: Annotated[str, typer.Argument(help="The person's citizen id.")],
        hub: Hub = None,
        ca_file: Certificate = None,
        as_json: JsonFlag = False,
    ) -> None:
        field = {"employ": "employInDepartment", "discharge": "dismissFromDepartment"}[verb]
        query = (
            "mutation ($department: String!, $citizen: ID!) "
            f"{{ {field}(department: $department, citizen: $citizen) }}"
        )
        variables = {"department": name, "citizen": citizen}
        ask_hub(hub, query, variables, as_json, ca_file)
        word = {"employ": "looks", "discharge": "no longer looks"}[verb]
        answer = {"department": name, "citizen": citizen}
        write(envelope(answer) if as_json else f"{citizen} {word} after the connectors of {name}")

    act.__doc__ = description
    department_app.command(verb)(act)


_add_staff_verb("employ", "Let a person look after a department's connectors (operators).")
_add_staff_verb("discharge", "End that, once the person's present token has expired (operators).")


@department_app.command()
def contact(
    name: Annotated[str, typer.Argument(help="The department's name.")],
    webhook: Annotated[
        str | None, typer.Option("--webhook", help='Address that gets alerts; "" for none.')
    ] = None,
    mail: Annotated[str | None, typer.Option("--mail", help='Mail address that gets alerts; "" for none.')] = None,
    test: Annotated[bool, typer.Option("--test", help="Send an alert that means nothing.")] = False,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell or set where a department is told what is wrong with its connectors."""

    def asked(query: str, **variables: object) -> dict[str, Any]:
        return ask_hub(hub, query, {"name": name, **variables}, as_json, ca_file)

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


@department_app.command("allow-host")
def allow_host(
    name: Name,
    host: Host,
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever reads the list later.")],
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Let a department's connectors call a host on a private network (operators)."""
    asked = {"department": name, "host": host, "reason": reason}
    made = ask_hub(hub, _ALLOW, asked, as_json, ca_file)["allowHost"]
    if as_json:
        write(envelope({"allowed": made}))
    else:
        note(f"{name} may call {made['host']}")


@department_app.command("disallow-host")
def disallow_host(
    name: Name, host: Host, hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False
) -> None:
    """Let a department's connectors call it no more (operators)."""
    if not ask_hub(hub, _DISALLOW, {"department": name, "host": host}, as_json, ca_file)["disallowHost"]:
        fail("NOT_FOUND", f'"{name}" was not allowed to call {host}.', as_json=as_json)
    if as_json:
        write(envelope({"disallowed": host}))
    else:
        note(f"{name} may no longer call {host}")


@department_app.command("allowed-hosts")
def allowed_hosts(
    name: Annotated[str | None, typer.Argument(help="Of this department alone.")] = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """List the hosts on private networks that departments may call (operators)."""
    found = ask_hub(hub, _ALLOWED, {"department": name}, as_json, ca_file)["allowedHosts"]
    if as_json:
        write(envelope({"allowed": found}))
        return
    for each in found:
        who = f"{each['allowedAt']} {each['allowedBy']}"
        write(f"{each['department']:24} {each['host']:32} {who}: {each['reason']}")
    if not found:
        note("none: departments are reached at public addresses alone, unless allow_private_addresses is set")


@department_app.command()
def dismiss(name: Name, hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
    """End a department's credentials, and its connections to RabbitMQ (operators)."""
    commands = ask_hub(hub, _DISMISS, {"department": name}, as_json, ca_file)["dismissDepartment"]
    if as_json:
        write(envelope({"brokerCommands": commands}))
        return
    write(f"{name} has no credentials any more.")
    _tell(commands)


def _tell(commands: list[str]) -> None:
    if commands:
        note("The hub has no broker_management_url: an administrator of RabbitMQ types, on its machine:")
        note("\n".join(commands))
