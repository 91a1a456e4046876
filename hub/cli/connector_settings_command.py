"""``jiyi connector settings``: how the hub treats a connector, shown and changed while it runs."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from hub.cli.asking import Certificate, Hub, ask_hub
from hub.cli.connector_commands import Name
from hub.cli.output import JsonFlag, envelope, fail, write

_CAMEL = re.compile(r"(?<=[a-z])[A-Z]")


def settings(
    name: Name,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="KEY=VALUE, repeatable; KEY=default goes back to it.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, for who reads it later.")] = "",
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Show how the hub treats a connector, or change it (operators): deadline, slots, retries, circuits."""
    selection = f"{{ name resilience {{ {' '.join(_fields())} changed reason changedAt changedBy }} }}"
    if changes:
        query = f"""mutation ($name: String!, $input: ConnectorResilienceInput!, $reason: String!) {{
          connector: setConnectorResilience(name: $name, input: $input, reason: $reason) {selection} }}"""
        variables = {"name": name, "input": _read(changes, as_json), "reason": reason}
    else:
        query = f"query ($name: String!) {{ connector(name: $name) {selection} }}"
        variables = {"name": name}
    found = ask_hub(hub, query, variables, as_json, ca_file)["connector"]
    if found is None:
        fail("NOT_FOUND", f'There is no connector "{name}" that you may see.', as_json=as_json)
    told = {_snake(key): value for key, value in found["resilience"].items()}
    if as_json:
        write(envelope({"connector": name, "settings": told}))
        return
    for key in map(_snake, _fields()):
        mark = "set" if key in told["changed"] else "default"
        write(f"{key:20} {str(told[key]).lower():>8}  {mark}")


def _fields() -> list[str]:
    from connectors.resilience.settings import KNOBS

    return [_camel(knob.name) for knob in KNOBS]


def _read(changes: list[str], as_json: bool) -> dict[str, Any]:
    """What was written, as the graph takes it."""
    from connectors.resilience.settings import KNOBS

    known = {knob.name: knob for knob in KNOBS}
    read: dict[str, Any] = {}
    for change in changes:
        key, sign, text = change.partition("=")
        knob = known.get(key)
        if not sign or knob is None:
            fail(
                "BAD_USER_INPUT",
                f'"{change}" is no KEY=VALUE with a KEY of {", ".join(known)}.',
                as_json=as_json,
                exit_code=2,
            )
        value = _value(text)
        if value is not None and (mistake := knob.mistake(value)) is not None:
            fail("BAD_USER_INPUT", mistake, as_json=as_json, exit_code=2)
        read[_camel(key)] = value
    return read


def _value(text: str) -> object:
    if text == "default":
        return None
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else text


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _snake(name: str) -> str:
    return _CAMEL.sub(lambda found: f"_{found.group().lower()}", name)
