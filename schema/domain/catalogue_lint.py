"""The lint of the catalogue: what must be right before an item is offered. Errors block, warnings do not.

One rule, one function; a new rule is a new function and a line in ``RULES``.
Source: domain.md, 9.4 and 9.5; art. 4, 11, 13, 22.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any

from schema.domain.case import Channel
from schema.domain.catalogue import Catalogue, joint_problems
from schema.domain.fee_assessment import fee_problems
from schema.domain.form_schema import advice, schema_problems
from schema.domain.material import MaterialForm, MaterialSource, Trust
from schema.domain.service_item import ItemFee, ProcedureStep, ServiceItem, StepKind

AT_A_PLACE = frozenset({Channel.WINDOW, Channel.KIOSK})
INSTANT_DAYS = 1


class Severity(StrEnum):
    ERROR = "ERROR"
    WARNING = "WARNING"


@dataclass(frozen=True, slots=True)
class CatalogueFinding:
    """What is wrong, and the mend. ``place`` is the part of the item: a material's code, a step's, a field."""

    code: str
    severity: Severity
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity} {self.code} at {self.place}: {self.message}"


def lint(catalogue: Catalogue, item: ServiceItem) -> tuple[CatalogueFinding, ...]:
    """Everything that the rules find, errors first. ``catalogue`` has the places and organisations it names.

    A form that cannot be read is told alone: other rules read it.
    """
    rules = (the_form_is_checked,) if any(schema_problems(item.form)) else RULES
    found = (finding for rule in rules for finding in rule(catalogue, item))
    return tuple(sorted(found, key=lambda each: (each.severity, each.code, each.place)))


def has_errors(findings: tuple[CatalogueFinding, ...]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


def _error(code: str, place: str, message: str) -> CatalogueFinding:
    return CatalogueFinding(code, Severity.ERROR, place, message)


def _warning(code: str, place: str, message: str) -> CatalogueFinding:
    return CatalogueFinding(code, Severity.WARNING, place, message)


def step_days_fit_the_promise(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    """The longest way through the steps takes no more than what is promised."""
    days = longest_way(item.steps)
    if days > item.promised_limit_days:
        promised = f"{days} working days, {item.promised_limit_days} are promised"
        yield _error("STEP_DAYS", "steps", f"The steps take {promised}. Shorten a step or promise less.")


def steps_are_an_order(catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    codes: set[str] = set()
    for step in item.steps:
        for code in step.after:
            if code not in codes:
                yield _error("STEP_ORDER", step.code, f'It waits for "{code}", which is no step before it.')
        if step.organisation is not None and step.organisation not in catalogue.organisations:
            yield _error("UNKNOWN_ORGANISATION", step.code, f'"{step.organisation}" is not in the catalogue.')
        codes.add(step.code)


def a_visit_has_a_reason(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    if item.visits and not (item.visit_reason and item.visit_reason_en):
        yield _error("VISIT_WITHOUT_REASON", "visits", "Say in both languages why one must come, or ask for none.")


def fully_online_means_no_visit(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    if item.visits and not AT_A_PLACE & set(item.channels):
        yield _error("ONLINE_WITH_VISIT", "visits", "It is offered online alone, but asks to come. Add WINDOW.")


def a_result_has_a_sample(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    if not item.results:
        yield _error("NO_RESULT", "results", "Say what one has in hand in the end.")
    for number, result in enumerate(item.results):
        if not (result.sample and result.sample_en):
            place = result.licence_type or f"results[{number}]"
            yield _error("RESULT_WITHOUT_SAMPLE", place, "Describe a sample in both languages.")


def telephones_differ(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    """Whoever complains does not want the one whom they complain of."""
    if not (item.enquiry_telephone and item.complaint_telephone):
        yield _error("NO_TELEPHONE", "telephones", "Name one for enquiries and one for complaints.")
    elif item.enquiry_telephone == item.complaint_telephone:
        yield _error("SAME_TELEPHONE", "telephones", "Complaints need another number than enquiries.")


def no_fee_means_no_payment_step(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    payments = [step for step in item.steps if step.kind is StepKind.PAYMENT]
    if payments and not item.fee_fen:
        yield _error("PAYMENT_WITHOUT_FEE", payments[0].code, "Nothing is owed. Drop the step or add the fee.")
    if item.fee_fen and item.steps and not payments:
        yield _warning("FEE_WITHOUT_PAYMENT", "steps", "A fee is owed, but no step says when it is paid.")


def every_window_has_an_address(catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    for window in item.windows:
        place = catalogue.places.get(window.place)
        if place is None:
            yield _error("UNKNOWN_PLACE", window.place, "It is not in the catalogue. Add the place.")
        elif not (place.address and place.address_en):
            yield _error("WINDOW_WITHOUT_ADDRESS", window.place, "Give its address in both languages.")
    if Channel.WINDOW in item.channels and not catalogue.places_of(item):
        yield _error("NO_WINDOW", "windows", "It is offered at the window, but no place is named.")


def a_material_says_who_asks_for_it(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    for material in item.materials:
        if not (material.legal_basis and material.legal_basis_en):
            yield _error("MATERIAL_WITHOUT_BASIS", material.code, "Name the rule that asks for it, or do not ask.")
        if material.source is not MaterialSource.APPLICANT and not (material.issued_by and material.issued_by_en):
            yield _error("MATERIAL_WITHOUT_SOURCE", material.code, "Say in both languages who issues it.")


def trust_is_what_the_form_allows(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    """A declaration is D; A comes from an issuer, never from the applicant."""
    for material in item.materials:
        is_declared = material.form is MaterialForm.DECLARATION
        if is_declared != (material.trust is Trust.D):
            yield _error("TRUST", material.code, "A declaration has grade D, and nothing else has.")
        if material.trust is Trust.A and material.source is MaterialSource.APPLICANT:
            yield _error("TRUST", material.code, "Grade A comes from the issuer. Name it, or grade it lower.")


def what_can_be_fetched_is_not_demanded(catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    """9.5. A department's paper without a licence or register entry that replaces it; one that is issued here."""
    issued_here = {
        result.name: result for each in catalogue.items for result in each.results if result.licence_type
    }
    for material in item.materials:
        if material.source is not MaterialSource.DEPARTMENT or material.satisfied_by:
            continue
        if material.name in issued_here:
            kind = issued_here[material.name].licence_type
            yield _error("DEMANDED_AGAIN", material.code, f'It is issued here as "{kind}". Let that replace it.')
        else:
            yield _warning("NOT_SHARED", material.code, "Say by which licence or register entry it is replaced.")


