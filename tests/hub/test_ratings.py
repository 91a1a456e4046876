"""Stars: one to five, once, by the one who was served, when it is finished."""

from __future__ import annotations

import asyncio

import pytest

from schema.domain.case import CaseState
from schema.errors import DomainError, RuntimeCode
from tests.hub.world import ANNA, BO, FREE, World


async def refused(world: World, *arguments: object) -> RuntimeCode:
    with pytest.raises(DomainError) as error:
        await world.ratings.rate_service(*arguments)  # type: ignore[arg-type]
    return error.value.code


async def test_a_finished_case_is_rated_once_by_its_applicant(world: World) -> None:
    """Each refusal has its own code."""
    case = await world.completed()
    open_case = await world.cases.submit_case(ANNA, FREE)

    assert await refused(world, ANNA, case.id, 6, None) is RuntimeCode.BAD_USER_INPUT
    assert await refused(world, ANNA, case.id, 0, None) is RuntimeCode.BAD_USER_INPUT
    assert await refused(world, BO, case.id, 5, None) is RuntimeCode.NOT_FOUND
    assert await refused(world, ANNA, open_case.id, 5, None) is RuntimeCode.CASE_NOT_FINISHED
    rating = await world.ratings.rate_service(ANNA, case.receipt_number, 4, " quick ")
    assert (rating.stars, rating.comment) == (4, "quick")
    assert await refused(world, ANNA, case.id, 5, None) is RuntimeCode.ALREADY_RATED


async def test_of_many_ratings_at_one_moment_one_counts(world: World) -> None:
    """A double click on two devices."""
    case = await world.completed()

    results = await asyncio.gather(
        *(world.ratings.rate_service(ANNA, case.id, stars, None) for stars in (1, 2, 3, 4, 5)),
        return_exceptions=True,
    )

    codes = [result.code for result in results if isinstance(result, DomainError)]
    assert codes == [RuntimeCode.ALREADY_RATED] * 4
    assert (await world.ratings.summaries(["CA-SENIOR-CARD"]))["CA-SENIOR-CARD"].count == 1


async def test_a_withdrawal_and_a_refusal_count_as_ends(world: World) -> None:
    """Asking only the successful would flatter."""
    withdrawn = await world.cases.submit_case(ANNA, FREE)
    await world.applicant.withdraw(ANNA, withdrawn.id, None)
    denied = await world.decided(FREE, "denied", reason="r", remedy="m")
    assert denied.state is CaseState.DENIED

    for case, stars in ((withdrawn, 2), (denied, 5)):
        await world.ratings.rate_service(ANNA, case.id, stars, None)

    summary = (await world.ratings.summaries(["CA-SENIOR-CARD", "CA-SUBSISTENCE"]))["CA-SENIOR-CARD"]
    assert (summary.mean, summary.count) == (3.5, 2)
    assert summary.distribution == ((1, 0), (2, 1), (3, 0), (4, 0), (5, 1))


async def test_after_ninety_days_nobody_is_asked_any_more(world: World) -> None:
    """The day counts from the end of the case."""
    case = await world.completed()
    world.clock.move(days=91)

    assert await refused(world, ANNA, case.id, 5, None) is RuntimeCode.BAD_USER_INPUT
