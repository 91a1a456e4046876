"""A connector that turns bad is marked, its department is told; it is taken out where the operator wants it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.policy import default as default_policy
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jws
from joserfc.errors import BadSignatureError

from auth.keys import KeyRing
from connectors.addresses import AddressRule
from connectors.http_client import HttpClient
from hub.departments.alert_senders import SIGNATURE_HEADER, MailSender, WebhookSender
from hub.departments.alerts import WEBHOOK, Alerts, NotSent
from hub.departments.conditions import ConditionKind, Observation
from hub.departments.connector_watch import Conditions, ConnectorWatch, WatchRules
from hub.departments.department_contacts import Contact, DepartmentContacts
from hub.people.auth_store import HubAuthStore
from hub.registry.registration import ConnectorState as State
from hub.registry.registration import ConnectorVersion
from hub.registry.registry import Registry
from hub.storage.database import Database
from schema.errors import DomainError
from tests.hub.registrations import LIBRARY, OPERATOR, POLICE, names

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = MONDAY

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def registry(open_registry: Callable[..., Registry]) -> Registry:
    made = open_registry()
    await made.publish(names(), POLICE)
    return made


@asynccontextmanager
async def opened_client() -> AsyncIterator[HttpClient]:
    client = HttpClient(addresses=AddressRule(True))
    try:
        yield client
    finally:
        await client.close()


class Bench:
    """A watch over one registered connector, whose health the test sets."""

    def __init__(
        self, database: Database, registry: Registry, clock: Clock, *suspended_for: ConditionKind
    ) -> None:
        self.registry = registry
        self.clock = clock
        self.wrong: dict[tuple[str, ConditionKind], str] = {}
        self.members: Sequence[ConnectorVersion] = ()
        rules = WatchRules(frozenset(suspended_for))
        self.watch = ConnectorWatch(
            database, clock, "one", lambda: self.members, (self.observe,), registry.suspend, rules
        )
        self.conditions = Conditions(database)
        self.contacts = DepartmentContacts(database, clock, AddressRule(True), can_mail=True)
        self.alerts = Alerts(database, clock, {WEBHOOK: self.take})
        self.told: list[Any] = []

    async def observe(self, members: Sequence[ConnectorVersion]) -> Observation:
        return Observation(self.wrong, frozenset((each.name, kind) for each in members for kind in ConditionKind))

    async def take(self, url: str, event: Any) -> None:
        self.told.append((event["type"], event["subject"], event["data"].get("condition")))

    async def look(self, **wrong: str) -> None:
        """With these kinds wrong, by their names in capitals."""
        self.members = (await self.registry.live_graph()).members
        self.wrong = {("people", ConditionKind[kind]): detail for kind, detail in wrong.items()}
        await self.watch.look()
        await self.alerts.send_due()

    async def marks(self) -> list[tuple[ConditionKind, str]]:
        return [(each.kind, each.detail) for each in await self.conditions.of("people")]


async def test_what_begins_and_ends_is_told_once_each(
    database: Database, registry: Registry, clock: Clock
) -> None:
    """However often it is looked at, and by however many processes; the history has both."""
    bench = Bench(database, registry, clock)
    await bench.contacts.set(Contact("police", "http://127.0.0.1:9/hook", None), POLICE)
    await bench.look(CIRCUIT_OPEN="refused")
    other = Bench(database, registry, clock)
    await other.look(CIRCUIT_OPEN="refused again")
    await bench.look(CIRCUIT_OPEN="refused")
    assert bench.told == [("jiyi.connector.condition-begun", "people", "circuit-open")]
    assert await bench.marks() == [(ConditionKind.CIRCUIT_OPEN, "refused")]
    await bench.look()
    assert bench.told[1:] == [("jiyi.connector.condition-ended", "people", "circuit-open")]
    assert await bench.marks() == []
    told = [(event.action, event.actor) for event in await registry.history("people", POLICE)][:2]
    assert told == [("recovered", "hub"), ("went-wrong", "hub")]


async def test_a_bad_connector_is_suspended_by_rule_and_its_mark_stays(
    database: Database, registry: Registry, clock: Clock
) -> None:
    """Only for what the operator named; the reason stands in the history, and nobody takes the mark for healed."""
    bench = Bench(database, registry, clock, ConditionKind.WRONG_TYPES)
    await bench.look(DRIFT="Citizen.name is gone")
    view = await registry.get("people", OPERATOR)
    assert view is not None
    assert view.state is State.LIVE
    await bench.look(DRIFT="Citizen.name is gone", WRONG_TYPES="3 % of 200 answers")
    view = await registry.get("people", OPERATOR)
    assert view is not None
    assert view.state is State.SUSPENDED
    await bench.look()
    clock.move(minutes=10)
    await bench.look()
    assert {kind for kind, _ in await bench.marks()} == {ConditionKind.DRIFT, ConditionKind.WRONG_TYPES}
    suspended = next(event for event in await registry.history("people", POLICE) if event.action == "suspended")
    assert suspended.reason == "By rule: wrong-types. 3 % of 200 answers"


async def test_what_a_process_that_is_gone_saw_is_forgotten(
    database: Database, registry: Registry, clock: Clock
) -> None:
    """Nobody would clear it else."""
    gone = Bench(database, registry, clock)
    await gone.look(CIRCUIT_OPEN="refused")
    clock.move(minutes=3)
    other = Bench(database, registry, clock)
    await other.look()
    assert await other.marks() == []


async def test_an_alert_is_sent_until_it_is_taken_or_a_day_has_passed(
    database: Database, registry: Registry, clock: Clock
) -> None:
    """With pauses that grow; a department sees what became of it, and no other does."""
    bench = Bench(database, registry, clock)
    await bench.contacts.set(Contact("police", "http://127.0.0.1:9/hook", None), POLICE)
    async with opened_client() as client:
        keys = await KeyRing.open(HubAuthStore(database), clock.now)

        async def open_keys() -> KeyRing:
            return keys

        alerts = Alerts(database, clock, {WEBHOOK: WebhookSender(client, open_keys).send})
        assert await alerts.test("police", POLICE) == 1
        await alerts.send_due()
        await alerts.send_due()
        (waiting,) = await alerts.recent("police", POLICE)
        assert (waiting.state, waiting.attempts) == ("waiting", 1)
        assert waiting.last_error is not None
        assert "127.0.0.1" not in waiting.last_error
        for _ in range(60):
            clock.move(minutes=61)
            await alerts.send_due()
        (ended,) = await alerts.recent("police", POLICE)
        assert ended.state == "given-up"
        assert ended.attempts < 30
        assert await alerts.recent("police", LIBRARY) == ()
        with pytest.raises(DomainError, match="no address"):
            await alerts.test("library", LIBRARY)


async def test_a_webhook_is_signed_with_a_key_that_anybody_can_look_up(database: Database, clock: Clock) -> None:
    """The receiver needs the hub's JWKS and no secret; a changed body does not verify."""
    keys = await KeyRing.open(HubAuthStore(database), clock.now)

    async def open_keys() -> KeyRing:
        return keys

    taken: list[tuple[str, bytes]] = []

    async def hook(request: web.Request) -> web.Response:
        taken.append((request.headers[SIGNATURE_HEADER], await request.read()))
        return web.Response(status=204 if len(taken) == 1 else 500)

    application = web.Application()
    application.router.add_post("/hook", hook)
    event = {"specversion": "1.0", "id": "1", "type": "jiyi.alert.test", "data": {"text": "测试"}}
    async with TestServer(application) as server, opened_client() as client:
        sender = WebhookSender(client, open_keys)
        await sender.send(str(server.make_url("/hook")), event)
        with pytest.raises(NotSent, match="answered 500"):
            await sender.send(str(server.make_url("/hook")), event)
    signature, body = taken[0]
    assert jws.deserialize_compact(attached(signature, body), keys.current, algorithms=["ES256"]).payload == body
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(attached(signature, b"{}"), keys.current, algorithms=["ES256"])


