"""The licences that departments' own registers hold of a person, as the graph gathers them for that person.

What is shown or shared of them is what a department said, by whom, and when.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from auth.actor import Actor
from connectors.clock import Clock
from hub.gateway.request import GraphQLAnswer, GraphQLRequest
from schema.domain.licence import LicenceState
from schema.errors import DomainError, RuntimeCode

Ask = Callable[[GraphQLRequest, Actor], Awaitable[GraphQLAnswer]]
OWN = "hub"
"""The part of the list that is the hub's own."""
_PATH = ["me", "licences"]
_QUERY = """query GatherLicences { me { licences {
  issuerCode number kind name nameEn validFrom validUntil state issuer { name }
  holder { __typename ... on Citizen { id } ... on Enterprise { creditCode } }
} } }"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLicence:
    """One licence as a department's system told it. ``source`` is the department that answered; ``enterprise`` the
    credit code where an enterprise holds it that the person stands for."""

    issuer: str
    issuer_name: str
    number: str
    kind: str
    name: str
    name_en: str
    state: LicenceState
    valid_from: date | None
    valid_until: date | None
    enterprise: str | None
    source: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the departments that answered hold, and which did not answer: of theirs nothing is known."""

    licences: tuple[ToldLicence, ...]
    silent: frozenset[str] = frozenset()


Gather = Callable[[Actor], Awaitable[Gathered]]


class GatheredLicences:
    """Asks the graph as the person who asks."""

    def __init__(self, ask: Ask, department_of: Callable[[str], str], clock: Clock) -> None:
        self._ask = ask
        self._department_of = department_of
        self._clock = clock

    async def of(self, actor: Actor) -> Gathered:
        """What the departments hold now, and who is silent. Raises ``DomainError`` SERVICE_UNAVAILABLE where none
        answers."""
        told_at = self._clock.now()
        answer = await self._ask(GraphQLRequest(_QUERY), actor)
        data: Any = msgspec.json.decode(answer.encoded) if answer.encoded is not None else answer.data
        told = (each["parts"] for each in answer.extensions.get("sources", ()) if each["path"] == _PATH)
        parts = next(told, ())
        silent = frozenset(self._department_of(each["service"]) for each in parts if each["state"] == "failed")
        licences = ((data or {}).get("me") or {}).get("licences")
        if licences is None:
            who = f"{', '.join(sorted(silent))} do not answer" if silent else "The departments cannot be asked"
            raise DomainError(RuntimeCode.SERVICE_UNAVAILABLE, f"{who} now. Try again.")
        return Gathered(tuple(_told(licences, parts, told_at, self._department_of)), silent)


def _told(
    licences: Sequence[Mapping[str, Any]],
    parts: Sequence[Mapping[str, Any]],
    at: datetime,
    department_of: Callable[[str], str],
) -> Iterator[ToldLicence]:
    """Each with its part of the list: parts stand one after the other, as long as they say."""
    sources = [part["service"] for part in parts if part["state"] != "failed" for _ in range(part["count"])]
    if len(sources) != len(licences):
        raise DomainError(RuntimeCode.SERVICE_UNAVAILABLE, "It is not known now who holds what. Try again.")
    for licence, source in zip(licences, sources, strict=True):
        if source == OWN:
            continue
        yield ToldLicence(
            issuer=licence["issuerCode"],
            issuer_name=(licence["issuer"] or {}).get("name") or "",
            number=licence["number"],
            kind=licence["kind"],
            name=licence["name"],
            name_en=licence["nameEn"],
            state=LicenceState(licence["state"]),
            valid_from=_day(licence["validFrom"]),
            valid_until=_day(licence["validUntil"]),
            enterprise=(licence["holder"] or {}).get("creditCode"),
            source=department_of(source),
            told_at=at,
        )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
