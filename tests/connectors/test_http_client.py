"""The client on the wire: a server that says exactly what a test wants, down to the bytes."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.addresses import AddressRule
from connectors.connector import ConnectorFailure
from connectors.http_client import HttpClient
from connectors.http_message import HttpAnswer, HttpLimits, HttpRequest
from schema.errors import RuntimeCode

PATIENCE = timedelta(seconds=5)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GZIP = b"Content-Encoding: gzip\r\n"

Reply = bytes | None
"""What is written for a request; ``None`` closes the connection without a word."""


class Wire:
    """A server that answers the n-th request with ``script(n, request)``, and counts."""

    def __init__(self, script: Callable[[int, bytes], Reply]) -> None:
        self.script = script
        self.requests: list[bytes] = []
        self.connections = 0
        self.arrived = asyncio.Event()
        self.gone = asyncio.Event()
        self.hold = asyncio.Event()
        self.hold.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((int(x[15:]) for x in head.split(b"\r\n") if x.startswith(b"Content-Length:")), 0)
                self.requests.append(head + await reader.readexactly(length))
                self.arrived.set()
                if not self.hold.is_set():
                    held = asyncio.ensure_future(self.hold.wait())
                    closed = asyncio.ensure_future(reader.read(1))
                    await asyncio.wait((held, closed), return_when=asyncio.FIRST_COMPLETED)
                    closed.cancel()
                    await asyncio.wait((closed,))
                reply = self.script(len(self.requests), self.requests[-1])
                if reply is None:
                    break
                writer.write(reply)
                if b"close" in reply.partition(b"\r\n\r\n")[0].lower():
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone.set()
        finally:
            writer.close()


@asynccontextmanager
async def wire(
    script: Callable[[int, bytes], Reply], tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Wire, str]]:
    served = Wire(script)
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield served, f"http{'s' if tls else ''}://127.0.0.1:{port}/graphql?a=%20b"
    finally:
        served.hold.set()
        server.close()


@asynccontextmanager
async def client(limits: HttpLimits = HttpLimits(), **options: object) -> AsyncIterator[HttpClient]:  # noqa: B008
    made = HttpClient(limits, AddressRule(allow_private_addresses=True), **options)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        await made.close()


def post(url: str, *, is_repeatable: bool = True, **headers: str) -> HttpRequest:
    return HttpRequest("POST", url, headers, b"{}", is_repeatable=is_repeatable)


async def ask(reply: Reply, limits: HttpLimits = HttpLimits()) -> HttpAnswer:  # noqa: B008
    async with wire(lambda _n, _request: reply) as (_served, url), client(limits) as http:
        return await http.send(post(url), PATIENCE)


async def test_a_request_goes_out_as_it_was_given_over_a_connection_that_is_kept() -> None:
    """Path and query as they are, our name, the body's length; the second request opens nothing."""
    async with wire(lambda _n, _r: OK) as (served, url), client() as http:
        for _ in range(2):
            assert (await http.send(post(url, traceparent="t"), PATIENCE)).body == b"ok"
    host = url.split("/")[2].encode()
    assert served.connections == 1
    assert served.requests[1] == (
        b"POST /graphql?a=%20b HTTP/1.1\r\nHost: " + host + b"\r\nUser-Agent: jiyi\r\nAccept-Encoding: gzip\r\n"
        b"Traceparent: t\r\nContent-Length: 2\r\n\r\n{}"
    )


@pytest.mark.parametrize(
    ("reply", "status", "body"),
    [
        (b"HTTP/1.1 500 No\r\ncontent-length: 1\r\n\r\nx", 500, b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 200, b"abc"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"ok"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end", 200, b"to the end"),
        (b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nold", 200, b"old"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n", 302, b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    ],
    ids=["status", "chunked", "interim", "until the end", "http 1.0", "redirect", "empty"],
)
async def test_answers_are_read_however_they_are_delimited(reply: bytes, status: int, body: bytes) -> None:
    """A redirect is an answer like any other."""
    answer = await ask(reply)
    assert (answer.status, answer.body) == (status, body)


async def test_a_compressed_answer_is_unpacked() -> None:
    """Headers have lower-case names, of a repeated one the first value."""
    packed = gzip.compress(b"a" * 1000)
    answer = await ask(
        b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\n" + GZIP + b"Content-Length: %d\r\n\r\n" % len(packed) + packed
    )
    assert answer.body == b"a" * 1000
    assert answer.headers["x-a"] == "1"


TOO_LARGE, MALFORMED = RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE, RuntimeCode.DEPARTMENT_MALFORMED_ANSWER
BOMB = gzip.compress(b"a" * 10_000, mtime=0)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"a" * 101, TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\n" + GZIP + b"Connection: close\r\n\r\n" + BOMB, TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\n" + GZIP + b"Connection: close\r\n\r\nno", MALFORMED),
        (b"HTTP/1.1 200 OK\r\n" + GZIP + b"Connection: close\r\n\r\n" + BOMB[:9], MALFORMED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nX: close\r\n\r\nab", MALFORMED),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 0\r\n\r\n", MALFORMED),
        (b"nonsense\r\n\r\n", MALFORMED),
        (b"HTTP/1.1 200 OK\r\nA: " + b"a" * 70_000, MALFORMED),
        (None, RuntimeCode.DEPARTMENT_UNREACHABLE),
    ],
)  # fmt: skip
async def test_what_is_too_large_cut_off_or_nonsense_is_a_failure_with_a_code(reply: Reply, code: str) -> None:
    """A size counts while reading and after unpacking: a small bomb is as large as what comes out of it."""
    with pytest.raises(ConnectorFailure) as caught:
        await ask(reply, HttpLimits(answer_bytes=100))
    assert caught.value.code == code
    assert not caught.value.never_sent


