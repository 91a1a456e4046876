"""``jiyi settings`` and ``jiyi doctor``: what is set, and what would keep the hub from running."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from hub.cli.output import envelope, fail, write
from hub.settings import EMBEDDED, BadSettings, LoadedSettings, Settings, load_settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``mend`` is empty when it is well."""

    name: str
    is_well: bool
    detail: str
    mend: str = ""


def load_or_fail(file: Path | None, as_json: bool = False) -> LoadedSettings:
    """Settings, or exit 2 with the place, the cause and the mend."""
    try:
        return load_settings(file=file)
    except BadSettings as error:
        fail("BAD_SETTINGS", str(error), as_json=as_json, exit_code=2)


def show_settings(file: Path | None, as_json: bool) -> None:
    loaded = load_or_fail(file, as_json)
    masked = loaded.masked()
    if as_json:
        write(envelope({"settings": masked}))
        return
    for name, entry in masked.items():
        description = Settings.model_fields[name].description or ""
        write(f"{name} = {entry['value']!r}  # {entry['source']}; {description}")


def examine(file: Path | None, as_json: bool) -> None:
    """Exit 1 when something is not well."""
    loaded = load_or_fail(file, as_json)
    findings = asyncio.run(_look(loaded.settings))
    sick = [finding for finding in findings if not finding.is_well]
    if as_json:
        data = {"findings": [_as_json(finding) for finding in findings]}
        error = {"code": "NOT_WELL", "message": f"{len(sick)} of {len(findings)} checks failed"} if sick else None
        write(envelope(data, error and {**error, "details": None}))
    else:
        for finding in findings:
            mark = "✓" if finding.is_well else "✗"
            write(f"{mark} {finding.name}: {finding.detail}" + (f"\n  → {finding.mend}" if finding.mend else ""))
    if sick:
        sys.exit(1)


def _as_json(finding: Finding) -> dict[str, object]:
    return {"name": finding.name, "ok": finding.is_well, "detail": finding.detail, "mend": finding.mend}


async def _look(settings: Settings) -> tuple[Finding, ...]:
    checks: tuple[Callable[[Settings], Awaitable[Finding]], ...] = (
        _python,
        _state_directory,
        _port,
        _database,
        _broker,
        _certificate,
        _secret_key,
    )
    return tuple([await check(settings) for check in checks])


async def _python(_settings: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    is_well = sys.version_info >= (3, 11)
    return Finding("python", is_well, version, "" if is_well else "Install Python 3.11 or newer.")


async def _state_directory(settings: Settings) -> Finding:
    directory = settings.state_directory
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Finding("state directory", False, f"{directory}: {error.strerror}", "Set JIYI_STATE_DIRECTORY.")
    return Finding("state directory", True, str(directory))


async def _port(settings: Settings) -> Finding:
    from hub.cli.ports import describe_busy_port, is_busy

    if not is_busy(settings.host, settings.port):
        return Finding("port", True, f"{settings.host}:{settings.port} is free")
    return Finding("port", False, *describe_busy_port(settings.host, settings.port))


async def _database(settings: Settings) -> Finding:
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    from hub.storage.database import Database

    database = Database(settings.effective_database_url)
    try:
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError) as error:
        mend = "Check JIYI_DATABASE_URL, and that the server runs and lets this user in."
        return Finding("database", False, type(error).__name__, mend)
    finally:
        await database.close()
    return Finding("database", True, "SQLite" if database.is_sqlite else "PostgreSQL")


async def _broker(settings: Settings) -> Finding:
    if settings.broker_url == EMBEDDED:
        return Finding("broker", True, "embedded")
    import aio_pika

    try:
        async with asyncio.timeout(5):
            connection = await aio_pika.connect(settings.broker_url)
        await connection.close()
    except (aio_pika.exceptions.AMQPError, OSError, TimeoutError, socket.gaierror) as error:
        mend = "Check JIYI_BROKER_URL, and that RabbitMQ runs and knows this user and virtual host."
        return Finding("broker", False, type(error).__name__, mend)
    return Finding("broker", True, "RabbitMQ")


async def _certificate(settings: Settings) -> Finding:
    files = (settings.tls_certificate, settings.tls_key)
    if files == (None, None):
        return Finding("tls", True, "not used; serve plain HTTP only on this machine or behind a proxy")
    missing = [str(file) for file in files if file is None or not file.is_file()]
    if missing:
        return Finding("tls", False, f"missing: {missing[0]}", "Set both JIYI_TLS_CERTIFICATE and JIYI_TLS_KEY.")
    return Finding("tls", True, str(settings.tls_certificate))


async def _secret_key(settings: Settings) -> Finding:
    from hub.start import CannotStart, sealer_of

    try:
        can_seal = sealer_of(settings).can_seal
    except CannotStart as error:
        return Finding("secret key", False, error.message, "Set JIYI_SECRET_KEY or JIYI_SECRET_KEY_FILE.")
    unset = "not set: connectors' secrets are refused, and signing keys lie open in the database"
    return Finding("secret key", True, "set" if can_seal else unset)
