"""One item in real browsers: saved as a draft, filed, sent back, supplemented, and decided by an officer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page
from typer.testing import CliRunner

from hub.cli.commands import app
from hub.demo.client import HubClient
from hub.demo.connectors import employ
from hub.demo.residents import citizen, residents, stranger
from hub.demo.sign_in import COMMAND_LINE, sign_in_app, sign_in_tv
from hub.demo.stack import Stack
from tests.acceptance.stacks import embedded_demo
from tests.portal.people import DESKTOP, PHONE, chromium, follow, open_context, prove_identity, sign_in
from tests.schema.domain.test_catalogue_lint import RIGHT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]

ITEM = "CA-EXPENSE-ASSISTANCE"
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
GRANT = "mutation G($citizen: ID!, $role: String!) { grantRole(citizen: $citizen, role: $role) }"


@dataclass(frozen=True, slots=True)
class Office:
    """The running demo, a browser, and an officer of civil affairs beside the citizen."""

    stack: Stack
    browser: Browser

    @property
    def base(self) -> str:
        return self.stack.places.hub_url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    directory: Path = tmp_path_factory.mktemp("officers")
    async with embedded_demo(directory) as demo, chromium() as browser:
        async with HubClient(demo.stack.places.hub_url) as client:
            token = await client.operator_token(demo.stack.places.operator_secret)
            await employ(client, token, "civil-affairs", stranger().id)
            await client.data(GRANT, {"citizen": stranger().id, "role": "handler"}, token)
        yield Office(demo.stack, browser)


async def _fill(page: Page) -> None:
    await page.select_option("#reason", "illness")
    await page.fill("#household", "3")
    await page.fill("#telephone", "13800000000")


async def test_an_item_is_filed_sent_back_supplemented_and_decided(office: Office) -> None:
    """The applicant and the officer each see what the other did; both pages pass axe on a phone's width."""
    applicant = await (await open_context(office.browser, DESKTOP, bypass_csp=True)).new_page()
    await sign_in(applicant, office.stack, citizen())
    await applicant.goto(f"{office.base}/portal/items/{ITEM}/file?lang=zh-CN")
    await applicant.select_option("#reason", "illness")
    await applicant.fill("#material-income", "file-1")
    await applicant.click("button[value=save]")
    await applicant.wait_for_url("**saved=1")
    assert await applicant.input_value("#material-income") == "file-1"
    await _fill(applicant)
    await applicant.click("button[value=check]")
    await applicant.click("button[value=send]")
    await applicant.wait_for_url("**/filed")
    case = applicant.url.removesuffix("/filed")
    await applicant.goto(f"{office.base}/portal/items/{ITEM}/file")
    assert "您已有一件同样的申请在办" in await applicant.content()

    officer = await (await open_context(office.browser, PHONE, bypass_csp=True)).new_page()
    await officer.goto(f"{office.base}/officer?lang=zh-CN")
    await prove_identity(officer, office.stack, stranger())
    await officer.wait_for_url("**/officer**")
    await follow(officer, "tbody a")
    await officer.fill("#material-income", "请提供全体家庭成员的证明")
    await officer.fill("#notice-reason", "材料不全")
    await officer.fill("#notice-answerBy", "2030-01-01")
    await officer.click("button[value=REQUEST_SUPPLEMENT]")
    await officer.wait_for_selector(".tag:has-text('待补正')")

    await applicant.goto(case)
    assert "请提供全体家庭成员的证明" in await applicant.content()
    await follow(applicant, "text=补正材料")
    await applicant.fill("#material-income", "file-2")
    await applicant.click("button.main")
    await applicant.wait_for_url(case)

    await officer.reload()
    for deed, state in (("ACCEPT", "已受理"), ("START_REVIEW", "审核中"), ("APPROVE", "已办结")):
        if deed == "APPROVE":
            await officer.click("summary:has-text('予以批准')")
        await officer.click(f"button[value={deed}]")
        await officer.wait_for_selector(f".tag:has-text('{state}')")
    await applicant.goto(case)
    assert "已办结" in await applicant.inner_text("#case")
    found = []
    lists = [(officer, f"{office.base}/officer{path}") for path in ("", "/follow-ups", "/surveys")]
    for page, path in ((applicant, case), *lists, (officer, officer.url)):
        await page.goto(path)
        found += [f"{path}: {each['id']}" for each in (await Axe().run(page)).response["violations"]]
        found += [f"{path}: too wide"] if await page.evaluate(TOO_WIDE) else []
    assert found == []


