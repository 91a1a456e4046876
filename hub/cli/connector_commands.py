"""``jiyi connector``: a department registers, checks, publishes and retires; the hub's graph is the door."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.output import JsonFlag, envelope, fail, note, write

connector_app = typer.Typer(help="Bring a department into the graph, change it, retire it.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The connector's name.")]
Schema = Annotated[Path | None, typer.Option(help='SDL file, "-" is stdin; read from --url if absent.')]
Department = Annotated[str | None, typer.Option(help="Whose it is; the connector's name if absent.")]
Kind = Annotated[str, typer.Option("--kind", help="graphql, rest or queue.")]
Url = Annotated[str | None, typer.Option("--url", help="Where the department's system is.")]
Timeout = Annotated[int | None, typer.Option("--timeout-ms", help="Deadline of one request in milliseconds.")]
Hub = Annotated[str | None, typer.Option("--hub", help="The hub's address; JIYI_HUB.")]
Certificate = Annotated[Path | None, typer.Option("--ca-file", help="Certificate to trust in addition.")]

_PROBLEMS = "{ code message subgraphs locations { subgraph line column } }"
_REPORT = f"ok errors {_PROBLEMS} hints {_PROBLEMS} changes {{ kind criticality path description }}"
_AGENTS = "agents { id version kind lastHeartbeatAt latencyMs refusal } "
_CONNECTOR = "{ name kind department state version lastError agentOnline waitingFor " + _AGENTS + "}"
_CHECK = f"mutation ($input: ConnectorInput!) {{ checkConnector(input: $input) {{ {_REPORT} }} }}"
_PUBLICATION = f"{{ {_REPORT} supergraphVersion connector {_CONNECTOR} }}"
_PUBLISH = f"mutation ($input: ConnectorInput!) {{ publishConnector(input: $input) {_PUBLICATION} }}"


@connector_app.command()
def check(
    name: Name,
    schema: Schema = None,
    url: Url = None,
    kind: Kind = "graphql",
    department: Department = None,
    timeout_ms: Timeout = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell what this version would add and break. Changes nothing; exit 1 when it cannot be published."""
    given = _input(name, schema, url, kind, department, timeout_ms, as_json)
    _report(_ask(hub, _CHECK, {"input": given}, as_json, ca_file)["checkConnector"], as_json)


