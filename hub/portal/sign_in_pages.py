"""The authorization server's own pages: identity document, one-time code, and the confirmation of a device.

A number that cannot be one is told at once, since that says nothing of who lives here; whether one is known is
never told. It waits between the two steps sealed under a cookie that only this browser has, never in an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth.attempts import TooManyAttempts
from auth.clients import LOOPBACK_HOSTS
from auth.device_grant import DeviceGrant
from auth.session import Sessions
from auth.sign_in import IdentityUnavailable, SignIn, safe_next
from auth.store import IdentityConflict
from hub.portal.document_kinds import chosen_kind, kinds_to_choose
from hub.portal.language import Texts, language_of
from hub.portal.page import PageRenderer, network_address, see_other
from hub.portal.sealed import SealedStore
from schema.domain.document_reading import DocumentFault, DocumentProblem, read_document
from schema.domain.identity_document import LONG_NUMBER, IdentityDocumentType, document_of_key, normalised

PENDING_COOKIE = "jiyi_signing_in"
PENDING_FOR = timedelta(minutes=10)
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")


@dataclass(frozen=True, slots=True)
class _Pending:
    id_number: str
    next: str


class SignInPages:
    """``/sign-in``, ``/sign-in/code``, ``/sign-out`` and ``/device``."""

    def __init__(
        self,
        pages: PageRenderer,
        sign_in: SignIn,
        sessions: Sessions,
        devices: DeviceGrant,
        store: SealedStore,
        *,
        is_secure: bool,
    ) -> None:
        self._pages = pages
        self._sign_in = sign_in
        self._sessions = sessions
        self._devices = devices
        self._is_secure = is_secure
        self._store = store

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/sign-in", self.number, methods=["GET", "POST"]),
            Route("/sign-in/code", self.code, methods=["GET", "POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
            Route("/device", self.device, methods=["GET", "POST"]),
        ]

    async def number(self, request: Request) -> Response:
        """Ask for the document; whether its number is known is never told."""
        target = safe_next(request.query_params.get("next"), "/portal")
        if request.method == "GET":
            return self._ask_number(request, target)
        form = await self._pages.form(request)
        if form is None:
            return self._ask_number(request, target, "form_expired", 400)
        target, chosen = safe_next(form.get("next"), "/portal"), chosen_kind(form.get("document_type", ""))
        try:
            id_number = _key_of(form)
        except DocumentProblem as problem:
            return self._refuse_document(request, target, chosen, problem)
        try:
            await self._sign_in.request_code(id_number, network_address(request))
        except TooManyAttempts as error:
            return self._ask_number(request, target, "too_many", 429, error.retry_after, chosen)
        except IdentityUnavailable:
            return self._ask_number(request, target, "identity_away", 503, chosen=chosen)
        content = {"id_number": id_number, "next": target}
        key = await self._store.keep(PENDING_COOKIE, content, PENDING_FOR)
        response = see_other("/sign-in/code")
        response.set_cookie(
            PENDING_COOKIE, key, path="/sign-in", secure=self._is_secure, httponly=True, samesite="lax"
        )
        return response

    async def code(self, request: Request) -> Response:
        """Ask for the code that came to the phone, and begin the session."""
        key = request.cookies.get(PENDING_COOKIE)
        content = await self._store.read(PENDING_COOKIE, key)
        if content is None:
            return see_other("/sign-in")
        pending = _Pending(content["id_number"], safe_next(content["next"], "/portal"))
        if request.method == "GET":
            return self._ask_code(request, pending)
        form = await self._pages.form(request)
        if form is None:
            return self._ask_code(request, pending, "form_expired", 400)
        try:
            person = await self._sign_in.verify(pending.id_number, form.get("code", ""), network_address(request))
        except TooManyAttempts as error:
            return self._ask_code(request, pending, "too_many", 429, error.retry_after)
        except (IdentityUnavailable, IdentityConflict):
            return self._ask_code(request, pending, "identity_away", 503)
        if person is None:
            return self._ask_code(request, pending, "code_wrong", 400)
        await self._store.drop(PENDING_COOKIE, key)
        response = see_other(pending.next)
        self._sessions.set_cookie(response, await self._sessions.begin(person))
        response.delete_cookie(PENDING_COOKIE, path="/sign-in")
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the browser's session with the authorization server."""
        response = see_other("/")
        if await self._pages.form(request) is not None:
            await self._sessions.end(request)
            self._sessions.clear_cookie(response)
        return response

    async def device(self, request: Request) -> Response:
        """Show which device waits and ask; enter its code where none came with the address."""
        person = await self._sessions.current(request)
        if person is None:
            return see_other(f"/sign-in?next={quote(_own_path(request), safe='')}")
        if request.method == "GET":
            user_code = request.query_params.get("user_code", "")
            return await self._show_device(request, user_code) if user_code else self._ask_device(request)
        form = await self._pages.form(request)
        if form is None:
            return self._ask_device(request, "form_expired", 400)
        user_code, decision = form.get("user_code", ""), form.get("decision")
        if decision not in {"approve", "deny"}:
            return await self._show_device(request, user_code)
        try:
            decide = self._devices.approve if decision == "approve" else self._devices.deny
            is_done = await decide(user_code, person, network_address(request))
        except TooManyAttempts as error:
            return self._ask_device(request, "too_many", 429, error.retry_after)
        if not is_done:
            return self._ask_device(request, "device_unknown", 400)
        return self._pages.render(request, "device_done.html", {"is_approved": decision == "approve"})

    async def _show_device(self, request: Request, user_code: str) -> Response:
        person = await self._sessions.current(request)
        if person is None:
            return see_other("/sign-in")
        try:
            device = await self._devices.pending(user_code, person, network_address(request))
        except TooManyAttempts as error:
            return self._ask_device(request, "too_many", 429, error.retry_after)
        if device is None:
            return self._ask_device(request, "device_unknown", 400)
        name = Texts(language_of(request)).pick(device.client.name, device.client.name_en)
        values = {"device": name, "user_code": device.user_code, "person": person.name or ""}
        return self._pages.render(request, "device_confirm.html", values)

    def _ask_number(
        self,
        request: Request,
        target: str,
        error: str = "",
        status: int = 200,
        wait: timedelta | None = None,
        chosen: IdentityDocumentType = IdentityDocumentType.RESIDENT_CARD,
    ) -> Response:
        errors = [("id_number", _message(request, error, wait))] if error else []
        return self._show_number(request, target, chosen, errors, status)

    def _refuse_document(
        self, request: Request, target: str, chosen: IdentityDocumentType, problem: DocumentProblem
    ) -> Response:
        text = Texts(language_of(request)).pick(problem.text, problem.text_en)
        if chosen is IdentityDocumentType.RESIDENT_CARD and problem.fault is DocumentFault.NUMBER_MISSING:
            text = _message(request, "number_missing", None)
        field = "issuing_country" if problem.is_of_country else "id_number"
        return self._show_number(request, target, chosen, [(field, text)], 400)

    def _show_number(
        self,
        request: Request,
        target: str,
        chosen: IdentityDocumentType,
        errors: list[tuple[str, str]],
        status: int,
    ) -> Response:
        """What was typed is not shown again: whoever sits down next reads no number."""
        kinds = kinds_to_choose(Texts(language_of(request)), chosen)
        values = {"next": target, "errors": errors, "wrong": dict(errors), "kinds": kinds}
        return self._pages.render(request, "sign_in.html", values, status)

    def _ask_code(
        self,
        request: Request,
        pending: _Pending,
        error: str = "",
        status: int = 200,
        wait: timedelta | None = None,
    ) -> Response:
        document = document_of_key(normalised(pending.id_number))
        values = {"masked": document.masked if document else "****", "error": _message(request, error, wait)}
        return self._pages.render(request, "sign_in_code.html", values, status, native_targets(pending.next))

    def _ask_device(
        self, request: Request, error: str = "", status: int = 200, wait: timedelta | None = None
    ) -> Response:
        return self._pages.render(request, "device.html", {"error": _message(request, error, wait)}, status)


