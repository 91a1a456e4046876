"""What in a text could name somebody, found to be refused or hidden (art. 14)."""

from __future__ import annotations

import pytest

from schema.domain.personal_numbers import telling_parts, without_personal_numbers


@pytest.mark.parametrize(
    ("text", "told", "shown"),
    [
        (
            "身份证 110102199003070024 的人",
            ["an identity number", "a licence or account number"],
            "身份证 *** 的人",
        ),
        ("110102 1990 0307 002x。", ["an identity number"], "***。"),
        ("１１０１０２１９９００３０７００２Ｘ", ["an identity number", "a licence or account number"], "***"),
        ("代码91110102MA01ABCD2X", ["a credit code"], "代码***"),
        ("护照E12345678，港澳H1234567890", ["a passport or permit number"], "护照***，港澳***"),
        ("证 810000199001010019。", ["an identity number", "a licence or account number"], "证 ***。"),
        (
            "GBR-123456789 和 USA980012345678",
            ["a passport or permit number", "a licence or account number"],
            "*** 和 ***",
        ),
        ("Passport No. 123456789, TK1234567", ["a passport or permit number"], "Passport No. ***, ***"),
        ("护照号码：c01x00t47，第 3 项", ["a passport or permit number"], "护照号码：***，第 3 项"),
        ("持护照到窗口，见 GB 11643。", [], "持护照到窗口，见 GB 11643。"),
        ("电话 13800000000", ["a telephone number"], "电话 ***"),
        ("打138-0000-0000或１３９ ００００ ００００", ["a telephone number"], "打***或***"),
        ("写信 anna@example.com", ["a mail address"], "写信 ***"),
        ("办件 JY261123-0123456789-X", ["a receipt number"], "办件 ***"),
        ("卡号6222 0200 0011 1122 233", ["a licence or account number"], "卡号***"),
        ("王小明问", ["a person's name"], "王小明问"),
        ("持身份证到窗口，5 个工作日内办结。", [], "持身份证到窗口，5 个工作日内办结。"),
        ("2026-11-23 办理，电话 010-66001234。", [], "2026-11-23 办理，电话 010-66001234。"),
        ("", [], ""),
    ],
)
def test_numbers_of_persons_are_found_and_hidden(text: str, told: list[str], shown: str) -> None:
    """Grouped and in full width too; an office's telephone, a date and a count are nobody's."""
    assert list(telling_parts([text], ["王小明"])) == told
    assert without_personal_numbers(text) == shown
