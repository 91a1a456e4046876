"""All checks of a version, in two steps: looking around, which takes its time, then judging, under the lock.

``observe`` asks the real system, reads what clients send, and compares answers. ``judge`` composes, compares the
schemas and decides: a version that breaks recorded operations is refused with their names and clients, one that
breaks what nobody uses waits for an operator. Source: docs/departments.md, "Checks before a version is live".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.addresses import AddressRule
from hub.registry.agent_finding import agent_findings
from hub.registry.check_findings import Observations, ProbeLine, ShadowDifference
from hub.registry.composing import composed
from hub.registry.registration import ConnectorCheck, ConnectorVersion, Registration
from hub.registry.registration_check import check_registration, composed_with
from schema.affected import AffectedOperation, RecordedOperation, affected, operations_using, weighed
from schema.changes import Criticality
from schema.composition import read_subgraph
from schema.errors import CompositionError
from schema.lint import LintFinding, lint
from schema.subgraph import Subgraph, ValidSubgraph
from schema.supergraph import Composition, Supergraph

Addresses = Callable[[str], Awaitable[AddressRule]]
"""What the connectors of a department may call."""

ReadRecorded = Callable[[], Awaitable[tuple[RecordedOperation, ...]]]
Probe = Callable[[Registration], Awaitable[tuple[ProbeLine, ...]]]
Shadow = Callable[
    [Registration, Supergraph, tuple[RecordedOperation, ...]],
    Awaitable[tuple[tuple[ShadowDifference, ...], int]],
]
"""Differences, and how many operations were compared."""

MOST_TOLD = 20
_MOST_CLIENTS = 5


@dataclass(frozen=True, slots=True)
class CheckRules:
    """What the operator decided. ``days`` are how far back recorded operations are looked at."""

    allow_private_addresses: bool
    days: int = 30
    breaking_only_when_used: bool = False


class RegistrationChecks:
    """Without ``addresses`` every department may call the same. ``recorded``, ``probe`` and ``shadow`` are left
    out where there is nothing to ask."""

    def __init__(
        self,
        own: Subgraph,
        rules: CheckRules,
        *,
        addresses: Addresses | None = None,
        recorded: ReadRecorded | None = None,
        probe: Probe | None = None,
        shadow: Shadow | None = None,
    ) -> None:
        self._own = own
        self._rules = rules
        self._addresses = addresses
        self._recorded = recorded
        self._probe = probe
        self._shadow = shadow

    async def observe(self, registration: Registration, members: tuple[ConnectorVersion, ...]) -> Observations:
        """Everything that takes time or another system. Nothing is asked of a system that may not be reached."""
        seen = await self.use()
        addresses = await self._addresses_of(registration.department)
        base = await asyncio.to_thread(self._composition_check, registration, members, addresses)
        if not base.ok:
            return seen
        subgraphs = composed_with(self._own, members, registration)
        supergraph = (await asyncio.to_thread(composed, subgraphs)).supergraph
        if supergraph is None:
            return seen
        probe = await self._probe(registration) if self._probe is not None else ()
        is_new = all(member.name != registration.name for member in members)
        if self._shadow is None or is_new or not seen.recorded:
            return replace(seen, probe=probe)
        shadow, compared = await self._shadow(registration, supergraph, seen.recorded)
        return replace(seen, probe=probe, shadow=shadow, compared=compared)

    async def compose_ahead(self, registration: Registration, members: tuple[ConnectorVersion, ...]) -> None:
        """Have both graphs, as it is and as it would be, at hand for a judgement under a lock."""
        for subgraphs in (composed_with(self._own, members), composed_with(self._own, members, registration)):
            await asyncio.to_thread(composed, subgraphs)

    async def compose_without(self, name: str, members: tuple[ConnectorVersion, ...]) -> Composition:
        """The graph as it is without this connector; at hand when it is asked for again under a lock."""
        rest = (member for member in members if member.name != name)
        return await asyncio.to_thread(composed, composed_with(self._own, rest))

    async def use(self) -> Observations:
        """What clients send, alone. Not within a transaction: this process's newest counts are written first."""
        return Observations(await self._recorded() if self._recorded is not None else None)

    async def judge(
        self,
        registration: Registration,
        members: tuple[ConnectorVersion, ...],
        seen: Observations,
        addresses: AddressRule | None = None,
        *,
        is_forced: bool = False,
    ) -> ConnectorCheck:
        """The report. What it breaks is told and, unless ``is_forced``, refused."""
        rule = addresses or await self._addresses_of(registration.department)
        return await asyncio.to_thread(self._judge, registration, members, seen, rule, is_forced)

    async def _addresses_of(self, department: str) -> AddressRule:
        if self._addresses is None:
            return AddressRule(self._rules.allow_private_addresses)
        return await self._addresses(department)

    def _judge(
        self,
        registration: Registration,
        members: tuple[ConnectorVersion, ...],
        seen: Observations,
        addresses: AddressRule,
        is_forced: bool,
    ) -> ConnectorCheck:
        base = self._composition_check(registration, members, addresses)
        findings = _lint(registration, members) if registration.sdl is not None else ()
        check = replace(base, lint=findings, probe=seen.probe, shadow=seen.shadow, compared=seen.compared)
        if not base.ok or seen.recorded is None:
            return check
        hit = self._affected(registration, members, base, seen.recorded)
        changes = base.changes
        if self._rules.breaking_only_when_used:
            changes = weighed(changes, hit, self._rules.days)
        uses = {
            change.path: operations_using(change.path, seen.recorded)
            for change in changes
            if change.criticality is not Criticality.SAFE
        }
        errors = () if is_forced else _refusals(registration.name, hit, self._rules.days)
        return replace(check, errors=errors, changes=changes, affected=hit, uses=uses)

    def _composition_check(
        self, registration: Registration, members: tuple[ConnectorVersion, ...], addresses: AddressRule
    ) -> ConnectorCheck:
        return check_registration(registration, self._own, members, addresses)

    def _affected(
        self,
        registration: Registration,
        members: tuple[ConnectorVersion, ...],
        base: ConnectorCheck,
        recorded: tuple[RecordedOperation, ...],
    ) -> tuple[AffectedOperation, ...]:
        old = composed(composed_with(self._own, members)).supergraph
        new = composed(composed_with(self._own, members, registration)).supergraph
        if old is None or new is None:
            return ()
        return affected(old.api_schema, new.api_schema, base.changes, recorded)


