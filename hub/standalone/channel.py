"""What the processes of one gateway say to each other: tagged values, each in a frame with its length.

A worker tells ``Serving`` once, proposes a list that it has checked, and says of each list when it has taken it
up. The supervisor puts lists in order, the same for all, and tells the proposer when everybody serves.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TypeAlias

import msgspec

from hub.standalone.graph_source import GraphSource

_LENGTH_BYTES = 4
_TIMEOUT_SECONDS = 30.0


class Serving(msgspec.Struct, frozen=True, tag=True):
    """Worker: requests are answered."""


class Proposal(msgspec.Struct, frozen=True, tag=True):
    """Worker: somebody published this, and it composes."""

    source: GraphSource


class TakeUp(msgspec.Struct, frozen=True, tag=True):
    """Supervisor: serve this from now on."""

    version: int
    source: GraphSource


class Taken(msgspec.Struct, frozen=True, tag=True):
    """Worker: this version is served."""

    version: int


class Spread(msgspec.Struct, frozen=True, tag=True):
    """Supervisor, to the proposer: this version of yours is served by all."""

    version: int


Message: TypeAlias = Serving | Proposal | TakeUp | Taken | Spread
_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


class ChannelClosed(Exception):
    """The other process is gone."""


def send(channel: socket.socket, message: Message) -> None:
    """Raises :class:`ChannelClosed`, also when the other side does not read for long."""
    try:
        channel.settimeout(_TIMEOUT_SECONDS)
        channel.sendall(frame(message))
    except OSError as error:
        raise ChannelClosed(str(error)) from None


def receive(channel: socket.socket) -> Message:
    """The next message of a channel that has something to read. Raises :class:`ChannelClosed`."""
    channel.settimeout(_TIMEOUT_SECONDS)
    return _decoder.decode(_exactly(channel, int.from_bytes(_exactly(channel, _LENGTH_BYTES))))


async def read(reader: asyncio.StreamReader) -> Message:
    """The next message. Raises :class:`ChannelClosed`."""
    try:
        length = int.from_bytes(await reader.readexactly(_LENGTH_BYTES))
        return _decoder.decode(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise ChannelClosed(str(error)) from None


def frame(message: Message) -> bytes:
    body = msgspec.json.encode(message)
    return len(body).to_bytes(_LENGTH_BYTES) + body


def _exactly(channel: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        try:
            part = channel.recv(min(size - len(found), 1 << 20))
        except OSError as error:
            raise ChannelClosed(str(error)) from None
        if not part:
            raise ChannelClosed("end of file")
        found += part
    return bytes(found)