NEW_ITEM: dict[str, Any] = {
    **RIGHT,
    "code": "JX-BALCONY",
    "name": "阳台封闭备案",
    "name_en": "Record of an enclosed balcony",
    "fees": [],
    "steps": RIGHT["steps"][:2],
    "materials": [],
    "form": {
        "type": "object",
        "required": ["owner", "telephone"],
        "properties": {
            "owner": {
                "type": "string",
                "title": "产权人",
                "title_en": "Owner",
                "enum": ["person", "company"],
                "enum_titles": ["个人", "企业"],
                "enum_titles_en": ["A person", "A company"],
            },
            "code": {"type": "string", "title": "信用代码", "title_en": "Credit code", "format": "cn-credit-code"},
            "telephone": {"type": "string", "title": "电话", "title_en": "Telephone", "format": "cn-telephone"},
        },
        "if": {"required": ["owner"], "properties": {"owner": {"const": "company"}}},
        "then": {"required": ["code"]},
    },
}
PROBLEMS = """query P($form: JSON!) { serviceItem(code: "JX-BALCONY") {
  version formProblems(form: $form) { path rule text textEn } } }"""
FILE = """mutation F($number: String!, $input: SubmitCaseInput!) {
  fileForApplicant(applicantIdNumber: $number, input: $input) { isFiledByOfficer } }"""
SUBMIT = """mutation S($input: SubmitCaseInput!) { submitCase(input: $input) { id item { code } } }"""


async def test_a_new_item_with_a_form_goes_live_by_data_alone(office: Office, tmp_path: Path) -> None:
    """From a file through both offices into the running hub; filed through the public graph and in a browser,
    where its form's formats and conditions are told field by field, in the reader's language."""
    file, places = tmp_path / "item.json", office.stack.places
    file.write_text(json.dumps(NEW_ITEM), encoding="utf-8")
    async with HubClient(office.base) as client, HubClient(office.base) as line:
        operator = await client.operator_token(places.operator_secret)
        await client.data(GRANT, {"citizen": stranger().id, "role": "legal-reviewer"}, operator)
        phone = places.url("public-security")
        reviewer = (await sign_in_tv(line, client, stranger(), phone, COMMAND_LINE)).access_token

        async def item(token: str, *arguments: str) -> str:
            environment = {"JIYI_HUB": office.base, "JIYI_TOKEN": token}
            command = ["item", *arguments, "--reason", "asked for by residents"]
            ran = await asyncio.to_thread(CliRunner().invoke, app, command, env=environment)
            assert ran.exit_code == 0, ran.stderr
            return ran.stdout.strip()

        proposal = await item(operator, "propose", str(file))
        await item(reviewer, "review", proposal, "--approve")
        await item(operator, "admit", proposal)

        asked = await client.data(PROBLEMS, {"form": {"owner": "company", "telephone": "1"}})
        assert asked["serviceItem"]["version"] == 1
        wrong = asked["serviceItem"]["formProblems"]
        assert [(each["path"], each["rule"]) for each in wrong] == [
            ("form.telephone", "format"),
            ("form.code", "required"),
        ]
        citizens = (await sign_in_app(line, citizen(), phone)).access_token
        form = {"owner": "person", "telephone": "010-66001234"}
        refused = await client.graphql(SUBMIT, {"input": {"itemCode": "JX-BALCONY", "form": {}}}, citizens)
        told = refused["errors"][0]["extensions"]
        assert told["code"] == "BAD_USER_INPUT"
        assert [each["textEn"] for each in told["problems"]] == [
            "Owner: is missing. Fill it in.",
            "Telephone: is missing. Fill it in.",
        ]
        filed = await client.data(SUBMIT, {"input": {"itemCode": "JX-BALCONY", "form": form}}, citizens)
        assert filed["submitCase"]["item"]["code"] == "JX-BALCONY"

        await client.data(GRANT, {"citizen": stranger().id, "role": "officer"}, operator)
        async with HubClient(office.base) as again:
            window = (await sign_in_tv(again, client, stranger(), phone, COMMAND_LINE)).access_token
        given = {"itemCode": "JX-BALCONY", "form": form, "channel": "WINDOW"}
        never_here = residents()[-1]
        walk_in = {"number": never_here.id_number, "input": given}
        assert (await client.data(FILE, walk_in, window))["fileForApplicant"]["isFiledByOfficer"]
        nobody = await client.graphql(FILE, {**walk_in, "number": "110105194912310021"}, window)
        assert nobody["errors"][0]["extensions"]["code"] == "NOT_FOUND"

    page = await (await open_context(office.browser, PHONE, bypass_csp=True)).new_page()
    await sign_in(page, office.stack, citizen())
    await page.goto(f"{office.base}/portal/items/JX-BALCONY/file?lang=zh-CN")
    await page.select_option("#owner", "company")
    await page.fill("#telephone", "6600")
    await follow(page, "button[value=check]")
    assert await page.locator(".summary li").all_inner_texts() == [
        "电话：请填写手机号码，或带区号的固定电话，如 010-66001234。",
        "信用代码：请填写。",
    ]
    assert (await Axe().run(page)).response["violations"] == []
    await page.fill("#telephone", "138 0013 8000")
    await page.fill("#code", "91350100M000100Y43")
    await page.click("button[value=check]")
    await page.click("button[value=send]")
    await page.wait_for_url("**/filed")


