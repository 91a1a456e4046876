"""What officers do with the cases of their department, by which authority, one or many at once.

Whoever may not know of a case is told that there is none. Nobody handles a case of their own.
Source: docs/domain.md, "Handling"; art. 4, 5, 12, 13, 17.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from auth.actor import Actor
from auth.roles import CHIEF_REPRESENTATIVE, HANDLER, OFFICER, OPERATOR, SUPERVISOR
from hub.cases.case_moves import Before, CaseMoves, no_such_case
from hub.cases.delegations import absent_officers, delegation_for
from hub.licences.licence_store import today
from hub.people.colleagues import check_approver, check_handler, check_window
from hub.people.who import may_handle, may_read_case
from hub.printed_numbers import printed_number
from schema.domain import case_handling as rules
from schema.domain.case import FIRST_INQUIRY, Case, CaseActor, Channel
from schema.domain.case_flow import By, Progress
from schema.domain.case_handling import ResultWay, SpecialProcedure
from schema.domain.case_material import MaterialState
from schema.domain.licence import valid_until as last_day_of
from schema.domain.material import Trust
from schema.errors import DomainError, RuntimeCode

MAXIMUM_BULK = 100


class BulkDecision(StrEnum):
    """What can be decided on many cases at once."""

    ACCEPT = "ACCEPT"
    REFUSE_ACCEPTANCE = "REFUSE_ACCEPTANCE"
    START_REVIEW = "START_REVIEW"
    APPROVE = "APPROVE"
    DENY = "DENY"
    TERMINATE = "TERMINATE"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the decision on one of many cases ended: the case after it, or the error."""

    case: str
    after: Case | None = None
    error: DomainError | None = None


Deed = Callable[[Before, By], Progress]


