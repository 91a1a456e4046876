"""The television's sign-in: a code on the screen, a person on the phone."""

from __future__ import annotations

import asyncio
import re

import pytest

from auth.attempts import TooManyAttempts
from tests.auth.world import LI_MING, WANG_FANG, World

ADDRESS = "192.0.2.7"


async def test_a_television_is_signed_in_by_a_phone(world: World) -> None:
    """Poll, confirm, poll: the flow as RFC 8628 draws it."""
    device = await world.device()
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", device["user_code"])
    assert device["verification_uri"] == f"{world.server.issuer}/device"
    assert device["verification_uri_complete"] == f"{world.server.issuer}/device?user_code={device['user_code']}"
    assert (device["expires_in"], device["interval"]) == (600, 5)
    assert (await world.poll(device)).json()["error"] == "authorization_pending"

    person = await world.begin_session()
    pending = await world.devices.pending(device["user_code"].lower().replace("-", " "), person, ADDRESS)
    assert pending is not None
    assert (pending.client.name, pending.user_code) == ("电视端", device["user_code"])
    assert await world.devices.approve(device["user_code"], person, ADDRESS)

    token = (await world.poll(device)).json()
    actor = await world.verifier.verify(token["access_token"])
    assert (actor.subject, actor.client_id) == (LI_MING.citizen_id, "tv")
    assert actor.roles == {"citizen"}
    assert "refresh_token" in token


async def test_a_device_code_is_redeemed_once(world: World) -> None:
    """Left to its defaults Authlib gives a token for every poll."""
    device = await world.device()
    person = await world.begin_session()
    await world.devices.approve(device["user_code"], person, ADDRESS)
    answers = await asyncio.gather(*(world.poll(device) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    assert (await world.poll(device)).json()["error"] == "invalid_grant"


async def test_who_polls_too_fast_is_told_to_slow_down(world: World) -> None:
    """And has to wait five seconds longer from then on."""
    device = await world.device()
    await world.poll(device)
    world.clock.move(seconds=4)
    assert (await world.poll(device)).json()["error"] == "slow_down"
    world.clock.move(seconds=6)
    assert (await world.poll(device)).json()["error"] == "slow_down"
    world.clock.move(seconds=16)
    assert (await world.poll(device)).json()["error"] == "authorization_pending"


async def test_after_ten_minutes_the_code_is_worth_nothing(world: World) -> None:
    """Neither on the phone nor on the television."""
    device = await world.device()
    person = await world.begin_session()
    world.clock.move(minutes=10)
    assert await world.devices.pending(device["user_code"], person, ADDRESS) is None
    assert not await world.devices.approve(device["user_code"], person, ADDRESS)
    assert (await world.poll(device)).json()["error"] == "expired_token"


async def test_a_refused_device_is_told_so(world: World) -> None:
    """And nobody can approve it afterwards."""
    device = await world.device()
    person = await world.begin_session()
    assert await world.devices.deny(device["user_code"], person, ADDRESS)
    assert not await world.devices.approve(device["user_code"], person, ADDRESS)
    assert (await world.poll(device)).json()["error"] == "access_denied"


async def test_the_first_person_to_confirm_has_the_device(world: World) -> None:
    """A second confirmation cannot move a television to somebody else."""
    device = await world.device()
    first, second = await world.begin_session(), await world.begin_session(WANG_FANG)
    assert await world.devices.approve(device["user_code"], first, ADDRESS)
    assert not await world.devices.approve(device["user_code"], second, ADDRESS)
    token = (await world.poll(device)).json()["access_token"]
    assert (await world.verifier.verify(token)).subject == first.id


async def test_guesses_at_codes_are_counted(world: World) -> None:
    """Five wrong ones, then even a right one must wait; the limit ends by itself."""
    device = await world.device()
    person = await world.begin_session()
    for guess in range(5):
        assert await world.devices.pending(f"BCDF-GHJ{'KLMNP'[guess]}", person, ADDRESS) is None
    with pytest.raises(TooManyAttempts):
        await world.devices.approve(device["user_code"], person, ADDRESS)
    world.clock.move(minutes=10)
    again = await world.device()
    assert await world.devices.approve(again["user_code"], person, ADDRESS)


async def test_guesses_from_one_address_are_counted_over_all_persons(world: World) -> None:
    """Whoever holds many accounts has still one address."""
    people = [await world.persons.remember(f"p{n}", f"11010219900307{n:04}", None) for n in range(5)]
    for person in people[:4]:
        for _ in range(5):
            assert await world.devices.pending("BCDF-GHJK", person, ADDRESS) is None
    with pytest.raises(TooManyAttempts):
        await world.devices.pending("BCDF-GHJK", people[4], ADDRESS)


async def test_a_device_code_belongs_to_its_client(world: World) -> None:
    """Another public client that learns the device code cannot redeem it."""
    device = await world.device()
    answer = await world.poll(device, client_id="mobile")
    assert answer.json()["error"] == "unauthorized_client"


async def test_only_clients_with_the_grant_get_device_codes(world: World) -> None:
    """The mobile application has a browser of its own."""
    answer = await world.browser.post("/oauth/device_authorization", data={"client_id": "mobile"})
    assert answer.json()["error"] == "unauthorized_client"


async def test_an_invented_device_code_is_refused(world: World) -> None:
    """With the error that the specification of token errors names."""
    assert (await world.poll({"device_code": "x" * 42})).json()["error"] == "invalid_grant"
