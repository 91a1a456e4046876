"""Other people's data in the place of people's: the same person always the same, and no way back without the key.

Told by the name of a field, and by its form anywhere in a text. Check digits, sex and year of birth stay right.
Names that were told by their field are replaced in free text too.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from mocks.generated import words
from mocks.generated.draw import FOREIGN
from mocks.generated.naming import format_of, split_words
from mocks.generated.people import person
from mocks.identifiers import resident_check_digit

_CODES = """
110101 110102 110105 110106 110107 110108 110109 120101 120102 120103 120104 120105 120106 120110 120111 120112
120113 310101 310104 310105 310106 310107 310109 310110
"""
_REGIONS = tuple(_CODES.split())
"""Divisions of GB/T 2260 that were in force for everybody alive."""
_ID_NUMBER = re.compile(r"\d{17}[0-9Xx]")
_OTHER_DOCUMENT = re.compile(r"(?P<issuer>[A-Z]{3})(?:-(?=(?:[0-9A-Z]*\d){3})[0-9A-Z]{5,9}|\d{12})")
"""A passport as departments are asked by it, and a permanent resident card as it was before 2023."""
_PHONE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}")
_FORMS = re.compile(
    rf"(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    rf"|(?<![0-9A-Za-z])(?:(?P<id>{_ID_NUMBER.pattern})|(?P<card>\d{{16,19}})|(?P<phone>{_PHONE.pattern})"
    rf"|(?P<document>{_OTHER_DOCUMENT.pattern}))(?![0-9A-Za-z])"
)
_WRITTEN_DAY = re.compile(r"(\d{4})(\D?)(\d{1,2})(\D?)(\d{1,2})")
_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{1,6})?\Z")
_PERSONAL = frozenset(
    {
        "id number", "phone", "email", "person name", "English person name", "address", "birth date", "bank card",
        "English given name", "English family name", "plate",
    }
)  # fmt: skip
_PERSON_WORDS = frozenset(
    {
        "person", "people", "citizen", "user", "customer", "author", "employee", "member", "resident", "applicant",
        "holder", "owner", "student", "teacher", "patient", "doctor", "driver", "officer", "contact", "agent",
        "representative", "director", "spouse", "mother", "father", "child", "guardian", "payer", "payee",
    }
)  # fmt: skip
_SECRET_WORDS = frozenset(
    {
        "password", "passwd", "pwd", "secret", "token", "apikey", "otp", "authorization", "credential",
        "credentials", "captcha", "pin",
    }
)  # fmt: skip
_CHINESE_KEYS = {
    "姓名": "person name", "xm": "person name", "身份证号": "id number", "身份证号码": "id number",
    "sfzh": "id number", "sfzhm": "id number", "手机号": "phone", "手机号码": "phone", "联系电话": "phone",
    "sjh": "phone", "lxdh": "phone", "住址": "address", "地址": "address", "zz": "address", "邮箱": "email",
    "出生日期": "birth date", "csrq": "birth date", "银行卡号": "bank card",
}  # fmt: skip


class Pseudonyms:
    """Replaces personal data. ``secret`` is the key: with the same one recordings agree with each other."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._names: dict[str, str] = {}

    def of(self, value: Any, name: str = "", around: Mapping[str, Any] | None = None, above: str = "") -> Any:
        """The value with all personal data replaced. ``name`` is its field, ``around`` the object it stands in,
        ``above`` the field that the object stands in."""
        for told in _person_names(value, name, around, above):
            self._names.setdefault(told, self._name(told))
        return self._of(value, name, around, above)

    def _of(self, value: Any, name: str, around: Mapping[str, Any] | None, above: str) -> Any:
        if isinstance(value, Mapping):
            return {each: self._of(inner, each, value, name or above) for each, inner in value.items()}
        if isinstance(value, list):
            return [self._of(each, name, around, above) for each in value]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, str):
            return self._text(value, kind_of(name, value, around, above))
        replaced = self._text(str(value), kind_of(name, str(value), around, above))
        return type(value)(replaced) if replaced != str(value) and replaced.isdigit() else value

    def text(self, text: str) -> str:
        """Free text: what has the form of personal data, and the names met so far."""
        text = _FORMS.sub(self._form, text)
        for real, other in self._names.items():
            text = text.replace(real, other)
        return text

    def _form(self, found: re.Match[str]) -> str:
        text = found[0]
        if found["email"]:
            return self._email(text)
        if found["phone"]:
            return self._phone(text)
        if found["document"]:
            return self._other_document(text)
        if found["id"] and _day(f"{text[6:10]}-{text[10:12]}-{text[12:14]}"):
            is_right = resident_check_digit(text[:17]) == text[17].upper()
            return self._id_number(text) if is_right else text
        # What has the length of an identity number, and is none, may be a card's.
        return self._card(text) if text.isdigit() and _is_luhn(text) else text

    def _text(self, text: str, kind: str | None) -> str:
        if not text:
            return text
        match kind:
            case "person name":
                return self._names.get(text) or self._name(text)
            case "English person name":
                return person(self._number(text.casefold()), 0).name_en
            case "English given name":
                return person(self._number(text.casefold()), 0).name_en.partition(" ")[0]
            case "English family name":
                return person(self._number(text.casefold()), 0).name_en.partition(" ")[2]
            case "address":
                return person(self._number(text), 0).address
            case "secret":
                return f"secret-{self._number('secret', text)}"
            case "birth date":
                return _WRITTEN_DAY.sub(self._written_day, text)
            case "plate":
                return f"京A{self._number(text) % 100_000:05d}"
            case "phone" if not _PHONE.search(text):
                return re.sub(r"\d", "0", text) if len(text) < 7 else self._phone(text)
            case "id number" if _ID_NUMBER.fullmatch(text):
                return self._id_number(text)
            case "id number" if _OTHER_DOCUMENT.fullmatch(text):
                return self._other_document(text)
            case "id number" if text.isascii():
                return f"{self._number('id', text):010d}"
            case "bank card":
                return self._card(text)
        return self.text(text)

    def _number(self, *parts: str) -> int:
        digest = hmac.new(self._secret, "\0".join(parts).encode(), hashlib.sha256).digest()
        return FOREIGN + int.from_bytes(digest[:8]) % FOREIGN

    def _name(self, real: str) -> str:
        return person(self._number("name", real), 0).name

    def _id_number(self, real: str) -> str:
        """Sex and year of birth stay, the day is that which the birth date alone becomes."""
        born = _day(f"{real[6:10]}-{real[10:12]}-{real[12:14]}") or date(1990, 1, 1)
        number = self._number("id", real.upper())
        order = number % 499 * 2 + 2 - int(real[16]) % 2
        first = f"{_REGIONS[number // 499 % len(_REGIONS)]}{self._birth(born):%Y%m%d}{order:03d}"
        return first + resident_check_digit(first)

    def _other_document(self, real: str) -> str:
        """Its form and its issuer stay."""
        number = self._number("document", real)
        return f"{real[:4]}{number % 10**9:09d}" if real[3] == "-" else f"{real[:3]}{number % 10**12:012d}"

    def _written_day(self, found: re.Match[str]) -> str:
        """A day in any way of writing it: 1990-03-15, 19900315, 1990/3/15, 1990年3月15日."""
        year, one, month, other, day = found.groups()
        born = _day(f"{year}-{int(month):02d}-{int(day):02d}")
        if born is None:
            return "0" * len(found[0])
        told = self._birth(born)
        return f"{told.year}{one}{told.month:0{len(month)}d}{other}{told.day:0{len(day)}d}"

    def _birth(self, born: date) -> date:
        return date(born.year, 1, 1) + timedelta(days=self._number("born", born.isoformat()) % 365)

    def _phone(self, real: str) -> str:
        digits = re.sub(r"\D", "", real).removeprefix("86") if len(real) > 11 else re.sub(r"\D", "", real)
        return f"199{self._number('phone', digits) % 10**8:08d}"

    def _email(self, real: str) -> str:
        return f"user{self._number('email', real.casefold())}@example.com"

    def _card(self, real: str) -> str:
        body = f"62220{self._number('card', real):010d}"
        return body + str(-_luhn_sum(body + "0") % 10)


