"""The sockets that the engine alone listens on, one for each of its processes.

The kernel spreads connections over sockets that share an address (SO_REUSEPORT). They are opened before the
processes begin, so that the address is either had by all or refused at once, and a process that is started
again takes up the queue of the one before.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from typing import Any

_BACKLOG = 2_048

_Address = tuple[int, int, int, Any]
"""Family, kind, protocol and the place itself, as :mod:`socket` has them."""


class PortTaken(Exception):
    """Somebody else listens there."""


class CannotListen(Exception):
    """The address cannot be had; the text names it and the reason."""


def reserve(host: str, port: int, count: int) -> tuple[socket.socket, ...]:
    """``count`` sockets on one address, none of which takes connections yet; port 0 is any free one.

    Raises :class:`PortTaken` or :class:`CannotListen`.
    """
    address = _resolve(host, port)
    reserved: list[socket.socket] = []
    try:
        # Sockets that may be shared would be shared with another gateway too: first see that there is none.
        _bind(address, shared=False).close()
        for _ in range(count):
            reserved.append(_bind(address, shared=count > 1))
            address = (*address[:3], reserved[0].getsockname())
    except OSError as error:
        close_sockets(reserved)
        raise _explained(error, f"{host}:{port}") from None
    return tuple(reserved)


def listen(reserved: Sequence[socket.socket]) -> None:
    """Take connections from now on. Raises :class:`PortTaken` when somebody else was first."""
    try:
        for each in reserved:
            each.listen(_BACKLOG)
    except OSError as error:
        raise _explained(error, address_of(reserved[0])) from None


def close_sockets(sockets: Sequence[socket.socket]) -> None:
    for each in sockets:
        each.close()


def address_of(reserved: socket.socket) -> str:
    """As a URL has it; a host that stands for all addresses is told as this machine."""
    host, port = reserved.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # read, not bound
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _resolve(host: str, port: int) -> _Address:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise CannotListen(f'"{host}" is no address of this machine ({error.strerror}). Check --host.') from None
    family, kind, protocol, _name, address = found[0]
    return family, kind, protocol, address


def _bind(address: _Address, *, shared: bool) -> socket.socket:
    family, kind, protocol, place = address
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        opened.bind(place)
    except OSError:
        opened.close()
        raise
    return opened


def _explained(error: OSError, place: str) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(place)
    return CannotListen(f"{place} cannot be listened on ({error.strerror}). Take another.")
