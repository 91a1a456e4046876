"""When held money is taken and when it is let go, and books that balance whatever order things happen in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain import ledger
from schema.domain.case import WITHOUT_RESULT, Case, CaseActor, CaseEventType, CaseState, Happening
from schema.domain.case_flow import CaptureFee, Progress, RefundFee, VoidFee, begin
from schema.domain.case_guidance import guidance
from schema.domain.fee import OWED, UNSETTLED, FeeCovers, FeeOrder, FeeState
from schema.domain.fee_flow import (
    FeesLeft,
    PaidFee,
    concerns_orders,
    fee_captured,
    fee_hold_lost,
    fee_voided,
    fees_authorised,
    fees_paid,
    settle_orders,
)
from schema.domain.hold import (
    GRANTED,
    HoldAct,
    HoldCommandState,
    HoldGround,
    is_earned,
    state_after_refused_capture,
    state_of_payment,
)
from schema.domain.joint import DepartmentStep, JointPlan, SubCase, SubCases, SubCaseState
from schema.domain.payment import PaymentState
from schema.domain.reconciliation import DifferenceKind, Movement, MovementKind, reconcile
from schema.domain.refund import goes_back, refund_problem, refundable_fen

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
ENDS = AT + timedelta(days=7)
S, T, F, J = CaseState, CaseEventType, FeeState, SubCaseState
R, H = FeeCovers.RESULT, FeeCovers.HANDLING
CASE = Case("1", "JY261126-0123456789-X", "ITEM", 1, "anna", state=S.IN_REVIEW, fee_orders=3)
STEP = DepartmentStep(code="fire", name="消防", name_en="Fire", organisation="110102-XF")


def order(number: str = "FO-1", state: FeeState = F.AUTHORISED, **more: Any) -> FeeOrder:
    return FeeOrder(number, "1", "anna", "费", "Fee", more.pop("fen", 500), "110102-MZ", state, AT, **more)


def fire(state: SubCaseState, *, decided: bool = False, not_accepted: bool = False) -> SubCases:
    part = SubCase("fire", state, decided_at=AT if decided else None, not_accepted=not_accepted)
    return SubCases.beginning(JointPlan(steps=(STEP,))).with_sub_case(part)


@pytest.mark.parametrize(
    ("covers", "step", "case", "decided", "sub_cases", "expected"),
    [
        (R, None, S.ACCEPTED, False, None, "held"),
        (R, None, S.IN_REVIEW, False, None, "held"),
        (H, None, S.SUSPENDED, False, None, "held"),
        (R, None, S.APPROVED, True, None, "taken"),
        (H, None, S.APPROVED, True, None, "taken"),
        (R, None, S.DENIED, True, None, "let go"),
        (H, None, S.DENIED, True, None, "taken"),
        (R, None, S.WITHDRAWN, False, None, "let go"),
        (H, None, S.WITHDRAWN, False, None, "let go"),
        (R, None, S.LAPSED, True, None, "let go"),
        (R, "fire", S.IN_REVIEW, False, fire(J.STARTED), "held"),
        (R, "fire", S.IN_REVIEW, False, fire(J.APPROVED, decided=True), "held"),
        (H, "fire", S.IN_REVIEW, False, fire(J.APPROVED, decided=True), "taken"),
        (R, "fire", S.IN_REVIEW, False, fire(J.DENIED, decided=True), "let go"),
        (H, "fire", S.IN_REVIEW, False, fire(J.DENIED, decided=True), "taken"),
        (H, "fire", S.IN_REVIEW, False, fire(J.DENIED, decided=True, not_accepted=True), "let go"),
        (H, "fire", S.DENIED, True, fire(J.STOPPED), "let go"),
        (R, "fire", S.APPROVED, True, fire(J.APPROVED, decided=True), "taken"),
        (R, "fire", S.APPROVED, True, fire(J.MISSED, decided=True), "let go"),
    ],
)
def test_held_money_is_taken_when_its_work_is_done_and_let_go_when_it_never_will_be(
    covers: FeeCovers, step: str | None, case: CaseState, decided: bool, sub_cases: SubCases | None, expected: str
) -> None:
    """A fee for the result waits for the whole, one for the handling for the department's own answer."""
    held, now = order(covers=covers, step=step), replace(CASE, state=case, decided_at=AT if decided else None)
    found = "let go" if goes_back(held, now, sub_cases) else "taken" if is_earned(held, now, sub_cases) else "held"
    assert found == expected


