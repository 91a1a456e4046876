"""``jiyi broker``: what stands on the broker beside what the hub needs, its documentation, and its dead letters.

Runs where the hub's settings are: it looks at the database and the broker themselves, also while no hub runs.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from hub.cli.dead_letter_commands import dead_letter_app
from hub.cli.output import JsonFlag, envelope, fail, note, write

if TYPE_CHECKING:
    from connectors.rabbitmq.drift import Difference
    from hub.messages.broker_topology import BrokerTopology

Answer = TypeVar("Answer")

broker_app = typer.Typer(help="Look at the broker, and mend it.", no_args_is_help=True)
broker_app.add_typer(dead_letter_app, name="dead-letters")

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="TOML file; jiyi.toml here if it exists.")]

_NOT_ALL = "bindings, left-overs and users are not seen: set broker_management_url to see them"


@broker_app.command()
def check(settings: SettingsFile = None, as_json: JsonFlag = False) -> None:
    """Tell where the broker differs from what the hub needs; exit 1 where it does."""
    sees_all, found = _with_topology(settings, as_json, _look)
    data = {"seesAll": sees_all, "differences": [_as_json(each) for each in found]}
    if found:
        message = f"The broker differs in {len(found)} things. `jiyi broker plan` shows the mend."
        if not as_json:
            write("\n".join(str(each) for each in found))
        fail("BROKER_DRIFT", message, as_json=as_json, data=data)
    if as_json:
        write(envelope(data))
    else:
        write("the broker is as the hub needs it")
        _tell_what_is_not_seen(sees_all)


@broker_app.command()
def plan(settings: SettingsFile = None, as_json: JsonFlag = False) -> None:
    """Print what `apply` would do; nothing is changed."""
    sees_all, found = _with_topology(settings, as_json, _look)
    if as_json:
        write(envelope({"seesAll": sees_all, "steps": [_as_json(each) for each in found]}))
        return
    for each in found:
        destroys = f"; DESTROYS {each.messages} messages" if each.messages and each.mend is not None else ""
        write(f"{_step(each):7} {each.thing}: {each.detail}{destroys}")
    if not found:
        write("nothing to do")
    _tell_what_is_not_seen(sees_all)


@broker_app.command()
def apply(
    destroy_messages: Annotated[
        bool, typer.Option("--destroy-messages", help="Mend also what takes messages away for ever.")
    ] = False,
    settings: SettingsFile = None,
    as_json: JsonFlag = False,
) -> None:
    """Mend what can be mended; exit 1 where something is left, such as a queue that holds messages."""

    async def act(topology: BrokerTopology) -> tuple[list[Difference], list[tuple[Difference, str]]]:
        return await _apply(topology, may_destroy=destroy_messages)

    done, left = _with_topology(settings, as_json, act)
    data = {
        "mended": [_as_json(each) for each in done],
        "left": [{**_as_json(each), "why": why} for each, why in left],
    }
    if not as_json:
        for each in done:
            write(f"{_step(each):7} {each.thing}")
        for each, why in left:
            write(f"left    {each.thing}: {why}")
    if left:
        fail("BROKER_NOT_MENDED", f"{len(left)} things are left as they are.", as_json=as_json, data=data)
    if as_json:
        write(envelope(data))
    elif not done:
        write("nothing to do")


@broker_app.command()
def asyncapi(
    output: Annotated[Path | None, typer.Option("--output", help="File to write to.")] = None,
    department: Annotated[
        list[str] | None,
        typer.Option("--department", metavar="NAME", help="As this department has it; repeatable."),
    ] = None,
) -> None:
    """Print the channels, messages and users as an AsyncAPI 3 document, without names of a real installation."""
    from connectors.async_api import document

    write(json.dumps(document(tuple(department or ())), ensure_ascii=False, indent=2), output)


async def _look(topology: BrokerTopology) -> tuple[bool, tuple[Difference, ...]]:
    return topology.sees_all, await topology.differences()


async def _apply(
    topology: BrokerTopology, *, may_destroy: bool
) -> tuple[list[Difference], list[tuple[Difference, str]]]:
    """Mend one by one; what cannot be is told, and keeps nothing else from being mended."""
    from hub.messages.broker_topology import WouldDestroyMessages

    done: list[Difference] = []
    left: list[tuple[Difference, str]] = []
    for each in await topology.differences():
        if each.mend is None:
            left.append((each, each.detail))
            continue
        try:
            await topology.mend(each, may_destroy=may_destroy)
        except WouldDestroyMessages as refusal:
            left.append((each, f"{refusal}. Let them be handled first, or give --destroy-messages."))
        else:
            done.append(each)
    return done, left


def _with_topology(file: Path | None, as_json: bool, act: Callable[[BrokerTopology], Awaitable[Answer]]) -> Answer:
    from sqlalchemy.exc import SQLAlchemyError

    from connectors.broker import BrokerUnavailable
    from connectors.rabbitmq.management import ManagementUnavailable
    from hub.cli.diagnosis import load_or_fail
    from hub.messages.broker_topology import open_topology
    from hub.storage.database import Database

    settings = load_or_fail(file, as_json).settings

    async def run() -> Answer:
        database = Database(settings.effective_database_url)
        try:
            return await act(open_topology(settings, database))
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except (BrokerUnavailable, ManagementUnavailable) as error:
        fail("BROKER_UNAVAILABLE", str(error), as_json=as_json)
    except (SQLAlchemyError, OSError) as error:
        message = f"The hub's database cannot be read: {type(error).__name__}. `jiyi doctor` tells more."
        fail("DATABASE_UNAVAILABLE", message, as_json=as_json)


def _as_json(difference: Difference) -> dict[str, Any]:
    return {
        "kind": difference.kind.value,
        "thing": difference.thing,
        "detail": difference.detail,
        "step": _step(difference),
        "messages": difference.messages,
    }


def _step(difference: Difference) -> str:
    from connectors.rabbitmq.access import DepartmentAccess
    from connectors.rabbitmq.drift import Removal

    if difference.mend is None:
        return "by hand"
    if isinstance(difference.mend, Removal):
        return "replace" if difference.mend.then else "remove"
    return "permit" if isinstance(difference.mend, DepartmentAccess) else "make"


def _tell_what_is_not_seen(sees_all: bool) -> None:
    if not sees_all:
        note(_NOT_ALL)
