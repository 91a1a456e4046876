"""The sign-in page takes any identity document, without scripts; domain.md, section 2; art. 8."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from auth.csrf import CsrfGuard
from auth.sign_in import SignIn, VerifiedIdentity
from auth.store import Person
from connectors.clock import SystemClock
from hub.portal.page import PageRenderer
from hub.portal.sealed import SealedStore
from hub.portal.sign_in_pages import SignInPages
from hub.storage.database import Database
from schema.domain.identity_document import document_of_key
from tests.auth.world import ISSUER, build_world
from tests.auth.world import World as SignInWorld

CARD, PASSPORT, PERMIT = "911826198204170028", "GBR-990000105", "810000198809150044"


class Immigration:
    """Sends codes to everybody; knows Anna by her card and her passport."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def request_one_time_code(self, id_number: str) -> None:
        self.asked.append(id_number)

    async def verify_one_time_code(self, id_number: str, code: str) -> VerifiedIdentity | None:
        documents = tuple(each for key in (CARD, PASSPORT) if (each := document_of_key(key)) is not None)
        return VerifiedIdentity("anna", CARD, "Anna", documents) if code == "123456" else None


class Page:
    """One browser at the hub's own pages."""

    def __init__(self, world: SignInWorld, database: Database) -> None:
        self.department = Immigration()
        sign_in = SignIn(self.department, world.persons, world.store, world.clock)
        store = SealedStore(database, SystemClock())
        pages = SignInPages(
            PageRenderer(CsrfGuard(ISSUER)), sign_in, world.sessions, world.devices, store, is_secure=False
        )
        transport = httpx2.ASGITransport(app=Starlette(routes=pages.routes()))
        self.browser = httpx2.AsyncClient(transport=transport, base_url=ISSUER, headers={"Origin": ISSUER})
        self.world = world
        self.text = ""

    async def send(self, path: str, **fields: str) -> httpx2.Response:
        """Fill in the form of a page and send it; the page that comes."""
        shown = await self.browser.get(path)
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown.text))
        answer = await self.browser.post(path, data=hidden | fields)
        self.text = answer.text
        return answer

    async def person(self) -> Person | None:
        """Who is signed in at this browser."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())
        scope = {"type": "http", "headers": [(b"cookie", cookies.encode())]}
        return await self.world.sessions.current(Request(scope))


@pytest.fixture
async def page(sqlite_url: str) -> AsyncIterator[Page]:
    database = Database(sqlite_url)
    await database.create_tables_for_tests()
    made = Page(await build_world(database), database)
    async with made.browser, made.world.browser:
        yield made
    await database.close()


@pytest.mark.parametrize(
    ("kind", "typed", "country", "asked", "masked"),
    [
        ("", "110102 19900315 0026", "", "110102199003150026", "110102********0026"),
        ("RESIDENT_CARD", "110102199003150026", "GBR", "110102199003150026", "110102********0026"),
        ("HONG_KONG_MACAO_PERMIT", PERMIT, "", PERMIT, "810000********0044"),
        ("PERMANENT_RESIDENT_CARD", CARD, "", CARD, "911826********0028"),
        ("PASSPORT", "990000105", "gbr", PASSPORT, "******105"),
        ("PASSPORT", "９９００００１０５", "GBR", PASSPORT, "******105"),
    ],
)
async def test_any_document_gets_a_code(
    page: Page, kind: str, typed: str, country: str, asked: str, masked: str
) -> None:
    """Who chooses nothing has a resident card, as forms without a choice have it."""
    answer = await page.send("/sign-in", document_type=kind, id_number=typed, issuing_country=country)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/code")
    assert page.department.asked == [asked]
    shown = (await page.browser.get("/sign-in/code")).text
    assert masked in shown
    assert typed not in shown


@pytest.mark.parametrize(
    ("kind", "typed", "country", "field"),
    [
        ("RESIDENT_CARD", "", "", "id_number"),
        ("RESIDENT_CARD", "EA1234567", "", "id_number"),
        ("HONG_KONG_MACAO_PERMIT", "810000198809150045", "", "id_number"),
        ("TAIWAN_PERMIT", PERMIT, "", "id_number"),
        ("PASSPORT", "990000105", "", "issuing_country"),
        ("PASSPORT", "990000105", "QQQ", "issuing_country"),
        ("PASSPORT", "9900001051", "GBR", "id_number"),
    ],
)
async def test_what_cannot_be_a_number_is_told_at_its_field(
    page: Page, kind: str, typed: str, country: str, field: str
) -> None:
    """In the reader's language, the kind still chosen, the number nowhere, and nobody asked."""
    for language in ("zh-CN", "en"):
        page.browser.cookies.set("jiyi_language", language)
        answer = await page.send("/sign-in", document_type=kind, id_number=typed, issuing_country=country)
        assert answer.status_code == 400
        assert f'href="#{field}"' in page.text
        assert f'<option value="{kind}" selected>' in page.text
        assert not typed or typed not in page.text
        assert ("请" in page.text.partition("<form")[0]) == (language == "zh-CN")
    assert page.department.asked == []


async def test_the_resident_card_stands_first_and_scripts_are_not_needed(page: Page) -> None:
    """A list to choose from, as every browser has it."""
    text = (await page.browser.get("/sign-in")).text
    kinds = re.findall(r'<option value="([A-Z_]+)"( selected)?>', text)
    assert kinds[0] == ("RESIDENT_CARD", " selected")
    assert len(kinds) == 5
    assert "id_number" in text


async def test_a_passport_signs_in_whom_the_card_signs_in(page: Page) -> None:
    """To the end: the session is the person's, whichever document it began with."""
    for kind, typed, country in (("PASSPORT", "990000105", "GBR"), ("PERMANENT_RESIDENT_CARD", CARD, "")):
        await page.send("/sign-in", document_type=kind, id_number=typed, issuing_country=country)
        answer = await page.send("/sign-in/code", code="123456")
        assert answer.headers["location"] == "/portal"
        person = await page.person()
        assert person is not None
        assert (person.id, person.id_number) == ("anna", CARD)
