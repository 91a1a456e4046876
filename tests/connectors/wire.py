"""Faults on the wire: a department as a raw socket that answers one thing wrongly, and a proxy that spoils the
answers of another. Nothing of ours is patched."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Fault = Callable[["Conversation"], Awaitable[None]]
TEN_GIGABYTES = 10 * 1024**3
PIECE = b"x" * 65_536


@dataclass
class Conversation:
    """One connection, whose first request was read."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    body: bytes

    def head(self, *lines: str, status: str = "200 OK", media_type: str = "application/json") -> None:
        told = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", "Connection: close", *lines, "", ""]
        self.writer.write("\r\n".join(told).encode())

    def answer(self, body: bytes, *lines: str, **more: str) -> None:
        self.head(f"Content-Length: {len(body)}", *lines, **more)
        self.writer.write(body)

    async def wait_for_the_end(self) -> None:
        """Until the other side has had enough."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65_536):
                continue


@dataclass
class FaultyServer:
    """``fault`` can be changed while it serves."""

    fault: Fault
    port: int = 0
    connections: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def origin(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.add(writer)
        try:
            conversation = Conversation(reader, writer, await _request(reader))
            await self.fault(conversation)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            return  # the hub has left, which is what most faults are about
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
            self.writers.discard(writer)


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = [line.partition(":")[2] for line in head.split("\r\n") if line.startswith("content-length:")]
    return await reader.readexactly(int(length[0])) if length else b""


@asynccontextmanager
async def faulty_server(fault: Fault, tls: ssl.SSLContext | None = None) -> AsyncIterator[FaultyServer]:
    """A server with that fault on a port of its own."""
    told = FaultyServer(fault)
    server = await asyncio.start_server(told.serve, "127.0.0.1", 0, ssl=tls)
    told.port = server.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        server.close()
        for writer in tuple(told.writers):
            writer.transport.abort()
        await server.wait_closed()


# Faults of an HTTP answer. ``good`` is what a right answer would be.


def fine(good: bytes) -> Fault:
    async def run(conversation: Conversation) -> None:
        conversation.answer(good)

    return run


def hang_before_headers(_good: bytes) -> Fault:
    return Conversation.wait_for_the_end


def hang_mid_body(good: bytes) -> Fault:
    async def run(conversation: Conversation) -> None:
        conversation.head(f"Content-Length: {len(good)}")
        conversation.writer.write(good[: len(good) // 2])
        await conversation.wait_for_the_end()

    return run


def slow_drip(good: bytes) -> Fault:
    async def run(conversation: Conversation) -> None:
        conversation.head(f"Content-Length: {len(good) + 10_000}")
        for byte in b" " * 10_000 + good:
            conversation.writer.write(bytes([byte]))
            await conversation.writer.drain()
            await asyncio.sleep(0.02)

    return run


def reset(_good: bytes) -> Fault:
    async def run(conversation: Conversation) -> None:
        reset_on_close(conversation.writer)

    return run


def reset_mid_body(good: bytes) -> Fault:
    async def run(conversation: Conversation) -> None:
        conversation.head(f"Content-Length: {len(good)}")
        conversation.writer.write(good[: len(good) // 2])
        await conversation.writer.drain()
        await asyncio.sleep(0.02)
        reset_on_close(conversation.writer)

    return run


def reset_on_close(writer: asyncio.StreamWriter) -> None:
    """The connection ends with RST, not with FIN."""
    opened = writer.get_extra_info("socket")
    if opened is not None:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def truncated_gzip(good: bytes) -> Fault:
    packed = gzip.compress(good * 50)

    async def run(conversation: Conversation) -> None:
        conversation.answer(packed[: len(packed) // 2], "Content-Encoding: gzip")

    return run


def gzip_bomb(_good: bytes) -> Fault:
    """Sixty-four megabytes of spaces in as many kilobytes."""
    packed = gzip.compress(b" " * 2**26)

    async def run(conversation: Conversation) -> None:
        conversation.answer(packed, "Content-Encoding: gzip")

    return run


def wrong_content_type(_good: bytes) -> Fault:
    async def run(conversation: Conversation) -> None:
        conversation.answer(os.urandom(2_000), media_type="application/pdf")

    return run


def html_with_200(_good: bytes) -> Fault:
    async def run(conversation: Conversation) -> None:
        page = "<!doctype html><title>登录</title><p>Please sign in to the proxy.</p>".encode()
        conversation.answer(page, media_type="text/html; charset=utf-8")

    return run


def endless(announced: bool) -> Callable[[bytes], Fault]:
    """Ten gigabytes, streamed, with their length announced or in chunks without end."""

    def made(_good: bytes) -> Fault:
        async def run(conversation: Conversation) -> None:
            if announced:
                conversation.head(f"Content-Length: {TEN_GIGABYTES}")
            else:
                conversation.head("Transfer-Encoding: chunked")
            for _ in range(TEN_GIGABYTES // len(PIECE)):
                piece = PIECE if announced else b"%x\r\n%b\r\n" % (len(PIECE), PIECE)
                conversation.writer.write(piece)
                await conversation.writer.drain()

        return run

    return made


HTTP_FAULTS: dict[str, Callable[[bytes], Fault]] = {
    "hang before headers": hang_before_headers,
    "hang mid-body": hang_mid_body,
    "slow drip": slow_drip,
    "reset": reset,
    "reset mid-body": reset_mid_body,
    "truncated gzip": truncated_gzip,
    "gzip bomb": gzip_bomb,
    "wrong content type": wrong_content_type,
    "200 with HTML": html_with_200,
    "10 GB announced": endless(announced=True),
    "10 GB in chunks": endless(announced=False),
}


# A certificate that has expired, of an authority that is trusted


def expired_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """The server's side of TLS, and the file with the authority to trust."""
    now = datetime.now(UTC)
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _certificate("authority", "authority", authority_key, authority_key, now + timedelta(days=1))
    certificate = _certificate("department", "authority", key, authority_key, now - timedelta(days=1))
    bundle, trusted = folder / "expired.pem", folder / "authority.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    bundle.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    trusted.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    return context, trusted


