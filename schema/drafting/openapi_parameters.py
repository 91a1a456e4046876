"""Parameters of an operation as arguments, each with the place where its value goes.

Source: OpenAPI 3.1, "Style Values".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from schema.drafting.draft import Note
from schema.drafting.graph import JSON, STRING, Leaf, ListOf, Named, ObjectType, innermost, list_depth
from schema.drafting.names import Names, camel, field_name, pascal
from schema.drafting.openapi_document import Operation, Parameter
from schema.drafting.openapi_types import OpenApiTypes, Typed
from schema.drafting.operations import Argument, RootField
from schema.drafting.selections import renamed
from schema.mapping.header import RESERVED_HEADERS
from schema.mapping.syntax import print_key

_SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
_OURS = frozenset({"accept", "content-type", "authorization"})
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_UNRESERVED = "/:@!$&'()*+,;=~-._%?"
_LIMITS = frozenset({"limit", "perpage", "pagesize", "size", "count", "maxresults", "first", "top", "take"})
_TELLING_PLACES = frozenset({"page", "offset", "cursor", "pagetoken", "nextpagetoken", "pagenumber"})
_PLACES = _TELLING_PLACES | {
    *("startingafter", "endingbefore", "after", "before", "skip", "start", "startat", "marker", "continue"),
}
"""Where a page begins; words that mean it beside a limit only."""

Tell = Callable[[Note], None]


class Parameters:
    """Puts the parameters of operations into their fields."""

    def __init__(self, types: OpenApiTypes, tell: Tell) -> None:
        self._types = types
        self._tell = tell

    def add(self, field: RootField, operation: Operation, names: Names) -> None:
        self._path(field, operation, names)
        for parameter in operation.parameters:
            if parameter.place == "query":
                self._query(field, parameter, names)
            elif parameter.place == "header":
                self._header(field, parameter, names)
            elif parameter.place == "cookie":
                needed = ", which the service needs" if parameter.is_required else ""
                self._tell(Note(field.operation, f'the cookie "{parameter.name}" is not sent{needed}'))
        _recognise_pages(field, operation)

    # Path

    def _path(self, field: RootField, operation: Operation, names: Names) -> None:
        declared = {each.name: each for each in operation.parameters if each.place == "path"}
        path, fragment, _ = operation.path.partition("#")
        if fragment:
            self._tell(Note(field.operation, "what stands behind # in its path is not sent"))
        at, parts, known = 0, list[str](), dict[str, str]()
        for match in _TEMPLATE.finditer(path):
            parts.append(_fixed(path[at : match.start()]))
            name = match[1].removesuffix("*").lstrip("+/;?.")
            if name not in known:
                parameter = declared.get(name) or declared.get(match[1])
                known[name] = self._in_path(field, name, parameter, names)
            parts.append(known[name])
            at = match.end()
        joined = "".join((*parts, _fixed(path[at:])))
        field.path = joined if joined.startswith("/") else f"/{joined}"

    def _in_path(self, field: RootField, name: str, parameter: Parameter | None, names: Names) -> str:
        schema = parameter.schema if parameter else {"type": "string"}
        argument = self._argument(field, name, schema, names, parameter, is_required=True)
        if isinstance(argument.type, Named) or argument.type == JSON:
            argument.type = STRING
        style = parameter.style if parameter else "simple"
        before = {"label": ".", "matrix": f";{quote(name)}="}.get(style, "")
        value = f"$args.{argument.name}"
        enum = self._types.graph.enums.get(innermost(argument.type).name)
        value += renamed(enum, list_depth(argument.type), to_name=False) if enum else ""
        if isinstance(argument.type, ListOf):
            value += f'->joinNotNull("{"," if style != "label" else "."}")'
        return f"{before}{{{value}}}"

    # Query

    def _query(self, field: RootField, parameter: Parameter, names: Names) -> None:
        argument = self._argument(
            field, parameter.name, parameter.schema, names, parameter, is_required=parameter.is_required
        )
        key, value = print_key(parameter.name), f"$args.{argument.name}"
        inner = innermost(argument.type)
        if parameter.media_type is not None:
            field.query_parameters.append(f"{key}: {value}?->jsonStringify")
        elif isinstance(argument.type, Named):
            field.query_parameters += self._of_object(field, parameter, argument.name, argument.type.name)
        elif isinstance(argument.type, ListOf):
            enum = self._types.graph.enums.get(inner.name)
            value += renamed(enum, list_depth(argument.type), to_name=False) if enum else ""
            if not parameter.explodes:
                value += f"?->joinNotNull({json.dumps(_SEPARATORS.get(parameter.style, ','))})"
            elif parameter.style == "deepObject" and not parameter.name.endswith("[]"):
                key = print_key(f"{parameter.name}[]")
            field.query_parameters.append(f"{key}: {value}")
        else:
            enum = self._types.graph.enums.get(inner.name)
            field.query_parameters.append(f"{key}: {value}{renamed(enum, 0, to_name=False) if enum else ''}")
            if argument.type == JSON and parameter.style == "deepObject":
                self._tell(Note(field.operation, f'the parameter "{parameter.name}" is sent as one JSON value'))

    def _of_object(self, field: RootField, parameter: Parameter, argument: str, type_name: str) -> Iterator[str]:
        """``filter[state]=open`` of a deep object, ``state=open`` of a form that is exploded."""
        made: ObjectType = self._types.graph.objects[type_name]
        for each in made.fields.values():
            key = f"{parameter.name}[{each.key}]" if parameter.style == "deepObject" else each.key
            enum = self._types.graph.enums.get(innermost(each.type).name)
            value = f"$args.{argument}.{each.name}"
            value += renamed(enum, list_depth(each.type), to_name=False) if enum else ""
            if isinstance(innermost(each.type), Named):
                self._tell(
                    Note(field.operation, f'"{each.key}" of the parameter "{parameter.name}" is sent as JSON')
                )
            yield f"{print_key(key)}: {value}"

    # Header

    def _header(self, field: RootField, parameter: Parameter, names: Names) -> None:
        lowered = parameter.name.lower()
        if lowered in _OURS:
            return
        if lowered in RESERVED_HEADERS or not _HEADER_NAME.match(parameter.name):
            self._tell(
                Note(field.operation, f'the header "{parameter.name}" is not sent: it belongs to the connection')
            )
            return
        argument = self._argument(
            field, parameter.name, parameter.schema, names, parameter, is_required=parameter.is_required
        )
        value = f"$args.{argument.name}"
        if isinstance(argument.type, ListOf):
            value += '->joinNotNull(",")'
        elif isinstance(argument.type, Named) or argument.type == JSON:
            value += "->jsonStringify"
        enum = self._types.graph.enums.get(innermost(argument.type).name)
        if enum and not isinstance(argument.type, ListOf):
            value += renamed(enum, 0, to_name=False)
        field.headers.append((parameter.name, f"{{{value}}}"))

    def _argument(
        self,
        field: RootField,
        name: str,
        schema: Any,
        names: Names,
        parameter: Parameter | None,
        *,
        is_required: bool,
    ) -> Argument:
        wish = pascal(name) if pascal(name) != "Field" else f"{pascal(field.name)}Value"
        typed = self._types.of(schema, wish, is_input=True, word=name)
        node = self._types.schemas.read(schema).node
        default = self._default(node.get("default"), typed)
        # A header's name is a word of its own: X-Request-Id, if_match.
        called = camel(name) if parameter is not None and parameter.place == "header" else field_name(name)
        made = Argument(
            names.take(called, f"{called}Value"),
            name,
            typed.type,
            not is_required or (typed.is_nullable and parameter is not None and parameter.place != "path"),
            parameter.description if parameter else "",
            default if not is_required else None,
        )
        field.arguments.append(made)
        return made

    def _default(self, value: Any, typed: Typed) -> str | None:
        """A default as GraphQL writes it; ``None`` where it does not fit the type."""
        if not isinstance(typed.type, Leaf) or value is None:
            return None
        name = typed.type.name
        enum = self._types.graph.enums.get(name)
        if enum is not None:
            return next((each for each, original in enum.values if original == value), None)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        fits = {
            "Int": isinstance(value, int) and is_number,
            "Long": isinstance(value, int) and is_number,
            "Float": is_number,
            "Boolean": isinstance(value, bool),
        }.get(name, isinstance(value, str) and name != "JSON")
        return json.dumps(value, ensure_ascii=False) if fits else None


def _fixed(text: str) -> str:
    return quote(text.replace("{", "").replace("}", ""), safe=_UNRESERVED)


def _recognise_pages(field: RootField, operation: Operation) -> None:
    """Says how a list is paged, for whoever reads the draft and for what a query costs."""
    plain = {each.name: each.name.replace("_", "").lower() for each in field.arguments}
    sources = {each.name: re.sub(r"[^a-z]", "", each.source.lower()) for each in field.arguments}
    limit = next((name for name in plain if plain[name] in _LIMITS or sources[name] in _LIMITS), None)
    place = [name for name in plain if plain[name] in _PLACES or sources[name] in _PLACES]
    telling = [name for name in place if plain[name] in _TELLING_PLACES or sources[name] in _TELLING_PLACES]
    if not field.is_read or (limit is None and not telling):
        return
    by = ", ".join((*place, *([limit] if limit else [])))
    link = " The Link header, which names the next page, is not mapped." if "link" in operation.links else ""
    field.reviews.append(f"pages by {by}.{link}")
    argument = next((each for each in field.arguments if each.name == limit), None)
    if argument is not None and argument.type == Leaf("Int") and isinstance(field.type, ListOf):
        field.page_size_argument = argument.name
