"""Commands are idempotent: the same key twice has its effect once, and the same answer. Tried only if allowed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from connectors.connector import JSON
from hub.conformance.bench import Bench
from hub.conformance.result import CheckResult, failed, not_applicable, passed
from hub.conformance.samples import Command, Effect
from hub.conformance.selecting import written

_CHECK = "commands-idempotent"
_MEND = (
    "Remember the answer by its Idempotency-Key and give it again; a system that cannot is registered with "
    "idempotency: none."
)


async def idempotent(bench: Bench) -> list[CheckResult]:
    """Each command of the samples is given twice with one key."""
    if not bench.selecting.root_fields("mutation") and not bench.samples.commands:
        return [not_applicable(_CHECK, "There are no mutations.")]
    if not bench.allows_mutations:
        return [not_applicable(_CHECK, "Mutations are tried with --allow-mutations only.")]
    if not bench.samples.commands:
        return [not_applicable(_CHECK, '--samples names no "commands" to try.')]
    return [await _twice(bench, command) for command in bench.samples.commands]


async def _twice(bench: Bench, command: Command) -> CheckResult:
    query = _query_of(bench, command)
    if query is None:
        return failed(_CHECK, "The SDL has no such mutation.", "Name one that it has.", command.field)
    key = secrets.token_hex(8)
    before = await _seen(bench, command.effect)
    first = await bench.ask(query, idempotency_key=key)
    between = await _seen(bench, command.effect)
    second = await bench.ask(query, idempotency_key=key)
    after = await _seen(bench, command.effect)
    if not first.is_well or not second.is_well:
        reason = f"{'First' if not first.is_well else 'Second'} time: {first.trouble or second.trouble}"
        return failed(
            _CHECK, reason, "Answer a command that may be given, and its repetition alike.", command.field
        )
    if first.data != second.data:
        return failed(_CHECK, "The repeated command was answered otherwise.", _MEND, command.field)
    if between != after:
        return failed(_CHECK, f"It had its effect twice: {before}, {between}, {after}.", _MEND, command.field)
    if command.effect is not None and before == between:
        reason = f"Its effect is not seen at {'.'.join(command.effect.path)}: it is {before} before and after."
        return failed(_CHECK, reason, "Name a query and a path that the command changes.", command.field)
    effect = f"{before} became {after} once" if command.effect else "the same answer twice"
    return passed(_CHECK, effect, command.field)


def _query_of(bench: Bench, command: Command) -> str | None:
    schema = bench.opened.shape.schema
    declared = schema.mutation_type.fields.get(command.field) if schema.mutation_type else None
    if declared is None:
        return None
    arguments = written(command.arguments, declared.args)
    return f"mutation {{ {command.field}{arguments}{bench.selecting.below(declared.type)} }}"


async def _seen(bench: Bench, effect: Effect | None) -> JSON:
    if effect is None:
        return None
    value: JSON = (await bench.ask(effect.query)).data
    for name in effect.path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
