"""What an operator's list does with the rows that are ticked, for a reason: all at once, or why nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hub.portal.page import see_other
from hub.portal.staff import StaffDesk
from hub.portal.visitors import Visitor


@dataclass(frozen=True, slots=True)
class TickedDeed:
    """``mutation`` takes ``ids`` and a ``reason`` and answers in ``field``; the address that is gone back to tells
    how many are in each of the lists ``counts`` of the answer."""

    mutation: str
    field: str
    counts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nothing was posted, or it was refused: ``said`` is why, the rest is what was posted."""

    said: Mapping[str, str] | None = None
    reason: str = ""
    chosen: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        """Of the page that shows it."""
        return 409 if self.said else 200

    def values(self) -> dict[str, Any]:
        """As the page's template knows them."""
        return {"said": self.said, "reason": self.reason, "chosen": self.chosen}


async def do_ticked(
    staff: StaffDesk, request: Request, visitor: Visitor, deed: TickedDeed
) -> Response | Undecided:
    """The way back to the list once it is done, or the page of a form that is not ours or not theirs."""
    if request.method == "GET":
        return Undecided()
    form = await staff.desk.pages.guarded_form(request)
    if form is None:
        return staff.desk.message(request, "expired", 400)
    ids, reason = tuple(str(each) for each in form.getlist("id")), str(form.get("reason", "")).strip()
    answer = await staff.desk.ask(visitor, deed.mutation, {"ids": ids, "reason": reason})
    if answer.code() == "FORBIDDEN":
        return staff.desk.message(request, "forbidden", 403)
    made = answer.data.get(deed.field) if answer.data else None
    if made is None:
        return Undecided(staff.said(request, answer), reason, ids)
    return see_other(f"{request.url.path}?{'&'.join(f'{name}={len(made[name])}' for name in deed.counts)}")
