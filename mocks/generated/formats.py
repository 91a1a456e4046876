"""Kinds of value: how each is made of an object's number and, where it names the object, read back to it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mocks.generated import words
from mocks.generated.draw import SPACE, chance, digest, pick, scrambled, unscrambled
from mocks.generated.people import (
    company,
    number_of_company,
    number_of_person,
    number_of_phone,
    person,
)

TODAY = date(2026, 11, 23)
"""A fixed day: dates of a mock are the same for ever."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What a value is made of. ``salt`` tells values of one field apart: its arguments, the place in a list."""

    seed: int
    number: int
    type_name: str
    field_name: str
    salt: str = ""

    @property
    def identity(self) -> int:
        """The object's number; another one, not far away, for each salt."""
        return (self.number ^ digest(self.salt) % 512) if self.salt else self.number

    @property
    def label(self) -> int:
        """A number to tell names apart, short enough to be read."""
        return self.identity % 1_000_000 + 1

    @property
    def parts(self) -> tuple[Any, ...]:
        return (self.seed, self.number, self.field_name, self.salt)


@dataclass(frozen=True, slots=True)
class Format:
    """``number_of`` leads from a value back to the object's number; ``None`` where several objects share values.

    ``is_number``: made for Int and Float.
    """

    name: str
    make: Callable[[Draw], Any]
    number_of: Callable[[Any, int], int | None] | None = None
    is_number: bool = False

    @property
    def is_identifier(self) -> bool:
        """Whether it is there to tell objects apart, so that none is without; names only happen to differ."""
        return self.number_of is not None and self.number_of is not _short_number


_WITH_NUMBER = re.compile(r"(?:.*[^0-9])?(\d{6,10})\Z", re.DOTALL)
_WITH_SHORT_NUMBER = re.compile(r".* (\d{1,10})\Z", re.DOTALL)


def kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_+", "-", name.strip("_")).lower()


def _read(pattern: re.Pattern[str], value: Any, offset: int) -> int | None:
    found = pattern.match(str(value))
    number = int(found[1]) - offset if found else -1
    return number if 0 <= number < SPACE else None


def _counted(value: Any, _seed: int) -> int | None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    text = str(value)
    number = value if is_whole else int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
    return number - 1 if 0 < number <= SPACE else None


def _uuid(draw: Draw) -> str:
    mixed = scrambled(draw.identity, draw.seed)
    return str(uuid.UUID(int=mixed << 96 | digest("uuid", draw.seed, mixed), version=4))


def _number_of_uuid(value: Any, seed: int) -> int | None:
    try:
        mixed = uuid.UUID(str(value)).int >> 96
    except ValueError:
        return None
    return unscrambled(mixed, seed) if mixed < SPACE else None


def _ean(draw: Draw) -> str:
    """A GTIN-13 (books: 978), whose last digit checks the others."""
    twelve = f"{'97' if draw.field_name.lower().startswith('isbn') else '69'}{draw.identity:010d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return twelve + str(-total % 10)


def _number_of_ean(value: Any, _seed: int) -> int | None:
    text = str(value)
    return int(text[2:12]) if len(text) == 13 and text.isdigit() and int(text[2:12]) < SPACE else None


def _bank_card(draw: Draw) -> str:
    """A card number whose last digit is that of Luhn."""
    body = f"62220{scrambled(draw.identity, draw.seed):010d}"
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def _mailbox(draw: Draw) -> str:
    one = person(draw.identity, draw.seed)
    given, _, surname = one.name_en.lower().replace("'", "").replace(" road", "").partition(" ")
    return f"{given}.{surname.replace(' ', '')}.{draw.identity + 1:06d}@example.com"


def _plate(draw: Draw) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
    rest, text = scrambled(draw.identity, draw.seed), ""
    for _ in range(5):
        rest, place = divmod(rest, len(letters))
        text = letters[place] + text
    return "京沪粤浙苏川鄂陕鲁闽"[rest % 10] + "A" + text


def _instant(draw: Draw) -> datetime:
    days, seconds = digest(*draw.parts) % 720, digest("seconds", *draw.parts) % 86_400
    ahead = any(word in draw.field_name.lower() for word in _AHEAD)
    day = TODAY + timedelta(days=days + 1) if ahead else TODAY - timedelta(days=days + 1)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds)


_AHEAD = ("until", "expire", "expiry", "due", "deadline", "validto", "next", "estimated", "end")


def _day(draw: Draw) -> str:
    return _instant(draw).date().isoformat()


def _moment(draw: Draw) -> str:
    return _instant(draw).isoformat().replace("+00:00", "Z")


