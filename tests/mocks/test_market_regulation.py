"""市场监管: enterprises by representative, business licences of either kind of holder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mocks.stranger import Stranger

ID_NUMBER = "110102199003150026"


@pytest.fixture(scope="module")
def market() -> Iterator[Stranger]:
    stranger = Stranger("market_regulation")
    yield stranger
    stranger.kill()


def test_a_representative_leads_to_the_enterprise_and_its_licence(market: Stranger) -> None:
    """A person's licences here are those of their enterprises; the holder stays the enterprise."""
    (enterprise,) = market.post("/enterprises/search", {"legalRepresentative": ID_NUMBER}).json["enterprises"]
    assert enterprise["name"] == "集易易办成文化传播有限公司"
    assert enterprise["legalRepresentative"] == {"idNumber": ID_NUMBER}
    (licence,) = market.post("/licences/search", {"holder": ID_NUMBER}).json["licences"]
    assert licence["kind"] == "business-licence"
    assert licence["holder"] == {"type": "Enterprise", "creditCode": enterprise["creditCode"]}
    by_code = market.post("/licences/search", {"holder": enterprise["creditCode"]}).json["licences"]
    assert by_code == [licence]
    assert market.get(f"/licences/110102-SJ/{licence['number']}").json == licence


def test_a_batch_leaves_out_what_is_unknown(market: Stranger) -> None:
    """The asker matches by key, not by order."""
    codes = [enterprise["creditCode"] for enterprise in market.get("/__records").json["enterprises"]]
    found = market.post("/enterprises/batch", {"creditCodes": [codes[2], "unknown", codes[0]]}).json["enterprises"]
    assert [enterprise["creditCode"] for enterprise in found] == [codes[2], codes[0]]
    assert market.post("/enterprises/batch", {"creditCodes": codes * 3}).json["error"]["code"] == "WRONG_BATCH"
    assert market.get(f"/enterprises/{codes[1]}").json["creditCode"] == codes[1]
    assert market.get("/enterprises/unknown").status == 404


def test_an_unknown_person_has_nothing(market: Stranger) -> None:
    """Empty lists, no error."""
    assert market.post("/enterprises/search", {"legalRepresentative": "x"}).json == {"enterprises": []}
    assert market.post("/licences/search", {"holder": "x"}).json == {"licences": []}


def test_a_closed_enterprise_has_its_licence_revoked(market: Stranger) -> None:
    """Not every licence in the graph is valid."""
    records = market.get("/__records").json
    closed = {shown["creditCode"] for shown in records["enterprises"] if shown["status"] == "CLOSED"}
    revoked = {shown["holder"]["creditCode"] for shown in records["licences"] if shown["state"] == "REVOKED"}
    assert closed
    assert closed == revoked
