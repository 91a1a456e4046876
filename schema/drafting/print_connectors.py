"""Root fields with their ``@connect``, and the ``@source`` that they share. Source: the public Apollo Connectors
convention, v0.3."""

from __future__ import annotations

from collections.abc import Iterator

from graphql.language.print_string import print_string

from schema.drafting.graph import ListOf, print_type
from schema.drafting.openapi_access import Access
from schema.drafting.operations import Argument, RootField
from schema.drafting.print_sdl import described, reviewed, string
from schema.drafting.selections import Selections

FEDERATION = "https://specs.apollo.dev/federation/v2.9"
CONNECT = "https://specs.apollo.dev/connect/v0.3"


def print_head(access: Access, imports: list[str]) -> str:
    imported = f", import: [{', '.join(map(print_string, imports))}]" if imports else ""
    lines = [
        "extend schema",
        f'  @link(url: "{FEDERATION}"{imported})',
        f'  @link(url: "{CONNECT}", import: ["@source", "@connect"])',
    ]
    for url, name in access.sources.items():
        parts = [f"baseURL: {print_string(url)}"]
        if access.headers:
            parts.append(f"headers: [{_headers(access.headers)}]")
        if access.query_parameters:
            parts.append(f"queryParams: {string(chr(10).join(access.query_parameters), '  ')}")
        lines.append(f'  @source(name: "{name}", http: {{ {", ".join(parts)} }})')
    return "\n".join(lines)


def print_root(name: str, fields: list[RootField], selections: Selections) -> str:
    lines = [f"type {name} {{"]
    for field in fields:
        lines += _field(field, selections)
    return "\n".join((*lines, "}"))


def _field(field: RootField, selections: Selections) -> Iterator[str]:
    yield from described(field.description or field.operation, "  ")
    yield from reviewed(field.reviews, "  ")
    yield f"  {field.name}{_arguments(field.arguments)}: {print_type(field.type, is_nullable=True)}"
    if field.is_deprecated:
        yield "    @deprecated"
    if field.page_size_argument and isinstance(field.type, ListOf):
        size = print_string(field.page_size_argument)
        yield f"    @listSize(slicingArguments: [{size}], requireOneSlicingArgument: false)"
    yield "    @connect("
    yield f'      source: "{field.source}"'
    yield from _http(field)
    if field.is_success:
        yield f"      isSuccess: {string(field.is_success, '      ')}"
    if field.is_entity:
        yield "      entity: true"
    selection = field.selection if field.selection is not None else selections.of(field.type)
    yield f"      selection: {string(selection, '      ')}"
    yield "    )"


def _http(field: RootField) -> Iterator[str]:
    parts = [f"{field.method}: {string(field.path, '        ')}"]
    if field.query_parameters:
        parts.append(f"queryParams: {string(chr(10).join(field.query_parameters), '        ')}")
    if field.headers:
        parts.append(f"headers: [{_headers(field.headers)}]")
    if field.body is not None:
        parts.append(f"body: {string(field.body, '        ')}")
    if len(parts) == 1 and "\n" not in parts[0]:
        yield f"      http: {{ {parts[0]} }}"
        return
    yield "      http: {"
    for part in parts:
        yield f"        {part}"
    yield "      }"


def _headers(headers: list[tuple[str, str]]) -> str:
    return ", ".join(f"{{ name: {print_string(name)}, value: {print_string(value)} }}" for name, value in headers)


def _arguments(arguments: list[Argument]) -> str:
    if not arguments:
        return ""
    texts = []
    for each in arguments:
        default = f" = {each.default}" if each.default is not None else ""
        texts.append(f"{each.name}: {print_type(each.type, is_nullable=each.is_nullable)}{default}")
    if not any(each.description for each in arguments) and sum(map(len, texts)) < 90:
        return f"({', '.join(texts)})"
    lines = ["("]
    for each, text in zip(arguments, texts, strict=True):
        lines += [*described(each.description, "    "), f"    {text}"]
    return "\n".join((*lines, "  )"))