async def test_a_guide_says_all_and_what_it_means_for_me(office: Office) -> None:
    """Made of the catalogue: search, life event, guide, place; with the star standard apart from the ratings.
    Whoever is signed in reads which conditions they meet and what they need not hand in, from which source."""
    page = await (await open_context(office.browser, PHONE, bypass_csp=True)).new_page()
    found: list[str] = []

    async def read(path: str) -> str:
        await page.goto(f"{office.base}{path}")
        found.extend(f"{path}: {each['id']}" for each in (await Axe().run(page)).response["violations"])
        return await page.inner_text("main")

    assert "出生" in await read("/?event=birth&lang=zh-CN")
    guide = await read("/portal/items/CA-EXPENSE-ASSISTANCE?lang=en")
    for part in (
        "Who may apply",
        "Steps",
        "Legal basis",
        "Ways to file",
        "Places",
        "of 5 stars",
        "No visit needed",
    ):
        assert part in guide
    assert "For you" not in guide
    assert "Secret; not taken at the one front door." in await read("/portal/items/PS-SECRET?lang=en")
    assert not await page.locator("a.main:has-text('Apply online')").count()
    assert "Service hall" in await read("/portal/places?lang=en")
    hall = await read("/portal/places/110102-HALL?lang=en")
    assert "extended hours" in hall
    assert "1 Shifan Road" in hall
    await sign_in(page, office.stack, citizen())
    mine = await read("/portal/items/CA-MARRIAGE-RECORD?lang=en")
    assert "For you" in mine
    assert "Replaced by shared data" in mine
    assert "source: Identity register" in await read("/portal/items/CA-SENIOR-CARD?lang=en")
    assert found == []


async def test_the_work_list_is_closed_to_citizens(office: Office) -> None:
    """The page says so clearly, and an unknown case is none."""
    page = await (await open_context(office.browser, DESKTOP)).new_page()
    await sign_in(page, office.stack, citizen())
    answer = await page.goto(f"{office.base}/officer")
    assert answer is not None
    assert answer.status == 403
