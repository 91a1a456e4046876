"""Take out of the database what a destroyed case was: its content, its events, whose it was.

What is left names nobody: number, item, state and dates for the figures, and the fee orders, which the books need.
"""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.tables.appointment import AppointmentRow
from hub.tables.case import CaseEventRow, CaseRefusalRow, CaseRow
from hub.tables.fee import FeeOrderRow
from hub.tables.follow_up import FollowUpEventRow, FollowUpRow
from hub.tables.inspection import InspectionEventRow, InspectionRow
from hub.tables.notice import NoticeDeliveryRow
from hub.tables.rating import RatingRow
from hub.tables.stored_file import CaseArchiveRow, CaseFileRow, SharedRecordRow
from hub.tables.sub_case import SubCaseRow
from hub.tables.supervision import NoticeRow
from schema.domain.destruction import DESTROYED


async def wipe_case(session: AsyncSession, case_id: str) -> None:
    """Wiping again changes nothing. Files of the case are forgotten with the other unused ones."""
    gone = f"{DESTROYED}{case_id}"
    inspections = select(InspectionRow.id).where(col(InspectionRow.case_id) == case_id)
    follow_ups = select(FollowUpRow.id).where(col(FollowUpRow.about_id) == case_id)
    await session.exec(delete(InspectionEventRow).where(col(InspectionEventRow.inspection_id).in_(inspections)))
    await session.exec(delete(FollowUpEventRow).where(col(FollowUpEventRow.follow_up_id).in_(follow_ups)))
    notices = select(NoticeRow.id).where(col(NoticeRow.case_id) == case_id)
    await session.exec(delete(NoticeDeliveryRow).where(col(NoticeDeliveryRow.notice_id).in_(notices)))
    for table in _OF_THE_CASE:
        here = SQLModel.metadata.tables[str(table.__tablename__)].c.case_id
        await session.exec(delete(table).where(here == case_id))
    said = {"comment": None, "finding": None, "outcome": None, "reply": None, "malicious_why": None}
    await session.exec(
        update(FollowUpRow).where(col(FollowUpRow.about_id) == case_id).values(**said, rater=gone, handled_by=[])
    )
    await session.exec(update(RatingRow).where(col(RatingRow.case_id) == case_id).values(comment=None))
    wiped = {"reason": None, "remedy": None, "licence_number": None, "failed": None}
    await session.exec(update(SubCaseRow).where(col(SubCaseRow.case_id) == case_id).values(**wiped))
    await session.exec(update(AppointmentRow).where(col(AppointmentRow.case_id) == case_id).values(case_id=None))
    await session.exec(update(FeeOrderRow).where(col(FeeOrderRow.case_id) == case_id).values(applicant=gone))
    nobody = {"handler": None, "first_inquiry": None, "idempotency_key": None, "clock_at": None}
    content: dict[str, object] = {
        "form": {},
        "form_digest": "",
        "facts": {},
        "reason": None,
        "remedy": None,
        "licence_number": None,
    }
    await session.exec(
        update(CaseRow).where(col(CaseRow.id) == case_id).values(applicant=gone, **nobody, **content)
    )


_OF_THE_CASE: tuple[type[SQLModel], ...] = (
    SharedRecordRow,
    CaseFileRow,
    CaseArchiveRow,
    CaseEventRow,
    CaseRefusalRow,
    NoticeRow,
    InspectionRow,
)
"""Tables whose rows of a case go as a whole."""
