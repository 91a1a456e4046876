"""The hub's own subgraph in process: context, codes, and silence about internals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import strawberry
from strawberry.federation import Schema
from strawberry.types import Info

from connectors.connector import FetchRequest, RequestContext
from connectors.local import LocalConnector
from schema.errors import DomainError, RuntimeCode

CANARY = "canary-71"


@strawberry.type
class Query:
    @strawberry.field
    def who(self, info: Info) -> str:
        return str(info.context["actor"])

    @strawberry.field
    def refused(self) -> str | None:
        raise DomainError(RuntimeCode.ALREADY_RATED, "This service was rated already.")

    @strawberry.field
    def explodes(self) -> str | None:
        raise ValueError(CANARY)

    @strawberry.field
    def wrong(self) -> str:
        return None  # type: ignore[return-value]  # what a resolver with a mistake does


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def events(self, info: Info) -> AsyncIterator[str]:
        yield str(info.context["actor"])
        raise DomainError(RuntimeCode.FORBIDDEN, "Not any more.")


CONNECTOR = LocalConnector(Schema(query=Query, subscription=Subscription, federation_version="2.9"))


async def fetch(query: str, **local: Any) -> Any:
    return await CONNECTOR.fetch(FetchRequest(query, context=RequestContext(local=local)))


async def test_resolvers_see_the_local_values() -> None:
    """The authenticated actor reaches the domain as an object, not over a wire."""
    assert (await fetch("{ who }", actor="citizen-1")).data == {"who": "citizen-1"}


async def test_a_context_of_another_make_can_be_built() -> None:
    """The hub decides what its resolvers get."""
    connector = LocalConnector(Schema(query=Query), lambda context: {"actor": context.purpose})
    response = await connector.fetch(FetchRequest("{ who }", context=RequestContext(purpose="case")))
    assert response.data == {"who": "case"}


async def test_an_error_of_the_domain_keeps_its_code_and_words() -> None:
    """The citizen reads why."""
    (error,) = (await fetch("{ refused }")).errors
    assert error == {
        "message": "This service was rated already.",
        "path": ["refused"],
        "extensions": {"code": "ALREADY_RATED"},
    }


async def test_any_other_exception_is_internal() -> None:
    """Its text may hold anything; the log has it."""
    for query in ("{ explodes }", "{ wrong }"):
        (error,) = (await fetch(query)).errors
        assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
        assert CANARY not in str(error)
        assert "Query.wrong" not in error["message"]


async def test_a_stream_tells_how_it_ended() -> None:
    """An error inside a subscription has its code as well."""
    request = FetchRequest("subscription { events }", context=RequestContext(local={"actor": "a"}))
    first, last = [response async for response in CONNECTOR.subscribe(request)]
    assert first.data == {"events": "a"}
    assert last.errors[0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_subscription_that_does_not_validate_is_one_answer_with_errors() -> None:
    """The hub gets a response, not an exception."""
    (response,) = [each async for each in CONNECTOR.subscribe(FetchRequest("subscription { nothing }"))]
    assert response.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