def a_condition_can_be_met(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    for condition in item.conditions:
        lowest, highest = condition.minimum_age, condition.maximum_age
        if lowest is not None and highest is not None and lowest > highest:
            yield _error("CONDITION", condition.code, "Nobody is older than the one and younger than the other.")
        if condition.holds is not None and condition.holds == condition.lacks:
            yield _error("CONDITION", condition.code, "Nobody holds and lacks the same licence.")


def required_when_names_an_answer(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    properties = item.form.get("properties", {})
    for material in item.materials:
        if material.required_when is None:
            continue
        asked = properties.get(material.required_when.field)
        if asked is None:
            what = f'The form has no field "{material.required_when.field}".'
            yield _error("REQUIRED_WHEN", material.code, what)
        elif "enum" in asked and any(each not in asked["enum"] for each in material.required_when.values):
            yield _error("REQUIRED_WHEN", material.code, "One of its answers cannot be given in the form.")


def limits_are_lawful(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    if item.promised_limit_days > item.statutory_limit_days:
        yield _error("PROMISE", "promised_limit_days", "The promise is longer than the law allows. Shorten it.")
    if item.promised_limit_days < 1:
        yield _error("PROMISE", "promised_limit_days", "Promise at least one working day.")
    if item.is_instant and item.promised_limit_days > INSTANT_DAYS:
        yield _error("INSTANT", "is_instant", "What is done at once is promised for the same working day.")
    if item.green_channel is not None and not 0 < item.green_channel.limit_days < item.promised_limit_days:
        yield _error("GREEN_CHANNEL", "green_channel", "The urgent way has to be shorter than the promise.")


def it_stands_on_a_law(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    if not item.legal_basis:
        yield _error("NO_LEGAL_BASIS", "legal_basis", "Name the law, rule or notice on which the item stands.")
    if not item.who_may_apply:
        yield _error("NOBODY_MAY_APPLY", "who_may_apply", "Say who may apply.")


def a_fee_has_a_basis(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    for fee in item.fees:
        yield from _fee_findings(fee)
    for code, problem in fee_problems(item):
        yield _error("FEE_RULE", code, problem)


def an_exemption_has_a_ground(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    exemption = item.exemption
    if exemption is None:
        return
    if not (exemption.ground and exemption.ground_en and exemption.approved_by):
        yield _error("EXEMPTION", "exemption", "Give the ground in both languages, and who agreed.")
    if set(item.channels) - {Channel.WINDOW}:
        yield _error("EXEMPTION", "channels", "An exempt item passes no front door. Leave WINDOW alone.")


def both_languages_speak(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    for place, name in _untranslated(item, "item"):
        yield _error("TRANSLATION", place, f"`{name}` is said in one language only.")


def codes_are_unique(_catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    for part in (item.materials, item.steps, item.fees, item.conditions):
        codes = [each.code for each in part]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield _error("DOUBLE_CODE", code, "Two parts have this code. Rename one.")


def life_events_are_known(catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    for code in item.life_events:
        if code not in catalogue.life_events:
            yield _error("UNKNOWN_LIFE_EVENT", code, "It is not in the catalogue.")


def the_form_is_checked(catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    if item.form.get("type") != "object":
        yield _error("FORM", "form", "A form is of type object.")
    wrong = tuple(schema_problems(item.form))
    yield from (_error("FORM", "form", each) for each in wrong)
    if not wrong:
        yield from (_error("FORM", place, mend) for place, mend in advice(item.form))


def somebody_handles_it(catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    owner = catalogue.organisations.get(item.organisation)
    if owner is None:
        yield _error("UNKNOWN_ORGANISATION", "organisation", f'"{item.organisation}" is not in the catalogue.')
    elif not item.is_decided_by_officers and set(item.channels) - AT_A_PLACE:
        for department, name in catalogue.missing_commands(item):
            yield _error("NO_COMMAND", "channels", f'"{department}" has no command "{name}" for a case online.')


def departments_can_handle_it_together(catalogue: Catalogue, item: ServiceItem) -> Iterator[CatalogueFinding]:
    for problem in joint_problems(catalogue, item):
        yield _error("JOINT_PLAN", "joint", problem)


RULES: tuple[Callable[[Catalogue, ServiceItem], Iterator[CatalogueFinding]], ...] = (
    step_days_fit_the_promise,
    steps_are_an_order,
    a_visit_has_a_reason,
    fully_online_means_no_visit,
    a_result_has_a_sample,
    telephones_differ,
    no_fee_means_no_payment_step,
    every_window_has_an_address,
    a_material_says_who_asks_for_it,
    trust_is_what_the_form_allows,
    what_can_be_fetched_is_not_demanded,
    a_condition_can_be_met,
    required_when_names_an_answer,
    limits_are_lawful,
    it_stands_on_a_law,
    a_fee_has_a_basis,
    an_exemption_has_a_ground,
    both_languages_speak,
    codes_are_unique,
    life_events_are_known,
    the_form_is_checked,
    somebody_handles_it,
    departments_can_handle_it_together,
)


def longest_way(steps: tuple[ProcedureStep, ...]) -> int:
    """Working days from the first step to the end, where steps that wait for the same run side by side."""
    done: dict[str, int] = {}
    before = 0
    for step in steps:
        begins = max((done.get(code, 0) for code in step.after), default=0) if step.after else before
        before = done[step.code] = begins + step.days
    return max(done.values(), default=0)


def _fee_findings(fee: ItemFee) -> Iterator[CatalogueFinding]:
    if not (fee.legal_basis and fee.legal_basis_en):
        yield _error("FEE_WITHOUT_BASIS", fee.code, "Name the document that sets it; else nothing may be charged.")
    if fee.amount_fen < 1:
        yield _error("FEE_AMOUNT", fee.code, "A fee is at least one fen.")


def _untranslated(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Pairs of a text and its ``_en`` of which one is empty, at any depth."""
    if isinstance(value, tuple):
        for each in value:
            yield from _untranslated(each, place)
    elif is_dataclass(value) and not isinstance(value, type):
        where = getattr(value, "code", place) or place
        names = {field.name for field in fields(value)}
        for name in sorted(names):
            if f"{name}_en" in names and bool(getattr(value, name)) != bool(getattr(value, f"{name}_en")):
                yield where, name
            yield from _untranslated(getattr(value, name), where)
