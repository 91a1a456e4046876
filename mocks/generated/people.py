"""The person and the enterprise behind a number: all that one says of them fits together.

The first numbers are the residents and enterprises of the demo departments, so that a mock and they agree.
Sources: GB 11643 (identity number), GB 32100 (unified social credit code), by ``mocks.identifiers``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from mocks.generated import words
from mocks.generated.draw import scrambled, unscrambled
from mocks.identifiers import credit_code_check_character, resident_check_digit
from mocks.residents import enterprises, residents

_FIRST_BIRTH = date(1985, 1, 1)
_BIRTHS = 9_100
_ORDERS = 999
_PHONES = tuple(f"1{second}{third}" for second in "35789" for third in "0123456")
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class Person:
    id_number: str
    name: str
    name_en: str
    gender: str
    birth_date: date
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class Company:
    credit_code: str
    name: str
    name_en: str
    address: str


@lru_cache(maxsize=4096)
def person(number: int, seed: int) -> Person:
    """Whom a number stands for."""
    known = residents(seed)
    if number < len(known):
        one = known[number]
        return Person(one.id_number, one.name, one.name_en, one.gender, one.birth_date, one.phone, one.address)
    mixed = scrambled(number, seed)
    rest, order = divmod(mixed, _ORDERS)
    region, day = divmod(rest, _BIRTHS)
    birth = _FIRST_BIRTH + timedelta(days=day)
    first_seventeen = f"{words.REGION_CODES[region]}{birth:%Y%m%d}{order + 1:03d}"
    name, name_en = _name(mixed)
    return Person(
        id_number=first_seventeen + resident_check_digit(first_seventeen),
        name=name,
        name_en=name_en,
        gender="MALE" if (order + 1) % 2 else "FEMALE",
        birth_date=birth,
        phone=f"{_PHONES[mixed // 10**8]}{mixed % 10**8:08d}",
        address=address(mixed),
    )


def _name(mixed: int) -> tuple[str, str]:
    rest, first = divmod(mixed, len(words.GIVEN))
    rest, second = divmod(rest, len(words.GIVEN))
    surnames, given = tuple(words.SURNAMES.items()), tuple(words.GIVEN.items())
    surname, one, two = surnames[rest % len(surnames)], given[first], given[second]
    return surname[0] + one[0] + two[0], f"{(one[1] + two[1]).capitalize()} {surname[1]}"


def address(mixed: int) -> str:
    """A postal address, for example 广州市和平区中山路17号."""
    rest, house = divmod(mixed, 300)
    rest, street = divmod(rest, len(words.STREETS))
    rest, district = divmod(rest, len(words.DISTRICTS))
    city = tuple(words.CITIES)[rest % len(words.CITIES)]
    return f"{city}{tuple(words.DISTRICTS)[district]}{tuple(words.STREETS)[street]}{house + 1}号"


def number_of_person(id_number: str, seed: int) -> int | None:
    """Whose identity number it is; ``None`` for one that no number has."""
    known = _known_people(seed).get(id_number)
    if known is not None:
        return known
    try:
        region = words.REGION_CODES.index(id_number[:6])
        day = (date.fromisoformat(id_number[6:14]) - _FIRST_BIRTH).days
        order = int(id_number[14:17]) - 1
    except ValueError:
        return None
    return unscrambled((region * _BIRTHS + day) * _ORDERS + order, seed)


def number_of_phone(phone: str, seed: int) -> int | None:
    """Whose phone number it is."""
    for number, one in enumerate(residents(seed)):
        if one.phone == phone:
            return number
    if phone[:3] in _PHONES and phone[3:].isdigit():
        return unscrambled(_PHONES.index(phone[:3]) * 10**8 + int(phone[3:]), seed)
    return None


@lru_cache(maxsize=4)
def _known_people(seed: int) -> dict[str, int]:
    return {one.id_number: number for number, one in enumerate(residents(seed))}


@lru_cache(maxsize=4096)
def company(number: int, seed: int) -> Company:
    """Which enterprise a number stands for."""
    known = enterprises(seed)
    if number < len(known):
        one = known[number]
        return Company(one.credit_code, one.name, one.name_en, one.address)
    mixed = scrambled(number, seed)
    letters, rest = "", mixed
    for _ in range(9):
        rest, digit = divmod(rest, 31)
        letters = _CREDIT_ALPHABET[digit] + letters
    first_seventeen = f"91{words.REGION_CODES[mixed % len(words.REGION_CODES)]}{letters}"
    rest, trade = divmod(mixed, len(words.TRADES))
    rest, brand = divmod(rest, len(words.BRANDS))
    city = tuple(words.CITIES.items())[rest % len(words.CITIES)]
    brands, trades = tuple(words.BRANDS.items()), tuple(words.TRADES.items())
    return Company(
        credit_code=first_seventeen + credit_code_check_character(first_seventeen),
        name=f"{city[0].removesuffix('市')}{brands[brand][0]}{trades[trade][0]}有限公司",
        name_en=f"{city[1]} {brands[brand][1]} {trades[trade][1]} Co., Ltd.",
        address=address(mixed),
    )


def number_of_company(credit_code: str, seed: int) -> int | None:
    """Whose unified social credit code it is."""
    for number, one in enumerate(enterprises(seed)):
        if one.credit_code == credit_code:
            return number
    mixed = 0
    for letter in credit_code[8:17]:
        if letter not in _CREDIT_ALPHABET:
            return None
        mixed = mixed * 31 + _CREDIT_ALPHABET.index(letter)
    return unscrambled(mixed, seed)
