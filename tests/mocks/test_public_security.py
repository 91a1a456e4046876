"""公安: a Federation subgraph, one-time codes, the mock phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.mocks.conftest import Start
from tests.mocks.stranger import Stranger

ID_NUMBER = "110102199003150026"
OPAQUE_ID = "4ryz6ortvxiy5evx3v7ixnygyu"
ENTITIES = """query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Citizen { id idNumber name maskedIdNumber gender birthDate address } } }"""
REQUEST = """mutation ($idNumber: String!) {
  publicSecurityRequestOneTimeCode(idNumber: $idNumber) { sent maskedPhone } }"""
VERIFY = """mutation ($idNumber: String!, $code: String!) {
  publicSecurityVerifyOneTimeCode(idNumber: $idNumber, code: $code) { id idNumber name } }"""

BEGIN = "mutation ($input: SubCaseOrder!) { publicSecurityReceiveSubCase(input: $input) { accepted reference } }"
UNDO = "mutation ($input: SubCaseUndoing!) { publicSecurityUndoSubCase(input: $input) { accepted reference } }"


@pytest.fixture(scope="module")
def police() -> Iterator[Stranger]:
    """One process for all tests here: a new code replaces the one before."""
    stranger = Stranger("public_security")
    yield stranger
    stranger.kill()


def verify(police: Stranger, code: str) -> Any:
    return police.graphql(VERIFY, idNumber=ID_NUMBER, code=code)["data"]["publicSecurityVerifyOneTimeCode"]


def code_on_the_phone(police: Stranger) -> str:
    code: str = police.get(f"/phone/{ID_NUMBER}").json["code"]
    return code


def command(police: Stranger, key: str, query: str, input: dict[str, Any]) -> dict[str, Any]:
    asked = {"query": query, "variables": {"input": input}}
    data: dict[str, Any] = police.ask("POST", "/graphql", asked, Idempotency_Key=key).json["data"]
    return data


def test_the_subgraph_describes_itself_as_federation_2_9(police: Stranger) -> None:
    """What registration reads."""
    sdl = police.graphql("{ _service { sdl } }")["data"]["_service"]["sdl"]
    assert '@link(url: "https://specs.apollo.dev/federation/v2.9"' in sdl
    assert 'type Citizen @key(fields: "id") @key(fields: "idNumber") {' in sdl
    assert "idNumber: String! @inaccessible" in sdl
    assert "publicSecurityVerifyOneTimeCode(idNumber: String!, code: String!): Citizen @inaccessible" in sdl


def test_a_household_registration_is_begun_once_and_undone_once(police: Stranger) -> None:
    """Its part of joint cases, told as a mutation; the same command again is answered as before."""
    order = {"receiptNumber": "JY-1", "subCase": "household", "itemCode": "JT-NEWBORN"}
    order |= {"applicantIdNumber": ID_NUMBER, "submittedAt": "2026-05-21T08:00:00Z"}
    receipts = [command(police, "a", BEGIN, order) for _ in range(2)]
    assert receipts == [{"publicSecurityReceiveSubCase": {"accepted": True, "reference": "HK-000001"}}] * 2
    undoing = {"receiptNumber": "JY-1", "subCase": "household"}
    for _ in range(2):
        assert command(police, "b", UNDO, undoing)["publicSecurityUndoSubCase"]["accepted"]
    (file,) = police.get("/__records").json["subCases"]
    assert (file["begun"], file["undone"], file["state"]) == (1, 1, "UNDONE")


def test_a_person_is_found_by_either_key_and_a_stranger_is_null(police: Stranger) -> None:
    """Both keys lead to one person; answers come in the order of the questions."""
    representations = [
        {"__typename": "Citizen", "id": OPAQUE_ID},
        {"__typename": "Citizen", "id": "nobody"},
        {"__typename": "Citizen", "idNumber": ID_NUMBER},
    ]
    by_id, nobody, by_number = police.graphql(ENTITIES, representations=representations)["data"]["_entities"]
    assert nobody is None
    assert by_id == by_number
    assert by_id == {
        "id": OPAQUE_ID,
        "idNumber": ID_NUMBER,
        "name": "易办成",
        "maskedIdNumber": "110102********0026",
        "gender": "FEMALE",
        "birthDate": "1990-03-15",
        "address": "集易示范区集贤街道8号",
    }


def test_a_code_signs_in_once(police: Stranger) -> None:
    """The code stands on the phone, is six digits, and is used up by its use."""
    request = police.graphql(REQUEST, idNumber=ID_NUMBER)["data"]["publicSecurityRequestOneTimeCode"]
    assert request == {"sent": True, "maskedPhone": "199****0001"}
    code = code_on_the_phone(police)
    assert len(code) == 6
    assert code.isdigit()
    assert verify(police, code) == {"id": OPAQUE_ID, "idNumber": ID_NUMBER, "name": "易办成"}
    assert verify(police, code) is None


def test_a_code_is_void_after_five_wrong_attempts(police: Stranger) -> None:
    """Six digits cannot be guessed through."""
    police.graphql(REQUEST, idNumber=ID_NUMBER)
    code = code_on_the_phone(police)
    for _ in range(5):
        assert verify(police, "x") is None
    assert verify(police, code) is None


def test_a_code_ends_with_its_time(start: Start) -> None:
    """Here at once, else after five minutes."""
    police = start("public_security", "--code-lifetime", "0")
    police.graphql(REQUEST, idNumber=ID_NUMBER)
    assert verify(police, code_on_the_phone(police)) is None


def test_an_unknown_number_gets_the_same_answer_and_no_code(police: Stranger) -> None:
    """Nobody can find out by asking who exists."""
    unknown = "110102199003150034"
    first = police.graphql(REQUEST, idNumber=unknown)["data"]["publicSecurityRequestOneTimeCode"]
    again = police.graphql(REQUEST, idNumber=unknown)["data"]["publicSecurityRequestOneTimeCode"]
    assert first == again
    assert first["sent"] is True
    assert first["maskedPhone"].startswith("199****")
    assert police.get(f"/phone/{unknown}").status == 404


def test_the_phone_is_a_page_for_people_too(police: Stranger) -> None:
    """The demo's visitors read the code there; the opaque id leads there as well."""
    police.graphql(REQUEST, idNumber=ID_NUMBER)
    page = police.get(f"/phone/{OPAQUE_ID}", Accept="text/html")
    assert "text/html" in page.headers["content-type"]
    assert code_on_the_phone(police) in page.text


