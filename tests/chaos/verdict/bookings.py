"""Appointments: each that a client was promised is there, once, and no time was given to more than fit."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from tests.chaos.verdict.findings import Verdict
from tests.chaos.verdict.reading import ask, lines

WHAT = "appointments"


def bookings(facts: dict[str, Any], verdict: Verdict) -> None:
    """What clients were told against who is expected at the place."""
    told = list(lines(facts["bookings"]))
    place, hub = facts["appointments"]["place"], facts["hubs"][-1]
    expected: list[dict[str, Any]] = []
    for day in facts["appointments"]["days"]:
        asked = f'expectedAppointments(place: "{place}", day: "{day}T12:00:00+08:00") {{ id state slot {{ id }} }}'
        expected += ask(facts, hub, f"{{ {asked} }}")["expectedAppointments"]
    left = ask(facts, hub, f'{{ appointmentSlots(place: "{place}") {{ id free }} }}')["appointmentSlots"]
    free = {each["id"]: each["free"] for each in left}
    compare(verdict, told, expected, free, facts["appointments"])


def compare(
    verdict: Verdict,
    told: list[dict[str, Any]],
    expected: list[dict[str, Any]],
    free: dict[str, int],
    opened: dict[str, Any],
) -> None:
    """``told`` are lines of clients, ``expected`` the graph's appointments, ``free`` what is left of each slot."""
    verdict.looked_at(WHAT, len(expected))
    by_key: dict[str, set[str]] = defaultdict(set)
    promised: dict[str, str] = {}
    for line in told:
        if line["told"] != "FULL":
            by_key[line["key"]].add(line["id"])
            is_over = "CANCELLED" in (line["told"], promised.get(line["id"]))
            promised[line["id"]] = "CANCELLED" if is_over else "BOOKED"
    for key, ids in by_key.items():
        if len(ids) > 1:
            verdict.doubled[WHAT].append(f"{key} has {sorted(ids)}")
    here = {each["id"]: each["state"] for each in expected}
    for each, state in promised.items():
        if here.get(each) != state:
            verdict.lost[WHAT].append(f"{each} was told {state}, it is {here.get(each)}")
    for each in set(here) - set(promised):
        verdict.doubled[WHAT].append(f"nobody was told of {each}")
    booked = Counter(each["slot"]["id"] for each in expected if each["state"] == "BOOKED")
    for slot in opened["slots"]:
        if booked[slot] > opened["capacity"]:
            verdict.doubled[WHAT].append(f"slot {slot} is booked {booked[slot]} times")
        elif free.get(slot, 0) != opened["capacity"] - booked[slot]:
            verdict.wrong[WHAT].append(f"slot {slot}: booked {booked[slot]} times, {free.get(slot, 0)} are free")
