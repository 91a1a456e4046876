"""Consultations, suggestions and complaints through the graph, and who never hears of them (art. 2, 7, 14, 17)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select

from hub.enquiries.enquiry_watch import EnquiryWatch
from hub.notices.notices import Notices
from hub.supervision.supervision import CardFilter, Supervision
from hub.tables.supervision import NoticeRow
from tests.hub.officers import ASSISTANCE, CHIEF, HANNA, HUGO, STRANGER, SUPERVISOR, WINDOW, Office, officer
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, ANNA_NUMBER, BO, World

ASK = "mutation ($input: QuestionInput!) { askQuestion(input: $input) { id number state department dueAt } }"
COMPLAIN = "mutation ($input: ComplaintInput!) { fileComplaint(input: $input) { id number state department } }"
ONE = "query ($id: ID!) { enquiry(id: $id) { id state text answer owner events { type } } }"
WORK = "{ enquiryWork { id } }"
QUESTION = {
    "subject": "补助材料",
    "text": "低保补助要交哪些材料？电话 13800000000",
    "itemCode": "CA-EXPENSE-ASSISTANCE",
}
PUBLISH = """mutation ($id: ID!, $question: String!, $answer: String!) {
  publishAnswer(id: $id, question: $question, answer: $answer, keywords: ["材料清单"]) { id question } }"""
INVESTIGATOR = officer("iris", "handler", "finance")


@pytest.fixture
async def graph(world: World) -> Graph:
    return Graph(world)


async def _does(graph: Graph, deed: str, id: str, actor: Any, **arguments: str) -> Any:
    """The enquiry after it."""
    inner = ", ".join([f'id: "{id}"', *(f'{name}: "{value}"' for name, value in arguments.items())])
    data = await graph.ask(f"mutation {{ {deed}({inner}) {{ id state owner department }} }}", actor)
    return data[deed]


async def _may_not(graph: Graph, deed: str, id: str, actor: Any, **arguments: str) -> list[str]:
    inner = ", ".join([f'id: "{id}"', *(f'{name}: "{value}"' for name, value in arguments.items())])
    return await graph.refused(f"mutation {{ {deed}({inner}) {{ id }} }}", actor)


async def test_a_question_is_asked_taken_answered_published_and_found(graph: Graph, world: World) -> None:
    """Articles 2, 7, 14, 17: its first taker answers; what is published names nobody."""
    wanted = {**QUESTION, "idempotencyKey": "k"}
    asked = [(await graph.ask(ASK, input=wanted))["askQuestion"] for _ in range(2)]
    question = asked[0]["id"]
    reused = await graph.refused(ASK, input={**wanted, "text": "另一个问题"})
    taken = await _does(graph, "takeEnquiry", question, HANNA)
    second = await _may_not(graph, "takeEnquiry", question, HUGO)
    not_his = await _may_not(graph, "answerEnquiry", question, HUGO, answer="是")
    lost = [
        await _may_not(graph, "handOverEnquiry", question, HANNA, to=who, reason="休假")
        for who in ("anna", "iris")
    ]
    handed = await _does(graph, "handOverEnquiry", question, HANNA, to="hugo", reason="休假")
    answered = await _does(graph, "answerEnquiry", question, HUGO, answer="收入证明。")
    telling = await graph.refused(PUBLISH, HUGO, id=question, question=QUESTION["text"], answer="收入证明。")
    said = {"id": question, "question": "低保补助要交哪些材料？", "answer": "收入证明。"}
    published = (await graph.ask(PUBLISH, HUGO, **said))["publishAnswer"]
    found = await graph.ask('{ knowledgeBase(words: "材料清单") { id } }', None)
    like = await graph.ask('{ similarAnswers(question: "请问低保补助需要哪些材料") { id } }', None)
    rate = "mutation ($id: ID!, $stars: Int! = 5) { rateAnswer(id: $id, stars: $stars) { stars } }"
    rated = await graph.ask(rate, id=question)
    again = [await graph.refused(rate, id=question, stars=stars) for stars in (5, 1, 1)]
    withdrawn = await _does(graph, "withdrawPublishedAnswer", question, HUGO, reason="政策调整")
    gone = await graph.ask('{ knowledgeBase(words: "材料") { id } }', None)
    told = await Notices(world.database, world.clock).of(ANNA)

    assert asked[0] == asked[1]
    assert asked[0]["number"].startswith("EQ261123-")
    assert asked[0]["department"] == "civil-affairs"
    assert asked[0]["dueAt"] == "2026-11-30T16:00:00+00:00"
    assert lost == [["BAD_USER_INPUT"]] * 2
    assert reused == ["IDEMPOTENCY_KEY_REUSED"]
    assert taken["owner"] == "hanna"
    assert handed["owner"] == "hugo"
    assert (second, not_his) == (["INVALID_TRANSITION"], ["INVALID_TRANSITION"])
    assert answered["state"] == "ANSWERED"
    assert telling == ["BAD_USER_INPUT"]
    assert found["knowledgeBase"] == like["similarAnswers"] == [{"id": published["id"]}]
    assert rated == {"rateAnswer": {"stars": 5}}
    assert again == [["INVALID_TRANSITION"]] * 3
    assert (withdrawn["state"], gone["knowledgeBase"]) == ("ANSWERED", [])
    assert any("已答复" in each.text_zh for each in told)
    assert not any("13800000000" in each.text_zh for each in told)


async def test_a_question_is_the_askers_and_its_office_s(graph: Graph) -> None:
    """No other citizen, no other department; an officer does not answer their own."""
    question = (await graph.ask(ASK, input=QUESTION))["askQuestion"]["id"]
    own = (await graph.ask(ASK, HANNA, input=QUESTION))["askQuestion"]["id"]
    seen = {
        who.subject: (await graph.ask(ONE, who, id=question))["enquiry"] is not None
        for who in (ANNA, BO, HANNA, STRANGER, WINDOW, SUPERVISOR)
    }
    moves = {
        (await _may_not(graph, deed, question, BO))[0]
        for deed in ("takeEnquiry", "remindEnquiry", "withdrawEnquiry")
    }

    assert seen == {
        "anna": True,
        "bo": False,
        "hanna": True,
        "stranger": False,
        "window": True,
        "supervisor": True,
    }
    assert moves == {"NOT_FOUND"}
    assert await _may_not(graph, "takeEnquiry", own, HANNA) == ["FORBIDDEN"]
    assert [each["id"] for each in (await graph.ask(WORK, HANNA))["enquiryWork"]] == [question]
    assert (await graph.ask(WORK, STRANGER))["enquiryWork"] == []


async def test_a_complaint_about_a_case_never_reaches_who_handled_it(graph: Graph, world: World) -> None:
    """Articles 17, 18: neither in lists nor by number, nor by assignment, nor after it was reopened."""
    office = Office(world)
    case = await office.in_review()
    wanted = {"subject": "态度", "text": "经办人推诿", "case": case}
    complaint = (await graph.ask(COMPLAIN, input=wanted))["fileComplaint"]
    complained, number = complaint["id"], complaint["number"]
    hidden = [
        (await graph.ask(ONE, who, id=each))["enquiry"]
        for who in (HANNA, HUGO, WINDOW)
        for each in (complained, number)
    ]
    to_her = await _may_not(
        graph, "assignComplaint", complained, SUPERVISOR, investigator="hanna", department="civil-affairs"
    )
    elsewhere = await _may_not(
        graph, "assignComplaint", complained, SUPERVISOR, investigator="iris", department="transport"
    )
    assigned = await _does(
        graph, "assignComplaint", complained, SUPERVISOR, investigator="iris", department="finance"
    )
    begun = await _does(graph, "beginInvestigation", complained, INVESTIGATOR)
    answered = await _does(graph, "answerEnquiry", complained, INVESTIGATOR, answer="已批评教育。")
    published = await graph.refused(PUBLISH, INVESTIGATOR, id=complained, question="q", answer="a")
    reopened = await _does(graph, "reopenComplaint", complained, ANNA, reason="不满意")
    again = await _may_not(
        graph, "assignComplaint", complained, SUPERVISOR, investigator="iris", department="finance"
    )
    by_number = (await graph.ask(ONE, HANNA, id=number))["enquiry"]
    notices = Notices(world.database, world.clock)
    told = [each for who in (HANNA, HUGO, CHIEF) for each in await notices.of(who) if number in each.text_zh]

    assert elsewhere == ["BAD_USER_INPUT"]
    assert hidden == [None] * 6
    assert by_number is None
    assert to_her == again == ["INVALID_TRANSITION"]
    assert [each["state"] for each in (assigned, begun, answered)] == ["ASSIGNED", "INVESTIGATING", "ANSWERED"]
    assert published[0] in {"INVALID_TRANSITION", "FORBIDDEN"}
    assert (reopened["state"], reopened["owner"]) == ("RECEIVED", None)
    assert told == []


async def test_a_complaint_about_a_department_is_kept_from_all_of_it(graph: Graph, world: World) -> None:
    """A case that no officer touched is its department's as a whole; a supervisor of it sees nothing either."""
    case = await world.cases.submit_case(ANNA, ASSISTANCE)
    wanted = {"subject": "拖延", "text": "无人受理", "case": case.receipt_number}
    complained = (await graph.ask(COMPLAIN, input=wanted))["fileComplaint"]["id"]
    theirs = officer("inside", "supervisor", "civil-affairs")
    there = await _may_not(
        graph, "assignComplaint", complained, SUPERVISOR, investigator="hugo", department="civil-affairs"
    )
    nobody = await graph.refused(COMPLAIN, input={"subject": "a", "text": "b"})
    not_his = await graph.refused(COMPLAIN, BO, input=wanted)

    assert (await graph.ask(ONE, theirs, id=complained))["enquiry"] is None
    assert there == ["INVALID_TRANSITION"]
    assert (nobody, not_his) == (["BAD_USER_INPUT"], ["NOT_FOUND"])


