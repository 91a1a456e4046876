"""Supervision through the graph: the board, explanations, attempts, figures (art. 17, 18; 9.7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from auth.actor import Actor
from hub.notices.notices import SUPERVISORS, department_desk
from schema.domain.case import Case
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, MONDAY, OPERATOR, WITH_FEE, World, citizen

SUPERVISOR = citizen("sun", roles=frozenset({"citizen", "supervisor"}))
OBSERVER = citizen("ou", roles=frozenset({"citizen", "observer"}))
CARDS = """query ($department: String, $level: CardLevel, $closed: Boolean! = false) {
  supervisionCards(department: $department, level: $level, includeClosed: $closed) {
    id receiptNumber department trigger level explanation returnedReason closedWhy } }"""
EXPLAIN = "mutation ($card: ID!, $text: String!) { explainCard(card: $card, explanation: $text) { explanation } }"
ACCEPT = "mutation ($card: ID!) { acceptExplanation(card: $card) { closedAt closedWhy } }"
RETURN = "mutation ($card: ID!, $text: String!) { returnExplanation(card: $card, reason: $text) { level } }"
FIGURES = """query ($since: DateTime!, $until: DateTime!) { supervisionFigures(since: $since, until: $until) {
  department submitted accepted deemedAccepted decided decidedLate redCards warnings open overdue } }"""
OFFICERS = """query ($since: DateTime!, $until: DateTime!) {
  officerFigures(since: $since, until: $until) { officer events { type count } } }"""


def handler_of(department: str) -> Actor:
    return replace(citizen("hu", roles=frozenset({"citizen", "handler"})), department=department)


MINE, ANOTHERS = handler_of("civil-affairs"), handler_of("transport")


async def overdue(world: World) -> Case:
    """A case that is one day beyond its promise, seen by the worker."""
    case = await world.cases.submit_case(ANNA, WITH_FEE)
    await world.says(case, "jiyi.case.accepted")
    await world.says(case, "jiyi.case.review-started")
    world.clock.move(days=9)
    await world.watch.look()
    return case


async def red(graph: Graph, world: World) -> str:
    await overdue(world)
    found = (await graph.ask(CARDS, SUPERVISOR, level="RED"))["supervisionCards"]
    assert [card["trigger"] for card in found] == ["PROMISED_LIMIT"]
    return str(found[0]["id"])


async def test_a_red_card_is_closed_only_with_an_explanation_that_is_accepted(world: World) -> None:
    """Section 4: closed only with an explanation (art. 17, 18)."""
    graph = Graph(world)
    card = await red(graph, world)

    assert await graph.refused(ACCEPT, SUPERVISOR, card=card) == ["INVALID_TRANSITION"]
    assert await graph.refused(EXPLAIN, MINE, card=card, text=" ") == ["BAD_USER_INPUT"]
    await graph.ask(EXPLAIN, MINE, card=card, text="An archive was flooded.")
    await graph.ask(RETURN, SUPERVISOR, card=card, text="Which archive?")
    assert await graph.refused(ACCEPT, SUPERVISOR, card=card) == ["INVALID_TRANSITION"]
    await graph.ask(EXPLAIN, MINE, card=card, text="The archive of 1983.")
    closed = (await graph.ask(ACCEPT, SUPERVISOR, card=card))["acceptExplanation"]

    assert closed["closedWhy"] == "explained"
    assert await graph.refused(EXPLAIN, MINE, card=card, text="more") == ["INVALID_TRANSITION"]


async def test_cards_are_seen_and_explained_by_whose_they_are(world: World) -> None:
    """A department sees its own; nobody explains another's, and only a supervisor accepts."""
    graph = Graph(world)
    card = await red(graph, world)

    assert len((await graph.ask(CARDS, MINE))["supervisionCards"]) == 3
    assert (await graph.ask(CARDS, ANOTHERS))["supervisionCards"] == []
    assert await graph.refused(CARDS, ANOTHERS, department="civil-affairs") == ["FORBIDDEN"]
    assert await graph.refused(CARDS, ANNA) == ["FORBIDDEN"]
    assert await graph.refused(CARDS, OBSERVER) == ["FORBIDDEN"]
    assert await graph.refused(EXPLAIN, ANOTHERS, card=card, text="mine") == ["NOT_FOUND"]
    await graph.ask(EXPLAIN, MINE, card=card, text="It was late.")
    assert await graph.refused(ACCEPT, MINE, card=card) == ["FORBIDDEN"]


async def test_attempts_that_the_rules_refuse_are_yellow_cards(world: World) -> None:
    """9.7 and section 3: a second request for supplements, and a refusal without reason."""
    case = await world.cases.submit_case(ANNA, WITH_FEE)
    await world.says(case, "jiyi.case.supplement-requested", reason="A photo is missing.")
    await world.says(case, "jiyi.case.supplement-requested", reason="And a stamp.")
    other = await world.cases.submit_case(ANNA, WITH_FEE)
    for step in ("jiyi.case.accepted", "jiyi.case.review-started"):
        await world.says(other, step)
    await world.says(other, "jiyi.case.decided", decision="denied")

    assert await world.watch.tell() == 2
    assert await world.watch.tell() == 0

    found = (await Graph(world).ask(CARDS, SUPERVISOR))["supervisionCards"]
    assert {(card["trigger"], card["level"], card["department"]) for card in found} == {
        ("SECOND_SUPPLEMENT", "YELLOW", "civil-affairs"),
        ("REFUSAL_WITHOUT_REASON", "YELLOW", "civil-affairs"),
    }
    told = (await Graph(world).ask("{ notices { textEn } }", SUPERVISOR))["notices"]
    assert len(told) == 2
    assert department_desk("civil-affairs") != SUPERVISORS


async def test_figures_are_counted_from_events_and_name_no_person(world: World) -> None:
    """Art. 17, 18: an observer reads figures, not persons."""
    graph, period = Graph(world), {"since": MONDAY.isoformat(), "until": (MONDAY + timedelta(days=30)).isoformat()}
    await world.decided(WITH_FEE, "denied", reason="no", remedy="appeal")
    late = await overdue(world)
    await world.says(late, "jiyi.case.decided", decision="denied", reason="no", remedy="appeal")
    await overdue(world)

    mine = {"department": "civil-affairs", "submitted": 3, "accepted": 3, "deemedAccepted": 0, "decided": 2}
    expected = {**mine, "decidedLate": 1, "redCards": 2, "warnings": 2, "open": 1, "overdue": 1}
    assert (await graph.ask(FIGURES, OBSERVER, **period))["supervisionFigures"] == [expected]
    assert (await graph.ask(OFFICERS, SUPERVISOR, **period))["officerFigures"] == []
    assert await graph.refused(OFFICERS, OBSERVER, **period) == ["FORBIDDEN"]
    assert await graph.refused(FIGURES, ANNA, **period) == ["FORBIDDEN"]
    backwards = {"since": period["until"], "until": period["since"]}
    assert await graph.refused(FIGURES, OPERATOR, **backwards) == ["BAD_USER_INPUT"]
