"""What follows in a joint case from whatever happened to it, decided in the same breath.

``sub_case_said`` is a department's word on its own sub-case. ``follow`` takes any decision about the whole (filed,
supplemented, withdrawn, lapsed, a word as above) and adds what must come of it: steps that may begin now, the
acceptance, the refusal, the question to the lead, and at an end without a result the undoing, last steps first.
Source: docs/domain.md, "Joint handling"; art. 17; domain.md, 9.6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from schema.domain.case import (
    UNDECIDED,
    WITHOUT_RESULT,
    Case,
    CaseActor,
    CaseEvent,
    CaseEventType,
    CaseState,
    Happening,
    ImpossibleTransition,
)
from schema.domain.case_flow import AskLead, Effect, Progress, SendCommand, SendSubCaseCommand
from schema.domain.joint import (
    IssuedLicence,
    S,
    SubCase,
    SubCaseCommand,
    SubCases,
    SubCaseState,
)
from schema.domain.service_item import Step

T = CaseEventType
_OPEN = frozenset({S.STARTED, S.SUPPLEMENT_REQUESTED, S.ACCEPTED})
SUB_CASE_RULES: Mapping[CaseEventType, tuple[frozenset[SubCaseState], SubCaseState | None]] = {
    T.SUB_CASE_STARTED: (frozenset({S.WAITING}), S.STARTED),
    T.SUB_CASE_ACCEPTED: (frozenset({S.STARTED}), S.ACCEPTED),
    T.SUB_CASE_SUPPLEMENT_REQUESTED: (frozenset({S.STARTED}), S.SUPPLEMENT_REQUESTED),
    T.SUB_CASE_SUPPLEMENTED: (frozenset({S.SUPPLEMENT_REQUESTED}), S.STARTED),
    T.SUB_CASE_APPROVED: (frozenset({S.STARTED, S.ACCEPTED}), S.APPROVED),
    T.SUB_CASE_DENIED: (_OPEN, S.DENIED),
    T.OPINION_DEEMED: (_OPEN, S.DEEMED),
    T.OPINION_MISSED: (_OPEN, S.MISSED),
    T.SUB_CASE_STOPPED: (_OPEN | {S.WAITING}, S.STOPPED),
    T.SUB_CASE_COMPENSATION_ORDERED: (_OPEN | {S.APPROVED, S.DEEMED}, S.COMPENSATING),
    T.SUB_CASE_COMPENSATED: (frozenset({S.COMPENSATING}), S.COMPENSATED),
    T.SUB_CASE_REDRIVEN: (_OPEN | {S.COMPENSATING}, None),
}
"""From which states of a sub-case an event may come, and where it leads; ``None`` stays where it is."""

_TELLS: Mapping[CaseEventType, SubCaseCommand] = {
    T.SUB_CASE_STARTED: SubCaseCommand.START,
    T.SUB_CASE_SUPPLEMENTED: SubCaseCommand.SUPPLEMENT,
    T.SUB_CASE_COMPENSATION_ORDERED: SubCaseCommand.COMPENSATE,
}
_SETTLED = frozenset({S.DEEMED, S.MISSED, S.STOPPED, S.COMPENSATING, S.COMPENSATED})


@dataclass(frozen=True, slots=True)
class Joint:
    """One decision about a joint case so far, and where its sub-cases stand after it."""

    progress: Progress
    sub_cases: SubCases

    @property
    def case(self) -> Case:
        return self.progress.case

    @property
    def at(self) -> datetime:
        return self.progress.events[-1].at

    def then(self, happening: Happening, *effects: Effect) -> Joint:
        """Raises ``ImpossibleTransition`` for the case or the sub-case."""
        _check(self.case, self.sub_cases, happening)
        progress = self.progress.then(happening, *effects)
        return Joint(progress, fold(self.sub_cases, progress.events[-1:]))

    def system(self, type: CaseEventType, code: str | None = None, **said: Any) -> Joint:
        """The hub itself takes this step; what a department must be told of it is told."""
        data = {**({"subCase": code} if code else {}), **said.pop("data", {})}
        happening = Happening(type, CaseActor.SYSTEM, self.at, data=data, **said)
        if type not in _TELLS or code is None:
            return self.then(happening)
        step = self.sub_cases.plan.step(code)
        tells = step is not None and (type is not T.SUB_CASE_SUPPLEMENTED or step.supplement)
        return self.then(happening, *((SendSubCaseCommand(code, _TELLS[type], 1),) if tells else ()))


def sub_case_said(
    case: Case,
    sub_cases: SubCases,
    type: str,
    data: Mapping[str, Any],
    at: datetime,
    *,
    actor: CaseActor = CaseActor.DEPARTMENT,
    officer: str | None = None,
    delegation: str | None = None,
) -> Progress:
    """The word of a department, or of its officer, on its sub-case ``data["subCase"]``.

    ``delegation`` names the one under which a chief representative decides (首席代表制, art. 17).

    Raises ``ImpossibleTransition``, or ``ValueError`` for what makes no sense.
    """
    step = sub_cases.plan.step(str(data.get("subCase")))
    if step is None:
        raise ValueError(f'The case has no sub-case "{data.get("subCase")}".')
    kept: dict[str, Any] = {"subCase": step.code, **({"officer": officer} if officer else {})}
    if delegation is not None:
        kept["delegation"] = delegation
    if data.get("remedy"):
        kept["remedy"] = str(data["remedy"])
    reason = data.get("reason") or data.get("notice")
    event = _WORDS.get(type)
    if type == "jiyi.sub-case.decided":
        event, extra = _decision(step.licence_kind, data)
        kept |= extra
    if type == "jiyi.sub-case.not-accepted":
        kept["notAccepted"] = True
    if event is None:
        raise ValueError(f'No word on a sub-case is called "{type}".')
    happening = Happening(event, actor, at, reason=reason, data=kept)
    if event is T.SUB_CASE_DENIED and step.is_required and not kept.get("remedy"):
        raise ImpossibleTransition(case, event, "Name the remedy that the applicant has.")
    joint = Joint(Progress(case, case), sub_cases).then(happening)
    if event is T.SUB_CASE_SUPPLEMENT_REQUESTED and case.state is CaseState.SUBMITTED:
        # The first department that asks opens the one notice; others add to it while it is open.
        asked = {key: data[key] for key in ("materials", "answerBy") if data.get(key)}
        joint = joint.then(Happening(T.SUPPLEMENT_REQUESTED, actor, at, reason=reason, data={**kept, **asked}))
    return joint.progress


def limit_passed(
    case: Case, sub_cases: SubCases, code: str, at: datetime, due_at: datetime | None = None
) -> Progress | None:
    """A department was silent beyond its limit; ``None`` where only supervision looks at that (9.6).

    ``due_at`` is when the limit was over, which may be long before anybody came to look.
    """
    step = sub_cases.plan.step(code)
    if step is None or case.state not in UNDECIDED or sub_cases.of(code).state not in _OPEN:
        return None
    if not step.deemed_consent and step.is_required:
        return None
    event = T.OPINION_DEEMED if step.deemed_consent else T.OPINION_MISSED
    ended = {"dueAt": due_at.isoformat()} if due_at else {}
    data = {"subCase": code, "limitDays": step.limit_days, **ended}
    happening = Happening(event, CaseActor.SYSTEM, at, data=data)
    return Joint(Progress(case, case), sub_cases).then(happening).progress


def compensated(case: Case, sub_cases: SubCases, code: str, at: datetime) -> Progress:
    """The department has undone its step."""
    happening = Happening(T.SUB_CASE_COMPENSATED, CaseActor.DEPARTMENT, at, data={"subCase": code})
    return Joint(Progress(case, case), sub_cases).then(happening).progress


def redrive(case: Case, sub_cases: SubCases, code: str, reason: str, officer: str, at: datetime) -> Progress:
    """An operator lets a command that failed for good be sent once more, as a new one."""
    if sub_cases.plan.step(code) is None:
        raise ValueError(f'The case has no sub-case "{code}".')
    sub_case = sub_cases.of(code)
    happening = Happening(
        T.SUB_CASE_REDRIVEN, CaseActor.OPERATOR, at, reason=reason, data={"subCase": code, "officer": officer}
    )
    if sub_case.failed is None or sub_case.command is None:
        why = "Its last command has not failed. There is nothing to drive again."
        raise ImpossibleTransition(case, happening.type, why)
    again = SendSubCaseCommand(code, sub_case.command, sub_case.attempt + 1)
    return Joint(Progress(case, case), sub_cases).then(happening, again).progress


def follow(progress: Progress, before: SubCases) -> Joint:
    """The decision with all that follows from it. Nothing follows from what has followed: it is complete."""
    joint = Joint(_without_single_road(progress), fold(before, progress.events))
    while (further := _one_more(joint)) is not joint:
        joint = further
    return joint


def fold(sub_cases: SubCases, events: Iterable[CaseEvent]) -> SubCases:
    """Where the sub-cases stand after these events of the case."""
    for event in events:
        code = event.data.get("subCase")
        if code is not None and code in sub_cases.by_code:
            sub_cases = sub_cases.with_sub_case(_apply(sub_cases.of(code), event))
    return sub_cases


def is_crossed(case: Case, sub_cases: SubCases, code: str) -> bool:
    """Whether a department's word came when all was over, so that both were right when they spoke."""
    over = case.state not in UNDECIDED
    return over or (code in sub_cases.by_code and sub_cases.of(code).state in _SETTLED)


