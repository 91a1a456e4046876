"""``@requires`` with everything else: implementations, moved fields, chained keys, lists of one type."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

TOURS = Strangers(
    {
        "a": Service(
            """
            type Query { stops: [Stop!]! first: Stop @shareable }
            interface Stop { id: ID! guide: Guide }
            type Inn implements Stop @key(fields: "id") { id: ID! guide: Guide beds: Int @shareable }
            type Pass implements Stop @key(fields: "id") { id: ID! guide: Guide height: Int! }
            type Guide @key(fields: "lic { no state }") { lic: Lic! }
            type Lic { no: Int! @shareable state: String! @shareable }
            """,
            {"stops": [to("Inn", id="i"), to("Pass", id="p"), to("Inn", id="j")], "first": to("Pass", id="p")},
            {
                "Inn": [
                    {"id": "i", "guide": to("Guide", lic={"no": 1, "state": "T"}), "beds": 4},
                    {"id": "j", "guide": None, "beds": 0},
                ],
                "Pass": [{"id": "p", "guide": to("Guide", lic={"no": 1, "state": "T"}), "height": 2000}],
            },
        ),
        "b": Service(
            """
            type Query { first: Stop @shareable }
            interface Stop { id: ID! beds: Int score(w: Int = 1): Float }
            type Inn implements Stop @key(fields: "id") {
              id: ID! beds: Int @shareable
              score(w: Int = 1): Float @requires(fields: "guide { stars langs { code } }")
              guide: Guide @external
            }
            type Pass implements Stop @key(fields: "id") {
              id: ID! beds: Int score(w: Int = 1): Float @requires(fields: "height guide { stars }")
              height: Int! @external guide: Guide @external
            }
            type Guide @key(fields: "lic { no state }", resolvable: false) {
              lic: Lic! stars: Int @external langs: [Lang!] @external
            }
            type Lic { no: Int! @shareable state: String! @shareable }
            type Lang { code: String! @external }
            """,
            {"first": to("Pass", id="p")},
            {
                "Inn": [
                    {
                        "id": n,
                        "beds": b,
                        "score": lambda it, w: (
                            None if not it["guide"] else it["guide"]["stars"] * w + len(it["guide"]["langs"])
                        ),
                    }
                    for n, b in (("i", 4), ("j", 0))
                ],
                "Pass": [
                    {
                        "id": "p",
                        "beds": None,
                        "score": lambda it, w: it["height"] / 1000 + it["guide"]["stars"] * w,
                    }
                ],
            },
        ),
        "c": Service(
            """
            type Guide @key(fields: "lic { state no }") { lic: Lic! stars: Int langs: [Lang!] boss: Guide }
            type Lic { no: Int! @shareable state: String! @shareable }
            type Lang { code: String! name: String }
            """,
            rows={
                "Guide": [
                    {
                        "lic": {"no": 1, "state": "T"},
                        "stars": 5,
                        "langs": [{"code": "de", "name": "D"}],
                        "boss": None,
                    }
                ]
            },
        ),
    }
)


def test_implementations_that_require_unlike_things_of_one_entity() -> None:
    TOURS.answers(
        "{ stops { score guide { langs { name } } } }",
        {
            "stops": [
                {"score": 6.0, "guide": {"langs": [{"name": "D"}]}},
                {"score": 7.0, "guide": {"langs": [{"name": "D"}]}},
                {"score": None, "guide": None},
            ]
        },
        requests="a > c > b",
    )


def test_one_computed_field_by_several_names_at_several_places() -> None:
    TOURS.answers(
        """
        query ($w: Int!) { stops { s: score(w: $w) beds ... on Pass { guide: height score } } first {
        score id beds } }
        """,
        {
            "stops": [
                {"s": 11.0, "beds": 4},
                {"s": 12.0, "beds": None, "guide": 2000, "score": 7.0},
                {"s": None, "beds": 0},
            ],
            "first": {"score": 7.0, "id": "p", "beds": None},
        },
        variables={"w": 2},
        requests="a > c > b",
    )


def test_a_branch_for_another_implementation_goes_on_only_for_that() -> None:
    """The pass has no beds of its own; the inn's guide is not asked for."""
    TOURS.answers("{ first { beds ... on Inn { guide { stars } } } }", {"first": {"beds": None}}, requests="a > b")


