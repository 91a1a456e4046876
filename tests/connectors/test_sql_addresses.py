"""The hub connects to a department's database at allowed addresses, and brings nothing of its own along."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.addresses import AddressRefused, AddressRule, read_allowed_host
from connectors.connector import ConnectorFailure
from connectors.sql.address import database_url
from connectors.sql.database import Query, ReadOnlyDatabase, SqlLimits
from schema.errors import RuntimeCode

SOON = timedelta(seconds=5)
ONE = Query("SELECT 1 AS n")
LIMITS = SqlLimits(connections=2)
BESIDE = AddressRule(allow_private_addresses=True)
DATABASES = (
    pytest.param("postgresql://postgres@HOST:5432/test", marks=pytest.mark.postgresql),
    pytest.param("mysql://root@HOST:3306/test", marks=pytest.mark.mariadb),
    pytest.param("mariadb://root@HOST:3306/test", marks=pytest.mark.mariadb),
)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """What names resolve to, one answer after the other; the last one stays."""
    answers: dict[str, list[list[str]]] = {}
    true = socket.getaddrinfo

    def resolve(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        if host not in answers:
            return true(host, port, *rest, **options)
        now = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in now]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return answers


@asynccontextmanager
async def database(url: str, rule: AddressRule) -> AsyncIterator[ReadOnlyDatabase]:
    opened = ReadOnlyDatabase(url, LIMITS, rule)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.mark.parametrize("url", DATABASES)
async def test_a_name_is_connected_to_where_it_was_looked_at(url: str, names: dict[str, list[list[str]]]) -> None:
    """The driver does not ask the resolver again, which would give it another address."""
    names["register.example"] = [["127.0.0.1"], ["10.255.255.1"]]
    rule = AddressRule(allowed=(read_allowed_host("register.example"),))
    async with database(url.replace("HOST", "register.example"), rule) as register:
        assert await register.read(ONE, SOON) == [{"n": 1}]


@pytest.mark.parametrize("url", DATABASES)
async def test_an_inward_name_is_not_connected_to(url: str, names: dict[str, list[list[str]]]) -> None:
    """Unless an operator allowed it: a public address in front does not help."""
    names["inward.example"] = [["127.0.0.1"]]
    async with database(url.replace("HOST", "inward.example"), AddressRule()) as register:
        with pytest.raises(ConnectorFailure) as caught:
            await register.read(ONE, SOON)
    assert caught.value.code == RuntimeCode.DEPARTMENT_UNREACHABLE
    assert caught.value.never_sent
    with pytest.raises(AddressRefused):
        ReadOnlyDatabase(url.replace("HOST", "127.0.0.1"), LIMITS, AddressRule())


@pytest.mark.parametrize("url", DATABASES)
async def test_reading_is_all_that_can_be_done(url: str) -> None:
    """Whatever the account may do; a department's mistake in its grants is not the hub's."""
    async with database(url.replace("HOST", "127.0.0.1"), BESIDE) as register:
        is_postgresql = url.startswith("postgresql")
        name = "created_by_a_test"
        write = f"CREATE TABLE {name} (n int)" if is_postgresql else f"INSERT INTO {name} VALUES (1)"
        with pytest.raises(ConnectorFailure) as caught:
            await register.read(Query(write), SOON)
        assert caught.value.code == RuntimeCode.DEPARTMENT_ERROR
        if is_postgresql:
            escape = "SELECT set_config('default_transaction_read_only', 'off', false) AS s"
            assert await register.read(Query(escape), SOON) == [{"s": "off"}]
            with pytest.raises(ConnectorFailure):
                await register.read(Query(write), SOON)


@pytest.mark.parametrize("url", DATABASES)
async def test_time_and_rows_have_their_bounds(url: str) -> None:
    """The database itself ends a slow query; a result without end is not read to it."""
    is_postgresql = url.startswith("postgresql")
    async with database(url.replace("HOST", "127.0.0.1"), BESIDE) as register:
        slow = "SELECT pg_sleep(30)" if is_postgresql else "SELECT sleep(30), benchmark(1000000000, md5('a'))"
        with pytest.raises(ConnectorFailure) as caught:
            await register.read(Query(slow), timedelta(seconds=0.3))
        assert caught.value.code == RuntimeCode.DEPARTMENT_TIMEOUT
        many = (
            "SELECT n FROM generate_series(1, 1000000) AS n"
            if is_postgresql
            else "SELECT seq FROM seq_1_to_1000000"
        )
        with pytest.raises(ConnectorFailure) as caught:
            await register.read(Query(many), SOON)
        assert caught.value.code == RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE
        assert await register.read(ONE, SOON) == [{"n": 1}]


@pytest.mark.postgresql
async def test_numbers_that_json_does_not_have_are_text() -> None:
    """A mapping may give them where any JSON is allowed; they would make the whole answer unreadable."""
    async with database("postgresql://postgres@127.0.0.1:5432/test", BESIDE) as register:
        query = Query("SELECT 'NaN'::float8 AS a, '-Infinity'::float8 AS b, 'NaN'::numeric AS c, 0.5::float8 AS d")
        assert await register.read(query, SOON) == [{"a": "nan", "b": "-inf", "c": "NaN", "d": 0.5}]


@pytest.mark.mariadb
async def test_a_connection_that_has_to_be_encrypted_is_not_made_in_the_open() -> None:
    """The server of these tests has no certificate that anybody vouches for."""
    async with database("mysql://root@127.0.0.1:3306/test?ssl=verify", BESIDE) as register:
        with pytest.raises(ConnectorFailure) as caught:
            await register.read(ONE, SOON)
    assert caught.value.code == RuntimeCode.DEPARTMENT_UNREACHABLE


@dataclass
class PretendedServer:
    """Speaks as much of PostgreSQL as it takes to be told a password."""

    port: int = 0
    parameters: dict[str, str] = field(default_factory=dict)
    passwords: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            (length,) = struct.unpack("!I", await reader.readexactly(4))
            asked = await reader.readexactly(length - 4)
            if struct.unpack("!I", asked[:4])[0] >> 16 == 1234:
                writer.write(b"N")  # neither TLS nor GSSAPI
                continue
            words = asked[4:].decode().split("\0")
            self.parameters = dict(zip(words[::2], words[1::2], strict=False))
            break
        writer.write(b"R" + struct.pack("!II", 8, 3))
        await reader.readexactly(1)
        (length,) = struct.unpack("!I", await reader.readexactly(4))
        self.passwords.append((await reader.readexactly(length - 4)).rstrip(b"\0").decode())
        writer.close()


@pytest.fixture
async def pretended() -> AsyncIterator[PretendedServer]:
    pretended = PretendedServer()
    server = await asyncio.start_server(pretended.serve, "127.0.0.1", 0)
    pretended.port = server.sockets[0].getsockname()[1]
    yield pretended
    server.close()


@pytest.fixture
def own_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pretended: PretendedServer) -> None:
    """What the hub's own database account has lying about."""
    (tmp_path / ".pgpass").write_text("*:*:*:*:canary-file\n")
    (tmp_path / ".pgpass").chmod(0o600)
    for name, value in {
        "HOME": str(tmp_path), "PGPASSFILE": str(tmp_path / ".pgpass"), "PGPASSWORD": "canary-environment",
        "PGHOSTADDR": "127.0.0.9", "PGPORT": "9",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("own_credentials")
@pytest.mark.parametrize(("password", "told"), [(None, "none"), ("of-the-register", "of-the-register")])
async def test_a_department_is_not_told_the_hubs_own_password(
    pretended: PretendedServer, password: str | None, told: str
) -> None:
    """libpq would send what it finds in the environment to whoever asks for a password."""
    url = database_url(f"postgresql://reader@127.0.0.1:{pretended.port}/register", password)
    opened = ReadOnlyDatabase(url, LIMITS, BESIDE)
    with pytest.raises(ConnectorFailure):
        await opened.read(ONE, SOON)
    await opened.close()
    assert pretended.passwords == [told]
    assert (pretended.parameters["user"], pretended.parameters["database"]) == ("reader", "register")


async def test_closing_does_not_wait_for_a_server_that_says_nothing() -> None:
    """A hub that stops, or exchanges a secret, is not held up by a department."""

    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    opened = ReadOnlyDatabase(f"postgresql://reader@127.0.0.1:{port}/register", LIMITS, BESIDE)
    reading = asyncio.create_task(opened.read(ONE, SOON))
    await asyncio.sleep(0.2)
    async with asyncio.timeout(1):
        await opened.close()
    with pytest.raises(ConnectorFailure):
        await reading
    server.close()
