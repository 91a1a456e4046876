"""A hub's domain without its doors: real tables, a clock that can be moved, a provider that can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any, ClassVar
from uuid import uuid4

from sqlmodel import col, select

from auth.actor import Actor
from auth.agency import Agency
from auth.attempts import Attempts
from auth.keys import KeyRing
from auth.roles import AGENT, REPRESENTATIVE
from connectors.broker import Message
from hub.cases.applicant_moves import ApplicantMoves
from hub.cases.case_drafts import CaseDrafts
from hub.cases.case_filing import Submission
from hub.cases.case_handling import CaseHandling
from hub.cases.case_moves import CaseMoves
from hub.cases.case_watch import CaseWatch
from hub.cases.case_work_list import CaseWorkList
from hub.cases.cases import Cases
from hub.cases.delegations import Delegations
from hub.cases.filing_advice import FilingAdvisor
from hub.cases.joint_cases import JointCases
from hub.catalogue.catalogue import CatalogueStore
from hub.deadlines import Deadlines
from hub.fees.callback_refusals import CallbackRefusals
from hub.fees.fee_receipts import FeeReceipts
from hub.fees.fee_services import FeeServices
from hub.fees.fee_work import FeeWork
from hub.fees.fees import Fees
from hub.fees.payment_provider import (
    Hold,
    HoldReport,
    HoldRequest,
    OpenedPayment,
    PaymentReport,
    PaymentRequest,
    ProviderFailure,
    RefundReport,
    RefundRequest,
    ReportedState,
)
from hub.keys.sealing import Sealer
from hub.licences.gathered_licences import Gathered, ToldLicence
from hub.licences.licence_documents import LicenceDocuments
from hub.licences.licence_key_store import LicenceKeyStore
from hub.licences.licence_shares import LicenceShares
from hub.licences.licences import Licences
from hub.messages.department_events import DepartmentEvents
from hub.messages.inbox import Inbox
from hub.people.auth_store import HubAuthStore
from hub.people.mandate_store import MandateStore
from hub.people.mandated_verifier import MandatedVerifier
from hub.people.mandates import Mandates
from hub.people.represented_enterprises import Represented, RepresentedEnterprises
from hub.ratings.ratings import Ratings
from hub.storage.change_feed import ChangeFeed
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.outbox import OutboxRow
from schema.domain.case import Case
from schema.domain.hold import HoldAct, HoldCommandState
from schema.domain.identity_document import IdentityDocument, document_of_key
from schema.domain.mandate import Mandate
from schema.domain.reconciliation import Movement
from schema.domain.refund import RefundState
from schema.errors import DomainError, RuntimeCode

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANNA_NUMBER = "110102199003070024"
BO_NUMBER = "110102198501010035"
WITH_FEE = Submission("CA-MARRIAGE-RECORD", {"purpose": "loan", "copies": 1})
FREE = Submission("CA-SENIOR-CARD", {"delivery": "post"})


class MovableClock:
    def __init__(self, moment: datetime = MONDAY) -> None:
        self.moment = moment
        self._ticking_since: float | None = None

    def now(self) -> datetime:
        if self._ticking_since is None:
            return self.moment
        return self.moment + timedelta(seconds=monotonic() - self._ticking_since)

    def tick(self) -> None:
        """From now on time passes by itself too."""
        self._ticking_since = monotonic()

    def move(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


def citizen(subject: str, *, roles: frozenset[str] = frozenset({"citizen"})) -> Actor:
    expires_at = MONDAY + timedelta(days=1000)
    return Actor(subject, "portal", frozenset({"citizen"}), roles, expires_at)


ANNA = citizen("anna")
BO = citizen("bo")
OPERATOR = citizen("operator-cli", roles=frozenset({"operator"}))


class People:
    """Two people, and the enterprises that somebody acts for; whoever else asks is none."""

    numbers: ClassVar = {"anna": ANNA_NUMBER, "bo": BO_NUMBER}
    names: ClassVar = {"anna": "安娜", "bo": "薄熙"}
    enterprises: MandateStore | None = None

    async def identity_of(self, subject: str) -> str | None:
        if subject in self.numbers or self.enterprises is None:
            return self.numbers.get(subject)
        return await self.enterprises.credit_code(subject)

    async def name(self, subject: str) -> str | None:
        return self.names.get(subject)

    async def documents_of(self, subject: str) -> tuple[IdentityDocument, ...]:
        found = document_of_key(self.numbers.get(subject, ""))
        return (found,) if found else ()

    async def introduced(self, id_number: str) -> str | None:
        return next((subject for subject, number in self.numbers.items() if number == id_number), None)

    async def subject_of(self, id_number: str) -> str | None:
        known = await self.introduced(id_number)
        if known is not None or self.enterprises is None:
            return known
        enterprise = await self.enterprises.enterprise_of_code(id_number)
        return enterprise.id if enterprise is not None else None


class EnterpriseRegister(RepresentedEnterprises):
    """Who represents what, as a test has it; ``None`` where the register is silent."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[Represented, ...]] | None = {}

    async def of(self, actor: Actor) -> tuple[Represented, ...]:
        if self.told is None:
            raise DomainError(RuntimeCode.SERVICE_UNAVAILABLE, "silent")
        return self.told.get(actor.subject, ())