@pytest.mark.parametrize("case", sorted(WITHOUT_RESULT | GRANTED))
@pytest.mark.parametrize("covers", FeeCovers)
@pytest.mark.parametrize("decided", [True, False])
def test_nothing_stays_held_once_a_case_is_decided(case: CaseState, covers: FeeCovers, decided: bool) -> None:
    """Each held fee is either earned or goes back, never both, and none is left over."""
    held, now = order(covers=covers), replace(CASE, state=case, decided_at=AT if decided else None)
    assert goes_back(held, now) != is_earned(held, now)


def test_only_what_is_held_is_taken_or_let_go() -> None:
    """What is being taken already is not let go as well; what is owed is called off, what was taken goes back."""
    denied = moved(CASE, T.DENIED)
    orders = [order(f"FO-{each}", state=each) for each in FeeState]
    effects = settle_orders(denied, orders).effects
    assert [type(each).__name__ + " " + each.number for each in effects] == [  # type: ignore[union-attr]
        "CancelFee FO-DUE",
        "CancelFee FO-PAYING",
        "VoidFee FO-AUTHORISED",
        "RefundFee FO-PAID",
    ]


def test_the_case_says_whether_anything_is_left_to_pay() -> None:
    """Held is neither owed by the applicant nor taken: no result yet, and nothing to pay."""
    held = fees_authorised(CASE, [PaidFee("FO-1", 1), PaidFee("FO-2", 1)], FeesLeft(1, 1), ENDS, AT).case
    assert (held.owes_fees, held.has_to_pay) == (True, True)
    held = fees_paid(held, [PaidFee("FO-3", 1)], FeesLeft(2, 0), AT).case
    assert (held.owes_fees, held.has_to_pay, guidance(held).code) == (True, False, "in-review")
    one = fee_captured(held, "FO-1", 1, HoldGround.EARNED, FeesLeft(1, 0), AT).case
    assert (one.owes_fees, one.has_to_pay) == (True, False)
    lost = fee_hold_lost(one, "FO-2", 1, FeesLeft(1, 1), AT).case
    assert (lost.owes_fees, lost.has_to_pay, guidance(lost).code) == (True, True, "pay-meanwhile")
    assert not fees_paid(lost, [PaidFee("FO-2", 1)], FeesLeft(0, 0), AT).case.owes_fees


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ([], PaymentState.AUTHORISED),
        ([("CAPTURE", 300, "DONE")], PaymentState.AUTHORISED),
        ([("CAPTURE", 300, "DONE"), ("VOID", 200, "ORDERED")], PaymentState.AUTHORISED),
        ([("CAPTURE", 300, "DONE"), ("VOID", 200, "DONE")], PaymentState.PAID),
        ([("CAPTURE", 300, "REFUSED"), ("VOID", 200, "DONE")], PaymentState.VOIDED),
        ([("VOID", 500, "REFUSED")], PaymentState.VOIDED),
    ],
)
def test_a_payment_is_held_until_each_part_of_it_is_decided(
    commands: list[tuple[str, int, str]], expected: PaymentState
) -> None:
    """Paid is one of which anything was taken."""
    known = [(HoldAct(act), fen, HoldCommandState(state)) for act, fen, state in commands]
    assert state_of_payment(500, known) is expected


def movement(kind: MovementKind, key: str, number: str = "P-1", fen: int = 500, **more: Any) -> Movement:
    return Movement(kind, key, number, fen, **more)


def test_each_difference_about_holds_is_named() -> None:
    """And only what was taken counts in the sums."""
    held, capture, void = MovementKind.AUTHORISATION, MovementKind.CAPTURE, MovementKind.VOID
    here = [movement(held, "h"), movement(capture, "c", fen=300), movement(void, "v", fen=200)]
    there = [
        *here[:2],
        movement(capture, "x", "P-9"),
        movement(capture, "y"),
        movement(capture, "z", "P-2"),
    ]
    result = reconcile(here, there, [movement(held, "FO-7", "P-7")], frozenset({"P-2"}))
    assert {(each.kind, each.key) for each in result.differences} == {
        (DifferenceKind.VOID_MISSING, "v"),
        (DifferenceKind.CAPTURE_WITHOUT_HOLD, "x"),
        (DifferenceKind.MISSING_HERE, "y"),
        (DifferenceKind.MISSING_HERE, "z"),
        (DifferenceKind.HOLD_LEFT, "FO-7"),
    }
    assert (result.movements_here, result.amount_here_fen) == (3, 300)
    assert (result.movements_there, result.amount_there_fen) == (5, 300 + 3 * 500)


