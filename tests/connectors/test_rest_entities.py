"""How a virtual subgraph finds entities and completes objects."""

from __future__ import annotations

import json
from typing import Any

from tests.connectors.rest_service import Asked, service

BATCHED = """
type Enterprise @key(fields: "creditCode")
  @connect(source: "api", http: { POST: "/batch", body: "codes: $batch.creditCode" }, batch: { maxSize: 2 },
           selection: "$.found { creditCode: code name }") {
  creditCode: ID!
  name: String
}
type Query { first: Enterprise @connect(source: "api", http: { GET: "/first" }, selection: "creditCode: code") }
"""
NAMES = {"1": "一", "2": "二", "3": "三"}


def batch(asked: Asked) -> Any:
    """Answers in its own order, with numbers for codes, and without whom it does not know."""
    if asked.url.endswith("/first"):
        return {"code": 1}
    codes = [str(code) for code in json.loads(asked.body)["codes"]]
    return {"found": [{"code": int(code), "name": NAMES[code]} for code in reversed(codes) if code in NAMES]}


def enterprise(code: str) -> dict[str, Any]:
    return {"__typename": "Enterprise", "creditCode": code}


async def test_a_batch_is_matched_by_key_and_never_by_order() -> None:
    """The service may sort as it likes; what it does not know is null; equal keys are asked once."""
    async with service(BATCHED, batch) as api:
        response = await api.entities(
            "... on Enterprise { name }",
            *(enterprise(code) for code in ("3", "1", "9", "3")),
        )
        assert response.data == {"_entities": [{"name": "三"}, {"name": "一"}, None, {"name": "三"}]}
        assert sorted(api.lines) == ['POST /api/batch {"codes":["3","1"]}', 'POST /api/batch {"codes":["9"]}']


async def test_a_repeated_key_of_one_batch_is_served_each_time() -> None:
    """Two places in the answer may show the same enterprise."""
    async with service(BATCHED, batch) as api:
        response = await api.entities("... on Enterprise { name }", enterprise("1"), enterprise("1"))
        assert response.data == {"_entities": [{"name": "一"}, {"name": "一"}]}
        assert api.lines == ['POST /api/batch {"codes":["1"]}']


async def test_a_batch_answer_that_is_no_list_fails_the_lot() -> None:
    """Nothing can be matched in it."""
    async with service(BATCHED, lambda _: {"found": {"code": 1, "name": "x"}}) as api:
        response = await api.entities("... on Enterprise { name }", enterprise("1"), enterprise("2"))
        assert response.data == {"_entities": [None, None]}
        assert {error["extensions"]["code"] for error in response.errors} == {"DEPARTMENT_MALFORMED_ANSWER"}


async def test_an_entity_nobody_was_asked_about_is_dropped() -> None:
    """A hostile service cannot push other people's data in."""
    async with service(BATCHED, lambda _: {"found": [{"code": "2", "name": "x"}]}) as api:
        response = await api.entities("... on Enterprise { name }", enterprise("1"))
        assert response.data == {"_entities": [None]}


async def test_an_object_given_in_part_is_completed_by_its_key() -> None:
    """A mapping that knows only the key is enough."""
    async with service(BATCHED, batch) as api:
        response = await api.fetch("{ first { creditCode name } }")
        assert response.data == {"first": {"creditCode": "1", "name": "一"}}
        assert api.lines == ["GET /api/first", 'POST /api/batch {"codes":[1]}']


PERSON = """
type Citizen @key(fields: "idNumber") {
  idNumber: String!
  cards: [Card!]!
    @connect(source: "api", http: { POST: "/cards", body: "holder: $this.idNumber" },
             selection: "$.cards { number holder: { idNumber: $this.idNumber } kind: $args.kind }")
}
type Card { number: ID! holder: Citizen! kind: String }
"""


async def test_a_representation_stands_for_itself_where_fields_have_connectors() -> None:
    """The usual case of a department that knows a person only by number: no look-up of the person."""
    sdl = PERSON.replace(" kind: $args.kind", "").replace(" kind: String", "")
    async with service(sdl, lambda asked: {"cards": [{"number": json.loads(asked.body)["holder"] + "-1"}]}) as api:
        people = [{"__typename": "Citizen", "idNumber": number} for number in ("A", "B")]
        response = await api.entities("... on Citizen { idNumber cards { number holder { idNumber } } }", *people)
        assert response.data == {
            "_entities": [
                {"idNumber": "A", "cards": [{"number": "A-1", "holder": {"idNumber": "A"}}]},
                {"idNumber": "B", "cards": [{"number": "B-1", "holder": {"idNumber": "B"}}]},
            ]
        }
        assert sorted(api.lines) == ['POST /api/cards {"holder":"A"}', 'POST /api/cards {"holder":"B"}']


