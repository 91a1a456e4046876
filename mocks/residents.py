"""The people and enterprises of 集易示范区: invented, and the same in every department for one seed.

The demo residents come first and are the same for every seed; all departments know them. Of the others a
department knows some (``is_known_to``), as real registers do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from mocks.identifiers import (
    credit_code_check_character,
    masked_id_number,
    masked_phone,
    opaque_id,
    resident_check_digit,
)

DEFAULT_SEED = 20110701
RESIDENT_COUNT = 128
ENTERPRISE_COUNT = 36
HOME_REGION = "110102"
OTHER_REGIONS = ("110101", "110105", "120101", "120103", "310104")

_SURNAMES = {
    "甄": "Zhen", "贾": "Jia", "易": "Yi", "季": "Ji", "云": "Yun", "万": "Wan",
    "程": "Cheng", "简": "Jian", "明": "Ming", "方": "Fang", "安": "An", "乐": "Le",
}  # fmt: skip
_GIVEN_NAMES = {
    "示例": "Shili", "样本": "Yangben", "虚构": "Xugou", "畅通": "Changtong",
    "明白": "Mingbai", "一窗": "Yichuang", "如意": "Ruyi", "顺心": "Shunxin",
    "办成": "Bancheng", "知行": "Zhixing", "小集": "Xiaoji", "晓办": "Xiaoban",
}  # fmt: skip
_STREETS = {"集贤街道": "Jixian", "易安街道": "Yi'an", "示范路街道": "Shifan Road", "明白里街道": "Mingbaili"}
_TRADES = {
    "文化传播": "Culture", "餐饮管理": "Catering", "信息技术": "Technology",
    "商贸": "Trading", "物业服务": "Property Services", "养老服务": "Senior Care",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RegisteredDocument:
    """One more document of a person: a number, of a passport with its issuer in front (``GBR-123456789``)."""

    key: str
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Resident:
    """A person. ``id`` is opaque, ``id_number`` is the number (18 characters) of the resident card, or of the
    permit or permanent resident card of whoever has none."""

    id: str
    id_number: str
    name: str
    name_en: str
    gender: str
    birth_date: date
    phone: str
    address: str

    @property
    def documents(self) -> tuple[RegisteredDocument, ...]:
        """All, the one of ``id_number`` first; those that are over are kept."""
        return RegisteredDocument(self.id_number), *_MORE_DOCUMENTS.get(self.id_number, ())

    @property
    def masked_id_number(self) -> str:
        return masked_id_number(self.id_number)

    @property
    def masked_phone(self) -> str:
        return masked_phone(self.phone)


@dataclass(frozen=True, slots=True)
class Enterprise:
    """A company. ``legal_representative`` is a resident's identity number."""

    credit_code: str
    name: str
    name_en: str
    address: str
    status: str
    legal_representative: str
    founded: date


def _resident(
    surname: str, given: str, birth: date, order: int, phone: int, house: int, region: str = HOME_REGION
) -> Resident:
    first_seventeen = f"{region}{birth:%Y%m%d}{order:03d}"
    id_number = first_seventeen + resident_check_digit(first_seventeen)
    street = tuple(_STREETS)[house % len(_STREETS)]
    return Resident(
        id=opaque_id(id_number),
        id_number=id_number,
        name=surname + given,
        name_en=f"{_GIVEN_NAMES[given]} {_SURNAMES[surname]}",
        gender="MALE" if order % 2 else "FEMALE",
        birth_date=birth,
        phone=f"1990000{phone:04d}",
        address=f"集易示范区{street}{house}号",
    )


_MORE_DOCUMENTS: Mapping[str, tuple[RegisteredDocument, ...]] = {
    "110102199003150026": (
        RegisteredDocument("CHN-E00000001", date(2024, 5, 31)),
        RegisteredDocument("CHN-EJ0000017", date(2034, 5, 31)),
    ),
    "810000198809150044": (RegisteredDocument("CHN-K00000018", date(2031, 3, 14)),),
    "911826198204170028": (
        RegisteredDocument("GBR-990000012", date(2021, 8, 8)),
        RegisteredDocument("GBR-990000105", date(2031, 8, 8)),
    ),
}
"""By ``id_number``: a passport that was renewed, and the one in its place."""

