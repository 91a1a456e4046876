"""GraphQL types of what connectors are given: secrets by name, and hosts that operators allowed."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.departments import allowed_hosts, connector_secrets


@strawberry.type(description="A secret of a connector. Its value is never told.")
class ConnectorSecret:
    name: str = strawberry.field(description="Mappings and headers send it as $env.NAME.")
    changed_at: datetime = strawberry.field(description="When it was last set.")
    changed_by: str = strawberry.field(description="Who set it.")

    @classmethod
    def of(cls, secret: connector_secrets.ConnectorSecret) -> Self:
        return cls(name=secret.name, changed_at=secret.changed_at, changed_by=secret.changed_by)


@strawberry.type(description="A host on a private network that a department's connectors may call.")
class AllowedHost:
    department: str = strawberry.field(description="The department.")
    host: str = strawberry.field(description="A name or address, with or without a port, or a range.")
    reason: str = strawberry.field(description="Why.")
    allowed_at: datetime = strawberry.field(description="When it was allowed.")
    allowed_by: str = strawberry.field(description="Who allowed it.")

    @classmethod
    def of(cls, entry: allowed_hosts.AllowedHostEntry) -> Self:
        return cls(
            department=entry.department,
            host=entry.host,
            reason=entry.reason,
            allowed_at=entry.allowed_at,
            allowed_by=entry.allowed_by,
        )
