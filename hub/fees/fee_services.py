"""What concerns fees beside orders and payments, as one value: holds, refunds, receipts, books, refused calls."""

from __future__ import annotations

from dataclasses import dataclass

from hub.fees.callback_refusals import CallbackRefusals
from hub.fees.fee_receipts import FeeReceipts
from hub.fees.holds import Holds
from hub.fees.reconciliation import Reconciliations
from hub.fees.refunds import Refunds


@dataclass(frozen=True, slots=True)
class FeeServices:
    """Every part checks who asks."""

    holds: Holds
    refunds: Refunds
    receipts: FeeReceipts
    reconciliations: Reconciliations
    callback_refusals: CallbackRefusals