MOVES = Strangers(
    {
        "old": Service(
            """
            type Query { pets: [Pet!]! }
            type Pet @key(fields: "id") { id: ID! name: String age: Int @shareable vet: Vet @shareable }
            type Vet @key(fields: "id") { id: ID! phone: String }
            """,
            {"pets": [to("Pet", id="1")]},
            {"Pet": [{"id": "1", "age": 3, "vet": to("Vet", id="v")}], "Vet": [{"id": "v"}]},
        ),
        "new": Service(
            """
            type Pet @key(fields: "id") {
              id: ID! name: String @override(from: "old") age: Int @shareable
              tag: String @requires(fields: "weight") weight: Float @external
            }
            """,
            rows={"Pet": [{"id": "1", "name": "Rex", "age": 3, "tag": lambda it: f"{it['weight']}kg"}]},
        ),
        "vets": Service(
            """
            type Pet @key(fields: "id") {
              id: ID! weight: Float vet: Vet @shareable name: String @external
              greeting: String @requires(fields: "name")
            }
            type Vet @key(fields: "id") { id: ID! phone: String @override(from: "old") }
            """,
            rows={
                "Pet": [
                    {
                        "id": "1",
                        "weight": 4.5,
                        "vet": to("Vet", id="v"),
                        "greeting": lambda it: f"hi {it['name']}",
                    }
                ],
                "Vet": [{"id": "v", "phone": "112"}],
            },
        ),
    }
)


def test_two_fields_that_moved_to_two_services() -> None:
    """Each new home needs what the other one holds."""
    MOVES.answers(
        "{ pets { name tag greeting vet { phone } } }",
        {"pets": [{"name": "Rex", "tag": "4.5kg", "greeting": "hi Rex", "vet": {"phone": "112"}}]},
        requests="old > new + vets > new + vets",
    )


CHAIN = Strangers(
    {
        "s1": Service(
            'type Query { root: A } type A @key(fields: "k1") { k1: ID! }',
            {"root": to("A", k1="1")},
            {"A": [{"k1": "1"}]},
        ),
        "s2": Service(
            """
            type A @key(fields: "k1") @key(fields: "k2") { k1: ID! k2: ID! b: B }
            type B @key(fields: "m1") { m1: ID! }
            """,
            rows={"A": [{"k1": "1", "k2": "2", "b": to("B", m1="m")}], "B": [{"m1": "m"}]},
        ),
        "s3": Service(
            """
            type A @key(fields: "k2") @key(fields: "k3") {
              k2: ID! k3: ID! f: Int @external g: Int @requires(fields: "f")
            }
            """,
            rows={"A": [{"k2": "2", "k3": "3", "g": lambda it: it["f"] + 1}]},
        ),
        "s4": Service(
            """
            type A @key(fields: "k3") {
              k3: ID! f: Int b: B @external h: String @requires(fields: "b { deep { v } }")
            }
            type B @key(fields: "m1", resolvable: false) { m1: ID! deep: Deep @external }
            type Deep { v: Int @external }
            """,
            rows={"A": [{"k3": "3", "f": 40, "h": lambda it: f"v{it['b']['deep']['v']}"}]},
        ),
        "s5": Service(
            'type B @key(fields: "m1") { m1: ID! deep: Deep } type Deep { v: Int w: Int }',
            rows={"B": [{"m1": "m", "deep": {"v": 7, "w": 8}}]},
        ),
    }
)


def test_keys_chain_to_the_requirement_and_back() -> None:
    CHAIN.answers("{ root { g } }", {"root": {"g": 41}}, requests="s1 > s2 > s3 > s4 > s3")


