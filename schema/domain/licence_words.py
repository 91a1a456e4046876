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


def key_revoked_text(name: str, name_en: str, number: str) -> NoticeText:
    """That what was printed or handed on is void, and what to do."""
    return NoticeText(
        f"{name} {number} 本身不受影响，但签名密钥已作废：此前打印、保存或交给他人的证照和二维码"
        "不再通过核验，请重新打开证照打印或出示。",
        f"{name_en} {number} is not affected, but the key that signed it was revoked: what you printed, saved or "
        "handed on before verifies no more. Open the licence again to print or show it.",
    )


def reminder_text(name: str, name_en: str, number: str, until: date, days: int) -> NoticeText:
    """How many days are left, and the last of them."""
    return NoticeText(
        f"{name} {number} 将于 {until} 到期，还有 {days} 天，请及时办理换证。",
        f"{name_en} {number} expires on {until}, in {days} days. Renew it in time.",
    )
