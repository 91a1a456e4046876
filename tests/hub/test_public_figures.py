"""Figures for everybody: counted from events, satisfaction first, what was not rated apart (art. 6, 22, 23)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hub.officers import HANNA, HUGO, Office
from tests.hub.test_enquiries import ASK, QUESTION
from tests.hub.world import ANNA, BO, World

FIGURES = """{ publicFigures(year: 2026, month: 11) { department nameEn submitted ended decided decidedInTime
  questionsAnswered followUps followUpsEnded followUpsInTime
  satisfaction { occasions rated notRated satisfied satisfiedShare mean ranking
    distribution { stars count } } } }"""
REMEDY: dict[str, Any] = {"reason": "not in need", "remedy": "administrative review within 60 days"}


async def figures(office: Office, query: str = FIGURES) -> dict[str, Any]:
    """As anybody reads them, a quarter of an hour later."""
    office.world.clock.move(minutes=15)
    found = (await office.graph.ask(query, None))["publicFigures"]
    return {each["department"]: each for each in found}


async def test_a_month_is_counted_from_events_and_ratings_and_names_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three cases end, two of them are rated; a question is answered, rated low, and followed up."""
    monkeypatch.setattr("schema.domain.satisfaction.LEAST_SHOWN", 3)
    office = Office(world)
    cases = [await office.in_review() for _ in range(3)]
    for case, stars in zip(cases, (5, 2, None), strict=True):
        await office.does("denyCase", case, **REMEDY)
        if stars is not None:
            await world.ratings.rate_service(ANNA, case, stars, None)
    question = (await office.graph.ask(ASK, BO, input=QUESTION))["askQuestion"]["id"]
    await office.graph.ask("mutation ($id: ID!) { takeEnquiry(id: $id) { id } }", HANNA, id=question)
    await office.graph.ask(
        'mutation ($id: ID!) { answerEnquiry(id: $id, answer: "是") { id } }', HANNA, id=question
    )
    await office.graph.ask("mutation ($id: ID!) { rateAnswer(id: $id, stars: 1) { id } }", BO, id=question)
    follow_up = (await office.graph.ask("{ myFollowUps { id } }", BO))["myFollowUps"][0]["id"]
    follows = ("take", ""), ("verify", ', finding: "x"'), ("resolve", ', outcome: "x"')
    for deed, said in follows:
        await office.graph.ask(
            f"mutation ($id: ID!) {{ {deed}FollowUp(id: $id{said}) {{ id }} }}", HUGO, id=follow_up
        )
    found = await figures(office)

    civil = found["civil-affairs"]
    assert (civil["nameEn"] != "", civil["submitted"], civil["ended"]) == (True, 3, 3)
    assert (civil["decided"], civil["decidedInTime"], civil["questionsAnswered"]) == (3, 3, 1)
    assert (civil["followUps"], civil["followUpsEnded"], civil["followUpsInTime"]) == (2, 1, 1)
    told = civil["satisfaction"]
    assert (told["occasions"], told["rated"], told["notRated"], told["satisfied"]) == (4, 3, 1, 1)
    assert (told["mean"], told["satisfiedShare"], told["ranking"]) == (2.67, 0.3333, 0.0615)
    assert told["distribution"] == [{"stars": n, "count": int(n in {1, 2, 5})} for n in range(1, 6)]
    assert found["transport"]["satisfaction"]["ranking"] is None
    assert next(iter(found)) == "civil-affairs"


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
async def test_only_months_that_have_begun_are_told(world: World) -> None:
    """So that what is kept stays bounded, however many ask; what is kept is counted anew after ten minutes."""
    office = Office(world)
    codes = [
        await office.graph.refused(f"{{ publicFigures(year: {year}, month: {month}) {{ department }} }}", None)
        for year, month in ((2026, 12), (2019, 12), (2026, 0), (2026, 13), (2027, 1))
    ]
    before = await figures(office)
    await office.filed()
    query = FIGURES
    kept = {each["department"]: each for each in (await office.graph.ask(query, None))["publicFigures"]}
    after = await figures(office)

    assert codes == [["BAD_USER_INPUT"]] * 5
    assert [each["civil-affairs"]["submitted"] for each in (before, kept, after)] == [0, 0, 1]


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
async def test_s27_how_the_few_of_a_month_rated_is_not_told(world: World) -> None:
    """The officer who served one person in a month would read who gave one star (domain.md, 7); not by the grades,
    not by what is followed up, not by the order."""
    office = Office(world)
    for _ in range(4):
        case = await office.in_review()
        await office.does("denyCase", case, **REMEDY)
        await world.ratings.rate_service(ANNA, case, 1, None)
    few = (await figures(office))["civil-affairs"]
    hidden = ("satisfied", "satisfiedShare", "mean", "ranking", "distribution")
    assert (few["satisfaction"]["rated"], few["ended"]) == (4, 4)
    assert {few["satisfaction"][name] for name in hidden} == {None}
    assert {few[name] for name in ("followUps", "followUpsEnded", "followUpsInTime")} == {None}

    case = await office.in_review()
    await office.does("denyCase", case, **REMEDY)
    await world.ratings.rate_service(ANNA, case, 5, None)
    enough = (await figures(office))["civil-affairs"]
    assert (enough["satisfaction"]["mean"], enough["followUps"]) == (1.8, 4)
