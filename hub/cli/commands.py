"""Every verb of ``jiyi`` with its flags; what it does stands in a module of its own.

Source of the habits followed: docs/command-line.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.archive_commands import archive_app
from hub.cli.broker_commands import broker_app
from hub.cli.calendar_commands import calendar_app
from hub.cli.connector_commands import connector_app
from hub.cli.connector_settings_command import settings as connector_settings
from hub.cli.connector_states import add_state_verbs
from hub.cli.department_commands import department_app
from hub.cli.format_option import VerbsWithFormat
from hub.cli.item_commands import item_app
from hub.cli.licence_commands import licence_app
from hub.cli.mock_command import mock_app
from hub.cli.output import JsonFlag, fail
from hub.cli.schema_commands import register_schema_commands
from hub.cli.session_commands import auth_app
from hub.cli.subgraph_flags import CommandWithSubgraphs, named_subgraphs
from hub.cli.supergraph_commands import supergraph_app

app = typer.Typer(
    name="jiyi",
    cls=VerbsWithFormat,
    help="Jiyi (集易): one graph over every department.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
add_state_verbs(connector_app)
connector_app.command("settings")(connector_settings)
app.add_typer(connector_app, name="connector")
app.add_typer(supergraph_app, name="supergraph")
app.add_typer(department_app, name="department")
app.add_typer(auth_app, name="auth")
app.add_typer(broker_app, name="broker")
app.add_typer(archive_app, name="archive")
app.add_typer(calendar_app, name="calendar")
app.add_typer(item_app, name="item")
app.add_typer(licence_app, name="licence")
app.add_typer(mock_app, name="mock")
register_schema_commands(app)

SubgraphsFile = Annotated[Path | None, typer.Option(metavar="FILE", help="The subgraphs, as for compose.")]
SupergraphFile = Annotated[Path | None, typer.Option(metavar="FILE", help="A supergraph composed before.")]
ForwardedHeaders = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="A client's header that subgraphs get too; repeatable.")
]
SubgraphTimeout = Annotated[float, typer.Option(min=0.1, help="Seconds that a subgraph may take.")]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="TOML file; jiyi.toml here if it exists.")]


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"jiyi {version('jiyi')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Jiyi (集易): one graph over every department."""


@app.command()
def run(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    database: Annotated[str | None, typer.Option(help="sqlite:///path or postgresql://…")] = None,
    broker: Annotated[str | None, typer.Option(help='"embedded" or amqp://…')] = None,
    worker: Annotated[bool | None, typer.Option("--worker/--no-worker", help="Run the worker inside.")] = None,
    settings: SettingsFile = None,
) -> None:
    """Run the hub."""
    from hub.cli.serve import serve_hub

    flags = {"host": host, "port": port, "database_url": database, "broker_url": broker, "worker": worker}
    serve_hub(flags, settings)


@app.command()
def worker(
    database: Annotated[str | None, typer.Option(help="sqlite:///path or postgresql://…")] = None,
    broker: Annotated[str | None, typer.Option(help="amqp://…")] = None,
    settings: SettingsFile = None,
) -> None:
    """Run a worker beside hubs that were started with --no-worker."""
    from hub.cli.serve import serve_worker

    serve_worker({"database_url": database, "broker_url": broker}, settings)


@app.command()
def agent(
    config: Annotated[Path, typer.Option(help="The agent's TOML file.", exists=True, dir_okay=False)],
) -> None:
    """Run a department's agent: reaches out only, needs no hub code and no database."""
    from connectors.agent_command import main

    raise typer.Exit(main(config))


@app.command()
def gateway(
    subgraphs: SubgraphsFile = None,
    supergraph: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A supergraph that was composed before.")
    ] = None,
    host: Annotated[str, typer.Option(envvar="JIYI_HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar=["JIYI_PORT", "PORT"], min=0, max=65535, help="Port.")] = 4000,
    publish: Annotated[bool, typer.Option("--publish", help="Take lists by PUT /subgraphs.")] = False,
    jwks: Annotated[str | None, typer.Option(metavar="URL", help="Keys that sign bearer tokens.")] = None,
    issuer: Annotated[str | None, typer.Option(help="Demand this issuer of tokens.")] = None,
    audience: Annotated[str | None, typer.Option(help="Demand this audience of tokens.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes, for as many cores.")] = 1,
    forward_header: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A client's header that subgraphs get too; repeatable."),
    ] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for subgraphs that are starting.")] = 60,
    subgraph_timeout: SubgraphTimeout = 30,
    subscriptions: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=TRANSPORT", help="graphql-ws, graphql-sse, or an address; else found out; repeatable."
        ),
    ] = None,
    max_subscriptions: Annotated[
        int, typer.Option(min=1, help="Open at once for one subject of a token, in one process.")
    ] = 100,
    max_operations: Annotated[
        int, typer.Option(min=0, help="A minute, for one subject of a token, in one process; 0 for any number.")
    ] = 0,
    dev_errors: Annotated[bool, typer.Option("--dev-errors", help="Tell clients internals of failures.")] = False,
) -> None:
    """Run the engine alone as a federation gateway: no database, no broker, no sign-in."""
    from hub.cli.gateway_command import GatewayFlags, run_gateway

    run_gateway(
        GatewayFlags(
            subgraphs=subgraphs,
            supergraph=supergraph,
            host=host,
            port=port,
            publish=publish,
            jwks=jwks,
            issuer=issuer,
            audience=audience,
            workers=workers,
            forward_headers=tuple(forward_header or ()),
            wait=wait,
            subgraph_timeout=subgraph_timeout,
            subscriptions=tuple(subscriptions or ()),
            max_subscriptions=max_subscriptions,
            max_operations=max_operations,
            dev_errors=dev_errors,
        )
    )


