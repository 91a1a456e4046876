"""Where the hub may connect to a department's database, and how it stays there.

The name is resolved once for each connection, every address is looked at, and the driver is handed those that may
be called. Only options that cannot reach into the hub's own files and environment are taken.
Sources: PostgreSQL, "Database Connection Control Functions"; PyMySQL, ``Connection``.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Dialect, Engine, event, exc
from sqlalchemy.engine import URL, make_url

from connectors.addresses import AddressRefused, AddressRule, read_allowed_host
from connectors.http_message import failure
from schema.errors import RuntimeCode

_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}
_OPTIONS: dict[str, dict[str, frozenset[str] | None]] = {
    "postgresql": {
        "sslmode": frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}),
        "sslrootcert": frozenset({"system"}),
        "application_name": None,
    },
    "mysql": {"charset": frozenset({"utf8mb4", "utf8", "gbk", "gb18030"}), "ssl": frozenset({"verify"})},
}
_READ_SECONDS = 65
"""Longer than any deadline: for a server that says nothing at all, not for a slow query."""


def database_url(url: str, password: str | None = None) -> URL:
    """A URL as SQLAlchemy has it, with a password that was kept apart. Raises ``ValueError``."""
    try:
        read = make_url(url)
    except (exc.ArgumentError, ValueError):
        raise ValueError("The url is no address of a database, such as postgresql://user@host/name.") from None
    return read.set(password=password) if password is not None else read


def check_database(url: URL, rule: AddressRule) -> None:
    """Raises :class:`AddressRefused` for what the hub does not connect to."""
    kind = url.get_backend_name()
    if kind not in _PORTS or url.drivername != kind:
        what = "A file is reached by an agent only." if kind == "sqlite" else f'"{url.drivername}" is not reached.'
        raise AddressRefused(f"{what} Register postgresql://, mysql:// or mariadb://.")
    if not url.host or not url.username or not url.database:
        raise AddressRefused("The url needs user, host and database: postgresql://user@host/name.")
    try:
        named = read_allowed_host(url.host)
    except AddressRefused:
        named = None
    if named is None or named.port is not None or "/" in url.host or url.port == 0:
        raise AddressRefused("The url names no host that the hub could connect to.")
    known = _OPTIONS["postgresql" if kind == "postgresql" else "mysql"]
    for name, value in url.query.items():
        values = known.get(name, frozenset())
        if not isinstance(value, str) or (values is not None and value not in values):
            raise AddressRefused(f'The option "{name}" is not taken so. Known: {", ".join(sorted(known))}.')
    rule.check_host(url.host, url.port or _PORTS[kind])


def pin(engine: Engine, rule: AddressRule) -> None:
    """Let every connection of this engine go to an address that was looked at."""
    is_postgresql = engine.dialect.name == "postgresql"

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Dialect, _record: object, _arguments: object, options: dict[str, Any]) -> Any:
        host, port = options["host"], options.setdefault("port", 5432 if is_postgresql else 3306)
        addresses = _addresses(host, port, rule)
        if is_postgresql:
            options |= _postgresql(host, port, addresses, options.get("password"))
            return None
        return _mysql(dialect, port, addresses, options)


def _addresses(host: str, port: int, rule: AddressRule) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise failure(RuntimeCode.DEPARTMENT_UNREACHABLE, type(error).__name__, never_sent=True) from error
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    allowed = [each for each in addresses if rule.allows(each, host, port)]
    if not allowed:
        cause = "every address of this name is refused"
        raise failure(RuntimeCode.DEPARTMENT_UNREACHABLE, cause, never_sent=True)
    return allowed


def _postgresql(host: str, port: int, addresses: list[str], password: str | None) -> dict[str, str]:
    """Also nothing of what libpq would add by itself: a password of the hub's own, its certificate, its ticket."""
    count = len(addresses)
    return {
        "host": ",".join([host] * count),
        "hostaddr": ",".join(addresses),
        "port": ",".join([str(port)] * count),
        "password": password or "none",
        "passfile": "/dev/null",
        "sslcertmode": "disable",
        "gssencmode": "disable",
    }


def _mysql(dialect: Dialect, port: int, addresses: list[str], options: dict[str, Any]) -> Any:
    verifies = options.pop("ssl", None) == "verify"
    tls = {"ssl": ssl.create_default_context()} if verifies else {}
    given = {**options, **tls, "read_timeout": _READ_SECONDS, "write_timeout": _READ_SECONDS}
    connection: Any = dialect.loaded_dbapi.connect(**given, defer_connect=True)
    last: OSError | None = None
    for opened in _opened(addresses, port, options["connect_timeout"]):
        if isinstance(opened, OSError):
            last = opened
            continue
        connection.connect(opened)
        return connection
    raise failure(RuntimeCode.DEPARTMENT_UNREACHABLE, type(last).__name__, never_sent=True) from last


def _opened(addresses: list[str], port: int, seconds: float) -> Iterator[socket.socket | OSError]:
    for address in addresses:
        try:
            yield socket.create_connection((address, port), seconds)
        except OSError as error:
            yield error
