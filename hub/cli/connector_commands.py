"""``jiyi connector``: a department registers, checks, publishes and retires; the hub's graph is the door."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.check_report import DOUBTFUL, FIELDS, error_lines, has_doubts, report_lines, verdict
from hub.cli.output import JsonFlag, envelope, fail, note, write

connector_app = typer.Typer(help="Bring a department into the graph, change it, retire it.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The connector's name.")]
Schema = Annotated[Path | None, typer.Option(help='SDL file, "-" is stdin; read from --url if absent.')]
Department = Annotated[str | None, typer.Option(help="Whose it is; the connector's name if absent.")]
Kind = Annotated[str, typer.Option("--kind", help="graphql, rest or queue.")]
Url = Annotated[str | None, typer.Option("--url", help="Where the department's system is.")]
Timeout = Annotated[int | None, typer.Option("--timeout-ms", help="Deadline of one request in milliseconds.")]
Hub = Annotated[str | None, typer.Option("--hub", help="The hub's address; JIYI_HUB.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why, for those who read it later.")]
Force = Annotated[
    bool, typer.Option("--force", help="Break recorded operations knowingly, with --reason (operators).")
]
Certificate = Annotated[Path | None, typer.Option("--ca-file", help="Certificate to trust in addition.")]

Samples = Annotated[
    list[str] | None,
    typer.Option("--sample", help="A query on this schema to try the system by; repeatable."),
]
Ignored = Annotated[list[str] | None, typer.Option("--ignore", help="Code of advice to leave out; repeatable.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit 1 for doubts too: approval, probe, shadow, lint.")]

_CONNECTOR = "{ name kind department state version lastError agentOnline waitingFor }"
_CHECK = f"mutation ($input: ConnectorInput!) {{ checkConnector(input: $input) {{ {FIELDS} }} }}"
_PUBLICATION = f"{{ {FIELDS} supergraphVersion connector {_CONNECTOR} }}"
_PUBLISH = (
    "mutation ($input: ConnectorInput!, $reason: String, $force: Boolean!) "
    f"{{ publishConnector(input: $input, reason: $reason, force: $force) {_PUBLICATION} }}"
)
_APPROVE = (
    "mutation ($name: String!, $reason: String, $force: Boolean!) "
    f"{{ approveConnector(name: $name, reason: $reason, force: $force) {_PUBLICATION} }}"
)


_NOTHING_FOUND: dict[str, Any] = {
    "needsApproval": False, "compared": 0, "hints": [], "changes": [], "affected": [], "probe": [], "shadow": [],
}  # fmt: skip


@connector_app.command()
def check(
    name: Name,
    schema: Schema = None,
    url: Url = None,
    kind: Kind = "graphql",
    department: Department = None,
    timeout_ms: Timeout = None,
    sample: Samples = None,
    ignore: Ignored = None,
    strict: Strict = False,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell what this version would add and break. Changes nothing; exit 1 when it cannot be published."""
    given = _input(name, schema, url, kind, department, timeout_ms, as_json)
    given |= {"samples": sample, "ignoredLint": ignore}
    report = _ask(hub, _CHECK, {"input": given}, as_json, ca_file)["checkConnector"]
    _report(report, as_json, strict, verdict(name, report))


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
    sample: Samples = None,
    ignore: Ignored = None,
    reason: Reason = None,
    force: Force = False,
    as_json: JsonFlag = False,
) -> None:
    """Put this version live, or let it wait for its approver where the operator wants that."""
    if only_check:
        check(name, schema, url, kind, department, timeout_ms, sample, ignore, False, hub, ca_file, as_json)
        return
    given = _input(name, schema, url, kind, department, timeout_ms, as_json)
    given |= {"samples": sample, "ignoredLint": ignore}
    variables = {"input": given, "reason": reason, "force": force}
    _report_publication(_ask(hub, _PUBLISH, variables, as_json, ca_file)["publishConnector"], as_json)


@connector_app.command("list")
def list_connectors(hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
    """List the connectors that you may see."""
    found = _ask(hub, f"{{ connectors {_CONNECTOR} }}", {}, as_json, ca_file)["connectors"]
    if as_json:
        write(envelope({"connectors": found}))
        return
    for each in found:
        write(f"{each['name']:24} {each['kind']:8} {each['state']:10} version {each['version']}")
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
    ignore: Ignored = None,
    strict: Strict = False,
    as_json: JsonFlag = False,
) -> None:
    """Look at one SDL alone, without a hub: exit 1 for errors, with --strict for warnings too."""
    from hub.cli.lint import lint_connector

    found = lint_connector(name, _read(schema, as_json), kind, ignore or ())
    report = {**_NOTHING_FOUND, **found, "ok": not found["errors"]}
    _report(report, as_json, strict, whole_lint=True)


@connector_app.command()
def approve(
    name: Name,
    reason: Reason = None,
    force: Force = False,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Put the newest checked version live (operators)."""
    variables = {"name": name, "reason": reason, "force": force}
    _report_publication(_ask(hub, _APPROVE, variables, as_json, ca_file)["approveConnector"], as_json)


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


def _report(
    report: dict[str, Any],
    as_json: bool,
    strict: bool = False,
    end: str | None = None,
    *,
    whole_lint: bool = False,
) -> None:
    """The whole report, errors on stderr; exit 1 when there are errors, or doubts and it is ``strict``."""
    errors = report["errors"]
    error = _first_of(errors) if errors else DOUBTFUL if strict and has_doubts(report) else None
    if as_json:
        write(envelope(report, error))
    else:
        for line in (*report_lines(report, whole_lint=whole_lint), *([end] if end else [])):
            write(line)
        for line in error_lines(report):
            note(line)
        if error is DOUBTFUL:
            note(f"{DOUBTFUL['code']}: {DOUBTFUL['message']}")
    if error:
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
