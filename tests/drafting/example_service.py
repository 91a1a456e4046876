"""A service made of an OpenAPI document alone: every GET answers data that its schemas allow.

It knows nothing of drafting: references, ``allOf`` and alternatives are followed here anew.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

_TEXTS = {
    "date": "2026-07-01",
    "date-time": "2026-07-01T09:30:00Z",
    "time": "09:30:00",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "uri": "https://example.org/",
    "email": "wang@example.org",
    "ipv4": "192.0.2.1",
}
_DEEPEST = 7


@dataclass
class ExampleService:
    """``unexpected`` are requests that the document knows nothing of, or that lack what it demands."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)


@asynccontextmanager
async def example_service(document: Mapping[str, Any]) -> AsyncIterator[ExampleService]:
    """Serves at ``url``, which stands for every server of the document."""
    service = ExampleService()
    routes = sorted(_routes(document), key=lambda route: route.openness)

    async def answer(request: web.Request) -> web.StreamResponse:
        service.asked.append(f"{request.method} {request.raw_path}")
        path = request.raw_path.partition("?")[0]
        query = request.raw_path.partition("?")[2]
        for route in routes:
            if route.pattern.fullmatch(path) and all(each in query for each in route.fixed_query):
                missing = [name for name in route.required if name not in request.query]
                if missing:
                    service.unexpected.append(f"{request.raw_path} lacks {', '.join(missing)}")
                return route.answer
        service.unexpected.append(f"{request.method} {request.raw_path}")
        return web.Response(status=418)

    application = web.Application(client_max_size=1024**2)
    application.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(application) as server:
        service.url = str(server.make_url("")).rstrip("/")
        for route in routes:
            route.prepare(document)
        yield service


@dataclass
class _Route:
    path: str
    operation: Mapping[str, Any]
    required: list[str]
    pattern: re.Pattern[str] = re.compile("")
    fixed_query: list[str] = field(default_factory=list)
    made: tuple[int, str | None, Any] = (200, None, None)

    def __post_init__(self) -> None:
        path, _, query = self.path.partition("#")[0].partition("?")
        parts = [part if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^{}]+\})", path)]
        self.pattern = re.compile("".join(r"[^/]+" if part.startswith("{") else part for part in parts))
        self.fixed_query = [part for part in query.split("&") if part and "{" not in part]

    @property
    def openness(self) -> tuple[int, int]:
        """The most literal of several that match is meant."""
        return self.path.count("{"), -len(self.path)

    def prepare(self, document: Mapping[str, Any]) -> None:
        self.made = _answer(document, self.operation)

    @property
    def answer(self) -> web.Response:
        status, kind, value = self.made
        if status >= 300:
            return web.Response(status=status, headers={"Location": "https://example.org/elsewhere"})
        if kind is None:
            return web.Response(status=status)
        if "json" in kind or "*" in kind:
            return web.json_response(
                value, status=status, content_type="application/json" if "*" in kind else kind
            )
        if "xml" in kind:
            return web.Response(status=status, text="<root><a>1</a></root>", content_type=kind)
        text = "a,b\n1,2\n" if kind.startswith("text/") else '{"a": 1}\n{"a": 2}\n'
        return web.Response(status=status, text=text, content_type=kind)


def _routes(document: Mapping[str, Any]) -> list[_Route]:
    found = []
    for path, item in (document.get("paths") or {}).items():
        item = _followed(document, item)
        operation = item.get("get")
        if not isinstance(operation, Mapping):
            continue
        parameters = [
            _followed(document, each) for each in [*item.get("parameters", []), *operation.get("parameters", [])]
        ]
        required = [
            p["name"]
            for p in parameters
            if p.get("in") == "query" and p.get("required") is True and _is_plain(document, p)
        ]
        found.append(_Route(str(path), operation, required))
    return found


