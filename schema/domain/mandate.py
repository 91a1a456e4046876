"""A mandate (授权委托): what a party lets an agent do in its name, for which items, and until when.

An enterprise acts by its legal representative (法定代表人), who stands for it in everything and alone grants
mandates of it. Source: docs/domain.md, "People and roles"; Civil Code of China, articles 61, 161 to 174.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schema.domain.party import ApplicantKind

LONGEST = timedelta(days=3 * 366)
"""A mandate ends within three years; a longer one is granted anew."""
MOST_ITEMS = 50
REPRESENTS_FOR = timedelta(hours=12)
"""For so long the register's word holds that a person represents an enterprise; then it is asked again."""


class Power(StrEnum):
    """What an agent may do."""

    HANDLE_CASES = "HANDLE_CASES"
    PAY_FEES = "PAY_FEES"
    USE_RECORDS = "USE_RECORDS"


@dataclass(frozen=True, slots=True)
class Scope:
    """``powers``, for the service items ``items``; no items are all of them.

    Records (licences, register entries) belong to no item: who may use them uses all.
    """

    powers: frozenset[Power]
    items: frozenset[str] = frozenset()

    def covers(self, power: Power, item_code: str) -> bool:
        return power in self.powers and (not self.items or item_code in self.items)


EVERYTHING = Scope(frozenset(Power))
"""What a legal representative may do for the enterprise."""


@dataclass(frozen=True, slots=True)
class Mandate:
    """``agent`` acts for ``party`` from ``since`` until ``until``, unless it is ended before.

    ``represents`` says that the agent is the party's legal representative, by the enterprise register and not
    by anybody's grant.
    """

    id: str
    party: str
    party_kind: ApplicantKind
    party_name: str
    agent: str
    agent_name: str
    scope: Scope
    granted_by: str
    granted_at: datetime
    since: datetime
    until: datetime
    ended_at: datetime | None = None
    represents: bool = False

    def is_in_force(self, at: datetime) -> bool:
        return self.since <= at < self.until and (self.ended_at is None or at < self.ended_at)


def problems(
    powers: Collection[Power], items: Collection[str], since: datetime, until: datetime, now: datetime
) -> tuple[str, ...]:
    """What is wrong with a mandate that is about to be granted; empty when nothing is."""
    wrong = []
    if not powers:
        wrong.append("`powers` names at least one power.")
    if len(items) > MOST_ITEMS:
        wrong.append(f"`items` names at most {MOST_ITEMS} service items; leave it out for all.")
    if until <= since or until <= now:
        wrong.append("`until` is after `since`, and still to come.")
    elif until - since > LONGEST:
        wrong.append("`until` is at most three years after `since`. Grant it anew when it ends.")
    return tuple(wrong)
