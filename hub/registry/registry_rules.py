"""What the operator decided about registrations, and what follows for one of them and for who asks; pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from auth.actor import Actor
from hub.people.who import may_see
from hub.registry.registration import ConnectorCheck, ConnectorState, ConnectorVersion, ConnectorView, VersionState
from schema.changes import Criticality

Approval = Literal["automatic", "additive", "operator"]
"""What goes live without an operator: what breaks nothing, what is additive alone, or nothing."""


class AllowedAction(StrEnum):
    """What somebody may do with a connector as it stands; each is the mutation of that name."""

    APPROVE = "approve"
    REJECT = "reject"
    RELEASE = "release"
    ROLLBACK = "rollback"
    SUSPEND = "suspend"
    RESUME = "resume"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class RegistryRules:
    """What the operator decided about registrations."""

    approval: Approval
    allow_private_addresses: bool
    default_timeout_ms: int

    def approves(self, check: ConnectorCheck) -> bool:
        """Whether what was checked so may go live without an operator."""
        if not check.ok or check.needs_approval or self.approval == "operator":
            return False
        is_additive = all(change.criticality is Criticality.SAFE for change in check.changes)
        return self.approval == "automatic" or is_additive

    def allowed_on_version(self, version: ConnectorVersion, actor: Actor) -> tuple[AllowedAction, ...]:
        """What the actor may do with this version. A draft is handed in anew, not acted on."""
        if not may_see(actor, version.department):
            return ()
        is_operator = actor.has_role("operator")
        match version.state:
            case VersionState.CHECKED if is_operator:
                return (AllowedAction.APPROVE, AllowedAction.REJECT)
            case VersionState.CHECKED if self.approval != "operator" and not version.waits_for_operator:
                return (AllowedAction.RELEASE,)
            case VersionState.APPROVED:
                return (AllowedAction.REJECT, AllowedAction.RELEASE) if is_operator else (AllowedAction.RELEASE,)
            case VersionState.SUPERSEDED:
                return (AllowedAction.ROLLBACK,)
            case _:
                return ()

    def allowed_on(self, view: ConnectorView, actor: Actor) -> tuple[AllowedAction, ...]:
        """What the actor may do with the connector or any version of it, in the order of the actions."""
        found = {action for version in view.versions for action in self.allowed_on_version(version, actor)}
        if may_see(actor, view.department) and view.state in (ConnectorState.LIVE, ConnectorState.SUSPENDED):
            found.add(AllowedAction.RETIRE)
            if actor.has_role("operator"):
                is_live = view.state is ConnectorState.LIVE
                found.add(AllowedAction.SUSPEND if is_live else AllowedAction.RESUME)
        return tuple(action for action in AllowedAction if action in found)
