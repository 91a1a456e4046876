"""The wallet: one licence with its QR code, picture and page to print, and with whom it is shared; and the page on
which anybody verifies one without sign-in.

Source: docs/licences.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connectors.clock import Clock
from hub.licences.licence_pdf import licence_pdf
from hub.licences.licence_picture import LicenceFace, licence_svg
from hub.portal.desk import Desk, error_text
from hub.portal.graph import GraphAnswer
from hub.portal.language import Texts
from hub.portal.page import see_other
from hub.portal.visitors import Visitor

HOLDER_NAME = "holderName"
LICENCES = """query WalletLicence { me { licences {
  issuerCode number name nameEn validUntil state issuer { name nameEn } } } }"""
REGISTER = """query WalletRegister($issuer: ID!, $number: ID!) {
  licence(issuerCode: $issuer, number: $number) { statements { code name nameEn value } } }"""
SHARES = """query WalletShares {
  myLicenceShares { id issuerCode number recipientKind recipient purpose shows endsAt state }
  accessRecords(first: 20) { at purpose fields } }"""
PRESENT = """query Present($issuer: ID!, $number: ID!, $show: [String!]) {
  licencePresentation(issuerCode: $issuer, number: $number, show: $show) { document address qr endsAt } }"""
HANDED_ON = "query HandedOn { myLicenceShares { id recipient purpose endsAt presentation { address qr } } }"
SHARE = "mutation Share($input: ShareLicenceInput!) { shareLicence(input: $input) { id } }"
WITHDRAW = "mutation WithdrawShare($id: ID!) { withdrawLicenceShare(id: $id) { id } }"
VERIFY = """query Verify($document: String!) { verifyLicence(document: $document) {
  isValid reason statusAsOf statusAgeSeconds licence { number name nameEn issuerName holder validFrom validUntil
  statements { name value } sharedWith purpose toldAt } } }"""
ORGANISATIONS = "query Readers { organisations { code name nameEn } }"
DAYS = (1, 7, 30, 90)


class LicencePages:
    """``/portal/licences/one`` and below, and ``/verify``."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    def routes(self) -> list[BaseRoute]:
        public, mine = self._desk.public, self._desk.signed_in
        return [
            Route("/verify", public(self.verify), methods=["GET", "POST"]),
            Route("/portal/licences/one", mine(self.one), methods=["GET", "POST"]),
            Route("/portal/licences/picture.svg", mine(self.picture), methods=["GET"]),
            Route("/portal/licences/licence.pdf", mine(self.pdf), methods=["GET"]),
            Route("/portal/licences/share/{id}", mine(self.handed_on), methods=["GET", "POST"]),
        ]

    async def one(self, request: Request, visitor: Visitor) -> Response:
        """The licence, and its QR code with what the holder chose to show; a post shares it."""
        licence = await self._licence(request, visitor)
        if licence is None:
            return self._absent(request, await self._desk.ask(visitor, PRESENT, _wanted(request)))
        error, texts = "", self._desk.texts(request)
        if request.method == "POST":
            form = await self._desk.pages.guarded_form(request)
            if form is None:
                error = texts("sign_in.form_expired")
            else:
                fields = {name: value for name, value in form.items() if isinstance(value, str)}
                shows = [str(value) for value in form.getlist("show")]
                made = await self._desk.ask(visitor, SHARE, {"input": self._wish(licence, fields, shows)})
                if made.data.get("shareLicence"):
                    return see_other(f"{_address(licence)}&shared=1")
                error = error_text(texts, made)
        shows = request.query_params.getlist("show")
        variables = {"issuer": licence["issuerCode"], "number": licence["number"], "show": shows}
        shown = await self._desk.ask(visitor, PRESENT, variables)
        around = await self._desk.ask(visitor, SHARES)
        named = await self._desk.ask(visitor, ORGANISATIONS)
        key = (licence["issuerCode"], licence["number"])
        values = {
            "licence": licence,
            "shown": shown.data.get("licencePresentation"),
            "why_not": "" if shown.data.get("licencePresentation") else error_text(texts, shown),
            "shows": shows,
            "query_of": urlencode({"issuer": key[0], "number": key[1]}),
            "drawn": urlencode([("issuer", key[0]), ("number", key[1]), *(("show", each) for each in shows)]),
            "shares": [
                each
                for each in around.data.get("myLicenceShares") or ()
                if (each["issuerCode"], each["number"]) == key
            ],
            "records": around.data.get("accessRecords") or (),
            "organisations": named.data.get("organisations") or (),
            "days": DAYS,
            "error": error,
            "is_shared": "shared" in request.query_params,
        }
        return self._desk.pages.render(request, "licence.html", values, 400 if error else 200)

    async def handed_on(self, request: Request, visitor: Visitor) -> Response:
        """What somebody outside is handed: the QR code of the share; a post takes it back."""
        wanted = request.path_params["id"]
        if request.method == "POST":
            fields = await self._desk.pages.form(request)
            if fields is not None:
                taken = await self._desk.ask(visitor, WITHDRAW, {"id": wanted})
                if taken.errors:
                    return self._desk.message(request, "not_found", 404)
            back = urlencode({name: (fields or {}).get(name, "") for name in ("issuer", "number")})
            return see_other(f"/portal/licences/one?{back}")
        answer = await self._desk.ask(visitor, HANDED_ON)
        shares = answer.data.get("myLicenceShares") or ()
        share = next((each for each in shares if each["id"] == wanted and each["presentation"]), None)
        if share is None:
            return self._desk.message(request, "not_found", 404)
        return self._desk.pages.render(request, "licence_share.html", {"share": share})

    async def picture(self, request: Request, visitor: Visitor) -> Response:
        face = await self._face(request, visitor)
        if isinstance(face, Response):
            return face
        return _file(self._desk, licence_svg(face).encode(), "image/svg+xml", "licence.svg")

    async def pdf(self, request: Request, visitor: Visitor) -> Response:
        face = await self._face(request, visitor)
        if isinstance(face, Response):
            return face
        return _file(self._desk, licence_pdf(face), "application/pdf", "licence.pdf")

    async def verify(self, request: Request) -> Response:
        """Of the document in a QR code's address, or typed in; what is shown is what the holder shows."""
        document = request.query_params.get("licence", "")
        if request.method == "POST":
            document = (await self._desk.pages.form(request) or {}).get("document", "")
        verdict = None
        if document:
            answer = await self._desk.ask(None, VERIFY, {"document": document})
            verdict = answer.data.get("verifyLicence")
            if verdict is None:
                return self._desk.message(request, "unavailable", 503)
        is_signed_in = await self._desk.visitors.current(request) is not None
        values = {"verdict": verdict, "signed_in": is_signed_in}
        return self._desk.pages.render(request, "verify.html", values)

    async def _licence(self, request: Request, visitor: Visitor) -> Mapping[str, Any] | None:
        wanted = (request.query_params.get("issuer"), request.query_params.get("number"))
        answer = await self._desk.ask(visitor, LICENCES)
        licences = (answer.data.get("me") or {}).get("licences") or ()
        found = next((each for each in licences if (each["issuerCode"], each["number"]) == wanted), None)
        if found is None:
            return None
        own = await self._desk.ask(visitor, REGISTER, dict(zip(("issuer", "number"), wanted, strict=True)))
        register = own.data.get("licence")
        source = "HUB" if register else "DEPARTMENT"
        return {**found, "source": source, "statements": (register or {}).get("statements") or ()}

    def _absent(self, request: Request, answer: GraphAnswer) -> Response:
        """There is none, or its department is silent and nobody knows."""
        if answer.code() == "SERVICE_UNAVAILABLE":
            return self._desk.message(request, "unavailable", 503)
        return self._desk.message(request, "not_found", 404)

    async def _face(self, request: Request, visitor: Visitor) -> LicenceFace | Response:
        asked = await self._desk.ask(visitor, PRESENT, _wanted(request))
        shown = asked.data.get("licencePresentation")
        if shown is None:
            return self._absent(request, asked)
        answer = await self._desk.ask(None, VERIFY, {"document": shown["document"]})
        verdict = answer.data.get("verifyLicence")
        if not verdict:
            return self._absent(request, asked)
        return _face_of(verdict["licence"], shown["address"], self._desk.texts(request))

    def _wish(self, licence: Mapping[str, Any], fields: Mapping[str, str], shows: list[str]) -> dict[str, Any]:
        days = int(fields["days"]) if fields.get("days") in {str(each) for each in DAYS} else DAYS[0]
        is_outside = not fields.get("organisation")
        return {
            "issuerCode": licence["issuerCode"],
            "number": licence["number"],
            "recipientKind": "BEARER" if is_outside else "ORGANISATION",
            "recipient": fields.get("recipient", "") if is_outside else fields["organisation"],
            "purpose": fields.get("purpose", ""),
            "endsAt": _later(self._clock.now(), days),
            "show": shows,
        }


