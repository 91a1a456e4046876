"""A busy port: who has it, and which is free next."""

from __future__ import annotations

from pathlib import Path

from hub.ports import next_free_port

_LISTENING = "0A"


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
