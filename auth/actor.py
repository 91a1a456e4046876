"""Who asks: the person or service behind a verified access token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The engine alone knows no mandates, and loads nothing of the domain.
    from auth.agency import Agency
    from schema.domain.mandate import Power


@dataclass(frozen=True, slots=True)
class Actor:
    """``subject`` is the opaque ``Citizen.id`` of a person or the client id of a service.

    ``roles`` are domain roles ("citizen", "operator", "department", "department-staff", "integrator");
    ``department`` is set for a department's own client and for persons who work for it. ``policies`` are names
    that somebody else's authorization server says hold for the actor; the hub's own tokens name none.

    ``agency`` is set where somebody acts for another: ``subject`` is then the party for whom.
    """

    subject: str
    client_id: str
    scopes: frozenset[str]
    roles: frozenset[str]
    expires_at: datetime
    department: str | None = None
    policies: frozenset[str] = frozenset()
    agency: Agency | None = None

    @property
    def person(self) -> str:
        """Who sits there: the agent, where somebody acts for another."""
        return self.agency.agent if self.agency else self.subject

    @property
    def key(self) -> str:
        """Tells who asks from everybody else who may ask for the same party."""
        agency = self.agency
        return f"{self.subject} by {agency.agent} under {agency.mandate}" if agency else self.subject

    def has_role(self, role: str) -> bool:
        return role in self.roles

    def may(self, power: Power, item_code: str) -> bool:
        """Whether this can be done with the actor's own: always by themselves, by an agent within the mandate."""
        return self.agency is None or self.agency.covers(power, item_code)
