"""``jiyi demo``: start everything and show where to go, or walk the road once and stop."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from dataclasses import asdict
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

import typer

from hub.cli.output import envelope, fail, note, write

if TYPE_CHECKING:
    from hub.demo.road import StepReport

DEMO_DIRECTORY = Path(".jiyi/demo")
SCENARIOS = ("road",)


def reset_demo() -> None:
    """Forget the folder of earlier runs."""
    shutil.rmtree(DEMO_DIRECTORY, ignore_errors=True)
    write("the demo begins anew")


def run_demo(*, host: str, port: int | None, broker: str, database: str | None) -> None:
    """Start all, print the addresses, run until interrupted."""
    from hub.demo.certificate import make_certificate
    from hub.demo.places import find_places
    from hub.demo.stack import Stack

    scheme = "http" if host in {"127.0.0.1", "localhost"} else "https"
    places = find_places(DEMO_DIRECTORY, host, scheme, port)
    certificate, key = make_certificate(places.directory, places.hub_url) if scheme == "https" else (None, None)
    stack = Stack(places, broker, database, certificate=certificate, key=key, say=note)
    asyncio.run(_serve(stack))


async def _serve(stack: object) -> None:
    from hub.demo.announcement import announce
    from hub.demo.client import Answered
    from hub.demo.processes import ProcessFailed
    from hub.demo.stack import Stack

    if not isinstance(stack, Stack):
        raise TypeError("a Stack is needed")
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        await stack.start()
        write(await announce(stack))
        await stopped.wait()
    except* (ProcessFailed, Answered) as failures:
        fail("DEMO_FAILED", "\n".join(str(failure) for failure in failures.exceptions))
    finally:
        note("stopping")
        await stack.stop()


def run_road(*, broker: str, database: str | None, scenario: str, as_json: bool) -> None:
    """Walk the road in a folder of its own; exit 1 with the step that failed."""
    if scenario not in SCENARIOS:
        fail("UNKNOWN_SCENARIO", f'"{scenario}" is none of: {", ".join(SCENARIOS)}.', exit_code=2)
    with tempfile.TemporaryDirectory(prefix="jiyi-road-") as directory:
        reports, answers = asyncio.run(_walk(Path(directory), broker, database, as_json))
    failed = [report for report in reports if report.error is not None]
    if as_json:
        steps = [{**asdict(report), "ok": report.error is None} for report in reports]
        total = sum(report.milliseconds for report in reports)
        data = {"scenario": scenario, "steps": steps, "milliseconds": total, "answers": answers}
        error = {"code": "STEP_FAILED", "message": f"{failed[0].name}: {failed[0].error}"} if failed else None
        write(envelope(data, error and {**error, "details": None}))
    if failed:
        raise typer.Exit(1)


async def _walk(
    directory: Path, broker: str, database: str | None, as_json: bool
) -> tuple[tuple[StepReport, ...], dict[str, object]]:
    from hub.demo.places import find_places
    from hub.demo.road import StepReport, walk
    from hub.demo.stack import Stack
    from hub.settings import EMBEDDED

    places = find_places(directory, "127.0.0.1", "http", _free())
    namespace = "" if broker == EMBEDDED else f"road-{token_hex(4)}."
    stack = Stack(places, broker, database, broker_namespace=namespace, say=note)
    try:
        try:
            await stack.start()
        except Exception as failure:  # noqa: BLE001  whatever kept the stack from starting is the result
            report = StepReport("start", "everything starts", 0, _reasons(failure))
            _print(report, as_json)
            return (report,), {}
        return await walk(stack, lambda report: _print(report, as_json))
    finally:
        await stack.stop()
        if namespace:
            await _forget(broker, namespace)


async def _forget(broker: str, namespace: str) -> None:
    """Leave a broker that may be shared as it was found."""
    import aio_pika

    from hub.demo.leftovers import forget_namespace

    try:
        await forget_namespace(broker, namespace)
    except (aio_pika.exceptions.AMQPError, OSError) as error:
        note(f"queues under {namespace} are left on the broker: {type(error).__name__}")


def _reasons(failure: Exception) -> str:
    inner = failure.exceptions if isinstance(failure, ExceptionGroup) else (failure,)
    return "; ".join(str(each) or type(each).__name__ for each in inner)


def _free() -> int:
    from hub.demo.processes import free_port

    return free_port()


def _print(report: StepReport, as_json: bool) -> None:
    mark = "✓" if report.error is None else "✗"
    line = f"{mark} {report.title} ({report.milliseconds} ms)"
    text = line if report.error is None else f"{line}\n  {report.name}: {report.error}"
    if as_json:
        note(text)
    else:
        write(text)