def _one_more(joint: Joint) -> Joint:
    for rule in _FOLLOW_UPS:
        further = rule(joint)
        if further is not joint:
            return further
    return joint


def _begin(joint: Joint) -> Joint:
    is_filed = any(event.type is T.SUBMITTED for event in joint.progress.events)
    has_begun = any(event.type is T.JOINT_HANDLING_BEGAN for event in joint.progress.events)
    return joint.system(T.JOINT_HANDLING_BEGAN) if is_filed and not has_begun else joint


def _pass_supplement_on(joint: Joint) -> Joint:
    if joint.case.state is not CaseState.SUBMITTED:
        return joint
    asked = [sub.code for _, sub in joint.sub_cases if sub.state is S.SUPPLEMENT_REQUESTED]
    return joint.system(T.SUB_CASE_SUPPLEMENTED, asked[0]) if asked else joint


def _start(joint: Joint) -> Joint:
    startable = joint.sub_cases.startable() if joint.case.state in UNDECIDED else ()
    return joint.system(T.SUB_CASE_STARTED, startable[0]) if startable else joint


def _receive(joint: Joint) -> Joint:
    """The whole is accepted once all who come first have accepted, or one of them has refused."""
    is_received = joint.sub_cases.are_received() or joint.sub_cases.refusal() is not None
    if joint.case.state is CaseState.SUBMITTED and is_received and not _is_not_accepted(joint):
        return joint.system(T.ACCEPTED)
    return joint.system(T.REVIEW_STARTED) if joint.case.state is CaseState.ACCEPTED else joint


