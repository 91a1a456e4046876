"""Files that people hand in: begun, appended to in segments, checked, used again, read by who may.

One segment is in memory at a time. Two who append at the same place cannot both: the second is told where the file
stands now. Source: docs/materials.md (art. 5, 14); domain.md, 9.15.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import case, update
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.materials.file_kinds import possible_kinds
from hub.materials.file_store import FileStore
from hub.materials.virus_scan import Scanner, ScannerUnavailable
from hub.people.who import is_own, may_read_content
from hub.storage.database import Database
from hub.tables.case import CaseRow
from hub.tables.stored_file import CaseFileRow, FileSegmentRow, StoredFileRow
from schema.domain.page import check_first
from schema.domain.stored_file import (
    ACCEPTED,
    MAXIMUM_BYTES,
    SNIFFED_BYTES,
    UNFINISHED_FOR,
    UNUSED_FOR,
    FileState,
    kind_problem,
    plain_name,
)
from schema.errors import DomainError, RuntimeCode

SEGMENT_BYTES = 1024 * 1024
MOST_HELD_BYTES = 20 * MAXIMUM_BYTES
"""All files of one person together."""
MOST_FILES = 2_000
"""Of one person, those that were refused among them."""
MOST_SEGMENTS = 1_000
"""Of one file: each is an object in the store, however small."""


class UploadConflict(Exception):
    """Somebody else appends, or the client does not know where the file stands."""


class UploadTooLarge(Exception):
    """More was sent than was announced, or than is taken."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """What a client announces."""

    name: str
    media_type: str
    size_bytes: int


class Uploads:
    """Every method is told who asks; what is another's does not exist."""

    def __init__(self, database: Database, store: FileStore, scanner: Scanner, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._scanner = scanner
        self._clock = clock

    async def begin(self, actor: Actor, file: NewFile) -> StoredFileRow:
        """Raises :class:`UploadTooLarge`; ``DomainError`` BAD_USER_INPUT for a kind that is not taken."""
        if file.size_bytes > MAXIMUM_BYTES:
            raise UploadTooLarge(f"A file has at most {MAXIMUM_BYTES} bytes.")
        if file.size_bytes < 1 or file.media_type not in ACCEPTED:
            message = kind_problem(file.media_type, ()) if file.size_bytes > 0 else "The file is empty."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message or "")
        now = self._clock.now()
        row = StoredFileRow(
            id=str(uuid4()),
            owner=actor.subject,
            name=plain_name(file.name),
            media_type=file.media_type,
            size_bytes=file.size_bytes,
            state=FileState.UPLOADING,
            created_at=now,
            changed_at=now,
        )
        async with self._database.transaction() as session:
            is_kept = col(StoredFileRow.state) != FileState.REJECTED
            sizes = func.sum(case((is_kept, col(StoredFileRow.size_bytes)), else_=0))
            held = select(func.coalesce(sizes, 0), func.count()).where(col(StoredFileRow.owner) == actor.subject)
            held_bytes, files = (await session.exec(held)).one()
            if held_bytes + file.size_bytes > MOST_HELD_BYTES or files >= MOST_FILES:
                raise DomainError(RuntimeCode.CONFLICT, "Your files take too much room. Delete some first.")
            session.add(row)
        return row

    async def own(self, actor: Actor, id: str) -> StoredFileRow | None:
        """One's own file, however much of it is there."""
        async with self._database.reading() as session:
            row = await session.get(StoredFileRow, id)
        return row if row is not None and row.owner == actor.subject else None

    async def of(self, actor: Actor, first: int = 50) -> Sequence[StoredFileRow]:
        """One's own, the newest first."""
        check_first(first)
        statement = select(StoredFileRow).where(col(StoredFileRow.owner) == actor.subject)
        ordered = statement.order_by(col(StoredFileRow.created_at).desc(), col(StoredFileRow.id)).limit(first)
        async with self._database.reading() as session:
            return (await session.exec(ordered)).all()

    async def append(self, row: StoredFileRow, offset: int, content: AsyncIterator[bytes]) -> StoredFileRow:
        """Go on at ``offset`` with what comes; what came before a break is kept.

        Raises :class:`UploadConflict`, :class:`UploadTooLarge`; ``DomainError`` BAD_USER_INPUT for a wrong kind.
        """
        if row.state != FileState.UPLOADING or offset != row.received_bytes:
            raise UploadConflict(f"The file stands at {row.received_bytes}.")
        async with self._database.reading() as session:
            segments = select(func.count()).where(col(FileSegmentRow.file_id) == row.id)
            if (await session.exec(segments)).one() >= MOST_SEGMENTS:
                raise UploadConflict("The file came in too many small pieces. Begin it again with larger ones.")
        buffer, position = bytearray(), offset
        try:
            async for chunk in content:
                if position + len(buffer) + len(chunk) > row.size_bytes:
                    raise UploadTooLarge(f"{row.size_bytes} bytes were announced; more were sent.")
                view = memoryview(chunk)
                while view:
                    taken = min(SEGMENT_BYTES - len(buffer), len(view))
                    buffer += view[:taken]
                    view = view[taken:]
                    if len(buffer) == SEGMENT_BYTES:
                        position = await self._keep(row, position, bytes(buffer))
                        buffer.clear()
        finally:
            if buffer:
                position = await self._keep(row, position, bytes(buffer))
        if position == row.size_bytes:
            await self.settle(row.id)
        async with self._database.reading() as session:
            return await session.get_one(StoredFileRow, row.id)

    async def cancel(self, actor: Actor, id: str) -> bool:
        """Delete one's own file, unless a case uses it. Whether there was one."""
        row = await self.own(actor, id)
        if row is None:
            return False
        async with self._database.reading() as session:
            used = select(CaseFileRow.case_id).where(col(CaseFileRow.file_id) == id).limit(1)
            if (await session.exec(used)).first() is not None:
                raise DomainError(
                    RuntimeCode.CONFLICT, "A case of yours uses this file; it is kept with the case."
                )
        await self._delete(id)
        return True

    async def readable(self, actor: Actor, id: str) -> StoredFileRow | None:
        """A checked file of one's own, or one in a case whose content the actor may read (art. 5, 14)."""
        async with self._database.reading() as session:
            row = await session.get(StoredFileRow, id)
            if row is None or row.state != FileState.READY:
                return None
            if is_own(actor, row.owner):
                return row
            used = select(CaseRow).join(CaseFileRow, col(CaseFileRow.case_id) == col(CaseRow.id))
            cases = (await session.exec(used.where(col(CaseFileRow.file_id) == id))).all()
        may = (may_read_content(actor, each.applicant, each.department, each.item_code) for each in cases)
        return row if any(may) else None

    async def content(self, id: str) -> AsyncIterator[bytes]:
        """The bytes of a file that the caller was allowed to read, segment by segment."""
        async with self._database.reading() as session:
            segments = await _segments(session, id)
        for each in segments:
            yield await self._store.get(each.object_name)

    async def settle(self, id: str) -> None:
        """Check what is all there: its digest, and what the scanner says. May be called again."""
        async with self._database.reading() as session:
            row = await session.get_one(StoredFileRow, id)
        if row.state not in (FileState.UPLOADING, FileState.CHECKING) or row.received_bytes != row.size_bytes:
            return
        digest = sha256()

        async def passing() -> AsyncIterator[bytes]:
            async for chunk in self.content(id):
                digest.update(chunk)
                yield chunk

        try:
            found = await self._scanner.scan(passing())
        except ScannerUnavailable:
            await self._change(id, state=FileState.CHECKING)
            return
        if found is not None:
            await self._reject(id, f"A virus was found: {found}.")
            return
        name = self._scanner.name
        await self._change(id, state=FileState.READY, sha256=digest.hexdigest(), scanned_by=name)

    async def look(self) -> int:
        """The worker's round: settle what waits for the scanner, forget what nobody needs. How many."""
        now = self._clock.now()
        state, changed = col(StoredFileRow.state), col(StoredFileRow.changed_at)
        used = select(CaseFileRow.file_id).where(col(CaseFileRow.file_id) == col(StoredFileRow.id))
        unfinished = (state == FileState.UPLOADING) & (changed < now - UNFINISHED_FOR)
        unused = (state != FileState.UPLOADING) & (changed < now - UNUSED_FOR) & ~used.exists()
        async with self._database.reading() as session:
            waiting = select(StoredFileRow.id).where(state == FileState.CHECKING).limit(20)
            checked = (await session.exec(waiting)).all()
            over = (await session.exec(select(StoredFileRow.id).where(unfinished | unused).limit(50))).all()
        for each in checked:
            await self.settle(each)
        for each in over:
            await self._delete(each)
        return len(checked) + len(over)

    async def _keep(self, row: StoredFileRow, at: int, content: bytes) -> int:
        """Keep one segment; where the file stands then."""
        if at == 0 and len(content) >= min(SNIFFED_BYTES, row.size_bytes):
            await self._check_kind(row, content[:SNIFFED_BYTES])
        elif at < SNIFFED_BYTES <= at + len(content) or at + len(content) == row.size_bytes > at > 0:
            await self._check_kind(row, (await self._beginning(row.id) + content)[:SNIFFED_BYTES])
        name, reached = f"files/{row.id}/{at:09d}-{uuid4().hex[:8]}", at + len(content)
        await self._store.put(name, content)
        async with self._database.transaction() as session:
            moved = await session.exec(
                update(StoredFileRow)
                .where(col(StoredFileRow.id) == row.id, col(StoredFileRow.received_bytes) == at)
                .values(received_bytes=reached, changed_at=self._clock.now())
                .execution_options(synchronize_session=False)
            )
            is_mine = bool(moved.rowcount)
            if is_mine:
                session.add(
                    FileSegmentRow(file_id=row.id, begins_at=at, size_bytes=len(content), object_name=name)
                )
        if not is_mine:
            await self._store.delete(name)
            raise UploadConflict("Somebody else goes on with this file. Ask where it stands.")
        return reached

    async def _beginning(self, id: str) -> bytes:
        begun = b""
        async for chunk in self.content(id):
            begun += chunk
            if len(begun) >= SNIFFED_BYTES:
                break
        return begun[:SNIFFED_BYTES]

    async def _check_kind(self, row: StoredFileRow, beginning: bytes) -> None:
        problem = kind_problem(row.media_type, possible_kinds(beginning))
        if problem is not None:
            await self._reject(row.id, problem)
            raise DomainError(RuntimeCode.BAD_USER_INPUT, problem)

    async def _reject(self, id: str, why: str) -> None:
        await self._empty(id)
        await self._change(id, state=FileState.REJECTED, rejected_why=why)

    async def _change(self, id: str, **values: object) -> None:
        async with self._database.transaction() as session:
            row = await session.get_one(StoredFileRow, id, with_for_update=True)
            for name, value in {**values, "changed_at": self._clock.now()}.items():
                setattr(row, name, value)

    async def _empty(self, id: str) -> None:
        async with self._database.reading() as session:
            segments = await _segments(session, id)
        for each in segments:
            await self._store.delete(each.object_name)
        async with self._database.transaction() as session:
            await session.exec(delete(FileSegmentRow).where(col(FileSegmentRow.file_id) == id))

    async def _delete(self, id: str) -> None:
        await self._empty(id)
        async with self._database.transaction() as session:
            row = await session.get(StoredFileRow, id)
            if row is not None:
                await session.delete(row)


async def _segments(session: AsyncSession, id: str) -> Sequence[FileSegmentRow]:
    statement = select(FileSegmentRow).where(col(FileSegmentRow.file_id) == id)
    return (await session.exec(statement.order_by(col(FileSegmentRow.begins_at)))).all()
