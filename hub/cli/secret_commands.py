"""``jiyi connector secret``: what a connector sends in confidence. A value never comes as an argument."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from hub.cli.asking import Certificate, Hub, ask_hub
from hub.cli.output import JsonFlag, envelope, fail, note, write

secret_app = typer.Typer(help="Set, list and remove what a connector sends in confidence.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The connector's name.")]
Key = Annotated[str, typer.Argument(help="The secret's name: API_KEY is sent as $env.API_KEY.")]
Department = Annotated[
    str | None, typer.Option(help="Who will register the connector, where it is not registered yet.")
]

_ENTRY = "{ name changedAt changedBy }"
_SET = (
    "mutation ($name: String!, $secret: String!, $value: String!, $department: String) { "
    f"setConnectorSecret(name: $name, secret: $secret, value: $value, department: $department) {_ENTRY} }}"
)
_REMOVE = (
    "mutation ($name: String!, $secret: String!, $department: String) "
    "{ removeConnectorSecret(name: $name, secret: $secret, department: $department) }"
)
_LIST = (
    "query ($name: String!, $department: String) "
    f"{{ connectorSecrets(name: $name, department: $department) {_ENTRY} }}"
)


@secret_app.command("set")
def set_secret(
    name: Name,
    key: Key,
    from_env: Annotated[str | None, typer.Option("--from-env", help="Variable that holds the value.")] = None,
    department: Department = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Set a secret, from --from-env, a prompt, or stdin. It is in force within two seconds and never shown."""
    asked = {"name": name, "secret": key, "value": _value(key, from_env, as_json), "department": department}
    made = ask_hub(hub, _SET, asked, as_json, ca_file)["setConnectorSecret"]
    if as_json:
        write(envelope({"secret": made}))
    else:
        note(f"{name}: {made['name']} is set")


@secret_app.command("list")
def list_secrets(
    name: Name,
    department: Department = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """List the secrets by name, with when and by whom each was set."""
    asked = {"name": name, "department": department}
    found = ask_hub(hub, _LIST, asked, as_json, ca_file)["connectorSecrets"]
    if as_json:
        write(envelope({"secrets": found}))
        return
    for each in found:
        write(f"{each['name']:32} {each['changedAt']} {each['changedBy']}")
    if not found:
        note(f"no secrets yet; `jiyi connector secret set {name} KEY` sets the first")


@secret_app.command("remove")
def remove_secret(
    name: Name,
    key: Key,
    department: Department = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Take a secret away."""
    asked = {"name": name, "secret": key, "department": department}
    if not ask_hub(hub, _REMOVE, asked, as_json, ca_file)["removeConnectorSecret"]:
        fail("NOT_FOUND", f'"{name}" has no secret {key}.', as_json=as_json)
    if as_json:
        write(envelope({"removed": key}))
    else:
        note(f"{name}: {key} is removed")


def _value(key: str, variable: str | None, as_json: bool) -> str:
    if variable is not None:
        value = os.environ.get(variable, "")
    elif sys.stdin.isatty():
        value = typer.prompt(key, hide_input=True, err=True)
    else:
        value = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    if not value:
        where = f"{variable} is not set" if variable is not None else "nothing came on stdin"
        message = f"{where}. Set a variable and name it with --from-env, or write the value to stdin."
        fail("SECRET_UNREADABLE", message, as_json=as_json, exit_code=2)
    return value
