"""Make the HTTP request of one ``@connect``.

The host comes from the SDL alone; values stay where the template puts them. Source: the public Apollo
Connectors convention, "Making HTTP requests".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from urllib.parse import quote, urlencode

import msgspec

from connectors.connector import JSON
from connectors.http_message import HttpRequest
from connectors.mapping import InvalidValue, evaluate, render_text, render_url
from connectors.mapping.evaluate import Variables
from connectors.mapping.render import climbs, render_query_value
from connectors.rest.xml_body import is_xml, write_xml
from schema.mapping.connect import Connect, Header
from schema.mapping.syntax import Selection
from schema.mapping.template import Template

_FORM = "application/x-www-form-urlencoded"
_NO_NAMESPACES: Mapping[str, str] = MappingProxyType({})


def build_request(
    connect: Connect,
    variables: Variables,
    travel: Mapping[str, str],
    namespaces: Mapping[str, str] = _NO_NAMESPACES,
) -> HttpRequest:
    """Raises :class:`InvalidValue`. ``travel`` are the headers that every request carries; ``namespaces`` are
    prefixes by the address of an XML namespace."""
    headers = {"Accept": "application/json", **travel, **_headers(connect, variables, travel)}
    body: bytes | None = None
    if connect.body is not None:
        content_type = next((v for name, v in headers.items() if name.lower() == "content-type"), None)
        if content_type is None:
            headers["Content-Type"] = content_type = "application/json"
        body = _body(evaluate(connect.body, {}, variables), content_type, namespaces)
    if connect.method is None or connect.url is None:
        raise ValueError(f"{connect.place} makes no request.")
    return HttpRequest(connect.method, _url(connect, connect.url, variables), headers, body)


def _url(connect: Connect, url: Template, variables: Variables) -> str:
    """Source and connector joined: path behind path, query behind query."""
    source = connect.source
    base = render_url(source.base_url, variables) if source else ""
    base_path, _, base_query = base.partition("?")
    path, _, query = render_url(url, variables).partition("?")
    segments = [
        *_segments(source.path if source else None, variables),
        *_segments(connect.path, variables),
    ]
    joined = base_path.rstrip("/") + "/" * bool(base and path and not path.startswith("/")) + path
    joined += "".join(f"/{segment}" for segment in segments)
    queries = [
        base_query,
        query,
        _query(source.query_parameters if source else None, variables),
        _query(connect.query_parameters, variables),
    ]
    question = "&".join(part for part in queries if part)
    return f"{joined}?{question}" if question else joined


def _segments(selection: Selection | None, variables: Variables) -> Iterator[str]:
    if selection is None:
        return
    value = evaluate(selection, {}, variables)
    for segment in value if isinstance(value, list) else [value]:
        text = render_query_value(segment)
        if not text or climbs(text) or isinstance(segment, list | dict):
            raise InvalidValue("A value of path: is no path segment.")
        yield quote(text, safe="")


def _query(selection: Selection | None, variables: Variables) -> str:
    """Null leaves a parameter out, a list repeats it."""
    value = evaluate(selection, {}, variables) if selection else {}
    if not isinstance(value, dict):
        raise InvalidValue("queryParams: must map to an object.")
    return urlencode(list(_pairs(value)), quote_via=quote)


def _pairs(value: Mapping[str, JSON]) -> Iterator[tuple[str, str]]:
    for name, entry in value.items():
        for each in entry if isinstance(entry, list) else [entry]:
            if each is not None:
                yield name, render_query_value(each)


def _headers(connect: Connect, variables: Variables, travel: Mapping[str, str]) -> dict[str, str]:
    """The connector's headers win over its source's."""
    incoming = {name.lower(): value for name, value in travel.items()}
    shared: Iterable[Header] = connect.source.headers if connect.source else ()
    result: dict[str, tuple[str, str]] = {}
    for header in (*shared, *connect.headers):
        value = (
            render_text(header.value, variables) if header.value else incoming.get((header.sender or "").lower())
        )
        if value:
            result[header.name.lower()] = (header.name, value)
    return dict(result.values())


def _body(value: JSON, content_type: str, namespaces: Mapping[str, str]) -> bytes:
    if is_xml(content_type):
        return write_xml(value, namespaces)
    if content_type.partition(";")[0].strip().lower() != _FORM:
        return msgspec.json.encode(value)
    if not isinstance(value, dict):
        raise InvalidValue("The body of a form must map to an object.")
    return urlencode(list(_pairs(value))).encode()
