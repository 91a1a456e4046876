"""Answer the subgraphs that composition made of ``@durable``, in this process.

A mutation leaves a ticket; a ticket's ``result`` is read from what is kept of the department's answer. Whose
ticket it is, is asked here too: nobody gets another's result, whatever led to its id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import DocumentNode, GraphQLResolveInfo, GraphQLSchema, execute, parse, print_schema

from auth.actor import Actor
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse, failing_stream
from connectors.local import response_of
from connectors.recent import known_by_text
from hub.durable.command import canonical_name, command_of, is_known_type
from hub.durable.tickets import DurableRequest, RequestKey, Tickets
from hub.people.people import People, identity_number
from hub.people.who import signed_in
from schema.domain.ticket import LONGEST_KEY
from schema.durable import KEY_ARGUMENT, OTHER_TICKET, ticket_type
from schema.errors import RUNTIME_CODES, DomainError, RuntimeCode
from schema.subgraph import DurableRule, FieldRules

_NOT_KEPT = "This was not selected when the request was made, so it was not asked for. Select it in the mutation."

Info = GraphQLResolveInfo[FetchRequest]


@dataclass(frozen=True, slots=True)
class DurableMutations:
    """The durable mutations of one department's subgraph, as its part of the graph states them."""

    subgraph: str
    department: str
    schema: GraphQLSchema
    fields: Mapping[str, FieldRules]
    is_suspended: bool = False

    def rule(self, field: str) -> DurableRule:
        rules = self.fields.get(f"Mutation.{field}")
        return (rules.durable if rules else None) or DurableRule()


class _Executed:
    """A subgraph of this process whose fields ``_resolve`` answers."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        outcome = execute(
            self._schema,
            _parsed(request.query),
            context_value=request,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
            field_resolver=self._resolve,
            type_resolver=_type_of,
        )
        return response_of(await outcome if isawaitable(outcome) else outcome)

    def _resolve(self, source: Any, info: Info, **arguments: Any) -> Any:
        raise NotImplementedError

    def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        code = RuntimeCode.BAD_REQUEST
        return failing_stream(ConnectorFailure(code, RUNTIME_CODES[code], never_sent=True))

    async def describe(self) -> str:
        return print_schema(self._schema)

    async def close(self) -> None:
        """Nothing is held."""


class DurableConnector(_Executed):
    """One department's durable mutations and the results of its tickets."""

    def __init__(self, mutations: DurableMutations, tickets: Tickets, people: People) -> None:
        super().__init__(mutations.schema)
        self._mutations = mutations
        self._tickets = tickets
        self._people = people

    def _resolve(self, source: Any, info: Info, **arguments: Any) -> Any:
        if info.parent_type is info.schema.mutation_type:
            return self._accept(info, arguments)
        if info.field_name == "_entities" and source is None:
            return self._entities(info, arguments["representations"])
        return _kept(source, info, arguments)

    async def _accept(self, info: Info, arguments: Mapping[str, Any]) -> dict[str, Any]:
        actor = signed_in(_actor(info))
        key = self._key(info, arguments)
        if self._mutations.is_suspended:
            known = await self._tickets.known(actor, key) if key else None
            if known is None:
                code = RuntimeCode.DEPARTMENT_SUSPENDED
                raise DomainError(code, RUNTIME_CODES[code])
            return await self._told(known.id, actor) or {}
        rule = self._mutations.rule(info.field_name)
        id_number = await identity_number(self._people, actor.subject) if rule.applicant else None
        command = command_of(info, arguments, rule, id_number)
        request = DurableRequest(
            subgraph=self._mutations.subgraph,
            department=self._mutations.department,
            field=info.field_name,
            query=command.query,
            variables=command.variables,
            operation_name=command.operation_name,
            expires_after=rule.expires_after,
            key=key,
            traceparent=info.context.context.traceparent,
        )
        ticket = await self._tickets.accept(actor, request)
        return await self._told(ticket.id, actor) or {}

    def _key(self, info: Info, arguments: Mapping[str, Any]) -> RequestKey | None:
        """The field's own key stands for its arguments; that of the HTTP request for all that it asks."""
        own = arguments.get(KEY_ARGUMENT)
        if own is not None:
            asked = {name: value for name, value in arguments.items() if name != KEY_ARGUMENT}
            body = [self._mutations.subgraph, info.field_name, asked]
            return RequestKey(_checked(own), "", _fingerprint(body))
        whole = info.context.context.repeatable
        if whole is None:
            return None
        return RequestKey(_checked(whole.key), f"{self._mutations.subgraph}/{info.path.key}", whole.fingerprint)

    async def _entities(self, info: Info, wanted: list[Mapping[str, Any]]) -> list[Any]:
        actor = _actor(info)
        return [await self._told(str(each.get("id")), actor) for each in wanted]

    async def _told(self, id: str, actor: Actor | None) -> dict[str, Any] | None:
        """The ticket as this subgraph knows it; ``None`` where it is not the reader's."""
        found = await self._tickets.result(id, actor)
        if found is None or found.subgraph != self._mutations.subgraph:
            return None
        name = ticket_type(found.field)
        if not is_known_type(self._schema, name):
            return None
        return {"__typename": name, "id": id, "result": found.result}


class TicketTypesConnector(_Executed):
    """Says of which type a ticket is: of its mutation's, or one that the graph does not have any more."""

    def __init__(self, schema: GraphQLSchema, tickets: Tickets) -> None:
        super().__init__(schema)
        self._tickets = tickets

    def _resolve(self, source: Any, info: Info, **arguments: Any) -> Any:
        if info.field_name == "_entities":
            return self._entities(arguments["representations"])
        return source[info.field_name]

    async def _entities(self, wanted: list[Mapping[str, Any]]) -> list[Any]:
        ids = [str(each.get("id")) for each in wanted]
        fields = await self._tickets.fields_of(ids)
        return [{"__typename": self._type(fields[each]), "id": each} if each in fields else None for each in ids]

    def _type(self, field: str) -> str:
        name = ticket_type(field)
        return name if is_known_type(self._schema, name) else OTHER_TICKET


@known_by_text(256, 250_000)
def _parsed(text: str) -> DocumentNode:
    return parse(text)


def _type_of(value: Any, *_: object) -> str | None:
    return value.get("__typename") if isinstance(value, Mapping) else None


def _kept(source: Any, info: Info, arguments: Mapping[str, Any]) -> Any:
    """A field of what is kept. Raises ``DomainError`` for what was not asked for, and for what is no object."""
    if not isinstance(source, Mapping):
        code = RuntimeCode.DEPARTMENT_WRONG_TYPE
        raise DomainError(code, RUNTIME_CODES[code])
    name = canonical_name(info.field_nodes[0], arguments)
    if name not in source:
        raise DomainError(RuntimeCode.RESULT_NOT_KEPT, _NOT_KEPT)
    return source[name]


def _actor(info: Info) -> Actor | None:
    found = info.context.context.local.get("actor")
    return found if isinstance(found, Actor) else None


def _checked(key: str) -> str:
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        message = f"An idempotency key has 1 to {LONGEST_KEY} printable characters. Take a UUID."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
    return key


def _fingerprint(body: Any) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
