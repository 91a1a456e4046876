"""Each fee is paid once and each refund made once: by the cashier's and finance's own stores, receipts and books.

At the cashier a payment is for several fees, and a refund for a part of a payment or for all of it. A refund that
no fee of the graph names must be of a whole payment, whose fees were not owed any more when its money came. What
was held and captured is paid once; a part of a hold that was neither taken nor let go is left lying.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

from tests.chaos.verdict.findings import Verdict
from tests.chaos.verdict.reading import ask, rows

FEES, REFUNDS, SETTLEMENTS = "fees paid at the cashier", "refunds made at the cashier", "settlements at finance"
HOLDS = "holds at the cashier"
RECEIPTS, BOOKS = "receipts of fees", "accounts of the books"
PAYMENTS = "SELECT number, request FROM payment WHERE paid_at IS NOT NULL"
HELD = "SELECT number, request, hold.amount_fen FROM payment JOIN hold ON payment_number = number"
ACTS = "SELECT act, payment_number, order_number, amount_fen FROM hold_command WHERE state = 'done'"
MADE = "SELECT key, payment_number, amount_fen FROM refund WHERE state = 'done'"
WITHOUT_RESULT = frozenset({"DENIED", "WITHDRAWN"})
TAKEN = frozenset({"PAID", "REFUNDED"})
ON_ITS_WAY = ("refunds", "unowed", "holds", "pledged")
STEP_PAID_FOR = {"110102-JC": ("fire", False), "110102-WJ": ("hygiene", True)}
"""By payee: the step that its fee is for, and whether it is kept once that step's work was done."""
_Fees = dict[str, tuple[dict[str, Any], dict[str, Any]]]
"""Each fee of the graph by its number, with its case."""


def money(facts: dict[str, Any], verdict: Verdict, cases: dict[str, dict[str, Any]]) -> None:
    """Each fee of the graph is paid once at the cashier, with its amount, settled once, and back where it must."""
    stores = facts["stores"]
    known: _Fees = {fee["number"]: (fee, case) for case in cases.values() for fee in case["fees"]}
    payments = {number: json.loads(request)["orders"] for number, request in rows(stores["cashier"], PAYMENTS)}
    held = {number: json.loads(request)["orders"] for number, request, _ in rows(stores["cashier"], HELD)}
    made = {key: (payment, fen) for key, payment, fen in rows(stores["cashier"], MADE)}
    unowed = _refunds(verdict, known, {**payments, **held}, dict(made))
    paid: dict[str, list[int]] = defaultdict(list)
    for payment, orders in payments.items():
        for order in orders if payment not in unowed else ():
            paid[order["number"]].append(order["amountFen"])
    for number, amounts in _holds(verdict, stores["cashier"], known).items():
        paid[number] += amounts
    settled = Counter(row[0] for row in rows(stores["finance"], "SELECT number FROM settlement"))
    verdict.looked_at(FEES, sum(map(len, paid.values())))
    verdict.looked_at(SETTLEMENTS, settled.total())
    for number, (fee, _) in known.items():
        wanted = [fee["amountFen"]] if fee["state"] in TAKEN else []
        if paid[number] != wanted or fee["state"] not in {*TAKEN, "CANCELLED", "VOIDED"}:
            kept = verdict.doubled if len(paid[number]) > len(wanted) else verdict.lost
            kept[FEES].append(f"{number} is {fee['state']}, paid {paid[number]}")
        if settled[number] != len(wanted) or bool(fee["settlement"]) != bool(wanted):
            kept = verdict.doubled if settled[number] > len(wanted) else verdict.lost
            kept[SETTLEMENTS].append(f"{number} is {fee['state']}, settled {settled[number]} times")
    for number in (set(paid) | set(settled)) - set(known):
        verdict.doubled[FEES].append(f"{number} is an order that the graph does not know")


def _holds(verdict: Verdict, cashier: str, known: _Fees) -> dict[str, list[int]]:
    """What was captured of holds, by fee. Each hold must be used up, what was voided be of a voided fee."""
    left = {number: fen for number, _, fen in rows(cashier, HELD)}
    captured: dict[str, list[int]] = defaultdict(list)
    voided: dict[str, list[int]] = defaultdict(list)
    verdict.looked_at(HOLDS, len(left))
    for act, payment, order, fen in rows(cashier, ACTS):
        left[payment] = left.get(payment, 0) - fen
        if order is not None:
            (captured if act == "capture" else voided)[order].append(fen)
    for payment, fen in left.items():
        if fen:
            (verdict.lost if fen > 0 else verdict.doubled)[HOLDS].append(f"{payment}: {fen} fen are held still")
    for number in {*voided, *(number for number, (fee, _) in known.items() if fee["state"] == "VOIDED")}:
        fee = known[number][0] if number in known else {"state": "unknown", "amountFen": 0}
        wanted = [fee["amountFen"]] if fee["state"] == "VOIDED" else []
        if voided[number] != wanted:
            kept = verdict.doubled if len(voided[number]) > len(wanted) else verdict.lost
            kept[HOLDS].append(f"{number} is {fee['state']}, voided {voided[number]}")
    return captured


