"""Which documents lead to which person. A document leads to one for ever, so nobody can take over another's.

Whose a document is, the identity department says. It names a person's documents each time; what it names no more
stays, since departments may still know the person by it (a passport that was renewed).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.store import IdentityConflict
from hub.storage.insertion import insert_if_absent
from hub.tables.auth import IdentityDocumentRow, PersonRow
from schema.domain.identity_document import IdentityDocument, IdentityDocumentType, document_of_key

_ORDER = {kind: place for place, kind in enumerate(IdentityDocumentType)}


async def keep(
    session: AsyncSession, row: PersonRow, id_number: str, documents: Iterable[IdentityDocument], at: datetime
) -> None:
    """Note a person's documents. Raises :class:`auth.store.IdentityConflict` where one is another's, or where none
    of those by which the person was known is named any more."""
    ends: dict[str, date | None] = {id_number: None}
    ends.update((each.key, each.valid_until) for each in documents)
    known = {row.id_number, *(each.key for each in await of(session, row.id))}
    if not known & ends.keys():
        raise IdentityConflict(f"Person {row.id} was known by none of the documents that are named now.")
    for key in sorted(ends):
        values = {"key": key, "person_id": row.id, "valid_until": ends[key], "seen_at": at}
        if await insert_if_absent(session, IdentityDocumentRow, values):
            continue
        kept = await session.get(IdentityDocumentRow, key, populate_existing=True)
        if kept is None or kept.person_id != row.id:
            raise IdentityConflict(f"A document of person {row.id} is another's.")
        kept.valid_until, kept.seen_at = ends[key], at


async def owner(session: AsyncSession, key: str) -> PersonRow | None:
    """Whose the document of this key is."""
    owns = select(PersonRow).join(IdentityDocumentRow, col(IdentityDocumentRow.person_id) == col(PersonRow.id))
    return (await session.exec(owns.where(IdentityDocumentRow.key == key))).one_or_none()


async def of(session: AsyncSession, subject: str) -> tuple[IdentityDocument, ...]:
    """By kind, what is good for longest first."""
    rows = await session.exec(select(IdentityDocumentRow).where(IdentityDocumentRow.person_id == subject))
    found = [(document_of_key(row.key), row.valid_until) for row in rows]
    documents = [
        IdentityDocument(each.type, each.number, each.issuing_country, valid_until)
        for each, valid_until in found
        if each is not None
    ]
    return tuple(sorted(documents, key=_place))


def _place(document: IdentityDocument) -> tuple[int, int, str]:
    last = document.valid_until or date.max
    return _ORDER[document.type], -last.toordinal(), document.key
