"""What is owed, what goes back, and books that come to nothing: table tests of the rules of fees."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain import ledger
from schema.domain.case import Case, CaseActor, CaseEventType, CaseState, Happening, transition
from schema.domain.case_flow import CancelFee, OrderFee, Progress, RefundFee, StartFeeTerm
from schema.domain.fee import FeeCovers, FeeOrder, FeeState
from schema.domain.fee_assessment import assess, fee_problems
from schema.domain.fee_flow import FeesLeft, PaidFee, concerns_orders, fees_paid, order_fees, settle_orders
from schema.domain.joint import DepartmentStep, JointPlan, SubCase, SubCases, SubCaseState
from schema.domain.material import RequiredWhen
from schema.domain.payment import SETTLED, Arrival, PaymentState, arrival
from schema.domain.reconciliation import DifferenceKind, Movement, MovementKind, reconcile
from schema.domain.refund import RefundState, goes_back, refund_problem, state_after_refunds
from schema.domain.service_item import FeeDue, ItemFee, ServiceItem

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
S, T = CaseState, CaseEventType
CASE = Case("1", "JY261123-0123456789-X", "ITEM", 1, "anna", state=S.IN_REVIEW)
FORM = {"properties": {"copies": {"type": "integer"}, "poor": {"type": "boolean"}, "name": {"type": "string"}}}
PLAN = JointPlan(
    steps=(
        DepartmentStep(code="fire", name="消防", name_en="Fire", organisation="110102-XF"),
        DepartmentStep(code="food", name="食品", name_en="Food", organisation="110102-SJ"),
    )
)


def fee(code: str = "FEE", fen: int = 500, **more: Any) -> ItemFee:
    return ItemFee(
        code=code, name="费", name_en="Fee", amount_fen=fen, legal_basis="x", legal_basis_en="x", **more
    )


def item(*fees: ItemFee, joint: JointPlan | None = None) -> ServiceItem:
    return ServiceItem(
        code="ITEM", version=1, name="事", name_en="Item", description="", description_en="", category="",
        fees=fees,
        organisation="110102-MZ", statutory_limit_days=20, promised_limit_days=10, channels=(), form=FORM,
        in_force_since=AT, joint=joint,
    )  # fmt: skip


def order(number: str = "FO-1", fen: int = 500, state: FeeState = FeeState.PAID, **more: Any) -> FeeOrder:
    return FeeOrder(number, "1", "anna", "费", "Fee", fen, "110102-MZ", state, AT, **more)


@pytest.mark.parametrize(
    ("owed", "form", "expected"),
    [
        (fee(), {}, [("110102-MZ", 1, 500)]),
        (fee(per="copies"), {"copies": 3}, [("110102-MZ", 3, 1500)]),
        (fee(per="copies"), {"copies": 0}, []),
        (fee(per="copies"), {"copies": -3}, []),
        (fee(per="copies"), {"copies": True}, [("110102-MZ", 1, 500)]),
        (fee(per="copies"), {}, [("110102-MZ", 1, 500)]),
        (fee(payee="110102-CZ"), None, [("110102-CZ", 1, 500)]),
        (fee(step="fire"), {}, [("110102-XF", 1, 500)]),
        (fee(owed_when=RequiredWhen("name", ("x",))), {"name": "x"}, [("110102-MZ", 1, 500)]),
        (fee(owed_when=RequiredWhen("name", ("x",))), {"name": "y"}, []),
        (fee(waived_when=RequiredWhen("poor", (True,))), {"poor": True}, []),
        (fee(waived_when=RequiredWhen("poor", (True,))), {"poor": 1}, [("110102-MZ", 1, 500)]),
    ],
)
def test_what_is_owed_is_data(owed: ItemFee, form: Any, expected: list[tuple[str, int, int]]) -> None:
    """A new fee goes live by data alone: amount, number, condition, waiver and payee. Art. 17, 22."""
    assessed = assess(item(owed, joint=PLAN), form)
    assert [(each.payee, each.units, each.amount_fen) for each in assessed] == expected


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (fee(per="name"), "no whole number"),
        (fee(owed_when=RequiredWhen("other", (1,))), "has not"),
        (fee(waived_when=RequiredWhen("poor", (True,))), "ground"),
        (fee(step="other"), "no step"),
    ],
)
def test_a_fee_rule_that_cannot_work_does_not_go_live(wrong: ItemFee, words: str) -> None:
    """The catalogue's check names the fee and the mend."""
    [(code, problem)] = fee_problems(item(wrong, joint=PLAN))
    assert code == "FEE"
    assert words in problem


