"""What must be true before the hub serves: its folder, its database at the newest revision, its
secrets encrypted, its broker."""

from __future__ import annotations

import asyncio
import ssl

from connectors.clock import Clock, ClockRefused, open_clock
from hub.keys.sealing import MINIMUM_CHARACTERS, Sealer, Unsealable
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
    clock_of(settings)
    _make_directory(settings)
    sealer = sealer_of(settings)
    _migrate(settings)
    asyncio.run(_seal(settings, sealer))
    if settings.broker_url != EMBEDDED:
        asyncio.run(_reach_broker(settings.broker_url))


def clock_of(settings: Settings) -> Clock:
    """The clock of this hub. Raises :class:`CannotStart` where a file would move it for others than a demo."""
    try:
        return open_clock(settings.test_clock_file, (settings.host, settings.effective_public_url))
    except ClockRefused as error:
        raise CannotStart("CLOCK_REFUSED", f"{error} It is named by JIYI_TEST_CLOCK_FILE.") from None


def sealer_of(settings: Settings) -> Sealer:
    """What encrypts secrets at rest; without keys it keeps none. Raises :class:`CannotStart`."""
    file = settings.secret_key_file
    try:
        lines = file.read_text("utf-8").splitlines() if file else settings.secret_key.get_secret_value().split(",")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} cannot be read ({type(error).__name__}). Check JIYI_SECRET_KEY_FILE."
        raise CannotStart("SECRET_KEY_UNUSABLE", message) from None
    keys = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if file is not None and not keys:
        raise CannotStart("SECRET_KEY_UNUSABLE", f"{file} holds no key. Check JIYI_SECRET_KEY_FILE.")
    if any(len(key) < MINIMUM_CHARACTERS for key in keys):
        message = f"A key of JIYI_SECRET_KEY or its file has fewer than {MINIMUM_CHARACTERS} characters."
        raise CannotStart("SECRET_KEY_UNUSABLE", f"{message} Make one with `openssl rand -base64 32`.")
    return Sealer(keys)


async def _seal(settings: Settings, sealer: Sealer) -> None:
    """What lies open is sealed, what an earlier key sealed is sealed anew."""
    from hub.keys.resealing import reseal
    from hub.storage.database import Database

    database = Database(settings.effective_database_url)
    try:
        await reseal(database, sealer)
    except Unsealable as error:
        message = f"{error}. Give the key back, behind the newer one, in JIYI_SECRET_KEY or its file."
        raise CannotStart("SECRET_KEY_WRONG", message) from None
    finally:
        await database.close()


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
