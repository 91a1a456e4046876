"""Mandates on the portal: give one, end one, act under one, and go back to one's own name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.deed import Undone, do_posted
from hub.portal.desk import Desk, detailed_error_text
from hub.portal.document_kinds import chosen_kind, document_input, kinds_to_choose
from hub.portal.oauth_client import TokenRefused
from hub.portal.page import see_other
from hub.portal.visitors import Visitor
from schema.domain.mandate import Power
from schema.domain.receipt_number import SHANGHAI

PATH = "/portal/mandates"
_MANDATE = "id partyKind partyName agentName powers items since until endedAt isInForce represents"
HELD = f"mandatesHeld {{ {_MANDATE} }}"
GIVEN = f"mandatesGiven {{ {_MANDATE} }}"
ENTERPRISES = "query Represented { me { enterprises { creditCode name status } } }"
GRANT = "mutation Grant($input: MandateInput!) { done: grantMandate(input: $input) { id } }"
END = "mutation End($id: ID!) { done: endMandate(id: $id) { id } }"
REPRESENT = "mutation Represent($code: ID!) { made: representEnterprise(creditCode: $code) { id partyName } }"


class MandatePages:
    """``/portal/mandates`` and ``/portal/act``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route(PATH, mine(self.mandates), methods=["GET", "POST"]),
            Route("/portal/act", mine(self.act), methods=["POST"]),
        ]

    async def mandates(self, request: Request, visitor: Visitor) -> Response:
        """What was given and what is held; a post gives one or ends one."""
        undone = await do_posted(
            self._desk, request, visitor, _deed, incomplete="mandates.incomplete", tells_what=True
        )
        if not isinstance(undone, Undone):
            return undone
        given = await self._desk.ask(visitor, f"query Given {{ {GIVEN} }}")
        held = await self._desk.ask(visitor, f"query Held {{ {HELD} }}")
        values = {
            "given": given.data.get("mandatesGiven"),
            "held": held.data.get("mandatesHeld") or [],
            "enterprises": [] if visitor.acting else await self._represented(visitor),
            "powers": [each.value for each in Power],
            "kinds": kinds_to_choose(self._desk.texts(request), chosen_kind(undone.typed.get("kind", ""))),
            "typed": undone.typed,
            "wrong": undone.wrong,
            "done": request.query_params.get("done", ""),
        }
        return self._desk.pages.render(request, "mandates.html", values, undone.status)

    async def act(self, request: Request, visitor: Visitor) -> Response:
        """Under the mandate that the form names, for an enterprise that it names, else in one's own name."""
        fields = await self._desk.pages.form(request)
        if fields is None:
            return self._desk.message(request, "expired", 400)
        mandate, party = fields.get("mandate", ""), ""
        if code := fields.get("enterprise", ""):
            answer = await self._desk.ask(visitor, REPRESENT, {"code": code})
            if answer.data.get("made") is None:
                text = detailed_error_text(self._desk.texts(request), answer)
                return self._desk.pages.render(request, "message.html", {"kind": "refused", "text": text}, 409)
            mandate, party = answer.data["made"]["id"], answer.data["made"]["partyName"]
        if not mandate:
            await self._desk.visitors.act_in_own_name(visitor)
            return see_other("/portal")
        held = (await self._desk.ask(visitor, f"query Held {{ {HELD} }}")).data.get("mandatesHeld") or []
        party = party or next((each["partyName"] for each in held if each["id"] == mandate), "")
        try:
            await self._desk.visitors.act(visitor, mandate, party)
        except TokenRefused:
            return self._desk.message(request, "mandate_ended", 409)
        return see_other("/portal")

    async def _represented(self, visitor: Visitor) -> list[dict[str, Any]]:
        """Open enterprises of the person; none where the register is silent or not connected."""
        answer = await self._desk.ask(visitor, ENTERPRISES)
        found = (answer.data.get("me") or {}).get("enterprises") or []
        return [each for each in found if each and each["status"] == "OPEN"]


def _deed(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    if fields.get("do") == "end" and fields.get("id"):
        return END, {"id": fields["id"]}
    powers = [each.value for each in Power if fields.get(each.value)]
    until = _end_of(fields.get("until", ""))
    document, name = document_input(fields), fields.get("name", "").strip()
    if fields.get("do") != "grant" or not (powers and until and document and name):
        return None
    given = {
        "agentDocument": document,
        "agentName": name,
        "powers": powers,
        "items": fields.get("items", "").replace("，", " ").replace(",", " ").split() or None,
        "until": until.isoformat(),
    }
    return GRANT, {"input": given}


def _end_of(day: str) -> datetime | None:
    """The end of this day in Beijing, at which the mandate ends."""
    try:
        first = datetime.combine(datetime.fromisoformat(day).date(), time(), SHANGHAI)
        return first + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
