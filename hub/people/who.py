"""Object-level rules shared by all of the domain: whose thing may who see."""

from __future__ import annotations

from auth.actor import Actor
from auth.roles import CHIEF_REPRESENTATIVE, HANDLER, OFFICER, OPERATOR, SUPERVISOR
from schema.domain.case import Case, CaseActor
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
    """Whether the actor may read what belongs to ``owner``: their own, or by office."""
    return actor.subject == owner or any(actor.has_role(role) for role in READERS)


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


def may_read_case(actor: Actor, applicant: str, department: str | None) -> bool:
    """Whether the actor may know of this case: its applicant, its department's officers, offices that read all."""
    is_watching = actor.has_role(SUPERVISOR)
    return may_read(actor, applicant) or is_watching or may_handle(actor, department)


def may_read_content(actor: Actor, applicant: str, department: str | None) -> bool:
    """Whether the actor may read what the applicant handed in: to watch over a case it is not needed."""
    return actor.subject == applicant or actor.has_role(OFFICER) or may_handle(actor, department)


def is_office(actor: Actor, applicant: str, department: str | None) -> bool:
    """Whether the actor looks at another's case by office."""
    return actor.subject != applicant and may_read_case(actor, "", department)


def offices(actor: Actor, case: Case, department: str | None) -> tuple[CaseActor, ...]:
    """In which offices the actor may move the case; nobody has an office in their own."""
    if actor.subject == case.applicant:
        return (CaseActor.APPLICANT,)
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