def moved(case: Case, type: CaseEventType) -> Progress:
    data = {"remedy": "appeal"}
    return begin(case).then(Happening(type, CaseActor.DEPARTMENT, AT, reason="because", data=data))


@dataclass
class Model:
    """A case with orders of two departments, its holds, and what the provider was told and has done."""

    case: Case = CASE
    entries: list[ledger.Entry] = field(default_factory=list)
    orders: dict[str, FeeOrder] = field(default_factory=dict)
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)
    commands: dict[str, tuple[str, str, HoldAct, HoldCommandState]] = field(default_factory=dict)
    refunds: dict[str, tuple[str, int, bool]] = field(default_factory=dict)

    def left(self) -> FeesLeft:
        return FeesLeft.of(self.orders.values())

    def decide(self, progress: Progress) -> None:
        """As the hub does: all that follows for fees is part of the same decision."""
        if concerns_orders(progress):
            progress = settle_orders(progress, list(self.orders.values()))
        self.case = progress.case
        for effect in progress.effects:
            match effect:
                case CaptureFee():
                    self.order_command(effect.number, HoldAct.CAPTURE)
                case VoidFee():
                    self.order_command(effect.number, HoldAct.VOID)
                case RefundFee():
                    self.order_refund(effect.number, effect.amount_fen)
                case _:
                    self.change(effect.number, state=F.CANCELLED)  # type: ignore[union-attr]

    def change(self, number: str, **changes: Any) -> None:
        self.orders[number] = replace(self.orders[number], **changes)

    def authorise(self, payment: str) -> None:
        """The provider says that the money for all that is due is held; told again it changes nothing."""
        numbers = tuple(number for number, each in self.orders.items() if each.state in OWED)
        if payment in self.held or not numbers or self.case.state not in {S.IN_REVIEW, S.APPROVED}:
            return
        self.held[payment] = numbers
        fees = [PaidFee(number, self.orders[number].amount_fen) for number in numbers]
        for each in numbers:
            self.change(each, state=F.AUTHORISED, payment=payment)
        self.entries.append(ledger.payment_held(payment, sum(each.amount_fen for each in fees)))
        left = self.left()
        others = FeesLeft(left.unsettled - len(fees), left.to_pay)
        self.decide(fees_authorised(self.case, fees, others, ENDS, AT))

    def order_command(self, number: str, act: HoldAct) -> None:
        payment = self.orders[number].payment or ""
        assert f"{payment}/{number}" not in self.commands, "one hold of one order is decided about once"
        self.commands[f"{payment}/{number}"] = payment, number, act, HoldCommandState.ORDERED
        self.change(number, state=F.CAPTURING if act is HoldAct.CAPTURE else F.VOIDING)

    def ending(self) -> None:
        """The hold ends soon."""
        for number, each in list(self.orders.items()):
            if each.state is F.AUTHORISED:
                self.order_command(number, HoldAct.CAPTURE)

    def answered(self, key: str, state: HoldCommandState) -> None:
        payment, number, act, before = self.commands[key]
        if before is not HoldCommandState.ORDERED:
            return
        self.commands[key] = payment, number, act, state
        each = self.orders[number]
        if act is HoldAct.CAPTURE and state is HoldCommandState.DONE:
            self.change(number, state=F.PAID)
            self.entries.append(ledger.hold_captured(key, each.payee, each.amount_fen))
            ground, left = HoldGround.EARNED, self.left()
            self.decide(fee_captured(self.case, number, each.amount_fen, ground, left, AT))
            return
        self.entries.append(ledger.hold_ended(key, each.amount_fen))
        after = F.VOIDED if act is HoldAct.VOID else state_after_refused_capture(self.case.state)
        self.change(number, state=after, payment=payment if after is F.VOIDED else None)
        if after is F.VOIDED:
            self.decide(fee_voided(self.case, number, each.amount_fen, AT))
        else:
            self.decide(fee_hold_lost(self.case, number, each.amount_fen, self.left(), AT))

    def order_refund(self, number: str, fen: int) -> None:
        key = f"R-{len(self.refunds)}"
        each = self.orders[number]
        gone = each.refunded_fen + fen
        self.refunds[key] = number, fen, False
        self.change(number, refunded_fen=gone, state=F.REFUNDING if gone == each.amount_fen else F.PAID)
        self.entries.append(ledger.refund_ordered(key, each.payee, fen))

    def officer_refunds(self, number: str, fen: int) -> None:
        if refund_problem(self.orders[number], fen) is None:
            self.order_refund(number, fen)

    def refunded(self, key: str) -> None:
        number, fen, done = self.refunds[key]
        if not done:
            self.refunds[key] = number, fen, True
            self.entries.append(ledger.refund_done(key, fen))
            if self.orders[number].state is F.REFUNDING:
                self.change(number, state=F.REFUNDED)

    def check(self) -> None:
        balance = ledger.balances(self.entries)
        assert sum(balance.values()) == 0
        captured = sum(
            self.orders[number].amount_fen
            for _, number, act, state in self.commands.values()
            if (act, state) == (HoldAct.CAPTURE, HoldCommandState.DONE)
        )
        back = sum(fen for _, fen, done in self.refunds.values() if done)
        assert balance.get(ledger.CASHIER, 0) == captured - back >= 0
        kept = sum(refundable_fen(each) for each in self.orders.values())
        assert -sum(fen for name, fen in balance.items() if name.startswith(ledger.PAYEE)) == kept >= 0
        ended = sum(
            self.orders[number].amount_fen
            for _, number, _, state in self.commands.values()
            if state is not HoldCommandState.ORDERED
        )
        held = sum(self.orders[each].amount_fen for numbers in self.held.values() for each in numbers)
        assert balance.get(ledger.HOLDS, 0) == -balance.get(ledger.PLEDGED, 0) == held - ended >= 0
        self.check_case()

    def check_case(self) -> None:
        states = [each.state for each in self.orders.values()]
        if self.case.state not in WITHOUT_RESULT:
            assert self.case.owes_fees == any(each in UNSETTLED for each in states)
            assert self.case.has_to_pay == any(each in OWED for each in states)
        if self.case.state in WITHOUT_RESULT | GRANTED:
            assert F.AUTHORISED not in states, "nothing stays held that was decided about"

    def check_end(self) -> None:
        """All that was asked for is answered: what was not earned is with its payer."""
        for each in self.orders.values():
            if self.case.state in WITHOUT_RESULT and not is_earned(each, self.case):
                assert refundable_fen(each) == 0, each
            assert each.state not in {F.CAPTURING, F.VOIDING}


