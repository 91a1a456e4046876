"""What the parts of ``@durable`` are called, and how long a request may wait.

A durable mutation stands in a subgraph of its own beside its department's: what the hub answers itself is not
fetched from the department. Source: docs/spec/durable.md.
"""

from __future__ import annotations

import re
from datetime import timedelta

TICKETS = "hub.tickets"
"""The subgraph that knows of which type a ticket is."""
TICKET = "DurableTicket"
"""The interface of all tickets."""
OTHER_TICKET = "OtherDurableTicket"
"""A ticket of a mutation that the graph does not have any more."""
KEY_ARGUMENT = "idempotencyKey"
LONGEST_EXPIRY = timedelta(days=90)

_SUFFIX = ".durable"
_DURATION = re.compile(r"P(?:(?P<days>\d{1,3})D)?(?:T(?:(?P<hours>\d{1,4})H)?(?:(?P<minutes>\d{1,5})M)?)?")


def durable_service(subgraph: str) -> str:
    """The subgraph that holds the durable mutations of another one."""
    return f"{subgraph}{_SUFFIX}"


def department_service(service: str) -> str | None:
    """The subgraph whose durable mutations this one holds; ``None`` for any other."""
    return service.removesuffix(_SUFFIX) if service.endswith(_SUFFIX) else None


def ticket_type(field_name: str) -> str:
    """``changeContactAddress`` gives a ``ChangeContactAddressDurableTicket``."""
    return f"{field_name[0].upper()}{field_name[1:]}{TICKET}"


def read_duration(text: str) -> timedelta | None:
    """Days, hours and minutes of ISO 8601 ("P7D", "PT36H", "P1DT30M"), 90 days at most; else ``None``."""
    match = _DURATION.fullmatch(text)
    parts = {name: int(value) for name, value in match.groupdict().items() if value} if match else {}
    duration = timedelta(**parts)
    return duration if timedelta(0) < duration <= LONGEST_EXPIRY else None