@connector_app.command()
def publish(
    name: Name,
    schema: Schema = None,
    url: Url = None,
    kind: Kind = "graphql",
    department: Department = None,
    timeout_ms: Timeout = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    only_check: Annotated[bool, typer.Option("--check", help="Only check.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Put this version live, or let it wait for its approver where the operator wants that."""
    if only_check:
        check(name, schema, url, kind, department, timeout_ms, hub, ca_file, as_json)
        return
    given = _input(name, schema, url, kind, department, timeout_ms, as_json)
    _report_publication(_ask(hub, _PUBLISH, {"input": given}, as_json, ca_file)["publishConnector"], as_json)


@connector_app.command("list")
def list_connectors(hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
    """List the connectors that you may see."""
    found = _ask(hub, f"{{ connectors {_CONNECTOR} }}", {}, as_json, ca_file)["connectors"]
    if as_json:
        write(envelope({"connectors": found}))
        return
    for each in found:
        write(f"{each['name']:24} {each['kind']:8} {each['state']:10} version {each['version']}")
        for agent in each["agents"]:
            told = agent["refusal"] or f"heard of at {agent['lastHeartbeatAt']}"
            write(f"  agent {agent['id']} {agent['kind']} {agent['version']}: {told}")
    if not found:
        note("no connectors yet; `jiyi connector publish NAME --url … ` brings the first")


@connector_app.command()
def fetch(
    name: Name,
    hub: Hub = None,
    output: Annotated[Path | None, typer.Option("--output", help="File to write to.")] = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Print the live SDL of a connector."""
    query = "query ($name: String!) { connector(name: $name) { name sdl } }"
    found = _ask(hub, query, {"name": name}, as_json, ca_file)["connector"]
    if found is None:
        fail("NOT_FOUND", f'There is no connector "{name}" that you may see.', as_json=as_json)
    write(envelope({"connector": found}) if as_json else found["sdl"], output)


@connector_app.command()
def lint(
    name: Name,
    schema: Annotated[Path, typer.Option("--schema", help='SDL file, "-" for stdin.')],
    kind: Kind = "graphql",
    as_json: JsonFlag = False,
) -> None:
    """Look at one SDL alone, without a hub."""
    from hub.cli.lint import lint_connector

    errors = lint_connector(name, _read(schema, as_json), kind)
    report = {"ok": not errors, "errors": errors, "hints": [], "changes": []}
    _report(report, as_json)


def _add_state_verb(verb: str, description: str) -> None:
    def act(name: Name, hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
        query = f"mutation ($name: String!) {{ {verb}Connector(name: $name) {_CONNECTOR} }}"
        connector = _ask(hub, query, {"name": name}, as_json, ca_file)[f"{verb}Connector"]
        write(envelope({"connector": connector}) if as_json else f"{name}: {connector['state'].lower()}")

    act.__doc__ = description
    connector_app.command(verb)(act)


def _add_version_verb(verb: str, description: str) -> None:
    def act(name: Name, hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
        query = f"mutation ($name: String!) {{ {verb}Connector(name: $name) {_PUBLICATION} }}"
        _report_publication(_ask(hub, query, {"name": name}, as_json, ca_file)[f"{verb}Connector"], as_json)

    act.__doc__ = description
    connector_app.command(verb)(act)


_add_state_verb("suspend", "Keep the schema, answer every request with an error, until resumed.")
_add_state_verb("resume", "End a suspension.")
_add_state_verb("retire", "Take the connector out of the graph.")
_add_version_verb("approve", "Put the newest checked version live (operators).")
_add_version_verb("rollback", "Put the version before the live one back.")


def _input(
    name: str,
    schema: Path | None,
    url: str | None,
    kind: str,
    department: str | None,
    timeout_ms: int | None,
    as_json: bool,
) -> dict[str, Any]:
    return {
        "name": name,
        "department": department or name,
        "kind": kind,
        "sdl": _read(schema, as_json) if schema else None,
        "url": url,
        "timeoutMs": timeout_ms,
    }


def _read(schema: Path, as_json: bool) -> str:
    from hub.cli.input import Unreadable, read_text

    try:
        return read_text(schema)
    except Unreadable as error:
        fail("SCHEMA_UNREADABLE", str(error), as_json=as_json, exit_code=2)


def _ask(
    hub: str | None, query: str, variables: dict[str, Any], as_json: bool, certificate: Path | None
) -> dict[str, Any]:
    from hub.cli.session import ask, hub_address

    return asyncio.run(ask(hub_address(hub), query, variables, as_json=as_json, certificate=certificate))


def _report(report: dict[str, Any], as_json: bool) -> None:
    """Errors, hints, changes; exit 1 when there are errors."""
    errors = report["errors"]
    if as_json:
        write(envelope(report, _first_of(errors) if errors else None))
    else:
        for change in report["changes"]:
            write(f"{change['criticality'].lower():10} {change['description'] or change['path']}")
        for hint in report["hints"]:
            note(f"hint {hint['code']}: {hint['message']}")
        for each in errors:
            places = ", ".join(f"{at['subgraph']}:{at['line']}:{at['column']}" for at in each["locations"])
            note(f"{each['code']}: {each['message']}" + (f" ({places})" if places else ""))
    if errors:
        raise typer.Exit(1)


def _first_of(errors: list[dict[str, Any]]) -> dict[str, Any]:
    """The envelope's one error; the others are in its details."""
    return {"code": errors[0]["code"], "message": errors[0]["message"], "details": {"errors": errors}}


def _report_publication(publication: dict[str, Any], as_json: bool) -> None:
    _report(publication, as_json)
    if as_json:
        return
    connector, number = publication["connector"], publication["supergraphVersion"]
    if number is None:
        note(f"{connector['name']}: the new version waits for: {connector['waitingFor']}")
    else:
        write(f"{connector['name']} version {connector['version']} is live (supergraph {number})")
