"""Joint handling (联合办理制、并联审批): the department steps of one application as a directed acyclic graph.

A plan is catalogue data; where its steps stand is the fold of the case's events. What may begin, what waits for
what, when the lead decides and what must be undone are questions to these two, without an effect.
Source: docs/domain.md, "Joint handling"; art. 17; domain.md, 9.5 and 9.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter


class Voice(StrEnum):
    """Whether a department can stop the whole."""

    REQUIRED = "REQUIRED"
    """Without its approval there is none; its refusal refuses the whole."""
    ADVISORY = "ADVISORY"
    """It is heard. The lead decides, whatever it says."""


class SubCaseState(StrEnum):
    WAITING = "WAITING"
    """For steps that it depends on."""
    STARTED = "STARTED"
    """Its department was told."""
    SUPPLEMENT_REQUESTED = "SUPPLEMENT_REQUESTED"
    ACCEPTED = "ACCEPTED"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    DEEMED = "DEEMED"
    """Silent beyond its limit, which the item counts as consent (超时默认)."""
    MISSED = "MISSED"
    """An opinion that did not come in its time; the lead decides without it."""
    STOPPED = "STOPPED"
    """Will not be taken any more, and left nothing to undo."""
    COMPENSATING = "COMPENSATING"
    """Its department was told to undo it."""
    COMPENSATED = "COMPENSATED"


S = SubCaseState
OPEN = frozenset({S.STARTED, S.SUPPLEMENT_REQUESTED, S.ACCEPTED})
"""A department has it and has not answered."""
ANSWERED = frozenset({S.APPROVED, S.DENIED, S.DEEMED, S.MISSED})
UNDOABLE = OPEN | {S.APPROVED, S.DEEMED}
"""What has left something at a department. Who refused has nothing to undo."""
ENDED = ANSWERED | {S.STOPPED, S.COMPENSATED}
"""Nothing more will happen to it, as long as the case stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentStep:
    """What one department does for the whole. Commands are those of the catalogue, by department and name.

    ``needs`` names what the department looks at: answers of the form, materials, or what another step produces.
    ``limit_days`` are working days from its beginning; with ``deemed_consent`` silence beyond them is consent.
    """

    code: str
    name: str
    name_en: str
    organisation: str
    command: str | None = None
    """By which its department's system is told; without one its officers see it here and decide."""
    voice: Voice = Voice.REQUIRED
    depends_on: tuple[str, ...] = ()
    limit_days: int | None = None
    deemed_consent: bool = False
    supplement: str | None = None
    """The command by which it is told what the applicant supplied later."""
    compensation: str | None = None
    """The command that undoes it."""
    needs: tuple[str, ...] = ()
    produces: tuple[str, ...] = ()
    """What its department finds or makes that other steps need, by name."""
    licence_kind: str | None = None
    """The kind of licence that its approval issues."""

    @property
    def is_required(self) -> bool:
        return self.voice is Voice.REQUIRED

    @property
    def results(self) -> tuple[str, ...]:
        """Everything that others can build on: what it produces, and its licence by its kind."""
        return (*self.produces, self.licence_kind) if self.licence_kind else self.produces


@dataclass(frozen=True, slots=True, kw_only=True)
class JointPlan:
    """The steps of one item. ``decision_command`` asks the lead, the item's owner, once all answers are in.

    The time limit is the item's own, one for the whole; those of the steps do not add up to it.
    """

    steps: tuple[DepartmentStep, ...]
    decision_command: str = "decide-joint-case"

    def step(self, code: str) -> DepartmentStep | None:
        return next((step for step in self.steps if step.code == code), None)

    def begun_by(self, codes: Iterable[str]) -> tuple[str, ...]:
        """These steps and everything that depends on them, in the plan's order."""
        found = set(codes)
        for step in self.in_order():
            if found & set(step.depends_on):
                found.add(step.code)
        return tuple(step.code for step in self.steps if step.code in found)

    def before(self, code: str) -> frozenset[str]:
        """Every step that this one waits for, directly or not."""
        step = self.step(code)
        direct = frozenset(step.depends_on) if step else frozenset()
        return direct.union(*(self.before(each) for each in direct))

    def in_order(self) -> tuple[DepartmentStep, ...]:
        """Each step after those that it depends on, else as written. Raises ``CycleError``."""
        sorter = TopologicalSorter({step.code: step.depends_on for step in self.steps})
        place = {code: position for position, code in enumerate(sorter.static_order())}
        return tuple(sorted(self.steps, key=lambda step: place[step.code]))

    @property
    def commands(self) -> tuple[tuple[str, str], ...]:
        """Organisation and name of every command that the steps need."""
        return tuple(
            (step.organisation, name)
            for step in self.steps
            for name in (step.command, step.supplement, step.compensation)
            if name
        )


