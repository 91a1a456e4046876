"""Visits at the door through the graph: a named officer is sent, sets out and serves (art. 12, 13, 14)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.appointments.appointments import Appointments
from hub.appointments.door_visits import DoorVisits
from hub.notices.notices import Notices
from hub.supervision.supervision import CardFilter, Supervision
from hub.tables.auth import PersonRow
from tests.hub.officers import HUGO, SUPERVISOR
from tests.hub.own_graph import Graph
from tests.hub.test_appointments import BOOK, CLERK, DAY, OPEN, OTHER_CLERK
from tests.hub.world import ANNA, BO, MONDAY, World, citizen

SLOTS = '{ appointmentSlots(place: "110102-HALL", serviceForm: AT_THE_DOOR) { id } }'
DISPATCH = "mutation ($a: ID!, $o: ID!) { dispatchVisit(appointment: $a, officer: $o) { number state officer } }"
SET_OUT = "mutation ($a: ID!) { setOutForVisit(appointment: $a) { state } }"
FINISH = """mutation ($a: ID!, $served: Boolean!, $note: String) {
  finishVisit(appointment: $a, served: $served, note: $note) { state note } }"""
SEEN = "query ($a: ID!) { appointment(id: $a) { state visit { state officer officerName } } }"
AT_TIME = datetime(2026, 11, 24, 1, 10, tzinfo=UTC)
"""Ten minutes after the first slot begins, at 9:00 in Beijing."""


@pytest.fixture
async def graph(world: World) -> Graph:
    async with world.database.transaction() as session:
        session.add(PersonRow(id="hugo", id_number="110102198001010010", name="胡果", seen_at=MONDAY))
    graph = Graph(world)
    await graph.ask(OPEN, CLERK, input={**DAY, "serviceForm": "AT_THE_DOOR", "capacity": 20})
    return graph


async def booked(graph: Graph, who: Any = ANNA, slot: int = 0) -> str:
    slots = (await graph.ask(SLOTS, None))["appointmentSlots"]
    wanted = {"slot": slots[slot]["id"], "address": "西单北大街 1 号"}
    found: str = (await graph.ask(BOOK, who, input=wanted))["bookAppointment"]["id"]
    return found


async def test_a_named_officer_is_sent_sets_out_and_serves(graph: Graph, world: World) -> None:
    """Who opens the door knows the name; strangers and other departments learn nothing and send nobody; nobody
    is sent who is no officer of the department or of a window."""
    visit = await booked(graph)
    elsewhere = await graph.refused(DISPATCH, OTHER_CLERK, a=visit, o="hugo")
    nobody_s = [await graph.refused(DISPATCH, CLERK, a=visit, o=each) for each in ("anna", "iris", "nobody")]
    sent = (await graph.ask(DISPATCH, CLERK, a=visit, o="hugo"))["dispatchVisit"]
    seen = {who.subject: (await graph.ask(SEEN, who, a=visit))["appointment"] for who in (ANNA, BO, OTHER_CLERK)}
    not_hers = await graph.refused(SET_OUT, CLERK, a=visit)
    too_soon = await graph.refused(FINISH, HUGO, a=visit, served=True)
    await graph.ask(SET_OUT, HUGO, a=visit)
    late = await graph.refused(DISPATCH, CLERK, a=visit, o="clerk")
    world.clock.moment = AT_TIME
    served = (await graph.ask(FINISH, HUGO, a=visit, served=True, note="已采集"))["finishVisit"]
    after = (await graph.ask(SEEN, ANNA, a=visit))["appointment"]
    told = [row.text_en for row in await Notices(world.database, world.clock).of(ANNA)]

    assert (elsewhere, nobody_s) == (["NOT_FOUND"], [["BAD_USER_INPUT"]] * 3)
    assert sent["number"].startswith("VI261123-")
    assert seen["anna"]["visit"] == {"state": "DISPATCHED", "officer": "hugo", "officerName": "胡果"}
    assert (seen["bo"], seen["other"]) == (None, None)
    assert (not_hers, too_soon, late) == (["INVALID_TRANSITION"],) * 3
    assert (served, after["state"]) == ({"state": "SERVED", "note": "已采集"}, "USED")
    assert [each.split(" ")[-1] for each in reversed(told)] == [f"{sent['number']}.", "way.", "done."]


async def test_of_many_dispatches_at_once_an_officer_goes_to_one(graph: Graph, world: World) -> None:
    """Articles 12, 14: ten visits of one hour, one officer, ten who dispatch at the same moment."""
    people = [citizen(f"resident-{number}") for number in range(10)]
    visits = [await booked(graph, who) for who in people]
    refusals = await asyncio.gather(*(graph.refused(DISPATCH, CLERK, a=each, o="hugo") for each in visits))
    mine = (await graph.ask("{ visitWork(mine: true) { officer } }", HUGO))["visitWork"]

    assert sorted(refusals) == [[]] + [["CONFLICT"]] * 9
    assert mine == [{"officer": "hugo"}]


async def test_another_is_sent_and_what_is_cancelled_gives_the_time_back(graph: Graph) -> None:
    """The one who was to go is told; a cancelled appointment calls its visit off."""
    first, second = await booked(graph), await booked(graph, BO)
    await graph.ask(DISPATCH, CLERK, a=first, o="hugo")
    instead = (await graph.ask(DISPATCH, CLERK, a=first, o="clerk"))["dispatchVisit"]
    await graph.ask(DISPATCH, CLERK, a=second, o="hugo")
    busy = await graph.refused(DISPATCH, CLERK, a=first, o="hugo")
    await graph.ask("mutation ($a: ID!) { cancelAppointment(id: $a) { state } }", BO, a=second)
    called_off = (await graph.ask(SEEN, BO, a=second))["appointment"]
    free = await graph.refused(DISPATCH, CLERK, a=first, o="hugo")

    assert (instead["officer"], busy, free) == ("clerk", ["CONFLICT"], [])
    assert (called_off["state"], called_off["visit"]["state"]) == ("CANCELLED", "CALLED_OFF")


async def test_nobody_is_missed_at_the_door_by_the_clock(graph: Graph, world: World) -> None:
    """The officer says so, with what was found; a visit that nobody made is a red card of the department, once."""
    visit, forgotten = await booked(graph), await booked(graph, BO, 1)
    await graph.ask(DISPATCH, CLERK, a=visit, o="hugo")
    await graph.ask(SET_OUT, HUGO, a=visit)
    early = await graph.refused(FINISH, HUGO, a=visit, served=False, note="无人")
    world.clock.moment = AT_TIME
    silent = await graph.refused(FINISH, HUGO, a=visit, served=False)
    await graph.ask(FINISH, HUGO, a=visit, served=False, note="敲门无人应答")
    world.clock.move(hours=4)
    missed = await Appointments(world.database, world.clock).mark_missed()
    visits = DoorVisits(world.database, world.clock, world.wakeups)
    looked = [await visits.look(), await visits.look()]
    cards = await Supervision(world.database, world.clock, world.wakeups).cards(SUPERVISOR, CardFilter())

    assert (early, silent) == (["INVALID_TRANSITION"], ["INVALID_TRANSITION"])
    assert (await graph.ask(SEEN, ANNA, a=visit))["appointment"]["state"] == "MISSED"
    assert (await graph.ask(SEEN, BO, a=forgotten))["appointment"]["state"] == "BOOKED"
    assert (missed, looked) == (0, [1, 0])
    assert [(each.trigger, each.level, each.department) for each in cards] == [
        ("VISIT_LIMIT", "RED", replace(CLERK).department)
    ]
