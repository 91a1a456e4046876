"""Filing and reading cases."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from hub.cases.case_filing import Submission
from schema.domain.case import Case, CaseState, Channel
from schema.errors import DomainError, RuntimeCode
from tests.hub.joint_item import RESTAURANT, forget, offer
from tests.hub.world import ANNA, ANNA_NUMBER, BO, FREE, OPERATOR, WITH_FEE, World, citizen


async def test_a_filed_case_has_its_receipt_number_and_its_command_at_once(world: World) -> None:
    """Accepted means: case, event and outbox row are one transaction."""
    case = await world.cases.submit_case(ANNA, WITH_FEE)

    assert case.state is CaseState.SUBMITTED
    assert case.receipt_number.startswith("JY261123-")
    assert await world.events(case) == ["submitted"]
    assert await world.commands() == [
        {
            "to": "civil-affairs",
            "operation": "ReceiveCase",
            "input": {
                "receiptNumber": case.receipt_number,
                "itemCode": "CA-MARRIAGE-RECORD",
                "applicantIdNumber": ANNA_NUMBER,
                "form": {"purpose": "loan", "copies": 1},
                "submittedAt": "2026-11-23T09:00:00+00:00",
            },
        }
    ]


async def test_the_same_key_gives_the_same_case(world: World) -> None:
    """A client that did not hear the answer may send again."""
    submission = replace(WITH_FEE, idempotency_key="once")

    first = await world.cases.submit_case(ANNA, submission)
    second = await world.cases.submit_case(ANNA, submission)

    assert second == first
    assert len(await world.commands()) == 1


async def test_the_same_key_at_the_same_moment_gives_one_case(world: World) -> None:
    """Retries overlap when a network is slow."""
    submission = replace(WITH_FEE, idempotency_key="once")

    cases = await asyncio.gather(*(world.cases.submit_case(ANNA, submission) for _ in range(5)))

    assert len({case.id for case in cases}) == 1
    assert len(await world.cases.cases_of(ANNA, "anna")) == 1


async def test_who_files_in_a_crowd_fares_as_if_alone(world: World) -> None:
    """What is filed at one moment shares a transaction; a wrong one among them concerns nobody else."""
    await offer(world.database)
    await world.cases.submit_case(ANNA, replace(FREE, idempotency_key="used"))
    wrong = replace(WITH_FEE, idempotency_key="used")
    crowd = [replace(WITH_FEE, idempotency_key=f"key {number}") for number in range(3)]

    *filed, joint, refused = await asyncio.gather(
        *(world.cases.submit_case(ANNA, each) for each in (*crowd, crowd[0])),
        world.cases.submit_case(BO, RESTAURANT),
        world.cases.submit_case(ANNA, wrong),
        return_exceptions=True,
    )
    await forget(world.database)

    assert filed[3] == filed[0]
    cases = [case for case in (*filed[:3], joint) if isinstance(case, Case)]
    assert len({case.receipt_number for case in cases}) == 4
    assert [(await world.events(case))[0] for case in cases] == ["submitted"] * 4
    assert isinstance(refused, DomainError)
    assert refused.code is RuntimeCode.IDEMPOTENCY_KEY_REUSED


async def test_a_key_belongs_to_one_submission_of_one_person(world: World) -> None:
    """Another content under a used key is a mistake; another person's key is none."""
    first = await world.cases.submit_case(ANNA, replace(WITH_FEE, idempotency_key="once"))
    other = await world.cases.submit_case(BO, replace(WITH_FEE, idempotency_key="once"))

    with pytest.raises(DomainError) as refused:
        await world.cases.submit_case(ANNA, replace(FREE, idempotency_key="once"))

    assert refused.value.code is RuntimeCode.IDEMPOTENCY_KEY_REUSED
    assert other.id != first.id


