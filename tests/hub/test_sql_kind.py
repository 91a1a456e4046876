"""A department registers its database: the hub reads it itself, with a password that only it knows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest
import sqlalchemy

from tests.security.secret_hub import SecretHub, secret_hub
from tests.security.test_s17_registration import ALLOW, SQL
from tests.security.test_s27_connector_secrets import codes, until

pytestmark = pytest.mark.mariadb

PASSWORD, OTHER = "canary-of-the-register-1", "canary-of-the-register-2"
NAME = f"jiyi_kind_{os.getpid()}"
HYMNS = "{ organisations { code hymn } }"


def administer(*statements: str) -> None:
    engine = sqlalchemy.create_engine("mysql+pymysql://root@127.0.0.1:3306/test")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(scope="module")
def register() -> Iterator[str]:
    """A table, and an account with a password that may read it; its address without the password."""
    account = f"{NAME}@'127.0.0.1'"
    administer(
        f"DROP DATABASE IF EXISTS {NAME}",
        f"CREATE DATABASE {NAME}",
        f"CREATE TABLE {NAME}.o (code VARCHAR(40) PRIMARY KEY, hymn VARCHAR(40))",
        f"INSERT INTO {NAME}.o VALUES ('110102-GA', 'of the river')",
        f"CREATE OR REPLACE USER {account} IDENTIFIED BY '{PASSWORD}'",
        f"GRANT SELECT ON {NAME}.* TO {account}",
    )
    yield f"mysql://{NAME}@127.0.0.1:3306/{NAME}?charset=utf8mb4"
    administer(f"DROP DATABASE {NAME}", f"DROP USER {account}")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecretHub]:
    with secret_hub(tmp_path_factory.mktemp("sql")) as hub:
        yield hub


def hymn(hub: SecretHub) -> str | None:
    answer = hub.ask(HYMNS)
    found: dict[str, str | None] = {each["code"]: each["hymn"] for each in answer["data"]["organisations"]}
    return found["110102-GA"]


def test_a_database_is_read_with_its_secret_and_follows_when_it_is_exchanged(
    hub: SecretHub, register: str
) -> None:
    """The password is exchanged at both ends; what is asked meanwhile is answered or told, never broken."""
    token = hub.department("music")
    given = {"name": "music", "department": "music", "kind": "sql", "sdl": SQL, "url": register}
    refused = hub.publish(token, **given)
    assert [each["code"] for each in refused["errors"]] == ["CONNECTOR_ADDRESS_REFUSED"]
    hub.ask(ALLOW % "music", {"host": "127.0.0.1:3306"}, hub.operator())
    assert hub.publish(token, **given)["ok"]
    until(lambda: "DEPARTMENT_UNREACHABLE" in codes(hub.ask(HYMNS)))
    hub.set(token, "music", "DATABASE_PASSWORD", PASSWORD)
    until(lambda: hymn(hub) == "of the river")
    administer(f"ALTER USER {NAME}@'127.0.0.1' IDENTIFIED BY '{OTHER}'")
    hub.set(token, "music", "DATABASE_PASSWORD", OTHER)
    until(lambda: hymn(hub) == "of the river")
    administer(f"ALTER USER {NAME}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")


def test_a_whole_address_can_be_the_secret(hub: SecretHub, register: str) -> None:
    """It is looked at when it is connected to; one that may not be called is told without being quoted."""
    token = hub.department("music")
    given = {"name": "music", "department": "music", "kind": "sql", "sdl": SQL}
    assert hub.publish(token, **given)["ok"]
    hub.ask('mutation { removeConnectorSecret(name: "music", secret: "DATABASE_PASSWORD") }', token=token)
    until(lambda: codes(hub.ask(HYMNS)) == {"CONNECTOR_SECRET_MISSING"})
    hub.set(token, "music", "DATABASE_URL", register.replace("@", f":{PASSWORD}@"))
    until(lambda: hymn(hub) == "of the river")
    for inward in (
        f"postgresql://x:{PASSWORD}@127.0.0.1:5432/test",
        f"sqlite:////tmp/{PASSWORD}",
        f"://{PASSWORD}",
    ):
        hub.set(token, "music", "DATABASE_URL", inward)
        until(lambda: codes(hub.ask(HYMNS)) == {"DEPARTMENT_UNREACHABLE"})


def test_neither_answers_nor_the_log_hold_the_password(hub: SecretHub) -> None:
    """What the driver says of a refused account, or of an address that is none, goes nowhere."""
    said = "\n".join(hub.heard) + hub.log.read_text("utf-8")
    assert json.dumps("music") in said
    for canary in (PASSWORD, OTHER):
        assert canary not in said
