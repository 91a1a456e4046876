"""The supervisor's board in both languages: who finds what there, and how a red card is explained and closed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.demo.browser import Browser
from hub.demo.late import GRANT, LATE, handler, supervisor
from hub.demo.residents import Resident, citizen
from hub.demo.road import open_road, take
from hub.demo.sign_in import prove_identity
from hub.demo.stack import Stack
from hub.storage.database import Database
from hub.tables.rating import RatingFlagRow
from tests.acceptance.stacks import embedded_demo
from tests.portal.people import DESKTOP, chromium, follow, open_context
from tests.portal.people import prove_identity as prove_in_browser

pytestmark = [pytest.mark.timeout(240)]


async def _board(stack: Stack, person: Resident, language: str) -> tuple[int, str]:
    async with stack.client() as client:
        browser = Browser(client)
        page = await browser.open(f"/supervision?lang={language}")
        page = await prove_identity(browser, client, page, person, stack.places.url("public-security"), "never:")
        page = await browser.open(f"/supervision?lang={language}")
    return page.status, page.text


async def _flag(stack: Stack) -> None:
    """A rating that was given at once."""
    database = Database(stack.database_url or f"sqlite:///{stack.places.directory / 'hub.db'}")
    now = datetime.now(UTC)
    grounds = [{"ground": "ON_THE_SPOT", "count": 3, "of": 30}]
    async with database.transaction() as session:
        session.add(
            RatingFlagRow(
                id="flag",
                occasion="CASE",
                about_id="c",
                department="civil-affairs",
                stars=5,
                rated_at=now,
                grounds=grounds,
                state="OPEN",
                flagged_at=now,
            )
        )
    await database.close()


async def _clear_flag(stack: Stack) -> str:
    async with stack.client() as client:
        browser = Browser(client)
        page = await browser.open("/supervision?lang=en")
        page = await prove_identity(
            browser, client, page, supervisor(), stack.places.url("public-security"), "no:"
        )
        page = await browser.open("/supervision?lang=en")
        page = await browser.fill(page, {"flag": "flag", "text": "a quick case", "do": "clear_rating"})
    return page.text


async def test_a_supervisor_finds_the_board_and_others_are_told_whose_it_is(tmp_path: Path) -> None:
    """Art. 17, 18: the board is for those who hold the office; a citizen learns nothing from it."""
    async with embedded_demo(tmp_path) as demo:
        async with demo.stack.client() as client:
            operator = await client.operator_token(demo.stack.places.operator_secret)
            await client.data(GRANT, {"citizen": supervisor().id, "role": "supervisor"}, operator)
        await _flag(demo.stack)
        status, english = await _board(demo.stack, supervisor(), "en")
        _, chinese = await _board(demo.stack, supervisor(), "zh-CN")
        refused, told = await _board(demo.stack, citizen(), "en")
        cleared = await _clear_flag(demo.stack)

    assert status == 200
    assert "There are no open cards." in english
    assert "No cases lately." in english
    assert "效能监察" in chinese
    assert "Five stars 3 seconds after the end, at the counter" in english
    assert "窗口办结后 3 秒内即评五星" in chinese
    assert "Cleared: it counts as before." in cleared
    assert "Five stars 3 seconds" not in cleared
    assert refused == 403
    assert "This page is for supervisors" in told


@pytest.mark.browser
@pytest.mark.slow
async def test_a_red_card_is_explained_and_closed_in_a_browser(tmp_path: Path) -> None:
    """Section 4 (art. 17, 18): closed only with an explanation, which the supervisor reads and accepts."""
    clock = tmp_path / "clock"
    clock.write_text("0", encoding="ascii")
    async with embedded_demo(tmp_path / "demo", clock_file=clock) as demo, open_road(demo.stack) as road:
        for step in LATE[:-1]:
            report = await take(step, road)
            assert report.error is None, report.error
        card = f"#card-{road.found['red']}"
        async with chromium() as browser:
            theirs = await (await open_context(browser, DESKTOP)).new_page()
            await theirs.goto(f"{demo.stack.places.hub_url}/supervision?lang=en")
            await prove_in_browser(theirs, demo.stack, handler())
            await theirs.goto(f"{demo.stack.places.hub_url}/supervision?lang=en")
            assert "Red card" in await theirs.locator(card).inner_text()
            assert await theirs.locator("article").count() == 3
            await theirs.fill(f"{card} textarea", "The archive was flooded.")
            await follow(theirs, f"{card} button[value=explain]")
            assert "The explanation was sent." in await theirs.locator("[role=status]").inner_text()

            page = await (await open_context(browser, DESKTOP)).new_page()
            await page.goto(f"{demo.stack.places.hub_url}/supervision?lang=zh-CN")
            await prove_in_browser(page, demo.stack, supervisor())
            await page.goto(f"{demo.stack.places.hub_url}/supervision?lang=zh-CN")
            assert "红牌" in await page.locator(card).inner_text()
            assert "The archive was flooded." in await page.locator(card).inner_text()
            await follow(page, f"{card} button[value=accept]")
            assert "已采纳" in await page.locator("[role=status]").inner_text()
            assert await page.locator(card).count() == 0
