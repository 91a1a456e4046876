"""What a department's own RabbitMQ user may do: read its queues, write its exchange under its keys, make nothing.

Pure; the registry puts it into force over the management API, or prints it for an administrator. RabbitMQ
searches these expressions in a name, so each is anchored. Source: RabbitMQ, "Access control".
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from connectors.routing import check_department
from connectors.topology import PARTITIONS, PRESENCE_KEY, out_exchange

NOTHING = "^$"
DEAD_KEY = "dead"
_WRITES = rf"^(event\.[0-{PARTITIONS - 1}]|reply\.[A-Za-z0-9-]+|{PRESENCE_KEY}|{DEAD_KEY})$"


@dataclass(frozen=True, slots=True)
class DepartmentAccess:
    """Expressions over names of queues and exchanges, and over routing keys of ``exchange``."""

    user: str
    virtual_host: str
    configure: str
    write: str
    read: str
    exchange: str
    routing_keys: str


def department_user(department: str, namespace: str) -> str:
    """Never the name of an administrator's user. Raises ``ValueError`` for what names no department."""
    return f"{namespace}department-{check_department(department)}"


def department_access(department: str, namespace: str, virtual_host: str) -> DepartmentAccess:
    """Raises ``ValueError`` for what names no department."""
    exchange = f"{namespace}{out_exchange(department)}"
    queues = re.escape(f"{namespace}{department}.")
    return DepartmentAccess(
        user=department_user(department, namespace),
        virtual_host=virtual_host,
        configure=NOTHING,
        write=f"^{re.escape(exchange)}$",
        read=rf"^{queues}(requests|commands\.[0-{PARTITIONS - 1}]|agents\.[0-9a-f]+)$",
        exchange=exchange,
        routing_keys=_WRITES,
    )


def virtual_host_of(broker_url: str) -> str:
    """As the AMQP address names it; none is ``/``."""
    return unquote(urlsplit(broker_url).path[1:]) or "/"


def commands_to_admit(access: DepartmentAccess, password: str) -> tuple[str, ...]:
    """What an administrator types where the hub may not; they may be typed again."""
    user, host = access.user, access.virtual_host
    steps = (
        ("add_user", user, password),
        ("change_password", user, password),
        ("set_user_tags", user),
        ("set_permissions", "-p", host, user, access.configure, access.write, access.read),
        ("set_topic_permissions", "-p", host, user, access.exchange, access.routing_keys, NOTHING),
    )
    lines = [shlex.join(("rabbitmqctl", *step)) for step in steps]
    add, change, *rest = lines
    return (f"{add} || {change}", *rest)


def commands_to_dismiss(user: str) -> tuple[str, ...]:
    """What an administrator types to take a department's access away; its connections end with it."""
    return (shlex.join(("rabbitmqctl", "delete_user", user)),)
