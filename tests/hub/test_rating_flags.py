"""Farmed and forced ratings through the graph: flagged, decided once by a supervisor, left out once confirmed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.hub.officers import HANNA, STRANGER, SUPERVISOR, Office, officer
from tests.hub.world import ANNA, OPERATOR, World

pytestmark = pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
FLAGGED = """query ($s: RatingFlagState! = OPEN) { flaggedRatings(state: $s) {
  id occasion department itemCode stars state reason decidedAt grounds { ground textEn } } }"""
CONFIRM = """mutation ($ids: [ID!]!, $r: String!) {
  confirmFlaggedRatings(ids: $ids, reason: $r) { state reason } }"""
CLEAR = "mutation ($ids: [ID!]!, $r: String!) { clearFlaggedRatings(ids: $ids, reason: $r) { state } }"
RATE = "mutation ($c: ID!) { rateService(case: $c, stars: 5) { stars } }"
REMEDY: dict[str, Any] = {"reason": "not in need", "remedy": "administrative review within 60 days"}
OF_ITEM = '{ serviceItem(code: "CA-EXPENSE-ASSISTANCE") { rating { count } } }'


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


async def asked_early(office: Office) -> str:
    """A case that somebody tries to have rated before it ends, and that is rated once it does."""
    case = await office.in_review()
    for _ in range(2):
        assert await office.graph.refused(RATE, ANNA, c=case) == ["CASE_NOT_FINISHED"]
    await office.does("denyCase", case, **REMEDY)
    await office.graph.ask(RATE, ANNA, c=case)
    return case


async def flagged(office: Office, state: str = "OPEN") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await office.graph.ask(FLAGGED, SUPERVISOR, s=state))["flaggedRatings"]
    return found


async def counted(office: Office) -> int:
    """How many ratings the item's public mean is of."""
    return int((await office.graph.ask(OF_ITEM, None))["serviceItem"]["rating"]["count"])


async def test_a_flag_names_nobody_and_the_rating_counts_until_it_is_confirmed(office: Office) -> None:
    case = await asked_early(office)
    [flag] = await flagged(office)
    before = await counted(office)
    done = await office.graph.ask(CONFIRM, SUPERVISOR, ids=[flag["id"]], r="asked at the window")
    after = await counted(office)
    hers = await office.graph.ask("query ($c: ID!) { case(id: $c) { rating { stars } } }", ANNA, c=case)

    assert (flag["occasion"], flag["department"], flag["stars"]) == ("CASE", "civil-affairs", 5)
    assert [each["ground"] for each in flag["grounds"]] == ["ASKED_EARLY"]
    assert not {"anna", "hanna", case} & set(json.dumps(flag).split('"'))
    assert done["confirmFlaggedRatings"] == [{"state": "CONFIRMED", "reason": "asked at the window"}]
    assert (before, after) == (1, 0)
    assert hers["case"]["rating"] == {"stars": 5}, "the rating stays"
    assert [each["state"] for each in await flagged(office, "CONFIRMED")] == ["CONFIRMED"]


async def test_public_figures_count_a_confirmed_one_as_not_rated(office: Office) -> None:
    await asked_early(office)
    figures = "{ publicFigures(year: 2026, month: 11) { department satisfaction { occasions rated notRated } } }"

    async def satisfaction() -> dict[str, int]:
        office.world.clock.move(minutes=15)
        found = (await office.graph.ask(figures, None))["publicFigures"]
        return next(each["satisfaction"] for each in found if each["department"] == "civil-affairs")

    before = await satisfaction()
    await office.graph.ask(CONFIRM, SUPERVISOR, ids=[(await flagged(office))[0]["id"]], r="farmed")

    assert before == {"occasions": 1, "rated": 1, "notRated": 0}
    assert await satisfaction() == {"occasions": 1, "rated": 0, "notRated": 1}


async def test_a_supervisor_decides_once_with_a_reason(office: Office) -> None:
    """Nobody else does, and nobody on what they did themselves; a cleared one counts as before."""
    await asked_early(office)
    [flag] = await flagged(office)
    given = {"ids": [flag["id"]], "r": "a misunderstanding"}
    others = [await office.graph.refused(CLEAR, who, **given) for who in (ANNA, HANNA, STRANGER, OPERATOR)]
    both = officer("hanna", "supervisor", None, "handler")
    own = await office.graph.refused(CLEAR, both, **given)
    no_reason = await office.graph.refused(CLEAR, SUPERVISOR, ids=[flag["id"]], r=" ")
    unknown = await office.graph.refused(CLEAR, SUPERVISOR, ids=["x"], r="y")
    await office.graph.ask(CLEAR, SUPERVISOR, **given)
    again = [await office.graph.refused(each, SUPERVISOR, **given) for each in (CLEAR, CONFIRM)]

    assert others == [["FORBIDDEN"]] * 4
    assert (own, no_reason, unknown) == (["FORBIDDEN"], ["BAD_USER_INPUT"], ["NOT_FOUND"])
    assert again == [["INVALID_TRANSITION"]] * 2
    assert await counted(office) == 1
    assert await flagged(office) == []


async def test_a_rater_who_knows_one_officer_only_is_flagged_with_all_that_they_gave(office: Office) -> None:
    """Five times five stars, always for one: the first four are told with the fifth."""
    for number in range(5):
        case = await office.in_review()
        await office.does("denyCase", case, **REMEDY)
        office.world.clock.move(hours=1)
        await office.graph.ask(RATE, ANNA, c=case)
        assert len(await flagged(office)) == (5 if number == 4 else 0)
    grounds = [each["grounds"] for each in await flagged(office)]

    assert grounds[0] == [
        {"ground": "ONE_OFFICER", "textEn": "All 5 ratings of this rater are five stars for one officer"}
    ]


async def test_how_ratings_came_about_is_forgotten_and_flags_stay(office: Office) -> None:
    from hub.ratings.rating_flags import RatingFlags
    from hub.tables.rating import GivenRatingRow

    await asked_early(office)
    world = office.world
    world.clock.move(days=91)
    await RatingFlags(world.database, world.clock).forget()
    async with world.database.reading() as session:
        kept = (await session.exec(GivenRatingRow.__table__.select())).all()  # type: ignore[attr-defined]  # SQLModel

    assert kept == []
    assert len(await flagged(office)) == 1