DEMO_RESIDENTS = (
    _resident("易", "办成", date(1990, 3, 15), 2, 1, 8),
    _resident("甄", "示例", date(1986, 5, 20), 1, 2, 21),
    _resident("季", "如意", date(1958, 9, 9), 4, 3, 66),
    _resident("明", "知行", date(2001, 11, 2), 3, 4, 103),
)
"""Known to every department, with data in each, whatever the seed."""


RESIDENTS_FROM_ELSEWHERE = (
    _resident("简", "顺心", date(1988, 9, 15), 4, 5, 12, region="810000"),
    replace(
        _resident("安", "小集", date(1982, 4, 17), 2, 6, 30, region="911826"),
        name="Anna Example",
        name_en="Anna Example",
    ),
)
"""One from Hong Kong with a residence permit, one from abroad with a permanent resident card and passports; known
to public security, and to transport as drivers. They come beside the residents of every seed."""


@lru_cache(maxsize=4)
def residents(seed: int = DEFAULT_SEED) -> tuple[Resident, ...]:
    """All residents, the demo residents first. Names, numbers and phones are unique."""
    random = Random(f"residents {seed}")
    taken = {resident.name for resident in DEMO_RESIDENTS}
    names = [(surname, given) for surname in _SURNAMES for given in _GIVEN_NAMES if surname + given not in taken]
    random.shuffle(names)
    others = names[: RESIDENT_COUNT - len(DEMO_RESIDENTS)]
    return DEMO_RESIDENTS + tuple(
        _resident(
            surname,
            given,
            birth=date(1940, 1, 1) + timedelta(days=random.randrange(365 * 66)),
            # Orders above the demo residents' keep numbers unique even on a shared birthday.
            order=10 + place,
            phone=1000 + place,
            house=random.randrange(1, 400),
            region=HOME_REGION if random.random() < 0.85 else random.choice(OTHER_REGIONS),
        )
        for place, (surname, given) in enumerate(others)
    )


@lru_cache(maxsize=4)
def enterprises(seed: int = DEFAULT_SEED) -> tuple[Enterprise, ...]:
    """All enterprises. Each demo resident represents one; the others belong to residents at random."""
    random = Random(f"enterprises {seed}")
    people = residents(seed)
    owners = [
        *DEMO_RESIDENTS,
        *random.sample(people[len(DEMO_RESIDENTS) :], ENTERPRISE_COUNT - len(DEMO_RESIDENTS)),
    ]
    return tuple(_enterprise(place, owner, random) for place, owner in enumerate(owners))


def _enterprise(place: int, owner: Resident, random: Random) -> Enterprise:
    first_seventeen = f"91{HOME_REGION}MAJY{place:05d}"
    trade = tuple(_TRADES)[place % len(_TRADES)]
    return Enterprise(
        credit_code=first_seventeen + credit_code_check_character(first_seventeen),
        name=f"集易{owner.name}{trade}有限公司",
        name_en=f"Jiyi {owner.name_en} {_TRADES[trade]} Co., Ltd.",
        address=f"集易示范区{tuple(_STREETS)[place % len(_STREETS)]}{random.randrange(1, 400)}号",
        status="OPEN" if owner in DEMO_RESIDENTS or random.random() < 0.9 else "CLOSED",
        legal_representative=owner.id_number,
        founded=date(2012, 1, 1) + timedelta(days=random.randrange(365 * 12)),
    )


def is_known_to(department: str, resident: Resident, percent: int) -> bool:
    """Whether a department's register has this person: always for demo residents, else for ``percent`` of all."""
    if resident in DEMO_RESIDENTS:
        return True
    digest = hashlib.sha256(f"{department} {resident.id_number}".encode()).digest()
    return digest[0] * 100 < percent * 256


def find_resident(seed: int, id_number: str) -> Resident | None:
    everybody = (*residents(seed), *RESIDENTS_FROM_ELSEWHERE)
    return next((resident for resident in everybody if resident.id_number == id_number), None)
