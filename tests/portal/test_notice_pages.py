"""Notices on the pages in a real browser: an address confirmed by its code, a notice sent, proved and read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from hub.demo.places import MESSENGERS
from hub.demo.residents import citizen, operator
from hub.demo.stack import Stack
from hub.demo.waiting import wait_for
from hub.storage.database import Database
from hub.tables.notice import NoticeDeliveryRow
from tests.acceptance.stacks import embedded_demo
from tests.portal.people import (
    DESKTOP,
    PHONE,
    TELEVISION,
    chromium,
    file_case,
    open_context,
    prove_identity,
    sign_in,
    wait_for_state,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]
NUMBER = "13800138000"
REGISTER = """async () => {
  const made = await navigator.serviceWorker.register("/static/push-worker.js");
  const worker = made.installing || made.waiting || made.active;
  if (worker.state !== "activated")
    await new Promise((done) =>
      worker.addEventListener("statechange", () => worker.state === "activated" && done()));
}"""
SHOWN = """async () => {
  const [made] = await navigator.serviceWorker.getRegistrations();
  const found = await made.getNotifications();
  return found.length ? found.map((each) => [each.title, each.body, each.tag]) : null;
}"""
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass(frozen=True, slots=True)
class Office:
    """The running demo, and a citizen's browser on a phone."""

    stack: Stack
    browser: Browser
    page: Page

    @property
    def base(self) -> str:
        return self.stack.places.hub_url

    async def messages(self) -> list[dict[str, Any]]:
        """What the mock phones got."""
        async with self.stack.client() as client:
            found: Any = await client.json(f"{self.stack.places.url(MESSENGERS)}/__records")
        return [each for each in found["messages"] if each["to"] == NUMBER]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with embedded_demo(tmp_path_factory.mktemp("notices")) as demo, chromium() as browser:
        context = await open_context(browser, PHONE, bypass_csp=True)
        page = await context.new_page()
        await sign_in(page, demo.stack, citizen())
        yield Office(demo.stack, browser, page)
        await context.close()


async def test_an_address_is_confirmed_and_a_decision_is_told_there(office: Office) -> None:
    """The code comes by SMS; a case is decided, the phone is told without a word of it, the page has the proof."""
    page = office.page
    await page.goto(f"{office.base}/portal/notices/settings?lang=zh-CN")
    await page.uncheck("input[name=quiet]")
    await page.click("button[value=set]")
    await page.wait_for_selector("text=已保存。")
    assert not await page.is_checked("input[name=quiet]")
    await page.fill("#address", "123")
    await page.click("button[value=add]")
    await page.wait_for_selector("#errors")
    await page.fill("#address", NUMBER)
    await page.click("button[value=add]")
    await page.wait_for_selector("text=验证码已发送")
    (sent,) = await office.messages()
    code = sent["text"].partition("验证码")[2][:6]
    await page.fill("input[name=code]", code)
    await page.click("button[value=confirm]")
    await page.wait_for_selector("text=138****8000")
    assert "已确认" in await page.inner_text("main")

    await page.goto(await file_case(page, office.stack))
    await wait_for_state(page, "已批准")

    async def is_told() -> bool | None:
        return len(await office.messages()) > 1 or None

    await wait_for("the phone is told", is_told, 60)
    told = (await office.messages())[-1]["text"]
    assert "您的办件（尾号" in told
    assert citizen().name not in told
    await page.goto(f"{office.base}/portal/notices")

    async def is_proved() -> bool | None:
        await page.reload()
        return "短信: 已送达" in await page.inner_text("main") or None

    await wait_for("the receipt is there", is_proved, 60)
    assert "已作出决定" in await page.inner_text("main")
    await page.click("text=标为已读")
    await page.wait_for_selector("text=已读")


async def test_the_pages_pass_axe_on_a_phone(office: Office) -> None:
    """In both languages; nothing is wider than the screen."""
    assert await axe(office.page, office.base, "/portal/notices", "/portal/notices/settings") == []


async def axe(page: Page, base: str, *paths: str) -> list[str]:
    """What is wrong with pages in either language, by axe's rules or because it is wider than the screen."""
    found = []
    for path, language in product(paths, ("zh-CN", "en")):
        await page.goto(f"{base}{path}?lang={language}")
        found += [f"{path} {language}: {each}" for each in await axe_now(page)]
    return found


