"""The routes of a connector's SDL: method, template, and what the variables in it are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from mocks.generated.definitions import UnreadableSdl
from mocks.generated.rest.inverse import put, variables_of
from mocks.generated.rest.mapping import (
    Constant,
    Members,
    Read,
    UnreadableMapping,
    read_expression,
    read_mapping,
)
from mocks.generated.subgraph import Subgraph

_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class RestRoute:
    """One ``@connect``. ``field_name`` is ``None`` where it stands on the type; ``bases`` are path prefixes."""

    type_name: str
    field_name: str | None
    method: str
    template: str
    pattern: re.Pattern[str]
    in_path: tuple[tuple[str, ...], ...]
    in_query: Mapping[str, tuple[str, ...]]
    fixed_query: Mapping[str, str]
    body: Members | None
    selection: Members
    is_batch: bool

    def openness(self, query: Mapping[str, str]) -> tuple[int, int, int]:
        """Of several routes that a request is of, the least open is meant: whose fixed parameters are there, and
        whose path has the fewest variables."""
        lacking = sum(query.get(name) != value for name, value in self.fixed_query.items())
        return lacking, -len(self.fixed_query), len(self.in_path)

    def variables(self, path: str, query: Mapping[str, str], body: Any) -> dict[str, Any] | None:
        """``$args``, ``$this`` and ``$batch`` of a request, ``None`` where it is none of this route. ``path`` is
        as it was sent: a slash within a value is encoded."""
        found = self.pattern.fullmatch(_encoded(path))
        if found is None:
            return None
        variables: dict[str, Any] = variables_of(self.body, body) if self.body is not None else {}
        for place, value in zip(self.in_path, found.groups(), strict=True):
            if place:
                put(variables, place, unquote(value))
        for name, place in self.in_query.items():
            if place and name in query:
                put(variables, place, query[name])
        return variables


def rest_routes(subgraph: Subgraph) -> tuple[RestRoute, ...]:
    """Every route of the SDL in its order. Raises ``UnreadableSdl`` for a mapping that cannot be read."""
    bases = _bases(subgraph)
    has_literals = _version(subgraph) >= (0, 4)
    routes = []
    for type_name, field_name, connect in subgraph.connects:
        http = connect.get("http")
        if not isinstance(http, Mapping):
            continue
        try:
            routes.append(_route(type_name, field_name, connect, http, bases, has_literals=has_literals))
        except UnreadableMapping as error:
            coordinate = f"{type_name}.{field_name}" if field_name else type_name
            raise UnreadableSdl(f'The mapping of "{coordinate}" cannot be read: {error}') from error
    return tuple(routes)


def _bases(subgraph: Subgraph) -> Mapping[str, str]:
    """The path of each source's address: a registered address takes its place, with or without it."""
    return {
        str(source.get("name")): urlsplit(str((source.get("http") or {}).get("baseURL", ""))).path.rstrip("/")
        for source in subgraph.sources
    }


def _version(subgraph: Subgraph) -> tuple[int, int]:
    found = re.search(r"specs\.apollo\.dev/connect/v(\d+)\.(\d+)", subgraph.sdl)
    return (int(found[1]), int(found[2])) if found else (0, 1)


def _route(
    type_name: str,
    field_name: str | None,
    connect: Mapping[str, Any],
    http: Mapping[str, Any],
    bases: Mapping[str, str],
    *,
    has_literals: bool,
) -> RestRoute:
    method = next((verb for verb in _VERBS if verb in http), "")
    if not method:
        raise UnreadableMapping(f"http has none of {', '.join(_VERBS)}.")
    template = str(http[method])
    address, _, query = re.sub(r"^https?://[^/{]*", "", template).partition("?")
    path_text, in_path = _template(address)
    base = re.escape(_encoded(bases.get(str(connect.get("source")), "")))
    in_query, fixed = dict(_query(query)), dict(_fixed_query(query))
    if isinstance(http.get("queryParams"), str):
        for name, node in read_mapping(http["queryParams"], has_literals=has_literals).members:
            if name is not None and isinstance(node, Read):
                in_query[name] = _place(node)
            elif name is not None and isinstance(node, Constant) and isinstance(node.value, str):
                fixed[name] = node.value
    body = http.get("body")
    return RestRoute(
        type_name,
        field_name,
        method,
        template,
        re.compile(f"(?:{base})?{path_text}/?"),
        in_path,
        in_query,
        fixed,
        read_mapping(body, has_literals=has_literals) if isinstance(body, str) else None,
        read_mapping(str(connect.get("selection") or "$"), has_literals=has_literals),
        "$batch" in f"{template} {body} {http.get('queryParams')}",
    )


def _template(text: str) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """A path's pattern with a group for each variable, and which variable each is."""
    pattern, places = "", []
    for part in re.split(r"(\{[^{}]*\})", text.rstrip("/")):
        if part.startswith("{"):
            node = read_expression(part[1:-1])
            places.append(_place(node) if isinstance(node, Read) else ())
            pattern += "([^/]+)"
        else:
            pattern += re.escape(_encoded(part))
    return pattern, tuple(places)


def _query(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for each in filter(None, text.split("&")):
        name, _, value = each.partition("=")
        _, places = _template(value)
        if places:
            yield unquote(name), places[0]


def _fixed_query(query: str) -> Iterator[tuple[str, str]]:
    for each in filter(None, query.split("&")):
        name, _, value = each.partition("=")
        if "{" not in value:
            yield unquote(name), unquote(value)


def _encoded(path: str) -> str:
    """A path with everything encoded that may be, so that two spellings of one path are the same."""
    return "/".join(quote(unquote(segment), safe="") for segment in path.split("/"))


def _place(node: Read) -> tuple[str, ...]:
    """``$args.input.id`` as its parts; nothing for what is no variable of the request."""
    names = tuple(step for step in node.steps if isinstance(step, str))
    return (node.start, *names) if node.start in ("$args", "$this", "$batch") and names else ()
