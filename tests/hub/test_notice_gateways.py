"""Switch-over, proofs and losses with real gateways: processes that are down, slow, forgetful, silent or forging.

Source: domain.md, 9.10; docs/notices.md, "Gateways".
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.addresses import AddressRule
from connectors.http_client import HttpClient
from hub.doors.signed_callback import BadCallback
from hub.notices.http_notice_gateway import HttpNoticeGateway, read_state
from hub.notices.mail_notice_gateway import MailNoticeGateway
from hub.notices.mail_server import MailServer
from hub.notices.notice_gateway import OutgoingNotice
from hub.notices.notice_receipts import NoticeReceipts
from schema.domain.notice_delivery import News
from schema.domain.notice_preference import NoticeChannel, NoticePreferences
from tests.hub.notice_world import SECRET, NoticeWorld
from tests.hub.world import ANNA, World
from tests.mocks.conftest import receive, start
from tests.mocks.stranger import Receiver, Stranger, wait_for

__all__ = ["receive", "start"]
MESSAGE = OutgoingNotice("d.1", "name@example.com", "subject", "text", "http://hub/portal/notices")


class Place:
    """Anna's SMS go over two real gateways, whose receipts are kept until they are let in."""

    def __init__(self, notices: NoticeWorld, process: Stranger, hub: Receiver, client: HttpClient) -> None:
        self.notices, self.process, self.hub = notices, process, hub
        self.gateways = tuple(
            HttpNoticeGateway(name, f"{process.url}/{name}", hub.url, client) for name in ("sms-1", "sms-2")
        )
        notices.sending = notices.worker({NoticeChannel.SMS: self.gateways})

    def mood(self, gateway: str, **mood: Any) -> None:
        assert self.process.post(f"/{gateway}/__mood", mood).status == 200

    def messages(self) -> list[tuple[str, str, str]]:
        found = self.process.get("/__records").json["messages"]
        return [(each["gateway"], each["key"].rpartition(".")[2], each["state"]) for each in found]

    async def let_in(self, gateway: str, number: int) -> list[str]:
        """The receipts that came: what became of each."""
        wait_for(lambda: len(self.hub.accepted) >= number)
        receipts: NoticeReceipts = self.notices.receipts
        results = []
        for told in self.hub.accepted:
            try:
                await receipts.take(gateway, told.headers.get("Jiyi-Signature"), told.body.encode())
            except BadCallback as error:
                results.append(error.fault.value)
            else:
                results.append("noted")
        return sorted(results)


@pytest.fixture
async def place(
    world: World, start: Callable[..., Stranger], receive: Callable[..., Receiver]
) -> AsyncIterator[Place]:
    notices = NoticeWorld(world)
    await notices.confirmed()
    # Receipts are signed by the true clock; at whatever hour the test runs.
    world.clock.moment = datetime.now(UTC)
    await notices.preferences.set(ANNA, NoticePreferences(quiet=None))
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True), proxies={})
    yield Place(notices, start("messengers", MESSENGER_SECRET=SECRET), receive(), client)
    await client.close()


async def test_a_receipt_proves_the_delivery(place: Place) -> None:
    """Twice told, once noted; a forged one beside them is refused."""
    place.mood("sms-1", forged=True)
    await place.notices.tell()
    await place.notices.work()
    assert (await place.notices.row()).state == "HANDED_OVER"
    assert await place.let_in("sms-1", 3) == ["FORGED", "noted", "noted"]
    row = await place.notices.row()
    assert (row.state, row.gateway) == ("DELIVERED", "sms-1")
    assert row.delivered_at is not None


async def test_no_receipt_is_asked_for_a_code(place: Place) -> None:
    """It is no delivery of a notice: the hub would know nothing of it, and the gateway would tell it for ever."""
    code = OutgoingNotice("a.code", "13800138000", "", "code", "http://hub", wants_receipt=False)
    await place.gateways[0].send(code)
    await place.gateways[0].send(replace(MESSAGE, address="13800138000"))
    wait_for(lambda: len(place.hub.accepted) >= 2)
    assert {json.loads(told.body)["key"] for told in place.hub.accepted} == {MESSAGE.key}
    assert [state for _, _, state in place.messages()] == ["delivered", "delivered"]


async def test_the_second_gateway_takes_over_while_the_first_is_down(place: Place) -> None:
    """And gives back once the first has rested and is well."""
    place.mood("sms-1", down=True)
    await place.notices.tell("a")
    await place.notices.work()
    assert place.messages() == [("sms-2", "1", "delivered")]
    place.process.ask("DELETE", "/sms-1/__mood")
    place.notices.world.clock.move(seconds=20)
    await place.notices.tell("b")
    await place.notices.work()
    assert [gateway for gateway, _, _ in place.messages()] == ["sms-2", "sms-1"]


