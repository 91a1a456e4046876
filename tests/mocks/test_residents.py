"""The invented people: as valid as real ones, and the same wherever they are made."""

from __future__ import annotations

from datetime import date

import pytest
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_11_2

from mocks.identifiers import credit_code_check_character, masked_id_number, resident_check_digit
from mocks.residents import DEMO_RESIDENTS, RESIDENTS_FROM_ELSEWHERE, enterprises, is_known_to, residents


@pytest.mark.parametrize("seed", [1, 20110701])
def test_every_identity_number_passes_the_public_check(seed: int) -> None:
    """A hub that checks numbers must not refuse our own people."""
    for resident in residents(seed):
        assert ric.validate(resident.id_number) == resident.id_number
        assert ric.get_birth_date(resident.id_number) == resident.birth_date


@pytest.mark.parametrize("seed", [1, 20110701])
def test_every_credit_code_passes_the_public_check(seed: int) -> None:
    """The same for enterprises."""
    assert all(uscc.validate(enterprise.credit_code) for enterprise in enterprises(seed))


def test_check_characters_agree_with_published_examples() -> None:
    """GB 11643's own example ends with X; the credit code is stdnum's example."""
    assert resident_check_digit("11010519491231002") == "X"
    assert resident_check_digit("36042619910101007") == "1"
    assert credit_code_check_character("91110000600037341") == "L"


def test_numbers_of_those_from_elsewhere_are_as_valid() -> None:
    """Of a residence permit and of a permanent resident card, whose regions the public check does not know."""
    for resident in RESIDENTS_FROM_ELSEWHERE:
        assert mod_11_2.is_valid(resident.id_number)
        assert ric.get_birth_date(resident.id_number) == resident.birth_date
        assert resident not in residents()
    keys = [each.key for one in (*residents(), *RESIDENTS_FROM_ELSEWHERE) for each in one.documents]
    assert len(set(keys)) == len(keys)


def test_there_are_enough_people_and_no_number_twice() -> None:
    """Names, numbers, phones and opaque ids each name one person."""
    people = residents(7)
    assert len(people) >= 120
    assert len(enterprises(7)) >= 30
    for attribute in ("id", "id_number", "name", "phone"):
        assert len({getattr(person, attribute) for person in people}) == len(people), attribute
    assert len({enterprise.credit_code for enterprise in enterprises(7)}) == len(enterprises(7))


def test_one_seed_makes_one_population() -> None:
    """Departments agree about people because each makes them anew and gets the same."""
    residents.cache_clear()
    first = residents(3)
    residents.cache_clear()
    assert residents(3) == first
    assert residents(4) != first


def test_demo_residents_are_written_down() -> None:
    """Documents name them: they change with no seed."""
    assert [person.id_number for person in DEMO_RESIDENTS] == [
        "110102199003150026",
        "110102198605200014",
        "110102195809090044",
        "11010220011102003X",
    ]
    assert residents(1)[:4] == residents(2)[:4] == DEMO_RESIDENTS
    assert DEMO_RESIDENTS[0].id == "4ryz6ortvxiy5evx3v7ixnygyu"
    assert DEMO_RESIDENTS[0].birth_date == date(1990, 3, 15)


def test_every_enterprise_is_represented_by_a_resident() -> None:
    """Otherwise the hop from an enterprise to its representative ends nowhere."""
    numbers = {person.id_number for person in residents(5)}
    owners = [enterprise.legal_representative for enterprise in enterprises(5)]
    assert set(owners) <= numbers
    assert owners[:4] == [person.id_number for person in DEMO_RESIDENTS]


def test_departments_know_different_people() -> None:
    """Some residents have data in few departments; the demo residents in all."""
    strangers = residents(1)[4:]
    transport = {person.id for person in strangers if is_known_to("transport", person, 60)}
    civil_affairs = {person.id for person in strangers if is_known_to("civil-affairs", person, 45)}
    assert transport - civil_affairs
    assert civil_affairs - transport
    assert all(is_known_to("anyone", person, 0) for person in DEMO_RESIDENTS)


def test_numbers_are_masked_to_region_and_last_four() -> None:
    """The form in which a number may be shown."""
    assert masked_id_number("11010219900307001X") == "110102********001X"