class CaseHandling:
    """Each method moves one case, or raises :class:`DomainError`."""

    def __init__(self, moves: CaseMoves) -> None:
        self._moves = moves

    async def accept(self, actor: Actor, case: str) -> Case:
        return await self._decided(actor, case, lambda it, by: rules.accept(it.case, by))

    async def refuse_acceptance(self, actor: Actor, case: str, reason: str, remedy: str) -> Case:
        return await self._decided(
            actor, case, lambda it, by: rules.refuse_acceptance(it.case, reason, remedy, by)
        )

    async def request_supplement(
        self,
        actor: Actor,
        case: str,
        reason: str,
        materials: Sequence[tuple[str, str]],
        fields: Sequence[tuple[str, str]],
        answer_by: datetime,
    ) -> Case:
        """All that is missing, once; each material and field must be the item's."""

        def ask(it: Before, by: By) -> Progress:
            known = set(it.item.form.get("properties", {}))
            wrong = [f'"{code}" is no material.' for code, _ in materials if it.item.material(code) is None]
            wrong += [f'"{name}" is no field of the form.' for name, _ in fields if name not in known]
            if wrong:
                raise DomainError(RuntimeCode.BAD_USER_INPUT, f"{it.item.code}: {' '.join(wrong)}")
            return rules.request_supplement(it.case, reason, materials, fields, answer_by, by)

        return await self._handled(actor, case, ask)

    async def review_material(
        self, actor: Actor, case: str, code: str, state: MaterialState, remark: str | None, *, saw_original: bool
    ) -> Case:
        """Pre-review of one material, with its remark."""
        trust = Trust.B if saw_original else None
        return await self._handled(
            actor, case, lambda it, by: rules.review_material(it.case, code, state, remark, by, trust)
        )

    async def start_review(self, actor: Actor, case: str) -> Case:
        return await self._handled(actor, case, lambda it, by: rules.start_review(it.case, by))

    async def suspend(
        self, actor: Actor, case: str, ground: SpecialProcedure, expected_end: date, reason: str
    ) -> Case:
        return await self._handled(
            actor, case, lambda it, by: rules.suspend(it.case, ground, expected_end, reason, by)
        )

    async def resume(self, actor: Actor, case: str, outcome: str | None) -> Case:
        return await self._handled(actor, case, lambda it, by: rules.resume(it.case, outcome, by))

    async def extend(self, actor: Actor, case: str, days: int, approver: str, reason: str) -> Case:
        async def extend(it: Before) -> Progress:
            by = await _authority(it, actor, decides=True)
            await check_approver(it.session, approver, it.row.department)
            most = rules.MAXIMUM_EXTENSION_DAYS if it.item.joint is None else rules.MAXIMUM_JOINT_EXTENSION_DAYS
            return rules.extend(it.case, days, approver, reason, most, by)

        return await self._moves.move(case, extend, CaseActor.OFFICER)

    async def approve(self, actor: Actor, case: str, reason: str | None) -> Case:
        return await self._decided(actor, case, lambda it, by: rules.approve(it.case, reason, by))

    async def deny(self, actor: Actor, case: str, reason: str, remedy: str) -> Case:
        return await self._decided(actor, case, lambda it, by: rules.deny(it.case, reason, remedy, by))

    async def terminate(self, actor: Actor, case: str, reason: str) -> Case:
        return await self._decided(actor, case, lambda it, by: rules.terminate(it.case, reason, by))

    async def decide_many(
        self, actor: Actor, cases: Sequence[str], decision: BulkDecision, reason: str, remedy: str
    ) -> tuple[Outcome, ...]:
        """One transaction each: what one case refuses stops no other."""
        if not 0 < len(cases) <= MAXIMUM_BULK or len(set(cases)) != len(cases):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"Name 1 to {MAXIMUM_BULK} cases, each once.")
        return tuple([await self._one_of_many(actor, case, decision, reason, remedy) for case in cases])

    async def hand_over(self, actor: Actor, case: str, to: str, duty: str, reason: str) -> Case:
        """Handling goes to a colleague; first inquiry from the window officer who has it to another."""

        async def decide(it: Before) -> Progress:
            if duty == FIRST_INQUIRY:
                if not may_read_case(actor, it.row.applicant, it.row.department, it.row.item_code):
                    raise no_such_case()
                if actor.subject != it.case.first_inquiry and not actor.has_role(OPERATOR):
                    raise DomainError(RuntimeCode.FORBIDDEN, "Only the officer of first inquiry hands it over.")
                await check_window(it.session, to)
                by = By(actor.subject, it.at)
            else:
                by = await _authority(it, actor, decides=False)
                await check_handler(it.session, to, it.row.department)
            return rules.hand_over(it.case, to, duty, reason, by)

        return await self._moves.move(case, decide, CaseActor.OFFICER)

    async def issue_result(self, actor: Actor, case: str, number: str | None, valid_until: date | None) -> Case:
        """Number and last day follow from the licence's type where the hub issues it and they are not given."""

        def issue(it: Before, by: By) -> Progress:
            known = it.catalogue.licence_types.get(it.item.result_kind or "")
            given, until = number, valid_until
            if known is not None:
                given = given or printed_number(known.number_prefix, it.at)
                until = until or last_day_of(known, today(it.at))
            if not given:
                wrong = f"{it.item.code} leads to no licence that is made here. Give the `number` of the result."
                raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
            return rules.issue_result(it.case, it.item, given, until, by)

        return await self._handled(actor, case, issue)

    async def send_result(self, actor: Actor, case: str, way: ResultWay, tracking: str | None) -> Case:
        return await self._at_a_counter(actor, case, lambda it, by: rules.send_result(it.case, way, tracking, by))

    async def record_collection(self, actor: Actor, case: str) -> Case:
        return await self._at_a_counter(actor, case, lambda it, by: rules.collect_result(it.case, by))

    async def urge(self, actor: Actor, case: str, reason: str, answer_by: datetime) -> Case:
        return await self._supervised(
            actor, case, lambda it, by: rules.urge(it.case, reason, answer_by, by), (SUPERVISOR,)
        )

    async def expedite(self, actor: Actor, case: str, limit_days: int | None, reason: str) -> Case:
        """Into the green channel: the item's shorter limit, or another that is shorter than the promise."""

        def expedite(it: Before, by: By) -> Progress:
            channel = it.item.green_channel
            days = limit_days if limit_days is not None else (channel.limit_days if channel else None)
            if days is None or not 0 < days < it.item.promised_limit_days:
                most = it.item.promised_limit_days
                wrong = f"`limitDays` is shorter than the {most} working days that {it.item.code} promises."
                raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
            return rules.expedite(it.case, days, reason, by)

        return await self._supervised(actor, case, expedite, (SUPERVISOR, OPERATOR))

    async def reopen(self, actor: Actor, case: str, reason: str) -> Case:
        """With a right of its own (section 3): a supervisor or an operator, never the one who handled it."""
        return await self._supervised(
            actor, case, lambda it, by: rules.reopen(it.case, reason, by), (SUPERVISOR, OPERATOR)
        )

    async def _handled(self, actor: Actor, case: str, deed: Deed) -> Case:
        return await self._by_department(actor, case, deed, decides=False)

    async def _decided(self, actor: Actor, case: str, deed: Deed) -> Case:
        return await self._by_department(actor, case, deed, decides=True)

    async def _by_department(self, actor: Actor, case: str, deed: Deed, *, decides: bool) -> Case:
        async def decide(it: Before) -> Progress:
            return deed(it, await _authority(it, actor, decides=decides))

        return await self._moves.move(case, decide, CaseActor.OFFICER)

    async def _at_a_counter(self, actor: Actor, case: str, deed: Deed) -> Case:
        """By the department, or by an officer of the comprehensive window who hands results out."""

        async def decide(it: Before) -> Progress:
            if actor.has_role(OFFICER) and actor.subject != it.row.applicant:
                return deed(it, By(actor.subject, it.at, channel=Channel.WINDOW))
            return deed(it, await _authority(it, actor, decides=False))

        return await self._moves.move(case, decide, CaseActor.OFFICER)

    async def _supervised(self, actor: Actor, case: str, deed: Deed, roles: tuple[str, ...]) -> Case:
        """By an office above the department's."""
        kind = CaseActor.SUPERVISOR if actor.has_role(SUPERVISOR) else CaseActor.OPERATOR

        async def decide(it: Before) -> Progress:
            if not may_read_case(actor, it.row.applicant, it.row.department, it.row.item_code):
                raise no_such_case()
            if not any(actor.has_role(role) for role in roles):
                raise DomainError(RuntimeCode.FORBIDDEN, f"This takes the role {' or '.join(roles)}.")
            if actor.subject in (it.row.applicant, it.case.handler):
                raise DomainError(RuntimeCode.FORBIDDEN, "Nobody does this to a case of their own.")
            return deed(it, By(actor.subject, it.at, kind))

        return await self._moves.move(case, decide, kind)

    async def _one_of_many(
        self, actor: Actor, case: str, decision: BulkDecision, reason: str, remedy: str
    ) -> Outcome:
        try:
            return Outcome(case, await self._bulk(actor, case, decision, reason, remedy))
        except DomainError as error:
            return Outcome(case, error=error)

    async def _bulk(self, actor: Actor, case: str, decision: BulkDecision, reason: str, remedy: str) -> Case:
        match decision:
            case BulkDecision.ACCEPT:
                return await self.accept(actor, case)
            case BulkDecision.REFUSE_ACCEPTANCE:
                return await self.refuse_acceptance(actor, case, reason, remedy)
            case BulkDecision.START_REVIEW:
                return await self.start_review(actor, case)
            case BulkDecision.APPROVE:
                return await self.approve(actor, case, reason or None)
            case BulkDecision.DENY:
                return await self.deny(actor, case, reason, remedy)
            case BulkDecision.TERMINATE:
                return await self.terminate(actor, case, reason)


