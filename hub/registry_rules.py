"""What the operator decided about registrations, and what follows for one of them; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hub.registration import ConnectorCheck
from schema.changes import Criticality

Approval = Literal["automatic", "additive", "operator"]
"""What goes live without an operator: everything whose check is green, what breaks nothing, or nothing."""


@dataclass(frozen=True, slots=True)
class RegistryRules:
    """What the operator decided about registrations."""

    approval: Approval
    allow_private_addresses: bool
    default_timeout_ms: int

    def approves(self, check: ConnectorCheck) -> bool:
        """Whether what was checked so may go live without an operator."""
        if not check.ok or self.approval == "operator":
            return False
        is_additive = all(change.criticality is Criticality.SAFE for change in check.changes)
        return self.approval == "automatic" or is_additive
