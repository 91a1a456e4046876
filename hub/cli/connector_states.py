"""``jiyi connector``: the verbs that move what is registered, and its history."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.asking import Certificate, Hub, ask_hub
from hub.cli.connector_commands import CONNECTOR, PUBLICATION, Force, Name, Reason, report_publication
from hub.cli.output import JsonFlag, envelope, fail, write

Version = Annotated[int | None, typer.Option("--version", help="Which version.")]

_HISTORY = """query ($name: String!) { connector(name: $name) { name
  versions { version state kind createdAt createdBy approvedBy }
  history { at action version actor reason supergraphVersion } } }"""


def add_state_verbs(app: typer.Typer) -> None:
    """To ``jiyi connector``."""
    for verb, description in _STATE_VERBS.items():
        _add_state_verb(app, verb, description)
    for command in (approve, release, reject, rollback, history):
        app.command()(command)


_STATE_VERBS = {
    "suspend": "Keep the schema, answer every request with an error, until resumed (operators).",
    "resume": "End a suspension (operators).",
    "retire": "Take the connector out of the graph.",
}


def _add_state_verb(app: typer.Typer, verb: str, description: str) -> None:
    def act(
        name: Name, reason: Reason = None, hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False
    ) -> None:
        given = {"name": ("String!", name), "reason": ("String", reason)}
        connector = _moved(verb, CONNECTOR, given, hub, ca_file, as_json)
        write(envelope({"connector": connector}) if as_json else f"{name}: {connector['state'].lower()}")

    act.__doc__ = description
    app.command(verb)(act)


def approve(
    name: Name,
    version: Version = None,
    hold: Annotated[bool, typer.Option("--hold", help="Approve only; its department puts it live.")] = False,
    force: Force = False,
    reason: Reason = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Put a checked version live, the newest unless one is named (operators)."""
    given = {
        "name": ("String!", name),
        "version": ("Int", version),
        "reason": ("String", reason),
        "hold": ("Boolean!", hold),
        "force": ("Boolean!", force),
    }
    report_publication(_moved("approve", PUBLICATION, given, hub, ca_file, as_json), as_json)


def release(
    name: Name,
    version: Annotated[int, typer.Option("--version", help="Which version.")],
    reason: Reason = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Put a version live that was approved."""
    given = {"name": ("String!", name), "version": ("Int!", version), "reason": ("String", reason)}
    report_publication(_moved("release", PUBLICATION, given, hub, ca_file, as_json), as_json)


def reject(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help="Why; the department reads it.")],
    version: Version = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Refuse a version that waits, the newest unless one is named (operators)."""
    given = {"name": ("String!", name), "version": ("Int", version), "reason": ("String!", reason)}
    connector = _moved("reject", CONNECTOR, given, hub, ca_file, as_json)
    write(envelope({"connector": connector}) if as_json else f"{name}: rejected")


def rollback(
    name: Name,
    to: Annotated[int | None, typer.Option("--to", help="Which version that was live.")] = None,
    reason: Reason = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Put a version back that was live, the one before the live one unless another is named."""
    given = {"name": ("String!", name), "version": ("Int", to), "reason": ("String", reason)}
    report_publication(_moved("rollback", PUBLICATION, given, hub, ca_file, as_json), as_json)


def history(name: Name, hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
    """Print its versions, and who did what with it, when and why."""
    found = ask_hub(hub, _HISTORY, {"name": name}, as_json, ca_file)["connector"]
    if found is None:
        fail("NOT_FOUND", f'There is no connector "{name}" that you may see.', as_json=as_json)
    if as_json:
        write(envelope({"connector": found}))
        return
    for each in found["versions"]:
        write(f"version {each['version']:<4} {each['state']:11} {each['kind']:8} {_when(each['createdAt'])}")
    for each in found["history"]:
        write(_line(each))


def _moved(
    verb: str,
    selection: str,
    given: Mapping[str, tuple[str, object]],
    hub: str | None,
    certificate: Path | None,
    as_json: bool,
) -> dict[str, Any]:
    """What the mutation of this verb answers; ``given`` are its arguments, each with its type."""
    declared = ", ".join(f"${name}: {type_name}" for name, (type_name, _) in given.items())
    arguments = ", ".join(f"{name}: ${name}" for name in given)
    query = f"mutation ({declared}) {{ {verb}Connector({arguments}) {selection} }}"
    values = {name: value for name, (_, value) in given.items()}
    found: dict[str, Any] = ask_hub(hub, query, values, as_json, certificate)[f"{verb}Connector"]
    return found


def _line(event: dict[str, Any]) -> str:
    of = f" version {event['version']}" if event["version"] else ""
    made = f", supergraph {event['supergraphVersion']}" if event["supergraphVersion"] else ""
    why = f": {event['reason']}" if event["reason"] else ""
    return f"{_when(event['at'])}  {event['action']}{of} by {event['actor']}{made}{why}"


def _when(moment: str) -> str:
    return moment[:19].replace("T", " ")
