"""The HTTP doors of the authorization server.

Forms are read within limits, attempts at client secrets are counted, and no answer is ever cached.
Sources: RFC 6749 sections 3 and 5, RFC 7009, RFC 8414, RFC 8628.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from urllib.parse import parse_qs, quote

from authlib.oauth2.rfc6749.util import extract_basic_authorization
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from auth.attempts import Attempts, Limit, TooManyAttempts
from auth.authorization_server import AuthorizationServer, OAuthAnswer, Parameters
from auth.discovery import discovery_document
from auth.keys import KeyRing
from auth.session import Sessions

MAXIMUM_FORM_BYTES = 16_384
MAXIMUM_FIELDS = 32
FORM = "application/x-www-form-urlencoded"
UNCACHED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
PUBLIC_DOCUMENT = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}

WRONG_SECRETS = Limit("wrong client secrets", 30, timedelta(minutes=1))
DEVICE_CODES = Limit("device codes asked for", 60, timedelta(minutes=1))


class BadForm(Exception):
    """The request is not a form of acceptable size. ``status`` is its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


Step = Callable[[Parameters, Mapping[str, str]], Awaitable[OAuthAnswer]]


def oauth_routes(
    server: AuthorizationServer,
    sessions: Sessions,
    attempts: Attempts,
    sign_in_path: str = "/sign-in",
    other_keys: Sequence[KeyRing] = (),
) -> list[Route]:
    """All routes under ``/oauth`` and the well-known documents. ``sign_in_path`` is asked with ``?next=``;
    ``other_keys`` are published too: what they sign has a type of its own and is no access token."""
    doors = _Doors(server, sessions, attempts, sign_in_path, (server.tokens.keys, *other_keys))
    return [
        Route("/.well-known/oauth-authorization-server", doors.discovery, methods=["GET"]),
        Route("/.well-known/openid-configuration", doors.discovery, methods=["GET"]),
        Route("/oauth/jwks", doors.jwks, methods=["GET"]),
        Route("/oauth/authorize", doors.authorize, methods=["GET"]),
        Route("/oauth/token", doors.token, methods=["POST"]),
        Route("/oauth/device_authorization", doors.device_authorization, methods=["POST"]),
        Route("/oauth/revoke", doors.revoke, methods=["POST"]),
    ]


class _Doors:
    def __init__(
        self,
        server: AuthorizationServer,
        sessions: Sessions,
        attempts: Attempts,
        sign_in_path: str,
        rings: Sequence[KeyRing],
    ) -> None:
        self._server = server
        self._sessions = sessions
        self._attempts = attempts
        self._sign_in_path = sign_in_path
        self._rings = rings

    async def discovery(self, request: Request) -> Response:
        return JSONResponse(discovery_document(self._server.issuer), headers=PUBLIC_DOCUMENT)

    async def jwks(self, request: Request) -> Response:
        published: dict[str, list[object]] = {"keys": []}
        for ring in self._rings:
            await ring.refresh()
            for name, members in ring.public().items():
                published.setdefault(name, []).extend(members)
        return JSONResponse(published, headers=PUBLIC_DOCUMENT)

    async def authorize(self, request: Request) -> Response:
        """A code for the person signed in at this browser; no one else's consent is asked of our own clients."""
        person = await self._sessions.current(request)
        try:
            parameters = _lists(request.url.query)
        except ValueError:
            return _failed(400, "invalid_request", f"There are more than {MAXIMUM_FIELDS} parameters.")
        answer = await self._server.authorize(parameters, {}, person)
        if answer is None:
            target = quote(f"{request.url.path}?{request.url.query}", safe="")
            return RedirectResponse(f"{self._sign_in_path}?next={target}", status_code=303, headers=UNCACHED)
        return _response(answer)

    async def token(self, request: Request) -> Response:
        return await self._with_secret(request, self._server.token)

    async def revoke(self, request: Request) -> Response:
        return await self._with_secret(request, self._server.revoke)

    async def device_authorization(self, request: Request) -> Response:
        try:
            await self._attempts.count(DEVICE_CODES, _address(request))
        except TooManyAttempts as error:
            return _too_many(error)
        return await self._with_secret(request, self._server.device_authorization)

    async def _with_secret(self, request: Request, step: Step) -> Response:
        """Run a step that authenticates a client; wrong secrets are counted by address."""
        try:
            await self._attempts.check(WRONG_SECRETS, _address(request))
            parameters = await _form(request)
            answer = await step(parameters, _headers(request))
            if answer.body.get("error") == "invalid_client":
                await self._attempts.count(WRONG_SECRETS, _address(request))
        except TooManyAttempts as error:
            return _too_many(error)
        except BadForm as error:
            return _failed(error.status, "invalid_request", str(error))
        return _response(answer)


async def _form(request: Request) -> Parameters:
    """Raises :class:`BadForm`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise BadForm(415, f"Send the parameters as {FORM}.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAXIMUM_FORM_BYTES:
            raise BadForm(413, f"The form is larger than {MAXIMUM_FORM_BYTES} bytes.")
    try:
        return _lists(body.decode("utf-8"))
    except (UnicodeDecodeError, ValueError):
        raise BadForm(400, f"The form cannot be read, or has more than {MAXIMUM_FIELDS} fields.") from None


def _lists(encoded: str) -> Parameters:
    return parse_qs(encoded, keep_blank_values=True, max_num_fields=MAXIMUM_FIELDS)


def _headers(request: Request) -> dict[str, str]:
    """The one header the core reads, as it spells it. Doubled credentials are no credentials."""
    given = request.headers.getlist("authorization")
    if not given:
        return {}
    if len(given) > 1:
        raise BadForm(400, "The Authorization header is there more than once.")
    headers = {"Authorization": _with_encoded_colons(given[0])}
    try:
        extract_basic_authorization(headers)
    except ValueError:
        raise BadForm(400, "The Authorization header cannot be read.") from None
    return headers


def _with_encoded_colons(credentials: str) -> str:
    """``department:finance:secret`` as simple clients send it: the last colon is the one that divides.

    By RFC 6749, section 2.3.1, the others must come encoded; then there is one and nothing changes.
    """
    scheme, _, encoded = credentials.partition(" ")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode("utf-8").rpartition(":")
    except ValueError:
        return credentials
    if scheme.lower() != "basic" or ":" not in client_id:
        return credentials
    pair = f"{client_id.replace(':', '%3A')}:{secret}"
    return f"{scheme} {base64.b64encode(pair.encode()).decode('ascii')}"


def _response(answer: OAuthAnswer) -> Response:
    if answer.location:
        return Response(status_code=answer.status, headers={**UNCACHED, "Location": answer.location})
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-type"}
    return JSONResponse(dict(answer.body), answer.status, headers={**UNCACHED, **headers})


def _too_many(error: TooManyAttempts) -> Response:
    retry_after = {"Retry-After": str(int(error.retry_after.total_seconds()))}
    return _failed(429, "slow_down", str(error), retry_after)


def _failed(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    body = {"error": code, "error_description": message}
    return JSONResponse(body, status, headers={**UNCACHED, **(headers or {})})


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
