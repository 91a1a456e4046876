"""Things of one person beside their cases: draft, appointment, durable ticket, address, file, shared record."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.demo.road import Road

DRAFT = """mutation D($form: JSON!) {
  saveDraft(input: { itemCode: "CA-EXPENSE-ASSISTANCE", form: $form }) { id form } }"""
OPEN = """mutation O($first: Date!, $last: Date!) {
  openAppointmentSlots(input: { place: "110102-JX-STATION", firstDay: $first, lastDay: $last, opens: "09:00:00",
    closes: "10:00:00", minutes: 60, capacity: 5, weekdays: [1, 2, 3, 4, 5, 6, 7],
    serviceForm: BY_APPOINTMENT }) }"""
SLOTS = """query S { appointmentSlots(place: "110102-JX-STATION") { id } }"""
BOOK = "mutation B($slot: ID!) { bookAppointment(input: { slot: $slot }) { id number state } }"
TICKET = """mutation C {
  changeContactAddress(street: "金丝雀巷三号", idempotencyKey: "canary") { id } }"""
ADDRESS = """mutation A { addNoticeAddress(channel: SMS, address: "13912345678") { id shown } }"""
STANDING = """query S($draft: ID!, $appointment: ID!, $ticket: ID!) {
  draft(id: $draft) { form } appointment(id: $appointment) { state } durableTicket(id: $ticket) { state }
  myNoticePreferences { addresses { id isConfirmed } } }"""
SHARE_RECORD = """mutation S { shareRecord(input: { itemCode: "CA-MARRIAGE-CERTIFICATE", material: "ID",
  consent: true }) { id } }"""
PDF = b"%PDF-1.7\n" + "金丝雀的页".encode() * 100
CANARY, STREET = "金丝雀的草稿", "金丝雀巷三号"


async def belongings(road: Road, operator_token: str) -> dict[str, str]:
    """What this person has now, by the names that the attempts use."""

    async def said(query: str, token: str, **variables: Any) -> Any:
        return await road.client.data(query, variables, token)

    days = (datetime.now(UTC).date() + timedelta(days=2), datetime.now(UTC).date() + timedelta(days=3))
    await said(OPEN, operator_token, first=days[0].isoformat(), last=days[1].isoformat())
    slots = (await said(SLOTS, road.token))["appointmentSlots"]
    booked = (await said(BOOK, road.token, slot=slots[0]["id"]))["bookAppointment"]
    draft = (await said(DRAFT, road.token, form={"remark": CANARY}))["saveDraft"]
    ticket = (await said(TICKET, road.token))["changeContactAddress"]
    address = (await said(ADDRESS, road.token))["addNoticeAddress"]
    record = (await said(SHARE_RECORD, road.token))["shareRecord"]
    file = await _uploaded(road)
    return {
        "notice_address": address["id"],
        "file": file,
        "file_reference": f"file:{file}",
        "record": record["id"],
        "record_reference": f"shared:{record['id']}",
        "draft": draft["id"],
        "appointment": booked["id"],
        "appointment_number": booked["number"],
        "slot": slots[0]["id"],
        "ticket": ticket["id"],
    }


async def _uploaded(road: Road) -> str:
    """A file of this person's, by tus as an app sends it."""
    session, base = road.client.session, road.client.base_url
    headers = {"Authorization": f"Bearer {road.token}", "Tus-Resumable": "1.0.0"}
    told = ",".join(
        f"{name} {b64encode(value.encode()).decode()}"
        for name, value in (("filename", "canary.pdf"), ("filetype", "application/pdf"))
    )
    length = {"Upload-Length": str(len(PDF)), "Upload-Metadata": told}
    async with session.post(f"{base}/files", headers={**headers, **length}) as begun:
        place = begun.headers["Location"]
    bytes_of_it = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    async with session.patch(f"{base}{place}", headers={**headers, **bytes_of_it}, data=PDF) as sent:
        assert sent.status == 204, await sent.text()
    return place.rpartition("/")[2]


async def standing(road: Road, known: dict[str, str]) -> dict[str, str]:
    """How they stand for their owner."""
    asked = {name: known[name] for name in ("draft", "appointment", "ticket")}
    found = await road.client.data(STANDING, asked, road.token)
    return {
        "draft": found["draft"]["form"]["remark"],
        "appointment": found["appointment"]["state"],
        "ticket": found["durableTicket"]["state"],
        "notice_addresses": str(found["myNoticePreferences"]["addresses"]),
    }