ON_ACCEPTANCE = fee("FILING", 300, due=FeeDue.ON_ACCEPTANCE, covers=FeeCovers.HANDLING)
BOTH = item(ON_ACCEPTANCE, fee("RESULT", 700))


def moved(case: Case, *types: CaseEventType) -> Progress:
    progress = Progress(case, case)
    for each in types:
        data = {"remedy": "appeal"}
        progress = progress.then(Happening(each, CaseActor.DEPARTMENT, AT, reason="because", data=data))
    return progress


def test_each_fee_is_ordered_when_it_falls_due_and_the_result_when_all_are_paid() -> None:
    """Acceptance, approval, two payments: nothing is charged twice, also after the case was reopened."""
    submitted = replace(CASE, state=S.SUBMITTED)
    accepted = order_fees(moved(submitted, T.ACCEPTED, T.REVIEW_STARTED), BOTH, {})
    assert [each.assessed.fee.code for each in accepted.effects if isinstance(each, OrderFee)] == ["FILING"]
    approved = order_fees(moved(accepted.case, T.APPROVED), BOTH, {})
    assert [type(each) for each in approved.effects] == [OrderFee, StartFeeTerm]
    assert approved.case.owes_fees

    first = order_fees(fees_paid(approved.case, [PaidFee("FO-1", 300)], FeesLeft(1, 1), AT), BOTH, {})
    assert (first.case.state, first.case.owes_fees) == (S.APPROVED, True)
    second = order_fees(fees_paid(first.case, [PaidFee("FO-2", 700)], FeesLeft(0, 0), AT), BOTH, {})
    assert second.case.state is S.COMPLETED
    again = order_fees(moved(second.case, T.REOPENED, T.APPROVED), BOTH, {})
    assert [each for each in again.effects if isinstance(each, OrderFee)] == []
    assert again.case.state is S.COMPLETED


def test_a_fee_paid_before_the_decision_waits_for_it() -> None:
    """The result follows approval at once where nothing is owed any more."""
    accepted = order_fees(moved(replace(CASE, state=S.SUBMITTED), T.ACCEPTED), item(ON_ACCEPTANCE), {})
    paid = order_fees(
        fees_paid(accepted.case, [PaidFee("FO-1", 300)], FeesLeft(0, 0), AT), item(ON_ACCEPTANCE), {}
    )
    assert paid.case.state is S.ACCEPTED
    approved = order_fees(moved(paid.case, T.REVIEW_STARTED, T.APPROVED), item(ON_ACCEPTANCE), {})
    assert approved.case.state is S.COMPLETED


def at_step(state: SubCaseState, *, decided: bool = False, not_accepted: bool = False) -> SubCases:
    fire = SubCase("fire", state, decided_at=AT if decided else None, not_accepted=not_accepted)
    return SubCases.beginning(PLAN).with_sub_case(fire)


R, H, J = FeeCovers.RESULT, FeeCovers.HANDLING, SubCaseState