def _lint(registration: Registration, members: tuple[ConnectorVersion, ...]) -> tuple[LintFinding, ...]:
    read = read_subgraph(Subgraph(registration.name, registration.sdl or ""))
    if not isinstance(read, ValidSubgraph):
        return ()
    return (*agent_findings(registration, members), *lint(read, registration.ignored_lint))


def _refusals(name: str, hit: tuple[AffectedOperation, ...], days: int) -> tuple[CompositionError, ...]:
    told = [CompositionError("BREAKS_OPERATIONS", _refusal(each, days), (name,)) for each in hit[:MOST_TOLD]]
    if len(hit) > MOST_TOLD:
        message = f"{len(hit) - MOST_TOLD} more operations would break."
        told.append(CompositionError("BREAKS_OPERATIONS", message, (name,)))
    return tuple(told)


def _refusal(each: AffectedOperation, days: int) -> str:
    operation = each.operation
    return (
        f'{operation.kind.capitalize()} "{operation.title}" of {_clients(operation)} would break '
        f"({operation.count} in {days} days, last on {_day(operation.last_seen)}): {each.because[0].message} "
        "Keep it, deprecated, until nobody sends it; or an operator forces the version with a reason."
    )


def _clients(operation: RecordedOperation) -> str:
    named = [str(client) for client in operation.clients[:_MOST_CLIENTS]]
    more = len(operation.clients) - len(named)
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