async def test_silence_becomes_cards_that_the_department_explains(graph: Graph, world: World) -> None:
    """domain.md, 9.7; a complaint's cards are its supervisors' alone, and end with its answer."""
    await graph.ask(ASK, input=QUESTION)
    await graph.ask(COMPLAIN, input={"subject": "a", "text": "b", "officer": "hanna"})
    watch = EnquiryWatch(world.database, world.catalogue, world.clock, world.wakeups)
    world.clock.moment = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    looked = [await watch.look(), await watch.look()]
    supervision = Supervision(world.database, world.clock, world.wakeups)
    theirs = await supervision.cards(HANNA, CardFilter())
    every = await supervision.cards(SUPERVISOR, CardFilter())

    assert looked == [2, 0]
    assert sorted((each.trigger, each.level) for each in theirs) == [
        ("ANSWER_LIMIT", "RED"),
        ("ANSWER_LIMIT", "WARNING"),
        ("ANSWER_LIMIT", "YELLOW"),
    ]
    assert {each.trigger for each in every} == {"ANSWER_LIMIT", "ASSIGNMENT_LIMIT"}
    assert {each.department for each in every if each.trigger == "ASSIGNMENT_LIMIT"} == {""}


async def test_a_caller_s_question_is_its_officer_s_from_the_first_word(graph: Graph) -> None:
    """Articles 14, 17: the hotline writes it down and has first inquiry; a complaint is made by the person."""
    record = """mutation ($number: String!, $input: QuestionInput!) {
      recordQuestion(askerIdNumber: $number, input: $input) { id owner channel } }"""
    said = {**QUESTION, "channel": "TELEPHONE"}
    recorded = (await graph.ask(record, WINDOW, number=ANNA_NUMBER, input=said))["recordQuestion"]
    unknown = await graph.refused(record, WINDOW, number="110102199003070000", input=said)
    nobody = await graph.refused(
        record.replace("$number: String!, ", "").replace("askerIdNumber: $number, ", ""), WINDOW, input=said
    )
    mine = (await graph.ask("{ myEnquiries { id isTaken } }"))["myEnquiries"]

    assert recorded["owner"] == "window"
    assert recorded["channel"] == "TELEPHONE"
    assert (unknown, nobody) == (["NOT_FOUND"], ["BAD_USER_INPUT"])
    assert mine == [{"id": recorded["id"], "isTaken": True}]


