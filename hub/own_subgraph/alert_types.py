"""GraphQL types of what departments are told, and where."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.departments import alerts, department_contacts


@strawberry.type(description="Where a department is told what is wrong with its connectors.")
class DepartmentContact:
    department: str = strawberry.field(description="The department.")
    webhook_url: str | None = strawberry.field(
        description="Gets CloudEvents by POST, signed in the header Jiyi-Signature with a key of the hub's JWKS."
    )
    mail_address: str | None = strawberry.field(description="Gets mails.")

    @classmethod
    def of(cls, contact: department_contacts.Contact) -> Self:
        return cls(
            department=contact.department, webhook_url=contact.webhook_url, mail_address=contact.mail_address
        )


@strawberry.type(description="One alert on its way, or where that ended.")
class Alert:
    id: strawberry.ID = strawberry.field(description="The CloudEvent's id.")
    way: str = strawberry.field(description="webhook or mail.")
    type: str = strawberry.field(description="The CloudEvent's type.")
    subject: str = strawberry.field(description="The connector that it is about.")
    created_at: datetime = strawberry.field(description="When it was raised.")
    attempts: int = strawberry.field(description="How often it was sent.")
    state: str = strawberry.field(description="waiting, delivered or given-up.")
    last_error: str | None = strawberry.field(description="Why it did not arrive.")

    @classmethod
    def of(cls, alert: alerts.Alert) -> Self:
        return cls(
            id=strawberry.ID(alert.id),
            way=alert.way,
            type=alert.type,
            subject=alert.subject,
            created_at=alert.created_at,
            attempts=alert.attempts,
            state=alert.state,
            last_error=alert.last_error,
        )