def _between(low: int, high: int) -> Callable[[Draw], int]:
    return lambda draw: low + digest(*draw.parts) % (high - low + 1)


def _fraction(low: float, high: float, places: int) -> Callable[[Draw], float]:
    return lambda draw: round(low + chance(*draw.parts) * (high - low), places)


def _word(table: dict[str, str], *, english: bool = False) -> Callable[[Draw], str]:
    options = tuple(table.values()) if english else tuple(table)
    return lambda draw: options[scrambled(draw.identity, draw.seed) % len(options)]


def _two_words(one: dict[str, str], two: dict[str, str], *, english: bool = False) -> Callable[[Draw], str]:
    """Both words and a model number: no two objects have the same name."""
    first = tuple(one.values()) if english else tuple(one)
    second = tuple(two.values()) if english else tuple(two)

    def make(draw: Draw) -> str:
        rest, place = divmod(draw.identity, len(first))
        name = first[place] + (" " if english else "") + second[(rest + place) % len(second)]
        return f"{name} {draw.label}"

    return make


def _titled(table: dict[str, str], *, english: bool = False) -> Callable[[Draw], str]:
    word = _word(table, english=english)
    return lambda draw: f"{word(draw)} {draw.label}"


def _short_number(value: Any, _seed: int) -> int | None:
    return _read(_WITH_SHORT_NUMBER, value, 1)


def _long_number(value: Any, _seed: int) -> int | None:
    return _read(_WITH_NUMBER, value, 1)


def _who(get: Callable[[Any], Any]) -> Callable[[Draw], Any]:
    return lambda draw: get(person(draw.identity, draw.seed))


def _which(get: Callable[[Any], Any]) -> Callable[[Draw], Any]:
    return lambda draw: get(company(draw.identity, draw.seed))


def _age(draw: Draw) -> int:
    birth = person(draw.identity, draw.seed).birth_date
    return TODAY.year - birth.year - ((TODAY.month, TODAY.day) < (birth.month, birth.day))


def _region(draw: Draw) -> str:
    return person(draw.identity, draw.seed).id_number[:6]


def _slug(draw: Draw) -> str:
    return (
        f"{kebab(draw.field_name if draw.field_name.lower() != 'id' else draw.type_name)}-{draw.identity + 1:06d}"
    )


def _url(draw: Draw) -> str:
    return f"https://www.example.com/{kebab(draw.type_name)}/{draw.identity + 1:06d}"


def _image(draw: Draw) -> str:
    return f"https://www.example.com/{kebab(draw.type_name)}/{kebab(draw.field_name)}-{draw.identity + 1:06d}.png"


IDENTIFIER = Format("identifier", lambda d: f"{kebab(d.type_name)}-{d.identity + 1:06d}", _long_number)
COUNTER = Format("counter", lambda d: d.identity + 1, _counted, is_number=True)
COUNTER_TEXT = Format("counter text", lambda d: str(d.identity + 1), _counted)
CODE = Format("code", _slug, _long_number)
NUMBER = Format("number", lambda d: f"{kebab(d.type_name)[:2].upper():X<2}2026{d.identity + 1:010d}",
                lambda value, _: _read(re.compile(r".{2}2026(\d{10})\Z"), value, 1))  # fmt: skip
TEXT = Format("text", lambda d: f"{kebab(d.field_name).replace('-', ' ')} {d.label}", _short_number)
UUID = Format("uuid", _uuid, _number_of_uuid)
EAN = Format("gtin", _ean, _number_of_ean)
ID_NUMBER = Format("id number", _who(lambda one: one.id_number), lambda v, seed: number_of_person(str(v), seed))
CREDIT_CODE = Format("credit code", _which(lambda o: o.credit_code), lambda v, s: number_of_company(str(v), s))
PHONE = Format("phone", _who(lambda one: one.phone), lambda value, seed: number_of_phone(str(value), seed))
EMAIL = Format("email", _mailbox,
               lambda value, _: _read(re.compile(r".*\.(\d{6,10})@example\.com\Z"), value, 1))  # fmt: skip
