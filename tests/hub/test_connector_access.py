"""Secrets and allowed hosts as every hub process sees them: one number, and what it stands for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from auth.actor import Actor
from connectors.addresses import AddressRule
from hub.departments.allowed_hosts import AllowedHosts
from hub.departments.connector_access import NO_ACCESS, ConnectorAccessReader
from hub.departments.connector_secrets import ConnectorSecrets, UnreadableSecret
from hub.keys.sealing import Sealer
from hub.storage.database import Database
from schema.errors import DomainError, RuntimeCode

NOW = datetime(2026, 11, 26, tzinfo=UTC)
KEY, OTHER_KEY = "k" * 40, "o" * 40


def actor(role: str, department: str | None = None) -> Actor:
    expires_at = NOW + timedelta(hours=1)
    return Actor(role, role, frozenset(), frozenset({role}), expires_at, department)


OPERATOR = actor("operator")
PARKS = actor("department", "parks")
LAKES = actor("department", "lakes")


def secrets_of(database: Database, key: str = KEY) -> ConnectorSecrets:
    return ConnectorSecrets(database, Sealer([key]), lambda: NOW)


async def test_each_change_is_a_new_number_and_nothing_else_is(database: Database) -> None:
    """So that looking costs nothing while nothing changes, and no change is missed, however many come at once."""
    secrets, hosts = secrets_of(database), AllowedHosts(database, lambda: NOW)
    reader, other = ConnectorAccessReader(database), ConnectorAccessReader(database)
    assert (await reader.renew()).revision == 0
    await secrets.set("parks", "API_KEY", "one", PARKS)
    first = await reader.renew()
    assert await reader.renew() is first
    await asyncio.gather(
        secrets.set("parks", "API_KEY", "two", PARKS),
        secrets.set("lakes", "API_KEY", "three", LAKES),
        hosts.allow("parks", "10.1.0.0/16", "their network", OPERATOR),
    )
    second = await reader.renew()
    assert (first.revision, second.revision) == (1, 4)
    assert (await other.renew()) == second
    assert await secrets.remove("parks", "NONE", PARKS) is False
    assert await hosts.disallow("lakes", "10.1.0.0/16", OPERATOR) is False
    assert (await reader.renew()).revision == 4


async def test_a_connector_is_given_what_its_own_department_set_for_it(database: Database) -> None:
    """Two departments may have had the same name in mind: the one that registers it has its own."""
    secrets, hosts = secrets_of(database), AllowedHosts(database, lambda: NOW)
    await secrets.set("tides", "API_KEY", "of-the-parks", PARKS)
    await secrets.set("tides", "API_KEY", "of-the-lakes", LAKES)
    await hosts.allow("lakes", "Tides.Example.:8443", "beside us", OPERATOR)
    snapshot = await ConnectorAccessReader(database).renew()
    parks, lakes = snapshot.of("parks", "tides"), snapshot.of("lakes", "tides")
    assert secrets.opened("parks", "tides", parks) == {"API_KEY": "of-the-parks"}
    assert secrets.opened("lakes", "tides", lakes) == {"API_KEY": "of-the-lakes"}
    assert parks != lakes
    assert parks.allowed == ()
    assert AddressRule(allowed=lakes.allowed).allows("10.0.0.1", "tides.example", 8443)
    assert snapshot.of("parks", "other") == NO_ACCESS
    for text in (repr(snapshot), repr(parks), str(secrets)):
        assert "of-the" not in text
        assert "sealed-1" not in text


async def test_a_secret_opens_in_no_other_connector(database: Database) -> None:
    """Whoever could write the hub's rows could else have it sent elsewhere."""
    secrets = secrets_of(database)
    await secrets.set("parks", "API_KEY", "canary", PARKS)
    access = (await ConnectorAccessReader(database).renew()).of("parks", "parks")
    for department, connector in (("lakes", "parks"), ("parks", "lakes")):
        with pytest.raises(UnreadableSecret):
            secrets.opened(department, connector, access)
    with pytest.raises(UnreadableSecret, match="API_KEY"):
        secrets_of(database, OTHER_KEY).opened("parks", "parks", access)


@pytest.mark.parametrize("name", ["api_key", "API-KEY", "1KEY", "", "A" * 64, "KEY\n"])
async def test_what_is_no_name_of_a_secret_is_refused(database: Database, name: str) -> None:
    """It has to stand in ``$env.NAME``."""
    with pytest.raises(DomainError) as caught:
        await secrets_of(database).set("parks", name, "canary", PARKS)
    assert caught.value.code == RuntimeCode.BAD_USER_INPUT
    assert "canary" not in caught.value.message
