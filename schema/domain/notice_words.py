"""What leaves the hub of a notice: that there is one, of what group, and the end of a case's number. Nothing else.

A message by SMS or push is read by whoever holds the phone, and by the gateways that carry it; a mail by every
server on its way. So none of them says who, what item, what amount, what was decided or for what reason: that is
read in the hub, after signing in. Source: domain.md, 9.10, "never personal data in an SMS".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schema.domain.notice import NoticeKind
from schema.domain.notice_preference import GROUPS, STARTS_A_LIMIT, NoticeGroup, NoticeLanguage

TAIL = 6
"""Characters of a receipt number that tell one's own cases apart, and say nothing to anybody else."""
LONGEST_SMS = 70
"""Characters of one SMS with Chinese in it (GSM 03.38, UCS-2)."""

_L, _G = NoticeLanguage, NoticeGroup
SIGNATURE: Mapping[NoticeLanguage, str] = {_L.ZH: "【一网通办】", _L.EN: "[Jiyi]"}
GENERAL: Mapping[NoticeLanguage, Mapping[NoticeGroup, str]] = {
    _L.ZH: {
        _G.CASES: "您的办件{tail}有新通知，请登录一网通办查看。",
        _G.LICENCES: "您的电子证照有新通知，请登录一网通办查看。",
        _G.ENQUIRIES: "您的咨询投诉有新通知，请登录一网通办查看。",
    },
    _L.EN: {
        _G.CASES: "Your case{tail} has news. Sign in to read.",
        _G.LICENCES: "A licence of yours has news. Sign in to read.",
        _G.ENQUIRIES: "An enquiry of yours has news. Sign in to read.",
    },
}
URGENT: Mapping[NoticeLanguage, str] = {
    _L.ZH: "您的办件{tail}有限期办理的通知，请尽快登录一网通办查看。",
    _L.EN: "Your case{tail} has news with a time limit. Sign in soon.",
}
CODE: Mapping[NoticeLanguage, str] = {
    _L.ZH: "验证码{code}，10分钟内有效，用于确认通知接收方式。请勿告诉他人。",
    _L.EN: "Code {code}, good for 10 minutes, confirms where notices go. Tell nobody.",
}
SUBJECTS: Mapping[NoticeLanguage, str] = {_L.ZH: "您有新的通知", _L.EN: "You have a new notice"}
CODE_SUBJECTS: Mapping[NoticeLanguage, str] = {_L.ZH: "确认通知接收方式", _L.EN: "Confirm where notices go"}
_TAILS: Mapping[NoticeLanguage, str] = {_L.ZH: "（尾号{tail}）", _L.EN: " (…{tail})"}


@dataclass(frozen=True, slots=True)
class OutsideText:
    """A subject for channels that have one, and the text."""

    subject: str
    text: str


def outside_text(kind: NoticeKind, receipt_number: str | None, language: NoticeLanguage) -> OutsideText:
    """The whole of what a channel outside is given to say."""
    template = URGENT[language] if kind in STARTS_A_LIMIT else GENERAL[language][GROUPS[kind]]
    tail = _TAILS[language].format(tail=receipt_number[-TAIL:]) if receipt_number else ""
    return OutsideText(SUBJECTS[language], _signed(template.format(tail=tail), language))


def code_text(code: str, language: NoticeLanguage) -> OutsideText:
    """What confirms an address."""
    return OutsideText(CODE_SUBJECTS[language], _signed(CODE[language].format(code=code), language))


def _signed(text: str, language: NoticeLanguage) -> str:
    separator = " " if language is NoticeLanguage.EN else ""
    return f"{SIGNATURE[language]}{separator}{text}"
