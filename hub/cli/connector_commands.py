"""``jiyi connector``: a department checks, publishes, lists and fetches; the hub's graph is the door."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.asking import Certificate, Hub, ask_hub
from hub.cli.check_report import DOUBTFUL, FIELDS, error_lines, has_doubts, report_lines, verdict
from hub.cli.connector_dev import dev
from hub.cli.connector_init import init
from hub.cli.connector_test import examine_connector
from hub.cli.input import read_header
from hub.cli.output import JsonFlag, envelope, fail, note, write
from hub.cli.secret_commands import secret_app

connector_app = typer.Typer(help="Bring a department into the graph, change it, retire it.", no_args_is_help=True)
connector_app.add_typer(secret_app, name="secret")
connector_app.command()(init)

Name = Annotated[str, typer.Argument(help="The connector's name.")]
Schema = Annotated[Path | None, typer.Option(help='SDL file, "-" is stdin; read from --url if absent.')]
Department = Annotated[str | None, typer.Option(help="Whose it is; the connector's name if absent.")]
Kind = Annotated[str | None, typer.Option("--kind", help="graphql, rest, sql or queue; the SDL tells if absent.")]
Url = Annotated[str | None, typer.Option("--url", help="Where the department's system is.")]
Timeout = Annotated[int | None, typer.Option("--timeout-ms", help="Deadline of one request in milliseconds.")]
Headers = Annotated[
    list[str] | None,
    typer.Option("--header", help='Sent with every request: "Authorization: Bearer {$env.TOKEN}"; repeatable.'),
]
Config = Annotated[Path | None, typer.Option("--config", help="JSON file, read by mappings as $config.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why; it stands in the history.")]

Force = Annotated[
    bool, typer.Option("--force", help="Break recorded operations knowingly, with --reason (operators).")
]

Samples = Annotated[
    list[str] | None,
    typer.Option("--sample", help="A query on this schema to try the system by; repeatable."),
]
Ignored = Annotated[list[str] | None, typer.Option("--ignore", help="Code of advice to leave out; repeatable.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit 1 for doubts too: approval, probe, shadow, lint.")]

PROBLEMS = "{ code message subgraphs locations { subgraph line column } }"
_AGENTS = "agents { id version kind lastHeartbeatAt latencyMs refusal }"
CONNECTOR = f"{{ name kind department state version lastError agentOnline waitingFor {_AGENTS} }}"
_CHECK = f"mutation ($input: ConnectorInput!) {{ checkConnector(input: $input) {{ {FIELDS} }} }}"
PUBLICATION = f"{{ {FIELDS} supergraphVersion connector {CONNECTOR} }}"
_PUBLISH = (
    "mutation ($input: ConnectorInput!, $reason: String, $force: Boolean!) "
    f"{{ publishConnector(input: $input, reason: $reason, force: $force) {PUBLICATION} }}"
)
_REGISTER = (
    "mutation ($input: ConnectorInput!, $reason: String) "
    f"{{ registerConnector(input: $input, reason: $reason) {PUBLICATION} }}"
)


NOTHING_FOUND: dict[str, Any] = {
    "needsApproval": False, "compared": 0, "hints": [], "changes": [], "affected": [], "probe": [], "shadow": [],
}  # fmt: skip


@connector_app.command()
def check(
    name: Name,
    schema: Schema = None,
    url: Url = None,
    kind: Kind = None,
    department: Department = None,
    timeout_ms: Timeout = None,
    header: Headers = None,
    config: Config = None,
    sample: Samples = None,
    ignore: Ignored = None,
    strict: Strict = False,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell what this version would add and break. Changes nothing; exit 1 when it cannot be published."""
    given = _input(name, schema, url, kind, department, timeout_ms, header or [], config, as_json)
    given |= {"samples": sample, "ignoredLint": ignore}
    found = ask_hub(hub, _CHECK, {"input": given}, as_json, ca_file)["checkConnector"]
    report(found, as_json, strict, verdict(name, found))


@connector_app.command()
def publish(
    name: Name,
    schema: Schema = None,
    url: Url = None,
    kind: Kind = None,
    department: Department = None,
    timeout_ms: Timeout = None,
    header: Headers = None,
    config: Config = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    only_check: Annotated[bool, typer.Option("--check", help="Only check.")] = False,
    only_register: Annotated[
        bool, typer.Option("--draft", help="Only keep it: checked where the check is green, else a draft.")
    ] = False,
    reason: Reason = None,
    sample: Samples = None,
    ignore: Ignored = None,
    force: Force = False,
    as_json: JsonFlag = False,
) -> None:
    """Put this version live, or let it wait for its approver where the operator wants that."""
    if only_check:
        check(
            name,
            schema,
            url,
            kind,
            department,
            timeout_ms,
            header,
            config,
            sample,
            ignore,
            False,
            hub,
            ca_file,
            as_json,
        )
        return
    given = _input(name, schema, url, kind, department, timeout_ms, header or [], config, as_json)
    given |= {"samples": sample, "ignoredLint": ignore}
    variables: dict[str, Any] = {"input": given, "reason": reason}
    if only_register:
        report_publication(ask_hub(hub, _REGISTER, variables, as_json, ca_file)["registerConnector"], as_json)
        return
    variables["force"] = force
    report_publication(ask_hub(hub, _PUBLISH, variables, as_json, ca_file)["publishConnector"], as_json)


