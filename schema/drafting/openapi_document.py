"""An OpenAPI document of any version, read as if it were one of version 3.

Swagger 2.0 says the same in other places: ``host`` and ``basePath`` are a server, a body parameter is a request
body, ``produces`` are the media types of an answer. Sources: OpenAPI 2.0, 3.0 and 3.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from schema.drafting.draft import Undraftable
from schema.drafting.references import References

METHODS = ("get", "post", "put", "patch", "delete")
_STYLES = {"csv": ("form", False), "ssv": ("spaceDelimited", False), "pipes": ("pipeDelimited", False)}
_SCHEMA_KEYS = (
    "type",
    "format",
    "items",
    "enum",
    "default",
    "maximum",
    "minimum",
    "x-nullable",
    "allowEmptyValue",
)
_UNKNOWN_HOST = "http://department.invalid"


@dataclass(frozen=True, slots=True)
class Parameter:
    """``style`` and ``explodes`` are filled in as the place of the parameter has them by default."""

    name: str
    place: str
    is_required: bool
    schema: Any
    description: str
    style: str
    explodes: bool
    media_type: str | None = None
    """Where the value itself is a document, JSON for instance."""


@dataclass(frozen=True, slots=True)
class Operation:
    """``bodies`` and the ``answers`` are schemas by media type, the answers by status code."""

    method: str
    path: str
    id: str
    description: str
    is_deprecated: bool
    parameters: tuple[Parameter, ...]
    bodies: Mapping[str, Any]
    body_is_required: bool
    answers: Mapping[str, Mapping[str, Any]]
    links: frozenset[str]
    """The names of all headers that an answer may carry."""
    base_url: str
    security: tuple[Mapping[str, Any], ...] | None

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


class OpenApiDocument:
    """Raises :class:`Undraftable` for what is no OpenAPI document. ``location`` is where it was read: relative
    servers are beside it."""

    def __init__(self, root: Any, others: Mapping[str, Any], location: str = "") -> None:
        if not isinstance(root, Mapping) or not ("swagger" in root or "openapi" in root):
            raise Undraftable('This is no OpenAPI document: it has neither "openapi" nor "swagger" at its top.')
        self.root = root
        self.references = References(root, others)
        self.is_swagger = "swagger" in root
        self._location = location if location.startswith(("http://", "https://")) else ""
        if not isinstance(root.get("paths", {}), Mapping):
            raise Undraftable('The OpenAPI document\'s "paths" are no object.')

    @property
    def title(self) -> str:
        return text(_mapping(self.root.get("info")).get("title"))

    @property
    def component_schemas(self) -> Mapping[str, Any]:
        held = (
            self.root.get("definitions")
            if self.is_swagger
            else _mapping(self.root.get("components")).get("schemas")
        )
        return _mapping(held)

    @property
    def security_schemes(self) -> Mapping[str, Any]:
        if self.is_swagger:
            return _mapping(self.root.get("securityDefinitions"))
        return _mapping(_mapping(self.root.get("components")).get("securitySchemes"))

    @property
    def security(self) -> tuple[Mapping[str, Any], ...]:
        return _security(self.root.get("security")) or ()

    @property
    def servers(self) -> tuple[str, ...]:
        """Every base URL, the first of which is used."""
        if not self.is_swagger:
            return self._servers(self.root.get("servers")) or (self._absolute("/"),)
        host, path = text(self.root.get("host")), text(self.root.get("basePath")) or "/"
        schemes = [each for each in _list(self.root.get("schemes")) if each in ("https", "http")]
        scheme = "https" if "https" in schemes or not schemes else "http"
        return (f"{scheme}://{host}{path}".rstrip("/") if host and "{" not in host else self._absolute(path),)

    def operations(self) -> Iterator[Operation]:
        """In the order of the document."""
        for path, item in _mapping(self.root.get("paths")).items():
            item, _ = self.references.follow(item)
            for method in METHODS:
                found = _mapping(item).get(method)
                if isinstance(found, Mapping):
                    yield self._operation(method, str(path), _mapping(item), found)

    def _operation(self, method: str, path: str, item: Mapping[str, Any], found: Mapping[str, Any]) -> Operation:
        raw = [
            self.references.follow(each)[0]
            for each in (*_list(item.get("parameters")), *_list(found.get("parameters")))
        ]
        given = {
            (p["name"], text(p.get("in"))): p
            for p in raw
            if isinstance(p, Mapping) and isinstance(p.get("name"), str)
        }
        parameters = tuple(
            self._parameter(p)
            for p in given.values()
            if text(p.get("in")) in {"path", "query", "header", "cookie"}
        )
        bodies, is_required = self._bodies(found, list(given.values()))
        answers = {str(code): self.references.follow(a)[0] for code, a in _mapping(found.get("responses")).items()}
        headers = {str(name).lower() for a in answers.values() for name in _mapping(_mapping(a).get("headers"))}
        own = self._servers(found.get("servers")) or self._servers(item.get("servers"))
        return Operation(
            method,
            path,
            text(found.get("operationId")),
            text(found.get("summary")) or text(found.get("description")),
            found.get("deprecated") is True,
            parameters,
            bodies,
            is_required,
            {code: self._contents(found, _mapping(answer)) for code, answer in answers.items()},
            frozenset(headers),
            (own or self.servers)[0],
            _security(found.get("security")),
        )

    def _parameter(self, raw: Mapping[str, Any]) -> Parameter:
        place = text(raw["in"])
        style = text(raw.get("style")) or ("form" if place in ("query", "cookie") else "simple")
        explodes = raw.get("explode", style == "form")
        schema, media_type = raw.get("schema"), None
        if self.is_swagger:
            schema = {key: raw[key] for key in _SCHEMA_KEYS if key in raw}
            style, explodes = _STYLES.get(text(raw.get("collectionFormat", "csv")), ("form", True))
        elif schema is None:
            media_type, content = next(iter(_mapping(raw.get("content")).items()), (None, {}))
            schema = _mapping(content).get("schema", {})
        is_required = raw.get("required") is True or place == "path"
        return Parameter(
            raw["name"],
            place,
            is_required,
            schema,
            text(raw.get("description")),
            style,
            explodes is True,
            media_type,
        )

    def _bodies(self, found: Mapping[str, Any], given: list[Mapping[str, Any]]) -> tuple[Mapping[str, Any], bool]:
        if not self.is_swagger:
            body = _mapping(self.references.follow(found.get("requestBody"))[0])
            contents = {
                str(kind): _mapping(each).get("schema", {}) for kind, each in _mapping(body.get("content")).items()
            }
            return contents, body.get("required") is True
        consumes = _list(found.get("consumes") or self.root.get("consumes"))
        for each in given:
            if each.get("in") == "body":
                return {str(kind): each.get("schema", {}) for kind in consumes or ["application/json"]}, each.get(
                    "required"
                ) is True
        fields = [each for each in given if each.get("in") == "formData"]
        if not fields:
            return {}, False
        has_file = any(each.get("type") == "file" for each in fields)
        kind = "multipart/form-data" if has_file else "application/x-www-form-urlencoded"
        properties = {
            f["name"]: {**{k: f[k] for k in _SCHEMA_KEYS if k in f}, "description": text(f.get("description"))}
            for f in fields
        }
        required = [each["name"] for each in fields if each.get("required") is True]
        return {kind: {"type": "object", "properties": properties, "required": required}}, bool(required)

    def _contents(self, found: Mapping[str, Any], answer: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self.is_swagger:
            return {
                str(kind): _mapping(each).get("schema", {})
                for kind, each in _mapping(answer.get("content")).items()
            }
        if "schema" not in answer:
            return {}
        produces = _list(found.get("produces") or self.root.get("produces")) or ["application/json"]
        return {str(kind): answer["schema"] for kind in produces}

    def _servers(self, servers: Any) -> tuple[str, ...]:
        found = [_mapping(each) for each in _list(servers)]
        urls = [_filled_in(text(each.get("url")), _mapping(each.get("variables"))) for each in found]
        return tuple(self._absolute(url) for url in urls if "{" not in url)

    def _absolute(self, url: str) -> str:
        joined = urljoin(self._location or f"{_UNKNOWN_HOST}/", url)
        parts = urlsplit(joined)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return _UNKNOWN_HOST
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}".rstrip("/")


def _filled_in(url: str, variables: Mapping[str, Any]) -> str:
    """A server's URL with the defaults of its variables."""

    def value(match: re.Match[str]) -> str:
        variable = _mapping(variables.get(match[1]))
        default = variable.get("default") or next(iter(_list(variable.get("enum"))), None)
        return match[0] if default is None else str(default)

    return re.sub(r"\{([^{}]+)\}", value, url)


def _security(value: Any) -> tuple[Mapping[str, Any], ...] | None:
    return tuple(_mapping(each) for each in value) if isinstance(value, list) else None


def text(value: Any) -> str:
    """Text, or nothing: documents have numbers and nulls where they should have text."""
    return value.strip() if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