def _is_plain(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> bool:
    schema = _followed(document, parameter.get("schema", parameter))
    return schema.get("type") in ("string", "integer", "number", "boolean")


def _answer(document: Mapping[str, Any], operation: Mapping[str, Any]) -> tuple[int, str | None, Any]:
    responses = {str(code): _followed(document, each) for code, each in (operation.get("responses") or {}).items()}
    codes = sorted(code for code in responses if code.startswith("2")) or [c for c in responses if c == "default"]
    codes.sort(key=lambda code: not (responses[code].get("content") or "schema" in responses[code]))
    if not codes:
        moved = sorted(code for code in responses if code.startswith("3"))
        return (int(moved[0]) if moved and moved[0].isdigit() else 200), None, None
    response = responses[codes[0]]
    status = int(codes[0]) if codes[0].isdigit() else 200
    if "schema" in response:
        kinds = operation.get("produces") or document.get("produces") or ["application/json"]
        content = {str(kind): {"schema": response["schema"]} for kind in kinds}
    else:
        content = response.get("content") or {}
    kinds = sorted(content, key=lambda kind: (kind != "application/json", "json" not in kind, kind))
    if not kinds:
        return status, None, None
    return (
        status,
        kinds[0].partition(";")[0].strip(),
        example(document, (content[kinds[0]] or {}).get("schema", {})),
    )


def example(document: Mapping[str, Any], schema: Any, depth: int = 0, seen: tuple[str, ...] = ()) -> Any:
    """Data that a schema allows: every property that ends, one element in each list, the first alternative."""
    if not isinstance(schema, Mapping):
        return {}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if seen.count(reference) > 1 or depth > _DEEPEST:
            return _ENDS
        return example(document, _followed(document, schema), depth, (*seen, reference))
    if "allOf" in schema:
        return _all_of(document, schema, depth, seen)
    for key in ("oneOf", "anyOf"):
        alternatives = [
            each for each in schema.get(key) or [] if isinstance(each, Mapping) and each.get("type") != "null"
        ]
        if alternatives and not schema.get("properties"):
            return _alternative(document, schema, alternatives, depth, seen)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return next((each for each in schema["enum"] if each is not None), None)
    kinds = schema.get("type")
    kind = next((each for each in kinds if each != "null"), None) if isinstance(kinds, list) else kinds
    if kind == "array" or (kind is None and "items" in schema):
        item = example(document, schema.get("items", {}), depth + 1, seen)
        return [] if item is _ENDS else [item] * max(1, min(schema.get("minItems", 1), 3))
    if kind == "object" or (kind is None and "properties" in schema):
        return _object(document, schema, depth, seen)
    if kind in ("integer", "number"):
        return schema.get("minimum", 7)
    return {"boolean": True, "string": _TEXTS.get(schema.get("format", ""), "text")}.get(str(kind), {"any": 1})


class _Ends:
    """No value: what would go on for ever."""


_ENDS: Any = _Ends()


def _object(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int, seen: tuple[str, ...]) -> Any:
    made = {
        name: example(document, each, depth + 1, seen)
        for name, each in (schema.get("properties") or {}).items()
        if not (isinstance(each, Mapping) and each.get("writeOnly"))
    }
    if any(made.get(name) is _ENDS for name in schema.get("required") or [] if name in made):
        return _ENDS
    extra = schema.get("additionalProperties")
    if isinstance(extra, Mapping) and not made:
        value = example(document, extra, depth + 1, seen)
        made = {} if value is _ENDS else {"some": value}
    return {name: value for name, value in made.items() if value is not _ENDS}


def _all_of(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int, seen: tuple[str, ...]) -> Any:
    beside = {key: value for key, value in schema.items() if key not in ("allOf", "discriminator")}
    tells = beside.keys() & {"properties", "type", "enum", "oneOf", "anyOf"}
    parts = [example(document, each, depth, seen) for each in schema["allOf"]]
    parts += [example(document, beside, depth, seen)] if tells else []
    if any(part is _ENDS for part in parts):
        return _ENDS
    objects = [part for part in parts if isinstance(part, dict)]
    merged: dict[str, Any] = {}
    for part in objects:
        merged |= {key: value for key, value in part.items() if (key, value) != ("any", 1)}
    return merged if len(objects) == len(parts) else parts[0]


def _alternative(
    document: Mapping[str, Any],
    schema: Mapping[str, Any],
    alternatives: list[Mapping[str, Any]],
    depth: int,
    seen: tuple[str, ...],
) -> Any:
    for each in alternatives:
        made = example(document, each, depth + 1, seen)
        if made is not _ENDS:
            return _named(schema, each, made)
    return _ENDS


def _named(schema: Mapping[str, Any], chosen: Mapping[str, Any], made: Any) -> Any:
    """The discriminator tells which alternative it is, where the document says so."""
    discriminator = schema.get("discriminator")
    mapping = discriminator.get("mapping") if isinstance(discriminator, Mapping) else None
    if isinstance(made, dict) and isinstance(discriminator, Mapping) and mapping:
        for value, target in mapping.items():
            if target == chosen.get("$ref"):
                return {**made, discriminator["propertyName"]: value}
    return made


def _followed(document: Mapping[str, Any], node: Any) -> Mapping[str, Any]:
    for _ in range(20):
        if not (isinstance(node, Mapping) and isinstance(node.get("$ref"), str)):
            break
        at: Any = document
        for part in node["$ref"].split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
            at = at[int(key)] if isinstance(at, list) else at.get(key, {})
        node = at
    return node if isinstance(node, Mapping) else {}
