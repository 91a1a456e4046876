"""S17: however a URL is written, whatever its name resolves to, the hub calls no address of its own network.

The same table is tried on each way out: plain requests, event streams and WebSockets. A listener on loopback
counts who came.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.addresses import AddressRefused, AddressRule, read_allowed_host
from connectors.connector import ConnectorFailure
from connectors.http_client import HttpClient
from connectors.http_message import HttpLimits, HttpRequest
from schema.errors import RuntimeCode

A_SECOND = timedelta(seconds=1)
PUBLIC = "93.184.215.14"
SPELLINGS = (
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.0.0.1%00",
    "１２７.０.０.１",
    "127。0。0。1",
    "localhost",
    "LocalHost",
    "localhost.",
    "a.localhost",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::1]",
    "[2001:0:1:1::80ff:fffe]",
    "[2600::5efe:127.0.0.1]",
    "[fec0::1]",
    "0.0.0.0",
    "0.0.0.1",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.168.1.1",
    "198.18.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "u@127.0.0.1",
    "u:p@127.0.0.1",
    "example.com@127.0.0.1",
    "example.com\\@127.0.0.1",
    "127.0.0.1\\.example.com",
    "127.0.0.1\t",
)


async def _plain(client: HttpClient, url: str) -> None:
    await client.send(HttpRequest("GET", url), A_SECOND)


async def _head(client: HttpClient, url: str) -> None:
    await client.send(HttpRequest("HEAD", url), A_SECOND)


async def _events(client: HttpClient, url: str) -> None:
    async with client.stream(HttpRequest("GET", url), A_SECOND):
        raise AssertionError("it was answered")


async def _websocket(client: HttpClient, url: str) -> None:
    async with client.websocket(url, "graphql-transport-ws", {}, A_SECOND):
        raise AssertionError("it was answered")


Way = Callable[[HttpClient, str], Awaitable[None]]
WAYS: tuple[Way, ...] = (_plain, _head, _events, _websocket)


class Listener:
    """Counts connections on loopback, IPv4 and IPv6."""

    port = 0
    connections = 0

    async def start(self) -> None:
        self._servers = [await asyncio.start_server(self._came, "127.0.0.1", 0)]
        self.port = self._servers[0].sockets[0].getsockname()[1]
        self._servers.append(await asyncio.start_server(self._came, "::1", self.port))

    async def _came(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.close()

    def stop(self) -> None:
        for server in self._servers:
            server.close()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    await listener.start()
    yield listener
    listener.stop()


@pytest.fixture
async def strict() -> AsyncIterator[HttpClient]:
    client = HttpClient(HttpLimits(connect_timeout=A_SECOND), proxies={})
    yield client
    await client.close()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """What names resolve to, one answer after the other; the last one stays. Everywhere in this process."""
    answers: dict[str, list[list[str]]] = {}
    true = socket.getaddrinfo

    def resolve(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        name = (host.decode() if isinstance(host, bytes) else host or "").rstrip(".").lower()
        if name not in answers:
            return true(host, port, *rest, **options)
        now = answers[name].pop(0) if len(answers[name]) > 1 else answers[name][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in now]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return answers


@pytest.mark.parametrize("way", WAYS)
async def test_no_spelling_of_an_address_reaches_this_machine(
    way: Way, listener: Listener, strict: HttpClient
) -> None:
    """Decimal, octal, hexadecimal, mapped, translated, tunnelled, internationalised, with a name in front."""
    for spelling in SPELLINGS:
        for path in ("/", "/graphql?x=1"):
            with pytest.raises(ConnectorFailure) as caught:
                await way(strict, f"http://{spelling}:{listener.port}{path}")
            assert caught.value.code == RuntimeCode.DEPARTMENT_UNREACHABLE, spelling
            assert caught.value.never_sent, spelling
            assert "127.0.0.1" not in caught.value.message
    assert listener.connections == 0


@pytest.mark.parametrize("way", WAYS)
async def test_a_name_that_resolves_inward_is_not_called(
    way: Way, listener: Listener, strict: HttpClient, names: dict[str, list[list[str]]]
) -> None:
    """A department controls its own domain, and so what it resolves to."""
    names["inward.example"] = [["127.0.0.1"]]
    with pytest.raises(ConnectorFailure):
        await way(strict, f"http://inward.example:{listener.port}/")
    assert listener.connections == 0


@pytest.mark.parametrize("way", WAYS)
async def test_a_name_that_changes_its_mind_is_called_where_it_was_looked_at(
    way: Way,
    listener: Listener,
    strict: HttpClient,
    names: dict[str, list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: what was checked is what is connected to; nobody asks the resolver in between."""
    names["rebinding.example"] = [[PUBLIC], ["127.0.0.1"]]
    called: list[str] = []

    async def connect(_loop: Any, _socket: socket.socket, address: tuple[Any, ...]) -> None:
        called.append(str(address[0]))
        raise ConnectionRefusedError

    monkeypatch.setattr(type(asyncio.get_running_loop()), "sock_connect", connect)
    for _ in range(3):
        with pytest.raises(ConnectorFailure):
            await way(strict, f"http://rebinding.example:{listener.port}/")
    assert set(called) == {PUBLIC}
    assert listener.connections == 0


