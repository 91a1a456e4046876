"""What a posted form of a page does: one thing, and the page anew, or why it was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hub.portal.desk import Desk, detailed_error_text
from hub.portal.page import see_other
from hub.portal.visitors import Visitor

ReadDeed = Callable[[Mapping[str, str]], tuple[str, dict[str, Any]] | None]
"""The mutation that the fields ask for, and its variables; ``None`` where something is not filled in."""


@dataclass(frozen=True, slots=True)
class Undone:
    """Nothing was posted, or it was refused: ``wrong`` says why, ``typed`` is what was posted."""

    wrong: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """Of the page that shows it."""
        return 409 if self.wrong else 200


async def do_posted(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    read: ReadDeed,
    *,
    incomplete: str = "officer.incomplete",
    tells_what: bool = False,
) -> Response | Undone:
    """The way back to the page once it is done, or the page of a form that is not ours any more.

    ``incomplete`` is the text for what ``read`` makes nothing of. With ``tells_what`` the address that is gone
    back to says which deed it was, the form's field ``do``.
    """
    if request.method != "POST":
        return Undone()
    fields = await desk.pages.form(request)
    if fields is None:
        return desk.message(request, "expired", 400)
    asked, texts = read(fields), desk.texts(request)
    if asked is None:
        return Undone(texts(incomplete), fields)
    answer = await desk.ask(visitor, *asked)
    if not answer.errors:
        return see_other(f"{request.url.path}?done={fields['do']}" if tells_what else request.url.path)
    return Undone(detailed_error_text(texts, answer), fields)