@pytest.mark.parametrize(
    ("submission", "code", "words"),
    [
        (Submission("NO-SUCH-ITEM", {}), RuntimeCode.NOT_FOUND, "NO-SUCH-ITEM"),
        (Submission("CA-MARRIAGE-RECORD", {"copies": 9}), RuntimeCode.BAD_USER_INPUT, "`form.purpose` is missing"),
        (Submission("CA-MARRIAGE-RECORD", "no"), RuntimeCode.BAD_USER_INPUT, "`form` must be of type object"),
        (Submission("PS-IDENTITY-CARD", {}), RuntimeCode.BAD_USER_INPUT, "is not offered on WEB"),
        (Submission("PS-IDENTITY-CARD", {}, Channel.WINDOW), RuntimeCode.BAD_USER_INPUT, "cannot be filed"),
    ],
)
async def test_a_wrong_submission_is_told_what_to_mend(
    world: World, submission: Submission, code: RuntimeCode, words: str
) -> None:
    """Nothing is accepted that no department could receive."""
    with pytest.raises(DomainError, match=words) as refused:
        await world.cases.submit_case(ANNA, submission)

    assert refused.value.code is code
    assert await world.commands() == []


async def test_a_service_is_no_applicant(world: World) -> None:
    """A client without a person behind it has no identity number to file under."""
    with pytest.raises(DomainError) as refused:
        await world.cases.submit_case(citizen("department-finance"), WITH_FEE)

    assert refused.value.code is RuntimeCode.FORBIDDEN


async def test_a_case_is_found_by_id_and_by_receipt_number_as_typed(world: World) -> None:
    """People read numbers from paper, with blanks and small letters."""
    case = await world.cases.submit_case(ANNA, WITH_FEE)
    typed = case.receipt_number.lower().replace("-", " ")

    assert await world.cases.case(ANNA, case.id) == case
    assert await world.cases.case(ANNA, typed) == case


async def test_nobody_sees_that_anothers_case_exists(world: World) -> None:
    """By id, by number, by list; an operator reads by office."""
    case = await world.cases.submit_case(ANNA, WITH_FEE)

    assert await world.cases.case(BO, case.id) is None
    assert await world.cases.case(BO, case.receipt_number) is None
    assert await world.cases.case(OPERATOR, case.id) == case
    with pytest.raises(DomainError) as refused:
        await world.cases.cases_of(BO, "anna")
    assert refused.value.code is RuntimeCode.FORBIDDEN
    with pytest.raises(DomainError) as refused:
        await world.applicant.withdraw(BO, case.id, None)
    assert refused.value.code is RuntimeCode.NOT_FOUND


async def test_an_applicant_withdraws_before_the_decision_and_not_after(world: World) -> None:
    """The refused attempt changes nothing and is kept."""
    open_case = await world.cases.submit_case(ANNA, FREE)
    done = await world.decided()

    withdrawn = await world.applicant.withdraw(ANNA, open_case.receipt_number, "moved away")
    with pytest.raises(DomainError) as refused:
        await world.applicant.withdraw(ANNA, done.id, None)

    last = (await world.cases.events_of((withdrawn.id,)))[withdrawn.id][-1]

    assert (withdrawn.state, withdrawn.reason) == (CaseState.WITHDRAWN, "moved away")
    assert last.channel is open_case.channel
    assert refused.value.code is RuntimeCode.INVALID_TRANSITION
    assert (await world.read(done)).state is CaseState.APPROVED


async def test_states_are_counted_for_operators_only(world: World) -> None:
    """Figures come from the cases themselves."""
    await world.cases.submit_case(ANNA, FREE)
    await world.decided()

    assert await world.cases.counts(OPERATOR) == {"SUBMITTED": 1, "APPROVED": 1}
    with pytest.raises(DomainError):
        await world.cases.counts(ANNA)


async def test_a_case_can_be_seen_as_it_stood_after_each_event(world: World) -> None:
    """What the change feed tells is the case at that version, not at a later one."""
    case = await world.decided()

    states = [await world.cases.at_version(case.id, version) for version in range(1, case.version + 1)]

    assert [each.state.value for each in states if each] == [
        "SUBMITTED",
        "ACCEPTED",
        "IN_REVIEW",
        "APPROVED",
        "APPROVED",
    ]
    assert states[-1] == case
