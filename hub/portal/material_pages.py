"""Materials: one's files with a form to hand one in, what was shared in their place, and the files of a case.

Without scripts a file goes up in one form, and from here on to the hub by tus as any client sends it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator

import aiohttp
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from auth.csrf import FIELD
from hub.portal.desk import Desk, detailed_error_text, error_text
from hub.portal.hub_client import HubClient, HubUnreachable
from hub.portal.page import see_other
from hub.portal.visitors import Visitor
from schema.domain.stored_file import ACCEPTED, MAXIMUM_BYTES

MINE = """query MyMaterials {
  myFiles(first: 100) { id reference name sizeBytes state rejectedWhy createdAt }
  myConsents(first: 100) { id reference itemCode material source consentedAt withdrawnAt caseId } }"""
DELETE = "mutation DeleteFile($id: ID!) { done: deleteFile(id: $id) }"
WITHDRAW = "mutation WithdrawConsent($id: ID!) { done: withdrawConsent(id: $id) { id } }"
SHARE = """mutation Share($item: ID!, $material: String!, $consent: Boolean!) {
  done: shareRecord(input: { itemCode: $item, material: $material, consent: $consent }) { reference } }"""
REPLACEABLE = """query Replaceable($code: ID!) { serviceItem(code: $code) {
  code name nameEn materials { code name nameEn satisfiedBy { licenceType registerEntry } } } }"""
TUS = {"Tus-Resumable": "1.0.0"}
PIECE_BYTES = 64 * 1024
MOST_BODY_BYTES = MAXIMUM_BYTES + 64 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=300, connect=5)


class MaterialPages:
    """``/portal/files``, ``/portal/files/{id}`` and ``/portal/items/{code}/share``."""

    def __init__(self, desk: Desk, hub: HubClient) -> None:
        self._desk = desk
        self._hub = hub

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route("/portal/files", mine(self.files), methods=["GET", "POST"]),
            Route("/portal/files/{id}", mine(self.content), methods=["GET"]),
            Route("/portal/items/{code}/share", mine(self.share), methods=["GET", "POST"]),
        ]

    async def files(self, request: Request, visitor: Visitor) -> Response:
        """All of one's own; a post hands one in, deletes one, or takes a consent back."""
        if request.method == "GET":
            return await self._page(request, visitor, "")
        length = request.headers.get("content-length", "")
        if not length.isdigit() or int(length) > MOST_BODY_BYTES:
            return await self._page(request, visitor, self._desk.texts(request)("files.too_large"), 413)
        form = await request.form(max_files=1, max_fields=10)
        token = form.get(FIELD)
        if not self._desk.pages.csrf.accepts(request, token if isinstance(token, str) else None):
            return self._desk.message(request, "expired", 400)
        file, chosen = form.get("file"), str(form.get("id", ""))
        if isinstance(file, UploadFile):
            wrong = await self._hand_in(request, visitor, file)
        else:
            answer = await self._desk.ask(
                visitor, WITHDRAW if form.get("do") == "withdraw" else DELETE, {"id": chosen}
            )
            wrong = f"{error_text(self._desk.texts(request), answer)}" if answer.errors else ""
        return await self._page(request, visitor, wrong, 422) if wrong else see_other("/portal/files")

    async def content(self, request: Request, visitor: Visitor) -> Response:
        """A file as the hub hands it out to this person."""
        url = f"{self._hub.base_url}/files/{request.path_params['id']}/content"
        try:
            answer = await self._hub.session.get(url, headers=_bearer(visitor), timeout=TIMEOUT)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise HubUnreachable(f"{url}: {error}") from error
        if answer.status != 200:
            answer.release()
            return self._desk.message(request, "not_found", 404)
        names = ("Content-Disposition", "Content-Length", "Content-Security-Policy", "X-Content-Type-Options")
        headers = {name: answer.headers[name] for name in names if name in answer.headers}
        kind = answer.headers["Content-Type"]
        return StreamingResponse(_parts(answer), media_type=kind, headers={**headers, "Cache-Control": "no-store"})

    async def share(self, request: Request, visitor: Visitor) -> Response:
        """What of an item's materials the hub can fetch, and the consent to it."""
        code, shared, wrong = request.path_params["code"], "", ""
        if request.method == "POST":
            fields = await self._desk.pages.form(request)
            if fields is None:
                return self._desk.message(request, "expired", 400)
            consent = fields.get("consent") == "true"
            wanted = {"item": code, "material": fields.get("material", ""), "consent": consent}
            answer = await self._desk.ask(visitor, SHARE, wanted)
            if answer.errors:
                wrong = detailed_error_text(self._desk.texts(request), answer)
            else:
                shared = answer.data["done"]["reference"]
        item = (await self._desk.ask(visitor, REPLACEABLE, {"code": code})).data.get("serviceItem")
        if item is None:
            return self._desk.message(request, "not_found", 404)
        replaceable = [each for each in item["materials"] if each["satisfiedBy"]]
        values = {"item": item, "materials": replaceable, "shared": shared, "wrong": wrong}
        return self._desk.pages.render(request, "share.html", values, 422 if wrong else 200)

    async def _page(self, request: Request, visitor: Visitor, wrong: str, status: int = 200) -> Response:
        data = (await self._desk.ask(visitor, MINE)).data
        values = {
            "files": data.get("myFiles") or [],
            "consents": data.get("myConsents") or [],
            "kinds": sorted(ACCEPTED.values()),
            "wrong": wrong,
        }
        return self._desk.pages.render(request, "files.html", values, status)

    async def _hand_in(self, request: Request, visitor: Visitor, file: UploadFile) -> str:
        """What is wrong with it, in the reader's language; nothing where it is there."""
        texts, size = self._desk.texts(request), file.size or 0
        told = f"filename {_encoded(file.filename or 'file')},filetype {_encoded(file.content_type or '')}"
        headers = {**TUS, **_bearer(visitor), "Upload-Length": str(size), "Upload-Metadata": told}
        try:
            async with self._hub.session.post(f"{self._hub.base_url}/files", headers=headers) as begun:
                if begun.status != 201:
                    return texts("files.not_taken")
                place = f"{self._hub.base_url}{begun.headers['Location']}"
            headers = {
                **TUS,
                **_bearer(visitor),
                "Content-Type": "application/offset+octet-stream",
                "Upload-Offset": "0",
                "Content-Length": str(size),
            }
            content = _pieces(file)
            async with self._hub.session.patch(place, headers=headers, data=content, timeout=TIMEOUT) as sent:
                return "" if sent.status == 204 else texts("files.not_taken")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise HubUnreachable(f"{self._hub.base_url}/files: {error}") from error


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(PIECE_BYTES):
        yield piece


async def _parts(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async with answer:
        async for part in answer.content.iter_chunked(PIECE_BYTES):
            yield part


def _bearer(visitor: Visitor) -> dict[str, str]:
    return {"Authorization": f"Bearer {visitor.token}"}


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()
