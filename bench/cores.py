"""Which process runs on which core, so that the load does not take the measured server's time."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cores:
    """``server`` is the measured server's own core, ``None`` where processes cannot be pinned."""

    server: int | None
    others: frozenset[int]

    def __str__(self) -> str:
        return "not pinned" if self.server is None else f"server on core {self.server}, the rest on the others"


def find_cores() -> Cores:
    """The first core for the server when there are two or more and the system lets us choose."""
    if not hasattr(os, "sched_setaffinity"):
        return Cores(None, frozenset())
    first, *rest = sorted(os.sched_getaffinity(0))
    return Cores(first, frozenset(rest)) if rest else Cores(None, frozenset())


def pin(cores: frozenset[int]) -> None:
    """Keep this process, and what it starts, to these cores; nothing happens without any."""
    if cores:
        os.sched_setaffinity(0, cores)