def _stop_dependants(joint: Joint) -> Joint:
    stopped, refusal = joint.sub_cases.stopped_by_refusal(), joint.sub_cases.refusal()
    if not stopped or refusal is None or joint.case.state not in UNDECIDED:
        return joint
    return joint.system(T.SUB_CASE_STOPPED, stopped[0], reason=refusal.reason, data={"refusedBy": refusal.code})


def _refuse(joint: Joint) -> Joint:
    """One required refusal refuses the whole, with its reason and its remedy."""
    refusal = joint.sub_cases.refusal()
    if refusal is None:
        return joint
    refused = T.NOT_ACCEPTED if _is_not_accepted(joint) else T.DENIED
    if joint.case.state is not (CaseState.SUBMITTED if refused is T.NOT_ACCEPTED else CaseState.IN_REVIEW):
        return joint
    data = {"subCase": refusal.code, "remedy": refusal.remedy}
    happening = Happening(refused, CaseActor.DEPARTMENT, joint.at, reason=refusal.reason, data=data)
    return Joint(joint.progress.then(happening), joint.sub_cases)


def _ask_lead(joint: Joint) -> Joint:
    is_complete = joint.case.state is CaseState.IN_REVIEW and not joint.sub_cases.missing()
    if not (is_complete and joint.case.awaits_opinions and joint.sub_cases.refusal() is None):
        return joint
    return joint.then(Happening(T.OPINIONS_COMPLETE, CaseActor.SYSTEM, joint.at), AskLead())


def _stop_at_end(joint: Joint) -> Joint:
    stopped = joint.sub_cases.to_stop() if joint.case.state in WITHOUT_RESULT else ()
    reason = joint.case.reason or f"The case is {joint.case.state}."
    return joint.system(T.SUB_CASE_STOPPED, stopped[0], reason=reason) if stopped else joint


def _compensate(joint: Joint) -> Joint:
    undo = joint.sub_cases.to_compensate() if joint.case.state in WITHOUT_RESULT else ()
    return joint.system(T.SUB_CASE_COMPENSATION_ORDERED, undo[0]) if undo else joint