@connector_app.command("list")
def list_connectors(hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
    """List the connectors that you may see."""
    found = ask_hub(hub, f"{{ connectors {CONNECTOR} }}", {}, as_json, ca_file)["connectors"]
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
    found = ask_hub(hub, query, {"name": name}, as_json, ca_file)["connector"]
    if found is None:
        fail("NOT_FOUND", f'There is no connector "{name}" that you may see.', as_json=as_json)
    write(envelope({"connector": found}) if as_json else found["sdl"], output)


@connector_app.command()
def lint(
    name: Name,
    schema: Annotated[Path, typer.Option("--schema", help='SDL file, "-" for stdin.')],
    kind: Kind = None,
    ignore: Ignored = None,
    strict: Strict = False,
    as_json: JsonFlag = False,
) -> None:
    """Look at one SDL alone, without a hub: exit 1 for errors, with --strict for warnings too."""
    from hub.cli.connector_defaults import default_kind
    from hub.cli.lint import lint_connector

    sdl = _read(schema, as_json)
    found = lint_connector(name, sdl, kind or default_kind(sdl, None), ignore or ())
    report({**NOTHING_FOUND, **found, "ok": not found["errors"]}, as_json, strict, whole_lint=True)


connector_app.command()(dev)
connector_app.command("test")(examine_connector)


def _input(
    name: str,
    schema: Path | None,
    url: str | None,
    kind: str | None,
    department: str | None,
    timeout_ms: int | None,
    headers: list[str],
    config: Path | None,
    as_json: bool,
) -> dict[str, Any]:
    from hub.cli.connector_defaults import base_url, default_kind

    sdl = _read(schema, as_json) if schema else None
    kind = kind or default_kind(sdl, url)
    return {
        "name": name,
        "department": department or name,
        "kind": kind,
        "sdl": sdl,
        "url": url or (base_url(name, sdl) if kind == "rest" and sdl else None),
        "timeoutMs": timeout_ms,
        "headers": dict(read_header(each) for each in headers) or None,
        "config": _json(config, as_json) if config else None,
    }


def _json(file: Path, as_json: bool) -> Any:
    try:
        return json.loads(_read(file, as_json))
    except ValueError as error:
        fail("CONFIG_UNREADABLE", f"{file}: is no JSON: {error}", as_json=as_json, exit_code=2)


def _read(schema: Path, as_json: bool) -> str:
    from hub.cli.input import Unreadable, read_text

    try:
        return read_text(schema)
    except Unreadable as error:
        fail("SCHEMA_UNREADABLE", str(error), as_json=as_json, exit_code=2)


def report(
    found: dict[str, Any],
    as_json: bool,
    strict: bool = False,
    end: str | None = None,
    *,
    whole_lint: bool = False,
) -> None:
    """The whole report, errors on stderr; exit 1 when there are errors, or doubts and it is ``strict``."""
    errors = found["errors"]
    error = _first_of(errors) if errors else DOUBTFUL if strict and has_doubts(found) else None
    if as_json:
        write(envelope(found, error))
    else:
        for line in (*report_lines(found, whole_lint=whole_lint), *([end] if end else [])):
            write(line)
        for coordinate in _new_root_fields(found["changes"]):
            note(
                f"hint: nobody may ask for {coordinate} until the hub's policy has a rule for it; add fields to "
                "types, and mark commands @inaccessible"
            )
        for line in error_lines(found):
            note(line)
        if error is DOUBTFUL:
            note(f"{DOUBTFUL['code']}: {DOUBTFUL['message']}")
    if error:
        raise typer.Exit(1)


def _new_root_fields(changes: list[dict[str, Any]]) -> list[str]:
    """Docs: docs/departments.md, "The SDL"."""
    roots = ("Query.", "Mutation.", "Subscription.")
    return [c["path"] for c in changes if c["kind"] == "FIELD_ADDED" and str(c["path"]).startswith(roots)]


def _first_of(errors: list[dict[str, Any]]) -> dict[str, Any]:
    """The envelope's one error; the others are in its details."""
    return {"code": errors[0]["code"], "message": errors[0]["message"], "details": {"errors": errors}}


def report_publication(publication: dict[str, Any], as_json: bool) -> None:
    """The check, and what became of the version."""
    report(publication, as_json)
    if as_json:
        return
    connector, number = publication["connector"], publication["supergraphVersion"]
    if number is None and connector["waitingFor"] is None:
        write(f"{connector['name']}: {connector['state']}")
    elif number is None:
        note(f"{connector['name']}: the new version waits for: {connector['waitingFor']}")
    else:
        state = connector["state"].lower()
        write(f"{connector['name']} version {connector['version']} is {state} (supergraph {number})")
