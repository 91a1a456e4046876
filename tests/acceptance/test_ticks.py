"""A tick that cannot fail proves nothing: by its fault each step fails, and without it the step holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.demo.road import open_road, take
from hub.demo.steps import ROAD
from tests.acceptance.plants import PLANTS
from tests.acceptance.stacks import embedded_demo


def test_every_step_has_a_fault() -> None:
    """A step that is added without one would tick unproved."""
    assert list(PLANTS) == [step.name for step in ROAD]


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_every_step_fails_by_its_fault_and_holds_without_it(tmp_path: Path) -> None:
    """One demo, step by step, because a step begins where the one before it ended."""
    async with embedded_demo(tmp_path) as demo, open_road(demo.stack) as road:
        for step in ROAD:
            plant = PLANTS[step.name]
            async with plant.context(road):
                report = await take(step, road)
            print(f"✗ {step.name} ({report.milliseconds} ms): {report.error}")
            assert report.error is not None, f"{step.name} holds with its fault"
            assert plant.told in report.error, step.name
            report = await take(step, road)
            print(f"✓ {step.name} ({report.milliseconds} ms)")
            assert report.error is None, f"{step.name} fails without its fault: {report.error}"
