"""What a department's HTTP status means: nothing, where the body is a GraphQL answer."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.addresses import AddressRule
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from connectors.graphql import GraphQLConnector
from connectors.http_client import HttpClient
from schema.errors import RuntimeCode


async def answered(status: int, body: str, content_type: str = "application/json") -> FetchResponse:
    """What a department says with this status and body."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=content_type)

    app = web.Application()
    app.router.add_post("/graphql", answer)
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    try:
        async with TestServer(app) as server:
            return await GraphQLConnector(str(server.make_url("/graphql")), client).fetch(FetchRequest("{ a b }"))
    finally:
        await client.close()


@pytest.mark.parametrize("status", [200, 400, 401, 404, 422, 500, 503])
@pytest.mark.parametrize("content_type", ["application/json", "application/graphql-response+json", "text/html"])
async def test_a_graphql_body_counts_whatever_the_status(status: int, content_type: str) -> None:
    """Many servers answer 500 or 400 with data and errors: the data is not lost."""
    body = '{"data": {"a": 1, "b": null}, "errors": [{"message": "no", "path": ["b"]}]}'
    response = await answered(status, body, content_type)
    assert response.data == {"a": 1, "b": None}
    assert response.errors == ({"message": "no", "path": ["b"]},)


@pytest.mark.parametrize("status", [400, 500])
async def test_errors_without_data_are_an_answer_too(status: int) -> None:
    response = await answered(status, '{"errors": [{"message": "bad"}]}')
    assert (response.data, response.errors) == (None, ({"message": "bad"},))


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, '{"error": "internal"}', RuntimeCode.DEPARTMENT_BAD_STATUS),
        (502, "<html>bad gateway</html>", RuntimeCode.DEPARTMENT_BAD_STATUS),
        (204, "", RuntimeCode.DEPARTMENT_MALFORMED_ANSWER),
        (200, '{"error": "internal"}', RuntimeCode.DEPARTMENT_MALFORMED_ANSWER),
        (200, "[]", RuntimeCode.DEPARTMENT_MALFORMED_ANSWER),
    ],
)
async def test_what_is_no_graphql_is_a_failure_by_its_status(status: int, body: str, code: RuntimeCode) -> None:
    with pytest.raises(ConnectorFailure) as failed:
        await answered(status, body)
    assert failed.value.code == code
