"""Appointments through the graph: opened, booked once, never overbooked, cancelled in time, missed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select

from auth.actor import Actor
from hub.appointments.appointments import Appointments, Booking
from hub.tables.appointment import AppointmentSlotRow
from schema.errors import DomainError
from tests.hub.own_graph import Graph, request
from tests.hub.world import ANNA, BO, FREE, MONDAY, OPERATOR, World, citizen

CLERK = replace(
    citizen("clerk"), roles=frozenset({"citizen", "department-staff", "handler"}), department="civil-affairs"
)
OTHER_CLERK = replace(CLERK, subject="other", department="transport")
OPEN = "mutation ($input: AppointmentSlotsInput!) { openAppointmentSlots(input: $input) }"
BOOK = """mutation ($input: BookAppointmentInput!) {
  bookAppointment(input: $input) { id number state beginsAt slot { id place { code } free } }
}"""
FREE_SLOTS = '{ appointmentSlots(place: "110102-HALL") { id beginsAt endsAt free } }'
DAY = {
    "place": "110102-HALL",
    "firstDay": "2026-11-24",
    "lastDay": "2026-11-24",
    "opens": "09:00:00",
    "closes": "10:00:00",
    "minutes": 30,
    "capacity": 2,
}


@pytest.fixture
async def graph(world: World) -> Graph:
    return Graph(world)


async def _slots(graph: Graph, **changed: Any) -> list[dict[str, Any]]:
    await graph.ask(OPEN, CLERK, input={**DAY, **changed})
    found: list[dict[str, Any]] = (await graph.ask(FREE_SLOTS, None))["appointmentSlots"]
    return found


async def _refused(graph: Graph, query: str, actor: Actor | None, **variables: Any) -> dict[str, Any]:
    response = await graph.connector.fetch(request(query, actor, variables))
    error: dict[str, Any] = response.errors[0]
    return {"code": error["extensions"]["code"], "message": error["message"]}


async def test_who_works_at_a_place_opens_its_slots_and_everybody_sees_them(graph: Graph) -> None:
    """Opening the same again adds none; a stranger to the place opens none."""
    slots = await _slots(graph)
    again = await graph.ask(OPEN, CLERK, input=DAY)
    stranger = await _refused(graph, OPEN, CLERK, input={**DAY, "place": "110102-HALL-PS"})

    assert [(each["beginsAt"], each["free"]) for each in slots] == [
        ("2026-11-24T01:00:00+00:00", 2),
        ("2026-11-24T01:30:00+00:00", 2),
    ]
    assert again == {"openAppointmentSlots": 0}
    assert stranger["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"place": "NOWHERE"}, 'no place "NOWHERE"'),
        ({"lastDay": "2026-11-23"}, "`lastDay`"),
        ({"firstDay": "2026-11-22"}, "`firstDay`"),
        ({"minutes": 1}, "`minutes`"),
        ({"capacity": 0}, "`capacity`"),
        ({"opens": "10:00:00"}, "`opens`"),
        ({"weekdays": [0, 8]}, "`weekdays`"),
        ({"itemCode": "NONE"}, 'no service item "NONE"'),
        ({"serviceForm": "PROMISED"}, "BY_APPOINTMENT or AT_THE_DOOR"),
        ({"lastDay": "2027-02-20", "minutes": 5, "closes": "23:00:00"}, "2000 slots"),
    ],
)
async def test_a_series_that_cannot_be_is_refused_with_its_mistake(
    graph: Graph, changed: dict[str, Any], said: str
) -> None:
    assert said in (await _refused(graph, OPEN, CLERK, input={**DAY, **changed}))["message"]


async def test_a_person_books_once_however_often_they_ask(graph: Graph) -> None:
    """By the key or by the slot; the place is taken once. A key for another slot is a mistake."""
    first, second = await _slots(graph)
    wanted = {"slot": first["id"], "idempotencyKey": "k1"}
    booked = [(await graph.ask(BOOK, input=wanted))["bookAppointment"] for _ in range(2)]
    by_slot = (await graph.ask(BOOK, input={"slot": first["id"]}))["bookAppointment"]
    mistake = await _refused(graph, BOOK, ANNA, input={"slot": second["id"], "idempotencyKey": "k1"})

    assert len({each["id"] for each in (*booked, by_slot)}) == 1
    assert booked[1]["slot"]["free"] == 1
    assert mistake["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_key_is_answered_alike_when_what_it_was_answered_with_is_given_back(graph: Graph) -> None:
    """It asked for a time that was held already by another key: repeated later, it books no second time."""
    first, _ = await _slots(graph)
    keys = [{"slot": first["id"], "idempotencyKey": key} for key in ("k1", "k2")]
    held, same = [(await graph.ask(BOOK, input=each))["bookAppointment"] for each in keys]
    await graph.ask("mutation Cancel($id: ID!) { cancelAppointment(id: $id) { state } }", id=held["id"])
    repeated = [(await graph.ask(BOOK, input=each))["bookAppointment"] for each in keys]
    assert {each["id"] for each in (held, same, *repeated)} == {held["id"]}
    assert [each["state"] for each in repeated] == ["CANCELLED", "CANCELLED"]
    anew = (await graph.ask(BOOK, input={"slot": first["id"], "idempotencyKey": "k3"}))["bookAppointment"]
    assert (anew["id"] != held["id"], anew["state"]) == (True, "BOOKED")


async def test_a_full_slot_says_what_is_free_nearby(graph: Graph) -> None:
    """Cancelled in time, the place is free again."""
    first, _ = await _slots(graph, capacity=1)
    mine = (await graph.ask(BOOK, input={"slot": first["id"]}))["bookAppointment"]
    full = await _refused(graph, BOOK, BO, input={"slot": first["id"]})
    cancel = "mutation ($id: ID!) { cancelAppointment(id: $id) { state } }"
    cancelled = await graph.ask(cancel, ANNA, id=mine["id"])
    not_his = await _refused(graph, cancel, BO, id=mine["id"])

    assert full == {"code": "CONFLICT", "message": "The slot is full. Free at the same place: 2026-11-24 09:30."}
    assert cancelled == {"cancelAppointment": {"state": "CANCELLED"}}
    assert not_his["code"] == "NOT_FOUND"
    assert (await graph.ask(BOOK, BO, input={"slot": first["id"]}))["bookAppointment"]["state"] == "BOOKED"


async def test_a_thousand_who_want_fifty_places(graph: Graph, world: World) -> None:
    """Fifty get one, 950 are told; nothing is overbooked and nothing stays free."""
    slots = await _slots(graph, capacity=25)
    appointments = Appointments(world.database, world.clock)

    at_once = asyncio.Semaphore(20)

    async def ask(number: int) -> str:
        async with at_once:
            try:
                await appointments.book(citizen(f"person-{number}"), Booking(slots[number % 2]["id"]))
            except DomainError as error:
                return f"{error.code.value}: {error}"
            return "booked"

    answers = await asyncio.gather(*(ask(number) for number in range(1000)))
    async with world.database.reading() as session:
        rows = (await session.exec(select(AppointmentSlotRow))).all()

    assert answers.count("booked") == 50
    assert sum(each.startswith("CONFLICT: The slot is full.") for each in answers) == 950
    assert [row.booked for row in rows] == [25, 25]


async def test_whoever_does_not_come_three_times_waits(graph: Graph, world: World) -> None:
    """The worker notes it; an officer of the place, and no other, sets it right."""
    slots = await _slots(graph, lastDay="2026-11-26", closes="09:30:00")
    ids = [(await graph.ask(BOOK, input={"slot": each["id"]}))["bookAppointment"]["id"] for each in slots]
    appointments = Appointments(world.database, world.clock)
    world.clock.moment = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
    missed = await appointments.mark_missed()
    again = await appointments.mark_missed()
    (later,) = await _slots(graph, firstDay="2026-11-30", lastDay="2026-11-30", closes="09:30:00")
    barred = await _refused(graph, BOOK, ANNA, input={"slot": later["id"]})
    arrive = "mutation ($id: ID!) { noteArrival(id: $id) { state } }"
    stranger = await _refused(graph, arrive, OTHER_CLERK, id=ids[0])
    set_right = await graph.ask(arrive, CLERK, id=ids[0])

    assert (missed, again) == (3, 0)
    assert "Book again from 2026-12-26" in barred["message"]
    assert stranger["code"] == "NOT_FOUND"
    assert set_right == {"noteArrival": {"state": "USED"}}
    assert (await graph.ask(BOOK, input={"slot": later["id"]}))["bookAppointment"]["state"] == "BOOKED"


async def test_a_closed_slot_gives_everybody_back_their_time(graph: Graph, world: World) -> None:
    """Who held it may book again; nobody books a closed one."""
    first, _ = await _slots(graph)
    for actor in (ANNA, BO):
        await graph.ask(BOOK, actor, input={"slot": first["id"]})
    close = "mutation ($id: ID!, $reason: String!) { closeAppointmentSlot(id: $id, reason: $reason) }"
    closed = await graph.ask(close, CLERK, id=first["id"], reason="停电")
    refused = await _refused(graph, BOOK, ANNA, input={"slot": first["id"]})
    mine = (await graph.ask("{ myAppointments { state reason } }"))["myAppointments"]

    assert closed == {"closeAppointmentSlot": 2}
    assert refused["message"] == "停电"
    assert mine == [{"state": "CANCELLED", "reason": "停电"}]


async def test_somebody_comes_to_the_door_only_where_they_know_where(graph: Graph, world: World) -> None:
    """A visit (上门) needs an address; only its own place reads it."""
    await graph.ask(OPEN, CLERK, input={**DAY, "serviceForm": "AT_THE_DOOR"})
    query = '{ appointmentSlots(place: "110102-HALL", serviceForm: AT_THE_DOOR) { id } }'
    (slot, _) = (await graph.ask(query, None))["appointmentSlots"]
    nowhere = await _refused(graph, BOOK, ANNA, input={"slot": slot["id"]})
    booked = (await graph.ask(BOOK, input={"slot": slot["id"], "address": "北礼士路1号"}))["bookAppointment"]
    one = "query ($id: ID!) { appointment(id: $id) { address } }"
    expected = (
        'query ($day: DateTime!) { expectedAppointments(place: "110102-HALL", day: $day) { number address } }'
    )
    day = datetime(2026, 11, 24, 4, 0, tzinfo=UTC).isoformat()

    assert "`address`" in nowhere["message"]
    assert await graph.ask(one, CLERK, id=booked["id"]) == {"appointment": {"address": "北礼士路1号"}}
    assert await graph.ask(one, BO, id=booked["id"]) == {"appointment": None}
    assert await graph.ask(one, OTHER_CLERK, id=booked["id"]) == {"appointment": None}
    assert (await graph.ask(expected, CLERK, day=day))["expectedAppointments"][0]["number"] == booked["number"]
    assert (await graph.ask(expected, OTHER_CLERK, day=day)) == {"expectedAppointments": []}


async def test_an_appointment_is_for_an_own_case(graph: Graph, world: World) -> None:
    """Somebody else's case is none."""
    case = await world.cases.submit_case(ANNA, FREE)
    first, _ = await _slots(graph)
    wanted = {"slot": first["id"], "case": case.receipt_number}
    not_his = await _refused(graph, BOOK, BO, input=wanted)
    booked = (await graph.ask(BOOK, input=wanted))["bookAppointment"]

    assert not_his["code"] == "NOT_FOUND"
    assert booked["number"].startswith("AP261123-")
    assert datetime.fromisoformat(booked["beginsAt"]) > MONDAY
    assert OPERATOR.has_role("operator")
