"""Object-level rules shared by all of the domain: whose thing may who see."""

from __future__ import annotations

from auth.actor import Actor
from auth.roles import CHIEF_REPRESENTATIVE, HANDLER, OFFICER, OPERATOR, SUPERVISOR
from schema.domain.case import Case, CaseActor
from schema.domain.mandate import Power
from schema.errors import DomainError, RuntimeCode

READERS = (OPERATOR, OFFICER)
"""Roles that read every case; the access is theirs by office."""


def signed_in(actor: Actor | None) -> Actor:
    """The actor, or an error that asks to sign in."""
    if actor is None:
        raise DomainError(RuntimeCode.UNAUTHENTICATED, "Sign in first: this belongs to a person.")
    return actor


def operator(actor: Actor | None) -> Actor:
    """The actor, who is an operator."""
    known = signed_in(actor)
    if not known.has_role("operator"):
        raise DomainError(RuntimeCode.FORBIDDEN, "Only an operator may see or do this.")
    return known


def may_read(actor: Actor, owner: str) -> bool:
    """Whether the actor may read what belongs to ``owner``: their own, in their own name, or by office."""
    return is_own(actor, owner) or any(actor.has_role(role) for role in READERS)


def is_own(actor: Actor, owner: str) -> bool:
    """Whether it is the actor's own, and nobody acts for another."""
    return actor.subject == owner and actor.agency is None


def may_use_records(actor: Actor, owner: str) -> bool:
    """Whether the actor may read ``owner``'s licences and register entries: as above, or by a mandate for that."""
    agency = actor.agency
    by_mandate = agency is not None and actor.subject == owner and Power.USE_RECORDS in agency.scope.powers
    return by_mandate or may_read(actor, owner)


def may_handle(actor: Actor, department: str | None) -> bool:
    """Whether the actor handles this department's cases: as its handler or its chief representative."""
    is_theirs = department is not None and actor.department == department
    return is_theirs and (actor.has_role(HANDLER) or actor.has_role(CHIEF_REPRESENTATIVE))


def may_serve(actor: Actor, department: str | None) -> bool:
    """Whether the actor serves whoever comes to this department: as its officer, or by an office for all."""
    return any(actor.has_role(role) for role in READERS) or may_handle(actor, department)


def may_keep_fees(actor: Actor, department: str | None) -> bool:
    """Whether the actor keeps the fees of this department: an operator those of all, its officers its own."""
    return actor.has_role(OPERATOR) or may_handle(actor, department)


def may_read_case(actor: Actor, applicant: str, department: str | None, item_code: str) -> bool:
    """Whether the actor may know of this case: its applicant, an agent whose mandate covers it, its department's
    officers, offices that read all."""
    if actor.agency is not None:
        return acts_in_case(actor, applicant, item_code)
    return may_read(actor, applicant) or actor.has_role(SUPERVISOR) or may_handle(actor, department)


def acts_in_case(actor: Actor, applicant: str, item_code: str) -> bool:
    """Whether the actor moves the case as its applicant: in person, or by a mandate to handle such cases."""
    return actor.subject == applicant and actor.may(Power.HANDLE_CASES, item_code)


def may_act(actor: Actor, power: Power, item_code: str) -> None:
    """Raises ``DomainError`` FORBIDDEN for an agent whose mandate does not cover it."""
    if not actor.may(power, item_code):
        message = f"Your mandate does not have the power {power} for {item_code}. The party can grant another."
        raise DomainError(RuntimeCode.FORBIDDEN, message)


def may_read_content(actor: Actor, applicant: str, department: str | None, item_code: str) -> bool:
    """Whether the actor may read what the applicant handed in: to watch over a case it is not needed."""
    is_applicant = acts_in_case(actor, applicant, item_code)
    return is_applicant or actor.has_role(OFFICER) or may_handle(actor, department)


def is_office(actor: Actor, applicant: str, department: str | None) -> bool:
    """Whether the actor looks at another's case by office."""
    return actor.subject != applicant and may_read_case(actor, "", department, "")


def offices(actor: Actor, case: Case, department: str | None) -> tuple[CaseActor, ...]:
    """In which offices the actor may move the case; nobody has an office in their own."""
    if actor.subject == case.applicant:
        return (CaseActor.APPLICANT,) if acts_in_case(actor, case.applicant, case.item_code) else ()
    held = (
        (CaseActor.OFFICER, may_handle(actor, department)),
        (CaseActor.SUPERVISOR, actor.has_role(SUPERVISOR)),
        (CaseActor.OPERATOR, actor.has_role(OPERATOR)),
    )
    return tuple(office for office, holds in held if holds)


def may_see(actor: Actor, department: str) -> bool:
    """An operator sees everything, a department's own client what is its own."""
    return actor.has_role("operator") or (actor.department is not None and actor.department == department)


def may_manage(actor: Actor, department: str) -> None:
    """Raises ``DomainError`` FORBIDDEN."""
    if not may_see(actor, department):
        raise DomainError(
            RuntimeCode.FORBIDDEN,
            f'Only department "{department}" itself or an operator may manage its connectors.',
        )
