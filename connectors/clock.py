"""The one clock that hub, worker and agent are given, so that a test or a scenario can move it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock, moved by a fixed ``offset`` (for scenarios)."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset


class FileClock:
    """The machine's clock, moved by as many seconds as stand in a file that all processes of a demo share.

    It looks at the file each time: a scenario moves them all at once by writing it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read_at = 0
        self._offset = timedelta()

    def now(self) -> datetime:
        changed_at = self._file.stat().st_mtime_ns
        if changed_at != self._read_at:
            self._offset = timedelta(seconds=float(self._file.read_text("ascii") or 0))
            self._read_at = changed_at
        return datetime.now(UTC) + self._offset


class ClockRefused(Exception):
    """A clock that is moved by a file is for demos on one machine; the text names what is not on it."""


def open_clock(file: Path | None, addresses: Iterable[str] = ()) -> Clock:
    """The machine's clock, or the one that ``file`` moves.

    ``addresses`` are those of the hub and of whatever it speaks to. Raises :class:`ClockRefused` unless all of
    them are on this machine: nobody's deadlines may be moved by a file that was set by accident.
    """
    if file is None:
        return SystemClock()
    if not file.is_file():
        raise ClockRefused(f"{file} is not there. Write the seconds by which the clock is moved, or unset it.")
    for address in addresses:
        if not _is_here(address):
            raise ClockRefused(f"{address} is not on this machine: a clock is moved in a demo alone. Unset it.")
    return FileClock(file)


def _is_here(address: str) -> bool:
    host = (urlsplit(address).hostname if "://" in address else address) or "localhost"
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
