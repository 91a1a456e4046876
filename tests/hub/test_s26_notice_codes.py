"""S26: what one person makes the hub send, and count, to somebody who never asked for it.

A code costs money and a stranger's peace; guessing one costs the hub a slow hash. Source: docs/notices.md.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from hub.notices import notice_addresses
from hub.notices.notice_addresses import canonical_address, mailbox_of
from schema.domain.notice_preference import NoticeChannel
from schema.errors import DomainError
from tests.hub.notice_world import CODE, PHONE, NoticeWorld
from tests.hub.world import ANNA, BO, World

SMS = NoticeChannel.SMS
ON_SQLITE = pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)


@pytest.fixture
def notices(world: World) -> NoticeWorld:
    return NoticeWorld(world)


async def codes_to_stranger(notices: NoticeWorld, hours: int, subjects: int) -> int:
    """How many reach a number that is typed in all the time, by so many persons, for so many hours."""
    for _ in range(hours):
        for number in range(subjects):
            who = replace(ANNA, subject=f"p-{number}")
            for _ in range(6):
                with suppress(DomainError):
                    await notices.addresses.add(who, SMS, PHONE)
        notices.world.clock.move(hours=1)
    return sum(notices.messages().values())


@ON_SQLITE
@pytest.mark.parametrize("subjects", [1, 3])
async def test_a_stranger_gets_ten_codes_a_day_however_many_ask(notices: NoticeWorld, subjects: int) -> None:
    """Five in an hour, ten in a day: of one person, and of several who act together."""
    assert await codes_to_stranger(notices, hours=4, subjects=subjects) == 10


def test_digits_of_another_script_are_no_number() -> None:
    """They would be counted as another number than the one that they reach."""
    with pytest.raises(DomainError):
        canonical_address(SMS, "1380013800\u0660")


@pytest.mark.parametrize("other", ["+8613800138000", "138-0013-8000", "138 0013 8000\n"])
def test_writings_of_a_number_are_one(other: str) -> None:
    """Each of them would have a limit of its own."""
    assert canonical_address(SMS, other) == PHONE


def test_writings_of_one_mailbox_are_counted_together() -> None:
    """The same of mail."""
    assert {mailbox_of(each) for each in ("Anna@x.cn", "anna+1@x.cn", "anna+2@x.cn")} == {"anna@x.cn"}
    assert mailbox_of(PHONE) == PHONE


@ON_SQLITE
async def test_only_a_code_that_is_waited_for_is_hashed(
    notices: NoticeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request holds a thousand guesses: at an address of nobody, another's or a good one they cost nothing."""
    hashed: list[str] = []
    slow = notice_addresses._hash

    def noted(code: str, address: str) -> str:
        hashed.append(address)
        return slow(code, address)

    monkeypatch.setattr(notice_addresses, "_hash", noted)
    confirmed = await notices.confirmed()
    hers = (await notices.addresses.add(ANNA, SMS, "13900139000")).id
    hashed.clear()
    assert (await notices.addresses.confirm(ANNA, confirmed, "000000")).is_confirmed
    for actor, address in ((ANNA, "none"), (BO, hers)):
        with pytest.raises(DomainError, match="no such address"):
            await notices.addresses.confirm(actor, address, CODE)
    assert hashed == []
    for _ in range(8):
        with pytest.raises(DomainError):
            await notices.addresses.confirm(ANNA, hers, "000000")
    assert hashed == [hers] * 5