class Provider:
    """A cashier of one process: remembers by key, and pays when it is told to."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self.is_away = False
        self.created: dict[str, PaymentRequest] = {}
        self.states: dict[str, ReportedState] = {}
        self.refunds: dict[str, RefundRequest] = {}
        self.refund_states: dict[str, RefundState] = {}
        self.stated: list[Movement] = []
        self.can_hold = False
        self.hold_time = timedelta(days=7)
        self.hold_ends: dict[str, datetime] = {}
        self.loses_answers = False
        self.acts: dict[str, HoldRequest] = {}
        self.act_states: dict[str, HoldCommandState] = {}

    async def create(self, request: PaymentRequest) -> OpenedPayment:
        if self.is_away:
            raise ProviderFailure("away")
        self.created.setdefault(request.key, request)
        number = f"P-{request.key[:8]}"
        self.states.setdefault(number, ReportedState.CREATED)
        return OpenedPayment(number, f"http://cashier/{number}", self._clock.now() + timedelta(minutes=30))

    async def report(self, number: str) -> PaymentReport:
        if self.is_away:
            raise ProviderFailure("away")
        amount = next(each.amount_fen for key, each in self.created.items() if number == f"P-{key[:8]}")
        ends_at, now = self.hold_ends.get(number), self._clock.now()
        hold = Hold(now, ends_at) if ends_at else None
        return PaymentReport(number, self.states[number], amount, now, hold)

    def holds(self, number: str) -> Hold:
        """It holds the money of this payment from now on."""
        self.states[number] = ReportedState.AUTHORISED
        self.hold_ends[number] = self._clock.now() + self.hold_time
        return Hold(self._clock.now(), self.hold_ends[number])

    async def act_on_hold(self, request: HoldRequest) -> HoldReport:
        """Once for each key; a hold that has ended can be let go and not be taken."""
        if self.is_away:
            raise ProviderFailure("away")
        now = self._clock.now()
        if request.key not in self.acts:
            assert self.acts.setdefault(request.key, request) is request
            is_over = self.hold_ends[request.payment_number] <= now and request.act is HoldAct.CAPTURE
            refused = HoldCommandState.REFUSED if is_over else HoldCommandState.DONE
            self.act_states.setdefault(request.key, refused)
        if self.loses_answers:
            raise ProviderFailure("the answer was lost")
        state = self.act_states[request.key]
        return HoldReport(request.key, request.act, state, request.amount_fen, now, "the hold has ended")

    async def refund(self, request: RefundRequest) -> RefundReport:
        if self.is_away:
            raise ProviderFailure("away")
        if request.key not in self.refunds:
            self.refunds[request.key] = request
        state = self.refund_states.get(request.key, RefundState.DONE)
        return RefundReport(request.key, state, request.amount_fen, self._clock.now(), "no such account")

    async def statement(self, day: date) -> tuple[Movement, ...]:
        return tuple(self.stated)

    async def close(self) -> None:
        return None


@dataclass
class Delivery:
    """A message in hand; remembers how it ended."""

    message: Message
    attempt: int = 1
    ending: str = ""

    async def acknowledge(self) -> None:
        self.ending = "acknowledged"

    async def retry(self, delay: timedelta, reason: str) -> None:
        self.ending = f"retry: {reason}"

    async def dead_letter(self, reason: str) -> None:
        self.ending = f"dead: {reason}"


@dataclass
class World:
    database: Database
    clock: MovableClock = field(default_factory=MovableClock)
    people: People = field(default_factory=People)
    wakeups: Wakeups = field(default_factory=Wakeups)
    _ring: KeyRing | None = None

    def __post_init__(self) -> None:
        self.provider = Provider(self.clock)
        self.catalogue = CatalogueStore(self.database, self.clock)
        self.cases = Cases(self.database, self.catalogue, self.people, self.clock, self.wakeups)
        self.joint = JointCases(self.database, self.catalogue, self.people, self.clock, self.wakeups)
        moves = CaseMoves(self.database, self.catalogue, self.people, self.clock, self.wakeups)
        self.applicant = ApplicantMoves(moves)
        self.handling = CaseHandling(moves)
        self.drafts = CaseDrafts(self.database, self.catalogue, self.cases, self.clock)
        self.work_list = CaseWorkList(self.database, self.clock)
        self.filing_advisor = FilingAdvisor(self.database, self.catalogue, self.drafts, self.clock, self.gather)
        self.delegations = Delegations(self.database, self.clock)
        self.mandate_store = self.people.enterprises = MandateStore(self.database)
        self.register = EnterpriseRegister()
        self.mandates = Mandates(
            self.database,
            self.mandate_store,
            self.people,
            self.people.name,
            self.catalogue,
            self.register,
            Attempts(HubAuthStore(self.database), self.clock.now),
            self.clock,
        )
        self.fees = Fees(self.database, self.provider, self.clock, "http://hub/fees")
        money = FeeWork.over(
            self.database,
            self.catalogue,
            self.people,
            self.fees,
            self.provider,
            self.clock,
            self.wakeups,
            "finance",
        )
        self.payments, self.holds, self.refunds = money.payments, money.holds, money.refunds
        self.licence_key_store = LicenceKeyStore(self.database, Sealer())
        self.receipts = FeeReceipts(self.database, self.licence_keys, self.clock, "http://hub")
        self.fee_services = FeeServices(
            self.holds,
            self.refunds,
            self.receipts,
            money.reconciliations,
            CallbackRefusals(self.database, self.clock, "finance"),
        )
        self.ratings = Ratings(self.database, self.catalogue, self.clock, self.wakeups)
        self.changes = ChangeFeed(self.database, self.wakeups)
        self.licences = Licences(self.database, self.catalogue, self.clock)
        self.told: list[ToldLicence] = []
        self.silent: frozenset[str] = frozenset()
        self.documents = LicenceDocuments(
            self.database, self.catalogue, self.clock, self.licence_keys, "http://hub", self.gather
        )
        self.shares = LicenceShares(
            self.database, self.catalogue, self.clock, self.documents, HubAuthStore(self.database)
        )
        self.deadlines = Deadlines(self.database, self.catalogue, self.clock, self.wakeups)
        self.watch = CaseWatch(self.database, self.catalogue, self.people, self.clock, self.wakeups)
        self.department_events = DepartmentEvents(self.catalogue, self.people, self.clock)
        self.inbox = Inbox(self.database, self.clock, self.wakeups, self.department_events.effects)

    async def acting(self, person: Actor, mandate: Mandate) -> Actor:
        """The person with a token of the party, as the hub's doors know them."""
        roles = {AGENT, REPRESENTATIVE} if mandate.represents else {AGENT}
        token = Actor(
            mandate.party,
            "portal",
            frozenset(),
            frozenset(roles),
            person.expires_at,
            agency=Agency(person.subject, mandate.id),
        )

        async def verified(_token: str) -> Actor:
            return token

        return await MandatedVerifier(verified, self.mandate_store, self.clock.now).verify("")

    async def licence_keys(self) -> KeyRing:
        """One ring, as one process has it."""
        if self._ring is None:
            self._ring = await KeyRing.open(self.licence_key_store, self.clock.now, timedelta(days=36_525))
        return self._ring

    async def gather(self, actor: Actor) -> Gathered:
        """What departments hold of Anna; nobody else has anything there."""
        return Gathered(tuple(self.told) if actor.subject == ANNA.subject else (), self.silent)

    async def says(self, case: Case | str, type: str, source: str = "civil-affairs", **data: Any) -> str:
        """A department's event arrives; how its delivery ended."""
        return await self.deliver(self.event(case, type, source, **data))

    def event(self, case: Case | str, type: str, source: str = "civil-affairs", **data: Any) -> Message:
        number = case if isinstance(case, str) else case.receipt_number
        now = self.clock.now()
        return Message(str(uuid4()), type, source, now, data, subject=number, partition_key=number)

    async def deliver(self, message: Message) -> str:
        delivery = Delivery(message)
        await self.inbox.handle(delivery)
        return delivery.ending

    async def commands(self) -> list[dict[str, Any]]:
        """The commands decided so far: where to, which operation, which input."""
        async with self.database.reading() as session:
            rows = (await session.exec(select(OutboxRow).order_by(col(OutboxRow.sequence)))).all()
        return [
            {
                "to": row.address.split("/")[1].split(".")[0],
                "operation": row.message["data"]["operationName"],
                "input": row.message["data"]["variables"]["input"],
            }
            for row in rows
        ]

    async def decided(self, submission: Submission = WITH_FEE, decision: str = "approved", **data: Any) -> Case:
        """A case that a department has taken all the way to its decision."""
        case = await self.cases.submit_case(ANNA, submission)
        for step in ("jiyi.case.accepted", "jiyi.case.review-started"):
            assert await self.says(case, step) == "acknowledged"
        assert await self.says(case, "jiyi.case.decided", decision=decision, **data) == "acknowledged"
        return await self.read(case)

    async def completed(self) -> Case:
        """A case of an item without a fee, with its licence issued."""
        case = await self.decided(FREE)
        await self.says(case, "jiyi.licence.issued", number="MZ1", issuerCode="110102-MZ")
        return await self.read(case)

    async def read(self, case: Case) -> Case:
        found = await self.cases.case(OPERATOR, case.id)
        assert found is not None
        return found

    async def events(self, case: Case) -> list[str]:
        return [event.type.value for event in (await self.cases.events_of((case.id,)))[case.id]]
