"""Joint cases for tests: a restaurant's steps, and one that is played event by event without a hub."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from schema.domain import case_flow, joint_flow
from schema.domain.case import Case, CaseActor, CaseEvent, CaseEventType, Happening
from schema.domain.case_flow import AskLead, Effect, Progress, SendSubCaseCommand
from schema.domain.joint import DepartmentStep, JointPlan, SubCases, SubCaseState, Voice

START = datetime(2026, 11, 23, tzinfo=UTC)
REFUSAL = {"decision": "denied", "reason": "no second exit", "remedy": "appeal within 60 days"}


def step(code: str, *depends_on: str, **changes: Any) -> DepartmentStep:
    given: dict[str, Any] = {
        "code": code,
        "name": code,
        "name_en": code,
        "organisation": f"110102-{code}",
        "command": "handle",
        "supplement": "supplement",
        "compensation": "undo",
        "depends_on": depends_on,
    }
    return DepartmentStep(**{**given, **changes})


RESTAURANT = JointPlan(
    steps=(
        step("business", licence_kind="business-licence"),
        step("fire", produces=("fire-report",), needs=("premises",)),
        step("food", "business", "fire", licence_kind="food-permit", needs=("business-licence", "fire-report")),
        step("tax", "business"),
        step("signboard", voice=Voice.ADVISORY, limit_days=3, deemed_consent=True, compensation=None),
    )
)


@dataclass
class Played:
    """One joint case: what was done to it, and what would have been sent."""

    plan: JointPlan = RESTAURANT
    case: Case = field(default_factory=lambda: Case("1", "JY261123-0123456789-X", "ITEM", 1, "anna"))
    events: list[CaseEvent] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    minute: int = 0

    def __post_init__(self) -> None:
        self.sub_cases = SubCases.beginning(self.plan)

    def file(self) -> Played:
        return self.take(case_flow.submit(self.case, case_flow.By("anna", self.now(), CaseActor.APPLICANT)))

    def now(self) -> datetime:
        self.minute += 1
        return START + timedelta(minutes=self.minute)

    def take(self, progress: Progress) -> Played:
        joint = joint_flow.follow(progress, self.sub_cases)
        self.case, self.sub_cases = joint.case, joint.sub_cases
        self.events += joint.progress.events
        self.effects += joint.progress.effects
        return self

    def says(self, code: str, type: str, **data: Any) -> Played:
        told = {"subCase": code, **data}
        return self.take(
            joint_flow.sub_case_said(self.case, self.sub_cases, f"jiyi.sub-case.{type}", told, self.now())
        )

    def accepts(self, *codes: str) -> Played:
        for code in codes:
            self.says(code, "accepted")
        return self

    def approves(self, *codes: str) -> Played:
        for code in codes:
            self.says(
                code, "decided", decision="approved", licence={"number": f"N-{code}", "issuerCode": "110102"}
            )
        return self

    def denies(self, code: str) -> Played:
        return self.says(code, "decided", **REFUSAL)

    def happens(self, type: CaseEventType, actor: CaseActor = CaseActor.APPLICANT, **data: Any) -> Played:
        happening = Happening(type, actor, self.now(), reason="because", data={"remedy": "appeal", **data})
        return self.take(Progress(self.case, self.case).then(happening))

    def undoes(self, *codes: str) -> Played:
        for code in codes:
            self.take(joint_flow.compensated(self.case, self.sub_cases, code, self.now()))
        return self

    def states(self) -> dict[str, SubCaseState]:
        return {code: sub_case.state for code, sub_case in self.sub_cases.by_code.items()}

    def in_state(self, *states: SubCaseState) -> tuple[str, ...]:
        return tuple(code for code, state in self.states().items() if state in states)

    def told(self) -> list[str]:
        """The commands that were sent, as ``code command``; the question to the lead is ``lead``."""
        found = []
        for effect in self.effects:
            if isinstance(effect, SendSubCaseCommand):
                found.append(f"{effect.code} {effect.command}")
            elif isinstance(effect, AskLead):
                found.append("lead")
        return found
