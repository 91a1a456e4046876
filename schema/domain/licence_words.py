"""What a holder is told about a licence, in both languages. A text names no person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from schema.domain.licence import LicenceEventType
from schema.domain.notice import NoticeText

_CHANGES: Mapping[LicenceEventType, tuple[str, str]] = {
    LicenceEventType.ISSUED: ("已签发", "was issued"),
    LicenceEventType.SUSPENDED: ("已被暂停使用", "was suspended"),
    LicenceEventType.REINSTATED: ("已恢复使用", "is valid again"),
    LicenceEventType.REVOKED: ("已被吊销", "was revoked"),
    LicenceEventType.EXPIRED: ("已过有效期", "has expired"),
    LicenceEventType.SUPERSEDED: ("已由新证照替代", "was replaced by a newer one"),
}


def issued_text(name: str, name_en: str, number: str, until: date | None) -> NoticeText:
    ends_zh, ends_en = (
        (f"，有效期至 {until}", f", valid until {until}") if until else ("，长期有效", ", without end")
    )
    return NoticeText(f"{name} {number} 已签发{ends_zh}。", f"{name_en} {number} was issued{ends_en}.")


def changed_text(name: str, name_en: str, number: str, type: LicenceEventType, reason: str | None) -> NoticeText:
    zh, en = _CHANGES[type]
    why_zh, why_en = (f"原因：{reason}", f" Reason: {reason}") if reason else ("", "")
    return NoticeText(f"{name} {number} {zh}。{why_zh}", f"{name_en} {number} {en}.{why_en}")


def reminder_text(name: str, name_en: str, number: str, until: date, days: int) -> NoticeText:
    """How many days are left, and the last of them."""
    return NoticeText(
        f"{name} {number} 将于 {until} 到期，还有 {days} 天，请及时办理换证。",
        f"{name_en} {number} expires on {until}, in {days} days. Renew it in time.",
    )
