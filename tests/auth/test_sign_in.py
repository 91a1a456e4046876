"""Signing in with an ID number and a one-time code."""

from __future__ import annotations

from typing import Any

import pytest

from auth.attempts import TooManyAttempts
from auth.sign_in import IdentityUnavailable, SignIn, VerifiedIdentity, safe_next
from auth.store import IdentityConflict
from schema.domain.identity_document import document_of_key, normalised
from tests.auth.world import LI_MING, WANG_FANG, World

HERE = "192.0.2.7"


async def test_a_right_code_makes_a_person(world: World) -> None:
    """As typed: with spaces and a small x. The register knows them afterwards."""
    await world.sign_in.request_code("110102 19900307 001x", HERE)
    assert world.department.asked == [LI_MING.id_number]
    person = await world.sign_in.verify("110102 19900307 001x", " 307001 ", HERE)
    assert person is not None
    assert (person.id, person.name) == (LI_MING.citizen_id, "李明")
    assert await world.persons.identity_of(person.id) == {"id": "citizen-1", "idNumber": LI_MING.id_number}
    assert await world.persons.roles_of(person.id) == {"citizen"}
    assert await world.persons.person_of_number(LI_MING.id_number) == person


@pytest.mark.parametrize("number", ["110102199001010000", "123", "", "11010219900307001Y", "' OR 1=1 --"])
async def test_unknown_and_malformed_numbers_look_like_known_ones(world: World, number: str) -> None:
    """Whoever asks learns nothing about who lives here."""
    await world.sign_in.request_code(number, HERE)
    assert await world.sign_in.verify(number, "307001", HERE) is None


@pytest.mark.parametrize("code", ["307002", "", "abc", "3070011", "１２３４５６x"])
async def test_a_wrong_code_signs_nobody_in(world: World, code: str) -> None:
    """And what cannot be a code is not even passed on."""
    assert await world.sign_in.verify(LI_MING.id_number, code, HERE) is None
    assert await world.persons.roles_of(LI_MING.citizen_id) == frozenset()
    assert all(each.isdigit() for each in world.department.verified)


async def test_codes_cannot_be_tried_one_after_the_other(world: World) -> None:
    """Ten tries for a number in ten minutes, from wherever they come; the eleventh waits even when right."""
    for number in range(10):
        assert await world.sign_in.verify(LI_MING.id_number, f"{number:06}", f"192.0.2.{number}") is None
    with pytest.raises(TooManyAttempts) as refused:
        await world.sign_in.verify(LI_MING.id_number, "307001", "192.0.2.99")
    assert 0 < refused.value.retry_after.total_seconds() <= 600
    assert len(world.department.verified) == 10
    assert await world.sign_in.verify(WANG_FANG.id_number, "812120"[:6], HERE) is None
    world.clock.move(minutes=10)
    assert await world.sign_in.verify(LI_MING.id_number, "307001", HERE) is not None


async def test_nobody_is_flooded_with_codes(world: World) -> None:
    """Five messages to one person in ten minutes, whoever asks for them."""
    for number in range(5):
        await world.sign_in.request_code(LI_MING.id_number, f"192.0.2.{number}")
    with pytest.raises(TooManyAttempts):
        await world.sign_in.request_code(LI_MING.id_number, "192.0.2.99")
    assert len(world.department.asked) == 5


async def test_one_address_cannot_go_through_all_numbers(world: World) -> None:
    """Sixty in ten minutes: enough for an office hall, too few for a search."""
    for number in range(60):
        await world.sign_in.request_code(f"11010219900307{number:04}", HERE)
    with pytest.raises(TooManyAttempts):
        await world.sign_in.request_code(LI_MING.id_number, HERE)


async def test_a_department_that_answers_for_another_person_is_not_believed(world: World) -> None:
    """Hostile or broken: the number that was typed is the number that signs in."""

    class Confused:
        async def request_one_time_code(self, id_number: str) -> None: ...

        async def verify_one_time_code(self, id_number: str, code: str) -> VerifiedIdentity | None:
            return WANG_FANG

    sign_in = SignIn(Confused(), world.persons, world.store, world.clock)
    assert await sign_in.verify(LI_MING.id_number, "307001", HERE) is None


async def test_an_identity_cannot_change_hands(world: World) -> None:
    """An id with a second number, or a number with a second id, would show one person's things to another."""
    await world.persons.remember(LI_MING.citizen_id, LI_MING.id_number, "李明")
    for citizen_id, number in (("citizen-9", LI_MING.id_number), (LI_MING.citizen_id, WANG_FANG.id_number)):
        with pytest.raises(IdentityConflict):
            await world.persons.remember(citizen_id, number, None)
    renamed = await world.persons.remember(LI_MING.citizen_id, LI_MING.id_number, "李小明")
    assert renamed.name == "李小明"


