"""Answer requests to the REST system: find the route and its object, and say it as the mapping expects it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from graphql import GraphQLObjectType, GraphQLScalarType, get_named_type, get_nullable_type
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mocks.generated.answering import Answers
from mocks.generated.draw import FOREIGN
from mocks.generated.mutations import changed
from mocks.generated.rest.inverse import json_of
from mocks.generated.rest.routes import RestRoute, rest_routes
from mocks.generated.world import Thing, World


class RestDoors:
    """The routes of a connector's SDL over one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rest_routes = rest_routes(world.subgraph)
        self.requests: list[dict[str, Any]] = []
        self._answers = Answers(world)

    @property
    def routes(self) -> tuple[BaseRoute, ...]:
        return (Route("/{path:path}", self.answer, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),)

    async def answer(self, request: Request) -> Response:
        """What the route's mapping turns into the fields; 404 where there is no such route or object."""
        body = await _body(request)
        path = request.url.path
        asked = {"method": request.method, "path": path, "query": dict(request.query_params), "body": body}
        self.requests = [*self.requests[-99:], asked]
        sent = request.scope["raw_path"].decode("latin-1")
        found = self._find(request.method, sent, dict(request.query_params), body)
        if found is None:
            known = [f"{route.method} {route.template}" for route in self.rest_routes]
            return _missing("NO_ROUTE", f"{request.method} {path} is none of: {'; '.join(known)}.")
        route, variables = found
        value = self._value(route, variables)
        if value is None:
            return _missing("NOT_FOUND", "This department has no such object.")
        return JSONResponse(json_of(route.selection, value, self._field))

    def _find(
        self, method: str, path: str, query: Mapping[str, str], body: Any
    ) -> tuple[RestRoute, dict[str, Any]] | None:
        """The route of a request. Of several with one address the one whose object the mock knows."""
        fitting = [
            (route, variables)
            for route in self.rest_routes
            if route.method == method and (variables := route.variables(path, query, body)) is not None
        ]
        fitting.sort(key=lambda each: each[0].openness(query))
        known = [each for each in fitting if self._is_known(*each)]
        return next(iter(known or fitting), None)

    def _is_known(self, route: RestRoute, variables: Mapping[str, Any]) -> bool:
        this = variables.get("$this")
        if not this:
            return True
        number = self.world.number_of(route.type_name, this)
        return number is not None and number < FOREIGN

    def _value(self, route: RestRoute, variables: Mapping[str, Any]) -> Any:
        subgraph = self.world.subgraph
        if route.field_name is None:
            return self._objects(route, variables)
        owner = subgraph.object_type(route.type_name)
        assert isinstance(owner, GraphQLObjectType)  # noqa: S101  @connect stands on no interface
        arguments = _coerced(owner, route.field_name, variables.get("$args") or {})
        if owner is subgraph.schema.mutation_type:
            return changed(self.world, owner, route.field_name, arguments)
        if subgraph.is_root(owner.name):
            return self._answers.root(owner, route.field_name, arguments)
        thing = self._object(route.type_name, variables.get("$this") or {})
        return None if thing is None else self._answers.inner(thing, route.field_name, arguments)

    def _objects(self, route: RestRoute, variables: Mapping[str, Any]) -> Any:
        batch = variables.get("$batch")
        if not batch:
            return self._object(route.type_name, variables.get("$this") or {})
        columns = {name: each if isinstance(each, list) else str(each).split(",") for name, each in batch.items()}
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=False)]
        found = [self._object(route.type_name, row) for row in rows]
        return [each for each in found if each is not None]

    def _object(self, type_name: str, this: Mapping[str, Any]) -> Thing | None:
        number = self.world.number_of(type_name, this)
        return None if number is None else Thing(type_name, number, dict(this))

    def _field(self, value: Any, name: str) -> Any:
        if isinstance(value, Mapping):
            return value.get(name)
        if name == "__typename":
            return value.type_name
        if name not in self.world.subgraph.object_type(value.type_name).fields:
            return None
        return self.world.value_of(value, name)


def _coerced(owner: GraphQLObjectType, field_name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments from an address are text: as their types have them."""
    arguments: dict[str, Any] = {
        name: declared.default_value
        for name, declared in owner.fields[field_name].args.items()
        if isinstance(declared.default_value, str | int | float | bool | list | dict)
    }
    for name, value in given.items():
        declared = owner.fields[field_name].args.get(name)
        bare = get_nullable_type(declared.type) if declared is not None else None
        arguments[name] = _scalar(get_named_type(bare), value) if isinstance(bare, GraphQLScalarType) else value
    return arguments


def _scalar(named: Any, value: Any) -> Any:
    if isinstance(value, str):
        try:
            if named.name in ("Int", "Float"):
                return int(value) if named.name == "Int" else float(value)
        except ValueError:
            return value
        if named.name == "Boolean":
            return value == "true"
    return value


async def _body(request: Request) -> Any:
    raw = await request.body()
    if "form-urlencoded" in request.headers.get("content-type", ""):
        return dict(parse_qsl(raw.decode()))
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None


def _missing(code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, 404)
