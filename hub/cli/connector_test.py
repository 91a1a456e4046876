"""``jiyi connector test``: the conformance kit over a department's own system, as a report, JSON, JUnit XML."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.connector_dev import Config, Name, SystemKind, SystemSchema, SystemUrl, Timeout, specification_flags
from hub.cli.output import JsonFlag, envelope, fail, note, write

if TYPE_CHECKING:
    from hub.conformance.result import Report
    from hub.conformance.samples import Samples
    from hub.workbench.specification import SpecificationFlags


def examine_connector(
    name: Name,
    schema: SystemSchema = None,
    url: SystemUrl = None,
    kind: SystemKind = None,
    config: Config = None,
    samples: Annotated[
        Path | None, typer.Option(help="Keys that exist, arguments, commands to try: TOML or *.json.")
    ] = None,
    timeout_ms: Timeout = 5000,
    concurrency: Annotated[int, typer.Option(min=1, max=100, help="How many reads at once.")] = 10,
    allow_mutations: Annotated[
        bool, typer.Option("--allow-mutations", help="Try the commands of --samples, which have effects.")
    ] = False,
    junit: Annotated[Path | None, typer.Option(help="File to write JUnit XML to.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Try what the hub expects on your own system: a score of 100, and for each check why and the mend."""
    from hub.conformance.junit import junit as junit_xml
    from hub.workbench.specification import BadSpecification

    flags = specification_flags(name, schema, url, kind, config, timeout_ms)
    try:
        report = asyncio.run(_examine(flags, samples, concurrency, allow_mutations, as_json))
    except BadSpecification as bad:
        first, problems = bad.problems[0], [str(problem) for problem in bad.problems]
        message = "\n".join([first.message + (f" ({first.place})" if first.place else ""), *problems[1:]])
        exit_code = 1 if first.place else 2  # what has a place is a mistake in the SDL, else the command is wrong
        fail(first.code, message, as_json=as_json, details={"errors": problems}, exit_code=exit_code)
    if junit is not None:
        write(junit_xml(report), junit)
    _print(report, as_json)


async def _examine(
    flags: SpecificationFlags, samples: Path | None, concurrency: int, allow_mutations: bool, as_json: bool
) -> Report:
    from hub.conformance.bench import Bench
    from hub.conformance.kit import examine
    from hub.workbench.opening import open_connector, watched_client
    from hub.workbench.specification import read_specification

    specification = read_specification(flags, os.environ)
    read = _samples(samples)
    async with watched_client() as client:
        opened = await open_connector(specification, client)
        try:
            bench = Bench(opened, client, read, allow_mutations, concurrency)
            return await examine(bench, (lambda _text: None) if as_json else note)
        finally:
            await opened.connector.close()


def _samples(file: Path | None) -> Samples:
    from hub.conformance.samples import Samples, read_samples
    from hub.workbench.specification import read_table

    return read_samples(read_table(file, "SAMPLES_UNREADABLE")) if file is not None else Samples()


def _print(report: Report, as_json: bool) -> None:
    failures = report.failures
    if as_json:
        message = f"{len(failures)} checks failed; the score is {report.score}."
        error = {"code": "NOT_CONFORMING", "message": message, "details": None}
        write(envelope(report.as_json(), error if failures else None))
    else:
        write(str(report))
    if failures:
        raise typer.Exit(1)