async def test_without_the_parents_key_nothing_is_asked() -> None:
    """A search with an empty holder could give everybody's cards."""
    sdl = PERSON.replace(" kind: $args.kind", "").replace(" kind: String", "")
    async with service(sdl, lambda _: {"cards": []}) as api:
        for key in ({}, {"idNumber": None}):
            response = await api.entities("... on Citizen { cards { number } }", {"__typename": "Citizen", **key})
            assert response.data == {"_entities": [None]}
            assert response.errors
        assert api.lines == []


REQUIRES = """
type Parcel @key(fields: "id") {
  id: ID!
  weight: Int @external
  fee: Int @requires(fields: "weight")
    @connect(source: "api", http: { GET: "/fee?id={$this.id}&weight={$this.weight}" }, selection: "$.fee")
}
"""


async def test_required_fields_come_with_the_representation() -> None:
    """@requires of another department's field feeds the request."""
    async with service(REQUIRES, lambda _: {"fee": 12}) as api:
        response = await api.entities("... on Parcel { fee }", {"__typename": "Parcel", "id": "1", "weight": 3})
        assert response.data == {"_entities": [{"fee": 12}]}
        assert api.lines == ["GET /api/fee?id=1&weight=3"]


BY_FIELD = '''
type Query {
  licence(issuer: ID!, number: ID!, verbose: Boolean = true): Licence
    @connect(source: "api", http: { GET: "/l/{$args.issuer}/{$args.number}?v={$args.verbose}" }, entity: true,
             selection: """
             issuer: $args.issuer
             number
             holder: owner->match(
               ['P', { __typename: 'Person', name: $.who }],
               [@, { __typename: 'Firm', code: $.who }]
             )
             """)
}
type Licence @key(fields: "issuer number") { issuer: ID! number: ID! holder: Holder }
union Holder = Person | Firm
type Person { name: String }
type Firm { code: String }
'''


async def test_a_root_field_finds_entities_by_a_composite_key() -> None:
    """entity: true, an argument's default, a union, and 404 as an ordinary null."""

    def answer(asked: Asked) -> Any:
        number = asked.url.partition("?")[0].rpartition("/")[2]
        return (
            (404, {}) if number == "9" else {"number": number, "owner": "PF"[int(number) % 2], "who": f"w{number}"}
        )

    async with service(BY_FIELD, answer) as api:
        selection = "... on Licence { number holder { ... on Person { name } ... on Firm { code } } }"
        licences = [{"__typename": "Licence", "issuer": "T", "number": number} for number in ("1", "2", "9")]
        response = await api.entities(selection, *licences)
        assert response.errors == ()
        assert response.data == {
            "_entities": [
                {"number": "1", "holder": {"code": "w1"}},
                {"number": "2", "holder": {"name": "w2"}},
                None,
            ]
        }
        assert sorted(api.lines) == [f"GET /api/l/T/{number}?v=true" for number in ("1", "2", "9")]


async def test_a_representation_without_a_known_type_is_refused_alone() -> None:
    """The others of the same request are answered."""
    async with service(BATCHED, batch) as api:
        response = await api.entities(
            "... on Enterprise { name }", enterprise("1"), {"__typename": "Query"}, {"creditCode": "1"}
        )
        assert response.data == {"_entities": [{"name": "一"}, None, None]}
        assert [error["extensions"]["code"] for error in response.errors] == ["BAD_USER_INPUT"] * 2


async def test_calls_of_one_request_are_bounded() -> None:
    """A long list does not become a flood."""
    async with service(BY_FIELD, lambda _: (404, {}), pause=0.01, parallel_calls=2) as api:
        licences = [{"__typename": "Licence", "issuer": "T", "number": str(n)} for n in range(9)]
        await api.entities("... on Licence { holder { ... on Person { name } } }", *licences)
        assert max(api.at_once) == 2
