"""What a custom scalar holds arrives as it was written, whichever path answers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from graphql import build_schema

from connectors.connector import FetchRequest, FetchResponse
from connectors.graphql_answer import read_as_asked
from hub.doors.graphql_http import encode_answer
from hub.execution import Programs, Surroundings, execute
from hub.gateway import GraphQLAnswer
from schema.planning.query_plan import (
    Fetch,
    Flatten,
    QueryPlan,
    Representation,
    RepresentationField,
    Sequence,
)
from tests.hub.execution.fakes import operation_of

SDL = """
scalar Any
type Query { thing: Thing }
type Thing { id: ID! any: Any list: [Any] float: Float name: String more: Any }
"""
QUERY = "{ thing { any list float name more } }"
PLAN = QueryPlan(
    "query",
    Sequence(
        (
            Fetch("first", "{ thing { __typename id any list float name } }"),
            Flatten(
                ("thing",),
                Fetch(
                    "second",
                    "query($representations: [_Any!]!) { _entities(representations: $representations) "
                    "{ ... on Thing { more } } }",
                    representations=(
                        Representation(
                            "Thing",
                            (RepresentationField("id", "id"), RepresentationField("any", "any")),
                            "Thing",
                            1,
                        ),
                    ),
                ),
            ),
        )
    ),
)


class Wire:
    """Answers with one text, and remembers what it was sent."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.payloads: list[bytes | None] = []
        self.variables: list[object] = []

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.payloads.append(request.payload)
        self.variables.append(dict(request.variables))
        return read_as_asked(self.body, request.read)

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        yield await self.fetch(request)

    async def describe(self) -> str:
        return ""

    async def close(self) -> None:
        return None


async def answered(text: bytes, *, is_compiled: bool) -> tuple[bytes, Wire]:
    """The response with ``text`` as every custom scalar, and the department that was asked by it."""
    schema = build_schema(SDL)
    operation = operation_of(schema, QUERY)
    first = Wire(
        b'{"data":{"thing":{"__typename":"Thing","id":"1","any":%b,"list":[%b,null],"float":2.50,"name":"\\u00e9"}}}'
        % (text, text)
    )
    second = Wire(b'{"data":{"_entities":[{"more":%b}]}}' % text)
    programs = Programs(PLAN, operation, schema, warm_up=0) if is_compiled else None
    around = Surroundings(connectors={"first": first, "second": second})
    result = await execute(PLAN, operation, operation.coerce({}), around, programs)
    assert (result.encoded is not None) == is_compiled
    return encode_answer(GraphQLAnswer.of(result)), second


@pytest.mark.parametrize("is_compiled", [True, False], ids=["compiled", "exact"])
@pytest.mark.parametrize(
    "text",
    [
        b"0.1000",
        b"1.0",
        b"1e400",
        b"-0.0",
        b"123456789012345678901234567890",
        b"true",
        b'"x"',
        b'{"a":[1.50,{"b":1E5}]}',
    ],
)
async def test_custom_scalars_pass_digit_by_digit(text: bytes, is_compiled: bool) -> None:
    """To the client, and to the department that is asked by one. A Float is a number like any other."""
    answer, second = await answered(text, is_compiled=is_compiled)
    assert answer == (
        b'{"data":{"thing":{"any":%b,"list":[%b,null],"float":2.5,"name":"\xc3\xa9","more":%b}}}'
        % (text, text, text)
    )
    assert b'{"__typename":"Thing","id":"1","any":%b}' % text in (second.payloads[0] or b"")


@pytest.mark.parametrize("is_compiled", [True, False], ids=["compiled", "exact"])
async def test_who_is_not_asked_over_http_gets_values(is_compiled: bool) -> None:
    """A department behind a queue, or in the same process, knows nothing of texts."""
    _answer, second = await answered(b"0.1000", is_compiled=is_compiled)
    assert second.variables == [{"representations": [{"__typename": "Thing", "id": "1", "any": 0.1}]}]
    (sent,) = second.variables
    assert isinstance(sent, dict)
    assert type(sent["representations"][0]["any"]) is float
