"""The verdict finds a fee, a refund, a receipt or a booking of the books that is lost or made twice."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.verdict.findings import Verdict
from tests.chaos.verdict.money import compare_books, money, receipts_of_fees


def fee(number: str, payee: str, amount_fen: int, state: str = "PAID", **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "state": state,
        "amountFen": amount_fen,
        "refundedFen": 0,
        "payee": {"code": payee},
        "settlement": {"receiptNumber": f"CZ-{number}"},
        "receipts": [{"number": "FP26-00000001-5", "amountFen": amount_fen}],
        "refunds": [],
        **more,
    }


KEPT = fee("F1", "110102-WJ", 900)
BACK: dict[str, Any] = fee(
    "F2",
    "110102-JC",
    240,
    "REFUNDED",
    refundedFen=240,
    receipts=[{"number": "FP26-00000002-3", "amountFen": 240}, {"number": "FP26-00000003-1", "amountFen": -240}],
    refunds=[{"id": "R1", "amountFen": 240, "state": "DONE"}],
)
PAIRS: list[dict[str, Any]] = BACK["receipts"]
STEPS = [
    {"code": "fire", "state": "DENIED", "decidedAt": "09:00", "licence": None},
    {"code": "hygiene", "state": "COMPENSATED", "decidedAt": "08:00", "licence": None},
]
REFUSED: dict[str, Any] = {"receiptNumber": "JY1", "state": "DENIED", "fees": [KEPT, BACK], "subCases": STEPS}
"""One payment for both fees: the fire check was refused after it, the test of hygiene was made before."""


@pytest.mark.parametrize(
    ("cashier", "finance", "lost", "doubled"),
    [
        ("", "", 0, 0),
        ("DELETE FROM payment", "", 3, 0),
        ("INSERT INTO payment SELECT 'P2', request, paid_at FROM payment", "", 0, 2),
        ("", "DELETE FROM settlement WHERE number = 'F1'", 1, 0),
        ("", "INSERT INTO settlement VALUES ('F1')", 0, 1),
        ("", "INSERT INTO settlement VALUES ('F9')", 0, 1),
        ("DELETE FROM refund", "", 1, 0),
        ("UPDATE refund SET state = 'pending'", "", 1, 0),
        ("UPDATE refund SET amount_fen = 100", "", 1, 0),
        ("INSERT INTO refund VALUES ('R2', 'P1', 240, 'done')", "", 0, 1),
    ],
)
def test_fee_is_paid_settled_and_sent_back_once(
    tmp_path: Path, cashier: str, finance: str, lost: int, doubled: int
) -> None:
    """In the cashier's and finance's own stores; a refund that no fee names is one too many."""
    found = Verdict()
    money({"stores": _stores(tmp_path, cashier, finance)}, found, {"JY1": REFUSED})
    assert _numbers(found) == (lost, doubled, 0)


@pytest.mark.parametrize(
    ("changed", "lost", "doubled"),
    [
        ([KEPT, {**BACK, "state": "PAID", "refundedFen": 0, "refunds": []}], 1, 1),
        ([{**KEPT, "state": "DUE"}, BACK], 0, 2),
        ([KEPT, {**BACK, "refunds": [*BACK["refunds"], {"id": "R2", "amountFen": 240, "state": "DONE"}]}], 1, 1),
    ],
)
def test_what_goes_back_follows_from_what_was_done(
    tmp_path: Path, changed: list[dict[str, Any]], lost: int, doubled: int
) -> None:
    """The refused part goes back once, the work that was done is paid for."""
    found = Verdict()
    money({"stores": _stores(tmp_path)}, found, {"JY1": {**REFUSED, "fees": changed}})
    assert (Verdict.number(found.lost), Verdict.number(found.doubled)) == (lost, doubled)


def test_a_payment_that_went_back_whole_paid_for_nothing(tmp_path: Path) -> None:
    """Its fees were not owed any more: one was called off, the other was paid by another payment."""
    orders = [{"number": "F3", "amountFen": 500}, {"number": "F1", "amountFen": 900}]
    more = f"INSERT INTO payment VALUES ('P2', '{json.dumps({'orders': orders})}', 1.0)"
    back = "INSERT INTO refund VALUES ('R2', 'P2', 1400, 'done')"
    called_off = fee("F3", "110102-JC", 500, "CANCELLED", settlement=None, receipts=[])
    found = Verdict()
    money(
        {"stores": _stores(tmp_path, f"{more}; {back}")},
        found,
        {"JY1": {**REFUSED, "fees": [KEPT, BACK, called_off]}},
    )
    assert _numbers(found) == (0, 0, 0)


HELD = """DELETE FROM refund; UPDATE payment SET paid_at = NULL; INSERT INTO hold VALUES ('P1', 1140);
    INSERT INTO hold_command VALUES ('capture', 'P1', 'F1', 900, 'done'), ('void', 'P1', 'F2', 240, 'done');"""
LET_GO = fee("F2", "110102-JC", 240, "VOIDED", settlement=None, receipts=[])
ANOTHER_HOLD = (
    """INSERT INTO payment SELECT 'P2', request, NULL FROM payment; INSERT INTO hold VALUES ('P2', 1140);"""
)
UNSETTLED = "DELETE FROM settlement WHERE number = 'F2'"


@pytest.mark.parametrize(
    ("cashier", "fees", "lost", "doubled"),
    [
        ("", [KEPT, LET_GO], 0, 0),
        ("UPDATE hold_command SET state = 'pending' WHERE act = 'void'", [KEPT, LET_GO], 2, 0),
        ("UPDATE hold_command SET state = 'refused' WHERE act = 'capture'", [KEPT, LET_GO], 2, 0),
        ("DELETE FROM hold_command", [KEPT, LET_GO], 3, 0),
        ("INSERT INTO hold_command VALUES ('capture', 'P1', 'F1', 900, 'done')", [KEPT, LET_GO], 0, 2),
        ("UPDATE payment SET paid_at = 1.0", [KEPT, LET_GO], 0, 2),
        (ANOTHER_HOLD, [KEPT, LET_GO], 1, 0),
        ("", [{**LET_GO, **KEPT, "state": "VOIDED", "settlement": None}, LET_GO], 2, 2),
        ("", [KEPT, {**LET_GO, "state": "AUTHORISED"}], 1, 1),
    ],
)
def test_what_was_held_is_taken_once_or_let_go_and_nothing_is_left_held(
    tmp_path: Path, cashier: str, fees: list[dict[str, Any]], lost: int, doubled: int
) -> None:
    """Held and captured is paid once; a hold left open on a finished case is found, as is one that was let go and
    should have been taken."""
    found = Verdict()
    stores = _stores(tmp_path, HELD + cashier, UNSETTLED)
    money({"stores": stores}, found, {"JY1": {**REFUSED, "fees": fees}})
    assert _numbers(found) == (lost, doubled, 0)


@pytest.mark.parametrize(
    ("changed", "lost", "doubled", "wrong"),
    [
        ([KEPT, BACK], 0, 0, 0),
        ([KEPT, {**BACK, "receipts": BACK["receipts"][:1]}], 1, 0, 0),
        (
            [KEPT, {**BACK, "receipts": [*BACK["receipts"], {"number": "FP26-00000004-9", "amountFen": -240}]}],
            0,
            1,
            0,
        ),
        (
            [KEPT, {**BACK, "receipts": [{**each, "number": "FP26-00000009-0"} for each in BACK["receipts"]]}],
            0,
            0,
            1,
        ),
    ],
)
def test_each_payment_and_refund_has_one_receipt(
    changed: list[dict[str, Any]], lost: int, doubled: int, wrong: int
) -> None:
    """Numbered without a gap."""
    found = Verdict()
    receipts_of_fees(found, {"JY1": {**REFUSED, "fees": changed}})
    assert _numbers(found) == (lost, doubled, wrong)


@pytest.mark.parametrize(
    ("held", "problems", "doubled", "wrong"),
    [
        ({"cashier": 900, "payee:110102-WJ": -900, "refunds": 0}, [], 0, 0),
        ({"cashier": 1800, "payee:110102-WJ": -1800}, [], 1, 0),
        ({"cashier": 900, "payee:110102-WJ": -660, "refunds": -240}, [], 0, 1),
        ({"cashier": 900, "payee:110102-WJ": -900}, ["an account is off"], 0, 1),
        ({"cashier": 900, "payee:110102-WJ": -900, "holds": 240, "pledged": -240}, [], 0, 1),
        ({}, [], 0, 1),
    ],
)
def test_books_hold_what_the_cashier_has(
    held: dict[str, int], problems: list[str], doubled: int, wrong: int
) -> None:
    """No money is on its way when all is at rest."""
    found = Verdict()
    compare_books(found, held, 900, problems)
    assert _numbers(found) == (0, doubled, wrong)


def _numbers(found: Verdict) -> tuple[int, int, int]:
    return Verdict.number(found.lost), Verdict.number(found.doubled), Verdict.number(found.wrong)


def _stores(folder: Path, cashier: str = "", finance: str = "") -> dict[str, str]:
    """One payment for both fees, settled; the second fee went back."""
    orders = [{"number": "F1", "amountFen": 900}, {"number": "F2", "amountFen": 240}]
    at_the_cashier = f"""CREATE TABLE payment (number TEXT, request TEXT, paid_at REAL);
        CREATE TABLE hold (payment_number TEXT, amount_fen INT);
        CREATE TABLE hold_command (act TEXT, payment_number TEXT, order_number TEXT, amount_fen INT, state TEXT);
        CREATE TABLE refund (key TEXT, payment_number TEXT, amount_fen INT, state TEXT);
        INSERT INTO payment VALUES ('P1', '{json.dumps({"orders": orders})}', 1.0);
        INSERT INTO refund VALUES ('R1', 'P1', 240, 'done'); {cashier}"""
    at_finance = f"""CREATE TABLE settlement (number TEXT);
        INSERT INTO settlement VALUES ('F1'), ('F2'); {finance}"""
    return {
        "cashier": _store(folder / "cashier.sqlite3", at_the_cashier),
        "finance": _store(folder / "finance.sqlite3", at_finance),
    }


def _store(file: Path, script: str) -> str:
    connection = sqlite3.connect(file)
    connection.executescript(script)
    connection.close()
    return str(file)
