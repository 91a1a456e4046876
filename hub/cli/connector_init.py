"""``jiyi connector init``: print a connector SDL drafted from what a department already has."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.input import read_header
from hub.cli.output import JsonFlag, envelope, fail, note, write

if TYPE_CHECKING:
    from schema.drafting import Draft

_SHOWN_NOTES = 40


@dataclass(frozen=True, slots=True)
class Origin:
    """What is drafted from: ``headers`` go along to an address, ``password`` to a database."""

    name: str
    target: str
    headers: Mapping[str, str]
    password: str | None


Drafter = Callable[[Origin], Coroutine[None, None, "Draft"]]


def init(
    name: Annotated[str, typer.Argument(help="The connector's name.")],
    from_openapi: Annotated[
        str | None, typer.Option(metavar="FILE|URL", help="OpenAPI 3.1, 3.0 or Swagger 2.0, JSON or YAML.")
    ] = None,
    from_sql: Annotated[
        str | None, typer.Option(metavar="URL", help="postgresql://…, mysql://…, mariadb://… or sqlite:///…")
    ] = None,
    from_graphql: Annotated[
        str | None, typer.Option(metavar="FILE|URL", help="A GraphQL server, its SDL or an introspection answer.")
    ] = None,
    from_wsdl: Annotated[str | None, typer.Option(metavar="FILE|URL", help="WSDL 1.1, SOAP 1.1 or 1.2.")] = None,
    header: Annotated[
        list[str] | None,
        typer.Option("--header", "-H", metavar="NAME:VALUE", help="Sent when a URL is read; repeatable."),
    ] = None,
    password_env: Annotated[
        str | None, typer.Option(metavar="VARIABLE", help="Environment variable with the database's password.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write to.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft a connector from what the department has. Keys are guessed; look for "# review"."""
    from hub.cli.document_source import RefusedReference
    from hub.cli.document_text import BadDocument
    from hub.cli.input import Unreadable
    from schema.drafting import Undraftable

    offered: tuple[tuple[Drafter, str | None], ...] = (
        (_from_openapi, from_openapi),
        (_from_sql, from_sql),
        (_from_graphql, from_graphql),
        (_from_wsdl, from_wsdl),
    )
    given = [(drafter, target) for drafter, target in offered if target is not None]
    if len(given) != 1:
        message = "Name one thing to draft from: --from-openapi, --from-sql, --from-graphql or --from-wsdl."
        fail("WRONG_USAGE", message, as_json=as_json, exit_code=2)
    if password_env is not None and password_env not in os.environ:
        message = f"--password-env names {password_env}, which is not set."
        fail("WRONG_USAGE", message, as_json=as_json, exit_code=2)
    drafter, target = given[0]
    password = os.environ[password_env] if password_env is not None else None
    try:
        draft = asyncio.run(drafter(Origin(name, target, dict(map(read_header, header or ())), password)))
    except RefusedReference as error:
        fail("REFERENCE_REFUSED", str(error), as_json=as_json)
    except Unreadable as error:
        fail("DOCUMENT_UNREADABLE", str(error), as_json=as_json, exit_code=2)
    except (BadDocument, Undraftable) as error:
        what = target if drafter is not _from_sql else "--from-sql"
        fail("NOTHING_TO_DRAFT", f"{what}: {error}", as_json=as_json)
    _show(name, draft, output, as_json)


async def _from_openapi(origin: Origin) -> Draft:
    from hub.cli.document_source import DocumentSource, document_client
    from hub.cli.document_text import read_document
    from schema.drafting import draft_openapi
    from schema.drafting.references import absolute, outside

    client = document_client()
    try:
        source = DocumentSource(origin.target, client, origin.headers)
        root = read_document(await source.root())
        others = await source.beside(root, read_document, outside)
    finally:
        await client.close()
    location = source.location
    if others:
        root = absolute(root, location, is_root=True)
        others = {place: absolute(each, place) for place, each in others.items()}
        # Other documents may refer back to the root by its location.
        others[location] = root
    return draft_openapi(root, others, location)


async def _from_sql(origin: Origin) -> Draft:
    from hub.cli.database_tables import read_tables
    from schema.drafting import draft_tables

    return draft_tables(origin.name, await asyncio.to_thread(read_tables, origin.target, origin.password))


async def _from_graphql(origin: Origin) -> Draft:
    from hub.cli.document_source import DocumentSource, document_client
    from hub.cli.document_text import read_document
    from hub.cli.graphql_server import ask_schema
    from schema.drafting import draft_graphql, draft_introspection

    client = document_client()
    try:
        if origin.target.startswith(("http://", "https://")):
            return await ask_schema(origin.target, client, origin.headers)
        text = await DocumentSource(origin.target, client, origin.headers).root()
    finally:
        await client.close()
    return draft_introspection(read_document(text)) if text.lstrip().startswith("{") else draft_graphql(text)


async def _from_wsdl(origin: Origin) -> Draft:
    from hub.cli.document_source import DocumentSource, document_client
    from schema.drafting import draft_wsdl
    from schema.drafting.wsdl_document import imported
    from schema.drafting.xml_tree import read_tree

    client = document_client()
    try:
        source = DocumentSource(origin.target, client, origin.headers)
        root = read_tree(await source.root())
        others = await source.beside(root, read_tree, imported)
    finally:
        await client.close()
    return draft_wsdl((root, *(others[place] for place in sorted(others))))


def _show(name: str, draft: Draft, output: Path | None, as_json: bool) -> None:
    if as_json:
        data = {
            "name": name,
            "kind": draft.kind,
            "sdl": draft.sdl,
            "notes": [{"operation": each.operation, "reason": each.reason} for each in draft.notes],
            "coverage": [
                {"what": each.what, "drafted": each.drafted, "found": each.found} for each in draft.coverage
            ],
        }
        if output is not None:
            write(draft.sdl, output)
        write(envelope(data))
        return
    write(draft.sdl, output)
    for each in draft.notes[:_SHOWN_NOTES]:
        note(f"note {each}")
    if len(draft.notes) > _SHOWN_NOTES:
        note(f"and {len(draft.notes) - _SHOWN_NOTES} more notes; --json has all of them")
    for count in draft.coverage:
        note(f"drafted {count}")
    note(f'look for "# review", then: jiyi connector lint {name} --kind {draft.kind} --schema {output or "FILE"}')