@pytest.mark.parametrize("is_repeatable", [True, False])
async def test_only_what_may_go_twice_is_sent_again_over_a_stale_connection(is_repeatable: bool) -> None:
    """The other side may close a kept connection in the very moment in which we use it."""

    def script(number: int, _request: bytes) -> Reply:
        return None if number == 2 else OK

    async with wire(script) as (served, url), client() as http:
        await http.send(post(url), PATIENCE)
        if is_repeatable:
            assert (await http.send(post(url), PATIENCE)).body == b"ok"
            assert len(served.requests) == 3
        else:
            with pytest.raises(ConnectorFailure) as caught:
                await http.send(post(url, is_repeatable=False), PATIENCE)
            assert not caught.value.never_sent
            assert len(served.requests) == 2


async def test_a_first_request_is_not_repeated() -> None:
    """A connection that was never good is no stale one."""
    async with wire(lambda _n, _r: None) as (served, url), client() as http:
        with pytest.raises(ConnectorFailure):
            await http.send(post(url), PATIENCE)
        assert len(served.requests) == 1


async def test_cancelling_closes_the_connection() -> None:
    """The department notices that nobody waits any more."""
    async with wire(lambda _n, _r: OK) as (served, url), client() as http:
        served.hold.clear()
        task = asyncio.ensure_future(http.send(post(url), PATIENCE))
        await asyncio.wait_for(served.arrived.wait(), 5)
        task.cancel()
        await asyncio.wait((task,))
        served.hold.set()
        await asyncio.wait_for(served.gone.wait(), 5)
        assert (await http.send(post(url), PATIENCE)).body == b"ok"
        assert served.connections == 2


async def test_a_silent_department_is_a_timeout() -> None:
    """And its connection is not used again."""
    async with wire(lambda _n, _r: OK) as (served, url), client() as http:
        served.hold.clear()
        with pytest.raises(ConnectorFailure) as caught:
            await http.send(post(url), timedelta(milliseconds=50))
        assert caught.value.code == RuntimeCode.DEPARTMENT_TIMEOUT
        served.hold.set()
        await http.send(post(url), PATIENCE)
        assert served.connections == 2


async def test_each_request_over_a_kept_connection_has_its_own_deadline() -> None:
    """A long one after a short one is not cut off, a short one after a long one is."""
    async with wire(lambda _n, _r: OK) as (served, url), client() as http:
        await http.send(post(url), timedelta(milliseconds=200))
        served.hold.clear()
        long = asyncio.ensure_future(http.send(post(url), PATIENCE))
        await asyncio.sleep(0.4)
        served.hold.set()
        assert (await long).body == b"ok"
        assert served.connections == 1
        served.hold.clear()
        began = asyncio.get_running_loop().time()
        with pytest.raises(ConnectorFailure) as caught:
            await http.send(post(url, is_repeatable=False), timedelta(milliseconds=100))
        assert caught.value.code == RuntimeCode.DEPARTMENT_TIMEOUT
        assert asyncio.get_running_loop().time() - began < PATIENCE.total_seconds() / 2
        assert served.connections == 1


async def test_waiting_for_a_connection_counts_too() -> None:
    """A deadline is one, whatever the time is spent on."""
    async with wire(lambda _n, _r: OK) as (served, url), client(HttpLimits(connections_per_host=1)) as http:
        served.hold.clear()
        first = asyncio.ensure_future(http.send(post(url), PATIENCE))
        await asyncio.wait_for(served.arrived.wait(), 5)
        with pytest.raises(ConnectorFailure) as caught:
            await http.send(post(url), timedelta(milliseconds=100))
        assert caught.value.code == RuntimeCode.DEPARTMENT_TIMEOUT
        served.hold.set()
        assert (await first).body == b"ok"


