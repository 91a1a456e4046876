"""What becomes of money after a payment was begun, as one value: payments, holds, refunds, their comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.fees.fees import Fees
from hub.fees.holds import Holds
from hub.fees.payment_provider import PaymentProvider
from hub.fees.payments import Payments
from hub.fees.reconciliation import Reconciliations
from hub.fees.refunds import Refunds
from hub.people.people import People
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups


@dataclass(frozen=True, slots=True)
class FeeWork:
    """Every part may be made as often as wanted: what it knows stands in the database."""

    payments: Payments
    holds: Holds
    refunds: Refunds
    reconciliations: Reconciliations

    @classmethod
    def over(
        cls,
        database: Database,
        catalogue: CatalogueStore,
        people: People,
        fees: Fees,
        provider: PaymentProvider,
        clock: Clock,
        wakeups: Wakeups,
        finance_department: str,
    ) -> Self:
        finance = finance_department
        payments = Payments(
            database, catalogue, people, fees, provider, clock, wakeups, finance_department=finance
        )
        holds = Holds(database, catalogue, people, provider, clock, wakeups, finance_department=finance)
        refunds = Refunds(database, catalogue, provider, clock, wakeups, finance_department=finance)
        compared = Reconciliations(database, provider, payments, refunds, holds, clock, finance)
        return cls(payments, holds, refunds, compared)
