"""A department gets credentials of its own: an OAuth client, whose secret is shown once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from auth.actor import Actor
from auth.clients import Client, department_client, hash_made_secret, new_secret
from connectors.routing import check_department
from hub.who import operator
from schema.errors import DomainError, RuntimeCode

EnsureClient = Callable[[Client], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class DepartmentCredentials:
    """``client_secret`` is kept nowhere but by whoever receives it now."""

    department: str
    client_id: str
    client_secret: str = field(repr=False)


class Enrolment:
    """Only an operator enrols. Enrolling again gives a new secret and ends the one before."""

    def __init__(self, ensure_client: EnsureClient) -> None:
        self._ensure_client = ensure_client

    async def enrol(self, department: str, actor: Actor | None) -> DepartmentCredentials:
        """Raises :class:`DomainError` for anybody but an operator, or a name that is none."""
        operator(actor)
        try:
            check_department(department)
        except ValueError as refusal:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, str(refusal)) from None
        secret = new_secret()
        client = department_client(department, hash_made_secret(secret))
        await self._ensure_client(client)
        return DepartmentCredentials(department, client.client_id, secret)