def _key_of(form: Mapping[str, str]) -> str:
    """Raises :class:`DocumentProblem`. A resident number is told wrong by its form alone."""
    kind, typed = chosen_kind(form.get("document_type", "")), normalised(form.get("id_number", ""))
    if kind is IdentityDocumentType.RESIDENT_CARD and LONG_NUMBER.fullmatch(typed):
        return typed
    country = form.get("issuing_country") if kind is IdentityDocumentType.PASSPORT else None
    return read_document(kind, typed, country).key


def _message(request: Request, error: str, wait: timedelta | None) -> str:
    if not error:
        return ""
    seconds = int(wait.total_seconds()) if wait else 0
    texts = Texts(language_of(request))
    return texts(f"sign_in.{error}", seconds=seconds) if wait else texts(f"sign_in.{error}")


def _own_path(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def native_targets(target: str) -> tuple[str, ...]:
    """Where the authorization endpoint will send a native application's browser (RFC 8252, section 7).

    Browsers hold the redirects of a form to ``form-action`` too. Only loopback addresses and private schemes
    are named: whether the client may use them is for the authorization endpoint to say.
    """
    parts = urlsplit(target)
    if parts.path != "/oauth/authorize":
        return ()
    addresses = parse_qs(parts.query).get("redirect_uri", [])
    return tuple(found for address in addresses if (found := _native_target(address)))


def _native_target(address: str) -> str | None:
    try:
        uri = urlsplit(address)
        port = f":{uri.port}" if uri.port else ""
    except ValueError:
        return None
    if uri.scheme == "http" and uri.hostname in LOOPBACK_HOSTS:
        host = f"[{uri.hostname}]" if ":" in uri.hostname else uri.hostname
        return f"http://{host}{port}"
    return f"{uri.scheme}:" if _PRIVATE_SCHEME.fullmatch(uri.scheme) else None
