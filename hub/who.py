"""Object-level rules shared by all of the domain: whose thing may who see."""

from __future__ import annotations

from auth.actor import Actor
from schema.errors import DomainError, RuntimeCode

READERS = ("operator", "officer")
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
