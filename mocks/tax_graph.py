"""税务: how taxation is told of its part of joint cases, as a Federation 2 subgraph made with Strawberry."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.asgi import GraphQL

from mocks.store import Store
from mocks.sub_case_desk import SubCaseDesk
from mocks.sub_case_graph import (
    CommandReceipt,
    SubCaseOrder,
    SubCaseSupplement,
    SubCaseUndoing,
    begin,
    take_back,
    take_supplement,
)


@strawberry.type
class Mutation:
    @strawberry.federation.mutation(inaccessible=True)  # type: ignore[untyped-decorator]  # Strawberry gives Any
    def taxation_receive_sub_case(self, info: strawberry.Info, input: SubCaseOrder) -> CommandReceipt:
        return begin(info, input)

    @strawberry.federation.mutation(inaccessible=True)  # type: ignore[untyped-decorator]  # as above
    def taxation_supplement_sub_case(self, info: strawberry.Info, input: SubCaseSupplement) -> CommandReceipt:
        return take_supplement(info, input)

    @strawberry.federation.mutation(inaccessible=True)  # type: ignore[untyped-decorator]  # as above
    def taxation_undo_sub_case(self, info: strawberry.Info, input: SubCaseUndoing) -> CommandReceipt:
        return take_back(info, input)


@strawberry.type
class Query:
    @strawberry.federation.field(inaccessible=True)  # type: ignore[untyped-decorator]  # as above
    def taxation(self) -> str:
        """The name of the tax office."""
        return "集易示范区税务局"


SCHEMA = strawberry.federation.Schema(query=Query, mutation=Mutation, federation_version="2.9")


class _TaxGraphQL(GraphQL[dict[str, Any], None]):
    """Strawberry's own ASGI application, with store and desk as context."""

    def __init__(self, store: Store, desk: SubCaseDesk) -> None:
        super().__init__(SCHEMA, graphql_ide=None)
        self._known = {"store": store, "desk": desk}

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        return {**self._known, "key": request.headers.get("idempotency-key")}


def tax_graph(store: Store, desk: SubCaseDesk) -> Any:
    """The subgraph's ASGI application."""
    return _TaxGraphQL(store, desk)
