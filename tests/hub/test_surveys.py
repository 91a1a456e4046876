"""Surveys through the graph: everybody once, counted and answered in public, nobody by name (art. 2, 7, 8)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlmodel import select

from hub.enquiries.surveys import Surveys
from hub.supervision.supervision import CardFilter, Supervision
from hub.tables.survey import SurveyResponseRow
from schema.domain.survey import QuestionKind, SurveyOption, SurveyQuestion, answer_problems
from tests.hub.officers import HANNA, STRANGER, SUPERVISOR
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, BO, World, citizen

PUBLISH = "mutation ($input: SurveyInput!) { publishSurvey(input: $input) { id number state department } }"
ANSWER = "mutation ($id: ID!, $a: JSON!) { answerSurvey(id: $id, answers: $a) { responses hasAnswered } }"
RESPOND = 'mutation ($id: ID!) { respondToSurvey(id: $id, answer: "增开周六窗口") { state answer } }'
SEEN = "query ($id: ID!) { survey(id: $id) { state responses questions { code options { code count } } answer } }"
TEXTS = 'query ($id: ID!) { surveyTexts(id: $id, question: "why") }'
SURVEY = {
    "title": "窗口开放时间",
    "questions": [
        {"code": "day", "text": "希望增开哪天？", "options": [{"code": c, "text": c} for c in ("SAT", "SUN")]},
        {
            "code": "how",
            "text": "如何办理？",
            "kind": "MULTIPLE",
            "isRequired": False,
            "options": [{"code": c, "text": c} for c in ("WEB", "WINDOW")],
        },
        {"code": "why", "text": "为什么？", "kind": "TEXT", "isRequired": False},
    ],
    "opensAt": "2026-11-24T00:00:00+08:00",
    "closesAt": "2026-12-01T00:00:00+08:00",
}


@pytest.fixture
async def graph(world: World) -> Graph:
    return Graph(world)


async def published(graph: Graph, world: World) -> str:
    """Open since an hour ago."""
    found: str = (await graph.ask(PUBLISH, HANNA, input=SURVEY))["publishSurvey"]["id"]
    world.clock.move(days=1)
    return found


async def test_nobody_is_told_apart_by_a_number_that_was_written(graph: Graph, world: World) -> None:
    """Neither by the department in what people wrote, nor by the public in what the department writes."""
    named = {**SURVEY, "lead": "请致电13800000000"}
    refused = await graph.refused(PUBLISH, HANNA, input=named)
    made = await published(graph, world)
    await graph.ask(ANSWER, ANNA, id=made, a={"day": "SAT", "why": "我的证号 110102199003070024"})
    world.clock.move(days=10)
    respond = 'mutation ($id: ID!) { respondToSurvey(id: $id, answer: "已回复 anna@example.com") { state } }'

    assert refused == ["BAD_USER_INPUT"]
    assert await graph.ask(TEXTS, HANNA, id=made) == {"surveyTexts": ["我的证号 ***"]}
    assert await graph.refused(respond, HANNA, id=made) == ["BAD_USER_INPUT"]


async def test_everybody_answers_once_and_the_public_reads_counts_and_answer(graph: Graph, world: World) -> None:
    """Counts only after the end; texts for the department alone; kept under no name."""
    made = (await graph.ask(PUBLISH, HANNA, input=SURVEY))["publishSurvey"]
    refused = [await graph.refused(PUBLISH, who, input=SURVEY) for who in (ANNA, SUPERVISOR)]
    early = await graph.refused(ANSWER, ANNA, id=made["id"], a={"day": "SAT"})
    world.clock.move(days=1)
    wrong = [
        await graph.refused(ANSWER, ANNA, id=made["id"], a=each)
        for each in (
            {},
            {"day": "MON"},
            {"day": ["SAT"]},
            {"day": "SAT", "how": ["FAX"]},
            {"day": "SAT", "x": "1"},
        )
    ]
    twice = await asyncio.gather(
        *(graph.refused(ANSWER, ANNA, id=made["id"], a={"day": "SAT", "why": "上班"}) for _ in range(5))
    )
    bo = await graph.ask(ANSWER, BO, id=made["id"], a={"day": "SUN", "how": ["WEB", "WINDOW"]})
    while_open = await graph.ask(SEEN, None, id=made["id"])
    too_soon = await graph.refused(RESPOND, HANNA, id=made["id"])
    secret = await graph.refused(TEXTS, HANNA, id=made["id"])
    world.clock.move(days=10)
    late = await graph.refused(ANSWER, citizen("carl"), id=made["id"], a={"day": "SAT"})
    others = [await graph.refused(query, STRANGER, id=made["id"]) for query in (RESPOND, TEXTS)]
    texts = await graph.ask(TEXTS, HANNA, id=made["id"])
    answered = await graph.ask(RESPOND, HANNA, id=made["id"])
    again = await graph.refused(RESPOND, HANNA, id=made["id"])
    told = (await graph.ask(SEEN, None, id=made["id"]))["survey"]
    async with world.database.reading() as session:
        kept = (await session.exec(select(SurveyResponseRow))).all()

    assert (made["state"], made["department"]) == ("ANNOUNCED", "civil-affairs")
    assert (refused, early) == ([["FORBIDDEN"]] * 2, ["INVALID_TRANSITION"])
    assert wrong == [["BAD_USER_INPUT"]] * 5
    assert sorted(twice) == [[], *[["CONFLICT"]] * 4]
    assert bo == {"answerSurvey": {"responses": 2, "hasAnswered": True}}
    assert while_open["survey"]["questions"][0]["options"] == [
        {"code": "SAT", "count": None},
        {"code": "SUN", "count": None},
    ]
    assert (too_soon, late, again) == (["INVALID_TRANSITION"],) * 3
    assert (secret, others) == (["NOT_FOUND"], [["NOT_FOUND"]] * 2)
    assert texts == {"surveyTexts": ["上班"]}
    assert answered["respondToSurvey"] == {"state": "ANSWERED", "answer": "增开周六窗口"}
    counts = {one["code"]: one["count"] for each in told["questions"] for one in each["options"]}
    assert (counts, told["responses"]) == ({"SAT": 1, "SUN": 1, "WEB": 1, "WINDOW": 1}, 2)
    assert not any(name in str(row) for row in kept for name in ("anna", "bo'"))


async def test_a_survey_without_a_public_answer_is_a_red_card(graph: Graph, world: World) -> None:
    """Fifteen working days after its end, once; as a suggestion is (art. 2, 7)."""
    await published(graph, world)
    surveys = Surveys(world.database, world.catalogue, world.clock, world.wakeups)
    early = await surveys.look()
    world.clock.move(days=40)
    looked = [await surveys.look(), await surveys.look()]
    cards = await Supervision(world.database, world.clock, world.wakeups).cards(SUPERVISOR, CardFilter())

    assert (early, looked) == (0, [1, 0])
    assert [(each.about, each.level, each.department) for each in cards] == [("SURVEY", "RED", "civil-affairs")]


async def test_what_is_no_survey_is_told_with_everything_that_is_wrong(graph: Graph) -> None:
    """One answer for all mistakes."""
    bad: dict[str, Any] = {**SURVEY, "title": " ", "closesAt": "2026-11-20T00:00:00+08:00"}
    assert await graph.refused(PUBLISH, HANNA, input=bad) == ["BAD_USER_INPUT"]
    one_choice = {**SURVEY, "questions": [{"code": "a", "text": "a", "options": [{"code": "x", "text": "x"}]}]}
    assert await graph.refused(PUBLISH, HANNA, input=one_choice) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("stuffed", [["WEB", "WEB"], ["WEB"] * 1000, [True], [["WEB"]], "WEB"])
def test_s26_a_choice_counts_and_is_kept_once(stuffed: Any) -> None:
    """One person's answers stay as small as the question."""
    options = tuple(SurveyOption(code, code, code) for code in ("WEB", "WINDOW", "True"))
    question = SurveyQuestion("how", "如何办理？", "How?", QuestionKind.MULTIPLE, options)
    assert list(answer_problems([question], {"how": ["WEB", "WINDOW"]})) == []
    assert len(list(answer_problems([question], {"how": stuffed}))) == 1