_FOLLOW_UPS: tuple[Callable[[Joint], Joint], ...] = (
    _begin,
    _stop_dependants,
    _receive,
    _refuse,
    _pass_supplement_on,
    _start,
    _ask_lead,
    _stop_at_end,
    _compensate,
)

_WORDS: Mapping[str, CaseEventType] = {
    "jiyi.sub-case.accepted": T.SUB_CASE_ACCEPTED,
    "jiyi.sub-case.not-accepted": T.SUB_CASE_DENIED,
    "jiyi.sub-case.supplement-requested": T.SUB_CASE_SUPPLEMENT_REQUESTED,
}
SUB_CASE_EVENT_TYPES = frozenset(_WORDS) | {"jiyi.sub-case.decided"}
"""Every event type by which a department may speak of its sub-case."""


def _decision(licence_kind: str | None, data: Mapping[str, Any]) -> tuple[CaseEventType, dict[str, Any]]:
    decision = data.get("decision")
    if decision == "denied":
        return T.SUB_CASE_DENIED, {}
    if decision != "approved":
        raise ValueError(f'A decision is "approved" or "denied", not "{decision}".')
    opinion = {"opinion": str(data["opinion"])} if data.get("opinion") else {}
    if licence_kind is None:
        return T.SUB_CASE_APPROVED, opinion
    licence = data.get("licence")
    if not isinstance(licence, Mapping) or not licence.get("number") or not licence.get("issuerCode"):
        raise ValueError("This approval issues a licence: state its `number` and `issuerCode` in `licence`.")
    issued = {name: licence.get(name) for name in ("number", "issuerCode", "validUntil")}
    return T.SUB_CASE_APPROVED, {**opinion, "licence": {**issued, "kind": licence_kind}}


def _apply(sub_case: SubCase, event: CaseEvent) -> SubCase:
    if event.type is T.COMMAND_FAILED:
        return replace(sub_case, failed=str(event.data.get("code")))
    if event.type not in SUB_CASE_RULES:
        return sub_case
    moved = replace(sub_case, state=SUB_CASE_RULES[event.type][1] or sub_case.state)
    if event.type in _TELLS:
        moved = replace(moved, command=_TELLS[event.type], attempt=1, failed=None)
    data = event.data
    match event.type:
        case T.SUB_CASE_STARTED:
            return replace(moved, started_at=event.at)
        case T.SUB_CASE_REDRIVEN:
            return replace(moved, attempt=moved.attempt + 1, failed=None)
        case T.SUB_CASE_SUPPLEMENT_REQUESTED | T.SUB_CASE_STOPPED:
            return replace(moved, reason=event.reason)
        case T.SUB_CASE_APPROVED | T.SUB_CASE_DENIED | T.OPINION_DEEMED | T.OPINION_MISSED:
            licence = data.get("licence")
            return replace(
                moved,
                decided_at=event.at,
                opinion=data.get("opinion"),
                reason=event.reason,
                remedy=data.get("remedy"),
                not_accepted=bool(data.get("notAccepted")),
                licence=IssuedLicence(licence["kind"], licence["number"], licence["issuerCode"])
                if licence
                else None,
            )
        case _:
            return moved


def _check(case: Case, sub_cases: SubCases, happening: Happening) -> None:
    code = happening.data.get("subCase")
    if happening.type not in SUB_CASE_RULES or code is None:
        return
    sources, state = SUB_CASE_RULES[happening.type][0], sub_cases.of(code).state
    if state not in sources:
        possible = ", ".join(sorted(sources))
        why = f'Sub-case "{code}" is {state}; it can happen in: {possible}.'
        raise ImpossibleTransition(case, happening.type, why)


def _is_not_accepted(joint: Joint) -> bool:
    """Whether the refusal was one to look at it at all (不予受理), and the whole was not accepted yet."""
    refusal = joint.sub_cases.refusal()
    return refusal is not None and refusal.not_accepted and joint.case.state is CaseState.SUBMITTED


def _without_single_road(progress: Progress) -> Progress:
    """The departments of the steps are told instead of the one department."""
    single = (SendCommand(Step.RECEIVE_CASE), SendCommand(Step.SUPPLEMENT_CASE))
    return replace(progress, effects=tuple(each for each in progress.effects if each not in single))
