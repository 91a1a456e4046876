"""The clock that a demo moves, and where it is refused."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.clock import ClockRefused, FileClock, SystemClock, open_clock
from hub.settings import Settings
from hub.start import CannotStart, clock_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    moved = tmp_path / "clock"
    moved.write_text("0", encoding="ascii")
    return moved


def test_all_processes_follow_the_file(file: Path) -> None:
    """A scenario moves hub and agents at once, back and forth."""
    one, other = FileClock(file), FileClock(file)
    assert abs(one.now() - datetime.now(UTC)) < timedelta(minutes=1)

    written = file.with_suffix(".new")
    written.write_text("864000.5", encoding="ascii")
    os.replace(written, file)

    for clock in (one, other):
        assert abs(clock.now() - datetime.now(UTC) - timedelta(days=10)) < timedelta(minutes=1)


def test_without_a_file_it_is_the_machines_clock() -> None:
    """What nobody asked for is never on."""
    assert isinstance(open_clock(None, ("https://jiyi.example.gov.cn",)), SystemClock)


@pytest.mark.parametrize("address", ["0.0.0.0", "https://jiyi.example.gov.cn", "amqp://10.0.0.8:5672"])
def test_it_is_refused_beyond_this_machine(file: Path, address: str) -> None:
    """A setting left in an environment must not move people's deadlines."""
    with pytest.raises(ClockRefused, match="not on this machine"):
        open_clock(file, ("127.0.0.1", address))
    assert isinstance(open_clock(file, ("127.0.0.1", "http://localhost:8000", "amqp://[::1]:5672")), FileClock)


def test_a_hub_that_others_reach_does_not_start_with_it(file: Path, tmp_path: Path) -> None:
    """The hub says so before it serves."""
    with pytest.raises(CannotStart, match="JIYI_TEST_CLOCK_FILE"):
        clock_of(Settings(test_clock_file=file, public_url="https://jiyi.example.gov.cn"))
    with pytest.raises(CannotStart, match="is not there"):
        clock_of(Settings(test_clock_file=tmp_path / "none"))
    assert isinstance(clock_of(Settings(test_clock_file=file)), FileClock)
