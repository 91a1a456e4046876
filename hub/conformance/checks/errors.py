"""Errors are told: what fails is an error with a code and in words for the public, never a value that looks right.

A failure is forced: a GraphQL system is asked for a field that it does not have, a REST system at an address that
it does not have. A database fails as the connector tells it, which the hub's own tests cover.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from re import compile as regex

from connectors.connector import JSON
from hub.conformance.bench import Asked, Bench, code_of
from hub.conformance.checks import load
from hub.conformance.result import CheckResult, failed, not_applicable, passed
from hub.workbench.opening import open_connector
from schema.mapping import read_connectors

_INTERNALS = regex(
    r'Traceback \(most recent|File ".+", line \d|\bat [\w.$]+\([\w.]+:\d+\)|SQLSTATE|ORA-\d{5}|'
    r"\w://[^/\s:@]*:?[^/\s@]+@|\bSELECT\b.+\bFROM\b|(?:/home|/usr|/var|/srv)/\w|[A-Z]:\\\w"
)
_TRIED = 5
_TOLD_CHECK = "errors-told"
_CLEAN_CHECK = "errors-without-internals"


async def told(bench: Bench) -> list[CheckResult]:
    """A forced failure is an error."""
    kind = bench.opened.specification.kind
    if kind == "graphql":
        asked = await bench.ask(f"{{ jiyiNoSuchField{secrets.token_hex(3)} }}")
        return [_told(asked, "a field that there is not", "Refuse a document that the schema does not allow.")]
    if kind == "rest":
        return [await _at_no_such_address(bench)]
    return [not_applicable(_TOLD_CHECK, "The connector tells a database's errors itself.")]


async def as_said(bench: Bench) -> list[CheckResult]:
    """The failures of the file of samples happen, with the codes that it says."""
    results = []
    for forced in bench.samples.failures:
        asked = await bench.ask(forced.query)
        codes = [code_of(error) for error in asked.errors]
        if not asked.errors:
            mend = "What fails is an error with a code; where nothing fails, take it out of the samples."
            results.append(failed("errors-as-said", "There was no error.", mend, forced.query))
        elif forced.code is not None and forced.code not in codes:
            reason = f"The codes are {', '.join(map(str, codes))}, not {forced.code}."
            mend = 'Map it: errors: { extensions: "code: …" }, or answer extensions.code.'
            results.append(failed("errors-as-said", reason, mend, forced.query))
        else:
            results.append(passed("errors-as-said", f"{asked.trouble}", forced.query))
    return results or [not_applicable("errors-as-said", "--samples names no failures.")]


async def without_internals(bench: Bench) -> list[CheckResult]:
    """No message of any answer shows the inside of the system."""
    messages = [str(error.get("message")) for asked in bench.asked for error in asked.errors]
    shown = next((message for message in messages if _INTERNALS.search(message)), None)
    if shown is not None:
        mend = "Clients read it: write messages for the public, and keep traces, statements and paths in the log."
        return [failed(_CLEAN_CHECK, f"A message shows the inside: {shown[:160]}", mend)]
    if not messages:
        return [not_applicable(_CLEAN_CHECK, "There was no error to look at.")]
    return [passed(_CLEAN_CHECK, f"{len(messages)} messages for the public")]


async def _at_no_such_address(bench: Bench) -> CheckResult:
    """What was answered well is asked again where nothing is; that an entity is unknown there is right, too."""
    base = bench.opened.specification.url or _base(bench)
    readings = list(load.readings(bench))
    if base is None or not readings:
        return not_applicable(_TOLD_CHECK, "There is nothing to ask at another address.")
    elsewhere = f"{base.rstrip('/')}/jiyi-no-such-path-{secrets.token_hex(3)}"
    opened = await open_connector(replace(bench.opened.specification, url=elsewhere), bench.client)
    asked = [await bench.ask(*reading, connector=opened.connector) for reading in readings[:_TRIED]]
    mend = "Answer 404 where there is nothing, and not 200 with a page; or say by isSuccess what is a success."
    what = "an address that there is not"
    answered = next((each for each in asked if not each.errors and any(map(_is_value, _values(each)))), None)
    if answered is not None:
        return _told(answered, what, mend)
    troubled = next((each for each in asked if each.errors), None)
    return _told(troubled, what, mend) if troubled else passed(_TOLD_CHECK, f"{what}: entities are unknown there")


def _values(asked: Asked) -> list[JSON]:
    return asked.entities() or list((asked.data or {}).values())


def _is_value(value: JSON) -> bool:
    return value not in (None, [])


def _told(asked: Asked, what: str, mend: str) -> CheckResult:
    if not asked.errors:
        return failed(_TOLD_CHECK, f"{what} is answered as if it were there.", mend)
    codes = [code for error in asked.errors if (code := code_of(error))]
    if not codes:
        # The hub gives such an error its own code, DEPARTMENT_ERROR.
        return passed(_TOLD_CHECK, f"{what}: {asked.trouble}; clients read DEPARTMENT_ERROR")
    return passed(_TOLD_CHECK, f"{what}: {asked.trouble}")


def _base(bench: Bench) -> str | None:
    read, _ = read_connectors(bench.opened.specification.name, bench.opened.shape.sdl)
    bases = {str(source.base_url) for source in read.sources} if read else set()
    return bases.pop() if len(bases) == 1 and "{" not in next(iter(bases)) else None
