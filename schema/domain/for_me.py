"""Who may apply, and which materials are needed, answered for one person from shared data.

Each answer says on what ground and from which source. What no source tells stays unknown: a department that did
not answer never turns into "you have none". Source: domain.md, section 3, 9.5; art. 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from schema.domain.material import Material, Necessity
from schema.domain.party import ApplicantKind
from schema.domain.service_item import Condition, ServiceItem


class Answer(StrEnum):
    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


class Need(StrEnum):
    NEEDED = "NEEDED"
    NOT_NEEDED = "NOT_NEEDED"
    """Optional, or not asked for after these answers."""
    REPLACED = "REPLACED"
    """Shared data takes its place: nothing is to be handed in."""
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Said:
    """A ground or a source in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class HeldLicence:
    """One licence as its issuer tells it. ``valid_until`` is the last day; none for ever."""

    kind: str
    number: str
    is_in_force: bool
    valid_until: date | None = None
    issuer: Said = field(default_factory=lambda: Said("", ""))

    def is_valid(self, today: date) -> bool:
        return self.is_in_force and (self.valid_until is None or self.valid_until >= today)


@dataclass(frozen=True, slots=True)
class SharedFacts:
    """What is known of one person. ``knows_all_licences``: every department that issues any has answered.

    ``enterprises`` is how many open ones the person represents, ``None`` where nobody told; ``entries`` are the
    register entries that were told, and whether there is something in them.
    """

    today: date
    born: date | None = None
    licences: tuple[HeldLicence, ...] = ()
    knows_all_licences: bool = False
    enterprises: int | None = None
    entries: Mapping[str, bool] = field(default_factory=dict)

    def valid(self, kind: str) -> HeldLicence | None:
        return next((each for each in self.licences if each.kind == kind and each.is_valid(self.today)), None)

    @property
    def age(self) -> int | None:
        """In full years."""
        if self.born is None:
            return None
        had_birthday = (self.today.month, self.today.day) >= (self.born.month, self.born.day)
        return self.today.year - self.born.year - (not had_birthday)


@dataclass(frozen=True, slots=True)
class ConditionForMe:
    """One condition; ``code`` is that of the item, or ``applicant`` for the kind of applicant."""

    code: str
    name: Said
    answer: Answer
    ground: Said
    source: Said


@dataclass(frozen=True, slots=True)
class MaterialForMe:
    code: str
    name: Said
    need: Need
    ground: Said
    source: Said


@dataclass(frozen=True, slots=True)
class ItemForMe:
    """``may_apply`` is no where one condition is not met, unknown where one is unknown."""

    may_apply: Answer
    conditions: tuple[ConditionForMe, ...]
    materials: tuple[MaterialForMe, ...]


CATALOGUE = Said("事项目录", "Catalogue")
IDENTITY = Said("身份登记", "Identity register")
ENTERPRISES = Said("企业登记", "Enterprise register")
LICENCES = Said("电子证照", "Licences")
NO_SOURCE = Said("暂无数据来源", "No source")
NOT_SHARED = Said("没有共享数据可以判断，请自行核对。", "No shared data can tell; check it yourself.")
SILENT = Said("有部门暂未答复，无法判断。", "A department did not answer, so this is not known.")
MATERIAL_SILENT = Said(
    "有部门暂未答复；若您已持有相应证照则无需提交。",
    "A department did not answer; if you hold it, nothing is needed.",
)


def for_me(item: ServiceItem, facts: SharedFacts, form: Mapping[str, Any] | None = None) -> ItemForMe:
    """All answers. ``form`` is what was filled in so far, where anything was."""
    conditions = (_applicant(item, facts), *(_condition(each, facts) for each in item.conditions))
    materials = tuple(_material(each, facts, form) for each in item.materials)
    answers = {each.answer for each in conditions}
    known = Answer.UNKNOWN if Answer.UNKNOWN in answers else Answer.YES
    return ItemForMe(Answer.NO if Answer.NO in answers else known, conditions, materials)


def _applicant(item: ServiceItem, facts: SharedFacts) -> ConditionForMe:
    name = Said("申请人类型", "Kind of applicant")

    def said(answer: Answer, ground: Said, source: Said) -> ConditionForMe:
        return ConditionForMe("applicant", name, answer, ground, source)

    if ApplicantKind.CITIZEN in item.who_may_apply:
        return said(Answer.YES, Said("个人可以申请。", "A person may apply."), CATALOGUE)
    if facts.enterprises is None:
        return said(Answer.UNKNOWN, SILENT, NO_SOURCE)
    if facts.enterprises:
        ground = Said("您是在业企业的法定代表人。", "You are the legal representative of an open enterprise.")
        return said(Answer.YES, ground, ENTERPRISES)
    ground = Said("仅限企业申请，您名下没有在业企业。", "For enterprises alone; you represent none that is open.")
    return said(Answer.NO, ground, ENTERPRISES)