@dataclass(frozen=True, slots=True)
class IssuedLicence:
    """What an approval issued: the licence's kind, number and issuer."""

    kind: str
    number: str
    issuer: str


class SubCaseCommand(StrEnum):
    """What a department is told about a sub-case."""

    START = "start"
    SUPPLEMENT = "supplement"
    COMPENSATE = "compensate"


@dataclass(frozen=True, slots=True)
class SubCase:
    """Where one step stands. ``command`` is what its department was told last, for the ``attempt``-th time."""

    code: str
    state: SubCaseState = SubCaseState.WAITING
    command: SubCaseCommand | None = None
    started_at: datetime | None = None
    decided_at: datetime | None = None
    opinion: str | None = None
    reason: str | None = None
    remedy: str | None = None
    licence: IssuedLicence | None = None
    attempt: int = 0
    not_accepted: bool = False
    """The refusal was one to look at it at all (不予受理)."""
    failed: str | None = None
    """The code under which its last command failed, until it is driven again."""


@dataclass(frozen=True, slots=True)
class SubCases:
    """All sub-cases of one case, in the plan's order; every question about them has its method."""

    plan: JointPlan
    by_code: Mapping[str, SubCase] = field(default_factory=dict)

    @classmethod
    def beginning(cls, plan: JointPlan) -> SubCases:
        return cls(plan, {step.code: SubCase(step.code) for step in plan.steps})

    def __iter__(self) -> Iterator[tuple[DepartmentStep, SubCase]]:
        return ((step, self.by_code[step.code]) for step in self.plan.steps)

    def of(self, code: str) -> SubCase:
        """Raises ``KeyError`` where the plan has no such step."""
        return self.by_code[code]

    def with_sub_case(self, changed: SubCase) -> SubCases:
        return SubCases(self.plan, {**self.by_code, changed.code: changed})

    def waits_for(self, code: str) -> tuple[str, ...]:
        """The steps that a waiting one still waits for; empty when it may begin."""
        step = self.plan.step(code)
        return tuple(each for each in (step.depends_on if step else ()) if not self._allows(each))

    def startable(self) -> tuple[str, ...]:
        """What may begin now. Nothing begins any more once a required step was refused."""
        if self.refusal() is not None:
            return ()
        waiting = (code for step, sub in self if (code := step.code) and sub.state is S.WAITING)
        return tuple(code for code in waiting if not self.waits_for(code))

    def refusal(self) -> SubCase | None:
        """The refusal that refuses the whole: the first in the plan's order, not in that of arrival."""
        return next((sub for step, sub in self if step.is_required and sub.state is S.DENIED), None)

    def stopped_by_refusal(self) -> tuple[str, ...]:
        """What waits for a refused step, directly or not, and so will never begin."""
        refused = [step.code for step, sub in self if step.is_required and sub.state is S.DENIED]
        codes = set(self.plan.begun_by(refused)) - set(refused)
        return tuple(step.code for step, sub in self if step.code in codes and sub.state is S.WAITING)

    def are_received(self) -> bool:
        """Whether every department that comes first has looked at it and taken it (受理)."""
        first = [(step, sub) for step, sub in self if not step.depends_on]
        required = [(step, sub) for step, sub in first if step.is_required] or first
        return all(sub.state is S.ACCEPTED or sub.state in ANSWERED for _, sub in required)

    def missing(self) -> tuple[str, ...]:
        """The answers that the lead still waits for: required ones, and opinions whose time is not over."""
        return tuple(step.code for step, sub in self if sub.state not in ANSWERED)

    def to_compensate(self) -> tuple[str, ...]:
        """What must be undone and can be now: all that was built on it is undone before. Last steps first."""
        order = [step for step in reversed(self.plan.in_order()) if step.compensation]
        undoable = [step.code for step in order if self.of(step.code).state in UNDOABLE]
        return tuple(code for code in undoable if not self._carries(code))

    def to_stop(self) -> tuple[str, ...]:
        """At an end without a result: what was not begun, or is under way with nothing to undo."""
        return tuple(
            step.code
            for step, sub in self
            if sub.state is S.WAITING or (sub.state in OPEN and not step.compensation)
        )

    def are_settled(self) -> bool:
        """Whether every step is finished, stopped or undone."""
        return all(sub.state in ENDED for _, sub in self)

    def licences(self) -> tuple[IssuedLicence, ...]:
        """The licences in force that the steps have issued, in the plan's order."""
        return tuple(sub.licence for _, sub in self if sub.licence and sub.state is S.APPROVED)

    def _allows(self, code: str) -> bool:
        """Whether what depends on this step may go on: it agreed, or it has no more than a voice."""
        step, sub = self.plan.step(code), self.of(code)
        agreed = sub.state in {S.APPROVED, S.DEEMED}
        return agreed or (step is not None and not step.is_required and sub.state in ANSWERED)

    def _carries(self, code: str) -> bool:
        """Whether something that was built on this step stands or is being undone."""
        built = set(self.plan.begun_by([code])) - {code}
        return any(
            sub.state is S.COMPENSATING or (sub.state in UNDOABLE and step.compensation)
            for step, sub in self
            if step.code in built
        )


