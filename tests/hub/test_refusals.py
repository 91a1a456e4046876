"""What a client reads of a document or a variable that is wrong: the words of the reference implementation."""

from __future__ import annotations

from typing import Any

import pytest

from hub.gateway import GatewaySettings, GraphQLRequest
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import gateway_for


@pytest.mark.parametrize(
    ("query", "variables", "message"),
    [
        ("{ _service { sdl } }", {}, 'Cannot query field "_service" on type "Query".'),
        ("{ pong }", {}, 'Cannot query field "pong" on type "Query". Did you mean "ping"?'),
        ("{ echo(words: 1) }", {}, 'Unknown argument "words" on field "Query.echo".'),
        (
            "{ me }",
            {},
            'Field "me" of type "Citizen" must have a selection of subfields. Did you mean "me { ... }"?',
        ),
        ("{ ping @quick }", {}, 'Unknown directive "@quick".'),
        ("query ($t: Strin!) { echo(text: $t) }", {}, 'Unknown type "Strin". Did you mean "String"?'),
        ("{ echo(text: $t) }", {}, 'Variable "$t" is not defined.'),
        ("{ echo }", {}, 'Argument "Query.echo(text:)" of type "String!" is required, but it was not provided.'),
        (
            "query ($n: Int) { echo(text: $n) }",
            {},
            'Variable "$n" of type "Int" used in position expecting type "String!".',
        ),
        (
            "query ($t: String!) { echo(text: $t) }",
            {"t": 1},
            'Variable "$t" has invalid value: String cannot represent a non string value: 1',
        ),
        (
            'query ($n: Int) { echo(text: "a", times: $n) }',
            {"n": "it's"},
            'Variable "$n" has invalid value: Int cannot represent non-integer value: "it\'s"',
        ),
    ],
)
async def test_names_are_quoted_as_graphql_js_quotes_them(
    query: str, variables: dict[str, Any], message: str
) -> None:
    """Stock tools look for these words, for example to find out that a server is no subgraph."""
    gateway = gateway_for(FakeDepartment({}), settings=GatewaySettings(tells_suggestions=True))
    answer = await gateway.answer(GraphQLRequest(query, None, variables), None)
    assert answer.errors[0]["message"] == message
