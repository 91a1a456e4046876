"""What people are told of enquiries, in both languages: by number, never what was asked.

Source: docs/enquiries.md; domain.md, 9.10.
"""

from __future__ import annotations

from collections.abc import Mapping

from schema.domain.enquiry import EnquiryEventType, EnquiryKind
from schema.domain.notice import NoticeText

KINDS: Mapping[EnquiryKind, NoticeText] = {
    EnquiryKind.CONSULTATION: NoticeText("咨询", "consultation"),
    EnquiryKind.SUGGESTION: NoticeText("建议", "suggestion"),
    EnquiryKind.COMPLAINT: NoticeText("投诉", "complaint"),
}
_T = EnquiryEventType
_TO_ASKER: Mapping[EnquiryEventType, NoticeText] = {
    _T.ANSWERED: NoticeText(
        "您的{zh} {number} 已答复，请查看并评价。", "Your {en} {number} was answered. Read it, and rate it."
    ),
    _T.REFERRED: NoticeText(
        "您的{zh} {number} 已转至主管部门。", "Your {en} {number} went to the department in charge."
    ),
    _T.ASSIGNED: NoticeText(
        "您的{zh} {number} 已分派专人核查。", "Your {en} {number} was given to an investigator."
    ),
    _T.PUBLISHED: NoticeText(
        "您的{zh} {number} 的答复已匿名公开。", "The answer to your {en} {number} was published without names."
    ),
    _T.CLOSED: NoticeText("您的{zh} {number} 已结案。", "Your {en} {number} is closed."),
}
_TO_OWNER: Mapping[EnquiryEventType, NoticeText] = {
    _T.HANDED_OVER: NoticeText(
        "{zh} {number} 已交接给您，由您负责答复。", "The {en} {number} was handed over to you: you answer for it."
    ),
    _T.ASSIGNED: NoticeText("{zh} {number} 由您核查。", "The {en} {number} is yours to investigate."),
    _T.REMINDED: NoticeText(
        "当事人催办{zh} {number}，请尽快答复。", "You are reminded of the {en} {number}: answer it soon."
    ),
    _T.URGED: NoticeText(
        "监察人员督办{zh} {number}，请按期答复。", "The supervisor urges an answer to the {en} {number}."
    ),
}
_TO_DESK: Mapping[EnquiryEventType, NoticeText] = {
    _T.ASKED: NoticeText("收到{zh} {number}，请受理。", "A {en} came in: {number}. Take it."),
    _T.REFERRED: NoticeText(
        "{zh} {number} 转至本部门，请受理。", "The {en} {number} was referred to you. Take it."
    ),
    _T.REOPENED: NoticeText(
        "{zh} {number} 申请复查，请另行分派。", "The {en} {number} was reopened. Give it to somebody else."
    ),
    _T.REMINDED: NoticeText(
        "当事人催办{zh} {number}，尚无人受理。", "A reminder of the {en} {number}, which nobody has taken."
    ),
    _T.URGED: NoticeText(
        "监察人员督办{zh} {number}，尚无人受理。",
        "The supervisor urges the {en} {number}, which nobody has taken.",
    ),
}


def to_asker(event: EnquiryEventType, kind: EnquiryKind, number: str) -> NoticeText | None:
    """What the asker is told of it, if anything."""
    return _told(_TO_ASKER, event, kind, number)


def to_owner(event: EnquiryEventType, kind: EnquiryKind, number: str) -> NoticeText | None:
    """What the officer who answers for it is told."""
    return _told(_TO_OWNER, event, kind, number)


def to_desk(event: EnquiryEventType, kind: EnquiryKind, number: str) -> NoticeText | None:
    """What the department's desk is told; of a complaint the supervisors'."""
    return _told(_TO_DESK, event, kind, number)


def _told(
    texts: Mapping[EnquiryEventType, NoticeText], event: EnquiryEventType, kind: EnquiryKind, number: str
) -> NoticeText | None:
    text, what = texts.get(event), KINDS[kind]
    if text is None:
        return None
    return NoticeText(text.zh.format(zh=what.zh, number=number), text.en.format(en=what.en, number=number))
