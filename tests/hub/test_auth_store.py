"""``auth``'s store on both databases: above all, what may happen once happens once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from auth.access_log import AccessRecord
from auth.clients import Client
from auth.keys import StoredKey
from auth.store import (
    AuthorizationCode,
    DeviceRequest,
    DeviceState,
    IdentityConflict,
    Person,
    RefreshToken,
    SignedIn,
)
from hub.people.auth_store import HubAuthStore
from hub.storage.database import Database
from hub.tables.auth import AccessRecordRow
from schema.domain.identity_document import IdentityDocument, IdentityDocumentType

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)

CODE = AuthorizationCode("code", "grant", "mobile", "c1", "citizen", "http://127.0.0.1/callback", "x" * 43, LATER)
TOKEN = RefreshToken("token", "grant", "mobile", "c1", "citizen", LATER)
DEVICE = DeviceRequest("device", "BCDFGHJK", "tv", "citizen", LATER, timedelta(seconds=5))
CLIENT = Client(
    "portal", "集易网站", "Portal", ("authorization_code",), roles=("citizen",), redirect_uris=("https://a/b",)
)


@pytest.fixture
def store(database: Database) -> HubAuthStore:
    return HubAuthStore(database)


async def _how_many_won(*attempts: Awaitable[bool]) -> int:
    return sum(await asyncio.gather(*attempts))


async def test_a_client_comes_back_as_it_was_saved(store: HubAuthStore) -> None:
    """Saving again replaces it."""
    await store.save_client(CLIENT)
    assert await store.client("portal") == CLIENT
    changed = replace(CLIENT, redirect_uris=(), secret_hash="scrypt$a$b", department="finance")
    await store.save_client(changed)
    assert await store.client("portal") == changed
    assert await store.client("nobody") is None


async def test_a_code_is_taken_first_by_one(store: HubAuthStore) -> None:
    """Others see that it was taken, and by which grant; another client sees nothing and takes nothing."""
    await store.save_authorization_code(CODE)
    assert await store.take_authorization_code("code", "tv", NOW) is None
    answers = await asyncio.gather(*(store.take_authorization_code("code", "mobile", NOW) for _ in range(6)))
    assert [answer[0] for answer in answers if answer] == [CODE] * 6
    assert sum(answer[1] for answer in answers if answer) == 1
    assert await store.take_authorization_code("unknown", "mobile", NOW) is None


async def test_a_refresh_token_is_rotated_once(store: HubAuthStore) -> None:
    """And not at all after its grant was revoked."""
    await store.save_refresh_token(TOKEN)
    assert await store.refresh_token("token") == TOKEN
    assert await _how_many_won(*(store.rotate_refresh_token("token", NOW) for _ in range(6))) == 1
    assert await store.refresh_token("token") == replace(TOKEN, rotated_at=NOW)
    await store.save_refresh_token(replace(TOKEN, token_hash="next"))
    await store.revoke_grant("grant", LATER)
    assert not await store.rotate_refresh_token("next", LATER)
    assert await store.refresh_token("next") == replace(TOKEN, token_hash="next", revoked_at=LATER)


async def test_a_device_is_decided_once_and_redeemed_once(store: HubAuthStore) -> None:
    """By whoever is first."""
    assert await store.save_device_request(DEVICE)
    assert not await store.save_device_request(replace(DEVICE, device_code_hash="other"))
    assert await store.device_request_of_user("BCDFGHJK") == DEVICE
    decide = store.decide_device_request
    decisions = (
        decide("BCDFGHJK", DeviceState.APPROVED, "c1", NOW),
        decide("BCDFGHJK", DeviceState.DENIED, "c2", NOW),
        decide("BCDFGHJK", DeviceState.APPROVED, "c3", NOW),
    )
    assert await _how_many_won(*decisions) == 1


async def test_an_approved_device_is_consumed_by_one_poll(store: HubAuthStore) -> None:
    """A pending or refused one by none; an expired one cannot be approved."""
    await store.save_device_request(DEVICE)
    assert not await store.consume_device_request("device")
    assert not await store.decide_device_request("BCDFGHJK", DeviceState.APPROVED, "c1", LATER)
    assert await store.decide_device_request("BCDFGHJK", DeviceState.APPROVED, "c1", NOW)
    assert await _how_many_won(*(store.consume_device_request("device") for _ in range(6))) == 1
    found = await store.device_request("device")
    assert found is not None
    assert (found.state, found.subject) == (DeviceState.CONSUMED, "c1")


async def test_polling_too_soon_makes_the_interval_grow(store: HubAuthStore) -> None:
    """By five seconds each time."""
    await store.save_device_request(DEVICE)
    assert not await store.poll_device_request("device", NOW)
    assert await store.poll_device_request("device", NOW + timedelta(seconds=4))
    assert await store.poll_device_request("device", NOW + timedelta(seconds=13))
    assert not await store.poll_device_request("device", NOW + timedelta(seconds=28))
    assert not await store.poll_device_request("unknown", NOW)


async def test_a_person_is_registered_once_whoever_comes_first(store: HubAuthStore) -> None:
    """Two sign-ins of one person at once are one person."""
    person = Person("c1", "11010219900307001X", "李明")
    await asyncio.gather(*(store.save_person(person, NOW) for _ in range(4)))
    assert await store.person("c1") == person
    for other in (replace(person, id="c2"), replace(person, id_number="110102198812120029")):
        with pytest.raises(IdentityConflict):
            await store.save_person(other, NOW)
    await store.grant_role("c1", "operator")
    found = await store.person_of_number("11010219900307001X")
    assert found is not None
    assert found.roles == {"citizen", "operator"}
    await store.withdraw_role("c1", "operator")
    assert await store.person("c1") == person
    await store.employ("c1", "transport")
    await store.employ("c1", "finance")
    await store.employ("c1", "finance")
    employed = replace(person, roles=frozenset({"citizen", "department-staff"}), department="finance")
    assert await store.person("c1") == employed
    await store.dismiss("c1", "finance")
    assert await store.person("c1") == person


async def test_of_two_who_claim_one_document_at_once_one_is_refused(store: HubAuthStore) -> None:
    """As a whole: whoever is refused is not registered, and none of their other documents is kept."""
    passport, one, other = (
        IdentityDocument(IdentityDocumentType.PASSPORT, number, "GBR")
        for number in ("990000105", "990000201", "990000202")
    )
    card = "911826198204170028"
    claims = (
        store.save_person(Person("c1", card, "Anna"), NOW, (one, passport)),
        store.save_person(Person("c2", "810000198809150044", "简顺心"), NOW, (passport, other)),
    )
    refused = [each for each in await asyncio.gather(*claims, return_exceptions=True) if each is not None]
    assert [type(each) for each in refused] == [IdentityConflict]
    owner = await store.person_of_number(passport.key)
    assert owner is not None
    first = owner.id == "c1"
    assert await store.person("c2" if first else "c1") is None
    assert await store.person_of_number(other.key if first else one.key) is None
    assert len(await store.documents_of(owner.id)) == 3


async def test_attempts_are_counted_exactly_when_they_come_at_once(store: HubAuthStore) -> None:
    """A limit that can be outrun is none."""
    counts = await asyncio.gather(*(store.count_attempt("key", NOW, LATER) for _ in range(12)))
    assert sorted(counts) == list(range(1, 13))
    assert await store.attempts("key", NOW) == 12
    assert await store.attempts("key", LATER) == 0


async def test_there_is_one_first_key_and_a_rotation_retires_it(store: HubAuthStore) -> None:
    """Whatever number of processes starts at once."""
    keys = [StoredKey(f"k{n}", "{}", NOW) for n in range(4)]
    await asyncio.gather(*(store.add_first_signing_key(key) for key in keys))
    (first,) = await store.signing_keys()
    await store.add_signing_key(StoredKey("next", "{}", LATER))
    assert await store.signing_keys() == (replace(first, retired_at=LATER), StoredKey("next", "{}", LATER))


async def test_sessions_come_and_go(store: HubAuthStore) -> None:
    """Times come back aware on both databases."""
    session = SignedIn("hash", "c1", NOW, NOW)
    await store.save_session(session)
    await store.touch_session("hash", LATER)
    assert await store.session("hash") == replace(session, seen_at=LATER)
    await store.end_session("hash")
    assert await store.session("hash") is None


async def test_access_is_written_row_by_row(store: HubAuthStore, database: Database) -> None:
    """One for each citizen whose data a request touched."""
    record = AccessRecord("stats", "stats", "c1", "query", ("Citizen.name",), ("transport",), NOW, "trace")
    await store.write_access([record, replace(record, subject="c2")])
    async with database.reading() as session:
        rows = (await session.exec(select(AccessRecordRow).order_by(AccessRecordRow.subject))).all()
    assert [(row.subject, row.fields, row.departments, row.at) for row in rows] == [
        ("c1", ["Citizen.name"], ["transport"], NOW),
        ("c2", ["Citizen.name"], ["transport"], NOW),
    ]


async def test_what_nothing_can_come_of_is_forgotten(store: HubAuthStore) -> None:
    """A day after it expired; what still counts stays."""
    await store.save_authorization_code(CODE)
    await store.save_refresh_token(TOKEN)
    await store.save_device_request(DEVICE)
    await store.count_attempt("key", NOW, LATER)
    await store.save_session(SignedIn("hash", "c1", NOW, NOW))
    await store.forget_expired(LATER)
    assert await store.refresh_token("token") is not None
    await store.forget_expired(LATER + timedelta(days=2))
    assert await store.take_authorization_code("code", "mobile", NOW) is None
    assert await store.refresh_token("token") is None
    assert await store.device_request("device") is None
    assert await store.attempts("key", NOW) == 0
    assert await store.session("hash") is None
