"""Questions, materials, appointments and inspections on the pages, as a browser without scripts reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from aiohttp import FormData

from auth.csrf import FIELD
from hub.demo.browser import Browser, Page
from hub.demo.client import HubClient
from hub.demo.connectors import employ
from hub.demo.late import GRANT, supervisor
from hub.demo.residents import Resident, citizen, stranger
from hub.demo.sign_in import prove_identity
from hub.demo.stack import Stack
from schema.domain.receipt_number import SHANGHAI
from tests.acceptance.stacks import embedded_demo

pytestmark = [pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]
PDF = b"%PDF-1.7\n" + b"a page\n" * 1000
TEXT = "结婚登记要带什么？我的电话 13800000000"


async def _signed_in(client: HubClient, stack: Stack, person: Resident, path: str) -> tuple[Browser, Page]:
    browser = Browser(client)
    page = await browser.open(path)
    await prove_identity(browser, client, page, person, stack.places.url("public-security"), "never:")
    return browser, await browser.open(path)


async def _works_for_civil_affairs(stack: Stack, person: Resident) -> None:
    async with stack.client() as client:
        operator = await client.operator_token(stack.places.operator_secret)
        await employ(client, operator, "civil-affairs", person.id)
        await client.data(GRANT, {"citizen": person.id, "role": "handler"}, operator)
        await client.data(GRANT, {"citizen": supervisor().id, "role": "supervisor"}, operator)


@dataclass(frozen=True, slots=True)
class People:
    """A citizen and an officer of civil affairs, each with a browser of their own, signed in."""

    client: HubClient
    asker: Browser
    officer: Browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[People]:
    async with embedded_demo(tmp_path_factory.mktemp("small-cases")) as demo:
        await _works_for_civil_affairs(demo.stack, stranger())
        async with demo.stack.client() as mine, demo.stack.client() as theirs:
            asker, _ = await _signed_in(mine, demo.stack, citizen(), "/portal/enquiries/ask")
            officer, _ = await _signed_in(theirs, demo.stack, stranger(), "/officer/enquiries")
            yield People(mine, asker, officer)


async def test_a_question_is_looked_up_asked_answered_and_published_on_the_pages(people: People) -> None:
    """Articles 2, 7, 14: nobody sends before looking; what names somebody is not published; then it is found."""
    asker, officer = people.asker, people.officer
    page = await asker.open("/portal/enquiries/ask")
    assert 'value="send"' not in page.text
    said = {"subject": "婚姻登记", "text": TEXT, "kind": "CONSULTATION", "department": "civil-affairs"}
    looked = await asker.fill(page, {**said, "do": "look"})
    assert "没有相近的答复" in looked.text
    asked = await asker.fill(looked, {**said, "do": "send"})
    assert "待答复" in asked.text

    work = await officer.open("/officer/enquiries")
    path = work.text.split('<a href="/officer/enquiries/')[-1].split('"')[0]
    one = await officer.open(f"/officer/enquiries/{path}")
    assert "首问" in one.text
    taken = await officer.fill(one, {"do": "take"})
    answered = await officer.fill(taken, {"answer-answer": "带身份证和户口簿。", "do": "answer"})
    assert "匿名公开" in answered.text
    publication = {"publish-question": TEXT, "publish-answer": "带身份证。", "do": "publish"}
    refused = await officer.fill(answered, publication)
    assert (refused.status, "a telephone number" in refused.text) == (409, True)
    published = await officer.fill(refused, {**publication, "publish-question": "结婚登记要带什么？"})
    assert "已答复并公开" in published.text

    assert "结婚登记要带什么？" in (await asker.open("/knowledge?q=jiehun")).text
    seen = await asker.open(asked.url)
    assert "带身份证和户口簿。" in seen.text
    rated = await asker.fill(seen, {"stars": "5", "do": "rate"})
    assert "您已评价：5 星" in rated.text
    assert (await officer.open("/portal/enquiries?lang=en")).text.count("Nothing asked yet.") == 1


async def test_a_file_is_handed_in_found_when_filing_and_read_again(people: People) -> None:
    """Articles 5, 14: without scripts too; a page that calls itself a PDF is refused in words."""
    page = await people.asker.open("/portal/files?lang=zh-CN")
    token = page.form_with("file").fields[FIELD]

    async def send(name: str, content: bytes) -> str:
        form = FormData(quote_fields=False)
        form.add_field(FIELD, token)
        form.add_field("file", content, filename=name, content_type="application/pdf")
        async with people.client.session.post(f"{people.client.base_url}/portal/files", data=form) as answer:
            return await answer.text()

    assert "证明.pdf" in await send("证明.pdf", PDF)
    assert "未能接收" in await send("页面.pdf", b"<html><script>" + b" " * 5000)
    mine = await people.asker.open("/portal/files")
    path = mine.text.split('<a href="/portal/files/')[1].split('"')[0]
    async with people.client.session.get(f"{people.client.base_url}/portal/files/{path}") as read:
        assert (read.status, await read.read()) == (200, PDF)
        assert read.headers["Content-Disposition"].startswith("attachment;")
    filing = await people.asker.open("/portal/items/CA-EXPENSE-ASSISTANCE/file")
    assert f'<option value="file:{path}">证明.pdf</option>' in filing.text
    assert (await people.officer.open(f"/portal/files/{path}")).status == 404
    share = await people.asker.open("/portal/items/CA-MARRIAGE-CERTIFICATE/share?lang=zh-CN")
    shared = await people.asker.fill(share, {"consent": "true", "material": "ID"})
    assert "已获取" in shared.text
    assert "Citizen.name" in (await people.asker.open("/portal/files")).text


async def test_times_are_opened_booked_and_kept_on_the_pages(people: People) -> None:
    """Articles 13, 17: an officer opens times, a citizen books one, the officer notes who came."""
    tomorrow = (datetime.now(SHANGHAI) + timedelta(days=1)).date()
    while tomorrow.isoweekday() > 5:
        tomorrow += timedelta(days=1)
    where = f"/officer/appointments?place=110102-HALL&day={tomorrow}&lang=zh-CN"
    desk = await people.officer.open(where)
    opened = await people.officer.fill(desk, {"first": f"{tomorrow}", "last": f"{tomorrow}", "do": "open"})
    assert opened.status == 200
    free = await people.asker.open("/portal/appointments?place=110102-HALL&lang=zh-CN")
    slot = free.text.split('<select id="slot" name="slot"><option value="')[1].split('"')[0]
    booked = await people.asker.fill(free, {"slot": slot, "do": "book"})
    assert "已预约" in booked.text
    expected = await people.officer.open(where)
    booked_id = expected.text.split('id="appointment-')[1].split('"')[0]
    came = await people.officer.fill(expected, {"id": booked_id, "do": "came"})
    assert "已办" in came.text
    used = await people.asker.open("/portal/appointments?lang=zh-CN")
    await people.asker.fill(used, {"id": booked_id, "stars": "1", "do": "rate"})
    assert "待领办" in (await people.asker.open("/portal/follow-ups?lang=zh-CN")).text
    # Who noted the arrival had a part in it: a colleague follows it up.
    assert "没有待办" in (await people.officer.open("/officer/follow-ups?lang=zh-CN")).text
    assert (await people.asker.open("/officer/follow-ups")).status == 403


async def test_inspections_have_a_page_for_those_who_make_them(people: People) -> None:
    """Article 14: an order for no case of the department is refused; a citizen finds no page."""
    page = await people.officer.open("/officer/inspections?lang=zh-CN")
    wanted = {"case": "none", "way": "ON_SITE", "address": "北礼士路1号", "reason": "核实", "do": "order"}
    refused = await people.officer.fill(page, wanted)
    assert (refused.status, "You have no such case." in refused.text) == (409, True)
    assert (await people.asker.open("/officer/inspections")).status == 403


async def test_figures_are_for_everybody_and_open_data(people: People) -> None:
    """Articles 6, 22: without sign-in, satisfaction first; the same as CSV and JSON; a month to come is none."""
    page = await people.asker.open("/figures?lang=zh-CN")
    assert (page.status, "满意率" in page.text, "民政" in page.text) == (200, True, True)
    session, base = people.client.session, people.client.base_url
    async with session.get(f"{base}/figures.csv") as answer:
        table = (await answer.read()).decode("utf-8-sig")
    async with session.get(f"{base}/figures.json") as answer:
        told = await answer.json()
    assert table.splitlines()[0].startswith("department,name,nameEn,occasions,rated,notRated,satisfied")
    assert {each["department"] for each in told["departments"]} >= {"civil-affairs", "transport"}
    assert [(await people.asker.open(f"/figures?month={month}")).status for month in ("2999-01", "x")] == [
        404,
        404,
    ]


async def test_a_survey_is_published_answered_and_read_on_the_pages(people: People) -> None:
    """Articles 2, 7: an officer asks in plain lines; a citizen answers once; archives are not for either."""
    today = datetime.now(SHANGHAI).date()
    desk = await people.officer.open("/officer/surveys?lang=zh-CN")
    lines = "希望增开哪天？\n- 周六\n- 周日\n如何办理？\n* 网上\n* 窗口\n还有什么建议？"
    said = {
        "title": "窗口开放时间",
        "questions": lines,
        "opens": f"{today}",
        "closes": f"{today}",
        "do": "publish",
    }
    made = await people.officer.fill(desk, said)
    path = made.text.split('<a href="/surveys/')[1].split('"')[0]
    asked = await people.asker.open(f"/surveys/{path}?lang=zh-CN")
    empty = await people.asker.fill(asked, {"q-q3": "无"})
    sent = await people.asker.fill(asked, {"q-q1": "o2", "q-q2-o1": "o1", "q-q3": "无"})
    assert (empty.status, "已作答" in sent.text, "1 人已答" in sent.text) == (409, True, True)
    assert "征集中" in (await people.asker.open("/surveys?lang=zh-CN")).text
    refused = [await each.open("/officer/archives") for each in (people.asker, people.officer)]
    assert [each.status for each in refused] == [403, 403]


async def test_a_mandate_is_given_acted_under_and_ended_on_the_pages(people: People) -> None:
    """The agent files for the citizen and sees no more of theirs; a banner says for whom, until one goes back."""
    asker, agent = people.asker, people.officer
    page = await asker.open("/portal/mandates?lang=zh-CN")
    unfilled = await asker.fill(page, {"number": stranger().id_number, "name": stranger().name, "do": "grant"})
    assert (unfilled.status, "请填写代办人" in unfilled.text) == (409, True)
    last_day = (datetime.now(SHANGHAI) + timedelta(days=30)).date().isoformat()
    filled = {"HANDLE_CASES": "true", "items": "CA-MARRIAGE-RECORD", "until": last_day, "do": "grant"}
    passport = {"kind": "PASSPORT", "number": "E12345678", "name": stranger().name}
    nowhere = await asker.fill(unfilled, {**passport, **filled})
    assert (nowhere.status, "护照的签发国代码" in nowhere.text, "Enter who issued" in nowhere.text) == (
        409,
        True,
        False,
    )
    assert '<option value="PASSPORT" selected>' in nowhere.text
    given = await asker.fill(unfilled, filled)
    assert "已授权。" in given.text

    held = await agent.open("/portal/mandates?lang=zh-CN")
    token = held.form_with("mandate")
    acting = await agent.fill(held, {"mandate": token.fields["mandate"]})
    assert f"您正在代表{citizen().name}办理" in acting.text
    form = await agent.open("/portal/items/CA-MARRIAGE-RECORD/file")
    checked = await agent.fill(form, {"purpose": "loan", "copies": "1", "step": "check"})
    filed = await agent.fill(checked, {"step": "send"})
    number = filed.text.split('class="receipt"')[1].split(">")[1].split("<")[0]
    assert number in (await agent.open("/portal/cases")).text
    assert (await agent.open("/portal/licences")).status == 503
    back = await agent.fill(await agent.open("/portal"), {"mandate": ""})
    assert "您正在代表" not in back.text
    assert number not in (await agent.open("/portal/cases")).text
    assert number in (await asker.open("/portal/cases")).text

    ended = await asker.fill(await asker.open("/portal/mandates"), {"do": "end"})
    assert "授权已终止。" in ended.text
    assert "代表" + citizen().name not in (await agent.open("/portal/mandates")).text