@pytest.mark.parametrize(
    ("covers", "step", "case", "sub_cases", "expected"),
    [
        (R, None, S.DENIED, None, True),
        (R, None, S.WITHDRAWN, None, True),
        (R, None, S.LAPSED, None, True),
        (R, None, S.APPROVED, None, False),
        (R, None, S.COMPLETED, None, False),
        (H, None, S.NOT_ACCEPTED, None, True),
        (H, None, S.WITHDRAWN, None, True),
        (R, "fire", S.IN_REVIEW, at_step(J.STARTED), False),
        (R, "fire", S.IN_REVIEW, at_step(J.DENIED, decided=True), True),
        (H, "fire", S.DENIED, at_step(J.DENIED, decided=True), False),
        (H, "fire", S.DENIED, at_step(J.DENIED, decided=True, not_accepted=True), True),
        (R, "fire", S.APPROVED, at_step(J.MISSED, decided=True), True),
        (H, "fire", S.DENIED, at_step(J.STOPPED), True),
        (R, "fire", S.APPROVED, at_step(J.APPROVED, decided=True), False),
        (R, "fire", S.DENIED, at_step(J.APPROVED, decided=True), True),
        (H, "fire", S.DENIED, at_step(J.APPROVED, decided=True), False),
        (R, "fire", S.DENIED, at_step(J.COMPENSATING, decided=True), True),
        (H, "fire", S.DENIED, at_step(J.COMPENSATED, decided=True), False),
        (H, "fire", S.WITHDRAWN, at_step(J.COMPENSATED), True),
    ],
)
def test_what_was_paid_for_nothing_goes_back(
    covers: FeeCovers, step: str | None, case: CaseState, sub_cases: SubCases | None, expected: bool
) -> None:
    """Source: docs/domain.md, "Fees"; domain.md, 9.8: each department's part by itself."""
    ended = replace(CASE, state=case)
    assert goes_back(order(covers=covers, step=step), ended, sub_cases) is expected


def test_a_refused_part_goes_back_alone_and_what_is_owed_is_called_off() -> None:
    """Of two departments' fees in one case the refusing one's is refunded; the other's work was done."""
    ordered = replace(CASE, fee_orders=3)
    progress = moved(ordered, T.SUB_CASE_DENIED, T.DENIED)
    assert concerns_orders(progress)
    orders = [
        order("FO-1", step="fire"),
        order("FO-2", step="food", covers=H),
        order("FO-3", state=FeeState.DUE),
    ]
    sub_cases = at_step(J.DENIED, decided=True).with_sub_case(SubCase("food", J.COMPENSATING, decided_at=AT))

    settled = settle_orders(progress, orders, sub_cases)

    assert settled.effects == (CancelFee("FO-3"), RefundFee("FO-1", 500))
    assert not settled.case.owes_fees
    assert [each.type for each in settled.events[-2:]] == [T.FEE_CANCELLED, T.FEE_REFUND_ORDERED]


def test_only_what_is_paid_and_not_gone_can_be_refunded() -> None:
    """Amounts are named; nothing goes back twice."""
    assert refund_problem(order(refunded_fen=100), 400) is None
    assert "400 fen can be refunded" in str(refund_problem(order(refunded_fen=100), 401))
    assert "1 to 500" in str(refund_problem(order(), 0))
    assert "is DUE" in str(refund_problem(order(state=FeeState.DUE), 1))
    done, waiting, refused = RefundState.DONE, RefundState.ORDERED, RefundState.REFUSED
    assert state_after_refunds(500, [(200, done), (300, waiting)]) == (FeeState.REFUNDING, 500)
    assert state_after_refunds(500, [(200, done), (300, done)]) == (FeeState.REFUNDED, 500)
    assert state_after_refunds(500, [(200, done), (300, refused)]) == (FeeState.PAID, 200)