async def axe_now(page: Page) -> list[str]:
    """The same of the page as it stands."""
    results = await Axe().run(page)
    found = [str(each["id"]) for each in results.response["violations"]]
    return [*found, "too wide"] if await page.evaluate(SIDEWAYS) else found


async def test_the_tv_says_that_there_is_news_and_no_more(office: Office) -> None:
    """Kinds and times; the text and the number are for the phone that scans the code."""
    television = await open_context(office.browser, TELEVISION, bypass_csp=True)
    screen = await television.new_page()
    await screen.goto(f"{office.base}/tv?lang=zh-CN")
    code = (await screen.text_content(".code") or "").strip()
    page = office.page
    await page.goto(f"{office.base}/device?user_code={code}")
    if await page.locator("#id_number").count():
        await prove_identity(page, office.stack, citizen())
    await page.click("button[value=approve]")
    await screen.wait_for_selector(".cards", timeout=30_000)
    await screen.goto(f"{office.base}/tv/notices")
    assert await screen.evaluate("document.activeElement.matches('.key')")
    text = await screen.inner_text("main")
    assert "已作出决定" in text
    assert "JY" not in text
    assert await axe(screen, office.base, "/tv/notices") == []
    await screen.goto(f"{office.base}/tv/notices")
    await screen.keyboard.press("Escape")
    await screen.wait_for_selector(".cards")
    await television.close()


async def test_a_pushed_notice_is_shown_once_by_the_browser(office: Office) -> None:
    """The service worker, under the page's own policy: the same tag twice is one notification."""
    context = await open_context(office.browser, DESKTOP, storage_state=await office.page.context.storage_state())
    await context.grant_permissions(["notifications"], origin=office.base)
    page = await context.new_page()
    await page.goto(f"{office.base}/portal/notices/settings?lang=en")
    await page.wait_for_selector("#push:not([hidden])")
    session = await context.new_cdp_session(page)
    registered: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def note(event: Any) -> None:
        for each in event["registrations"]:
            if not registered.done():
                registered.set_result(each["registrationId"])

    session.on("ServiceWorker.workerRegistrationUpdated", note)
    await session.send("ServiceWorker.enable")
    await page.evaluate(REGISTER)
    told = json.dumps({"title": "您有新的通知", "body": "请登录查看", "link": "/portal/notices", "tag": "d.1"})
    pushed = {"origin": office.base, "registrationId": await registered, "data": told}
    for _ in range(2):
        await session.send("ServiceWorker.deliverPushMessage", pushed)
    shown = await wait_for("it is shown", lambda: page.evaluate(SHOWN), 30)
    assert shown == [["您有新的通知", "请登录查看", "d.1"]]
    await context.close()


async def test_operators_see_gateways_and_no_person(office: Office) -> None:
    """A citizen is refused; the operator's page names gateways and kinds, not the number or the name."""
    answer = await office.page.goto(f"{office.base}/operator/notices")
    assert answer is not None
    assert answer.status == 403
    context = await open_context(office.browser, PHONE, bypass_csp=True)
    page = await context.new_page()
    await page.goto(f"{office.base}/operator/notices?lang=en")
    await prove_identity(page, office.stack, operator())
    await page.wait_for_selector("th:has-text('sms-1')")
    text = await page.inner_text("main")
    assert "Well" in text
    assert NUMBER not in text
    assert citizen().name not in text
    assert await axe(page, office.base, "/operator/notices") == []
    await _send_again(office, page)
    await context.close()


async def _send_again(office: Office, page: Page) -> None:
    """What failed is ticked and sent again; without a reason nothing moves, and what was ticked stays ticked."""
    failed = NoticeDeliveryRow(
        id="failed",
        notice_id=1,
        subject="nobody",
        kind="DECIDED",
        channel="SMS",
        address_id="gone",
        language="ZH",
        state="FAILED",
        noticed_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    database = Database(office.stack.database_url or f"sqlite:///{office.stack.places.directory / 'hub.db'}")
    async with database.transaction() as session:
        session.add(failed)
    await database.close()
    await page.goto(f"{office.base}/operator/notices?lang=en&state=FAILED")
    await page.check("input[name=id]")
    await page.click("button:has-text('Send the ticked ones again')")
    await page.wait_for_selector("#errors")
    assert await page.is_checked("input[name=id]")
    await page.fill("#reason", "the contract with the gateway was renewed")
    assert await axe_now(page) == []
    await page.click("button:has-text('Send the ticked ones again')")
    await page.wait_for_selector("text=1 sent again; 0 were under way or had arrived.")