ACTS: dict[str, Callable[[Model, int], None]] = {
    "authorise": lambda model, which: model.authorise(f"P-{which % 3}"),
    "approve": lambda model, _: end(model, T.APPROVED),
    "deny": lambda model, _: end(model, T.DENIED),
    "withdraw": lambda model, _: end(model, T.WITHDRAWN),
    "hold ends": lambda model, _: model.ending(),
    "done": lambda model, which: answer(model, which, HoldCommandState.DONE),
    "told again": lambda model, which: answer(model, which, HoldCommandState.DONE),
    "refused": lambda model, which: answer(model, which, HoldCommandState.REFUSED),
    "refund": lambda model, which: model.officer_refunds(f"FO-{which % 3}", 100),
    "refunded": lambda model, which: refund_done(model, which),
}


def end(model: Model, type: CaseEventType) -> None:
    if model.case.state is S.IN_REVIEW:
        model.decide(moved(model.case, type))


def answer(model: Model, which: int, state: HoldCommandState) -> None:
    if model.commands:
        model.answered(sorted(model.commands)[which % len(model.commands)], state)


def refund_done(model: Model, which: int) -> None:
    if model.refunds:
        model.refunded(sorted(model.refunds)[which % len(model.refunds)])


@given(st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 8)), min_size=10, max_size=40))
def test_the_books_balance_after_any_sequence_of_holds_captures_voids_and_refunds(
    steps: list[tuple[str, int]],
) -> None:
    """Told once, again, late or out of order, refused, ended: what was not earned is not kept at the end."""
    model = Model()
    for place, (payee, covers) in enumerate((("110102-MZ", R), ("110102-XF", H), ("110102-MZ", R))):
        due = order(f"FO-{place}", F.DUE, fen=100 * place + 300, covers=covers)
        model.orders[due.number] = replace(due, payee=payee)
    for act, which in steps:
        ACTS[act](model, which)
        model.check()
    while any(state is HoldCommandState.ORDERED for *_, state in model.commands.values()):
        for key in sorted(model.commands):
            model.answered(key, HoldCommandState.DONE)
            model.check()
    for key in sorted(model.refunds):
        model.refunded(key)
    model.check()
    model.check_end()
