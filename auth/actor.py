"""Who asks: the person or service behind a verified access token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """``subject`` is the opaque ``Citizen.id`` of a person or the client id of a service.

    ``roles`` are domain roles ("citizen", "operator", "department", "department-staff", "integrator");
    ``department`` is set for a department's own client and for persons who work for it. ``policies`` are names
    that somebody else's authorization server says hold for the actor; the hub's own tokens name none.
    """

    subject: str
    client_id: str
    scopes: frozenset[str]
    roles: frozenset[str]
    expires_at: datetime
    department: str | None = None
    policies: frozenset[str] = frozenset()

    def has_role(self, role: str) -> bool:
        return role in self.roles
