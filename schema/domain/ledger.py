"""The books of all fees, by double entry: every movement is an entry whose postings come to nothing.

What came in stands on the cashier's account, against it what each department is owed, what nobody owed and what is
on its way back. An entry has a key, so that it is booked once however often its cause is told; an entry that does
not come to nothing cannot be made. Amounts are fen, what an account is given is positive. Source: domain.md, 9.8.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CASHIER = "cashier"
"""Money that the provider holds for us."""
UNOWED = "unowed"
"""Money that arrived and that nobody owed."""
REFUNDS = "refunds"
"""Money that was decided to go back and has not gone yet."""
HOLDS = "holds"
"""Money that the provider holds of payers and that is not ours: what may be taken yet. No part of what we have."""
PLEDGED = "pledged"
"""The other side of it: what payers may yet be asked for."""
PAYEE = "payee:"
"""The beginning of a department's account; its organisation's code follows."""


@dataclass(frozen=True, slots=True)
class Posting:
    account: str
    amount_fen: int


class Unbalanced(ValueError):
    """An entry's postings do not come to nothing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement. Raises :class:`Unbalanced` where its postings do not come to nothing."""

    key: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        if left := sum(each.amount_fen for each in self.postings):
            raise Unbalanced(f"Entry {self.key} is off by {left} fen.")


def payee_account(organisation: str) -> str:
    return f"{PAYEE}{organisation}"


def payment_taken(payment: str, orders: Iterable[tuple[str, int]]) -> Entry:
    """Money arrived for these orders (payee and amount each)."""
    owed: Counter[str] = Counter()
    for payee, amount_fen in orders:
        owed[payee_account(payee)] += amount_fen
    return _entry(f"payment/{payment}", {CASHIER: owed.total(), **{name: -fen for name, fen in owed.items()}})


def payment_not_owed(payment: str, amount_fen: int) -> Entry:
    """Money arrived that nobody owed any more."""
    return _entry(f"payment/{payment}", {CASHIER: amount_fen, UNOWED: -amount_fen})


def payment_held(payment: str, amount_fen: int) -> Entry:
    """Money is held. Nothing of it is anybody's yet."""
    return _entry(f"hold/{payment}", {HOLDS: amount_fen, PLEDGED: -amount_fen})


def hold_captured(command: str, payee: str, amount_fen: int) -> Entry:
    """A part of what was held was taken: it is here, and owed to its payee."""
    taken = {CASHIER: amount_fen, payee_account(payee): -amount_fen}
    return _entry(f"hold-command/{command}", {HOLDS: -amount_fen, PLEDGED: amount_fen, **taken})


def hold_ended(command: str, amount_fen: int) -> Entry:
    """A part of what was held was let go, or was not there any more when it was to be taken."""
    return _entry(f"hold-command/{command}", {HOLDS: -amount_fen, PLEDGED: amount_fen})


def refund_ordered(refund: str, payee: str | None, amount_fen: int) -> Entry:
    """It was decided that money goes back: from its payee, or from what nobody owed."""
    account = UNOWED if payee is None else payee_account(payee)
    return _entry(f"refund/{refund}", {account: amount_fen, REFUNDS: -amount_fen})


def refund_done(refund: str, amount_fen: int) -> Entry:
    """The provider has paid it back."""
    return _entry(f"refund/{refund}/done", {REFUNDS: amount_fen, CASHIER: -amount_fen})


def refund_refused(refund: str, payee: str | None, amount_fen: int) -> Entry:
    """The provider will not pay it back: the money stays where it was."""
    account = UNOWED if payee is None else payee_account(payee)
    return _entry(f"refund/{refund}/refused", {REFUNDS: amount_fen, account: -amount_fen})


def balances(entries: Iterable[Entry]) -> Mapping[str, int]:
    """What each account holds, each entry counted once by its key."""
    once = {entry.key: entry for entry in entries}
    held: Counter[str] = Counter()
    for entry in once.values():
        for posting in entry.postings:
            held[posting.account] += posting.amount_fen
    return dict(sorted(held.items()))


def _entry(key: str, postings: Mapping[str, int]) -> Entry:
    return Entry(key, tuple(Posting(account, fen) for account, fen in sorted(postings.items()) if fen))
