"""What people are told by themselves, in both languages: cards, reminders, new dates.

A text names the case by its receipt number and says what to do; it holds nothing of what was filed.
Source: docs/time-limits.md, "Notices"; domain.md, 9.9 and 9.10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schema.domain.receipt_number import SHANGHAI
from schema.domain.supervision import CardLevel, CardTrigger


class NoticeKind(StrEnum):
    CARD = "CARD"
    SUPPLEMENT_REQUESTED = "SUPPLEMENT_REQUESTED"
    DECIDED = "DECIDED"
    SUPPLEMENT_REMINDER = "SUPPLEMENT_REMINDER"
    DUE_DATE_MOVED = "DUE_DATE_MOVED"
    CARD_EXPLAINED = "CARD_EXPLAINED"
    EXPLANATION_RETURNED = "EXPLANATION_RETURNED"
    CARD_CLOSED = "CARD_CLOSED"
    CALENDAR_ESTIMATED = "CALENDAR_ESTIMATED"
    ENQUIRY = "ENQUIRY"
    INSPECTION = "INSPECTION"
    LICENCE = "LICENCE"
    LICENCE_EXPIRES = "LICENCE_EXPIRES"
    FOLLOW_UP = "FOLLOW_UP"
    VISIT = "VISIT"
    REFUND = "REFUND"
    FEE = "FEE"
    MANDATE = "MANDATE"


@dataclass(frozen=True, slots=True)
class NoticeText:
    zh: str
    en: str


CASE = NoticeText("办件", "case")
_LEVELS: Mapping[CardLevel, tuple[str, str]] = {
    CardLevel.WARNING: ("预警", "Warning"),
    CardLevel.YELLOW: ("黄牌", "Yellow card"),
    CardLevel.RED: ("红牌", "Red card"),
}
_TRIGGERS: Mapping[CardTrigger, tuple[str, str]] = {
    CardTrigger.PROMISED_LIMIT: ("承诺办结时限", "the promised limit"),
    CardTrigger.STATUTORY_LIMIT: ("法定办结时限", "the statutory limit"),
    CardTrigger.DELIVERY: ("证照送达时限", "the delivery of the licence"),
    CardTrigger.STEP_OVERDUE: ("环节办理时限", "a step's limit"),
    CardTrigger.SECOND_SUPPLEMENT: ("再次要求补正，违反一次性告知", "a second request for supplements"),
    CardTrigger.REFUSAL_WITHOUT_REASON: ("未说明理由或救济途径的否定决定", "a refusal without reason or remedy"),
    CardTrigger.URGING_UNANSWERED: ("催办未在期限内答复", "an urging that was not answered"),
    CardTrigger.ANSWER_LIMIT: ("答复时限", "the answer's limit"),
    CardTrigger.INSPECTION_LIMIT: ("勘查时限", "the limit for its result"),
    CardTrigger.ASSIGNMENT_LIMIT: ("分派时限", "the limit for giving it to an investigator"),
    CardTrigger.OPINION_UNANSWERED: ("联办意见答复时限", "the limit for an opinion"),
    CardTrigger.VISIT_LIMIT: ("上门时间", "the booked time"),
    CardTrigger.FOLLOW_UP_LIMIT: ("核实整改时限", "the limit for verifying and mending"),
}
ATTEMPTS = frozenset({CardTrigger.SECOND_SUPPLEMENT, CardTrigger.REFUSAL_WITHOUT_REASON})
"""Triggers that are an attempt, not a date."""


_ENDED = frozenset(
    {
        CardTrigger.STEP_OVERDUE,
        CardTrigger.URGING_UNANSWERED,
        CardTrigger.OPINION_UNANSWERED,
        CardTrigger.FOLLOW_UP_LIMIT,
    }
)
"""Triggers whose yellow card tells of an end that is past."""


def card_text(
    trigger: CardTrigger,
    level: CardLevel,
    receipt_number: str,
    due_at: datetime | None,
    what: NoticeText = CASE,
    part: NoticeText | None = None,
) -> NoticeText:
    """What department, supervisor and applicant read of a card.

    ``what`` is the kind of thing that has it, ``part`` the name of a joint case's step.
    """
    (level_zh, level_en), (zh, en) = _LEVELS[level], _TRIGGERS[trigger]
    if part is not None:
        zh, en = f"“{part.zh}”{zh}", f"{en} ({part.en})"
    if trigger in ATTEMPTS:
        return NoticeText(
            f"{level_zh}：{what.zh} {receipt_number} {zh}。", f"{level_en}: {what.en} {receipt_number}: {en}."
        )
    if due_at is None:
        return NoticeText(
            f"{level_zh}：{what.zh} {receipt_number} 的{zh}即将届满。",
            f"{level_en}: {what.en} {receipt_number} comes near the end of {en}.",
        )
    day = last_day(due_at)
    if level is CardLevel.RED or (level is CardLevel.YELLOW and trigger in _ENDED):
        return NoticeText(
            f"{level_zh}：{what.zh} {receipt_number} 已超过{zh}（{day:%Y-%m-%d} 24:00）。",
            f"{level_en}: {what.en} {receipt_number} is overdue: {en} ended on {day:%Y-%m-%d} at 24:00.",
        )
    return NoticeText(
        f"{level_zh}：{what.zh} {receipt_number} 的{zh}将于 {day:%Y-%m-%d} 24:00 届满。",
        f"{level_en}: {what.en} {receipt_number}: {en} ends on {day:%Y-%m-%d} at 24:00.",
    )


def supplement_requested(receipt_number: str) -> NoticeText:
    """Said once, completely; what is missing is read with the case."""
    return NoticeText(
        f"办件 {receipt_number} 需要补正材料，请查看补正内容并在期限内提交。",
        f"Case {receipt_number}: something is missing. Read what, and hand it in within the time.",
    )


def decided(receipt_number: str) -> NoticeText:
    """Approved, denied or not accepted: which of them is read with the case, with reason and remedy."""
    return NoticeText(
        f"办件 {receipt_number} 已作出决定，请查看结果及救济途径。",
        f"Case {receipt_number} was decided. Read the result, and what you can do about it.",
    )


def ended_undecided(receipt_number: str) -> NoticeText:
    """Terminated by the department, or lapsed: the reason is read with the case."""
    return NoticeText(
        f"办件 {receipt_number} 已终止办理或因逾期失效，请查看原因。",
        f"Case {receipt_number} has ended without a decision. Read why.",
    )


def extended(receipt_number: str) -> NoticeText:
    """Once, by some working days: how many and why is read with the case (art. 17)."""
    return NoticeText(
        f"办件 {receipt_number} 的办理期限已延长，请查看延长的天数和理由。",
        f"Case {receipt_number}: its time limit was extended. Read by how much, and why.",
    )


def suspended(receipt_number: str) -> NoticeText:
    """For a special procedure: nothing is due until it has its result."""
    return NoticeText(
        f"办件 {receipt_number} 进入特别程序，办理期限暂停计算，请查看原因和预计时间。",
        f"Case {receipt_number}: its time limit stands still for a special procedure. Read why, and until when.",
    )


def resumed(receipt_number: str) -> NoticeText:
    return NoticeText(
        f"办件 {receipt_number} 的特别程序已结束，办理期限恢复计算。",
        f"Case {receipt_number}: the special procedure is over and its time limit runs again.",
    )


def reopened(receipt_number: str) -> NoticeText:
    return NoticeText(
        f"办件 {receipt_number} 已重新办理，办理期限重新计算，请查看理由。",
        f"Case {receipt_number} was reopened and has a new time limit. Read why.",
    )


def supplement_reminder(receipt_number: str, ends: datetime) -> NoticeText:
    """Five days before a supplement is no longer waited for."""
    day = last_day(ends)
    return NoticeText(
        f"办件 {receipt_number} 的补正材料请于 {day:%Y-%m-%d} 24:00 前提交，逾期视为放弃申请。",
        f"Case {receipt_number}: hand in what is missing by {day:%Y-%m-%d} 24:00, else the case lapses.",
    )


def due_date_moved(receipt_number: str, before: datetime | None, after: datetime | None) -> NoticeText:
    """A calendar was loaded."""
    old, new = _day_text(before), _day_text(after)
    return NoticeText(
        f"工作日历更新，办件 {receipt_number} 的办结期限由 {old} 调整为 {new}。",
        f"The working calendar changed: case {receipt_number} is due on {new} instead of {old}.",
    )


def refund_ended(order: str, amount_fen: int, refusal: str | None) -> NoticeText:
    """The payment provider paid a refund back, or does not."""
    yuan = _yuan(amount_fen)
    if refusal is None:
        return NoticeText(f"缴费单 {order} 已退款 {yuan} 元。", f"Fee order {order}: {yuan} CNY were refunded.")
    return NoticeText(
        f"缴费单 {order} 的退款 {yuan} 元未成功：{refusal}。请在费用页面处理。",
        f"Fee order {order}: {yuan} CNY were not refunded: {refusal}. See to it on the page of fees.",
    )


def hold_lost(order: str, amount_fen: int) -> NoticeText:
    """What was held was gone when it was to be taken."""
    yuan = _yuan(amount_fen)
    return NoticeText(
        f"缴费单 {order} 的预授权 {yuan} 元已失效，未扣款。请重新缴费。",
        f"Fee order {order}: the hold of {yuan} CNY has ended and nothing was taken. Please pay it again.",
    )


def hold_voided(order: str, amount_fen: int) -> NoticeText:
    """What was held is the payer's again."""
    yuan = _yuan(amount_fen)
    return NoticeText(
        f"缴费单 {order} 的预授权 {yuan} 元已解冻，未扣款。",
        f"Fee order {order}: the hold of {yuan} CNY was released. Nothing was taken.",
    )


def hold_taken_early(order: str, amount_fen: int) -> NoticeText:
    """The case goes on, and the hold was about to end."""
    yuan = _yuan(amount_fen)
    return NoticeText(
        f"缴费单 {order} 的预授权即将到期，已扣款 {yuan} 元。如未获批准，将予退还。",
        f"Fee order {order}: {yuan} CNY were taken, since their hold was about to end. They are paid back if it is"
        " refused.",
    )


def hold_not_voided(order: str, amount_fen: int, refusal: str) -> NoticeText:
    """The payment provider does not let go what it holds."""
    yuan = _yuan(amount_fen)
    return NoticeText(
        f"缴费单 {order} 的预授权 {yuan} 元未能解冻：{refusal}。请在费用页面处理。",
        f"Fee order {order}: the hold of {yuan} CNY was not let go: {refusal}. See to it on the page of fees.",
    )


def _yuan(amount_fen: int) -> str:
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"


def last_day(due_at: datetime) -> datetime:
    """The day that ends with a deadline: 24:00 of it is 0:00 of the next."""
    return due_at.astimezone(SHANGHAI) - timedelta(microseconds=1)


def _day_text(moment: datetime | None) -> str:
    return f"{last_day(moment):%Y-%m-%d}" if moment else "-"