@pytest.mark.parametrize("way", WAYS)
async def test_of_several_addresses_only_the_allowed_ones_are_tried(
    way: Way,
    listener: Listener,
    strict: HttpClient,
    names: dict[str, list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A public address in front is no passport for the private one behind it."""
    names["mixed.example"] = [["127.0.0.1", PUBLIC, "10.0.0.1"]]
    called: list[str] = []

    async def connect(_loop: Any, _socket: socket.socket, address: tuple[Any, ...]) -> None:
        called.append(str(address[0]))
        raise ConnectionRefusedError

    monkeypatch.setattr(type(asyncio.get_running_loop()), "sock_connect", connect)
    with pytest.raises(ConnectorFailure):
        await way(strict, f"http://mixed.example:{listener.port}/")
    assert called == [PUBLIC]


@pytest.mark.parametrize("way", WAYS)
async def test_an_allowed_host_is_called_by_its_own_name_and_port_only(
    way: Way, listener: Listener, names: dict[str, list[list[str]]]
) -> None:
    """What an operator allowed is that host, not whatever stands beside it."""
    names["register.example"] = names["other.example"] = [["127.0.0.1"]]
    rule = AddressRule(allowed=(read_allowed_host(f"register.example:{listener.port}"),))
    client = HttpClient(addresses=rule, proxies={})
    for url in (f"http://other.example:{listener.port}/", f"http://127.0.0.1:{listener.port}/"):
        with pytest.raises(ConnectorFailure):
            await way(client, url)
    assert listener.connections == 0
    with pytest.raises(ConnectorFailure):
        await way(client, f"http://Register.Example.:{listener.port}/")
    await client.close()
    assert listener.connections > 0


@pytest.mark.parametrize("way", WAYS)
async def test_nobody_can_allow_metadata(way: Way, names: dict[str, list[list[str]]]) -> None:
    """Neither by the name that leads there, nor by a range around it, nor by the setting for all."""
    names["metadata.example"] = [["169.254.169.254"]]
    allowed = (read_allowed_host("metadata.example"), read_allowed_host("169.254.0.0/16"))
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True, allowed=allowed), proxies={})
    for host in ("metadata.example", "169.254.169.254", "[::ffff:169.254.169.254]", "[fd00:ec2::254]"):
        with pytest.raises(ConnectorFailure) as caught:
            await way(client, f"http://{host}/latest/meta-data/")
        assert caught.value.never_sent
    await client.close()


async def test_behind_a_proxy_an_inward_name_is_refused_here(
    listener: Listener, names: dict[str, list[list[str]]]
) -> None:
    """The proxy stands inside too: it would fetch for the department what the hub must not."""
    names["inward.example"] = [["10.1.2.3"]]
    client = HttpClient(proxies={"http": f"http://127.0.0.1:{listener.port}"})
    for url in ("http://inward.example/", "http://10.1.2.3/"):
        with pytest.raises(ConnectorFailure) as caught:
            await client.send(HttpRequest("GET", url), A_SECOND)
        assert caught.value.never_sent
    await client.close()
    assert listener.connections == 0


async def test_a_redirect_is_an_answer_and_leads_nowhere(listener: Listener) -> None:
    """The checked host sends its caller on to the host that was refused."""

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        to = f"http://127.0.0.1:{listener.port}/"
        writer.write(f"HTTP/1.1 307 Go\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(redirect, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True), proxies={})
    url = f"http://127.0.0.1:{port}/"
    answer = await client.send(HttpRequest("GET", url), A_SECOND)
    async with client.stream(HttpRequest("GET", url), A_SECOND) as stream:
        statuses = (answer.status, stream.status)
    with pytest.raises(ConnectorFailure):
        await _websocket(client, url)
    await client.close()
    server.close()
    assert statuses == (307, 307)
    assert listener.connections == 0


@pytest.mark.parametrize("port", [22, 25, 6667, 0, 65536])
def test_ports_of_other_protocols_are_not_called(port: int) -> None:
    """A body that a department writes could be a mail, or a command to somebody's server."""
    with pytest.raises(AddressRefused):
        AddressRule().check_url(f"https://department.example:{port}/")


def test_an_operator_can_allow_an_odd_port() -> None:
    """By naming it: some register may serve there."""
    AddressRule(allowed=(read_allowed_host("department.example:25"),)).check_url("http://department.example:25/")


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("Register.Example.", "register.example"),
        ("register.example:8443", "register.example:8443"),
        ("10.1.2.3", "10.1.2.3"),
        ("[fd12::1]:80", "[fd12::1]:80"),
        ("10.1.0.0/16", "10.1.0.0/16"),
        ("登记.example", "xn--7wy856b.example"),
    ],
)
def test_what_can_be_allowed_has_one_spelling(text: str, means: str) -> None:
    """Allowing and disallowing find each other."""
    assert str(read_allowed_host(text)) == means


@pytest.mark.parametrize(
    "text",
    [
        *("", "*", "a b", "http://a.example/", "a.example/x", "10.1.2.3/16", "0.0.0.0/0", "::/0", "2130706433"),
        *("u@a.example", "a.example:0", "a.example:70000", "169.254.169.254", "-a.example", "a..b"),
    ],
)
def test_what_is_no_host_cannot_be_allowed(text: str) -> None:
    """Nor everything at once."""
    with pytest.raises(AddressRefused):
        read_allowed_host(text)
