"""What a material's reference may name, and how far it is trusted.

``file:<id>`` is a checked file of the applicant's, ``shared:<id>`` a licence or register entry that was fetched
with their consent for this very material; of the other kinds nothing is looked up. Grade A comes from an issuer
alone, B from an officer who saw the original: no applicant claims either. Source: docs/materials.md (art. 5, 14);
domain.md, 9.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.cases.case_content import GivenMaterial, wrong_content
from hub.storage.pending_rows import insert_later
from hub.tables.stored_file import CaseFileRow, SharedRecordRow, StoredFileRow
from schema.domain.case import CaseEvent
from schema.domain.form_problem import FormProblem
from schema.domain.material import Trust
from schema.domain.material_reference import reference_problem
from schema.domain.shared_record import SHARED
from schema.domain.stored_file import REFERENCE, FileState


async def graded(
    session: AsyncSession, applicant: str, item_code: str, materials: Sequence[GivenMaterial], officer: str | None
) -> tuple[GivenMaterial, ...]:
    """The materials with the grades that they have. Raises ``DomainError`` with everything that is wrong."""
    files = await _files(session, applicant, _ids(materials, REFERENCE))
    records = await _records(session, applicant, _ids(materials, SHARED))
    wrong: list[str | FormProblem] = []
    found = []
    for each in materials:
        reference = each.reference or ""
        if reference.startswith(SHARED):
            record = records.get(reference.removeprefix(SHARED))
            if record is None or (record.item_code, record.material) != (item_code, each.code):
                wrong.append(
                    f'Material "{each.code}": nothing was shared for it under this reference. Share it first.'
                )
            found.append(replace(each, trust=Trust.A))
            continue
        if each.reference is not None and (problem := reference_problem(each.code, reference)):
            wrong.append(problem)
        elif reference.startswith(REFERENCE) and reference.removeprefix(REFERENCE) not in files:
            wrong.append(f'Material "{each.code}": you have no such file, or it is not checked yet.')
        if each.trust is Trust.A or (each.trust is Trust.B and officer is None):
            wrong.append(
                f'Material "{each.code}": grade {each.trust} is not claimed. Leave `trust` out, or pledge (D).'
            )
        found.append(each)
    if wrong:
        raise wrong_content(wrong)
    return tuple(found)


async def keep_references(session: AsyncSession, case_id: str, events: Sequence[CaseEvent]) -> None:
    """Note which files and records a case uses, as its events say."""
    materials = [each for event in events for each in event.data.get("materials", ())]
    references = sorted({str(each.get("reference") or "") for each in materials})
    files = [each.removeprefix(REFERENCE) for each in references if each.startswith(REFERENCE)]
    if files:
        # A new case has none yet; its row is written with these, at the transaction's end.
        known = frozenset() if events[0].version == 1 else await _used(session, case_id)
        for file in files:
            if file not in known:
                insert_later(session, CaseFileRow, {"case_id": case_id, "file_id": file})
    for each in references:
        if each.startswith(SHARED):
            row = await session.get(SharedRecordRow, each.removeprefix(SHARED), with_for_update=True)
            if row is not None:
                row.case_id = case_id


async def _used(session: AsyncSession, case_id: str) -> frozenset[str]:
    used = select(CaseFileRow.file_id).where(col(CaseFileRow.case_id) == case_id)
    return frozenset((await session.exec(used)).all())


def _ids(materials: Sequence[GivenMaterial], prefix: str) -> list[str]:
    return list(_named(materials, prefix))


def _named(materials: Sequence[GivenMaterial], prefix: str) -> Iterator[str]:
    for each in materials:
        if each.reference is not None and each.reference.startswith(prefix):
            yield each.reference.removeprefix(prefix)


async def _files(session: AsyncSession, owner: str, ids: Sequence[str]) -> frozenset[str]:
    if not ids:
        return frozenset()
    own = (col(StoredFileRow.id).in_(ids), col(StoredFileRow.owner) == owner)
    ready = select(StoredFileRow.id).where(*own, col(StoredFileRow.state) == FileState.READY)
    return frozenset((await session.exec(ready)).all())


async def _records(session: AsyncSession, owner: str, ids: Sequence[str]) -> dict[str, SharedRecordRow]:
    if not ids:
        return {}
    own = (col(SharedRecordRow.id).in_(ids), col(SharedRecordRow.owner) == owner)
    live = select(SharedRecordRow).where(*own, col(SharedRecordRow.withdrawn_at).is_(None))
    return {row.id: row for row in (await session.exec(live)).all()}
