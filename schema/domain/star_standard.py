"""The star standard of an online service (星级标准): computed from facts of the catalogue and from events.

Nobody types a star in. Each criterion that is missing is named with its mend, so that a department sees what the
next star takes. Never blended with satisfaction. Source: domain.md, section 7.2; art. 15.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from schema.domain.case import Channel
from schema.domain.catalogue import Catalogue
from schema.domain.catalogue_lint import has_errors, lint
from schema.domain.material import MaterialSource
from schema.domain.service_item import ServiceForm, ServiceItem

ONLINE = frozenset({Channel.WEB, Channel.MOBILE})
AT_HOME = frozenset({*ONLINE, Channel.TV})
HIGHEST = 5


@dataclass(frozen=True, slots=True)
class Usage:
    """How many cases of the item were filed in the last 365 days, and how many of them from home."""

    cases: int = 0
    online: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    catalogue: Catalogue
    item: ServiceItem
    usage: Usage


@dataclass(frozen=True, slots=True)
class Criterion:
    """One demand of a star. ``mend`` is what to do where it is missing."""

    code: str
    star: int
    name: str
    name_en: str
    mend: str
    mend_en: str
    holds: Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class JudgedCriterion:
    criterion: Criterion
    is_met: bool


@dataclass(frozen=True, slots=True)
class StarStandard:
    """``stars``: as many as all criteria of them and of those below are met, from 0 to 5."""

    stars: int
    criteria: tuple[JudgedCriterion, ...]


def star_standard(catalogue: Catalogue, item: ServiceItem, usage: Usage) -> StarStandard:
    """Every criterion judged, in order of its star."""
    facts = Facts(catalogue, item, usage)
    judged = tuple(JudgedCriterion(each, each.holds(facts)) for each in CRITERIA)
    missing = min((each.criterion.star for each in judged if not each.is_met), default=HIGHEST + 1)
    return StarStandard(missing - 1, judged)


def _guide_is_complete(facts: Facts) -> bool:
    item = facts.item
    texts = (item.description, item.description_en, item.legal_basis, item.steps, item.results)
    return all(texts) and not has_errors(lint(facts.catalogue, item))


def _has_a_form(facts: Facts) -> bool:
    return bool(facts.item.form.get("properties"))


def _can_be_asked_about(facts: Facts) -> bool:
    return facts.item.exemption is None


def _is_booked_where_one_comes(facts: Facts) -> bool:
    booked = {ServiceForm.BY_APPOINTMENT, ServiceForm.AT_THE_DOOR}
    return facts.item.visits == 0 or bool(booked & set(facts.item.service_forms))


def _is_filed_online(facts: Facts) -> bool:
    is_open = facts.item.exemption is None and bool(ONLINE & set(facts.item.channels))
    return is_open and not any(facts.catalogue.missing_commands(facts.item))


def _is_used_online(facts: Facts) -> bool:
    return facts.usage.online * 2 >= facts.usage.cases


def _takes_no_visit(facts: Facts) -> bool:
    return facts.item.visits == 0


def _is_delivered_electronically(facts: Facts) -> bool:
    return bool(facts.item.results) and all(result.is_electronic for result in facts.item.results)


def _shares_what_departments_have(facts: Facts) -> bool:
    issued = (each for each in facts.item.materials if each.source is MaterialSource.DEPARTMENT)
    return all(each.satisfied_by for each in issued)


def _is_joint_where_several_take_part(facts: Facts) -> bool:
    others = {step.organisation for step in facts.item.steps} - {None, facts.item.organisation}
    return facts.item.joint is not None or not others


def _is_everywhere(facts: Facts) -> bool:
    channels = set(facts.item.channels)
    return channels >= ONLINE and bool({Channel.TV, Channel.KIOSK} & channels)


def _reminds_before_expiry(facts: Facts) -> bool:
    """Nobody is reminded of a licence that runs out yet; what is no licence does not."""
    return facts.item.result_kind is None


CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        "GUIDE", 1, "办事指南完整", "The guide is complete",
        "按事项检查的提示补齐指南。", "Mend what the lint of the catalogue names.",
        _guide_is_complete,
    ),
    Criterion(
        "FORM", 2, "在线填表", "Its form is filled in online",
        "为事项提供在线表单。", "Give the item a form.",
        _has_a_form,
    ),
    Criterion(
        "CONSULTATION", 2, "在线咨询", "Questions are answered online",
        "豁免事项不在线咨询；取消豁免。", "An exempt item is not asked about online; end the exemption.",
        _can_be_asked_about,
    ),
    Criterion(
        "APPOINTMENT", 2, "需到场的可预约", "Where one must come, it is by appointment",
        "开通预约或上门服务。", "Serve it by appointment, or at the door.",
        _is_booked_where_one_comes,
    ),
    Criterion(
        "FILING", 3, "在线申报与预审", "Filed and pre-reviewed online",
        "开通网上或手机渠道，并接通部门系统。", "Open web or mobile, and connect the department's commands.",
        _is_filed_online,
    ),
    Criterion(
        "USE", 3, "过半办件在线提交", "At least every second case comes online",
        "一年内过半办件来自窗口；找出原因。", "Most of last year's cases came to the window; find out why.",
        _is_used_online,
    ),
    Criterion(
        "NO_VISIT", 4, "全程不用到场", "No visit is needed",
        "取消到场要求，或以上门服务代替。", "Drop the visit.",
        _takes_no_visit,
    ),
    Criterion(
        "DELIVERY", 4, "结果电子送达", "The result comes electronically",
        "提供电子证照或电子结果。", "Deliver the result as an electronic licence or document.",
        _is_delivered_electronically,
    ),
    Criterion(
        "SHARING", 5, "共享数据代替材料", "Shared data replaces materials",
        "为部门出具的材料注明可替代的证照或登记。", "Say which licence or register entry replaces each paper.",
        _shares_what_departments_have,
    ),
    Criterion(
        "JOINT", 5, "多部门联合办理", "Departments handle it together",
        "多个部门参与时改为联合办理。", "Where several departments take part, make it a joint item.",
        _is_joint_where_several_take_part,
    ),
    Criterion(
        "CHANNELS", 5, "网站、手机加电视或自助终端", "On web, mobile, and TV or kiosk",
        "补开缺少的渠道。", "Open the missing channels.",
        _is_everywhere,
    ),
    Criterion(
        "REMINDER", 5, "到期前提醒", "A reminder before the licence runs out",
        "平台尚未提供证照到期提醒。", "The hub does not remind of licences that run out yet.",
        _reminds_before_expiry,
    ),
)  # fmt: skip
