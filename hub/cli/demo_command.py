"""``jiyi demo``: start everything and show where to go, or walk the road once and stop."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

import typer

from hub.cli.output import envelope, fail, note, write
from hub.demo.request_lines import request_lines

if TYPE_CHECKING:
    from hub.demo.road import Step, StepReport
    from hub.demo.stack import Stack

DEMO_DIRECTORY = Path(".jiyi/demo")
SCENARIOS = {
    "road": "hub.demo.steps:ROAD",
    "joint": "hub.demo.joint:RESTAURANT",
    "refused": "hub.demo.joint:REFUSED",
    "newborn": "hub.demo.joint:NEWBORN",
    "late": "hub.demo.late:LATE",
}
"""Each with where its steps stand; only those of the one that is walked are loaded."""


def reset_demo() -> None:
    """Forget the folder of earlier runs."""
    with _alone():
        shutil.rmtree(DEMO_DIRECTORY, ignore_errors=True)
    write("the demo begins anew")


def run_demo(*, host: str, port: int | None, broker: str, database: str | None) -> None:
    """Start all, print the addresses, run until interrupted."""
    from hub.demo.places import find_places
    from hub.demo.stack import Stack

    scheme = "http" if host in {"127.0.0.1", "localhost"} else "https"
    with _alone():
        stack = Stack(find_places(DEMO_DIRECTORY, host, scheme, port, note), broker, database, say=note)
        if scheme == "https":
            from hub.demo.certificate import make_certificate

            stack.certificate, stack.key = make_certificate(stack.places.directory, stack.places.hub_url)
        asyncio.run(_serve(stack))


def print_token() -> None:
    """An access token of the first resident of the demo that this shell was told of, good for some minutes."""
    from hub.cli.session import hub_address
    from hub.demo.client import Answered, HubClient
    from hub.demo.environment import KEPT_VARIABLE, PHONES_VARIABLE
    from hub.demo.kept_token import keep_token, kept_token
    from hub.demo.residents import citizen
    from hub.demo.sign_in import sign_in_app

    phones, kept = os.environ.get(PHONES_VARIABLE), os.environ.get(KEPT_VARIABLE)
    if phones is None or kept is None:
        message = f"This shell knows of no demo. Run `. {DEMO_DIRECTORY}/operator.env` in the demo's folder."
        fail("WRONG_USAGE", message, exit_code=2)

    async def sign_in() -> str:
        async with HubClient(hub_address(None)) as client:
            return (await sign_in_app(client, citizen(), phones)).access_token

    try:
        token = kept_token(Path(kept), datetime.now(UTC))
        if token is None:
            token = asyncio.run(sign_in())
            keep_token(Path(kept), token)
        write(token)
    except (Answered, OSError) as error:
        fail("HUB_UNREACHABLE", f"The demo does not answer ({error}). Is it running?")


@contextmanager
def _alone() -> Iterator[None]:
    """Two demos in one folder would write into each other's database."""
    DEMO_DIRECTORY.mkdir(parents=True, exist_ok=True)
    with (DEMO_DIRECTORY.parent / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            what = f"A demo runs already in {DEMO_DIRECTORY.resolve()}."
            fail("DEMO_RUNS", f"{what} Stop it with Ctrl-C, or start this one in another folder.")
        yield


async def _serve(stack: Stack) -> None:
    """An interrupt ends it at any moment, also while it starts."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    starting = asyncio.create_task(_start(stack))
    stopping = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            write(starting.result())
            await _tell_requests(stack, stopping)
    except Exception as failure:  # noqa: BLE001  whatever kept the demo from starting is told, and all is stopped
        fail("DEMO_FAILED", _reasons(failure))
    finally:
        note("stopping")
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await stack.stop()


async def _tell_requests(stack: Stack, stopping: asyncio.Task[bool]) -> None:
    """A line for each request until it is stopped."""
    from hub.demo.places import HUB

    async def tell() -> None:
        async for line in request_lines(stack.processes[HUB].log):
            note(line)

    telling = asyncio.create_task(tell())
    await asyncio.wait((telling, stopping), return_when=asyncio.FIRST_COMPLETED)
    if telling.done():
        note(f"requests are no longer told: {telling.exception()}")
        await stopping
    telling.cancel()


async def _start(stack: Stack) -> str:
    """Everything serves; what to tell of it."""
    loading = asyncio.create_task(asyncio.to_thread(import_module, "hub.demo.announcement"))
    await stack.start()
    await loading
    from hub.demo.announcement import announce

    return await announce(stack)


def run_road(*, broker: str, database: str | None, scenario: str, as_json: bool, patience: float = 1.0) -> None:
    """Walk the road in a folder of its own; exit 1 with the step that failed."""
    if scenario not in SCENARIOS:
        known = ", ".join(SCENARIOS)
        fail("UNKNOWN_SCENARIO", f'"{scenario}" is none of: {known}.', as_json=as_json, exit_code=2)
    with tempfile.TemporaryDirectory(prefix="jiyi-road-") as directory:
        reports, answers = asyncio.run(
            _walk(Path(directory), broker, database, as_json, patience, _steps(scenario))
        )
    failed = [report for report in reports if report.error is not None]
    if as_json:
        steps = [{**asdict(report), "ok": report.error is None} for report in reports]
        total = sum(report.milliseconds for report in reports)
        data = {"scenario": scenario, "steps": steps, "milliseconds": total, "answers": answers}
        error = {"code": "STEP_FAILED", "message": f"{failed[0].name}: {failed[0].error}"} if failed else None
        write(envelope(data, error and {**error, "details": None}))
    if failed:
        raise typer.Exit(1)


def _steps(scenario: str) -> tuple[Step, ...]:
    module, name = SCENARIOS[scenario].split(":")
    steps: tuple[Step, ...] = getattr(import_module(module), name)
    return steps


async def _walk(
    directory: Path,
    broker: str,
    database: str | None,
    as_json: bool,
    patience: float,
    steps: tuple[Step, ...],
) -> tuple[tuple[StepReport, ...], dict[str, object]]:
    from hub.demo.places import find_places
    from hub.demo.road import StepReport, walk
    from hub.demo.stack import EMBEDDED, Stack

    places = find_places(directory, "127.0.0.1", "http", _free())
    namespace = "" if broker == EMBEDDED else f"road-{token_hex(4)}."
    stack = Stack(places, broker, database, broker_namespace=namespace, patience=patience, say=note)
    stack.clock_file = _still_clock(places.directory)
    try:
        try:
            await stack.start()
        except Exception as failure:  # noqa: BLE001  whatever kept the stack from starting is the result
            report = StepReport("start", "everything starts", 0, _reasons(failure))
            _print(report, as_json)
            return (report,), {}
        return await walk(stack, lambda report: _print(report, as_json), steps=steps)
    finally:
        await stack.stop()
        if namespace:
            await _forget(broker, namespace)


def _still_clock(directory: Path) -> Path:
    """A clock that a scenario may move, and that runs with the machine's until then."""
    file = directory / "clock"
    file.write_text("0", encoding="ascii")
    return file.resolve()


async def _forget(broker: str, namespace: str) -> None:
    """Leave a broker that may be shared as it was found."""
    import aio_pika

    from hub.demo.leftovers import forget_namespace

    try:
        await forget_namespace(broker, namespace)
    except (aio_pika.exceptions.AMQPError, OSError) as error:
        note(f"queues under {namespace} are left on the broker: {type(error).__name__}")


def _reasons(failure: Exception) -> str:
    if isinstance(failure, ExceptionGroup):
        return "; ".join(_reasons(each) for each in failure.exceptions)
    return str(failure) or type(failure).__name__


def _free() -> int:
    from hub.cli.ports import free_port

    return free_port()


def _print(report: StepReport, as_json: bool) -> None:
    mark = "✓" if report.error is None else "✗"
    line = f"{mark} {report.title} ({report.milliseconds} ms)"
    text = line if report.error is None else f"{line}\n  {report.name}: {report.error}"
    if as_json:
        note(text)
    else:
        write(text)
