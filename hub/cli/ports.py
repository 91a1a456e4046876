"""Ports of this machine: which are busy and by whom, and which are free."""

from __future__ import annotations

import random
import socket
from pathlib import Path

_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_FIRST, _USUAL_FLOOR = 20_000, 32_768
_LISTENING = "0A"


def is_busy(host: str, port: int) -> bool:
    """Whether somebody listens there already. Port 0 is never busy."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def next_free_port(host: str, port: int) -> int:
    """The first free port above ``port``."""
    return next(candidate for candidate in range(port + 1, 65536) if not is_busy(host, candidate))


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on now, for a process that will listen there in a moment, or again tomorrow.

    It lies below the ports that the system gives to outgoing connections (RFC 6335, section 6): one of those
    would sooner or later be somebody's when the process comes to listen.
    """
    candidates = list(range(_FIRST, _ephemeral_floor()))
    random.shuffle(candidates)
    return next(candidate for candidate in candidates if not is_busy(host, candidate))


def _ephemeral_floor() -> int:
    """The lowest port that outgoing connections get; the usual one where too little is left below it."""
    floor = int(_EPHEMERAL.read_text().split()[0]) if _EPHEMERAL.is_file() else _USUAL_FLOOR
    return floor if floor > _FIRST + 1000 else _USUAL_FLOOR


def describe_busy_port(host: str, port: int) -> tuple[str, str]:
    """What is wrong and the mend, as two sentences."""
    owner = _owner(port)
    who = f" by {owner}" if owner else ""
    return (
        f"{host}:{port} is taken{who}",
        f"Stop it, or take the next free port: --port {next_free_port(host, port)}",
    )


def _owner(port: int) -> str | None:
    """The process that listens on the port, where the system tells (Linux)."""
    inode = _inode(port)
    if inode is None:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(f"socket:[{inode}]" == str(link.readlink()) for link in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            continue
    return None


def _inode(port: int) -> str | None:
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.is_file():
            continue
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == port:
                return fields[9]
    return None
