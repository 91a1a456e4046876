"""A department's credentials: made, renewed with a time for the old ones, ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from auth.actor import Actor
from connectors.clock import SystemClock
from connectors.embedded import EmbeddedBroker
from hub.departments.enrolment import Enrolment
from hub.messages.broker_accounts import AccountsUnavailable, BrokerAccount, NoAccounts, open_accounts
from hub.people.auth_store import HubAuthStore
from hub.storage.database import Database
from schema.errors import DomainError, RuntimeCode
from tests.connectors.message_fixtures import DEPARTMENT, embedded_broker

CLOCK = SystemClock()
LATER = CLOCK.now() + timedelta(hours=1)
OPERATOR = Actor("o", "operator-cli", frozenset(), frozenset({"operator"}), LATER)
ITSELF = Actor("d", "d", frozenset(), frozenset({"department"}), LATER, DEPARTMENT)
OTHER = Actor("x", "x", frozenset(), frozenset({"department"}), LATER, "transport")


class Accounts(NoAccounts):
    """RabbitMQ's side, which may be away."""

    is_away = False

    async def admit(self, department: str) -> BrokerAccount:
        if self.is_away:
            raise AccountsUnavailable("away")
        return BrokerAccount(f"department-{department}", "s3cret", ("rabbitmqctl …",))

    async def dismiss(self, department: str) -> tuple[str, ...]:
        return ("rabbitmqctl delete_user x",)


class World:
    def __init__(self, store: HubAuthStore, broker: EmbeddedBroker) -> None:
        self.store = store
        self.broker = broker
        self.accounts = Accounts()
        self.enrolment = Enrolment(store, self.accounts, broker.declare_department, CLOCK)

    async def opens(self, secret: str, after: timedelta = timedelta()) -> bool:
        client = await self.store.client(f"department-{DEPARTMENT}")
        return client is not None and client.has_secret(secret, CLOCK.now() + after)


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as closing:
        broker = await closing.enter_async_context(embedded_broker(tmp_path / "broker.db"))
        yield World(HubAuthStore(database), broker)


async def test_enrolling_makes_a_client_a_broker_user_and_the_queues(world: World) -> None:
    """With what is told here the department's agent can start at once, before anything is registered."""
    made = await world.enrolment.enrol("parks", OPERATOR)
    assert (made.client_id, made.broker.user, made.broker.password) == (
        "department-parks",
        "department-parks",
        "s3cret",
    )
    assert made.client_secret not in repr(made)
    assert "s3cret" not in repr(made)
    assert "parks.requests" in [queue.name for queue in await world.broker.statistics()]


async def test_the_secret_before_is_good_for_the_grace_that_was_given(world: World) -> None:
    """Both work while the department changes its files; then the old one ends, those before it at once."""
    first = (await world.enrolment.enrol(DEPARTMENT, OPERATOR)).client_secret
    second = (await world.enrolment.enrol(DEPARTMENT, ITSELF, timedelta(minutes=10))).client_secret
    assert await world.opens(first)
    assert await world.opens(second)
    assert not await world.opens(first, timedelta(minutes=10))
    assert await world.opens(second, timedelta(minutes=10))
    third = (await world.enrolment.enrol(DEPARTMENT, OPERATOR)).client_secret
    assert [await world.opens(secret) for secret in (first, second, third)] == [False, False, True]


@pytest.mark.parametrize("grace", [timedelta(minutes=-1), timedelta(days=31)])
async def test_a_grace_without_bounds_is_refused(world: World, grace: timedelta) -> None:
    """A stolen secret must end some day."""
    with pytest.raises(DomainError, match="0 to 43200"):
        await world.enrolment.enrol(DEPARTMENT, OPERATOR, grace)


async def test_a_department_renews_its_own_credentials_and_no_other(world: World) -> None:
    """Neither another's nor, without being an operator, an end of them."""
    for attempt in (world.enrolment.enrol(DEPARTMENT, OTHER), world.enrolment.dismiss(DEPARTMENT, ITSELF)):
        with pytest.raises(DomainError) as refusal:
            await attempt
        assert refusal.value.code == RuntimeCode.FORBIDDEN


async def test_a_broker_that_cannot_be_administered_leaves_the_old_credentials(world: World) -> None:
    """Half a change would lock the department out."""
    first = (await world.enrolment.enrol(DEPARTMENT, OPERATOR)).client_secret
    world.accounts.is_away = True
    with pytest.raises(DomainError) as refusal:
        await world.enrolment.enrol(DEPARTMENT, OPERATOR)
    assert refusal.value.code == RuntimeCode.BROKER_UNAVAILABLE
    assert await world.opens(first)


async def test_dismissing_ends_the_client(world: World) -> None:
    """What the hub may not do at RabbitMQ is told as a command."""
    secret = (await world.enrolment.enrol(DEPARTMENT, OPERATOR)).client_secret
    assert await world.enrolment.dismiss(DEPARTMENT, OPERATOR) == ("rabbitmqctl delete_user x",)
    assert not await world.opens(secret)


async def test_the_embedded_broker_needs_no_user() -> None:
    """Its door takes the access token."""
    assert await open_accounts("embedded", None, "").admit(DEPARTMENT) == BrokerAccount()


async def test_a_management_address_that_nobody_serves_is_told_without_its_password(free_port: int) -> None:
    """The text goes to whoever enrols."""
    accounts = open_accounts("amqp://mq.example/", f"http://admin:s3cret@127.0.0.1:{free_port}", "")
    with pytest.raises(AccountsUnavailable) as refusal:
        await accounts.admit(DEPARTMENT)
    assert "s3cret" not in str(refusal.value)
