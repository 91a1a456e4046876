"""Bodies of requests and answers: read from the wire, with personal data replaced, and written again."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from graphql import (
    ArgumentNode,
    GraphQLError,
    ObjectFieldNode,
    StringValueNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from mocks.recording.pseudonyms import Pseudonyms

_ELEMENT = re.compile(r"(<(?:\w+:)?(\w+)(?:\s[^<>]*)?>)([^<>]+)(</)")
_ATTRIBUTE = re.compile(r'(\s(\w+)=")([^"]*)(")')


class Unrecordable(Exception):
    """A body that is no text: what is in it cannot be told, so it is not written."""


def read_body(raw: bytes, content_type: str) -> tuple[Any, bool]:
    """A body as JSON, or as text; and whether it was JSON. Raises :class:`Unrecordable`."""
    if not raw:
        return None, False
    charset = re.search(r"charset=\"?([\w-]+)", content_type)
    try:
        text = raw.decode(charset[1] if charset else "utf-8")
    except (UnicodeDecodeError, LookupError) as error:
        raise Unrecordable(f"the body is no text: {content_type or 'no content type'}") from error
    if "json" in content_type or text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text), True
        except ValueError:
            return text, False
    return text, False


def replaced(pseudonyms: Pseudonyms, body: Any, content_type: str) -> Any:
    """The body without personal data, in the way of its kind: JSON, GraphQL, form, CSV, XML, other text."""
    if isinstance(body, dict) and isinstance(body.get("query"), str):
        operation = replaced_operation(pseudonyms, body["query"])
        rest = {name: value for name, value in body.items() if name != "query"}
        found = pseudonyms.of(rest)
        return {"query": operation, **found}
    if not isinstance(body, str):
        return _without_sdl(pseudonyms, body)
    if "form-urlencoded" in content_type:
        return urlencode([(name, pseudonyms.of(value, name)) for name, value in parse_qsl(body)])
    if "csv" in content_type:
        return _csv(pseudonyms, body)
    if "xml" in content_type or body.lstrip().startswith("<"):
        body = _ATTRIBUTE.sub(lambda found: f"{found[1]}{pseudonyms.of(found[3], found[2])}{found[4]}", body)
        return _ELEMENT.sub(lambda found: f"{found[1]}{pseudonyms.of(found[3], found[2])}{found[4]}", body)
    return pseudonyms.text(body)


def _without_sdl(pseudonyms: Pseudonyms, body: Any) -> Any:
    """An SDL is nobody's data; its examples and descriptions must stay what they are, to compose."""
    service = body.get("data", {}).get("_service") if _has_data(body) else None
    found = pseudonyms.of(body)
    if service:
        found["data"]["_service"] = service
    return found


def _has_data(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("data"), dict)


def _csv(pseudonyms: Pseudonyms, text: str) -> str:
    rows = list(csv.reader(io.StringIO(text)))
    if not rows:
        return text
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows[1:]:
        told = dict(zip(rows[0], row, strict=False))
        writer.writerow(list(pseudonyms.of(told).values()) if len(told) == len(row) else map(pseudonyms.text, row))
    return written.getvalue()


def replaced_operation(pseudonyms: Pseudonyms, text: str) -> str:
    """An operation with the personal data in its literals replaced, by the names of the arguments."""
    try:
        return print_ast(visit(parse(text), _Literals(pseudonyms)))
    except GraphQLError:
        return pseudonyms.text(text)


class _Literals(Visitor):
    def __init__(self, pseudonyms: Pseudonyms) -> None:
        super().__init__()
        self._pseudonyms = pseudonyms

    def enter_argument(self, node: Any, *_: Any) -> Any:
        return self._named(node)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> Any:
        return self._named(node)

    def _named(self, node: Any) -> Any:
        if not isinstance(node.value, StringValueNode):
            return None
        value = self._pseudonyms.of(node.value.value, node.name.value)
        return type(node)(name=node.name, value=StringValueNode(value=value, block=node.value.block))

    def enter_string_value(self, node: StringValueNode, _key: Any, parent: Any, *_: Any) -> Any:
        if isinstance(parent, ArgumentNode | ObjectFieldNode):
            return None
        return StringValueNode(value=self._pseudonyms.text(node.value), block=node.block)
