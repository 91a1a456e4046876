"""Seal finished cases: a package of everything, signed by the hub's key, kept as long as its result demands.

Sealing twice is harmless: whoever comes second finds the row. A case that was reopened is sealed anew.
Source: docs/materials.md, "Archive"; domain.md, 9.11.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey
from sqlmodel import col, delete, select

from auth.actor import Actor
from auth.keys import SIGNING_ALGORITHM, KeyRing
from connectors.clock import Clock
from hub.archives.reopening import is_reopened
from hub.cases import case_store
from hub.materials.file_store import FileStore
from hub.materials.uploads import SEGMENT_BYTES, Uploads
from hub.people.who import may_read_content
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.tables.case import IS_OVER, CaseEventRow, CaseRow
from hub.tables.stored_file import CaseArchiveRow, CaseFileRow, SharedRecordRow, StoredFileRow
from schema.domain.case import CaseState
from schema.domain.case_package import KEY, MANIFEST, SEAL, PackedFile, manifest
from schema.domain.destruction import DESTROYED
from schema.domain.stored_file import ACCEPTED, retained_until

AFTER = timedelta(days=1)
"""After its last event: what departments still say of it is in the package too."""
BATCH = 10
CLOCKS_DIFFER = timedelta(hours=1)
"""At most, between processes and with the time that a transaction takes."""
ALL_AGAIN = timedelta(days=1)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class CaseArchives:
    """``seal_due`` is the worker's; the rest is told who asks."""

    def __init__(
        self,
        database: Database,
        store: FileStore,
        uploads: Uploads,
        clock: Clock,
        keys: Callable[[], Awaitable[KeyRing]],
    ) -> None:
        self._database = database
        self._store = store
        self._uploads = uploads
        self._clock = clock
        self._keys = keys
        self._sealed_until = NEVER
        """All that ended before then is sealed, as far as this process has looked."""
        self._began_anew_at = NEVER

    async def seal_due(self) -> int:
        """Seal cases that ended and are not sealed; how many.

        What a look found sealed is not looked through again, however much that is, but once a day.
        """
        now = self._clock.now()
        if now - self._began_anew_at >= ALL_AGAIN:
            self._began_anew_at, self._sealed_until = now, NEVER
        until = now - AFTER
        sealed = select(CaseArchiveRow.case_id).where(
            col(CaseArchiveRow.case_id) == col(CaseRow.id), ~is_reopened()
        )
        due = select(CaseRow.id).where(
            IS_OVER,
            col(CaseRow.updated_at) >= self._sealed_until,
            col(CaseRow.updated_at) < until,
            ~sealed.exists(),
            ~col(CaseRow.applicant).startswith(DESTROYED),
        )
        async with self._database.reading() as session:
            ids = (await session.exec(due.order_by(col(CaseRow.updated_at)).limit(BATCH))).all()
        for each in ids:
            await self._seal(each)
        if len(ids) < BATCH:
            self._sealed_until = until - CLOCKS_DIFFER
        return len(ids)

    async def of_case(self, actor: Actor, case: str) -> CaseArchiveRow | None:
        """For who may read what was handed in."""
        async with self._database.reading() as session:
            row = await case_store.find(session, case)
            if row is None or not may_read_content(actor, row.applicant, row.department, row.item_code):
                return None
            return await session.get(CaseArchiveRow, row.id)

    async def content(self, row: CaseArchiveRow) -> AsyncIterator[bytes]:
        """The package, in segments."""
        for at in range(0, row.size_bytes, SEGMENT_BYTES):
            yield await self._store.get(f"{row.object_name}/{at:09d}")

    async def _seal(self, case_id: str) -> None:
        key = (await self._keys()).current
        with tempfile.TemporaryDirectory(prefix="jiyi-archive-") as folder:
            path = Path(folder) / "case.zip"
            values = await self._pack(case_id, path, key)
            name = f"archives/{case_id}/{values['sha256'][:16]}"
            await self._put(path, name)
        await self._delete_outdated(case_id)
        async with self._database.transaction() as session:
            row = {**values, "case_id": case_id, "object_name": name, "key_id": key.kid}
            await session.exec(delete(CaseArchiveRow).where(col(CaseArchiveRow.case_id) == case_id, is_reopened()))
            await insert_if_absent(session, CaseArchiveRow, row)

    async def _delete_outdated(self, case_id: str) -> None:
        """The objects of a package that was sealed before the case was reopened."""
        outdated = select(CaseArchiveRow).where(col(CaseArchiveRow.case_id) == case_id, is_reopened())
        async with self._database.reading() as session:
            row = (await session.exec(outdated)).first()
        if row is not None:
            for at in range(0, row.size_bytes, SEGMENT_BYTES):
                await self._store.delete(f"{row.object_name}/{at:09d}")

    async def _pack(self, case_id: str, path: Path, key: ECKey) -> dict[str, Any]:
        async with self._database.reading() as session:
            row = await session.get_one(CaseRow, case_id)
            events = await session.exec(
                select(CaseEventRow)
                .where(col(CaseEventRow.case_id) == case_id)
                .order_by(col(CaseEventRow.version))
            )
            happened = [each.model_dump(mode="json") for each in events.all()]
            used = select(StoredFileRow).join(CaseFileRow, col(CaseFileRow.file_id) == col(StoredFileRow.id))
            files = (await session.exec(used.where(col(CaseFileRow.case_id) == case_id))).all()
            shared = select(SharedRecordRow).where(col(SharedRecordRow.case_id) == case_id)
            records = [each.model_dump(mode="json") for each in (await session.exec(shared)).all()]
        now = self._clock.now()
        until = retained_until(CaseState(row.state), row.updated_at)
        packed: list[PackedFile] = []
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            for name, content in (
                ("case.json", row.model_dump(mode="json", exclude={"idempotency_key", "form_digest"})),
                ("events.json", happened),
                ("shared-records.json", records),
            ):
                packed.append(_write(package, name, json.dumps(content, ensure_ascii=False, indent=1).encode()))
            for file in files:
                name = f"materials/{file.id}.{ACCEPTED[file.media_type]}"
                packed.append(await _stream(package, name, self._uploads.content(file.id)))
            about = {
                "receiptNumber": row.receipt_number,
                "itemCode": row.item_code,
                "state": row.state,
                "sealedAt": now.isoformat(),
                "retainedUntil": until.isoformat(),
                "fileNames": {file.id: file.name for file in files},
            }
            listed = manifest(about, tuple(packed))
            seal = jws.serialize_compact({"alg": SIGNING_ALGORITHM, "kid": key.kid}, listed, key)
            package.writestr(MANIFEST, listed)
            package.writestr(SEAL, seal)
            package.writestr(KEY, json.dumps(key.as_dict(private=False), indent=1))
        digest = await asyncio.to_thread(_digest, path)
        return {"sealed_at": now, "retained_until": until, "sha256": digest, "size_bytes": path.stat().st_size}

    async def _put(self, path: Path, name: str) -> None:
        with path.open("rb") as file:
            at = 0
            while part := await asyncio.to_thread(file.read, SEGMENT_BYTES):
                await self._store.put(f"{name}/{at:09d}", part)
                at += len(part)


def _write(package: zipfile.ZipFile, name: str, content: bytes) -> PackedFile:
    package.writestr(name, content)
    return PackedFile(name, sha256(content).hexdigest(), len(content))


async def _stream(package: zipfile.ZipFile, name: str, content: AsyncIterator[bytes]) -> PackedFile:
    digest, size = sha256(), 0
    with package.open(name, "w") as entry:
        async for chunk in content:
            digest.update(chunk)
            size += len(chunk)
            await asyncio.to_thread(entry.write, chunk)
    return PackedFile(name, digest.hexdigest(), size)


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while part := file.read(SEGMENT_BYTES):
            digest.update(part)
    return digest.hexdigest()
