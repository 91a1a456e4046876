"""Whatever dies at whatever moment: what the hub has accepted is never lost and never done twice.

The default suite does this with 300 cases and five kills; ``make chaos`` with ten thousand and twenty, other
schedules by ``SCHEDULE=``. Whether the verdict can be trusted: the planted bugs (``make chaos-plants``).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.chaos.kills import SCHEDULES
from tests.chaos.planted import PLANTS
from tests.chaos.run import Plan, run
from tests.conftest import FAULT_SEED
from tests.rabbitmq_node import require_rabbitmq_server

SEED = int(os.environ[FAULT_SEED])


@pytest.mark.postgresql
@pytest.mark.timeout(600)
async def test_a_few_cases_survive_five_kills(tmp_path: Path, postgresql_url: str) -> None:
    """In the default suite, other kills each time; the seed is printed."""
    await _survives(60, tmp_path, postgresql_url)


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.timeout(600)
async def test_three_hundred_cases_survive_five_kills(tmp_path: Path, postgresql_url: str) -> None:
    await _survives(300, tmp_path, postgresql_url)


async def _survives(cases: int, directory: Path, postgresql_url: str) -> None:
    require_rabbitmq_server()
    report = await run(Plan(cases=cases, kills=5, seed=SEED), directory, postgresql_url)
    print(f"{FAULT_SEED}={SEED}, {report.seconds:.0f} s\n{report.text}")
    assert report.holds
    assert report.text.splitlines()[-1] == f"chaos: {cases} accepted, 0 lost, 0 doubled"


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.timeout(900)
@pytest.mark.parametrize("schedule", SCHEDULES)
async def test_nothing_is_lost_under_any_schedule(schedule: str, tmp_path: Path, postgresql_url: str) -> None:
    """Bursts, one kind of victim again and again, kills between two steps that must not come apart."""
    require_rabbitmq_server()
    report = await run(Plan(cases=150, kills=10, seed=SEED, schedule=schedule), tmp_path, postgresql_url)
    print(f"{FAULT_SEED}={SEED}, {schedule}, {report.seconds:.0f} s\n{report.text}")
    assert report.holds


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.timeout(600)
@pytest.mark.parametrize("plant", PLANTS)
async def test_the_verdict_finds_a_planted_bug(plant: str, tmp_path: Path, postgresql_url: str) -> None:
    """Without any kill: a verdict that cannot fail would prove nothing."""
    require_rabbitmq_server()
    plan = Plan(cases=40, kills=0, seed=SEED, plant=plant, patience_seconds=15)
    report = await run(plan, tmp_path, postgresql_url)
    print(f"{FAULT_SEED}={SEED}, {plant}, {report.seconds:.0f} s\n{report.text}")
    assert not report.holds
