"""Which addresses a registration may name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.addresses import AddressRefused, AddressRule
from connectors.connector import ConnectorFailure
from connectors.http_client import HttpClient
from connectors.http_message import HttpRequest
from schema.errors import RuntimeCode

STRICT = AddressRule()
BESIDE = AddressRule(allow_private_addresses=True)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://example.org/",
        "//example.org/",
        "http://user:secret@example.org/",
        "http://user@example.org/",
        "http:///path",
        "http://example.org:99999/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1%25eth0]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::1]/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://224.0.0.1/",
    ],
)
def test_some_urls_are_never_called(url: str) -> None:
    """No setting opens the way to metadata services, files or hidden credentials."""
    with pytest.raises(AddressRefused):
        BESIDE.check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/graphql",
        "http://localhost:8000/graphql",
        "http://api.localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://172.16.0.1/",
        "http://[fd12::1]/",
    ],
)
def test_private_urls_need_the_operators_word(url: str) -> None:
    """On one machine or one network they are wanted; from the outside they are an attack."""
    with pytest.raises(AddressRefused, match="allow_private_addresses"):
        STRICT.check_url(url)
    BESIDE.check_url(url)


def test_a_public_url_is_called() -> None:
    """The ordinary case."""
    STRICT.check_url("https://departments.example.org:8443/graphql?x=1")


@pytest.mark.parametrize("url", ["http://2130706433/", "http://0x7f.1/", "http://127.1/"])
async def test_other_spellings_of_loopback_are_refused_when_connecting(url: str) -> None:
    """What the resolver makes of a name is checked too, at the moment of connecting."""
    client = HttpClient()
    with pytest.raises(ConnectorFailure) as caught:
        await client.send(HttpRequest("GET", url), timedelta(seconds=2))
    await client.close()
    assert caught.value.code == RuntimeCode.DEPARTMENT_UNREACHABLE
    assert caught.value.never_sent or "canonical" in caught.value.detail
