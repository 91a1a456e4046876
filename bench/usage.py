"""What a process and those that it started have used: processor time and memory. Linux alone tells."""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")


def processor_seconds(pid: int) -> float | None:
    """Processor time used so far, ``None`` where the system does not tell."""
    return _seconds(family(pid))


def processor_seconds_of_one(pid: int) -> float | None:
    """The same of the process without those below it."""
    return _seconds((pid,))


def _seconds(pids: tuple[int, ...]) -> float | None:
    found = [fields for each in pids if (fields := _fields(each))]
    if not found:
        return None
    return sum(int(fields[11]) + int(fields[12]) for fields in found) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float | None:
    """Memory held in RAM now, ``None`` where the system does not tell."""
    found = [_fields(each) for each in family(pid)]
    return sum(int(fields[21]) for fields in found) * os.sysconf("SC_PAGE_SIZE") / 1e6 if found else None


def family(pid: int) -> tuple[int, ...]:
    """The process and all below it."""
    parents = {int(entry.name): _parent(int(entry.name)) for entry in _PROC.glob("[0-9]*")}
    members = {pid} & parents.keys()
    while more := {child for child, parent in parents.items() if parent in members} - members:
        members |= more
    return tuple(sorted(members))


def _parent(pid: int) -> int:
    fields = _fields(pid)
    return int(fields[1]) if fields else 0


def _fields(pid: int) -> list[str]:
    """What ``/proc/<pid>/stat`` tells after the name, from the state on; empty when the process is gone."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    return stat.rpartition(")")[2].split()
