"""Appointments: free times at a place, one's own, and for officers who is expected, and the opening of times."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connectors.clock import Clock
from hub.portal.desk import Desk, detailed_error_text
from hub.portal.page import see_other
from hub.portal.visitors import Visitor
from schema.domain.receipt_number import SHANGHAI
from schema.domain.service_item import ServiceForm
from schema.domain.working_days import day_of

FORMS = (ServiceForm.BY_APPOINTMENT, ServiceForm.AT_THE_DOOR)
_PLACES = "places { code name nameEn }"
_APPOINTMENT = """id number state beginsAt address reason slot { endsAt serviceForm place { name nameEn } }
  visit { number state officer officerName note }"""
MINE = f"query MyAppointments {{ myAppointments(first: 50) {{ {_APPOINTMENT} stars }} {_PLACES} }}"
FREE = """query FreeSlots($place: String!, $form: ServiceForm!) {
  appointmentSlots(place: $place, serviceForm: $form) { id beginsAt endsAt free } }"""
BOOK = "mutation Book($input: BookAppointmentInput!) { done: bookAppointment(input: $input) { id } }"
CANCEL = "mutation Cancel($id: ID!) { done: cancelAppointment(id: $id) { id } }"
RATE = "mutation Rate($id: ID!, $stars: Int!) { done: rateAppointment(id: $id, stars: $stars) { id } }"
EXPECTED = f"""query Expected($place: String!, $day: DateTime!, $form: ServiceForm!) {{
  expectedAppointments(place: $place, day: $day) {{ {_APPOINTMENT} itemCode }}
  appointmentSlots(place: $place, serviceForm: $form) {{ id beginsAt endsAt free }} }}"""
PLACES = f"query Places {{ {_PLACES} }}"
OPEN = "mutation Open($input: AppointmentSlotsInput!) { done: openAppointmentSlots(input: $input) }"
CLOSE = "mutation Close($id: ID!, $reason: String!) { done: closeAppointmentSlot(id: $id, reason: $reason) }"
DISPATCH = """mutation Dispatch($id: ID!, $officer: ID!) {
  done: dispatchVisit(appointment: $id, officer: $officer) { number } }"""
SET_OUT = "mutation SetOut($id: ID!) { done: setOutForVisit(appointment: $id) { number } }"
FINISH = """mutation Finish($id: ID!, $served: Boolean!, $note: String) {
  done: finishVisit(appointment: $id, served: $served, note: $note) { number } }"""
ARRIVE = "mutation Arrive($id: ID!, $came: Boolean!) { done: noteArrival(id: $id, came: $came) { id } }"


class AppointmentPages:
    """``/portal/appointments`` and ``/officer/appointments``."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route("/portal/appointments", mine(self.own), methods=["GET", "POST"]),
            Route("/officer/appointments", mine(self.expected), methods=["GET", "POST"]),
        ]

    async def own(self, request: Request, visitor: Visitor) -> Response:
        """One's own, and free times at the place that was chosen; a post books, cancels or rates."""
        wrong, place, form = "", request.query_params.get("place", ""), _form(request.query_params.get("form", ""))
        if request.method == "POST":
            fields = await self._desk.pages.form(request)
            if fields is None:
                return self._desk.message(request, "expired", 400)
            place, form = fields.get("place", place), _form(fields.get("form", ""))
            answer = await self._desk.ask(visitor, *_asked(fields))
            if not answer.errors:
                return see_other("/portal/appointments")
            wrong = detailed_error_text(self._desk.texts(request), answer)
        data = (await self._desk.ask(visitor, MINE)).data
        slots: list[Any] = []
        if place:
            found = await self._desk.ask(visitor, FREE, {"place": place, "form": form})
            slots = found.data.get("appointmentSlots") or []
        values = {
            "appointments": data.get("myAppointments") or [],
            "places": data.get("places") or [],
            "place": place,
            "form": form,
            "forms_of": FORMS,
            "slots": slots,
            "wrong": wrong,
            "key": secrets.token_urlsafe(16),
        }
        return self._desk.pages.render(request, "appointments.html", values, 409 if wrong else 200)

    async def expected(self, request: Request, visitor: Visitor) -> Response:
        """Who comes to a place on a day; a post notes an arrival, opens or closes times."""
        wrong, params = "", dict(request.query_params)
        if request.method == "POST":
            fields = await self._desk.pages.form(request)
            if fields is None:
                return self._desk.message(request, "expired", 400)
            params = {
                "place": fields.get("place", ""),
                "day": fields.get("day", ""),
                "form": fields.get("form", ""),
            }
            done = _done(fields)
            texts = self._desk.texts(request)
            if done is None:
                wrong = texts("officer.incomplete")
            else:
                answer = await self._desk.ask(visitor, *done)
                if not answer.errors:
                    return see_other(
                        f"{request.url.path}?place={params['place']}&day={params['day']}&form={params['form']}"
                    )
                wrong = detailed_error_text(texts, answer)
        return await self._expected(request, visitor, params, wrong)

    async def _expected(
        self, request: Request, visitor: Visitor, params: Mapping[str, str], wrong: str
    ) -> Response:
        today = day_of(self._clock.now())
        place, form, day = (
            params.get("place", ""),
            _form(params.get("form", "")),
            _day(params.get("day", "")) or today,
        )
        data: Mapping[str, Any] = {}
        if place:
            noon = datetime.combine(day, time(12), SHANGHAI).astimezone(UTC)
            wanted = {"place": place, "day": noon.isoformat(), "form": form}
            answer = await self._desk.ask(visitor, EXPECTED, wanted)
            if answer.code() == "FORBIDDEN":
                return self._desk.message(request, "forbidden_department", 403)
            data = answer.data
        places = (await self._desk.ask(None, PLACES)).data.get("places") or []
        values = {
            "appointments": data.get("expectedAppointments") or [],
            "slots": data.get("appointmentSlots") or [],
            "places": places,
            "place": place,
            "form": form,
            "forms_of": FORMS,
            "day": day.isoformat(),
            "wrong": wrong,
        }
        return self._desk.pages.render(request, "officer_appointments.html", values, 409 if wrong else 200)


