"""The mappings of one ``@connect`` by the role of the text each stands in, for checks that point into it.

A source's mapping has the role of the same name behind ``source``: it stands in none of the connector's texts.
"""

from __future__ import annotations

from collections.abc import Iterator

from schema.mapping.connect import Connect
from schema.mapping.syntax import Expression, Selection

ABOUT_THE_ANSWER = frozenset({"selection", "isSuccess", "message", "extensions"})
"""What is evaluated once the answer is there."""
_CODES = {"url": "INVALID_URL", "path": "INVALID_URL", "queryParams": "INVALID_URL", "body": "INVALID_BODY"}


def kind_of(role: str) -> str:
    """The role, whoever's it is."""
    return role.removeprefix("source ")


def code_of(role: str) -> str:
    kind = kind_of(role)
    return "INVALID_SELECTION" if kind in ABOUT_THE_ANSWER else _CODES.get(kind, "INVALID_HEADER")


def request_texts(connect: Connect) -> Iterator[tuple[str, Expression]]:
    """What the request is made of, the source's part included."""
    source = connect.source
    address = connect.url or connect.statement
    for role, text in (("url", address), ("source url", source.base_url if source else None)):
        for expression in text.expressions if text else ():
            yield role, expression
    for role, headers in (("header", connect.headers), ("source header", source.headers if source else ())):
        for header in headers:
            for expression in header.value.expressions if header.value else ():
                yield role, expression
    for role, selection in request_selections(connect):
        yield role, selection.value


def request_selections(connect: Connect) -> Iterator[tuple[str, Selection]]:
    source = connect.source
    parts = [("body", connect.body), ("path", connect.path), ("queryParams", connect.query_parameters)]
    if source is not None:
        parts += [("source path", source.path), ("source queryParams", source.query_parameters)]
    for role, selection in parts:
        if selection is not None:
            yield role, selection


def answer_selections(connect: Connect) -> Iterator[tuple[str, Selection]]:
    """What is made of the answer beside ``selection``."""
    for prefix, each in (("", connect), ("source ", connect.source)):
        if each is None:
            continue
        parts = {"isSuccess": each.is_success, "message": each.failure.message}
        for role, selection in (parts | {"extensions": each.failure.extensions}).items():
            if selection is not None:
                yield f"{prefix}{role}", selection
