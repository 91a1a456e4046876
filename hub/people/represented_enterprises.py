"""Which enterprises a person represents: asked of the enterprise register through the hub's own graph.

The person's own token asks, so that the reading is checked and recorded as any other. A register that nobody
connected, or that is silent, makes nobody a representative. Source: docs/mandates.md.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLSchema

from auth.actor import Actor
from hub.gateway.request import GraphQLAnswer, GraphQLRequest
from schema.errors import DomainError, RuntimeCode

AskGraph = Callable[[GraphQLRequest, Actor], Awaitable[GraphQLAnswer]]
_FIELD, _CODE, _NAME = "enterprises", "creditCode", "name"
QUERY = f"query RepresentedEnterprises {{ me {{ {_FIELD} {{ {_CODE} {_NAME} status }} }} }}"


@dataclass(frozen=True, slots=True)
class Represented:
    """An open enterprise, by its unified social credit code (GB 32100)."""

    credit_code: str
    name: str


class RepresentedEnterprises:
    """``schema`` is what clients may name now, ``None`` before there is a graph."""

    def __init__(self, schema: Callable[[], GraphQLSchema | None], ask: AskGraph) -> None:
        self._schema = schema
        self._ask = ask

    async def of(self, actor: Actor) -> tuple[Represented, ...]:
        """Raises :class:`DomainError` SERVICE_UNAVAILABLE where the register cannot be asked."""
        if not self._is_there():
            raise _silent()
        answer = await self._ask(GraphQLRequest(QUERY), actor)
        data = json.loads(answer.encoded) if answer.encoded is not None else answer.data
        me = (data or {}).get("me")
        found = me.get(_FIELD) if isinstance(me, Mapping) else None
        if found is None:
            raise _silent()
        return tuple(Represented(str(each[_CODE]), str(each[_NAME])) for each in found if _is_open(each))

    def _is_there(self) -> bool:
        schema = self._schema()
        person = schema.get_type("Citizen") if schema is not None else None
        return _FIELD in getattr(person, "fields", {})


def _is_open(told: Mapping[str, Any] | None) -> bool:
    return bool(told) and told is not None and told.get("status") == "OPEN"


def _silent() -> DomainError:
    message = "The enterprise register cannot be asked now, so nobody can act for an enterprise. Try again later."
    return DomainError(RuntimeCode.SERVICE_UNAVAILABLE, message)
