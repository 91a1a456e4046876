"""What the doors need of whatever stands behind them: the gateway, or one connector alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from auth.actor import Actor
from hub.gateway.request import GraphQLAnswer, GraphQLRequest


class Answering(Protocol):
    """Answers GraphQL requests, and never raises for what a client or a department does."""

    async def answer(
        self, request: GraphQLRequest, actor: Actor | None, *, only_queries: bool = False
    ) -> GraphQLAnswer:
        """The one answer to a query or mutation."""
        ...

    def subscribe(
        self, request: GraphQLRequest, actor: Actor | None, *, no_mutations: bool = False
    ) -> AsyncGenerator[GraphQLAnswer, None]:
        """An answer per event; of a query or mutation the one there is."""
        ...

    async def is_subscription(self, request: GraphQLRequest) -> bool:
        """Whether the operation stays open; false too for one that will be refused."""
        ...

    async def is_query(self, request: GraphQLRequest) -> bool:
        """Whether the operation has no effects, so that it can be left unfinished."""
        ...
