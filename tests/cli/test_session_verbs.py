"""`jiyi auth`: sign in with a phone beside the terminal, see who one is, renew, sign out here and at the hub."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.demo.browser import Browser
from hub.demo.client import HubClient
from hub.demo.residents import citizen
from hub.demo.sign_in import prove_identity
from tests.cli.conftest import OPERATOR_SECRET, Jiyi, hub_in, process_ready

pytestmark = pytest.mark.whole

OPERATOR = {"JIYI_CLIENT_ID": "operator-cli", "JIYI_CLIENT_SECRET": OPERATOR_SECRET}


@dataclass(frozen=True, slots=True)
class World:
    """A hub, and the department that knows who people are."""

    hub: str
    phone: str


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with (
        hub_in(tmp_path_factory.mktemp("hub")) as hub,
        process_ready("-m", "mocks.public_security", "--port", "0") as phone,
    ):
        command = [sys.executable, "-m", "hub.cli", "connector", "publish", "public-security"]
        environment = {**os.environ, **OPERATOR, "JIYI_HUB": hub}
        subprocess.run([*command, "--url", f"{phone}/graphql"], env=environment, check=True, capture_output=True)
        yield World(hub, phone)


def sign_in(world: World, home: Path) -> None:
    """`jiyi auth login` in a terminal, confirmed on a phone."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hub.cli", "auth", "login", "--hub", world.hub],
        env={**os.environ, "HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    first, second = process.stderr.readline(), process.stderr.readline()
    assert first.startswith(f"Open {world.hub}/")
    asyncio.run(confirm(world, second.split()[-1]))
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, f"signed in at {world.hub}\n", "")


async def confirm(world: World, address: str) -> None:
    async with HubClient(world.hub) as phone:
        browser = Browser(phone)
        page = await browser.open(address)
        page = await prove_identity(browser, phone, page, citizen(), world.phone, "never:")
        await browser.fill(page, {"decision": "approve"})


def test_a_person_signs_in_is_known_renewed_and_signs_out(jiyi: Jiyi, world: World, tmp_path: Path) -> None:
    """The session is this user's alone, ends at the hub too, and goes to no other hub."""
    sign_in(world, tmp_path)
    file = tmp_path / ".config/jiyi/session.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert jiyi("auth", "whoami").out == f"{citizen().id}\n"
    assert jiyi("auth", "whoami", "--json").data["me"] == {"id": citizen().id}

    before = json.loads(file.read_text())
    file.write_text(json.dumps({**before, "expires_at": 0}))
    assert jiyi("auth", "whoami").exit_code == 0
    renewed = json.loads(file.read_text())
    assert renewed["access_token"] != before["access_token"]

    other = world.hub.replace("127.0.0.1", "localhost")
    assert jiyi("auth", "whoami", "--hub", other).code == "UNAUTHENTICATED"

    assert jiyi("auth", "logout").out == "signed out\n"
    assert not file.exists()
    file.write_text(json.dumps({**renewed, "expires_at": 0}))
    ended = jiyi("auth", "whoami")
    assert (ended.exit_code, ended.err) == (1, "UNAUTHENTICATED: The session has ended. Run `jiyi auth login`.\n")


def test_a_service_is_no_person(jiyi: Jiyi, world: World) -> None:
    """Client credentials sign in nobody, and the hub says which role is missing."""
    ran = jiyi("auth", "whoami", JIYI_HUB=world.hub, **OPERATOR)
    assert (ran.exit_code, ran.code, ran.out) == (1, "FORBIDDEN", "")
    assert 'needs the role "citizen"' in ran.err


def test_nobody_signs_out_twice(jiyi: Jiyi) -> None:
    """It is no error, and it is said."""
    ran = jiyi("auth", "logout")
    assert (ran.exit_code, ran.out) == (0, "nobody was signed in\n")
    assert jiyi("auth", "logout", "--json").data["wasSignedIn"] is False


def test_a_session_file_that_is_none_is_told_and_can_be_left(jiyi: Jiyi, tmp_path: Path) -> None:
    """No stack trace, and a way out."""
    file = tmp_path / ".config/jiyi/session.json"
    file.parent.mkdir(parents=True)
    file.write_text("{")
    ran = jiyi("auth", "whoami")
    assert (ran.exit_code, ran.code) == (1, "SESSION_UNREADABLE")
    assert jiyi("auth", "logout").out == "signed out\n"


def test_a_sign_in_at_a_hub_that_is_away_is_told(jiyi: Jiyi, free_port: int) -> None:
    """Its address, no stack trace, nothing kept."""
    ran = jiyi("auth", "login", "--hub", f"http://127.0.0.1:{free_port}")
    assert (ran.exit_code, ran.code) == (1, "HUB_UNREACHABLE")
