"""交通: licences by holder and by number, in the department's own words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mocks.conftest import Start
from tests.mocks.stranger import Stranger

ID_NUMBER = "110102199003150026"


@pytest.fixture(scope="module")
def transport() -> Iterator[Stranger]:
    stranger = Stranger("transport")
    yield stranger
    stranger.kill()


def test_a_holder_s_licences_are_found(transport: Stranger) -> None:
    """Driving licence and vehicle, sorted by number."""
    answer = transport.post("/licences/search", {"holder": ID_NUMBER}).json
    assert answer["total"] == 2
    assert [(found["no"], found["type"]) for found in answer["results"]] == [
        ("110100000000", "driving-licence"),
        ("JYA00000", "vehicle-licence"),
    ]
    assert answer["results"][0]["owner"] == {"kind": "Citizen", "idNumber": ID_NUMBER}
    assert answer["results"][0]["title"] == {"zh": "机动车驾驶证", "en": "Driving licence"}


def test_an_enterprise_holds_vehicles_too(transport: Stranger) -> None:
    """So a holder is a citizen or an enterprise."""
    records = transport.get("/__records").json["licences"]
    code = next(shown["owner"]["creditCode"] for shown in records if shown["owner"]["kind"] == "Enterprise")
    (van,) = transport.post("/licences/search", {"holder": code}).json["results"]
    assert (van["type"], van["owner"]) == ("vehicle-licence", {"kind": "Enterprise", "creditCode": code})


def test_an_unknown_person_has_no_licences(transport: Stranger) -> None:
    """That is an answer, not an error."""
    answer = transport.post("/licences/search", {"holder": "110102199003159999"})
    assert (answer.status, answer.json) == (200, {"total": 0, "results": []})


def test_a_licence_is_found_by_issuer_and_number(transport: Stranger) -> None:
    """The licence's key; another issuer's number is not found here."""
    assert transport.get("/licences/110102-JT/JYA00000").json["no"] == "JYA00000"
    assert transport.get("/licences/110102-SJ/JYA00000").status == 404
    assert transport.get("/licences/110102-JT/JYA99999").json["error"]["code"] == "NOT_FOUND"


def test_a_search_without_holder_is_refused(transport: Stranger) -> None:
    """With a word on what is missing."""
    answer = transport.post("/licences/search", {})
    assert (answer.status, answer.json["error"]["message"]) == (400, '"holder" is missing or not text.')


def test_the_same_licences_after_a_restart_and_elsewhere(
    start: Start, transport: Stranger, tmp_path: Path
) -> None:
    """From the file or anew from the seed: numbers stay."""
    start("transport", "--state", str(tmp_path)).stop()
    restarted = start("transport", "--state", str(tmp_path))
    assert restarted.get("/__records").json == transport.get("/__records").json