def attached(signature: str, body: bytes) -> str:
    """The compact JWS of which the header has all but the content."""
    content = base64.urlsafe_b64encode(body).rstrip(b"=").decode()
    return signature.replace("..", f".{content}.")


async def test_a_mail_says_in_both_languages_what_is_wrong() -> None:
    """Chinese first; what the server refuses is tried again later."""
    event = {
        "id": "1",
        "type": "jiyi.connector.condition-begun",
        "subject": "people",
        "time": MONDAY.isoformat(),
        "data": {"condition": "drift", "detail": "Citizen.name is gone"},
    }
    said: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            said.append(line)
            if line.lower().startswith("rcpt to:<nobody@"):
                writer.write(b"550 no such address\r\n")
            elif line == "data":
                writer.write(b"354 go on\r\n")
                while (line := (await reader.readline()).decode().rstrip("\r\n")) != ".":
                    said.append(line)
                writer.write(b"250 taken\r\n")
            else:
                writer.write(b"250 ok\r\n" if line.upper() != "QUIT" else b"221 bye\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        sender = MailSender(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}", "hub@office.example")
        await sender.send("staff@office.example", event)
        with pytest.raises(NotSent, match="mail server"):
            await sender.send("nobody@office.example", event)
    head, _, text = "\n".join(said[said.index("data") + 1 :]).partition("\n\n")
    mail = message_from_string(f"{head}\n\n{text.partition('QUIT')[0]}", policy=default_policy)
    assert mail["Subject"] == "[集易 Jiyi] 连接器异常 · A connector needs your attention: people"
    written = mail.get_content()
    assert "实际模式与登记的模式不一致" in written
    assert "it serves another schema than it registered" in written
    assert "Citizen.name is gone" in written


@pytest.mark.parametrize(
    ("contact", "words"),
    [
        (Contact("police", "ftp://office.example/hook", None), "http"),
        (Contact("police", None, "nobody"), "no mail address"),
        (Contact("police", None, "a@b.example\r\nBcc: c@d.example"), "no mail address"),
    ],
)
async def test_an_address_that_cannot_be_told_anything_is_refused(
    database: Database, clock: Clock, contact: Contact, words: str
) -> None:
    """The hub calls no other schemes, and writes no other headers."""
    contacts = DepartmentContacts(database, clock, AddressRule(True), can_mail=True)
    with pytest.raises(DomainError, match=words):
        await contacts.set(contact, POLICE)


async def test_only_a_department_itself_says_where_it_is_told(database: Database, clock: Clock) -> None:
    """Somebody else's address would get what is not theirs; private addresses only where they are allowed."""
    contacts = DepartmentContacts(database, clock, AddressRule(False), can_mail=False)
    hook = Contact("police", "https://office.example/hook", None)
    with pytest.raises(DomainError, match="Only department"):
        await contacts.set(hook, LIBRARY)
    with pytest.raises(DomainError, match="private"):
        await contacts.set(Contact("police", "http://127.0.0.1/hook", None), POLICE)
    with pytest.raises(DomainError, match="sends no mail"):
        await contacts.set(Contact("police", None, "a@office.example"), POLICE)
    assert await contacts.set(hook, POLICE) == await contacts.get("police", OPERATOR) == hook
    assert await contacts.get("police", LIBRARY) is None
