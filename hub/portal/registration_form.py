"""What is typed into the form of a registration: read with its file, looked at, and made an input of the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from connectors.kinds import KINDS
from hub.portal.language import Texts
from hub.portal.page import PageRenderer
from hub.portal.staff import whole_number

LARGEST_BYTES = 1_000_000
"""Of the whole form, with its file; more is turned away before it is read."""
FILE = "sdl_file"


@dataclass(frozen=True, slots=True)
class TypedRegistration:
    """Every field as text, as it was typed. ``timeout`` is in milliseconds, or empty for the hub's default."""

    name: str = ""
    department: str = ""
    kind: str = "rest"
    url: str = ""
    timeout: str = ""
    idempotency: str = "header"
    sdl: str = ""
    reason: str = ""
    kept: Mapping[str, Any] = field(default_factory=dict)
    """Headers and configuration of the version that this one begins as; the form does not show them."""

    @classmethod
    def of(cls, typed: Mapping[str, str]) -> TypedRegistration:
        """Line ends as SDL files have them: a browser sends CRLF, which would make another version."""
        texts = (each.name for each in fields(cls) if each.type == "str")
        known: dict[str, Any] = {name: typed[name].strip() for name in texts if name in typed}
        if known.get("sdl"):
            known["sdl"] = typed["sdl"].replace("\r\n", "\n")
        return cls(**known)

    def wrong(self, texts: Texts) -> dict[str, str]:
        """What cannot even be sent, by field; the rest is the check's to say."""
        found = {}
        for name in ("name", "department"):
            if not getattr(self, name):
                found[name] = texts("register.missing", label=texts(f"register.{name}"))
        if self.kind not in KINDS:
            found["kind"] = texts("register.missing", label=texts("register.kind"))
        if self.timeout and not whole_number(self.timeout):
            found["timeout"] = texts("register.no_number", label=texts("register.timeout"))
        if not self.sdl and self.kind != "graphql":
            found["sdl"] = texts("register.sdl_missing")
        return found

    @property
    def input(self) -> dict[str, Any]:
        """The graph's ``ConnectorInput``."""
        typed = asdict(self)
        del typed["reason"], typed["kept"]
        timeout = typed.pop("timeout")
        typed["timeoutMs"] = int(timeout) if timeout else None
        return {**{name: value or None for name, value in typed.items()}, **self.kept}


def is_too_large(request: Request) -> bool:
    """By its header alone; a browser always sends it."""
    length = request.headers.get("content-length", "")
    return not length.isdigit() or int(length) > LARGEST_BYTES


async def read_registration(pages: PageRenderer, request: Request) -> dict[str, str] | None:
    """The form's fields, the chosen file in place of the typed SDL; ``None`` when it is no form of ours.

    A file that is not UTF-8 is shown with marks where it is not, and the check finds them.
    """
    if is_too_large(request):
        return None
    form = await request.form(max_files=1, max_fields=100, max_part_size=LARGEST_BYTES)
    typed = await pages.form(request)
    file = form.get(FILE)
    if typed is not None and isinstance(file, UploadFile) and (content := await file.read()):
        typed["sdl"] = content.decode("utf-8-sig", "replace")
    return typed