@dataclass
class Model:
    """Orders, payments and refunds as the rules say, and what the provider has really moved."""

    entries: list[ledger.Entry] = field(default_factory=list)
    orders: dict[str, FeeOrder] = field(default_factory=dict)
    payments: dict[str, tuple[PaymentState, tuple[str, ...]]] = field(default_factory=dict)
    refunds: dict[str, tuple[str | None, int, RefundState]] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)

    def amount(self, payment: str) -> int:
        return sum(self.orders[each].amount_fen for each in self.payments[payment][1])

    def told(self, payment: str, fen: int) -> None:
        state, numbers = self.payments[payment]
        meaning = arrival(state, self.amount(payment), fen, [self.orders[each].state for each in numbers])
        if meaning is Arrival.TAKE:
            self.payments[payment] = PaymentState.PAID, numbers
            for each in numbers:
                self.orders[each] = replace(self.orders[each], state=FeeState.PAID, payment=payment)
            paid = [(self.orders[each].payee, self.orders[each].amount_fen) for each in numbers]
            self.entries.append(ledger.payment_taken(payment, paid))
        elif meaning is Arrival.REFUND:
            self.payments[payment] = PaymentState.TO_REFUND, numbers
            self.entries.append(ledger.payment_not_owed(payment, fen))
            self._order_refund(f"unowed/{payment}", None, fen)

    def refund(self, number: str, fen: int) -> None:
        if refund_problem(self.orders[number], fen) is None:
            self._order_refund(f"{number}/{len(self.refunds)}", number, fen)

    def ended(self, key: str, state: RefundState) -> None:
        number, fen, before = self.refunds[key]
        if before is not RefundState.ORDERED:
            return
        self.refunds[key] = number, fen, state
        payee = self.orders[number].payee if number else None
        is_done = state is RefundState.DONE
        self.entries.append(ledger.refund_done(key, fen) if is_done else ledger.refund_refused(key, payee, fen))
        self._count(number)

    def _order_refund(self, key: str, number: str | None, fen: int) -> None:
        self.refunds[key] = number, fen, RefundState.ORDERED
        payee = self.orders[number].payee if number else None
        self.entries.append(ledger.refund_ordered(key, payee, fen))
        self._count(number)

    def _count(self, number: str | None) -> None:
        if number is not None:
            own = [(fen, state) for each, fen, state in self.refunds.values() if each == number]
            state, gone = state_after_refunds(self.orders[number].amount_fen, own)
            self.orders[number] = replace(self.orders[number], state=state, refunded_fen=gone)

    def check(self) -> None:
        held = ledger.balances(self.entries)
        assert sum(held.values()) == 0
        assert {each for each, (state, _) in self.payments.items() if state in SETTLED} <= self.moved
        paid = sum(self.amount(each) for each, (state, _) in self.payments.items() if state in SETTLED)
        back = sum(fen for _, fen, state in self.refunds.values() if state is RefundState.DONE)
        assert held.get(ledger.CASHIER, 0) == paid - back >= 0
        kept = sum(each.amount_fen - each.refunded_fen for each in self.orders.values() if each.payment)
        assert -sum(fen for name, fen in held.items() if name.startswith(ledger.PAYEE)) == kept >= 0


ACTS = ("begin", "pay", "pay", "tell", "tell", "tell", "lie", "expire", "end", "refund", "done", "refused")
"""Told again and again is what happens most."""
STEP = st.tuples(st.sampled_from(ACTS), st.integers(0, 5))


