"""Keys resolve: by each of them the same thing, unknown ones are null, and of many each is found at its place."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from connectors.connector import JSON
from hub.conformance.bench import Asked, Bench, Key
from hub.conformance.made_up import made_up
from hub.conformance.result import CheckResult, failed, not_applicable, passed

_TRIED = 5
_SEED = 20_260_101
_UNKNOWN_MEND = (
    "Answer null, or an empty list, where nobody is known: the hub asks about everybody, and an error would "
    "come with everybody's data."
)


async def resolve(bench: Bench) -> list[CheckResult]:
    """What a list gave is found again by each key, with the same values."""
    results = []
    for type_name in bench.keyed_types:
        for entity in bench.found.get(type_name, [])[:_TRIED]:
            problem = await _differs(bench, type_name, entity)
            if problem:
                results.append(problem)
                break
        else:
            if bench.found.get(type_name):
                results.append(
                    passed("keys-resolve", "every sample, by each key, with the same values", type_name)
                )
    return results or [not_applicable("keys-resolve", "There is nothing to look up.")]


async def unknown(bench: Bench) -> list[CheckResult]:
    """The hub asks every department for every person: who knows nobody says null, or nothing of theirs."""
    results = []
    for type_name in bench.keyed_types:
        given = bench.samples.unknown.get(type_name, ())
        keys = given or _made_up_keys(bench, type_name)
        if not keys:
            continue
        asked = await bench.look_up(type_name, *keys)
        results.append(_unknown_result(bench, type_name, asked, is_given=bool(given)))
    return results or [not_applicable("keys-unknown", "There is nothing to look up.")]


async def batch(bench: Bench) -> list[CheckResult]:
    """Many at once, turned round, one twice and one unknown between: each answer at the place of its key."""
    results = []
    for type_name in bench.keyed_types:
        known: list[Key] = [
            keys[0] for e in bench.found.get(type_name, [])[:_TRIED] if (keys := bench.keys_of(type_name, e))
        ]
        if not known:
            continue
        stranger = _made_up_keys(bench, type_name)[:1]
        wanted: list[Key] = [*reversed(known), *stranger, known[0]]
        results.append(_batch_result(type_name, wanted, known, await bench.look_up(type_name, *wanted)))
    return results or [not_applicable("keys-batch", "There is nothing to look up.")]


async def _differs(bench: Bench, type_name: str, entity: Mapping[str, JSON]) -> CheckResult | None:
    for key in bench.keys_of(type_name, entity):
        asked = await bench.look_up(type_name, key)
        about = f"{type_name} by {', '.join(key)}"
        if not asked.is_well:
            return failed("keys-resolve", f"{key}: {asked.trouble}", "Answer a key that you handed out.", about)
        (found,) = asked.entities() or [None]
        if not isinstance(found, dict):
            mend = "A list hands out keys by which nothing is found: let both speak of the same things."
            return failed("keys-resolve", f"{key} is unknown when looked up.", mend, about)
        for name in bench.selecting.plain_fields(type_name):
            if name in entity and name in found and entity[name] != found[name]:
                reason = f"{key}: {name} is {found[name]!r} when looked up, and was {entity[name]!r}."
                return failed("keys-resolve", reason, "Give the same value by every road.", about)
    return None


def _made_up_keys(bench: Bench, type_name: str) -> tuple[Key, ...]:
    random = Random(_SEED)  # noqa: S311  # the same keys at each run
    keys = [key for e in bench.found.get(type_name, [])[:3] for key in bench.keys_of(type_name, e)[:1]]
    return tuple(made_up(key, random) for key in keys)


def _unknown_result(bench: Bench, type_name: str, asked: Asked, *, is_given: bool) -> CheckResult:
    if not asked.is_well:
        return failed("keys-unknown", asked.trouble, _UNKNOWN_MEND, type_name)
    having = [
        entity for entity in asked.entities() if isinstance(entity, dict) and _says(bench, type_name, entity)
    ]
    if not having:
        return passed("keys-unknown", "nothing, and no error", type_name)
    if is_given:
        mend = "Answer null where nobody is known by a key."
        return failed("keys-unknown", f"An unknown key has values: {having[0]}", mend, type_name)
    reason = 'A key that was made up has values; give one that nobody has under "unknown" of --samples.'
    return not_applicable("keys-unknown", reason, type_name)


def _says(bench: Bench, type_name: str, entity: Mapping[str, JSON]) -> bool:
    """Whether an entity has anything but its key."""
    keys = {name for key in bench.opened.shape.virtual.keys.get(type_name, ()) for name in key.field_names}
    return any(value not in (None, [], {}) for name, value in entity.items() if name not in {*keys, "__typename"})


def _batch_result(type_name: str, keys: list[Key], expected: list[Key], asked: Asked) -> CheckResult:
    found = asked.entities()
    if not asked.is_well or len(found) != len(keys):
        reason = asked.trouble or f"{len(keys)} keys were asked for, and {len(found)} answered."
        mend = "Answer each key at its place, null where nobody is known."
        return failed("keys-batch", reason, mend, type_name)
    for key, entity in zip(keys, found, strict=True):
        is_mixed = isinstance(entity, dict) and any(
            not isinstance(value, dict) and str(entity.get(name)) != str(value) for name, value in key.items()
        )
        if is_mixed:
            mend = "Match by key, not by order: a department's answer may lack some, or come in another order."
            return failed("keys-batch", f"At the place of {key} there is another.", mend, type_name)
    missing = sum(entity is None and key in expected for key, entity in zip(keys, found, strict=True))
    if missing:
        reason = f"{missing} that are found one by one are missing when many are asked for."
        return failed("keys-batch", reason, "Answer all that were asked for at once.", type_name)
    return passed("keys-batch", f"{len(keys)} at once, each at its place", type_name)
