"""Every state of a consultation and a complaint against every event (art. 2, 7, 14, 17), and their limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.enquiry import (
    Enquiry,
    EnquiryActor,
    EnquiryEvent,
    EnquiryEventType,
    EnquiryKind,
    EnquiryState,
    EnquiryStep,
    ImpossibleStep,
    beginning_state,
    begun,
    fold,
    transition,
)
from schema.domain.enquiry_limits import card_moments, due_at, next_moment
from schema.domain.knowledge import KnowledgeEntry, find_entries, similar_entries
from tests.schema.domain.calendars import CALENDAR, noon

S, T, K = EnquiryState, EnquiryEventType, EnquiryKind
START = noon("2026-11-23")
STAYS = "."
DATA: dict[str, Any] = {
    "officer": "olga",
    "to": "otto",
    "department": "finance",
    "answer": "Yes.",
    "entry": "e1",
    "answerBy": (START + timedelta(days=3)).isoformat(),
    "stars": 4,
}
# What may happen in a state and where it leads; a dot stays. Source: domain.md, 8 and 1 (art. 2, 7, 14, 17).
QUESTION: dict[EnquiryState, dict[EnquiryEventType, Any]] = {
    S.ASKED: {
        T.TAKEN: STAYS,
        T.HANDED_OVER: STAYS,
        T.REFERRED: STAYS,
        T.ANSWERED: S.ANSWERED,
        T.REMINDED: STAYS,
        T.URGED: STAYS,
        T.WITHDRAWN: S.WITHDRAWN,
    },
    S.ANSWERED: {T.PUBLISHED: S.PUBLISHED, T.RATED: STAYS},
    S.PUBLISHED: {T.PUBLICATION_WITHDRAWN: S.ANSWERED, T.RATED: STAYS},
    S.WITHDRAWN: {},
}
UNANSWERED = {T.ASSIGNED: S.ASSIGNED, T.REMINDED: STAYS, T.URGED: STAYS, T.WITHDRAWN: S.WITHDRAWN}
COMPLAINT: dict[EnquiryState, dict[EnquiryEventType, Any]] = {
    S.RECEIVED: UNANSWERED,
    S.ASSIGNED: {**UNANSWERED, T.INVESTIGATION_STARTED: S.INVESTIGATING},
    S.INVESTIGATING: {**UNANSWERED, T.ANSWERED: S.ANSWERED},
    S.ANSWERED: {T.CLOSED: S.CLOSED, T.REOPENED: S.RECEIVED, T.RATED: STAYS},
    S.CLOSED: {T.REOPENED: S.RECEIVED, T.RATED: STAYS},
    S.WITHDRAWN: {},
}


def enquiry(kind: EnquiryKind, state: EnquiryState | None = None, **facts: Any) -> Enquiry:
    return Enquiry(
        "1", "EQ1", kind, "anna", state or beginning_state(kind), owner=facts.pop("owner", None), **facts
    )


def step(kind: EnquiryEventType, at: datetime = START, **data: Any) -> EnquiryStep:
    return EnquiryStep(kind, EnquiryActor.OFFICER, at, reason="because", data={**DATA, **data})


@pytest.mark.parametrize(
    ("kind", "table"),
    [(K.CONSULTATION, QUESTION), (K.SUGGESTION, QUESTION), (K.COMPLAINT, COMPLAINT)],
)
@pytest.mark.parametrize("event", [each for each in T if each is not T.ASKED])
def test_every_event_in_every_state(kind: EnquiryKind, table: Any, event: EnquiryEventType) -> None:
    """The table above is the description (articles 2, 7, 14, 17); what it does not name is refused."""
    for state, allowed in table.items():
        owner = None if event is T.TAKEN else "olga"
        before = enquiry(kind, state, owner=owner)
        if event not in allowed:
            with pytest.raises(ImpossibleStep):
                transition(before, step(event))
            continue
        after, _ = transition(before, step(event))
        assert after.state is (state if allowed[event] == STAYS else allowed[event])


@pytest.mark.parametrize(
    ("event", "missing"),
    [
        (T.TAKEN, "officer"),
        (T.HANDED_OVER, "to"),
        (T.REFERRED, "department"),
        (T.ANSWERED, "answer"),
        (T.URGED, "answerBy"),
    ],
)
def test_what_a_step_must_say(event: EnquiryEventType, missing: str) -> None:
    """Nothing is answered, handed over or urged without what belongs to it (art. 17)."""
    before = enquiry(K.CONSULTATION, owner=None if event is T.TAKEN else "olga")
    with pytest.raises(ImpossibleStep, match=missing):
        transition(before, step(event, START, **{missing: " "}))


def test_a_hand_over_without_a_reason_is_none() -> None:
    """First inquiry (首问负责制, art. 17) is handed over formally."""
    silent = replace(step(T.HANDED_OVER), reason=" ")
    with pytest.raises(ImpossibleStep, match="reason"):
        transition(enquiry(K.CONSULTATION, owner="olga"), silent)


def test_who_takes_it_first_answers_for_it() -> None:
    """Article 17: until it is handed over nobody else answers; after it, only the other does."""
    taken, _ = transition(enquiry(K.CONSULTATION), step(T.TAKEN))
    with pytest.raises(ImpossibleStep, match="first inquiry"):
        transition(taken, step(T.TAKEN, officer="otto"))
    with pytest.raises(ImpossibleStep, match="answers for it"):
        transition(taken, step(T.ANSWERED, officer="otto"))
    handed, _ = transition(taken, step(T.HANDED_OVER))
    with pytest.raises(ImpossibleStep, match="answers for it"):
        transition(handed, step(T.ANSWERED))
    assert transition(handed, step(T.ANSWERED, officer="otto"))[0].state is S.ANSWERED


def test_a_referral_leaves_first_inquiry_until_somebody_takes_it() -> None:
    """Article 17: a question never belongs to nobody between two departments."""
    referred, _ = transition(enquiry(K.CONSULTATION, owner="olga"), step(T.REFERRED))
    assert (referred.department, referred.owner) == ("finance", "olga")
    taken, _ = transition(referred, step(T.TAKEN, officer="otto"))
    assert (taken.owner, taken.is_referred) == ("otto", False)


@pytest.mark.parametrize("who", ["anna", "otto", "olga"])
def test_a_complaint_is_never_given_to_whom_it_is_about(who: str) -> None:
    """Articles 17 and 18: not to the one complained of, not to the complainer, not twice to one investigator."""
    before = enquiry(K.COMPLAINT, complained_of=frozenset({"otto"}), answerers=frozenset({"olga"}))
    with pytest.raises(ImpossibleStep, match="nobody whom it is about"):
        transition(before, step(T.ASSIGNED, to=who))


def test_a_complaint_is_reopened_once_and_by_another_investigator() -> None:
    """domain.md, 8: reopened once, within 60 days of the answer."""
    answered, _ = transition(enquiry(K.COMPLAINT, S.INVESTIGATING, owner="olga"), step(T.ANSWERED))
    reopened, _ = transition(answered, step(T.REOPENED))
    assert (reopened.state, reopened.owner, reopened.answerers) == (S.RECEIVED, None, frozenset({"olga"}))
    again = replace(reopened, state=S.CLOSED)
    with pytest.raises(ImpossibleStep, match="once"):
        transition(again, step(T.REOPENED))
    with pytest.raises(ImpossibleStep, match="60 days"):
        transition(answered, step(T.REOPENED, START + timedelta(days=61)))


def test_one_rating_for_one_answer_within_90_days() -> None:
    """一次一评 (domain.md, 7)."""
    answered, _ = transition(enquiry(K.CONSULTATION, owner="olga"), step(T.ANSWERED))
    rated, _ = transition(answered, step(T.RATED))
    assert rated.stars == 4
    with pytest.raises(ImpossibleStep, match="一次一评"):
        transition(rated, step(T.RATED))
    with pytest.raises(ImpossibleStep, match="90 days"):
        transition(answered, step(T.RATED, START + timedelta(days=91)))


def _story(*steps: tuple[str, EnquiryEventType]) -> tuple[EnquiryEvent, ...]:
    return tuple(
        EnquiryEvent(number, kind, S.ASKED, EnquiryActor.ASKER, noon(day), data=DATA)
        for number, (day, kind) in enumerate(steps, 1)
    )


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        (K.CONSULTATION, "2026-11-30T16:00:00+00:00"),
        (K.SUGGESTION, "2026-12-14T16:00:00+00:00"),
        (K.COMPLAINT, "2026-12-14T16:00:00+00:00"),
    ],
)
def test_an_answer_is_due_in_working_days(kind: EnquiryKind, due: str) -> None:
    """5 for a consultation, 15 for the others, from the day after (art. 14, 17); asked on Monday, November 23."""
    assert due_at(kind, _story(("2026-11-23", T.ASKED)), CALENDAR) == datetime.fromisoformat(due)


def _cards(kind: EnquiryKind, *steps: tuple[str, EnquiryEventType]) -> list[tuple[str, str, str]]:
    found = card_moments(kind, _story(*steps), CALENDAR, 3)
    return [(each.trigger.value, each.level.value, f"{each.at + timedelta(hours=8):%m-%d}") for each in found]


def test_a_consultation_without_an_answer_shows_in_supervision() -> None:
    """domain.md, 9.7: warning from 80 % (the fourth of five working days), yellow on the last, red after it."""
    assert _cards(K.CONSULTATION, ("2026-11-23", T.ASKED)) == [
        ("ANSWER_LIMIT", "WARNING", "11-27"),
        ("ANSWER_LIMIT", "YELLOW", "11-30"),
        ("ANSWER_LIMIT", "RED", "12-01"),
    ]
    assert _cards(K.CONSULTATION, ("2026-11-23", T.ASKED), ("2026-11-26", T.ANSWERED)) == []


def test_a_complaint_that_nobody_was_given_shows_too() -> None:
    """Articles 17, 18: assigned within two working days; once assigned that limit is over."""
    unassigned = _cards(K.COMPLAINT, ("2026-11-23", T.ASKED))[:3]
    assert unassigned == [
        ("ASSIGNMENT_LIMIT", "WARNING", "11-24"),
        ("ASSIGNMENT_LIMIT", "YELLOW", "11-25"),
        ("ASSIGNMENT_LIMIT", "RED", "11-26"),
    ]
    assigned = _cards(K.COMPLAINT, ("2026-11-23", T.ASKED), ("2026-11-24", T.ASSIGNED))
    assert [each[:2] for each in assigned][:2] == [("ASSIGNMENT_LIMIT", "WARNING"), ("ANSWER_LIMIT", "WARNING")]


def test_a_reminder_has_a_deadline_of_its_own() -> None:
    """督办 (art. 4): unanswered after three working days it is a yellow card."""
    found = _cards(K.SUGGESTION, ("2026-11-23", T.ASKED), ("2026-11-24", T.REMINDED))
    assert ("URGING_UNANSWERED", "YELLOW", "11-28") in found


def test_an_answered_complaint_closes_30_days_later_and_a_consultation_never() -> None:
    """The worker looks again when there is something to do, and only then."""
    complaint = enquiry(K.COMPLAINT, S.ANSWERED, answered_at=START)
    assert next_moment(complaint, (), None) == START + timedelta(days=30)
    assert next_moment(enquiry(K.CONSULTATION, S.ANSWERED, answered_at=START), (), None) is None


@given(st.sampled_from(K), st.lists(st.sampled_from(list(T)), max_size=12), st.sampled_from(["olga", "otto"]))
def test_after_any_sequence_the_events_fold_to_the_enquiry(
    kind: EnquiryKind, wanted: list[EnquiryEventType], officer: str
) -> None:
    """What is refused changes nothing; whoever investigates is never the one complained of."""
    beginning = enquiry(kind, complained_of=frozenset({"otto"}) if kind is K.COMPLAINT else frozenset())
    now, events = begun(beginning, EnquiryStep(T.ASKED, EnquiryActor.ASKER, START))
    told = [events]
    for each in wanted:
        try:
            now, event = transition(now, step(each, officer=officer, to=officer))
        except ImpossibleStep:
            continue
        told.append(event)
    assert fold(beginning, told) == now
    assert now.owner not in now.complained_of


ENTRIES = (
    KnowledgeEntry(
        "1", "老年卡丢了怎么补办？", "持身份证到窗口。", START, "SENIOR", names=("老年人优待卡", "敬老卡")
    ),
    KnowledgeEntry(
        "2", "婚姻登记需要预约吗？", "不需要。", START + timedelta(days=1), "MARRIAGE", keywords=("结婚",)
    ),
)


def _syllables(text: str) -> tuple[str, ...]:
    sounds = {"老": "lao", "年": "nian", "卡": "ka", "丢": "diu", "结": "jie", "婚": "hun", "敬": "jing"}
    return tuple(sounds.get(letter, letter) for letter in text)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["2", "1"]),
        ("补办", ["1"]),
        ("敬老卡", ["1"]),
        ("jinglaoka", ["1"]),
        ("jiehun", ["2"]),
        ("lnkd", ["1"]),
        ("结婚 预约", ["2"]),
        ("护照", []),
    ],
)
def test_answers_are_found_by_word_synonym_and_sound(words: str, found: list[str]) -> None:
    """Article 14: one answer, found before it is asked for again."""
    assert [each.id for each in find_entries(ENTRIES, words, None, _syllables)] == found


def test_a_question_finds_what_is_like_it() -> None:
    """Nobody asks in search words; an unlike question finds nothing."""
    assert [each.id for each in similar_entries(ENTRIES, "我的老年卡丢了，要怎么补办", 5)] == ["1"]
    assert similar_entries(ENTRIES, "公共停车场几点关门", 5) == ()
