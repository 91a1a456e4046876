"""``jiyi mock``: stand-ins for departments. They are strangers: this only starts them as what they are, a
program of their own in the place of this process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from hub.cli.output import fail
from hub.cli.ports import describe_busy_port, is_busy

mock_app = typer.Typer(help="Stand-ins for departments, of any SDL or recorded.", invoke_without_command=True)

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")]
Seed = Annotated[int | None, typer.Option(help="Mocks with the same seed agree; the demo's if absent.")]
ScenarioFile = Annotated[
    Path | None, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="Faults that come and go.")
]


@mock_app.callback()
def mock(
    ctx: typer.Context,
    sdl: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help='SDL of a subgraph or of a rest connector; "-" is stdin.'),
    ] = None,
    host: Host = "127.0.0.1",
    port: Port = 0,
    name: Annotated[str | None, typer.Option(help="The department's name; the file's if absent.")] = None,
    seed: Seed = None,
    scenario: ScenarioFile = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help="Objects and values of your own."),
    ] = None,
    count: Annotated[int, typer.Option(min=0, max=10_000, help="How long lists of the query root are.")] = 20,
    nulls: Annotated[float, typer.Option(min=0, max=1, help="How many of the nullable values are null.")] = 0.1,
    interval: Annotated[float, typer.Option(min=0.001, help="Seconds between two events.")] = 1.0,
) -> None:
    """Run a believable department made of its SDL alone; prints one JSON line when it serves."""
    if ctx.invoked_subcommand is not None:
        return
    if sdl is None:
        fail("WRONG_USAGE", "Give the SDL: jiyi mock --sdl FILE.", exit_code=2)
    flags = {
        "sdl": sdl, "host": host, "port": port, "name": name, "seed": seed, "scenario": scenario, "data": data,
        "count": count, "nulls": nulls, "interval": interval,
    }  # fmt: skip
    become("serve", flags)


@mock_app.command()
def record(
    target: Annotated[str, typer.Option(metavar="URL", help="The department's address.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The recording; it must not exist yet.")],
    host: Host = "127.0.0.1",
    port: Port = 0,
    scenario: ScenarioFile = None,
) -> None:
    """Stand in front of a department and write what passes, with its people's data replaced."""
    become("record", {"target": target, "out": out, "host": host, "port": port, "scenario": scenario})


@mock_app.command()
def replay(
    recording: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    host: Host = "127.0.0.1",
    port: Port = 0,
    scenario: ScenarioFile = None,
) -> None:
    """Answer as was recorded; what was not recorded is told as that."""
    become("replay", {"host": host, "port": port, "scenario": scenario}, str(recording))


@mock_app.command()
def relay(
    department: Annotated[str, typer.Option(help="Whose agent it stands in front of.")],
    agent_namespace: Annotated[str, typer.Option(help="broker.namespace in the agent's file.")],
    namespace: Annotated[str, typer.Option(help="The hub's broker_namespace.")] = "",
    broker: Annotated[str | None, typer.Option(help="amqp://…; JIYI_BROKER_URL.")] = None,
    host: Host = "127.0.0.1",
    port: Port = 0,
    scenario: ScenarioFile = None,
) -> None:
    """Stand between RabbitMQ and an agent: replies come twice, out of order, late or not at all."""
    flags = {
        "department": department, "agent-namespace": agent_namespace, "namespace": namespace, "broker": broker,
        "host": host, "port": port, "scenario": scenario,
    }  # fmt: skip
    become("relay", flags)


def become(verb: str, flags: Mapping[str, Any], *arguments: str) -> NoReturn:
    """Go on as ``python -m mocks``. Signals and exit code are then its own."""
    host, port = str(flags["host"]), int(flags["port"])
    if is_busy(host, port):
        what, mend = describe_busy_port(host, port)
        fail("PORT_IN_USE", f"{what}. {mend}")
    spec = find_spec("mocks")
    if spec is None or not spec.submodule_search_locations:
        fail("MOCKS_MISSING", "The mock departments are not installed; install the package with its mocks.")
    given = [f"--{name.replace('_', '-')}={value}" for name, value in flags.items() if value is not None]
    root = str(Path(next(iter(spec.submodule_search_locations))).parent)
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    # -P: a folder of the caller's that is called mocks is not ours.
    command = [sys.executable, "-P", "-m", "mocks", verb, *given, *arguments]
    os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": path})  # noqa: S606  our own interpreter
