"""Make the HTTP request of one ``@connect``.

The host comes from the SDL alone; values stay where the template puts them. Source: the public Apollo
Connectors convention, "Making HTTP requests".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from urllib.parse import quote, quote_plus, urlencode

import msgspec

from connectors.connector import JSON
from connectors.http_message import HttpRequest
from connectors.mapping import MISSING, InvalidValue, evaluate, evaluate_expression, render_text, render_url
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
    mapped = (
        MISSING if connect.body is None else evaluate_expression(connect.body.value, {}, {**variables, "$": {}})
    )
    if mapped is not MISSING:
        content_type = next((v for name, v in headers.items() if name.lower() == "content-type"), None)
        if content_type is None:
            headers["Content-Type"] = content_type = "application/json"
        body = _body(mapped, content_type, namespaces)
    if connect.method is None or connect.url is None:
        raise ValueError(f"{connect.place} makes no request.")
    return HttpRequest(connect.method, _url(connect, connect.url, variables), headers, body)


def _url(connect: Connect, url: Template, variables: Variables) -> str:
    """Source and connector joined: the source's path and segments, then the connector's; queries likewise."""
    source = connect.source
    own_origin, own_path, own_query = _parted(render_url(url, variables))
    if source is None:
        origin, path, queries = own_origin, "", [own_query]
    else:
        origin, path, query = _parted(render_url(source.base_url, variables))
        path = _extended(path, source.path, variables)
        queries = [query, _query(source.query_parameters, variables), own_query]
    if own_path not in ("", "/"):
        path = path.removesuffix("/") + "/" * (not own_path.startswith("/")) + own_path
    path = _extended(path, connect.path, variables)
    queries.append(_query(connect.query_parameters, variables))
    question = "&".join(part for part in queries if part)
    return f"{origin}{path or '/'}{'?' if question else ''}{question}"


def _parted(url: str) -> tuple[str, str, str]:
    """Scheme with host, path and query; what follows a ``#`` is nobody's business but a browser's."""
    before, _, query = url.partition("#")[0].partition("?")
    scheme, separator, rest = before.partition("://")
    if not separator:
        return "", before, query
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}", f"{slash}{path}" or "/", query


def _extended(path: str, selection: Selection | None, variables: Variables) -> str:
    """With the segments that ``path:`` maps to; null is none."""
    value = evaluate(selection, {}, variables) if selection is not None else []
    for segment in value if isinstance(value, list) else [value]:
        path = path if path.endswith("/") else f"{path}/"
        if segment is None:
            continue
        text = render_query_value(segment)
        if not text or climbs(text) or isinstance(segment, list | dict):
            raise InvalidValue("A value of path: is no path segment.")
        path += quote(text, safe="")
    return path


def _query(selection: Selection | None, variables: Variables) -> str:
    """Null leaves a parameter out, a list repeats it."""
    value = evaluate(selection, {}, variables) if selection else None
    if value is None:
        return ""
    if not isinstance(value, dict):
        raise InvalidValue("queryParams: must map to an object.")
    pairs = [
        (name, render_query_value(each))
        for name, entry in value.items()
        if entry is not None
        for each in (entry if isinstance(entry, list) else [entry])
    ]
    return urlencode(pairs, quote_via=quote)


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
        is_text = isinstance(value, str) and content_type.lstrip().lower().startswith("text/")
        return value.encode() if is_text else msgspec.json.encode(value)
    if not isinstance(value, dict):
        raise InvalidValue("The body of a form must map to an object.")
    return "&".join(f"{_form_text(name)}={_form_text(text)}" for name, text in _form_pairs("", value)).encode()


def _form_pairs(name: str, value: JSON) -> Iterator[tuple[str, str]]:
    """Objects and lists by brackets: ``owner[name]``, ``lines[0]``."""
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _form_pairs(f"{name}[{key}]" if name else str(key), each)
    else:
        yield name, render_query_value(value)


def _form_text(text: str) -> str:
    """Source: the URL standard, "application/x-www-form-urlencoded serializing"."""
    return quote_plus(text, safe="*").replace("~", "%7E")