@given(st.lists(STEP, min_size=20, max_size=60))
def test_the_books_balance_after_any_sequence(steps: list[tuple[str, int]]) -> None:
    """Payments, callbacks (double, late, out of order, forged, missing) and refunds, in whatever order."""
    model = Model()
    for place, payee in enumerate(("110102-MZ", "110102-XF", "110102-MZ", "110102-SJ")):
        due = order(f"FO-{place}", 100 * place + 300, FeeState.DUE)
        model.orders[due.number] = replace(due, payee=payee)
    for act, which in steps:
        payments, refunds = list(model.payments), list(model.refunds)
        payment = payments[which % len(payments)] if payments else None
        refund = refunds[which % len(refunds)] if refunds else None
        number = f"FO-{which % 4}"
        match act:
            case "begin":
                owed = [
                    each
                    for each in (number, "FO-3")
                    if model.orders[each].state in {FeeState.DUE, FeeState.PAYING}
                ]
                if owed:
                    model.payments[f"P-{len(payments)}"] = PaymentState.OPEN, tuple(dict.fromkeys(owed))
            case "pay" if payment:
                model.moved.add(payment)
            case "tell" if payment in model.moved:
                model.told(payment, model.amount(payment))
            case "lie" if payment:
                model.told(payment, model.amount(payment) + 1)
            case "expire" if payment and model.payments[payment][0] is PaymentState.OPEN:
                model.payments[payment] = PaymentState.EXPIRED, model.payments[payment][1]
            case "end" if model.orders[number].state is FeeState.DUE:
                model.orders[number] = replace(model.orders[number], state=FeeState.CANCELLED)
            case "refund":
                model.refund(number, 100 * which or model.orders[number].amount_fen)
            case "done" if refund:
                model.ended(refund, RefundState.DONE)
            case "refused" if refund:
                model.ended(refund, RefundState.REFUSED)
        model.check()
    for payment in model.moved:  # what was missed is found by asking
        model.told(payment, model.amount(payment))
        assert model.payments[payment][0] in SETTLED
        model.check()


def test_an_entry_that_does_not_come_to_nothing_cannot_be_made() -> None:
    """Half a booking is none."""
    with pytest.raises(ledger.Unbalanced, match="off by 1 fen"):
        ledger.Entry("x", (ledger.Posting("a", 1),))


def movement(key: str, fen: int = 500, **more: Any) -> Movement:
    return Movement(more.pop("kind", MovementKind.PAYMENT), key, f"P-{key}", fen, **more)


def test_each_planted_difference_is_named() -> None:
    """Missing here, missing there, amount, state, doubled; what is in order is not spoken of."""
    refund = movement("r", 200, kind=MovementKind.REFUND)
    here = [
        movement("same"),
        movement("not there"),
        movement("amount", 400),
        movement("state", is_settled=False, state="EXPIRED"),
        movement("double"),
        movement("never paid", is_settled=False),
        refund,
    ]
    there = [movement("same"), movement("not here"), movement("amount"), movement("state", state="paid"), refund]
    result = reconcile(here, [*there, movement("double"), movement("double")])

    assert {(each.kind, each.key) for each in result.differences} == {
        (DifferenceKind.MISSING_THERE, "not there"),
        (DifferenceKind.MISSING_HERE, "not here"),
        (DifferenceKind.AMOUNT_DIFFERS, "amount"),
        (DifferenceKind.STATE_DIFFERS, "state"),
        (DifferenceKind.DOUBLED, "double"),
    }
    assert len(result.differences) == 5
    state = next(each for each in result.differences if each.kind is DifferenceKind.STATE_DIFFERS)
    assert (state.here, state.there) == ("500 fen EXPIRED", "500 fen paid")
    assert (result.movements_here, result.amount_here_fen) == (5, 500 + 500 + 400 + 500 - 200)
    assert (result.movements_there, result.amount_there_fen) == (7, 6 * 500 - 200)


def test_a_day_in_order_is_balanced() -> None:
    """The order of lines does not count, nor does a payment that nobody made."""
    lines = [movement(str(number)) for number in range(5)]
    assert reconcile([*lines, movement("open", is_settled=False)], reversed(lines)).is_balanced


def test_a_case_says_what_became_of_its_fees() -> None:
    """Events fold into what is owed."""
    case, _ = transition(
        replace(CASE, fee_orders=2), Happening(T.FEE_CANCELLED, CaseActor.SYSTEM, AT, data={"stillOwed": 1})
    )
    assert case.owes_fees
    case, _ = transition(case, Happening(T.FEE_PAID, CaseActor.APPLICANT, AT, data={"stillOwed": 0}))
    assert not case.owes_fees