def _wanted(request: Request) -> dict[str, Any]:
    return {
        "issuer": request.query_params.get("issuer", ""),
        "number": request.query_params.get("number", ""),
        "show": request.query_params.getlist("show"),
    }


def _later(now: datetime, days: int) -> str:
    return (now + timedelta(days=days)).isoformat()


def _address(licence: Mapping[str, Any]) -> str:
    named = urlencode({"issuer": licence["issuerCode"], "number": licence["number"]})
    return f"/portal/licences/one?{named}"


def _face_of(licence: Mapping[str, Any], address: str, texts: Texts) -> LicenceFace:
    lines = [
        (texts("wallet.number"), licence["number"]),
        (texts("wallet.holder"), licence["holder"]),
        (texts("wallet.from"), licence["validFrom"]),
        (texts("wallet.until"), licence["validUntil"] or texts("wallet.no_end")),
        *((each["name"], each["value"]) for each in licence["statements"]),
    ]
    return LicenceFace(
        texts.pick(licence["name"], licence["nameEn"]),
        licence["issuerName"],
        tuple((name, value) for name, value in lines if value),
        texts("wallet.scan"),
        address,
    )


def _file(desk: Desk, content: bytes, media_type: str, name: str) -> Response:
    response = Response(content, media_type=media_type)
    desk.pages.protect(response)
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