def _asked(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    if fields.get("do") == "cancel":
        return CANCEL, {"id": fields.get("id", "")}
    if fields.get("do") == "rate":
        stars = fields.get("stars", "")
        return RATE, {"id": fields.get("id", ""), "stars": int(stars) if stars in {"1", "2", "3", "4", "5"} else 0}
    address = fields.get("address", "").strip() or None
    key = fields.get("key") or None
    return BOOK, {"input": {"slot": fields.get("slot", ""), "address": address, "idempotencyKey": key}}


def _done(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    """The mutation and its variables; ``None`` where something is not filled in."""
    match fields.get("do"):
        case "came" | "missed":
            return ARRIVE, {"id": fields.get("id", ""), "came": fields["do"] == "came"}
        case "dispatch":
            officer = fields.get("officer", "").strip()
            return (DISPATCH, {"id": fields.get("id", ""), "officer": officer}) if officer else None
        case "set_out":
            return SET_OUT, {"id": fields.get("id", "")}
        case "served" | "not_met":
            note = fields.get("note", "").strip() or None
            return FINISH, {"id": fields.get("id", ""), "served": fields["do"] == "served", "note": note}
        case "close":
            reason = fields.get("reason", "").strip()
            return (CLOSE, {"id": fields.get("id", ""), "reason": reason}) if reason else None
        case "open":
            return _opened(fields)
        case _:
            return None


def _opened(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    first, last = _day(fields.get("first", "")), _day(fields.get("last", ""))
    minutes, capacity = fields.get("minutes", ""), fields.get("capacity", "")
    if first is None or last is None or not minutes.isdigit() or not capacity.isdigit():
        return None
    series = {
        "place": fields.get("place", ""),
        "firstDay": first.isoformat(),
        "lastDay": last.isoformat(),
        "opens": f"{fields.get('opens', '')}:00",
        "closes": f"{fields.get('closes', '')}:00",
        "minutes": int(minutes),
        "capacity": int(capacity),
        "serviceForm": _form(fields.get("form", "")),
    }
    return OPEN, {"input": series}


def _form(text: str) -> str:
    return text if text in {each.value for each in FORMS} else ServiceForm.BY_APPOINTMENT.value


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
