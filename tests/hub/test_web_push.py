"""A notice goes to a browser's push service: encrypted for that browser, signed by the hub, gone with the browser.

Source: RFC 8030, 8291, 8292; docs/notices.md, "Gateways".
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from connectors.addresses import AddressRule
from connectors.http_client import HttpClient
from hub.keys.sealing import Sealer
from hub.notices.notice_proofs import NoticeProofs
from hub.notices.notice_resending import NoticeResending
from hub.notices.notice_services import NoticeServices, PushService
from hub.notices.web_push_message import to_base64url
from hub.people.auth_store import HubAuthStore
from hub.settings import Settings
from schema.domain.notice_preference import NoticeChannel
from schema.errors import DomainError, RuntimeCode
from tests.hub.notice_world import NoticeWorld
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, BO, World

SUBSCRIBE = """mutation Subscribe($input: WebPushSubscriptionInput!) {
  subscribeWebPush(input: $input) { id channel shown isConfirmed } }"""
MINE = "{ myNoticePreferences { webPushKey offered addresses { channel isConfirmed } } }"


@dataclass
class PushPlace:
    """A push service of a few words. ``status`` is what it answers."""

    status: int = 201
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@contextmanager
def push_place() -> Iterator[PushPlace]:
    place = PushPlace()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            place.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(place.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    place.url = f"http://127.0.0.1:{server.server_address[1]}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()


class ABrowser:
    """Keeps its private key, and reads what was encrypted for it (RFC 8291, section 3.4)."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self._secret = b"0123456789abcdef"

    def input(self) -> dict[str, str]:
        return {
            "endpoint": self.endpoint,
            "p256dh": to_base64url(self._point),
            "auth": to_base64url(self._secret),
        }

    def read(self, body: bytes) -> Any:
        salt, point, content = body[:16], body[21:86], body[86:]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        shared = self._key.exchange(ec.ECDH(), theirs)
        material = HKDF(hashes.SHA256(), 32, self._secret, b"WebPush: info\0" + self._point + point).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(material)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(material)
        return json.loads(AESGCM(key).decrypt(nonce, content, None).rstrip(b"\x02"))


@dataclass
class Scene:
    notices: NoticeWorld
    graph: Graph
    place: PushPlace
    browser: ABrowser


@pytest.fixture
async def scene(world: World) -> AsyncIterator[Scene]:
    notices = NoticeWorld(world)
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True), proxies={})
    push = PushService(world.database, Sealer(("k" * 32,)), world.clock, client, "mailto:hub@example.com")
    notices.sending = notices.worker({NoticeChannel.WEB_PUSH: push.gateways})
    services = NoticeServices(
        notices.preferences,
        notices.addresses,
        notices.sending,
        notices.receipts,
        NoticeProofs(world.database, world.clock, []),
        NoticeResending(world.database, world.clock, world.wakeups),
        push,
        client,
    )
    with push_place() as place:
        yield Scene(notices, Graph(world, notices=services), place, ABrowser(f"{place.url}/push/anna"))
    await client.close()


async def test_a_browser_is_told_and_nobody_on_the_way_reads_it(scene: Scene) -> None:
    """The push service has bytes; the browser has the text of the template, with the key as its tag."""
    assert (await scene.graph.ask(MINE))["myNoticePreferences"]["webPushKey"]
    added = (await scene.graph.ask(SUBSCRIBE, input=scene.browser.input()))["subscribeWebPush"]
    assert (added["shown"], added["isConfirmed"]) == ("127.0.0.1", True)
    await scene.notices.tell()
    await scene.notices.work()
    ((path, headers, body),) = scene.place.got
    row = await scene.notices.row()
    assert path == "/push/anna"
    assert (headers["content-encoding"], headers["ttl"], len(headers["topic"])) == ("aes128gcm", "259200", 32)
    assert headers["authorization"].startswith("vapid t=")
    assert "办件".encode() not in body
    told = scene.browser.read(body)
    assert told["body"] == "【一网通办】您的办件（尾号6789-4）有限期办理的通知，请尽快登录一网通办查看。"
    assert told["tag"] == f"{row.id}.1"
    assert (row.state, row.next_at) == ("HANDED_OVER", None)


async def test_a_browser_that_is_gone_ends_it(scene: Scene) -> None:
    """410: the subscription takes nothing any more."""
    await scene.graph.ask(SUBSCRIBE, input=scene.browser.input())
    scene.place.status = 410
    await scene.notices.tell()
    await scene.notices.work()
    assert (await scene.notices.row()).state == "FAILED"


async def test_a_browser_tells_one_person_and_a_person_has_five(scene: Scene) -> None:
    """Whoever subscribes in it last; the oldest browser goes."""
    await scene.graph.ask(SUBSCRIBE, input=scene.browser.input())
    await scene.graph.ask(SUBSCRIBE, input=scene.browser.input())
    assert len((await scene.graph.ask(MINE))["myNoticePreferences"]["addresses"]) == 1
    await scene.graph.ask(SUBSCRIBE, BO, input=scene.browser.input())
    assert (await scene.graph.ask(MINE))["myNoticePreferences"]["addresses"] == []
    for number in range(7):
        scene.notices.world.clock.move(seconds=1)
        await scene.graph.ask(SUBSCRIBE, ANNA, input=ABrowser(f"{scene.place.url}/push/{number}").input())
    assert len((await scene.graph.ask(MINE))["myNoticePreferences"]["addresses"]) == 5


@pytest.mark.parametrize(
    "endpoint",
    ["http://10.0.0.1/push", "http://push.example.net/push", "ftp://x", "nonsense", f"https://a.cn/{'x' * 2048}"],
)
async def test_an_endpoint_is_called_by_the_rule_for_addresses(scene: Scene, world: World, endpoint: str) -> None:
    """A browser says it, so it is nothing private, and https."""
    push = PushService(world.database, Sealer(), world.clock, HttpClient(proxies={}), "mailto:hub@example.com")
    given = scene.browser.input()
    with pytest.raises(DomainError) as refused:
        push.subscription(endpoint, given["p256dh"], given["auth"])
    assert refused.value.code is RuntimeCode.BAD_USER_INPUT


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
async def test_s17_what_connectors_may_call_is_no_leave_for_browsers(scene: Scene, world: World) -> None:
    """Departments in private networks are the rule, and any citizen can name an endpoint: only hosts that the
    operator named as push services are called there."""
    settings = Settings(
        allow_private_addresses=True, web_push_contact="mailto:hub@example.com", web_push_hosts=("10.7.0.0/16",)
    )
    services = NoticeServices.over(
        settings,
        "http://hub",
        world.database,
        world.clock,
        world.wakeups,
        Sealer(),
        HubAuthStore(world.database),
    )
    given = scene.browser.input()
    for endpoint in ("https://127.0.0.1:2375/x", "https://10.8.0.1/push", "https://localhost/push"):
        with pytest.raises(DomainError, match="web_push_hosts"):
            services.push.subscription(endpoint, given["p256dh"], given["auth"])
    assert services.push.subscription("https://10.7.0.1/push", given["p256dh"], given["auth"])
    await services.close()
