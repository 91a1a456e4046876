"""The pages in a real browser: on a phone, with the keyboard, without scripts, on a TV, and by axe's rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import zxingcpp
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import Browser, Page

from hub.demo.residents import citizen, operator
from hub.demo.stack import QUEUE_DEPARTMENT, Stack
from tests.acceptance.stacks import embedded_demo
from tests.portal.people import (
    DESKTOP,
    PHONE,
    TELEVISION,
    chromium,
    file_case,
    follow,
    open_context,
    prove_identity,
    sign_in,
    wait_for_state,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]

PUBLIC = ("/", "/portal/items/CA-MARRIAGE-RECORD", "/sign-in", "/verify", "/nowhere", "/figures", "/surveys")
OWN_LISTS = ("/portal/licences", "/portal/fees", "/portal/cases", "/portal/follow-ups")
MINE = ("/portal", *OWN_LISTS, "/portal/items/CA-MARRIAGE-RECORD/file")
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass(frozen=True, slots=True)
class Office:
    """The running demo, a browser, a case that was filed and approved, and a citizen's cookies.

    Signing in is limited per person, so it is done once.
    """

    stack: Stack
    browser: Browser
    case: str
    cookies: Any

    @property
    def base(self) -> str:
        return self.stack.places.hub_url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    directory: Path = tmp_path_factory.mktemp("office")
    async with embedded_demo(directory) as demo, chromium() as browser:
        context = await open_context(browser, DESKTOP)
        page = await context.new_page()
        await sign_in(page, demo.stack, citizen())
        case = await file_case(page, demo.stack)
        await page.goto(case)
        await wait_for_state(page, "已批准")
        cookies = await context.storage_state()
        await context.close()
        yield Office(demo.stack, browser, case, cookies)


async def _signed_in(office: Office, viewport: dict[str, int], **options: object) -> Page:
    context = await open_context(office.browser, viewport, storage_state=office.cookies, **options)
    return await context.new_page()


async def test_a_case_moves_on_the_screen_by_itself(office: Office) -> None:
    """Filed, accepted, reviewed, approved: nobody reloads the page."""
    page = await _signed_in(office, DESKTOP)
    await page.goto(await file_case(page, office.stack))
    await wait_for_state(page, "已批准")
    assert await page.locator(".timeline li").count() >= 4
    await page.context.close()


async def test_no_page_scrolls_sideways_on_a_small_phone(office: Office) -> None:
    """360 px wide, in both languages, in large text too."""
    page = await _signed_in(office, PHONE)
    too_wide = []
    for path in (*PUBLIC, *MINE, office.case.removeprefix(office.base)):
        for language in ("zh-CN", "en"):
            await page.goto(f"{office.base}{path}?lang={language}")
            if await page.evaluate(TOO_WIDE):
                too_wide.append(f"{path} {language}")
    assert too_wide == []
    await page.goto(f"{office.base}/?lang=zh-CN")
    for button, least in (("适老版", 18), ("特大字", 30)):
        await follow(page, f"text={button}")
        assert await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= least
        assert not await page.evaluate(TOO_WIDE)
    await follow(page, "text=标准版")
    assert await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 16
    await page.context.close()


async def test_only_going_to_an_address_chooses_a_language(office: Office) -> None:
    """A live page fetches itself again; its late answer does not undo what was switched since."""
    page = await _signed_in(office, DESKTOP)
    await page.goto(f"{office.base}/?lang=zh-CN")
    await page.evaluate("async () => (await fetch('/?lang=en')).text()")
    await page.goto(f"{office.base}/")
    assert await page.get_attribute("html", "lang") == "zh-CN"
    await page.goto(f"{office.base}/?lang=en")
    await page.goto(f"{office.base}/")
    assert await page.get_attribute("html", "lang") == "en"
    await page.context.close()


async def test_a_page_warns_before_the_session_ends_and_one_key_extends_it(office: Office) -> None:
    """Twenty seconds ahead, on the portal as on the TV; a form stays as it was typed, other pages are left."""
    page = await _signed_in(office, DESKTOP)
    await page.clock.install()
    await page.goto(f"{office.base}/portal/items/CA-MARRIAGE-RECORD/file")
    idle = int(await page.get_attribute("body", "data-idle") or 0)
    await page.fill("#remark", "请尽快")
    await page.clock.run_for((idle - 25) * 1000)
    assert not await page.is_visible("#idle")
    await page.clock.run_for(10_000)
    assert await page.is_visible("#idle")
    async with page.expect_response("**/portal/stay") as answer:
        await page.keyboard.press("Shift")
    assert (await answer.value).status == 204
    assert not await page.is_visible("#idle")
    await page.clock.run_for((idle + 5) * 1000)
    assert "不会丢失" in await page.inner_text("#idle")
    assert await page.input_value("#remark") == "请尽快"
    await page.goto(f"{office.base}/portal/licences")
    await page.clock.run_for((idle + 5) * 1000)
    await page.wait_for_url(f"{office.base}/")
    await page.context.close()


async def test_what_was_typed_is_still_there_after_signing_in_again(office: Office) -> None:
    """The session ended while the form was filled in; its owner finds it again, once, to be checked and sent."""
    page = await _signed_in(office, DESKTOP)
    form = f"{office.base}/portal/items/CA-MARRIAGE-RECORD/file"
    await page.goto(form)
    await page.select_option("#purpose", "property")
    await page.fill("#remark", "请尽快")
    await page.context.clear_cookies(name="jiyi_portal")
    await page.click("button[value=check]")
    await page.wait_for_url(form)
    assert await page.input_value("#purpose") == "property"
    assert await page.input_value("#remark") == "请尽快"
    assert "为您保留" in await page.content()
    await page.goto(form)
    assert await page.input_value("#remark") == ""
    await page.context.close()


async def test_axe_finds_nothing_on_any_page(office: Office) -> None:
    """WCAG rules that a machine can check, on every page, in both languages."""
    page = await _signed_in(office, DESKTOP, bypass_csp=True)
    found = []
    case = office.case.removeprefix(office.base)
    for path in (*PUBLIC, *MINE, case, f"{case}/rate", "/device", "/tv"):
        for language in ("zh-CN", "en"):
            await page.goto(f"{office.base}{path}?lang={language}")
            results = await Axe().run(page)
            found += [f"{path} {language}: {each['id']}" for each in results.response["violations"]]
    assert found == []
    await page.context.close()


async def test_the_operator_page_passes_axe_and_is_closed_to_citizens(office: Office) -> None:
    """The role decides; the page says so clearly."""
    page = await _signed_in(office, DESKTOP)
    for path in ("/operator", "/officer/fees"):
        answer = await page.goto(f"{office.base}{path}")
        assert answer is not None
        assert answer.status == 403
    await page.context.close()
    context = await open_context(office.browser, DESKTOP, bypass_csp=True)
    page = await context.new_page()
    await page.goto(f"{office.base}/operator")
    await prove_identity(page, office.stack, operator())
    await page.wait_for_selector("th:has-text('civil-affairs')")
    results = await Axe().run(page)
    assert [each["id"] for each in results.response["violations"]] == []
    for language in ("zh-CN", "en"):
        await page.goto(f"{office.base}/officer/archives?lang={language}")
        assert [each["id"] for each in (await Axe().run(page)).response["violations"]] == []
    await page.goto(f"{office.base}/officer/fees?lang=en")
    await page.click("button[value=reconcile]")
    await page.wait_for_selector("text=The day was compared.")
    assert "Balanced" in await page.inner_text("main")
    results = await Axe().run(page)
    assert [each["id"] for each in results.response["violations"]] == []
    await context.close()


async def test_everything_can_be_done_without_scripts(office: Office) -> None:
    """Scripts only make it nicer: sign in, file, and see the case."""
    page = await _signed_in(office, DESKTOP, java_script_enabled=False)
    case = await file_case(page, office.stack)
    await page.goto(case)
    assert "受理编号" in await page.content()
    await page.context.close()


async def test_a_mistake_in_a_form_is_named_and_nothing_typed_is_lost(office: Office) -> None:
    """The summary stands on top, leads to the field, and the title says that there is an error."""
    page = await _signed_in(office, DESKTOP)
    await page.goto(f"{office.base}/portal/items/CA-MARRIAGE-RECORD/file")
    await page.fill("#copies", "two")
    await page.fill("#remark", "请尽快")
    await follow(page, "button[value=check]")
    assert (await page.title()).startswith("错误：")
    assert await page.input_value("#remark") == "请尽快"
    await page.click(".summary a >> nth=0")
    assert await page.evaluate("document.activeElement.id") in {"purpose", "copies"}
    await page.context.close()


async def test_a_page_lets_nothing_in_from_elsewhere(office: Office) -> None:
    """A strict policy on every page, and no request leaves the hub."""
    context = await open_context(office.browser, DESKTOP)
    page = await context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for path in (*PUBLIC, "/tv", "/explorer"):
        answer = await page.goto(f"{office.base}{path}")
        assert answer is not None
        if answer.status == 200:
            policy = answer.headers["content-security-policy"]
            assert "script-src 'self'" in policy
            assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert [url for url in requests if not url.startswith((office.base, "data:", "blob:"))] == []
    await context.close()


async def test_the_tv_is_used_with_arrow_keys_and_enter_alone(office: Office) -> None:
    """One thing is focused always; the phone confirms; Back goes back; nothing is typed."""
    television = await open_context(office.browser, TELEVISION)
    screen = await television.new_page()
    await screen.goto(f"{office.base}/tv")
    assert await screen.evaluate("document.activeElement.matches('.key')")
    await screen.keyboard.press("ArrowRight")
    assert await screen.evaluate("document.activeElement.matches('.key, .card')")
    code = (await screen.text_content(".code") or "").strip()
    phone = await open_context(office.browser, PHONE)
    page = await phone.new_page()
    await page.goto(f"{office.base}/device?user_code={code}")
    await prove_identity(page, office.stack, citizen())
    await page.click("button[value=approve]")
    await screen.wait_for_selector(".cards", timeout=30_000)
    assert await screen.evaluate("document.activeElement.matches('.card')")
    await screen.keyboard.press("Enter")
    await screen.wait_for_selector(".state")
    assert await screen.evaluate("document.activeElement.matches('.key')")
    await screen.keyboard.press("Escape")
    await screen.wait_for_selector(".cards")
    assert await _smallest_text(screen) >= 27
    await _see_fees_on_the_tv(office, screen)
    await _rate_on_the_tv(office, screen, await _denied_case(office))
    await phone.close()
    await television.close()


async def _see_fees_on_the_tv(office: Office, screen: Page) -> None:
    """What is due, with hidden numbers and a code to scan; nothing is paid there."""
    await screen.goto(f"{office.base}/tv/fees")
    assert await screen.evaluate("document.activeElement.matches('.key')")
    assert await screen.locator(".qr svg").count() == 1
    assert "FO-" not in await screen.inner_text("main")
    assert "¥9.00" in await screen.inner_text("main")
    assert await _smallest_text(screen) >= 27
    await screen.keyboard.press("Escape")
    await screen.wait_for_selector(".cards")


async def _smallest_text(screen: Page) -> float:
    smallest: float = await screen.evaluate(
        "Math.min(...[...document.querySelectorAll('body *')].filter(e => e.children.length === 0"
        " && e.textContent.trim()).map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    return smallest


async def _denied_case(office: Office) -> str:
    """A case that is finished and not rated yet; its address below ``/cases``."""
    page = await _signed_in(office, DESKTOP)
    door = f"{office.stack.places.url(QUEUE_DEPARTMENT)}/__decisions"
    async with office.stack.client() as client:
        await client.json(door, "POST", {"decision": "denied"})
        await page.goto(await file_case(page, office.stack))
        await wait_for_state(page, "不予许可")
        await client.json(door, "POST", {"decision": "approved"})
    address = page.url
    await page.context.close()
    return address.rpartition("/")[2]


async def _rate_on_the_tv(office: Office, screen: Page, case: str) -> None:
    """Nothing is rated by accident: "no rating" is chosen at first, choosing and sending are two presses."""
    await screen.goto(f"{office.base}/tv/cases/{case}")
    chosen = "document.querySelector('input[name=stars]:checked').value"
    assert await screen.evaluate("document.activeElement.value") == "none"
    await screen.keyboard.press("ArrowDown")
    await screen.keyboard.press("Enter")
    await screen.wait_for_selector(".notice:has-text('请选择星级')")
    for _ in range(2):
        await screen.keyboard.press("ArrowUp")
    assert await screen.evaluate(chosen) == "2"
    await screen.keyboard.press("ArrowUp")
    assert await _smallest_text(screen) >= 27
    assert not await screen.evaluate("document.documentElement.scrollHeight > innerHeight")
    await screen.keyboard.press("Enter")
    assert await screen.evaluate("document.activeElement.matches('button.key')")
    await screen.keyboard.press("Enter")
    await screen.wait_for_selector("text=3 星")
    await screen.clock.install()
    await screen.reload()
    await screen.clock.run_for(585_000)
    assert await screen.is_visible("#idle")
    await screen.keyboard.press("ArrowUp")
    assert not await screen.is_visible("#idle")
    await screen.clock.run_for(605_000)
    await screen.wait_for_selector(".code")


async def test_a_licence_is_read_from_the_screen_verified_by_a_stranger_and_taken_back(office: Office) -> None:
    """A screenshot's QR code opens the verification, without sign-in and with a masked name; what is shared with
    somebody outside ends when its holder takes it back."""
    page = await _signed_in(office, DESKTOP, bypass_csp=True)
    await page.goto(f"{office.base}/portal/licences")
    await follow(page, "a:has-text('结婚证')")
    wallet, address = page.url, await _read_code(page)
    assert [each["id"] for each in (await Axe().run(page)).response["violations"]] == []
    outside = await open_context(office.browser, PHONE)
    stranger = await outside.new_page()
    await stranger.goto(address)
    verdict = await stranger.inner_text("main")
    assert "真实有效" in verdict
    assert f"{citizen().name[0]}**" in verdict
    assert citizen().name not in verdict
    assert citizen().id_number not in await stranger.content()

    await page.fill("#recipient", "房东李某")
    await page.fill("#purpose", "租房")
    await follow(page, "#share-title ~ form button.main")
    await follow(page, "a:has-text('查看二维码')")
    shared = await _read_code(page)
    await stranger.goto(shared)
    assert "房东李某" in await stranger.inner_text("main")
    await page.goto(wallet)
    assert "房东李某: 租房" in await page.inner_text("#readers-title ~ ul")
    await follow(page, "button:has-text('收回')")
    await stranger.goto(shared)
    assert "持有人已收回授权" in await stranger.inner_text("main")
    printed = await page.get_attribute("a[href*='licence.pdf']", "href")
    pdf = await page.request.get(f"{office.base}{printed}")
    assert (await pdf.body())[:5] == b"%PDF-"
    await outside.close()
    await page.context.close()


async def _read_code(page: Page) -> str:
    """What the QR code on the page says, read from a picture of the screen."""
    picture = await page.locator(".licence-qr").screenshot()
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture)))
    return str(found.text)


async def test_several_fees_are_paid_at_one_cashier_and_have_their_receipts(office: Office) -> None:
    """All that is due is one payment; each fee then says what it was for, and has its electronic receipt."""
    page = await _signed_in(office, PHONE, bypass_csp=True)
    await page.goto(f"{office.base}/portal/fees")
    numbers = await page.eval_on_selector_all("input[name=orders]", "all => all.map(each => each.value)")
    assert len(numbers) >= 2
    await page.click("button.main")
    await page.wait_for_url("**/pay/**")
    assert f"¥{9 * len(numbers)}.00" in await page.inner_text("main")
    await page.click("button")
    await page.wait_for_url("**/portal/fees")
    for _ in range(60):
        await page.goto(f"{office.base}/portal/fees/{numbers[0]}?lang=en")
        if "FP" in await page.inner_text("main"):
            break
        await page.wait_for_timeout(500)
    shown = await page.inner_text("main")
    assert "Electronic receipts" in shown
    assert "Price and Fee Notice 1992 no. 249" in shown
    results = await Axe().run(page)
    assert [each["id"] for each in results.response["violations"]] == []
    await page.goto(f"{office.base}/portal/fees/FO-nobodys")
    assert "Electronic receipts" not in await page.inner_text("main")
    await page.context.close()