PERSON_NAME = Format("person name", _who(lambda one: one.name))
PERSON_NAME_EN = Format("English person name", _who(lambda one: one.name_en))
COMPANY_NAME = Format("company name", _which(lambda one: one.name))
COMPANY_NAME_EN = Format("English company name", _which(lambda one: one.name_en))
OFFICE_NAME = Format("office name", lambda d: words_of_office(d, english=False))
OFFICE_NAME_EN = Format("English office name", lambda d: words_of_office(d, english=True))
PRODUCT_NAME = Format("product name", _two_words(words.QUALITIES, words.THINGS), _short_number)
PRODUCT_NAME_EN = Format(
    "English product name", _two_words(words.QUALITIES, words.THINGS, english=True), _short_number
)
TITLE = Format("title", _titled(words.TITLES), _short_number)
TITLE_EN = Format("English title", _titled(words.TITLES, english=True), _short_number)
FAMILY_NAME_EN = Format("English family name", _who(lambda one: one.name_en.partition(" ")[2]))
GIVEN_NAME_EN = Format("English given name", _who(lambda one: one.name_en.partition(" ")[0]))
USER_NAME = Format("user name", lambda d: f"user{d.identity + 1:06d}", _long_number)
GENDER = Format("gender", _who(lambda one: one.gender))
BIRTH_DATE = Format("birth date", _who(lambda one: one.birth_date.isoformat()))
AGE = Format("age", _age, is_number=True)
ADDRESS = Format("address", _who(lambda one: one.address))
COMPANY_ADDRESS = Format("company address", _which(lambda one: one.address))
REGION = Format("region code", _region)
CITY = Format("city", _word(words.CITIES))
PROVINCE = Format("province", _word(words.PROVINCES))
DISTRICT = Format("district", _word(words.DISTRICTS))
STREET = Format("street", lambda d: f"{_word(words.STREETS)(d)}{d.identity % 300 + 1}号")
COUNTRY = Format("country", _word(words.COUNTRIES))
POSTCODE = Format("postcode", lambda d: f"{100000 + digest(*d.parts) % 800000}")
SENTENCE = Format("sentence", lambda d: pick(words.SENTENCES, *d.parts))
SENTENCE_EN = Format("English sentence", lambda d: pick(words.SENTENCES_EN, *d.parts))
URL = Format("url", _url, _long_number)
IMAGE = Format("image", _image)
BANK_CARD = Format("bank card", _bank_card)
PLATE = Format("plate", _plate)
DAY = Format("date", _day)
MOMENT = Format("date and time", _moment)
CLOCK = Format("time", lambda d: _instant(d).time().isoformat())
DURATION = Format("duration", lambda d: f"P{1 + digest(*d.parts) % 30}D")
UNIX = Format("unix seconds", lambda d: int(_instant(d).timestamp()), is_number=True)
YEAR = Format("year", _between(2000, 2026), is_number=True)
FEN = Format("fen", lambda d: (1 + digest(*d.parts) % 5000) * 100, is_number=True)
YUAN = Format("yuan", _fraction(1, 5000, 2), is_number=True)
YUAN_TEXT = Format("yuan as text", lambda d: f"{_fraction(1, 5000, 2)(d):.2f}")
CURRENCY = Format("currency", lambda _: "CNY")
COUNT = Format("count", _between(0, 100), is_number=True)
STARS = Format("stars", _between(1, 5), is_number=True)
SCORE = Format("score", _fraction(1, 5, 1), is_number=True)
PERCENT = Format("percent", _fraction(0, 100, 1), is_number=True)
RATIO = Format("ratio", _fraction(0, 1, 3), is_number=True)
MEASURE = Format("measure", _fraction(0.1, 250, 2), is_number=True)
WHOLE_MEASURE = Format("whole measure", _between(1, 500), is_number=True)
LATITUDE = Format("latitude", _fraction(22, 45, 6), is_number=True)
LONGITUDE = Format("longitude", _fraction(100, 125, 6), is_number=True)
ADDRESS_V4 = Format("IPv4", lambda d: f"192.0.2.{1 + digest(*d.parts) % 254}")
COLOUR = Format("colour", lambda d: f"#{digest(*d.parts) % 0x1000000:06x}")
LANGUAGE = Format("language", lambda d: pick(("zh-CN", "en"), *d.parts))
VERSION = Format("version", lambda d: f"{1 + digest(*d.parts) % 4}.{digest('minor', *d.parts) % 10}.0")
CHECKSUM = Format("checksum", lambda d: f"{digest(*d.parts):016x}")
BOOLEAN = Format("boolean", lambda d: digest(*d.parts) % 2 == 0)
JSON_VALUE = Format("json", lambda d: {"id": d.identity + 1, "note": pick(words.SENTENCES, *d.parts)})


def words_of_office(draw: Draw, *, english: bool) -> str:
    """A department's name, for example 广州市民政局."""
    rest, place = divmod(draw.identity, len(words.OFFICES))
    office, city = tuple(words.OFFICES.items())[place], tuple(words.CITIES.items())[rest % len(words.CITIES)]
    return f"{city[1]} {office[1]}" if english else city[0] + office[0]
