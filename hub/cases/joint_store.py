"""Sub-cases as rows, and the commands to their departments; all within ``case_store.record``'s transaction.

The events of the case are the truth; a row is what they say of one step, kept for reading and searching.
A department is told no more than its step needs: those answers of the form, and those results of others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.cases.case_commands import command_id, put_command
from hub.tables.sub_case import SubCaseRow
from schema.domain import joint_flow
from schema.domain.case import Case
from schema.domain.case_flow import AskLead, Progress, SendSubCaseCommand
from schema.domain.catalogue import Catalogue
from schema.domain.joint import (
    OPEN,
    DepartmentStep,
    IssuedLicence,
    JointPlan,
    SubCase,
    SubCaseCommand,
    SubCases,
    SubCaseState,
)
from schema.domain.joint_flow import Joint
from schema.domain.opinion_limit import OpinionLimit
from schema.domain.service_item import CommandText, ServiceItem


async def followed(session: AsyncSession, progress: Progress, plan: JointPlan) -> Joint:
    """The decision with all that follows from it in a joint case."""
    return joint_flow.follow(progress, await sub_cases(session, progress.case.id, plan))


async def sub_cases(session: AsyncSession, case_id: str, plan: JointPlan) -> SubCases:
    """Where the sub-cases of a case stand; as in the beginning when it has none yet."""
    return (await sub_cases_of(session, {case_id: plan}))[case_id]


async def sub_cases_of(session: AsyncSession, plans: dict[str, JointPlan]) -> dict[str, SubCases]:
    """Those of several cases, by case."""
    statement = select(SubCaseRow).where(col(SubCaseRow.case_id).in_(sorted(plans)))
    found = {case_id: SubCases.beginning(plan) for case_id, plan in plans.items()}
    for row in (await session.exec(statement)).all():
        found[row.case_id] = found[row.case_id].with_sub_case(sub_case_of(row))
    return found


async def project(
    session: AsyncSession,
    case: Case,
    after: SubCases,
    catalogue: Catalogue,
    opinions: Iterable[OpinionLimit] = (),
) -> None:
    """Write what the sub-cases have become. The case's row is locked, so nobody writes them at the same time.

    ``opinions`` are the limits of the parts, where the decision may have moved them.
    """
    due = {each.step.code: each.due_at for each in opinions if each.ended_at is None}
    statement = select(SubCaseRow).where(col(SubCaseRow.case_id) == case.id)
    rows = {row.code: row for row in (await session.exec(statement)).all()}
    for position, (step, sub_case) in enumerate(after):
        row = rows.get(step.code)
        if row is None:
            department = catalogue.department(step.organisation)
            row = SubCaseRow(
                case_id=case.id,
                code=step.code,
                position=position,
                organisation=step.organisation,
                department=department,
                state=sub_case.state,
            )
        _write(row, sub_case)
        row.due_at = due.get(step.code, row.due_at) if sub_case.state in OPEN else None
        session.add(row)


async def set_limits(session: AsyncSession, case_id: str, opinions: Iterable[OpinionLimit]) -> None:
    """Another calendar was loaded: what is open is due on another day."""
    for each in opinions:
        if each.ended_at is None:
            wanted = (col(SubCaseRow.case_id) == case_id, col(SubCaseRow.code) == each.step.code)
            await session.exec(update(SubCaseRow).where(*wanted).values(due_at=each.due_at))


@dataclass(frozen=True, slots=True)
class Told:
    """What departments are told from: the item, its form as it was filled in, and for whom."""

    catalogue: Catalogue
    item: ServiceItem
    form: Any
    applicant_id_number: str


def send(session: AsyncSession, joint: Joint, told: Told) -> None:
    """Tell the departments what they must be told. Raises ``LookupError`` for a command that is not there."""
    for effect in joint.progress.effects:
        if isinstance(effect, AskLead):
            _ask_lead(session, joint, told)
        elif isinstance(effect, SendSubCaseCommand):
            _tell(session, joint, effect, told)


def _ask_lead(session: AsyncSession, joint: Joint, told: Told) -> None:
    case, lead, name = joint.case, told.catalogue.department_of(told.item), joint.sub_cases.plan.decision_command
    command = _command(told, lead, name)
    put_command(
        session, case, f"{name}/{case.version}", command, lead or "", _question(case, joint.sub_cases), joint.at
    )


def _tell(session: AsyncSession, joint: Joint, effect: SendSubCaseCommand, told: Told) -> None:
    step = joint.sub_cases.plan.step(effect.code)
    name = _name(step, effect.command) if step else None
    if step is None or name is None:
        return
    department = told.catalogue.department(step.organisation)
    command = _command(told, department, name)
    content = _input(joint, step, effect.command, told)
    named = command_step(effect.code, effect.command, effect.attempt)
    put_command(session, joint.case, named, command, department or "", content, joint.at)


def command_step(code: str, command: SubCaseCommand, attempt: int) -> str:
    """What names a sub-case's command among those of its case."""
    return f"{command}/{code}/{attempt}"


