"""Draft a connector from an OpenAPI document. THE STORY.

Operations become root fields, schemas become types, keys are guessed, circles are cut, and the whole is printed.
Sources: OpenAPI 2.0, 3.0 and 3.1; the public Apollo Connectors convention.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schema.drafting.cuts import cut
from schema.drafting.draft import Count, Draft, Note
from schema.drafting.entities import guess_keys
from schema.drafting.graph import Graph, Leaf, Type
from schema.drafting.input_mapping import InputMappings
from schema.drafting.openapi_access import Access, access_of
from schema.drafting.openapi_document import OpenApiDocument, Operation
from schema.drafting.openapi_operations import OpenApiOperations, Undrafted
from schema.drafting.openapi_types import OpenApiTypes
from schema.drafting.operations import RootField
from schema.drafting.print_connectors import print_head, print_root
from schema.drafting.print_sdl import SCALARS, print_types, reviewed
from schema.drafting.selections import Selections
from schema.drafting.unions import settle_unions


def draft_openapi(root: Any, others: Mapping[str, Any], location: str = "") -> Draft:
    """``others`` are the documents that ``root`` refers to, made absolute, by location; ``location`` is the root's
    own. Raises :class:`Undraftable`."""
    document = OpenApiDocument(root, others, location)
    types = OpenApiTypes(document)
    operations = list(document.operations())
    access = access_of(document, operations)
    fields, notes = _fields(document, types, operations, access)
    settle_unions(types.graph)
    inputs = InputMappings(types.graph)
    for field in fields:
        if field.body_argument is not None:
            field.body = inputs.of(field.body_argument)
    guess_keys(types.graph, fields)
    cuts = cut(types.graph, (field.type for field in fields))
    selections = Selections(types.graph, cuts)
    broken = [Note(each, "this reference leads nowhere") for each in sorted(document.references.broken)]
    return Draft(
        "rest",
        _print(document, access, types.graph, fields, selections),
        (*access.notes, *broken, *notes),
        tuple(_coverage(operations, fields)),
    )


def _fields(
    document: OpenApiDocument, types: OpenApiTypes, operations: list[Operation], access: Access
) -> tuple[list[RootField], list[Note]]:
    made = OpenApiOperations(document, types)
    fields: list[RootField] = []
    for operation in operations:
        try:
            field = made.field_of(operation)
        except Undrafted as reason:
            made.notes.append(Note(str(operation), f"left out: {reason}"))
            continue
        field.source = access.sources[operation.base_url]
        fields.append(field)
    return fields, made.notes


def _print(
    document: OpenApiDocument, access: Access, graph: Graph, fields: list[RootField], selections: Selections
) -> str:
    reads, writes = [each for each in fields if each.is_read], [each for each in fields if not each.is_read]
    used = graph.reachable(_used_types(fields))
    keyed = any(graph.objects[name].keys for name in used & graph.objects.keys())
    imports = [*(["@key"] if keyed else []), *(["@listSize"] if any(f.page_size_argument for f in fields) else [])]
    blocks = [
        "\n".join(
            (f"# {document.title or 'A draft'}: drafted from its OpenAPI document.", *reviewed(access.reviews))
        ),
        print_head(access, imports),
        *([print_root("Query", reads, selections)] if reads else []),
        *([print_root("Mutation", writes, selections)] if writes else []),
        *print_types(graph, used, used & SCALARS.keys()),
    ]
    return "\n\n".join(blocks)


def _used_types(fields: list[RootField]) -> Iterator[Type]:
    for field in fields:
        yield field.type
        yield from (each.type for each in field.arguments)
    yield Leaf("String")


def _coverage(operations: list[Operation], fields: list[RootField]) -> Iterator[Count]:
    reads = sum(each.method == "get" for each in operations)
    yield Count("GET operations", sum(field.is_read for field in fields), reads)
    yield Count("other operations", sum(not field.is_read for field in fields), len(operations) - reads)
