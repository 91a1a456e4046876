"""Low ratings are followed up by somebody who had no part in what was rated (domain.md, 7, 9.9; art. 17, 23)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from auth.actor import Actor
from hub.notices.notices import Notices
from hub.ratings.follow_ups import FollowUps
from hub.supervision.supervision import CardFilter, Supervision
from tests.hub.officers import CHIEF, HANNA, HUGO, STRANGER, SUPERVISOR, Office
from tests.hub.own_graph import Graph
from tests.hub.test_appointments import BOOK, CLERK, DAY, FREE_SLOTS, OPEN
from tests.hub.test_enquiries import ASK, QUESTION
from tests.hub.world import ANNA, BO, MONDAY, World

RATE = 'mutation ($id: ID!, $stars: Int!) { rateService(case: $id, stars: $stars, comment: "太慢") { stars } }'
MINE = "{ myFollowUps { id occasion state aboutNumber outcome reply maliciousWhy } }"
WORK = "{ followUpWork { id occasion stars rater aboutNumber } }"
SEEN = "query ($id: ID!) { followUp(id: $id) { id rater aboutNumber comment events { type } } }"


async def does(graph: Graph, deed: str, id: str, actor: Any, **said: str) -> Any:
    inner = ", ".join([f'id: "{id}"', *(f'{name}: "{value}"' for name, value in said.items())])
    return (await graph.ask(f"mutation {{ {deed}({inner}) {{ state outcome reply }} }}", actor))[deed]


async def may_not(graph: Graph, deed: str, id: str, actor: Any, **said: str) -> list[str]:
    inner = ", ".join([f'id: "{id}"', *(f'{name}: "{value}"' for name, value in said.items())])
    return await graph.refused(f"mutation {{ {deed}({inner}) {{ state }} }}", actor)


@pytest.fixture
async def office(world: World) -> Office:
    return Office(world)


async def denied_case(office: Office) -> str:
    """Decided by Hanna, in whose hands it was."""
    case = await office.in_review()
    await office.does("denyCase", case, reason="not in need", remedy="administrative review within 60 days")
    return case


async def opened(office: Office) -> str:
    await office.graph.ask(RATE, ANNA, id=await denied_case(office), stars=1)
    found: str = (await office.graph.ask(MINE))["myFollowUps"][0]["id"]
    return found


async def test_one_star_on_a_case_is_verified_mended_told_and_answered_once(office: Office) -> None:
    """By a colleague; who decided the case neither sees the follow-up nor who rated, nor how, nor by the case."""
    graph, follow_up = office.graph, await opened(office)
    seen = {
        who.subject: (await graph.ask(SEEN, who, id=follow_up))["followUp"]
        for who in (ANNA, BO, HANNA, HUGO, STRANGER, SUPERVISOR)
    }
    lists = {who.subject: len((await graph.ask(WORK, who))["followUpWork"]) for who in (HANNA, HUGO, STRANGER)}
    hers = await may_not(graph, "takeFollowUp", follow_up, HANNA)
    too_early = await may_not(graph, "verifyFollowUp", follow_up, HUGO, finding="x")
    await does(graph, "takeFollowUp", follow_up, HUGO)
    known = (await graph.ask(SEEN, HUGO, id=follow_up))["followUp"]
    not_his = await may_not(graph, "verifyFollowUp", follow_up, CHIEF, finding="x")
    unverified = await may_not(graph, "resolveFollowUp", follow_up, HUGO, outcome="x")
    await does(graph, "verifyFollowUp", follow_up, HUGO, finding="电话联系，属实")
    too_soon = await may_not(graph, "replyToFollowUp", follow_up, ANNA, text="x")
    mended = await does(graph, "resolveFollowUp", follow_up, HUGO, outcome="已改进窗口排队")
    stranger = await may_not(graph, "replyToFollowUp", follow_up, BO, text="x")
    replied = await does(graph, "replyToFollowUp", follow_up, ANNA, text="谢谢")
    twice = await may_not(graph, "replyToFollowUp", follow_up, ANNA, text="还有")
    told = [row.text_zh for row in await Notices(office.world.database, office.world.clock).of(ANNA, first=50)]

    assert {who: each is not None for who, each in seen.items()} == {
        "anna": True,
        "bo": False,
        "hanna": False,
        "hugo": True,
        "stranger": False,
        "supervisor": True,
    }
    assert (seen["hugo"]["rater"], seen["hugo"]["aboutNumber"], seen["hugo"]["comment"]) == (None, None, "太慢")
    assert (known["rater"], seen["supervisor"]["rater"]) == ("anna", "anna")
    assert lists == {"hanna": 0, "hugo": 1, "stranger": 0}
    assert (hers, stranger) == (["NOT_FOUND"], ["NOT_FOUND"])
    refused = [too_early, not_his, unverified, too_soon, twice]
    assert refused == [["INVALID_TRANSITION"]] * 5
    assert (mended["state"], replied["state"], replied["reply"]) == ("RESOLVED", "RESOLVED", "谢谢")
    assert any("已有结果" in each for each in told)


async def test_what_the_rater_wrote_tells_no_number_before_somebody_takes_it(office: Office) -> None:
    """A telephone in a comment would tell the whole department who rated; who follows it up needs it."""
    case = await denied_case(office)
    rate = 'mutation ($id: ID!) { rateService(case: $id, stars: 1, comment: "请打138 0000 0000") { stars } }'
    await office.graph.ask(rate, ANNA, id=case)
    [each] = (await office.graph.ask("{ myFollowUps { id comment } }", ANNA))["myFollowUps"]

    async def read(who: Actor) -> str:
        return str((await office.graph.ask(SEEN, who, id=each["id"]))["followUp"]["comment"])

    before = [await read(who) for who in (HUGO, SUPERVISOR)]
    await does(office.graph, "takeFollowUp", each["id"], HUGO)

    assert each["comment"] == "请打138 0000 0000"
    assert before == ["请打***", "请打138 0000 0000"]
    assert await read(HUGO) == "请打138 0000 0000"


async def test_who_handled_a_case_does_not_read_how_it_was_rated(office: Office) -> None:
    """Nor in the case itself: its applicant and the supervisors do."""
    case = await denied_case(office)
    await office.graph.ask(RATE, ANNA, id=case, stars=2)
    rated = {
        who.subject: (await office.case(case, who, "rating { stars }"))["rating"]
        for who in (ANNA, HANNA, HUGO, SUPERVISOR)
    }

    assert rated == {"anna": {"stars": 2}, "hanna": None, "hugo": None, "supervisor": {"stars": 2}}


async def test_answers_and_used_appointments_are_rated_once_and_followed_up_too(office: Office) -> None:
    """domain.md, 7: one rating for each handling occasion; three stars and more open nothing."""
    graph, world = office.graph, office.world
    questions = [
        (await graph.ask(ASK, input={**QUESTION, "text": f"问题 {n}"}))["askQuestion"]["id"] for n in (2, 3)
    ]
    for stars, each in zip((2, 3), questions, strict=True):
        await graph.ask("mutation ($id: ID!) { takeEnquiry(id: $id) { id } }", HANNA, id=each)
        await graph.ask('mutation ($id: ID!) { answerEnquiry(id: $id, answer: "是") { id } }', HANNA, id=each)
        rate = "mutation ($id: ID!, $stars: Int!) { rateAnswer(id: $id, stars: $stars) { stars } }"
        await graph.ask(rate, id=each, stars=stars)
    answered = await graph.ask(
        "query ($id: ID!) { enquiry(id: $id) { stars events { type } } }", HANNA, id=questions[0]
    )
    await graph.ask(OPEN, CLERK, input={**DAY, "serviceForm": "BY_APPOINTMENT"})
    slot = (await graph.ask(FREE_SLOTS, None))["appointmentSlots"][0]["id"]
    booked = (await graph.ask(BOOK, input={"slot": slot}))["bookAppointment"]["id"]
    rate = "mutation ($id: ID!, $stars: Int!) { rateAppointment(id: $id, stars: $stars) { stars } }"
    unused = await graph.refused(rate, id=booked, stars=1)
    world.clock.moment = MONDAY + timedelta(days=1)
    await graph.ask("mutation ($id: ID!) { noteArrival(id: $id) { id } }", CLERK, id=booked)
    theirs = await graph.refused(rate, BO, id=booked, stars=1)
    results = await asyncio.gather(*(graph.refused(rate, id=booked, stars=1) for _ in range(5)))
    stars = (await graph.ask("query ($id: ID!) { appointment(id: $id) { stars } }", id=booked))["appointment"]
    mine = (await graph.ask(MINE))["myFollowUps"]

    assert (unused, theirs) == (["CASE_NOT_FINISHED"], ["NOT_FOUND"])
    assert sorted(results) == [[], *[["ALREADY_RATED"]] * 4]
    assert stars == {"stars": 1}
    assert sorted(each["occasion"] for each in mine) == ["APPOINTMENT", "ENQUIRY"]
    assert answered["enquiry"]["stars"] is None
    assert "rated" not in [each["type"] for each in answered["enquiry"]["events"]]


async def test_limits_of_a_follow_up_are_watched(office: Office) -> None:
    """Yellow where nobody verified in 5 working days, red after 15, each once, while the worker was away too."""
    follow_up, world = await opened(office), office.world
    follow_ups = FollowUps(world.database, world.clock, world.wakeups)
    early = await follow_ups.look()
    world.clock.move(days=8)
    first = [await follow_ups.look(), await follow_ups.look()]
    world.clock.move(days=30)
    second = [await follow_ups.look(), await follow_ups.look()]
    cards = await Supervision(world.database, world.clock, world.wakeups).cards(SUPERVISOR, CardFilter())
    found = sorted((each.level, each.department) for each in cards if each.trigger == "FOLLOW_UP_LIMIT")

    assert follow_up
    assert (early, first, second) == (0, [1, 0], [1, 0])
    assert found == [("RED", "civil-affairs"), ("YELLOW", "civil-affairs")]


async def test_a_malicious_rating_is_marked_by_a_supervisor_and_stays(office: Office) -> None:
    """Only once it was verified; the stars count on, with the mark beside them."""
    graph, follow_up = office.graph, await opened(office)
    unverified = await may_not(graph, "markRatingMalicious", follow_up, SUPERVISOR, reason="刷评")
    await does(graph, "takeFollowUp", follow_up, HUGO)
    await does(graph, "verifyFollowUp", follow_up, HUGO, finding="未曾办理")
    not_his = await may_not(graph, "markRatingMalicious", follow_up, HUGO, reason="刷评")
    await does(graph, "markRatingMalicious", follow_up, SUPERVISOR, reason="刷评")
    await does(graph, "explainFollowUp", follow_up, HUGO, outcome="经核实不属实")
    mine = (await graph.ask(MINE))["myFollowUps"][0]
    count = (await office.world.ratings.summaries(["CA-EXPENSE-ASSISTANCE"]))["CA-EXPENSE-ASSISTANCE"].count

    assert (unverified, not_his) == (["INVALID_TRANSITION"], ["NOT_FOUND"])
    assert (mine["state"], mine["maliciousWhy"], count) == ("EXPLAINED", "刷评", 1)