def _condition(condition: Condition, facts: SharedFacts) -> ConditionForMe:
    rules = [
        *([_age(condition, facts)] if (condition.minimum_age, condition.maximum_age) != (None, None) else []),
        *([_holds(condition.holds, facts)] if condition.holds else []),
        *([_lacks(condition.lacks, facts)] if condition.lacks else []),
    ]
    order = (Answer.NO, Answer.UNKNOWN, Answer.YES)
    answer, ground, source = min(
        rules, key=lambda rule: order.index(rule[0]), default=(Answer.UNKNOWN, NOT_SHARED, NO_SOURCE)
    )
    return ConditionForMe(condition.code, Said(condition.name, condition.name_en), answer, ground, source)


_Judged = tuple[Answer, Said, Said]


def _age(condition: Condition, facts: SharedFacts) -> _Judged:
    age = facts.age
    if age is None:
        return Answer.UNKNOWN, NOT_SHARED, NO_SOURCE
    is_met = (condition.minimum_age or 0) <= age and age <= (
        condition.maximum_age if condition.maximum_age is not None else age
    )
    return (
        Answer.YES if is_met else Answer.NO,
        Said(f"您今年{age}周岁。", f"You are {age} years old."),
        IDENTITY,
    )


def _holds(kind: str, facts: SharedFacts) -> _Judged:
    held = facts.valid(kind)
    if held is not None:
        return Answer.YES, _told(held), _issuer(held)
    if not facts.knows_all_licences:
        return Answer.UNKNOWN, SILENT, NO_SOURCE
    return Answer.NO, Said("您没有所需的有效证照。", "You hold no valid licence of the kind."), LICENCES


def _lacks(kind: str, facts: SharedFacts) -> _Judged:
    held = facts.valid(kind)
    if held is not None:
        return Answer.NO, _told(held), _issuer(held)
    if not facts.knows_all_licences:
        return Answer.UNKNOWN, SILENT, NO_SOURCE
    return Answer.YES, Said("您没有此类有效证照。", "You hold no valid licence of the kind."), LICENCES


def _material(material: Material, facts: SharedFacts, form: Mapping[str, Any] | None) -> MaterialForMe:
    need, ground, source = _need(material, facts, form)
    return MaterialForMe(material.code, Said(material.name, material.name_en), need, ground, source)


def _need(material: Material, facts: SharedFacts, form: Mapping[str, Any] | None) -> tuple[Need, Said, Said]:
    """What replaces it is looked at first: then no answer in the form matters."""
    for each in material.satisfied_by:
        held = facts.valid(each.licence_type) if each.licence_type else None
        if held is not None:
            return Need.REPLACED, _told(held), _issuer(held)
        if each.register_entry and facts.entries.get(each.register_entry):
            ground = Said("登记信息可以代替，无需提交。", "The register's entry replaces it.")
            return Need.REPLACED, ground, Said(each.register_entry, each.register_entry)
    if material.necessity is Necessity.OPTIONAL:
        return Need.NOT_NEEDED, Said("可以不提交。", "It may be left out."), CATALOGUE
    if material.required_when is not None:
        if form is None or material.required_when.field not in form:
            ground = Said("是否需要取决于您在表单中的回答。", "It depends on what you answer in the form.")
            return Need.UNKNOWN, ground, CATALOGUE
        if not material.required_when.holds(form):
            ground = Said("按您在表单中的回答，不需要。", "After your answers in the form it is not asked for.")
            return Need.NOT_NEEDED, ground, CATALOGUE
    if material.satisfied_by and not _is_told(material, facts):
        return Need.UNKNOWN, MATERIAL_SILENT, NO_SOURCE
    if material.necessity is Necessity.LATER:
        return Need.NEEDED, Said("可以在受理后补交。", "It may be handed in after acceptance."), CATALOGUE
    return Need.NEEDED, Said(material.legal_basis, material.legal_basis_en), CATALOGUE


def _is_told(material: Material, facts: SharedFacts) -> bool:
    """Whether everything that could replace it has been asked for and answered."""
    return all(
        facts.knows_all_licences if each.licence_type else each.register_entry in facts.entries
        for each in material.satisfied_by
    )


def _told(held: HeldLicence) -> Said:
    zh, en = (
        (f"，有效期至{held.valid_until}", f", valid until {held.valid_until}") if held.valid_until else ("", "")
    )
    return Said(f"您持有有效证照 {held.number}{zh}。", f"You hold the valid licence {held.number}{en}.")


def _issuer(held: HeldLicence) -> Said:
    return held.issuer if held.issuer.zh or held.issuer.en else LICENCES
