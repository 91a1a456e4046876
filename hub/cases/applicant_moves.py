"""What applicants do with their own cases: supplement, remind, withdraw, go on elsewhere, confirm the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from auth.actor import Actor
from hub.cases.applicant_acts import applicant_by
from hub.cases.case_content import GivenMaterial, content_problems, wrong_content
from hub.cases.case_moves import Before, CaseMoves, Decide, no_such_case
from hub.materials.material_references import graded
from hub.people.who import acts_in_case
from schema.domain import case_flow, case_handling
from schema.domain.case import Case, CaseActor, CaseState, Channel
from schema.domain.case_flow import By, Progress
from schema.domain.case_material import MaterialState
from schema.domain.form_problem import FormProblem


class ApplicantMoves:
    """Every method is for the applicant or an agent of theirs; to anybody else the case does not exist."""

    def __init__(self, moves: CaseMoves) -> None:
        self._moves = moves

    async def supplement(
        self,
        actor: Actor,
        case: str,
        changes: Mapping[str, Any],
        materials: Sequence[GivenMaterial],
        channel: Channel,
    ) -> Case:
        """Answer the notice, all of it: ``changes`` are the parts of the form that are written anew."""

        async def decide(before: Before) -> Progress:
            by = applicant_by(actor.subject, actor.agency, before.at, channel)
            merged = {**(before.row.form if isinstance(before.row.form, dict) else {}), **changes}
            if before.case.state is CaseState.SUPPLEMENT_REQUESTED:
                _check_answer(before, merged, materials, changes)
            item, whose = before.item.code, before.row.applicant
            handed = await graded(before.session, whose, item, materials, None) if materials else ()
            answer = {
                "materials": [each.as_data() for each in handed],
                "form": dict(changes),
                "formBefore": {name: before.row.form.get(name) for name in changes},
            }
            progress = case_flow.supplement(before.case, before.item, answer, by)
            before.row.form = merged
            return progress

        return await self._own(actor, case, decide)

    async def remind(self, actor: Actor, case: str, words: str | None, channel: Channel) -> Case:
        """Remind the department, at most once a day."""
        return await self._plain(actor, case, channel, lambda it, by: case_flow.remind(it.case, words, by))

    async def withdraw(self, actor: Actor, case: str, reason: str | None, channel: Channel | None = None) -> Case:
        """Take the case back before it is decided."""
        return await self._plain(actor, case, channel, lambda it, by: case_flow.withdraw(it.case, reason, by))

    async def continue_on(self, actor: Actor, case: str, channel: Channel) -> Case:
        """Go on at a window, a kiosk, on the phone, and back (art. 9)."""
        return await self._plain(actor, case, channel, lambda it, by: case_flow.continue_on(it.case, by))

    async def confirm_result(self, actor: Actor, case: str, channel: Channel) -> Case:
        """The applicant has the result in hand."""

        return await self._plain(actor, case, channel, lambda it, by: case_handling.collect_result(it.case, by))

    async def _plain(
        self, actor: Actor, case: str, channel: Channel | None, decide: Callable[[Before, By], Progress]
    ) -> Case:
        async def decided(before: Before) -> Progress:
            return decide(before, applicant_by(actor.subject, actor.agency, before.at, channel))

        return await self._own(actor, case, decided)

    async def _own(self, actor: Actor, case: str, decide: Decide) -> Case:
        async def as_applicant(before: Before) -> Progress:
            if not acts_in_case(actor, before.row.applicant, before.row.item_code):
                raise no_such_case()
            return await decide(before)

        return await self._moves.move(case, as_applicant, CaseActor.APPLICANT)


_OPEN = (MaterialState.RETURNED, MaterialState.MISSING)


def _check_answer(
    before: Before, merged: Mapping[str, Any], materials: Sequence[GivenMaterial], changes: Mapping[str, Any]
) -> None:
    """Raises :class:`DomainError` with everything that is wrong or still open."""
    wrong: list[str | FormProblem] = list(content_problems(before.item, merged, materials))
    answered = {each.code for each in materials}
    asked = [each.code for each in before.case.materials if each.state in _OPEN and each.remark is not None]
    open_codes = [code for code in asked if code not in answered]
    wrong += [f'Material "{code}" was asked for. Hand it in.' for code in open_codes]
    open_fields = [each.field for each in before.case.form_remarks if each.field not in changes]
    wrong += [f"`form.{field}` was asked for. Fill it in anew." for field in open_fields]
    if wrong:
        raise wrong_content(wrong)
