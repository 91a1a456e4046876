"""What must be true before the hub serves: its folder, its database at the newest revision, its broker."""

from __future__ import annotations

import asyncio
import ssl

from hub.settings import EMBEDDED, Settings

_BROKER_TIMEOUT_SECONDS = 5


class CannotStart(Exception):
    """Something the hub needs is missing; ``message`` names it and the mend."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def prepare(settings: Settings) -> None:
    """Raises :class:`CannotStart`."""
    _check_certificate(settings)
    _make_directory(settings)
    _migrate(settings)
    if settings.broker_url != EMBEDDED:
        asyncio.run(_reach_broker(settings.broker_url))


def _check_certificate(settings: Settings) -> None:
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        message = "A certificate needs its key. Set both JIYI_TLS_CERTIFICATE and JIYI_TLS_KEY."
        raise CannotStart("CERTIFICATE_UNUSABLE", message)
    for file in (certificate, key):
        if not file.is_file():
            message = f"{file} is not there. Check JIYI_TLS_CERTIFICATE and JIYI_TLS_KEY."
            raise CannotStart("CERTIFICATE_UNUSABLE", message)
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:
        message = f"{certificate} and {key} cannot be used ({error}). Give PEM files that belong together."
        raise CannotStart("CERTIFICATE_UNUSABLE", message) from None


def _make_directory(settings: Settings) -> None:
    try:
        settings.state_directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{settings.state_directory}: {error.strerror}. Set JIYI_STATE_DIRECTORY."
        raise CannotStart("STATE_DIRECTORY_UNUSABLE", message) from None


def _migrate(settings: Settings) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from hub.migrations import migrate

    try:
        migrate(settings.effective_database_url)
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        message = f"The database cannot be used: {reason}. Check JIYI_DATABASE_URL."
        raise CannotStart("DATABASE_UNAVAILABLE", message) from None


async def _reach_broker(url: str) -> None:
    import aio_pika

    try:
        async with asyncio.timeout(_BROKER_TIMEOUT_SECONDS):
            connection = await aio_pika.connect(url)
    except (aio_pika.exceptions.AMQPError, OSError, TimeoutError) as error:
        address = url.rsplit("@", 1)[-1]
        message = f"The broker at {address} cannot be used ({type(error).__name__}). Check JIYI_BROKER_URL."
        raise CannotStart("BROKER_UNAVAILABLE", message) from None
    await connection.close()
