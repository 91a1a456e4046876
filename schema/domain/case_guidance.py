"""What happens next with a case, and who is to do it: a sentence at every state, in both languages.

Source: docs/domain.md, "Guidance"; art. 8 (guidance throughout).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schema.domain.case import Case, CaseState


class NextBy(StrEnum):
    """Whose turn it is."""

    APPLICANT = "APPLICANT"
    DEPARTMENT = "DEPARTMENT"
    NOBODY = "NOBODY"


@dataclass(frozen=True, slots=True)
class Guidance:
    """``until`` is set where the applicant must act by then."""

    code: str
    by: NextBy
    text: str
    text_en: str
    until: datetime | None = None


def guidance(case: Case) -> Guidance:
    """The next step of this case."""
    code = _code(case)
    by, text, text_en = _STEPS[code]
    return Guidance(code, by, text, text_en, case.answer_by)


def _code(case: Case) -> str:
    if case.state is CaseState.APPROVED:
        return "pay" if case.has_to_pay else "await-result"
    if case.has_to_pay and case.state in (CaseState.ACCEPTED, CaseState.IN_REVIEW):
        return "pay-meanwhile"
    if case.state in (CaseState.COMPLETED, CaseState.ARCHIVED) and case.result_way:
        return f"receive-{case.result_way.lower()}"
    return case.state.value.lower().replace("_", "-")


_US, _THEM, _DONE = NextBy.APPLICANT, NextBy.DEPARTMENT, NextBy.NOBODY
_STEPS: Mapping[str, tuple[NextBy, str, str]] = {
    "draft": (
        _US,
        "填好后提交。草稿保留三十天。",
        "Fill it in and send it. A draft is kept for 30 days.",
    ),
    "submitted": (
        _THEM,
        "部门正在预审材料。五个工作日内没有答复，即视为受理。",
        "The department looks at your materials. If it says nothing within 5 working days, the case is accepted.",
    ),
    "supplement-requested": (
        _US,
        "请按告知一次补齐：每份材料旁写明缺什么。逾期未补，申请将失效。",
        "Hand in everything that the notice names; each material says what is missing. After the date the "
        "application lapses.",
    ),
    "accepted": (
        _THEM,
        "已受理，办理时限自次一工作日起算。部门将开始审查。",
        "Accepted: the time limit runs from the next working day. The department will begin its review.",
    ),
    "in-review": (
        _THEM,
        "部门正在审查，将在承诺时限内作出决定。等得太久可以催办。",
        "The department is reviewing it and decides within the promised limit. You may remind it.",
    ),
    "suspended": (
        _THEM,
        "正在进行听证、勘查、检测、专家评审或公示，期间不计入时限，结束后继续审查。",
        "A hearing, inspection, test, expert review or public notice is under way; the limit stands still.",
    ),
    "pay": (
        _US,
        "已批准。请缴费，缴费后出证。",
        "Approved. Pay the fee; the result follows.",
    ),
    "pay-meanwhile": (
        _US,
        "已受理。请缴纳受理费用；部门同时开始审查。",
        "Accepted. Pay the fee that is due on acceptance; the department reviews meanwhile.",
    ),
    "await-result": (
        _THEM,
        "已批准，正在制作结果，十个工作日内送达。",
        "Approved. The result is being made and is delivered within 10 working days.",
    ),
    "completed": (
        _US,
        "已办结。欢迎评价。",
        "Completed. You may rate the service.",
    ),
    "archived": (
        _DONE,
        "已归档，档案可再次利用。",
        "Archived; what is in the file can be used again.",
    ),
    "receive-post": (
        _US,
        "结果已寄出，凭单号查询；收到后请确认。",
        "The result is on its way by post; follow it by its number, and confirm when you have it.",
    ),
    "receive-locker": (
        _US,
        "结果在自助取件柜，请凭编号领取并确认。",
        "The result is in the pick-up locker; take it by its number, and confirm.",
    ),
    "receive-window": (
        _US,
        "结果在窗口，请携带身份证件领取。",
        "The result is at the window; bring your identity document.",
    ),
    "not-accepted": (
        _DONE,
        "未予受理。理由和救济途径见上；补正后可以重新申请。",
        "Not accepted. Reason and remedy are stated above; you may apply again once it is mended.",
    ),
    "denied": (
        _DONE,
        "不予批准。理由和救济途径见上。",
        "Denied. Reason and remedy are stated above.",
    ),
    "withdrawn": (
        _DONE,
        "您已撤回。可以随时重新申请。",
        "You withdrew it. You may apply again at any time.",
    ),
    "terminated": (
        _DONE,
        "部门已终止办理，理由见上。",
        "The department ended it; the reason is stated above.",
    ),
    "lapsed": (
        _DONE,
        "已失效，理由见上。可以重新申请。",
        "It lapsed; the reason is stated above. You may apply again.",
    ),
    "abandoned": (
        _DONE,
        "草稿已过期。可以重新开始。",
        "The draft has expired. You may begin again.",
    ),
}