def _refunds(
    verdict: Verdict, known: _Fees, payments: dict[str, list[dict[str, Any]]], made: dict[str, tuple[str, int]]
) -> set[str]:
    """The payments that went back whole. ``made`` are the cashier's refunds: each has one fee, or all of one."""
    verdict.looked_at(REFUNDS, len(made))
    for number, (fee, case) in known.items():
        _check_refunded(verdict, fee, case)
        for refund in fee["refunds"]:
            payment, fen = made.pop(refund["id"], ("", 0))
            is_of_it = any(order["number"] == number for order in payments.get(payment, ()))
            if refund["state"] != "DONE" or fen != refund["amountFen"] or not is_of_it:
                verdict.lost[REFUNDS].append(f"{number}: {refund}, the cashier has {fen} fen of payment {payment}")
    whole: set[str] = set()
    for key, (payment, fen) in made.items():
        total = sum(order["amountFen"] for order in payments.get(payment, ()))
        if fen != total or payment in whole:
            verdict.doubled[REFUNDS].append(
                f"{key}: {fen} of {total} fen of payment {payment}, and no fee names it"
            )
        else:
            whole.add(payment)
    return whole


def _check_refunded(verdict: Verdict, fee: dict[str, Any], case: dict[str, Any]) -> None:
    """A fee goes back once where nothing was granted for it, unless it is for work that was done."""
    told = f"{fee['number']} is {fee['state']}, its case {case['state']}, its refunds {fee['refunds']}"
    back = sum(refund["amountFen"] for refund in fee["refunds"])
    if len(fee["refunds"]) > 1 or back > fee["amountFen"]:
        verdict.doubled[REFUNDS].append(told)
    if (fee["state"] == "REFUNDED") != (back == fee["amountFen"]) or fee["refundedFen"] != back:
        verdict.wrong[REFUNDS].append(told)
    if fee["state"] in TAKEN and (fee["state"] == "REFUNDED") != _must_go_back(fee, case):
        kept = verdict.doubled if fee["state"] == "REFUNDED" else verdict.lost
        kept[REFUNDS].append(told)
    if fee["state"] == "VOIDED" and not _must_go_back(fee, case):
        verdict.lost[HOLDS].append(told)


def _must_go_back(fee: dict[str, Any], case: dict[str, Any]) -> bool:
    code, is_kept_once_done = STEP_PAID_FOR.get(fee["payee"]["code"], ("", False))
    step = next((each for each in case["subCases"] if each["code"] == code), None)
    is_done = is_kept_once_done and step is not None and step["decidedAt"] is not None
    return case["state"] in WITHOUT_RESULT and not is_done


def receipts_of_fees(verdict: Verdict, cases: dict[str, dict[str, Any]]) -> None:
    """One for each fee that was paid and one for each refund of it, numbered without a gap."""
    serials: list[int] = []
    for fee in (fee for case in cases.values() for fee in case["fees"]):
        given = sorted(receipt["amountFen"] for receipt in fee["receipts"])
        serials += [int(receipt["number"].split("-")[1]) for receipt in fee["receipts"]]
        paid = [fee["amountFen"]] if fee["state"] in TAKEN else []
        wanted = sorted([*paid, *(-refund["amountFen"] for refund in fee["refunds"])])
        if given != wanted:
            kept = verdict.doubled if len(given) > len(wanted) else verdict.lost
            kept[RECEIPTS].append(f"{fee['number']} is {fee['state']}, receipts over {given} fen")
    verdict.looked_at(RECEIPTS, len(serials))
    if sorted(serials) != list(range(1, len(serials) + 1)):
        verdict.wrong[RECEIPTS].append(f"their numbers are not 1 to {len(serials)}, each once")


def books(facts: dict[str, Any], verdict: Verdict) -> None:
    """The hub's books against what the cashier itself has: its money, of whom it is, and none on its way."""
    cashier = facts["stores"]["cashier"]
    taken = [json.loads(request)["orders"] for _, request in rows(cashier, PAYMENTS)]
    arrived = sum(order["amountFen"] for orders in taken for order in orders)
    arrived += sum(fen for act, _, _, fen in rows(cashier, ACTS) if act == "capture")
    here = arrived - sum(fen for *_, fen in rows(cashier, MADE))
    told = ask(facts, facts["hubs"][-1], "{ feeBooks { accounts { name balanceFen } problems } }")["feeBooks"]
    held = {account["name"]: int(account["balanceFen"]) for account in told["accounts"]}
    verdict.looked_at(BOOKS, len(held))
    compare_books(verdict, held, here, told["problems"])


def compare_books(verdict: Verdict, held: dict[str, int], here: int, problems: list[str]) -> None:
    """``held`` is what each account holds, ``here`` what the cashier has for us, in fen."""
    payees = -sum(fen for name, fen in held.items() if name.startswith("payee:"))
    on_its_way = {name: held.get(name, 0) for name in ON_ITS_WAY if held.get(name, 0)}
    if held.get("cashier", 0) != here or payees != here or on_its_way or problems:
        says = f"{here} fen are at the cashier; the books say {held}, {problems}"
        (verdict.doubled if payees > here else verdict.wrong)[BOOKS].append(says)