def sub_case_of(row: SubCaseRow) -> SubCase:
    licence = None
    if row.licence_number and row.licence_issuer:
        licence = IssuedLicence(row.licence_kind or "", row.licence_number, row.licence_issuer)
    return SubCase(
        code=row.code,
        state=SubCaseState(row.state),
        command=SubCaseCommand(row.command) if row.command else None,
        started_at=row.started_at,
        decided_at=row.decided_at,
        opinion=row.opinion,
        reason=row.reason,
        remedy=row.remedy,
        licence=licence,
        attempt=row.attempt,
        not_accepted=row.not_accepted,
        failed=row.failed,
    )


def _write(row: SubCaseRow, sub_case: SubCase) -> None:
    row.state, row.command, row.attempt = sub_case.state, sub_case.command, sub_case.attempt
    row.started_at, row.decided_at, row.failed = sub_case.started_at, sub_case.decided_at, sub_case.failed
    row.opinion, row.reason, row.remedy = sub_case.opinion, sub_case.reason, sub_case.remedy
    row.not_accepted = sub_case.not_accepted
    if sub_case.command is not None:
        named = command_step(sub_case.code, sub_case.command, sub_case.attempt)
        row.command_id = command_id(row.case_id, named)
    if sub_case.licence is not None:
        row.licence_kind, row.licence_number = sub_case.licence.kind, sub_case.licence.number
        row.licence_issuer = sub_case.licence.issuer


def _name(step: DepartmentStep, command: SubCaseCommand) -> str | None:
    """The catalogue's name of the command; ``None`` where officers do this step without a system."""
    names = {
        SubCaseCommand.START: step.command,
        SubCaseCommand.SUPPLEMENT: step.supplement,
        SubCaseCommand.COMPENSATE: step.compensation,
    }
    return names[command]


def _command(told: Told, department: str | None, name: str) -> CommandText:
    command = told.catalogue.command(department, name)
    if command is None:
        raise LookupError(f'{told.item.code}: "{department}" has no command "{name}".')
    return command


def _input(joint: Joint, step: DepartmentStep, command: SubCaseCommand, told: Told) -> dict[str, Any]:
    case = joint.case
    named: dict[str, Any] = {"receiptNumber": case.receipt_number, "subCase": step.code}
    if command is SubCaseCommand.COMPENSATE:
        return {**named, "reason": case.reason or f"The case is {case.state}."}
    answers = told.form if isinstance(told.form, dict) else {}
    content = {
        **named,
        "form": {name: answers[name] for name in step.needs if name in answers},
        "materials": [each.as_data() for each in case.materials if each.code in step.needs],
    }
    if command is SubCaseCommand.SUPPLEMENT:
        return content
    if not told.applicant_id_number:
        raise LookupError(f'{case.receipt_number}: step "{step.code}" begins, but nobody says for whom.')
    return {
        **content,
        "itemCode": case.item_code,
        "applicantIdNumber": told.applicant_id_number,
        "submittedAt": case.submitted_at.isoformat() if case.submitted_at else "",
        "results": _results(step, joint.sub_cases),
    }


def _results(step: DepartmentStep, sub_cases: SubCases) -> list[dict[str, Any]]:
    """What other departments have found or issued that this one needs."""
    makers = {name: each for each in sub_cases.plan.steps for name in each.results}
    needed = {makers[name].code: makers[name] for name in step.needs if name in makers}
    return [_answer(code, sub_cases.of(code)) for code in needed]


def _question(case: Case, sub_cases: SubCases) -> dict[str, Any]:
    return {
        "receiptNumber": case.receipt_number,
        "itemCode": case.item_code,
        "opinions": [_answer(step.code, sub_case) for step, sub_case in sub_cases],
    }


def _answer(code: str, sub_case: SubCase) -> dict[str, Any]:
    licence = sub_case.licence
    return {
        "subCase": code,
        "state": sub_case.state.value,
        "opinion": sub_case.opinion or sub_case.reason,
        "licenceNumber": licence.number if licence else None,
        "licenceIssuer": licence.issuer if licence else None,
    }
