"""``jiyi broker dead-letters``: what nobody could handle, through the graph; for operators."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hub.cli.asking import Certificate, Hub, ask_hub
from hub.cli.output import JsonFlag, envelope, fail, note, write

dead_letter_app = typer.Typer(help="Look at dead letters, and put them back with a reason.", no_args_is_help=True)

Queue = Annotated[str | None, typer.Option("--queue", help="Those of one queue alone.")]

_LETTER = (
    "{ id queue type source sentAt subject parkedCase reason attempts since traceparent "
    "redrives { at by reason wasFound } }"
)
_LIST = f"query ($queue: String) {{ deadLetters(queue: $queue) {_LETTER} }}"
_SHOW = f"query ($id: ID!) {{ deadLetter(id: $id) {_LETTER} }}"
_REDRIVE = """mutation ($ids: [ID!]!, $reason: String!) {
  redriveDeadLetters(ids: $ids, reason: $reason) { redriven gone }
}"""
_AT_ONCE = 100


@dead_letter_app.command("list")
def list_letters(
    queue: Queue = None, hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False
) -> None:
    """List them, the oldest first, without what is in them."""
    found = ask_hub(hub, _LIST, {"queue": queue}, as_json, ca_file)["deadLetters"]
    if as_json:
        write(envelope({"deadLetters": found}))
        return
    for each in found:
        write(f"{each['id']}  {each['queue']}  {each['type']}  {each['parkedCase'] or '-'}  {each['reason']}")
    if not found:
        note("no dead letters")


@dead_letter_app.command()
def show(
    id: Annotated[str, typer.Argument(help="The message's id.")],
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Show one: why, from where, how often, which case waits, and who put it back before."""
    found = ask_hub(hub, _SHOW, {"id": id}, as_json, ca_file)["deadLetter"]
    if found is None:
        fail("NOT_FOUND", f'There is no dead letter "{id}" (any more).', as_json=as_json)
    if as_json:
        write(envelope({"deadLetter": found}))
        return
    for name, value in found.items():
        if name != "redrives" and value is not None:
            write(f"{name + ':':14} {value}")
    for each in found["redrives"]:
        write(f"{'put back:':14} {each['at']} by {each['by']}: {each['reason']}")


@dead_letter_app.command()
def redrive(
    ids: Annotated[list[str] | None, typer.Argument(help="The messages' ids.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept with who and when.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All of them, or with --queue all of one queue.")] = False,
    queue: Queue = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Put dead letters back to their queues, with a reason; exit 1 where one was not there any more."""
    if not reason.strip():
        fail("WRONG_USAGE", "Say with --reason why; it is kept.", as_json=as_json, exit_code=2)
    if bool(ids) == every:
        fail("WRONG_USAGE", "Name dead letters by their ids, or give --all.", as_json=as_json, exit_code=2)
    wanted = ids or []
    if every:
        found = ask_hub(hub, _LIST, {"queue": queue}, as_json, ca_file)["deadLetters"]
        wanted = list(dict.fromkeys(each["id"] for each in found))
    made: dict[str, list[Any]] = {"redriven": [], "gone": []}
    for start in range(0, len(wanted), _AT_ONCE):
        asked = {"ids": wanted[start : start + _AT_ONCE], "reason": reason}
        answer = ask_hub(hub, _REDRIVE, asked, as_json, ca_file)["redriveDeadLetters"]
        made = {name: [*made[name], *answer[name]] for name in made}
    if made["gone"]:
        message = f"{len(made['gone'])} were not there any more: {', '.join(made['gone'][:5])}"
        fail("NOT_FOUND", message, as_json=as_json, data=made)
    if as_json:
        write(envelope(made))
    else:
        note(f"{len(made['redriven'])} delivered again")
