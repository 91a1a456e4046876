"""Citizens who file cases, pay and follow them, and try again whenever something is away.

What a client may repeat it repeats with the same idempotency key, at either hub; what it was told goes into books
(``receipts.jsonl``, ``events.jsonl``, ``bookings.jsonl``), a line at a time. The books are all that the verdict
knows of the clients.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TextIO, TypeVar

import aiohttp

from hub.demo.client import Answered, HubClient
from hub.demo.residents import Resident
from hub.demo.road import StepFailed
from hub.demo.sign_in import sign_in_app
from tests.chaos.appointments import BOOK, BOOKED, CANCEL, GIVEN_BACK
from tests.chaos.case_kinds import KINDS

AWAY = (aiohttp.ClientError, TimeoutError, ValueError, KeyError, Answered, StepFailed)
"""What a client sees of a part that died."""
FINAL_REFUSALS = frozenset({"BAD_USER_INPUT", "CONFLICT", "FORBIDDEN", "NOT_FOUND"})
"""What no repetition mends: it ends the run at once."""
TOKEN_LASTS = 600.0
LOOKED_AT_TOGETHER = 8
REPEATED = 0.1
"""Share of submissions that are sent again after they were answered, as an app does that lost the answer."""
FIRE_WAITS = {"decision": "waiting"}
FIRE_REFUSES = {"decision": "denied", "reason": "一个出口。One exit.", "remedy": "复议。Review."}
SUBMIT = "mutation Submit($input: SubmitCaseInput!) { submitCase(input: $input) { id receiptNumber } }"
WITHDRAW = "mutation Withdraw($case: ID!) { withdrawCase(case: $case) { state } }"
PAY = """mutation Pay($orders: [ID!]!, $key: String) {
  payFees(orders: $orders, idempotencyKey: $key) { number payUrl }
}"""
ALWAYS = "mutation Always { setNoticePreferences(input: { language: ZH }) { language } }"
ADD_NUMBER = "mutation Add($number: String!) { addNoticeAddress(channel: SMS, address: $number) { id } }"
CONFIRM_NUMBER = """mutation Confirm($id: ID!, $code: String!) {
  confirmNoticeAddress(id: $id, code: $code) { id }
}"""
OUTCOMES = frozenset({"COMPLETED", "WITHDRAWN", "DENIED"})
LOOK = "id receiptNumber version state fees { number state } subCases { state }"
NOT_OWED = frozenset({"PAID", "REFUNDED", "VOIDED", "CANCELLED"})
"""Where a fee order stands when nothing follows any more."""
MOVING = frozenset({"STARTED", "ACCEPTED", "SUPPLEMENT_REQUESTED", "COMPENSATING"})
"""States of a sub-case after which something follows, also when the case has ended."""
FROM_THE_BEGINNING = "0"
CHANGED = "subscription Changed { caseChanged { receiptNumber state version } }"

Found = TypeVar("Found")


class Refused(Exception):
    """The hub refused what it had to take; the text has what it said."""


class Books:
    """What clients were told, as lines in files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.receipts_file, self.events_file = folder / "receipts.jsonl", folder / "events.jsonl"
        self.bookings_file = folder / "bookings.jsonl"
        self._receipts, self._events = self.receipts_file.open("a"), self.events_file.open("a")
        self._bookings = self.bookings_file.open("a")
        self.accepted = 0
        self.finished = 0
        self._moved = asyncio.Event()

    def receipt(self, **line: Any) -> None:
        _write(self._receipts, line)

    def event(self, **line: Any) -> None:
        _write(self._events, line)

    def booking(self, **line: Any) -> None:
        _write(self._bookings, line)

    def one_more(self, *, accepted: int = 0, finished: int = 0) -> None:
        self.accepted += accepted
        self.finished += finished
        self._moved.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return once the condition on the numbers holds."""
        while not holds():
            self._moved.clear()
            await self._moved.wait()


def _write(file: TextIO, line: Mapping[str, Any]) -> None:
    file.write(json.dumps(line) + "\n")
    file.flush()


@dataclass
class OpenCase:
    """An accepted case that has no outcome yet, as its citizen sees it."""

    id: str
    receipt_number: str
    kind: str
    look_at: float = 0.0


@dataclass
class Citizen:
    """One person with an app that speaks to whichever hub answers."""

    person: Resident
    hubs: tuple[HubClient, ...]
    phone: str
    fire: str
    messages: str
    follows: int
    books: Books
    random: Random
    slots: tuple[str, ...]
    open: dict[str, OpenCase] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)
    """By receipt number: the version with which a case has ended, and the newest that the subscription told."""
    to_be_refused: set[str] = field(default_factory=set)
    """Cases that fire and rescue is told to refuse once their fees are paid or held."""
    _token: str = ""
    _signed_in_at: float = -TOKEN_LASTS
    _signing_in: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def be_told(self, number: str) -> None:
        """By SMS, at night too: the address is confirmed by the code that came there."""
        await self._persist(ALWAYS, {})
        added = (await self._persist(ADD_NUMBER, {"number": number}))["addNoticeAddress"]["id"]

        async def code() -> str | None:
            found = (await self._hub().json(f"{self.messages}/__records"))["messages"]
            sent = (each["text"] for each in found if each["key"] == f"{added}.code")
            return next((text.partition("验证码")[2][:6] for text in sent), None)

        await self._persist(CONFIRM_NUMBER, {"id": added, "code": await persist(code)})

    async def file(self, key: str, kind: str) -> None:
        """Hand in one case, and have its receipt."""
        what = KINDS[kind]
        materials = [{"code": code, "reference": f"paper:{code}"} for code in what.materials]
        given = {"itemCode": what.item, "form": dict(what.form), "materials": materials, "idempotencyKey": key}
        case = await self._submit(given, kind)
        if self.random.random() < REPEATED:
            await self._submit(given, kind)
        if what.is_withdrawn:
            await self._withdraw(case, key, kind)
        if what.is_refused:
            await self._tell_fire(case["receiptNumber"], FIRE_WAITS if what.once_paid else FIRE_REFUSES)
        if what.once_paid:
            self.to_be_refused.add(case["receiptNumber"])
        if self.random.random() < BOOKED:
            await self._book(f"{key}-time")
        self.open[case["id"]] = OpenCase(case["id"], case["receiptNumber"], kind, time.monotonic() + 5)
        self.books.one_more(accepted=1)

    async def _submit(self, given: dict[str, Any], kind: str) -> dict[str, Any]:
        case: dict[str, Any] = (await self._persist(SUBMIT, {"input": given}))["submitCase"]
        told = {"key": given["idempotencyKey"], "kind": kind, "id": case["id"]}
        self.books.receipt(**told, receiptNumber=case["receiptNumber"])
        return case

    async def _tell_fire(self, receipt_number: str, decision: Mapping[str, str]) -> None:
        """Fire and rescue is told at its own door how this case will end there."""
        told = {**decision, "receiptNumber": receipt_number}

        async def tell() -> bool | None:
            answer = await self._hub().json(f"{self.fire}/__sub-case-decisions", "POST", told)
            return True if answer.get("decision") else None

        await persist(tell)

    async def _book(self, key: str) -> None:
        """A time at the hall, if it is free and not too many are held; some are given back."""
        slot = self.random.choice(self.slots)
        wanted = {"input": {"slot": slot, "idempotencyKey": key}}
        answer = await self._answer(BOOK, wanted, {"CONFLICT"})
        if self.random.random() < REPEATED and "errors" not in answer:
            again = (await self._persist(BOOK, wanted))["bookAppointment"]
            self.books.booking(key=key, id=again["id"], slot=slot, told="BOOKED")
        if "errors" in answer:
            self.books.booking(key=key, slot=slot, told="FULL")
            return
        made = answer["data"]["bookAppointment"]
        self.books.booking(key=key, id=made["id"], slot=slot, told="BOOKED")
        if self.random.random() < GIVEN_BACK:
            over = (await self._persist(CANCEL, {"id": made["id"]}))["cancelAppointment"]
            self.books.booking(key=key, id=over["id"], slot=slot, told=over["state"])

    async def _withdraw(self, case: dict[str, Any], key: str, kind: str) -> None:
        """It may be too late, or the answer to an earlier try was lost: both are no fault."""
        answer = await self._answer(WITHDRAW, {"case": case["id"]}, {"INVALID_TRANSITION"})
        if "errors" not in answer:
            state = answer["data"]["withdrawCase"]["state"]
            told = {"key": key, "kind": kind, "id": case["id"], "receiptNumber": case["receiptNumber"]}
            self.books.receipt(**told, told=state)

    async def look_after(self) -> None:
        """Pay what is due, and see which cases have their outcome, until cancelled."""
        while True:
            now = time.monotonic()
            due = [each for each in self.open.values() if each.look_at <= now]
            if due:
                due.sort(key=lambda each: each.look_at)
                await self._look_at(due[:LOOKED_AT_TOGETHER])
            await asyncio.sleep(0.3)

    async def _look_at(self, cases: list[OpenCase]) -> None:
        for each in cases:
            each.look_at = time.monotonic() + 5
        asked = " ".join(f'c{place}: case(id: "{each.id}") {{ {LOOK} }}' for place, each in enumerate(cases))
        found = (await self._persist(f"{{ {asked} }}", {})).values()
        orders: dict[bool, list[str]] = {False: [], True: []}
        for case in found:
            if case is None:
                # Lost: the verdict finds it too, and says which.
                continue
            fees = case["fees"]
            if fees and all(fee["state"] in {"PAID", "AUTHORISED"} for fee in fees):
                await self._have_refused(case["receiptNumber"])
            opened = self.open.get(case["id"])
            by_transfer = opened is not None and KINDS[opened.kind].by_transfer
            is_paid = all(fee["state"] in NOT_OWED for fee in fees)
            is_at_rest = is_paid and not any(each["state"] in MOVING for each in case["subCases"])
            if case["state"] in OUTCOMES and is_at_rest and case["id"] in self.open:
                del self.open[case["id"]]
                self.ended[case["receiptNumber"]] = case["version"]
                self.books.one_more(finished=1)
            orders[by_transfer] += [fee["number"] for fee in fees if fee["state"] in {"DUE", "PAYING"}]
        for by_transfer, numbers in orders.items():
            for first in range(0, len(numbers), 5):
                await self._pay(numbers[first : first + 5], by_transfer=by_transfer)

    async def _have_refused(self, receipt_number: str) -> None:
        if receipt_number in self.to_be_refused:
            self.to_be_refused.discard(receipt_number)
            await self._tell_fire(receipt_number, FIRE_REFUSES)

    async def _pay(self, orders: list[str], *, by_transfer: bool) -> None:
        """Several fees in one payment; a key that belongs to these orders. A transfer cannot be held."""
        key = "+".join(sorted(orders))
        answer = await self._answer(PAY, {"orders": orders, "key": key}, {"CONFLICT"})
        if "errors" in answer:
            # Another payment has some of them in hand already: it is looked at again.
            return

        async def press() -> bool | None:
            url = answer["data"]["payFees"]["payUrl"]
            means = "?means=transfer" if by_transfer else ""
            status, _, _, _ = await self._hub().page(url + means, {}, follow=False)
            return True if status == 303 else None

        await persist(press)

    async def follow(self) -> None:
        """Write down every change that one hub tells, until cancelled; resume whenever it breaks off."""
        hub, stream = self.hubs[self.follows], f"{self.person.id} at hub {self.follows + 1}"
        cursor = FROM_THE_BEGINNING
        while True:
            try:
                token = await self.token()
                self.books.event(stream=stream, begins=True)
                async for payload in hub.subscribe(CHANGED, {}, token, cursor):
                    if payload.get("errors"):
                        raise Answered(str(payload["errors"]))
                    change = payload["data"]["caseChanged"]
                    cursor = payload["extensions"]["cursor"]
                    self.books.event(stream=stream, gap=payload["extensions"].get("gap", False), **change)
                    self._hear(change)
            except AWAY:
                await asyncio.sleep(0.2)

    @property
    def has_heard_all(self) -> bool:
        """Whether the subscription has told of every end."""
        return all(self.heard.get(receipt, 0) >= version for receipt, version in self.ended.items())

    def _hear(self, change: dict[str, Any]) -> None:
        self.heard[change["receiptNumber"]] = max(change["version"], self.heard.get(change["receiptNumber"], 0))
        self.books.one_more()
        if change["state"] in OUTCOMES | {"APPROVED", "IN_REVIEW"}:
            for each in self.open.values():
                if each.receipt_number == change["receiptNumber"]:
                    each.look_at = 0.0

    async def token(self) -> str:
        async with self._signing_in:
            if time.monotonic() - self._signed_in_at > TOKEN_LASTS:
                self._token = await persist(self._sign_in)
                self._signed_in_at = time.monotonic()
        return self._token

    async def _sign_in(self) -> str:
        async with HubClient(self._hub().base_url) as browser:
            return (await sign_in_app(browser, self.person, self.phone)).access_token

    async def _persist(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = (await self._answer(query, variables, set()))["data"]
        return data

    async def _answer(self, query: str, variables: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
        """Ask either hub until one answers without errors, or with one that is ``known``."""

        async def attempt() -> dict[str, Any] | None:
            answer = await self._hub().graphql(query, variables, await self.token())
            codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
            if codes & FINAL_REFUSALS - known:
                raise Refused(f"{query[:60]} {dict(variables)}: {answer['errors']}")
            return answer if codes <= known else None

        return await persist(attempt)

    def _hub(self) -> HubClient:
        return self.random.choice(self.hubs)


async def persist(attempt: Callable[[], Awaitable[Found | None]]) -> Found:
    """Try until it succeeds with something; who waits sets a limit of his own."""
    pause = 0.05
    while True:
        try:
            found = await attempt()
        except AWAY:
            found = None
        if found is not None:
            return found
        await asyncio.sleep(pause)
        pause = min(pause * 2, 1.0)


@asynccontextmanager
async def citizens(
    people: list[dict[str, str]],
    hubs: tuple[str, ...],
    phone: str,
    fire: str,
    messages: str,
    slots: tuple[str, ...],
    books: Books,
    random: Random,
) -> AsyncIterator[list[Citizen]]:
    """Everybody signed in, following and looking after their cases."""
    async with _clients(hubs) as clients:
        everybody = [
            Citizen(
                Resident(each["id"], each["idNumber"], each["name"]),
                clients,
                phone,
                fire,
                messages,
                place % len(clients),
                books,
                Random(f"{random.random()} {place}"),
                slots,
            )
            for place, each in enumerate(people)
        ]
        await asyncio.gather(*(each.token() for each in everybody))
        await asyncio.gather(*(each.be_told(f"1380000{place:04}") for place, each in enumerate(everybody)))
        tasks = [asyncio.create_task(work()) for each in everybody for work in (each.follow, each.look_after)]
        try:
            yield everybody
        finally:
            for task in tasks:
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended


@asynccontextmanager
async def _clients(hubs: tuple[str, ...]) -> AsyncIterator[tuple[HubClient, ...]]:
    opened = tuple(HubClient(url) for url in hubs)
    for each in opened:
        await each.__aenter__()
    try:
        yield opened
    finally:
        for each in opened:
            await each.__aexit__(None, None, None)
