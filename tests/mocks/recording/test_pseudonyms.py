"""Personal data does not reach the file: told by field and by form, the same person always the same."""

from __future__ import annotations

import json
import re

import pytest
from stdnum.cn import ric
from stdnum.luhn import is_valid as is_luhn

from mocks.recording.bodies import replaced
from mocks.recording.pseudonyms import Pseudonyms

SECRET = b"a secret of the tests, long enough"
REAL = {
    "__typename": "Citizen",
    "idNumber": "11010519491231002X",
    "name": "欧阳建国",
    "nameEn": "Jianguo Ouyang",
    "gender": "FEMALE",
    "birthDate": "1949-12-31",
    "phone": "13812345678",
    "email": "jianguo@mail.example",
    "address": "北京市朝阳区某某路8号",
    "bankCard": "6222021234567890128",
    "licences": [{"number": "JT-1", "name": "机动车驾驶证", "remark": "持证人欧阳建国，电话13812345678。"}],
}


def test_nothing_of_a_person_is_left_and_everything_else_is() -> None:
    """Wherever it stands, in free text too."""
    told = Pseudonyms(SECRET).of(REAL)
    text = json.dumps(told, ensure_ascii=False)
    for real in (
        "11010519491231002X",
        "欧阳",
        "Ouyang",
        "1949-12-31",
        "13812345678",
        "jianguo",
        "朝阳",
        "6222021",
    ):
        assert real not in text
    assert told["licences"][0]["name"] == "机动车驾驶证"
    assert told["licences"][0]["number"] == "JT-1"
    assert told["licences"][0]["remark"] == f"持证人{told['name']}，电话{told['phone']}。"


def test_what_stands_in_the_place_is_of_one_piece() -> None:
    """Systems that verify numbers take it: check digits, sex and year of birth are right."""
    told = Pseudonyms(SECRET).of(REAL)
    assert ric.is_valid(told["idNumber"])
    assert int(told["idNumber"][16]) % 2 == 0
    assert told["birthDate"] == f"{told['idNumber'][6:10]}-{told['idNumber'][10:12]}-{told['idNumber'][12:14]}"
    assert told["birthDate"][:4] == "1949"
    assert told["gender"] == "FEMALE"
    assert is_luhn(told["bankCard"])


def test_the_same_person_is_the_same_with_the_same_secret_only() -> None:
    """Across fields, messages and recordings; without the secret nobody can try numbers until one fits."""
    first, other = Pseudonyms(SECRET), Pseudonyms(b"another secret, long enough too")
    alone = first.of({"holder": "11010519491231002X"})["holder"]
    assert alone == Pseudonyms(SECRET).of(REAL)["idNumber"]
    assert other.of(REAL)["idNumber"] != alone
    people = {first.of({"idNumber": f"1101051990010{n:03d}1X"})["idNumber"] for n in range(50)}
    assert len(people) > 45


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("applicantName", "张三"),
        ("holder", "李小明"),
        ("legalRepresentative", "王芳"),
        ("姓名", "阿依古丽"),
        ("sfzh", "11010519491231002X"),
        ("mobile", 13812345678),
        ("contactPhone", "+86 138-1234-5678"),
        ("text", "请联系11010519491231002X"),
        ("csrq", "19491231"),
        ("birthday", "1949年12月31日"),
        ("出生日期", "1949/12/31"),
        ("accessToken", "eyJhbGciOi"),
        ("password", "letmein"),
    ],
)
def test_fields_of_many_names_are_told(field: str, value: object) -> None:
    """English, pinyin initials, Chinese; text and numbers; secrets too."""
    told = Pseudonyms(SECRET).of({field: value})[field]
    assert told != value
    assert type(told) is type(value)
    assert "11010519491231002X" not in str(told)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "示例台灯"),
        ("companyName", "北京某某科技有限公司"),
        ("creditCode", "91110102MAJY00000G"),
        ("receiptNumber", "JY261123-0123456789-X"),
        ("amountFen", 123456),
        ("number", "110105194912310020"),
        ("validFrom", "2024-01-01"),
    ],
)
def test_what_is_no_persons_stays(field: str, value: object) -> None:
    """A recording in which everything is other is no recording. Eighteen digits with a wrong check digit are no
    identity number."""
    assert Pseudonyms(SECRET).of({field: value}) == {field: value}


def test_every_kind_of_body_is_read() -> None:
    """Literals of an operation, forms, CSV, XML, plain text."""
    pseudonyms = Pseudonyms(SECRET)
    real, other = "11010519491231002X", pseudonyms.of({"idNumber": "11010519491231002X"})["idNumber"]
    operation = f'{{ citizen(idNumber: "{real}", name: "张三") {{ id }} }}'
    told = replaced(pseudonyms, {"query": operation, "variables": {"id": real}}, "application/json")
    assert other in told["query"]
    assert "张三" not in told["query"]
    assert told["variables"] == {"id": other}
    assert (
        replaced(pseudonyms, f"idNumber={real}&x=1", "application/x-www-form-urlencoded")
        == f"idNumber={other}&x=1"
    )
    table = replaced(pseudonyms, f"idNumber,applicantName,x\n{real},张三,1\n", "text/csv")
    assert (
        table
        == f"idNumber,applicantName,x\n{other},{pseudonyms.of({'applicantName': '张三'})['applicantName']},1\n"
    )
    xml = replaced(pseudonyms, f'<p no="{real}"><applicantName>张三</applicantName></p>', "text/xml")
    assert other in xml
    assert "张三" not in xml
    assert replaced(pseudonyms, f"持证人 {real}", "text/plain") == f"持证人 {other}"


def test_passports_and_old_permanent_resident_cards_are_replaced() -> None:
    """Wherever they stand, the same always by the same, in the form that departments are asked by."""
    pseudonyms = Pseudonyms(SECRET)
    told = pseudonyms.of({"holders": ["GBR-990000105", "USA310085040301"], "passportNumber": "E12345678"})
    passport, card = told["holders"]
    assert re.fullmatch(r"GBR-\d{9}", passport)
    assert re.fullmatch(r"USA\d{12}", card)
    assert "12345678" not in told["passportNumber"]
    assert pseudonyms.of({"idNumber": "GBR-990000105", "remark": "GBR-990000105。"}) == {
        "idNumber": passport,
        "remark": f"{passport}。",
    }
    assert "990000105" not in passport
    assert "310085040301" not in card