def test_two_requirements_share_the_chain_of_keys() -> None:
    CHAIN.answers("{ root { h g } }", {"root": {"h": "v7", "g": 41}}, requests="s1 > s2 > s3 + s5 > s4 > s3")


def test_what_the_client_asks_deep_inside_hides_nothing_from_the_requirement() -> None:
    CHAIN.answers(
        "{ root { b { deep { w v: w } } h } }",
        {"root": {"b": {"deep": {"w": 8, "v": 8}}, "h": "v7"}},
        requests="s1 > s2 > s3 + s5 > s4",
    )


SOCIAL = Strangers(
    {
        "u": Service(
            """
            type Query { me: U users(ids: [ID!]!): [U] }
            type U @key(fields: "id") { id: ID! friends(n: Int = 9): [U!]! }
            """,
            {"me": to("U", id="1"), "users": lambda _it, ids: [to("U", id=i) if i != "x" else None for i in ids]},
            {
                "U": [
                    {"id": "1", "friends": lambda _it, n: [to("U", id="2"), to("U", id="1")][:n]},
                    {"id": "2", "friends": lambda _it, n: [to("U", id="1")][:n]},
                ]
            },
        ),
        "n": Service(
            """
            type U @key(fields: "id") { id: ID! name: String posts: [P!]! }
            type P @key(fields: "id") { id: ID! by: U! likes: [U!]! }
            """,
            rows={
                "U": [{"id": "1", "name": "A", "posts": [to("P", id="p")]}, {"id": "2", "name": "B", "posts": []}],
                "P": [
                    {
                        "id": "p",
                        "by": to("U", id="1"),
                        "likes": [to("U", id="2"), to("U", id="1"), to("U", id="2")],
                    }
                ],
            },
        ),
        "p": Service(
            """
            type P @key(fields: "id") {
              id: ID! text: String by: U! @external likes: [U!]! @external
              line: String @requires(fields: "by { name } likes { name friends(n: 1) { id } }")
            }
            type U @key(fields: "id", resolvable: false) {
              id: ID! name: String @external friends(n: Int = 9): [U!]! @external
            }
            """,
            rows={
                "P": [
                    {
                        "id": "p",
                        "text": "T",
                        "line": lambda it: (
                            it["by"]["name"]
                            + ":"
                            + ",".join(one["name"] + one["friends"][0]["id"] for one in it["likes"])
                        ),
                    }
                ]
            },
        ),
    }
)


def test_a_requirement_over_two_lists_of_one_entity_type() -> None:
    SOCIAL.answers(
        '{ me { posts { line } } users(ids: ["2", "x", "1"]) { name friends { name friends(n: 1) { name } } } }',
        {
            "me": {"posts": [{"line": "A:B1,A2,B1"}]},
            "users": [
                {"name": "B", "friends": [{"name": "A", "friends": [{"name": "B"}]}]},
                None,
                {
                    "name": "A",
                    "friends": [
                        {"name": "B", "friends": [{"name": "A"}]},
                        {"name": "A", "friends": [{"name": "B"}]},
                    ],
                },
            ],
        },
        requests="u > n > u > p",
    )


def test_the_client_asks_the_same_lists_otherwise() -> None:
    SOCIAL.answers(
        "{ me { posts { likes { friends { id } friends1: friends(n: 1) { name } } line by { name: id } } } }",
        {
            "me": {
                "posts": [
                    {
                        "likes": [
                            {"friends": [{"id": "1"}], "friends1": [{"name": "A"}]},
                            {"friends": [{"id": "2"}, {"id": "1"}], "friends1": [{"name": "B"}]},
                            {"friends": [{"id": "1"}], "friends1": [{"name": "A"}]},
                        ],
                        "line": "A:B1,A2,B1",
                        "by": {"name": "1"},
                    }
                ]
            }
        },
        requests="u > n > u > n + p",
    )
