"""人社: a Strawberry subgraph that gathers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mocks.stranger import Stranger

CARDS = """query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Citizen { socialSecurityCardNumber licences {
    issuerCode number kind issuer { code } holder { __typename ... on Citizen { idNumber } } state } } } }"""


@pytest.fixture(scope="module")
def human_resources() -> Iterator[Stranger]:
    stranger = Stranger("human_resources")
    yield stranger
    stranger.kill()


def test_the_subgraph_links_federation_and_gather(human_resources: Stranger) -> None:
    """A stock library carries our directive, with its link and its definition."""
    sdl = human_resources.graphql("{ _service { sdl } }")["data"]["_service"]["sdl"]
    assert '@link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])' in sdl
    assert '@link(url: "https://specs.apollo.dev/federation/v2.9"' in sdl
    assert "directive @gather on FIELD_DEFINITION" in sdl
    assert "licences: [Licence!]! @gather" in sdl
    assert 'type Licence @key(fields: "issuerCode number") @shareable {' in sdl


def test_a_citizen_s_cards_are_a_part_of_the_list(human_resources: Stranger) -> None:
    """Known by the identity number; who is unknown has an empty part."""
    representations = [
        {"__typename": "Citizen", "idNumber": "110102199003150026"},
        {"__typename": "Citizen", "idNumber": "110102199003159999"},
    ]
    known, unknown = human_resources.graphql(CARDS, representations=representations)["data"]["_entities"]
    assert unknown == {"socialSecurityCardNumber": None, "licences": []}
    assert known == {
        "socialSecurityCardNumber": "A00000000",
        "licences": [
            {
                "issuerCode": "110102-RS",
                "number": "A00000000",
                "kind": "social-security-card",
                "issuer": {"code": "110102-RS"},
                "holder": {"__typename": "Citizen", "idNumber": "110102199003150026"},
                "state": "VALID",
            }
        ],
    }


def test_a_card_is_found_by_its_key(human_resources: Stranger) -> None:
    """Another issuer's licence is not found here."""
    query = """query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Licence { name nameEn } } }"""
    keys = [{"__typename": "Licence", "issuerCode": code, "number": "A00000000"} for code in ("110102-RS", "x")]
    assert human_resources.graphql(query, representations=keys)["data"]["_entities"] == [
        {"name": "社会保障卡", "nameEn": "Social security card"},
        None,
    ]
