"""On whose behalf somebody asks: a token whose subject is a party, and who acts for it.

Source: RFC 8693, sections 1.1 (delegation) and 4.1 (the claim ``act``); docs/domain.md, "People and roles".
"""

from __future__ import annotations

from dataclasses import dataclass

from schema.domain.mandate import Power, Scope
from schema.domain.party import ApplicantKind

NOTHING = Scope(frozenset())
"""What a token alone allows: who may do what is read from the mandate, at each request."""


@dataclass(frozen=True, slots=True)
class Agency:
    """``agent`` is the person who acts, under ``mandate``; ``kind`` is what the party is.

    Until the mandate has been looked at, ``scope`` is :data:`NOTHING`.
    """

    agent: str
    mandate: str
    kind: ApplicantKind = ApplicantKind.CITIZEN
    scope: Scope = NOTHING
    represents: bool = False

    @property
    def uses_records(self) -> bool:
        """Whether the mandate has the power to read the party's licences and register entries."""
        return Power.USE_RECORDS in self.scope.powers

    def covers(self, power: Power, item_code: str) -> bool:
        return self.scope.covers(power, item_code)