def kind_of(name: str, value: str, around: Mapping[str, Any] | None, above: str) -> str | None:
    """What personal data a field has, told by its name and what stands around it."""
    if name in _CHINESE_KEYS or name.lower() in _CHINESE_KEYS:
        return _CHINESE_KEYS.get(name) or _CHINESE_KEYS[name.lower()]
    if not name:
        return None
    parts = {*split_words(name)}
    if _SECRET_WORDS & parts or "".join(split_words(name)) in ("onetimecode", "verificationcode", "smscode"):
        return "secret"
    if "passport" in parts:
        return "id number"
    found = format_of("", name, "String").name
    if found in _PERSONAL:
        return found
    if {"name", "names"} & parts and not {"file", "product", "company", "enterprise"} & parts:
        if _is_person(around, above) or _is_common_name(value):
            return "English person name" if value.isascii() else "person name"
    elif _PERSON_WORDS & parts and _is_common_name(value):
        return "person name"
    return None


def _is_person(around: Mapping[str, Any] | None, above: str) -> bool:
    """Whether an object is a person: by its place, its type, or what else it says."""
    told = [above, str((around or {}).get("__typename", ""))]
    if any({*split_words(each)} & _PERSON_WORDS for each in told):
        return True
    kinds = {format_of("", each, "String").name for each in around or {}}
    return bool(kinds & {"id number", "birth date", "gender", "phone"})


def _is_common_name(value: str) -> bool:
    return bool(_HAN_NAME.fullmatch(value)) and len(value) < 5 and value.startswith(tuple(words.COMMON_SURNAMES))


def _person_names(value: Any, name: str, around: Mapping[str, Any] | None, above: str) -> Iterator[str]:
    """Chinese names that their fields tell, to be found in free text too."""
    if isinstance(value, Mapping):
        for each, inner in value.items():
            yield from _person_names(inner, each, value, name or above)
    elif isinstance(value, list):
        for each in value:
            yield from _person_names(each, name, around, above)
    elif (
        isinstance(value, str)
        and _HAN_NAME.fullmatch(value)
        and kind_of(name, value, around, above) == "person name"
    ):
        yield value


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _is_luhn(digits: str) -> bool:
    return _luhn_sum(digits) % 10 == 0


def _luhn_sum(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total
