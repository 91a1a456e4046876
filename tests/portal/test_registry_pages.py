"""The registry's pages in a real browser: a department hands in, an operator decides, and there is a way back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from hub.demo.connectors import employ
from hub.demo.residents import citizen, operator, staff, stranger
from hub.demo.stack import STAFFED, Stack
from tests.acceptance.stacks import embedded_demo
from tests.portal.people import DESKTOP, PHONE, chromium, follow, open_context, prove_identity
from tests.portal.roads import BROKEN, ROADS, WITHOUT_LANES, named

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]

OFFICE = "human-resources"
"""A department that has no connector yet."""


@dataclass(frozen=True, slots=True)
class Office:
    """The running demo, a browser, and the cookies of those who have signed in, once each."""

    stack: Stack
    browser: Browser
    cookies: dict[str, Any]

    @property
    def base(self) -> str:
        return self.stack.places.hub_url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """What breaks nothing goes live by itself, the rest waits. A citizen is employed while the hub runs."""
    directory: Path = tmp_path_factory.mktemp("registry")
    async with embedded_demo(directory, connector_approval="additive") as demo, chromium() as browser:
        async with demo.stack.client() as client:
            token = await client.operator_token(demo.stack.places.operator_secret)
            await employ(client, token, OFFICE, citizen().id)
        cookies = {}
        for person in (citizen(), staff(), operator()):
            context = await open_context(browser, DESKTOP)
            page = await context.new_page()
            await page.goto(f"{demo.stack.places.hub_url}/department")
            await prove_identity(page, demo.stack, person)
            await page.wait_for_url("**/department")
            cookies[person.id] = await context.storage_state()
            await context.close()
        yield Office(demo.stack, browser, cookies)


@asynccontextmanager
async def as_person(
    office: Office, person: str, path: str, viewport: dict[str, int] = DESKTOP, **options: Any
) -> AsyncIterator[Page]:
    context = await open_context(office.browser, viewport, storage_state=office.cookies[person], **options)
    page = await context.new_page()
    await page.goto(f"{office.base}{path}")
    try:
        yield page
    finally:
        await context.close()


async def hand_in(page: Page, office: Office, sdl: str, name: str, *, again: bool = False) -> None:
    """Fill in and check: a new connector, or ``again`` a new version of one."""
    await page.goto(f"{office.base}/department/register{f'?connector={name}' if again else ''}")
    if not again:
        await page.fill("#name", name)
        await page.fill("#url", office.stack.places.url("transport"))
    await page.fill("#sdl", sdl)
    await page.click("button[value=check]")
    await page.wait_for_selector("#report")


async def test_a_department_hands_in_and_an_operator_decides_with_reasons(office: Office) -> None:
    """Without a terminal, and without scripts: register, check, publish; reject, approve, go back."""
    async with (
        as_person(office, citizen().id, "/department", java_script_enabled=False) as theirs,
        as_person(office, operator().id, "/department", java_script_enabled=False) as ours,
    ):
        assert "jiyi connector check" in await theirs.inner_text("main")
        await follow(theirs, "text=登记新连接器")
        await hand_in(theirs, office, BROKEN, "roads")
        assert "Unknown type 'Lane'" in await theirs.inner_text(".problems")
        assert "第 11 行第 10 列" in await theirs.inner_text(".problems")
        assert "lanes: Lane" in await theirs.inner_text(".problems .excerpt >> nth=0")
        assert await theirs.input_value("#sdl") == BROKEN
        assert await theirs.locator("button[value=publish]").count() == 0
        await follow(theirs, "button[value=keep]")
        assert "草稿" in await theirs.inner_text("h1")

        await hand_in(theirs, office, ROADS, "roads", again=True)
        await theirs.fill("#reason", "道路数据第一版")
        await follow(theirs, "button[value=publish]")
        assert "运行中" in await theirs.inner_text("h1")
        assert "道路数据第一版" in await theirs.inner_text(".timeline li >> nth=0")

        await hand_in(theirs, office, WITHOUT_LANES, "roads", again=True)
        assert "Road.lanes" in await theirs.inner_text("main")
        await follow(theirs, "button[value=publish]")
        assert "版本 3 等待运维人员审批" in await theirs.inner_text(".notice")

        await ours.goto(f"{office.base}/operator")
        await follow(ours, "tr:has-text('版本 3 等待运维人员审批') a")
        await follow(ours, ".notice >> text=驳回…")
        await follow(ours, "button[value=do]")
        assert (await ours.title()).startswith("错误：")
        await ours.fill("#reason", "还有人在用 lanes")
        await follow(ours, "button[value=do]")
        assert "已驳回" in await ours.inner_text(".notice.good")
        await theirs.reload()
        assert "还有人在用 lanes" in await theirs.inner_text(".timeline li >> nth=0")

        await follow(theirs, "tr:has-text('版本 3') a")
        await follow(theirs, "text=以此为基础提交新版本")
        assert await theirs.input_value("#sdl") == WITHOUT_LANES
        await theirs.click("button[value=check]")
        await follow(theirs, "button[value=publish]")
        await ours.reload()
        await follow(ours, ".notice >> text=批准…")
        assert "Road.lanes" in await ours.inner_text("main")
        await follow(ours, "button[value=hold]")
        await theirs.reload()
        await follow(theirs, ".notice >> text=上线…")
        await follow(theirs, "button[value=do]")
        assert "已上线" in await theirs.inner_text(".notice.good")

        await follow(theirs, "tr:has-text('版本 2') >> text=退回此版本…")
        await theirs.fill("#reason", "恢复车道数")
        await follow(theirs, "button[value=do]")
        assert "回退：版本 2" in await theirs.inner_text(".timeline li >> nth=0")
        assert "恢复车道数" in await theirs.inner_text(".timeline li >> nth=0")


async def test_an_operator_goes_back_to_an_earlier_supergraph(office: Office) -> None:
    """What would change is shown first; the reason is kept with each connector that moved."""
    async with as_person(office, staff().id, "/department") as theirs:
        await hand_in(theirs, office, named("street"), "streets")
        await follow(theirs, "button[value=publish]")
    async with as_person(office, operator().id, "/operator/supergraphs") as ours:
        newest = int(await ours.inner_text("tbody a >> nth=0"))
        await follow(ours, f"tbody a >> text='{newest - 1}'")
        await follow(ours, "text=退回到这个超图…")
        assert "streets" in await ours.inner_text("tbody")
        assert "不在其中" in await ours.inner_text("tbody")
        await ours.fill("#reason", "街道数据有误")
        await follow(ours, "button.main")
        assert "已退回" in await ours.inner_text(".notice.good")
        assert f"退回超图 {newest - 1}" in await ours.inner_text("tbody tr >> nth=0")
        await ours.goto(f"{office.base}/department/connectors/streets")
        assert "街道数据有误" in await ours.inner_text(".timeline li >> nth=0")


async def test_an_sdl_comes_from_a_file_too(office: Office, tmp_path: Path) -> None:
    """It takes the place of what was typed, and is shown for the next step; one that is too large is told so."""
    file = tmp_path / "roads.graphql"
    file.write_bytes(ROADS.encode())
    async with as_person(office, staff().id, "/department/register") as page:
        await page.fill("#name", "from-a-file")
        await page.fill("#url", office.stack.places.url("transport"))
        await page.set_input_files("#sdl_file", file)
        await follow(page, "button[value=check]")
        assert await page.input_value("#sdl") == ROADS
        assert await page.input_value("#name") == "from-a-file"
        await page.wait_for_selector("button[value=keep]")
        file.write_bytes(b"#" * 1_000_001)
        await page.set_input_files("#sdl_file", file)
        await follow(page, "button[value=check]")
        assert "内容太大" in await page.inner_text("h1")


async def test_what_was_typed_into_the_registration_waits_for_its_owner(office: Office) -> None:
    """The session ended meanwhile; after signing in again the SDL is there as it was."""
    async with as_person(office, staff().id, "/department/register") as page:
        await page.fill("#name", "kept")
        await page.fill("#sdl", ROADS * 40)
        await page.context.clear_cookies(name="jiyi_portal")
        await page.click("button[value=check]")
        await page.wait_for_url("**/department/register**")
        assert await page.input_value("#name") == "kept"
        assert await page.input_value("#sdl") == ROADS * 40


async def test_the_list_is_filtered_by_its_address(office: Office) -> None:
    """A link to a filtered list can be kept and sent on."""
    async with as_person(office, operator().id, "/department?department=finance&state=live") as page:
        assert await page.locator("tbody tr").count() == 1
        assert await page.input_value("#department") == "finance"
        await page.goto(f"{office.base}/department?q=nothing-like-this")
        await follow(page, "text=显示全部")
        assert await page.locator("tbody tr").count() >= 5


async def test_a_department_says_where_it_is_told(office: Office) -> None:
    """What cannot be told anything is refused with what was typed; the test alert is in the list below."""
    async with as_person(office, staff().id, f"/department/contact/{STAFFED}") as page:
        await page.fill("#webhook", "file:///etc/passwd")
        await follow(page, "button[value=save]")
        assert "cannot be called" in await page.inner_text(".summary")
        assert await page.input_value("#webhook") == "file:///etc/passwd"
        await page.fill("#webhook", "http://127.0.0.1:9/hook")
        await follow(page, "button[value=save]")
        assert "已保存" in await page.inner_text(".notice")
        await follow(page, "button[value=test]")
        assert "测试通知已发出" in await page.inner_text(".notice")
        assert "jiyi.alert.test" in await page.inner_text("table")
    async with as_person(office, citizen().id, f"/department/contact/{STAFFED}") as page:
        assert await page.locator("#webhook").count() == 0


async def test_a_connectors_page_tells_how_it_fares(office: Office) -> None:
    """The last hour in a line, and who is told when something is wrong."""
    async with as_person(office, staff().id, f"/department/connectors/{STAFFED}?lang=en") as page:
        health = page.locator("section:has(#health)")
        assert "The last hour" in await health.inner_text()
        assert "under way" in await health.inner_text()
        await health.locator("a").click()
        await page.wait_for_url(f"**/department/contact/{STAFFED}")


async def test_each_sees_what_is_theirs_and_nobody_else_anything(office: Office) -> None:
    """A department's staff sees its own connectors; other people's pages are not theirs, or not there."""
    async with as_person(office, staff().id, "/department") as page:
        names = await page.locator("tbody th").all_inner_texts()
        assert STAFFED in names
        assert "finance" not in names
        for path, status in (
            ("/department/connectors/finance", 404),
            ("/department/connectors/finance/versions/1", 404),
            ("/department/connectors/finance/actions/retire", 404),
            (f"/department/connectors/{STAFFED}/actions/suspend", 409),
            (f"/department/connectors/{STAFFED}/actions/rollback?version=1", 409),
            ("/department/register?connector=finance", 404),
            ("/operator/supergraphs", 403),
            ("/operator/supergraphs/1/rollback", 403),
            ("/operator", 403),
        ):
            answer = await page.goto(f"{office.base}{path}")
            assert answer is not None
            assert (path, answer.status) == (path, status)
    context = await open_context(office.browser, DESKTOP)
    page = await context.new_page()
    await page.goto(f"{office.base}/department")
    await prove_identity(page, office.stack, stranger())
    for path in ("/department", "/department/register", "/department/connectors/finance"):
        answer = await page.goto(f"{office.base}{path}")
        assert answer is not None
        assert (path, answer.status) == (path, 403)
    await context.close()


async def test_nothing_is_done_by_a_link_or_by_a_form_of_another_site(office: Office) -> None:
    """A page asks first, and only a form that this browser was shown counts."""
    async with as_person(office, operator().id, "/department/connectors/finance/actions/suspend") as page:
        forged = await page.request.post(page.url, form={"step": "do", "csrf_token": "guessed"})
        assert forged.status == 400
        await page.goto(f"{office.base}/department/connectors/finance")
        assert "运行中" in await page.inner_text("h1")


AXE = {
    "zh-CN": {"resultTypes": ["violations"]},
    "en": {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": False}}},
}
"""The rule that takes longest looks at colours, which no language changes."""
PAGES = {
    operator().id: (
        "/operator",
        "/operator/supergraphs",
        "/operator/supergraphs/5",
        "/operator/supergraphs/4/rollback",
        "/department",
        f"/department/connectors/{STAFFED}",
        f"/department/connectors/{STAFFED}/versions/1",
        f"/department/connectors/{STAFFED}/actions/retire",
        "/department/connectors/paths/actions/approve?version=2",
        f"/department/register?connector={STAFFED}",
    ),
    staff().id: (
        "/department",
        "/department/register",
        f"/department/contact/{STAFFED}",
        "/department/connectors/paths",
        "/department/connectors/paths/versions/2",
    ),
}
"""Every page of the registry by who looks at it."""


async def test_every_page_passes_axe_and_fits_a_small_phone(office: Office) -> None:
    """In both languages: WCAG rules that a machine can check, and no sideways scroll at 360 px."""
    found = []
    sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    async with as_person(office, staff().id, "/department") as page:
        await hand_in(page, office, named("path"), "paths")
        await follow(page, "button[value=publish]")
        await hand_in(page, office, named("path", WITHOUT_LANES), "paths", again=True)
        await follow(page, "button[value=publish]")
    for person, paths in PAGES.items():
        async with as_person(office, person, "/department", PHONE, bypass_csp=True) as page:
            for path, language in product(paths, AXE):
                answer = await page.goto(f"{office.base}{path}{'&' if '?' in path else '?'}lang={language}")
                assert answer is not None
                assert answer.ok, path
                if "register" in path:
                    await page.fill("#sdl", BROKEN)
                    await follow(page, "button[value=check]")
                results = await Axe().run(page, options=AXE[language])
                found += [f"{path} {language}: {each['id']}" for each in results.response["violations"]]
                found += [f"{path} {language}: too wide"] if await page.evaluate(sideways) else []
    assert found == []
