"""What the gateway asks of authorisation: a decision per operation before planning, and whose an object is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from graphql import DocumentNode, GraphQLSchema

from auth.actor import Actor
from auth.refusal import Refusal


class Requirements(Protocol):
    """What one operation needs of whoever asks; it depends on the text alone and is kept with it."""

    @property
    def personal(self) -> tuple[str, ...]:
        """Coordinates of personal types among the selected fields, for the access log."""
        ...

    def refusals(self, actor: Actor | None) -> Sequence[Refusal]:
        """Empty when the actor may run the operation."""
        ...


class Policy(Protocol):
    """The rules in force; ``auth.policy.Policy`` is one."""

    @property
    def identities(self) -> Mapping[str, tuple[str, ...]]:
        """Personal types and the fields that say whose an object is: ``{"Citizen": ("id", "idNumber")}``."""
        ...

    def requirements(
        self, api_schema: GraphQLSchema, document: DocumentNode, operation_name: str | None
    ) -> Requirements: ...

    def may_read_all(self, actor: Actor) -> bool:
        """Whether object checks are left out for this actor."""
        ...


Identities = Mapping[str, frozenset[str]]
"""``{"Citizen.id": {"c-1"}, "Citizen.idNumber": {"1101…"}}``: what identifies the reader's own objects."""

IdentityLookup = Callable[[Actor], Awaitable[Identities]]


class Reader:
    """Whose objects may be shown in one request; remembers whose were seen, for the access log."""

    def __init__(self, own: Identities, *, may_read_all: bool) -> None:
        self._own = own
        self._may_read_all = may_read_all
        self.seen: set[str] = set()

    def owns(self, type_name: str, identity: Mapping[str, Any]) -> bool:
        """True when at least one identifying field is known and matches, and none that is known differs."""
        if self._may_read_all:
            self.seen.update(str(value) for name, value in identity.items() if name == "id" and value is not None)
            return True
        compared = [
            str(value) in self._own[coordinate]
            for name, value in identity.items()
            if value is not None and (coordinate := f"{type_name}.{name}") in self._own
        ]
        return bool(compared) and all(compared)


async def nobody(_actor: Actor) -> Identities:
    """An identity look-up where nothing identifies anybody."""
    return {}
