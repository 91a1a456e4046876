"""Whether a case was reopened after its package was sealed: then the package is no longer the case's.

Source: domain.md, section 3 (reopening clears end and archive dates) and 9.2.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from hub.tables.case import CaseEventRow
from hub.tables.stored_file import CaseArchiveRow
from schema.domain.case import CaseEventType


def is_reopened() -> ColumnElement[bool]:
    """Of archives in a statement: what is sealed anew when the case ends again, and never destroyed before."""
    return (
        select(CaseEventRow.version)
        .where(
            col(CaseEventRow.case_id) == col(CaseArchiveRow.case_id),
            col(CaseEventRow.type) == CaseEventType.REOPENED,
            col(CaseEventRow.at) >= col(CaseArchiveRow.sealed_at),
        )
        .exists()
    )