async def test_a_process_that_is_gone_is_as_good_as_down(place: Place, start: Callable[..., Stranger]) -> None:
    """Nothing listens there any more: it was never sent, so the other one has it at once."""
    gone = start("messengers", MESSENGER_SECRET=SECRET)
    gone.kill()
    first = HttpNoticeGateway("sms-1", gone.url, "", place.gateways[0].client)
    place.notices.sending = place.notices.worker({NoticeChannel.SMS: (first, place.gateways[1])})
    await place.notices.tell()
    await place.notices.work()
    assert place.messages() == [("sms-2", "1", "delivered")]
    assert not (await place.notices.row()).may_be_double


async def test_what_a_gateway_loses_goes_out_by_the_other(place: Place) -> None:
    """Taken, forgotten, asked about: it goes again, under the next round's key."""
    place.mood("sms-1", loses=True)
    await place.notices.tell()
    await place.notices.work()
    place.notices.world.clock.move(minutes=3)
    await place.notices.work()
    assert place.messages() == [("sms-2", "2", "delivered")]


async def test_a_silent_gateway_is_asked(place: Place) -> None:
    """No receipt comes; its answer is the proof."""
    place.mood("sms-1", copies=0)
    await place.notices.tell()
    await place.notices.work()
    place.notices.world.clock.move(minutes=3)
    await place.notices.work()
    assert (await place.notices.row()).state == "DELIVERED"


async def test_an_address_that_takes_nothing_ends_it(place: Place) -> None:
    """No other gateway would do better."""
    place.mood("sms-1", refuses=True)
    await place.notices.tell()
    await place.notices.work()
    assert ((await place.notices.row()).state, place.messages()) == ("FAILED", [])


async def test_a_late_answer_makes_no_second_message(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given again under its key to the gateway that had it, and arrives once."""
    monkeypatch.setattr("hub.notices.http_notice_gateway.TIMEOUT", timedelta(milliseconds=500))
    place.mood("sms-1", slowSeconds=3)
    await place.notices.tell()
    await place.notices.work()
    assert (await place.notices.row()).state == "WAITING"
    place.process.ask("DELETE", "/sms-1/__mood")
    monkeypatch.undo()
    place.notices.world.clock.move(minutes=1)
    await place.notices.work()
    assert (await place.notices.row()).state == "HANDED_OVER"
    assert place.messages() == [("sms-1", "1", "delivered")]


class MailTaker:
    """A mail server of a few words, which refuses receivers or breaks off when it is told to."""

    def __init__(self, refuses: str = "", breaks_off: bool = False) -> None:
        self.refuses, self.breaks_off = refuses, breaks_off
        self.mails: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, connection.makefile("rwb", buffering=0) as stream:
            stream.write(b"220 mail\r\n")
            while line := stream.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    stream.write(b"354 go\r\n")
                    lines = []
                    while (text := stream.readline()) not in {b".\r\n", b""}:
                        lines.append(text.decode())
                    self.mails.append("".join(lines))
                    if self.breaks_off:
                        return
                if verb == b"QUIT":
                    stream.write(b"500 as rude as some are\r\n")
                    return
                refused = verb == b"RCPT" and self.refuses
                stream.write(f"{self.refuses or '250 fine'}\r\n".encode() if refused else b"250 fine\r\n")


@pytest.mark.parametrize(
    ("refuses", "breaks_off", "news", "mails"),
    [
        ("", False, News.TAKEN_WITHOUT_PROOF, 1),
        ("550 nobody", False, News.REFUSED, 0),
        ("451 later", False, News.NOT_TAKEN, 0),
        ("", True, News.UNCERTAIN, 1),
    ],
)
async def test_a_mail_server(refuses: str, breaks_off: bool, news: News, mails: int) -> None:
    """What it says means what RFC 5321 says; a connection that ends after the mail says nothing."""
    taker = MailTaker(refuses, breaks_off)
    answer = await MailNoticeGateway("email-1", MailServer(taker.url), "hub@example.com").send(MESSAGE)
    assert (answer.news, len(taker.mails)) == (news, mails)
    for mail in taker.mails:
        assert "Message-ID: <d.1@jiyi.invalid>" in mail
        assert "To: name@example.com" in mail


async def test_a_mail_server_that_is_not_there() -> None:
    """It certainly took nothing."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"smtp://127.0.0.1:{closed.getsockname()[1]}"
    answer = await MailNoticeGateway("email-1", MailServer(url), "hub@example.com").send(MESSAGE)
    assert answer.news is News.NOT_TAKEN


@pytest.mark.parametrize(
    ("why", "kept"),
    [
        ("no such number 13800138000", "no such number ***"),
        ("+86 138-0013-8000 is off", "*** is off"),
        ("<name@example.com> unknown", "*** unknown"),
        ("error 4021", "error 4021"),
    ],
)
def test_what_a_gateway_says_names_nobody(why: str, kept: str) -> None:
    """Operators read it, and the log has it."""
    assert read_state({"state": "failed", "why": why}).why == kept