async def test_an_unreachable_department_is_said_to_be_so(world: World) -> None:
    """The page says "try again", not "wrong code"."""

    class Down:
        async def request_one_time_code(self, id_number: str) -> None:
            raise IdentityUnavailable("public-security does not answer")

        async def verify_one_time_code(self, id_number: str, code: str) -> Any:
            raise IdentityUnavailable("public-security does not answer")

    sign_in = SignIn(Down(), world.persons, world.store, world.clock)
    with pytest.raises(IdentityUnavailable):
        await sign_in.verify(LI_MING.id_number, "307001", HERE)


async def test_a_person_shows_no_name_and_no_number_in_logs(world: World) -> None:
    """Their repr ends up there sooner or later."""
    person = await world.begin_session()
    assert repr(person) == "<Person citizen-1>"


async def test_roles_may_be_granted_before_somebody_ever_signed_in(world: World) -> None:
    """By settings for the first operator, by the register for others."""
    await world.persons.grant_role(LI_MING.citizen_id, "officer")
    await world.persons.grant_role(LI_MING.citizen_id, "officer")
    assert await world.persons.roles_of(LI_MING.citizen_id) == frozenset()
    await world.begin_session()
    await world.begin_session(WANG_FANG)
    assert await world.persons.roles_of(LI_MING.citizen_id) == {"citizen", "officer"}
    assert await world.persons.roles_of(WANG_FANG.citizen_id) == {"citizen", "operator"}
    assert await world.persons.identity_of("department-finance") is None


@pytest.mark.parametrize(
    ("target", "goes"),
    [
        ("/oauth/authorize?client_id=portal", "/oauth/authorize?client_id=portal"),
        ("/", "/"),
        (None, "/"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\t/evil.example/", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_signing_in_one_stays_on_this_hub(target: str | None, goes: str) -> None:
    """An open redirect would lend our name to a stranger's page."""
    assert safe_next(target) == goes


async def test_several_documents_are_no_more_codes_and_no_more_tries(world: World) -> None:
    """Who has three documents is flooded with no more messages; and nobody is told that they are one person's."""
    documents = tuple(
        each
        for key in (WANG_FANG.id_number, "CHN-E12345678", "CHN-E12345679")
        if (each := document_of_key(key)) is not None
    )
    await world.persons.remember(WANG_FANG.citizen_id, WANG_FANG.id_number, "王芳", documents)
    for number in range(4):
        await world.sign_in.request_code("CHN-E12345678", f"192.0.2.{number}")
        await world.sign_in.request_code("CHN-E12345679", f"192.0.2.{number}")
    await world.sign_in.request_code(WANG_FANG.id_number, HERE)
    assert len(world.department.asked) == 5
    for number in range(10):
        assert await world.sign_in.verify("CHN-E12345678", f"{number:06}", f"192.0.2.{number}") is None
    assert await world.sign_in.verify(WANG_FANG.id_number, "812120", HERE) is None
    assert len(world.department.verified) == 10
    world.clock.move(minutes=10)
    await world.sign_in.request_code(WANG_FANG.id_number, HERE)
    assert world.department.asked[-1] == WANG_FANG.id_number
    assert await world.sign_in.verify(WANG_FANG.id_number, WANG_FANG.id_number[11:17], HERE) is not None


@pytest.mark.parametrize("typed", ["GBR-990000105", "gbr-990 000 105", "911826198204170028", "USA310085040301"])
async def test_any_document_that_the_department_names_signs_in(world: World, typed: str) -> None:
    """Whichever it is, the same person is in the register; what departments know them by stays the first."""
    documents = tuple(
        each
        for key in ("911826198204170028", "GBR-990000105", "USA310085040301")
        if (each := document_of_key(key)) is not None
    )
    anna = VerifiedIdentity("citizen-3", "911826198204170028", "Anna", documents)

    class Immigration:
        def __init__(self) -> None:
            self.asked: list[str] = []

        async def request_one_time_code(self, id_number: str) -> None:
            self.asked.append(id_number)

        async def verify_one_time_code(self, id_number: str, code: str) -> VerifiedIdentity | None:
            return anna

    department = Immigration()
    sign_in = SignIn(department, world.persons, world.store, world.clock)
    await sign_in.request_code(typed, HERE)
    assert department.asked == [normalised(typed)]
    person = await sign_in.verify(typed, "307001", HERE)
    assert person is not None
    assert (person.id, person.id_number) == ("citizen-3", "911826198204170028")
    assert await world.persons.keys_of(person.id) == {
        "id": {"citizen-3"},
        "idNumber": {each.key for each in documents},
    }
    assert await sign_in.verify("GBR-990000999", "307001", HERE) is None