async def _authority(it: Before, actor: Actor, *, decides: bool) -> By:
    """As what the officer acts. Raises :class:`DomainError` where there is no authority."""
    department = it.row.department
    if department is None or not may_handle(actor, department):
        raise no_such_case()
    if actor.subject == it.row.applicant:
        raise DomainError(RuntimeCode.FORBIDDEN, "Nobody handles a case of their own. Hand it to a colleague.")
    is_chief = actor.has_role(CHIEF_REPRESENTATIVE)
    substitute_for = None
    if it.case.handler not in (None, actor.subject):
        absent = await absent_officers(it.session, actor.subject, department, it.at)
        substitute_for = it.case.handler if it.case.handler in absent else None
        if substitute_for is None and not is_chief:
            wrong = "Another officer has this case in hand. Have it handed over, or be made their substitute."
            raise DomainError(RuntimeCode.FORBIDDEN, wrong)
    delegation = None
    if decides and is_chief:
        found = await delegation_for(it.session, actor.subject, department, it.row.item_code, it.at)
        delegation = found.id if found else None
        if delegation is None and not actor.has_role(HANDLER):
            wrong = f'No delegation of "{department}" covers {it.row.item_code} now. Ask the department for one.'
            raise DomainError(RuntimeCode.FORBIDDEN, wrong)
    return By(actor.subject, it.at, delegation=delegation, substitute_for=substitute_for)