def test_the_demo_residents_are_listed(police: Stranger) -> None:
    """For those who start the demo, with names and numbers to sign in with."""
    people = police.get("/__residents").json
    assert [person["name"] for person in people] == ["易办成", "甄示例", "季如意", "明知行"]
    assert people[0]["id"] == OPAQUE_ID
    assert len(police.get("/__residents?all=true").json) == 128


def test_a_person_signs_in_by_any_document_that_is_not_over(police: Stranger) -> None:
    """One resident has a passport too, one from Hong Kong a permit, one from abroad a card and two passports."""
    for number, first, name in (
        ("CHN-EJ0000017", ID_NUMBER, "易办成"),
        ("810000198809150044", "810000198809150044", "简顺心"),
        ("CHN-K00000018", "810000198809150044", "简顺心"),
        ("911826198204170028", "911826198204170028", "Anna Example"),
        ("GBR-990000105", "911826198204170028", "Anna Example"),
    ):
        police.graphql(REQUEST, idNumber=number)
        code = police.get(f"/phone/{number}").json["code"]
        person = police.graphql(VERIFY, idNumber=number, code=code)["data"]["publicSecurityVerifyOneTimeCode"]
        assert (person["idNumber"], person["name"]) == (first, name)
    before = police.get("/__records").json["codes"]
    police.graphql(REQUEST, idNumber="GBR-990000012")
    assert police.get("/__records").json["codes"] == before


def test_a_person_is_found_by_any_document_with_all_of_them(police: Stranger) -> None:
    """A passport that was renewed leads to its holder still, and says when it was over."""
    query = """query ($of: [_Any!]!) { _entities(representations: $of) {
      ... on Citizen { name registeredDocuments { idNumber validUntil } } } }"""
    of = [{"__typename": "Citizen", "idNumber": "GBR-990000012"}]
    (anna,) = police.graphql(query, of=of)["data"]["_entities"]
    assert anna == {
        "name": "Anna Example",
        "registeredDocuments": [
            {"idNumber": "911826198204170028", "validUntil": None},
            {"idNumber": "GBR-990000012", "validUntil": "2021-08-08"},
            {"idNumber": "GBR-990000105", "validUntil": "2031-08-08"},
        ],
    }
