"""``auth``'s store over the hub's database. Each method is one transaction.

What may happen once is one conditional UPDATE: the database says who was first, on SQLite and PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import UpdateBase
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.access_log import AccessRecord
from auth.clients import Client
from auth.keys import StoredKey
from auth.roles import DEPARTMENT_STAFF
from auth.store import (
    AuthorizationCode,
    DeviceRequest,
    DeviceState,
    IdentityConflict,
    Person,
    RefreshToken,
    SignedIn,
)
from hub.keys.sealing import Sealer
from hub.keys.signing_keys import SigningKeys
from hub.people import person_documents
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent, insert_rows
from hub.storage.joined_writes import JoinedWrites
from hub.tables.auth import (
    AccessRecordRow,
    AttemptRow,
    AuthorizationCodeRow,
    DeviceRequestRow,
    OAuthClientRow,
    PersonRoleRow,
    PersonRow,
    RefreshTokenRow,
    SessionRow,
    SigningKeyRow,
)
from schema.domain.identity_document import IdentityDocument

SLOWER_BY_SECONDS = 5
SESSION_KEPT_FOR = timedelta(days=1)

_ACCESS = tuple(each.name for each in fields(AccessRecord))
_STAFF_OF = f"{DEPARTMENT_STAFF}:"
"""A granted role that names whom the person works for."""


class HubAuthStore:
    """Fulfils :class:`auth.store.AuthStore`. ``sealer`` encrypts signing keys."""

    def __init__(self, database: Database, sealer: Sealer | None = None) -> None:
        self._database = database
        self._keys = SigningKeys(database, sealer or Sealer(), SigningKeyRow)
        self._access = JoinedWrites(self._write_access)

    # clients

    async def client(self, client_id: str) -> Client | None:
        async with self._database.reading() as session:
            row = await session.get(OAuthClientRow, client_id)
        if row is None:
            return None
        lists = {name: tuple(getattr(row, name)) for name in ("redirect_uris", "grants", "scopes", "roles")}
        return Client(
            client_id=row.client_id,
            name=row.name,
            name_en=row.name_en,
            secret_hash=row.secret_hash,
            department=row.department,
            previous_secret_hash=row.previous_secret_hash,
            previous_secret_ends_at=row.previous_secret_ends_at,
            **lists,
        )

    async def save_client(self, client: Client) -> None:
        values: dict[str, Any] = asdict(client)
        values |= {name: list(it) for name, it in values.items() if isinstance(it, tuple)}
        async with self._database.transaction() as session:
            await session.merge(OAuthClientRow(**values))

    async def remove_client(self, client_id: str) -> None:
        """It gets no token any more; what it holds ends by itself."""
        async with self._database.transaction() as session:
            row = await session.get(OAuthClientRow, client_id)
            if row is not None:
                await session.delete(row)

    # grants

    async def save_authorization_code(self, code: AuthorizationCode) -> None:
        await self._add(AuthorizationCodeRow(**asdict(code)))

    async def take_authorization_code(
        self, code_hash: str, client_id: str, at: datetime
    ) -> tuple[AuthorizationCode, bool] | None:
        mine = (col(AuthorizationCodeRow.code_hash) == code_hash, col(AuthorizationCodeRow.client_id) == client_id)
        taking = update(AuthorizationCodeRow).where(*mine, col(AuthorizationCodeRow.taken_at).is_(None))
        async with self._database.transaction() as session:
            is_first = await _changed(session, taking.values(taken_at=at))
            row = (await session.exec(select(AuthorizationCodeRow).where(*mine))).one_or_none()
        return (AuthorizationCode(**_values(row, without="taken_at")), is_first) if row else None

    async def save_refresh_token(self, token: RefreshToken) -> None:
        await self._add(RefreshTokenRow(**asdict(token)))

    async def refresh_token(self, token_hash: str) -> RefreshToken | None:
        async with self._database.reading() as session:
            row = await session.get(RefreshTokenRow, token_hash)
        return RefreshToken(**_values(row)) if row else None

    async def rotate_refresh_token(self, token_hash: str, at: datetime) -> bool:
        statement = update(RefreshTokenRow).where(
            col(RefreshTokenRow.token_hash) == token_hash,
            col(RefreshTokenRow.rotated_at).is_(None),
            col(RefreshTokenRow.revoked_at).is_(None),
        )
        return await self._change(statement.values(rotated_at=at))

    async def revoke_grant(self, grant_id: str, at: datetime) -> None:
        statement = update(RefreshTokenRow).where(
            col(RefreshTokenRow.grant_id) == grant_id, col(RefreshTokenRow.revoked_at).is_(None)
        )
        await self._change(statement.values(revoked_at=at))

    # devices

    async def save_device_request(self, request: DeviceRequest) -> bool:
        values = asdict(request)
        values["state"] = request.state.value
        values["interval_seconds"] = int(values.pop("interval").total_seconds())
        try:
            await self._add(DeviceRequestRow(**values))
        except IntegrityError:  # the user code is waiting already
            return False
        return True

    async def device_request(self, device_code_hash: str) -> DeviceRequest | None:
        async with self._database.reading() as session:
            return _device(await session.get(DeviceRequestRow, device_code_hash))

    async def device_request_of_user(self, user_code: str) -> DeviceRequest | None:
        async with self._database.reading() as session:
            found = await session.exec(select(DeviceRequestRow).where(DeviceRequestRow.user_code == user_code))
            return _device(found.one_or_none())

    async def poll_device_request(self, device_code_hash: str, at: datetime) -> bool:
        async with self._database.transaction() as session:
            row = await session.get(DeviceRequestRow, device_code_hash, with_for_update=True)
            if row is None:
                return False
            wanted = timedelta(seconds=row.interval_seconds)
            is_too_soon = row.polled_at is not None and at - row.polled_at < wanted
            row.polled_at = at
            if is_too_soon:
                row.interval_seconds += SLOWER_BY_SECONDS
        return is_too_soon

    async def decide_device_request(
        self, user_code: str, state: DeviceState, subject: str | None, at: datetime
    ) -> bool:
        statement = update(DeviceRequestRow).where(
            col(DeviceRequestRow.user_code) == user_code,
            col(DeviceRequestRow.state) == DeviceState.PENDING.value,
            col(DeviceRequestRow.expires_at) > at,
        )
        return await self._change(statement.values(state=state.value, subject=subject))

    async def consume_device_request(self, device_code_hash: str) -> bool:
        statement = update(DeviceRequestRow).where(
            col(DeviceRequestRow.device_code_hash) == device_code_hash,
            col(DeviceRequestRow.state) == DeviceState.APPROVED.value,
        )
        return await self._change(statement.values(state=DeviceState.CONSUMED.value))

    # persons

    async def save_person(self, person: Person, at: datetime, documents: Iterable[IdentityDocument] = ()) -> None:
        values = {"id": person.id, "id_number": person.id_number, "name": person.name, "seen_at": at}
        async with self._database.transaction() as session:
            await insert_if_absent(session, PersonRow, values)
            row = await session.get(PersonRow, person.id, with_for_update=True)
            if row is None:
                raise IdentityConflict(f"The document of person {person.id} is another's.")
            await person_documents.keep(session, row, person.id_number, documents, at)
            row.name, row.seen_at, row.id_number = person.name, at, person.id_number

    async def person(self, subject: str) -> Person | None:
        async with self._database.reading() as session:
            return await _person(session, await session.get(PersonRow, subject))

    async def person_of_number(self, key: str) -> Person | None:
        async with self._database.reading() as session:
            return await _person(session, await person_documents.owner(session, key))

    async def documents_of(self, subject: str) -> tuple[IdentityDocument, ...]:
        async with self._database.reading() as session:
            return await person_documents.of(session, subject)

    async def grant_role(self, subject: str, role: str) -> None:
        async with self._database.transaction() as session:
            await insert_if_absent(session, PersonRoleRow, {"subject": subject, "role": role})

    async def withdraw_role(self, subject: str, role: str) -> None:
        statement = delete(PersonRoleRow).where(
            col(PersonRoleRow.subject) == subject, col(PersonRoleRow.role) == role
        )
        await self._change(statement)

    async def employ(self, subject: str, department: str) -> None:
        async with self._database.transaction() as session:
            await session.exec(
                delete(PersonRoleRow).where(
                    col(PersonRoleRow.subject) == subject, col(PersonRoleRow.role).startswith(_STAFF_OF)
                )
            )
            session.add(PersonRoleRow(subject=subject, role=_STAFF_OF + department))

    async def dismiss(self, subject: str, department: str) -> None:
        await self.withdraw_role(subject, _STAFF_OF + department)

    # sessions

    async def save_session(self, session: SignedIn) -> None:
        await self._add(SessionRow(**asdict(session)))

    async def session(self, token_hash: str) -> SignedIn | None:
        async with self._database.reading() as session:
            row = await session.get(SessionRow, token_hash)
        return SignedIn(**_values(row)) if row else None

    async def touch_session(self, token_hash: str, at: datetime) -> None:
        statement = update(SessionRow).where(col(SessionRow.token_hash) == token_hash)
        await self._change(statement.values(seen_at=at))

    async def end_session(self, token_hash: str) -> None:
        await self._change(delete(SessionRow).where(col(SessionRow.token_hash) == token_hash))

    # attempts

    async def count_attempt(self, key: str, window_began_at: datetime, ends_at: datetime) -> int:
        this = (col(AttemptRow.key) == key, col(AttemptRow.window_began_at) == window_began_at)
        values = {"key": key, "window_began_at": window_began_at, "ends_at": ends_at, "count": 0}
        async with self._database.transaction() as session:
            await insert_if_absent(session, AttemptRow, values)
            await session.exec(update(AttemptRow).where(*this).values(count=AttemptRow.count + 1))
            return (await session.exec(select(AttemptRow.count).where(*this))).one()

    async def attempts(self, key: str, window_began_at: datetime) -> int:
        async with self._database.reading() as session:
            row = await session.get(AttemptRow, (key, window_began_at))
        return row.count if row else 0

    # signing keys

    async def signing_keys(self) -> tuple[StoredKey, ...]:
        return await self._keys.signing_keys()

    async def add_signing_key(self, key: StoredKey) -> None:
        await self._keys.add_signing_key(key)

    async def add_first_signing_key(self, key: StoredKey) -> None:
        await self._keys.add_first_signing_key(key)

    # access log

    async def write_access(self, records: Sequence[AccessRecord]) -> None:
        """One event may be told to thousands at the same moment."""
        await self._access.add(records)

    async def _write_access(self, records: Sequence[AccessRecord]) -> None:
        rows = [{name: getattr(each, name) for name in _ACCESS} for each in records]
        async with self._database.apart.statement() as session:
            await insert_rows(session, {AccessRecordRow: rows})

    async def forget_expired(self, at: datetime) -> None:
        """What nothing can come of any more. The access log is kept."""
        async with self._database.transaction() as session:
            for row in (AuthorizationCodeRow, RefreshTokenRow, DeviceRequestRow):
                await session.exec(delete(row).where(col(row.expires_at) < at - SESSION_KEPT_FOR))
            await session.exec(delete(AttemptRow).where(col(AttemptRow.ends_at) < at))
            await session.exec(delete(SessionRow).where(col(SessionRow.seen_at) < at - SESSION_KEPT_FOR))

    async def _add(self, row: SQLModel) -> None:
        async with self._database.transaction() as session:
            session.add(row)

    async def _change(self, statement: UpdateBase) -> bool:
        async with self._database.transaction() as session:
            return await _changed(session, statement)


async def _changed(session: AsyncSession, statement: UpdateBase) -> bool:
    result = await session.exec(statement)
    return result.rowcount > 0


async def _person(session: AsyncSession, row: PersonRow | None) -> Person | None:
    if row is None:
        return None
    granted = (await session.exec(select(PersonRoleRow.role).where(PersonRoleRow.subject == row.id))).all()
    department = next((role.removeprefix(_STAFF_OF) for role in granted if role.startswith(_STAFF_OF)), None)
    roles = {DEPARTMENT_STAFF if role.startswith(_STAFF_OF) else role for role in granted}
    return Person(row.id, row.id_number, row.name, frozenset({"citizen", *roles}), department)


def _device(row: DeviceRequestRow | None) -> DeviceRequest | None:
    if row is None:
        return None
    values = _values(row, without="interval_seconds")
    state = DeviceState(values.pop("state"))
    return DeviceRequest(**values, state=state, interval=timedelta(seconds=row.interval_seconds))


def _values(row: SQLModel, without: str = "") -> dict[str, Any]:
    return row.model_dump(exclude={without})
