"""Operations of an OpenAPI document as root fields: GET is read by ``Query``, everything else by ``Mutation``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from schema.drafting.draft import Note
from schema.drafting.graph import BASE64, JSON, STRING, Leaf, Type
from schema.drafting.names import RESERVED_FIELDS, Names, camel, pascal, singular
from schema.drafting.openapi_document import OpenApiDocument, Operation
from schema.drafting.openapi_parameters import Parameters
from schema.drafting.openapi_types import OpenApiTypes
from schema.drafting.operations import Argument, RootField
from schema.mapping.media_types import Reading, reading_of

_FORM = "application/x-www-form-urlencoded"
_SKIPPED_SEGMENT = re.compile(r"(?:v\d+(?:\.\d+)*|api|rest)\Z", re.IGNORECASE)
_PREFERRED = ("200", "201", "202", "203", "206", "207", "208", "2XX", "2xx", "204", "205", "default")

_READINGS: dict[Reading, Type] = {"text": STRING, "csv": JSON, "xml": JSON, "lines": JSON, "file": BASE64}
"""What an answer is taken for where none is JSON, the best first."""
_VERBS = {"post": "create", "put": "replace", "patch": "update", "delete": "delete"}


class Undrafted(Exception):
    """An operation that is left out, and why."""


class OpenApiOperations:
    """Makes the fields; ``notes`` are what is to be told of them."""

    def __init__(self, document: OpenApiDocument, types: OpenApiTypes) -> None:
        self._document = document
        self._types = types
        self.notes: list[Note] = []
        self._parameters = Parameters(types, self.notes.append)
        self._names = {True: Names(RESERVED_FIELDS), False: Names(RESERVED_FIELDS)}

    def field_of(self, operation: Operation) -> RootField:
        """Raises :class:`Undrafted`."""
        is_read = operation.method == "get"
        answer = _Answer(operation)
        body = self._body_kind(operation)
        name = self._names[is_read].take(*_wishes(operation))
        field = RootField(
            name,
            is_read,
            str(operation),
            JSON,
            operation.method.upper(),
            operation.path,
            description=operation.description,
            is_deprecated=operation.is_deprecated,
            is_success=answer.is_success,
            selection=answer.selection,
        )
        field.type = answer.type or self._types.of(answer.schema, f"{pascal(name)}Answer").type
        names = Names()
        self._parameters.add(field, operation, names)
        if body is not None:
            self._add_body(field, operation, body, names)
        if answer.accept:
            field.headers.append(("Accept", answer.accept))
        return field

    def _body_kind(self, operation: Operation) -> str | None:
        """The media type in which the request is sent."""
        if not operation.bodies:
            return None
        if operation.method in ("get", "delete") and not operation.body_is_required:
            self.notes.append(Note(str(operation), "its optional request body is not sent"))
            return None
        kinds = {kind.partition(";")[0].strip().lower(): kind for kind in operation.bodies}
        found = next((kind for kind in kinds if is_json(kind)), None) or next(
            (k for k in kinds if k == _FORM), None
        )
        if found is None and kinds.keys() & {"*/*", "application/*"}:
            found = next(iter(kinds.keys() & {"*/*", "application/*"}))
        if found is None:
            if not operation.body_is_required and operation.method != "post":
                self.notes.append(Note(str(operation), f"its request body ({', '.join(kinds)}) is not sent"))
                return None
            raise Undrafted(f"its request body is {', '.join(sorted(kinds))}; JSON and forms can be sent")
        return kinds[found]

    def _add_body(self, field: RootField, operation: Operation, kind: str, names: Names) -> None:
        typed = self._types.of(operation.bodies[kind], f"{pascal(field.name)}Input", is_input=True)
        argument = Argument(
            names.take("input", "body"),
            "the request body",
            typed.type,
            not operation.body_is_required or typed.is_nullable,
        )
        field.arguments.append(argument)
        plain = kind.partition(";")[0].strip().lower()
        if plain not in ("application/json", "*/*", "application/*"):
            field.headers.append(("Content-Type", kind))
        field.body_argument = argument


class _Answer:
    """What a success is: its schema, or a type of our own where there is no content to map."""

    def __init__(self, operation: Operation) -> None:
        self.schema: Any = None
        self.type: Type | None = None
        self.selection: str | None = None
        self.is_success: str | None = None
        self.accept: str | None = None
        code, contents = _success(operation.answers)
        if code.startswith("3"):
            self.type, self.selection = STRING, "$response.headers.location->first"
            self.is_success = "$status->gte(300)->and($status->lt(400))"
        elif not contents and code in ("204", "205"):
            self.type, self.selection = Leaf("Boolean"), "$status->lt(300)"
            if operation.method == "get" and "404" in operation.answers:
                self.is_success = "$status->lt(300)->or($status->eq(404))"
        elif not contents:
            self.type = JSON
        else:
            self._content(contents)

    def _content(self, contents: Mapping[str, Any]) -> None:
        kinds = {kind.partition(";")[0].strip().lower(): kind for kind in contents}
        json_kind = next((kind for kind in kinds if kind == "application/json"), None)
        json_kind = json_kind or next(
            (kind for kind in kinds if is_json(kind) or kind in ("*/*", "application/*")), None
        )
        if json_kind is not None:
            self.schema = contents[kinds[json_kind]]
            if is_file(self.schema):
                self.type = BASE64
            if json_kind not in ("application/json", "*/*", "application/*"):
                self.accept = kinds[json_kind]
            return
        for reading, type_ in _READINGS.items():
            found = next((kind for kind in kinds if reading_of(kind) == reading), None)
            if found is not None:
                self.type, self.accept = type_, kinds[found]
                return
        raise Undrafted(f"its answer is {', '.join(sorted(kinds))}; JSON, XML, CSV, text and files can be mapped")


def is_json(kind: str) -> bool:
    """``application/json``, ``text/json`` and what ends in ``+json``; not JSON by lines or in sequences."""
    subtype = kind.partition("/")[2].partition(";")[0].strip()
    return (
        subtype == "json"
        or subtype.endswith("+json")
        or bool(re.fullmatch(r"(x-|vnd\.[\w.-]+[.-])?json", subtype))
    )


def is_file(schema: Any) -> bool:
    return isinstance(schema, Mapping) and (
        schema.get("type") == "file" or (schema.get("type") == "string" and schema.get("format") == "binary")
    )


def _success(answers: Mapping[str, Mapping[str, Any]]) -> tuple[str, Mapping[str, Any]]:
    """The code of the answer that is mapped, one with content if there is any, and its contents."""
    fine = [code for code in _PREFERRED if code in answers]
    fine += [code for code in answers if code.startswith("2") and code not in fine]
    fine = [code for code in fine if code != "default"] or fine
    for code in fine:
        if answers[code]:
            return code, answers[code]
    if fine:
        return fine[0], {}
    return next((code for code in answers if code.startswith("3")), ""), {}


def _wishes(operation: Operation) -> tuple[str, ...]:
    """What its id says; else what its path is about: ``/users/{id}/posts`` is ``userPosts``."""
    segments = [each for each in operation.path.partition("#")[0].split("/") if each]
    words = [each for each in segments if "{" not in each and not _SKIPPED_SEGMENT.match(each)] or ["root"]
    if operation.id:
        called = camel(operation.id)
        return (called, f"{called}{pascal(' '.join(words))}")
    parts = []
    for place, segment in enumerate(segments):
        if "{" in segment or _SKIPPED_SEGMENT.match(segment):
            continue
        is_one = place + 1 < len(segments) and "{" in segments[place + 1]
        parts.append(singular(segment) if is_one else segment)
    name = camel(" ".join(parts or ["root"]))
    if operation.method != "get":
        name = f"{_VERBS[operation.method]}{pascal(name)}"
    parameters = re.findall(r"\{([^{}]+)\}", operation.path)
    return (name, f"{name}By{pascal(' '.join(parameters))}") if parameters else (name,)
