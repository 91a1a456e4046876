"""Service items and the commands that carry a case to its department; catalogue data, read and checked.

Nothing about one department stands in code: which GraphQL mutation tells a department what is part of
the catalogue. Source: domain.md, "Service item and case"; art. 4, 13, 17.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from schema.domain.case import Channel
from schema.domain.fee import FeeCovers
from schema.domain.joint import JointPlan
from schema.domain.material import Material, RequiredWhen
from schema.domain.organisation import Level
from schema.domain.party import ApplicantKind


class Step(StrEnum):
    """What the hub may have to tell a department."""

    RECEIVE_CASE = "receive-case"
    SUPPLEMENT_CASE = "supplement-case"
    """What came in answer to a notice; a department without a command for it receives the case again."""
    ISSUE_LICENCE = "issue-licence"
    SETTLE_FEE = "settle-fee"


@dataclass(frozen=True, slots=True)
class CommandText:
    """The GraphQL mutation by which a department takes one step; it has one variable, ``$input``."""

    operation: str
    operation_name: str


class ItemType(StrEnum):
    """What an item is in law (事项类型)."""

    LICENCE = "LICENCE"
    CONFIRMATION = "CONFIRMATION"
    REGISTRATION = "REGISTRATION"
    PAYMENT = "PAYMENT"
    BENEFIT = "BENEFIT"
    PUBLIC_SERVICE = "PUBLIC_SERVICE"
    OTHER = "OTHER"


class ServiceForm(StrEnum):
    """How an item is served beside the ordinary way (延时、限时、承诺、上门、预约). Art. 13."""

    EXTENDED_HOURS = "EXTENDED_HOURS"
    TIME_LIMITED = "TIME_LIMITED"
    PROMISED = "PROMISED"
    AT_THE_DOOR = "AT_THE_DOOR"
    BY_APPOINTMENT = "BY_APPOINTMENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalBasis:
    """A law, rule or notice on which the item stands."""

    title: str
    title_en: str
    article: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Who may apply, one sentence each. What a rule says can be told from shared data alone.

    Ages are in full years; ``holds`` and ``lacks`` are kinds of licences that are valid now.
    """

    code: str
    name: str
    name_en: str
    minimum_age: int | None = None
    maximum_age: int | None = None
    holds: str | None = None
    lacks: str | None = None


class StepKind(StrEnum):
    ACCEPTANCE = "ACCEPTANCE"
    REVIEW = "REVIEW"
    SPECIAL_PROCEDURE = "SPECIAL_PROCEDURE"
    """A hearing, inspection, test, expert review or public notice, in which the limit stands still."""
    DECISION = "DECISION"
    PAYMENT = "PAYMENT"
    ISSUE = "ISSUE"
    DELIVERY = "DELIVERY"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureStep:
    """One step of the procedure. ``days`` are working days within the promise; ``organisation`` the owner's
    code where it is another; ``after`` are the steps it waits for, the one before where none is named."""

    code: str
    name: str
    name_en: str
    kind: StepKind = StepKind.REVIEW
    days: int = 0
    organisation: str | None = None
    after: tuple[str, ...] = ()


class FeeDue(StrEnum):
    ON_ACCEPTANCE = "ON_ACCEPTANCE"
    ON_APPROVAL = "ON_APPROVAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFee:
    """What is owed for a case, in fen. ``legal_basis`` is the document that sets it; art. 22.

    The amount is for each of the whole number that the form's answer ``per`` gives, else for the case. ``payee``
    is who is paid, where it is neither the department of the joint ``step`` nor the item's owner.
    """

    code: str
    name: str
    name_en: str
    amount_fen: int
    legal_basis: str = ""
    legal_basis_en: str = ""
    due: FeeDue = FeeDue.ON_APPROVAL
    covers: FeeCovers = FeeCovers.RESULT
    per: str | None = None
    owed_when: RequiredWhen | None = None
    waived_when: RequiredWhen | None = None
    waiver_basis: str = ""
    waiver_basis_en: str = ""
    payee: str | None = None
    step: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """What an applicant has in hand in the end. ``sample`` describes it, or says where one is seen."""

    licence_type: str | None = None
    name: str = ""
    name_en: str = ""
    sample: str = ""
    sample_en: str = ""
    is_electronic: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWindow:
    """Where one can go: a place of the catalogue, and which window there."""

    place: str
    window: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GreenChannel:
    """On which ground a case is expedited (绿色通道), and the shorter promise in working days. Art. 5."""

    ground: str
    ground_en: str
    limit_days: int


class ExemptionKind(StrEnum):
    SECRET = "SECRET"  # noqa: S105  a ground, no password
    RARE = "RARE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Why an item stays out of the one front door, and who agreed; it is listed all the same. Art. 11."""

    kind: ExemptionKind
    ground: str
    ground_en: str
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceItem:
    """One version of an item. ``form`` is JSON Schema. Limits are working days, fees fen.

    ``visits`` is how often an applicant must come; a visit has its reason. ``life_events`` are codes of the
    catalogue's life events; ``synonyms`` are what people call it. ``is_decided_by_officers``: officers of its
    owner handle its cases here, so that nothing is sent to a system of theirs.
    """

    code: str
    version: int
    name: str
    name_en: str
    description: str
    description_en: str
    category: str
    organisation: str
    statutory_limit_days: int
    promised_limit_days: int
    channels: tuple[Channel, ...]
    form: Mapping[str, Any]
    in_force_since: datetime
    type: ItemType = ItemType.OTHER
    legal_basis: tuple[LegalBasis, ...] = ()
    levels: tuple[Level, ...] = (Level.DISTRICT,)
    windows: tuple[ItemWindow, ...] = ()
    who_may_apply: tuple[ApplicantKind, ...] = (ApplicantKind.CITIZEN,)
    conditions: tuple[Condition, ...] = ()
    materials: tuple[Material, ...] = ()
    steps: tuple[ProcedureStep, ...] = ()
    is_instant: bool = False
    fees: tuple[ItemFee, ...] = ()
    results: tuple[ItemResult, ...] = ()
    service_forms: tuple[ServiceForm, ...] = ()
    enquiry_telephone: str = ""
    complaint_telephone: str = ""
    visits: int = 0
    visit_reason: str = ""
    visit_reason_en: str = ""
    green_channel: GreenChannel | None = None
    joint: JointPlan | None = None
    """The department steps of an item that several departments handle together. Art. 17."""
    is_decided_by_officers: bool = False
    exemption: Exemption | None = None
    life_events: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()

    @property
    def fee_fen(self) -> int:
        """All fees together, each for one case; 0 where nothing is owed."""
        return sum(fee.amount_fen for fee in self.fees)

    @property
    def fee_name(self) -> str:
        return "、".join(fee.name for fee in self.fees)

    @property
    def fee_name_en(self) -> str:
        return ", ".join(fee.name_en for fee in self.fees)

    @property
    def result_kind(self) -> str | None:
        """The kind of the licence that it leads to, if any."""
        return next((result.licence_type for result in self.results if result.licence_type), None)

    def material(self, code: str) -> Material | None:
        return next((material for material in self.materials if material.code == code), None)