async def test_a_question_is_written_down_for_whoever_shows_a_permit(
    graph: Graph, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Art. 14: residents of Hong Kong, Macao and Taiwan are known by their permits."""
    record = """mutation ($document: IdentityDocumentInput!, $input: QuestionInput!) {
      recordQuestion(askerDocument: $document, input: $input) { owner } }"""
    monkeypatch.setattr(world.people, "numbers", {"anna": "810000198809150044"})
    permit = {"type": "HONG_KONG_MACAO_PERMIT", "number": "810000 19880915 0044"}
    said = {**QUESTION, "channel": "WINDOW"}
    assert (await graph.ask(record, WINDOW, document=permit, input=said))["recordQuestion"] == {"owner": "window"}
    wrong = await graph.refused(record, WINDOW, document={**permit, "type": "TAIWAN_PERMIT"}, input=said)
    assert wrong == ["BAD_USER_INPUT"]
    assert len((await graph.ask("{ myEnquiries { id } }"))["myEnquiries"]) == 1


async def test_a_caller_without_a_name_is_called_back_by_a_number_that_only_the_officer_reads(
    graph: Graph, world: World
) -> None:
    """Article 14: the hotline answers everybody; nobody is told, and the number is forgotten after a month."""
    record = """mutation ($callback: String!, $input: QuestionInput!) {
      recordQuestion(callback: $callback, input: $input) { id owner callback } }"""
    said = {**QUESTION, "channel": "TELEPHONE", "idempotencyKey": "call 1"}
    recorded = [
        (await graph.ask(record, WINDOW, callback="+86 138-0000-1234", input=said))["recordQuestion"]
        for _ in range(2)
    ]
    wrong = await graph.refused(record, WINDOW, callback="call me", input={**said, "idempotencyKey": "2"})
    one = "query ($id: ID!) { enquiry(id: $id) { callback } }"
    seen = {
        who.subject: (await graph.ask(one, who, id=recorded[0]["id"]))["enquiry"]
        for who in (WINDOW, HANNA, SUPERVISOR, ANNA)
    }
    answer = 'mutation ($id: ID!) { answerEnquiry(id: $id, answer: "收入证明。") { id } }'
    await graph.ask(answer, WINDOW, id=recorded[0]["id"])
    async with world.database.reading() as session:
        told = (await session.exec(select(NoticeRow.recipient))).all()
    await world.deadlines.forget()
    kept = await graph.ask(one, WINDOW, id=recorded[0]["id"])
    world.clock.move(days=31)
    await world.deadlines.forget()
    forgotten = await graph.ask(one, WINDOW, id=recorded[0]["id"])

    assert recorded[0] == recorded[1]
    assert (recorded[0]["owner"], recorded[0]["callback"]) == ("window", "+86 138-0000-1234")
    assert wrong == ["BAD_USER_INPUT"]
    assert seen == {
        "window": {"callback": "+86 138-0000-1234"},
        "hanna": {"callback": "861******1234"},
        "supervisor": {"callback": "861******1234"},
        "anna": None,
    }
    assert not any(each.startswith("caller:") for each in told)
    assert (kept["enquiry"]["callback"], forgotten["enquiry"]["callback"]) == ("+86 138-0000-1234", None)