def plan_problems(plan: JointPlan, asked: Iterable[str]) -> Iterator[str]:
    """What must not go live, a line each with its mend. ``asked`` is what the applicant is asked for, by name."""
    codes = [step.code for step in plan.steps]
    yield from (
        f'step "{code}" is there twice. Rename one.' for code in sorted({c for c in codes if codes.count(c) > 1})
    )
    if not any(step.is_required for step in plan.steps):
        yield "no step is required, so nothing is decided jointly. Make one required."
    unknown = [
        f'step "{step.code}" depends on "{each}", which is no step. Mend `depends_on`.'
        for step in plan.steps
        for each in step.depends_on
        if each not in codes
    ]
    yield from unknown
    if unknown:
        return
    try:
        plan.in_order()
    except CycleError as error:
        yield f"the steps wait for each other in a circle: {' → '.join(error.args[1])}. Take one dependency out."
        return
    known = frozenset(asked)
    for step in plan.steps:
        yield from _step_problems(plan, step, known)


def _step_problems(plan: JointPlan, step: DepartmentStep, asked: frozenset[str]) -> Iterator[str]:
    where = f'step "{step.code}"'
    if step.limit_days is not None and step.limit_days < 1:
        yield f"{where}: a limit is at least one working day."
    if not step.is_required and step.limit_days is None:
        yield f"{where}: an opinion that may be missed has a limit. State `limit_days`."
    if step.deemed_consent and step.limit_days is None:
        yield f"{where}: consent is deemed only after a limit. State `limit_days`."
    if step.deemed_consent and step.licence_kind:
        yield f"{where}: silence issues no licence. Drop `deemed_consent` or `licence_kind`."
    if step.licence_kind and not step.compensation:
        yield f"{where}: a licence that was issued must be revocable. State `compensation`."
    makers = {name: each.code for each in plan.steps for name in each.results}
    for need in step.needs:
        maker = makers.get(need)
        if maker is None and need not in asked:
            yield f'{where} needs "{need}", which nobody is asked for and no step produces. Add or drop it.'
        if maker is not None and maker not in plan.before(step.code):
            yield f'{where} needs "{need}" of step "{maker}". Let it depend on that step.'
    for result in step.results:
        if result in asked:
            yield f'{where} produces "{result}": it must not be asked from the applicant too (ask once).'