def _certificate(
    subject: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    ends: datetime,
) -> x509.Certificate:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=30))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )


# A proxy between a connector and a real server


@dataclass
class Proxy:
    """Passes bytes on until it is told to spoil what the server answers from then on."""

    host: str
    target_port: int
    port: int = 0
    fault: str = "none"
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        server_reader, server_writer = await asyncio.open_connection(self.host, self.target_port)
        sides = [
            asyncio.ensure_future(self._pass(reader, server_writer)),
            asyncio.ensure_future(self._answer(server_reader, writer)),
        ]
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            return  # the test is over
        finally:
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)
            for each in (writer, server_writer):
                each.close()
                with contextlib.suppress(ConnectionError):
                    await each.wait_closed()
            self.writers.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while some := await reader.read(65_536):
                writer.write(some)
                await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while some := await reader.read(65_536):
                await self._spoil(some, writer)
                await writer.drain()

    async def _spoil(self, some: bytes, writer: asyncio.StreamWriter) -> None:
        match self.fault:
            case "hang before headers":
                await asyncio.Event().wait()
            case "hang mid-body":
                writer.write(some[:-3])
                await asyncio.Event().wait()
            case "slow drip":
                for byte in some:
                    writer.write(bytes([byte]))
                    await asyncio.sleep(0.05)
            case "reset":
                reset_on_close(writer)
                raise ConnectionResetError
            case "reset mid-body":
                writer.write(some[:-3])
                await writer.drain()
                await asyncio.sleep(0.02)
                reset_on_close(writer)
                raise ConnectionResetError
            case "200 with HTML":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>proxy</title>")
            case _:
                writer.write(some)


@asynccontextmanager
async def proxy_to(port: int) -> AsyncIterator[Proxy]:
    """In front of a server on this machine."""
    proxy = Proxy("127.0.0.1", port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for writer in tuple(proxy.writers):
            writer.transport.abort()
        await server.wait_closed()
