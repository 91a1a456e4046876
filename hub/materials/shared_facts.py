"""What departments share of one person, asked through the hub's own graph with that person's rights.

The question is made of what the graph has today: a register that nobody connected is not asked, and stays unknown.
The graph checks and records the reading as it does any other. Source: docs/domain.md, "For me".
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_composite_type

from auth.actor import Actor
from hub.gateway.request import GraphQLAnswer, GraphQLRequest
from hub.people.people import People
from schema.domain.for_me import HeldLicence, Said, SharedFacts
from schema.domain.identity_number import birth_date
from schema.domain.service_item import ServiceItem

BEIJING = ZoneInfo("Asia/Shanghai")
AskGraph = Callable[[GraphQLRequest, Actor], Awaitable[GraphQLAnswer]]
_LICENCE = ("kind", "number", "state", "validUntil", "issuer")
_ISSUER = ("name", "nameEn")


class SharedFactsReader:
    """``schema`` is what clients may name now, ``None`` before there is a graph."""

    def __init__(self, people: People, schema: Callable[[], GraphQLSchema | None], ask: AskGraph) -> None:
        self._people = people
        self._schema = schema
        self._ask = ask

    async def facts(self, actor: Actor, item: ServiceItem, now: datetime) -> SharedFacts:
        """Only what this item asks for is read."""
        number = await self._people.identity_of(actor.subject)
        told = await self._read(actor, item)
        return SharedFacts(
            today=now.astimezone(BEIJING).date(),
            born=birth_date(number) if number else None,
            licences=told.licences(),
            knows_all_licences=told.is_whole("licences"),
            enterprises=told.open_enterprises(),
            entries=told.entries(_entries(item)),
        )

    async def _read(self, actor: Actor, item: ServiceItem) -> _Told:
        schema = self._schema()
        person = schema.get_type("Citizen") if schema is not None else None
        if not isinstance(person, GraphQLObjectType):
            return _Told({}, ())
        wanted = {
            *(["licences"] if _asks_for_licences(item) else []),
            *(["enterprises"] if not _is_for_citizens(item) else []),
            *(entry.partition(".")[2] for entry in _entries(item)),
        }
        asked = [_selection(person, name) for name in sorted(wanted) if name in person.fields]
        if not asked:
            return _Told({}, ())
        answer = await self._ask(GraphQLRequest(f"query SharedFacts {{ me {{ {' '.join(asked)} }} }}"), actor)
        data = json.loads(answer.encoded) if answer.encoded is not None else answer.data
        me = (data or {}).get("me")
        broken = tuple(str(error["path"][1]) for error in answer.errors if len(error.get("path") or ()) > 1)
        return _Told(me if isinstance(me, Mapping) else {}, broken)


class _Told:
    """The answer: what it has, and which fields came with an error and may lack a part."""

    def __init__(self, me: Mapping[str, Any], broken: tuple[str, ...]) -> None:
        self._me = me
        self._broken = broken

    def is_whole(self, name: str) -> bool:
        return isinstance(self._me.get(name), list) and name not in self._broken

    def licences(self) -> tuple[HeldLicence, ...]:
        return tuple(_licence(each) for each in self._me.get("licences") or () if each)

    def open_enterprises(self) -> int | None:
        found = [each for each in self._me.get("enterprises") or () if each]
        is_open = [each for each in found if each.get("status", "OPEN") == "OPEN"]
        return len(is_open) if is_open or self.is_whole("enterprises") else None

    def entries(self, wanted: Iterable[str]) -> dict[str, bool]:
        named = {entry: entry.partition(".")[2] for entry in wanted}
        return {
            entry: bool(self._me[name])
            for entry, name in named.items()
            if name in self._me and (self._me[name] or name not in self._broken)
        }


def _asks_for_licences(item: ServiceItem) -> bool:
    conditions = any(condition.holds or condition.lacks for condition in item.conditions)
    return conditions or any(material.replacing_licences for material in item.materials)


def _is_for_citizens(item: ServiceItem) -> bool:
    return "CITIZEN" in item.who_may_apply


def _entries(item: ServiceItem) -> list[str]:
    """Register entries on the person that replace a material."""
    named = (each.register_entry for material in item.materials for each in material.satisfied_by)
    return sorted({entry for entry in named if entry and entry.startswith("Citizen.")})


def _selection(person: GraphQLObjectType, name: str) -> str:
    """The field with what is looked at in it, as far as the graph has it."""
    type_ = get_named_type(person.fields[name].type)
    if not is_composite_type(type_) or not isinstance(type_, GraphQLObjectType):
        return name if not is_composite_type(type_) else f"{name} {{ __typename }}"
    if name == "licences":
        inner = [_inner(type_, each) for each in _LICENCE if each in type_.fields]
        return f"{name} {{ __typename {' '.join(inner)} }}"
    return f"{name} {{ __typename {'status' if 'status' in type_.fields else ''} }}"


def _inner(licence: GraphQLObjectType, name: str) -> str:
    type_ = get_named_type(licence.fields[name].type)
    if not isinstance(type_, GraphQLObjectType):
        return name
    return f"{name} {{ __typename {' '.join(each for each in _ISSUER if each in type_.fields)} }}"


def _licence(told: Mapping[str, Any]) -> HeldLicence:
    issuer = told.get("issuer") or {}
    until = told.get("validUntil")
    return HeldLicence(
        kind=str(told.get("kind") or ""),
        number=str(told.get("number") or ""),
        is_in_force=told.get("state") == "VALID",
        valid_until=date.fromisoformat(str(until)[:10]) if until else None,
        issuer=Said(str(issuer.get("name") or ""), str(issuer.get("nameEn") or "")),
    )