@app.command(cls=CommandWithSubgraphs)
def dev(
    ctx: typer.Context,
    supergraph_config: Annotated[
        Path | None,
        typer.Option("--supergraph-config", "--subgraphs", help="Our JSON, rover's YAML or wgc's list."),
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option("--name", "-n", "--service", metavar="NAME", help="A subgraph's name.")
    ] = None,
    url: Annotated[list[str] | None, typer.Option("--url", "-u", metavar="URL", help="Its address.")] = None,
    schema: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="Its SDL in a file; else it is asked.")
    ] = None,
    host: Annotated[
        str, typer.Option("--host", "--supergraph-address", envvar="JIYI_HOST", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            "--port", "-p", "--supergraph-port", envvar=["JIYI_PORT", "PORT"], min=0, max=65535, help="Port."
        ),
    ] = 4000,
    watch: Annotated[bool, typer.Option("--watch/--no-watch", help="Recompose when something changes.")] = True,
    polling_interval: Annotated[float, typer.Option(min=0.05, help="Seconds between two looks.")] = 1.0,
    forward_header: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A client's header that subgraphs get too; repeatable."),
    ] = None,
    subgraph_timeout: SubgraphTimeout = 30,
    show_plans: Annotated[bool, typer.Option("--show-plans", help="Print plan and fetches too.")] = False,
) -> None:
    """Run the engine with an explorer while you work on subgraphs: recomposed on change, one line per request."""
    from hub.cli.dev_command import DevFlags, run_development

    run_development(
        DevFlags(
            config=supergraph_config,
            named=named_subgraphs(ctx),
            host=host,
            port=port,
            watch=watch,
            polling_interval=polling_interval,
            forward_headers=tuple(forward_header or ()),
            subgraph_timeout=subgraph_timeout,
            show_plans=show_plans,
        )
    )


@app.command("plan")
def plan_operation(
    operation: Annotated[Path, typer.Option(help='File with the GraphQL operation; "-" is stdin.')],
    subgraphs: SubgraphsFile = None,
    supergraph: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A supergraph that was composed before.")
    ] = None,
    operation_name: Annotated[str | None, typer.Option(help="Which operation of several.")] = None,
    variables: Annotated[str | None, typer.Option(help="JSON object, checked against the operation.")] = None,
    explains: Annotated[bool, typer.Option("--explain", help="Tell what else there was, and its cost.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Print the query plan of an operation."""
    from hub.cli.plan_command import print_plan

    print_plan(
        operation,
        subgraphs,
        supergraph,
        operation_name=operation_name,
        variables=variables,
        explains=explains,
        as_json=as_json,
    )


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Walk the road, check every step, and stop.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Forget the demo's earlier runs.")] = False,
    host: Annotated[str, typer.Option(help="0.0.0.0 serves TLS to phones and TVs.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="The hub's port; the next free one if it is taken.")] = None,
    broker: Annotated[str, typer.Option(help='"embedded" or amqp://…')] = "embedded",
    database: Annotated[str | None, typer.Option(help="postgresql://… instead of SQLite.")] = None,
    scenario: Annotated[str, typer.Option(help="What to walk with --once.")] = "road",
    patience: Annotated[float, typer.Option(min=1, help="Lengthens the road's time limits.")] = 1.0,
    token: Annotated[
        bool, typer.Option("--token", help="Print a token of the running demo's first resident.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Try everything on this machine: hub, departments, agent, pages."""
    from hub.cli.demo_command import print_token, reset_demo, run_demo, run_road

    if not once and (as_json or scenario != "road" or patience != 1.0):
        message = "--json, --scenario and --patience are for --once. Add it, or leave them out."
        fail("WRONG_USAGE", message, as_json=as_json, exit_code=2)
    if reset:
        reset_demo()
    elif token:
        print_token()
    elif once:
        run_road(broker=broker, database=database, scenario=scenario, as_json=as_json, patience=patience)
    else:
        run_demo(host=host, port=port, broker=broker, database=database)


@app.command("settings")
def print_settings(settings: SettingsFile = None, as_json: JsonFlag = False) -> None:
    """Print every setting, its value and where it came from; secrets masked."""
    from hub.cli.diagnosis import show_settings

    show_settings(settings, as_json)


@app.command()
def doctor(settings: SettingsFile = None, as_json: JsonFlag = False) -> None:
    """Look for what would keep the hub from running, and tell the mend."""
    from hub.cli.diagnosis import examine

    examine(settings, as_json)