async def test_no_more_connections_are_opened_than_allowed() -> None:
    """The rest wait for one that is free, also those of another host where all are counted."""
    async with wire(lambda _n, _r: OK) as (one, url), wire(lambda _n, _r: OK) as (other, other_url):
        async with client(HttpLimits(connections=3, connections_per_host=2)) as http:
            asked = [http.send(post(each), PATIENCE) for each in [url, other_url] * 10]
            answers = await asyncio.gather(*asked)
        assert [answer.body for answer in answers] == [b"ok"] * 20
        assert one.connections <= 2
        assert len(one.requests) == len(other.requests) == 10


async def test_nobody_there_was_certainly_never_asked() -> None:
    """So that even a command may be sent again."""
    async with wire(lambda _n, _r: OK) as (_served, url):
        pass
    async with client() as http:
        with pytest.raises(ConnectorFailure) as caught:
            await http.send(post(url.replace("127.0.0.1", "localhost")), PATIENCE)
    assert caught.value.code == RuntimeCode.DEPARTMENT_UNREACHABLE
    assert caught.value.never_sent


async def test_a_header_cannot_become_a_second_request() -> None:
    """A line break in a value is refused before anything is sent."""
    async with wire(lambda _n, _r: OK) as (served, url), client() as http:
        with pytest.raises(ConnectorFailure) as caught:
            await http.send(HttpRequest("POST", url, {"A": "b\r\n\r\nGET / HTTP/1.1"}, b""), PATIENCE)
        for bad in ("\r\n\r\nGET /", "\n", "\0", "\x85", "\u2028"):
            with pytest.raises(ConnectorFailure, match="UNREACHABLE"):
                await http.send(HttpRequest("GET", f"{url}?a={bad}"), PATIENCE)
        assert caught.value.never_sent
        assert served.requests == []


async def test_a_proxy_is_used_where_one_is_named_but_for_loopback_and_what_needs_none() -> None:
    """The environment's HTTP_PROXY and NO_PROXY mean what they mean elsewhere."""
    async with wire(lambda _n, _r: OK) as (proxy, url), wire(lambda _n, _r: OK) as (direct, direct_url):
        proxies = {"http": url.partition("/graphql")[0], "no": "example.net"}
        async with client(proxies=proxies) as http:
            answer = await http.send(post("http://department.example/x"), PATIENCE)
            assert answer.body == b"ok"
            assert proxy.requests[0].startswith(b"POST http://department.example/x HTTP/1.1\r\n")
            await http.send(post(direct_url), PATIENCE)
            assert len(direct.requests) == 1


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate for 127.0.0.1 that this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "department")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return context


async def test_tls_is_verified(certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trusted certificate is good; one that nobody vouches for is as good as nobody there."""
    async with wire(lambda _n, _r: OK, certificate) as (_served, url):
        async with client() as http:
            assert (await http.send(post(url), PATIENCE)).body == b"ok"
        monkeypatch.delenv("SSL_CERT_FILE")
        async with client() as http:
            with pytest.raises(ConnectorFailure) as caught:
                await http.send(post(url), PATIENCE)
        assert caught.value.never_sent


async def test_a_large_answer_that_was_packed_beyond_belief_is_not_unpacked() -> None:
    """Long before the limit: a megabyte of spaces in a kilobyte costs nobody sixteen."""
    packed = gzip.compress(b" " * 2**20)
    reply = b"HTTP/1.1 200 OK\r\n" + GZIP + b"Content-Length: %d\r\n\r\n" % len(packed) + packed
    with pytest.raises(ConnectorFailure) as caught:
        await ask(reply)
    assert caught.value.code == TOO_LARGE
    assert "packed" in caught.value.detail


async def test_many_large_answers_at_once_come_a_few_at_a_time() -> None:
    """All arrive; two are read on, the others wait on the wire, and one that gives up leaves its place."""
    text = b"".join(b"%d," % number for number in range(400_000))
    large = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text) + text
    packed = gzip.compress(text)
    small = b"HTTP/1.1 200 OK\r\n" + GZIP + b"Content-Length: %d\r\n\r\n" % len(packed) + packed
    async with wire(lambda number, _r: small if number % 2 else large) as (_served, url), client() as http:
        for _ in range(2):
            asked = [asyncio.ensure_future(http.send(post(url), timedelta(seconds=20))) for _ in range(12)]
            await asyncio.sleep(0.01)
            asked[3].cancel()
            answers = await asyncio.gather(*asked, return_exceptions=True)
            bodies = [answer.body for answer in answers if isinstance(answer, HttpAnswer)]
            assert len(bodies) >= 11
            assert set(bodies) == {text}
