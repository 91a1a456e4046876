"""The values of ``format`` that a form may ask for: what is right, how it is said, how what was typed is tidied.

Names without a prefix are JSON Schema's own (draft 2020-12, "Defined Formats"); ``cn-…`` are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from stdnum import luhn

from schema.domain.identity_number import is_credit_code, is_resident_number


def _as_typed(text: str) -> str:
    return text.strip()


def _joined(text: str) -> str:
    """Numbers as they are printed on a card, in groups."""
    return "".join(text.split()).upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format. ``mend`` says in Chinese and English what to write; ``tidy`` is for pages, before they send."""

    accepts: Callable[[str], bool]
    mend: str
    mend_en: str
    tidy: Callable[[str], str] = _as_typed


def _is_date(text: str) -> bool:
    try:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    """RFC 3339, with its offset."""
    pattern = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)"
    try:
        return re.fullmatch(pattern, text, re.ASCII) is not None and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _is_email(text: str) -> bool:
    local, at, host = text.rpartition("@")
    labels = host.split(".")
    return (
        bool(at)
        and len(text) <= 254
        and re.fullmatch(r"[^\s@<>()\[\],;:\"\\]{1,64}", local) is not None
        and not (local.startswith(".") or local.endswith(".") or ".." in local)
        and len(labels) > 1
        and all(re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", label) for label in labels)
    )


def _is_web_address(text: str) -> bool:
    if re.search(r"[\s\x00-\x1f<>\"]", text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _is_mobile(text: str) -> bool:
    return re.fullmatch(r"1[3-9]\d{9}", text, re.ASCII) is not None


def _is_telephone(text: str) -> bool:
    """A mobile, a landline with its area code (an extension may follow), or a 400 or 800 number."""
    landline = r"0\d{2,3}-?[2-9]\d{6,7}(?:-\d{1,6})?|[48]00-?\d{3}-?\d{4}"
    return _is_mobile(text) or re.fullmatch(landline, text, re.ASCII) is not None


def _is_bank_card(text: str) -> bool:
    return re.fullmatch(r"\d{15,19}", text, re.ASCII) is not None and bool(luhn.is_valid(text))


FORMATS: Mapping[str, Format] = {
    "date": Format(
        accepts=_is_date,
        mend="请填写真实的日期，格式如 2026-11-26。",
        mend_en="must be a date that exists, written as 2026-11-26.",
    ),
    "date-time": Format(
        accepts=_is_moment,
        mend="请填写日期和时间，格式如 2026-11-26T09:30:00+08:00。",
        mend_en="must be a date and time with its offset, written as 2026-11-26T09:30:00+08:00.",
    ),
    "email": Format(
        accepts=_is_email,
        mend="请填写有效的电子邮箱，格式如 name@example.com。",
        mend_en="must be an email address, such as name@example.com.",
    ),
    "uri": Format(
        accepts=_is_web_address,
        mend="请填写以 http:// 或 https:// 开头的网址。",
        mend_en="must be a web address that begins with http:// or https://.",
    ),
    "cn-mobile": Format(
        accepts=_is_mobile,
        mend="请填写 11 位手机号码。",
        mend_en="must be a mainland mobile number of 11 digits.",
        tidy=_joined,
    ),
    "cn-telephone": Format(
        accepts=_is_telephone,
        mend="请填写手机号码，或带区号的固定电话，如 010-66001234。",
        mend_en="must be a mainland mobile number, or a landline with its area code, such as 010-66001234.",
        tidy=_joined,
    ),
    "cn-resident-id": Format(
        accepts=is_resident_number,
        mend="请核对 18 位居民身份证号：长度、出生日期或校验码不对。",
        mend_en="must be a resident identity number of 18 characters; length, birth date or check is wrong.",
        tidy=_joined,
    ),
    "cn-credit-code": Format(
        accepts=is_credit_code,
        mend="请核对 18 位统一社会信用代码：长度、字符或校验码不对。",
        mend_en="must be a unified social credit code of 18 characters; length or check is wrong.",
        tidy=_joined,
    ),
    "cn-postal-code": Format(
        accepts=lambda text: re.fullmatch(r"\d{6}", text, re.ASCII) is not None,
        mend="请填写 6 位邮政编码。",
        mend_en="must be a postal code of 6 digits.",
        tidy=_joined,
    ),
    "cn-bank-card": Format(
        accepts=_is_bank_card,
        mend="请核对银行卡号：位数或校验码不对。",
        mend_en="must be a bank card number; length or check digit is wrong.",
        tidy=_joined,
    ),
}
