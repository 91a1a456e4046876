"""Interface objects in odd company: several keys, two interfaces, shared fields, requirements in a circle,
provides.
"""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

CONTENT = Strangers(
    {
        "cms": Service(
            """
            type Query { node(ref: ID!): Node top: [Node!]! @shareable }
            interface Node @key(fields: "ref") @key(fields: "site { host } slug") {
              ref: ID! site: Site! slug: String!
            }
            interface Titled { title: String }
            type Site { host: String! @shareable }
            type Page implements Node & Titled @key(fields: "ref") @key(fields: "site { host } slug") {
              ref: ID! site: Site! slug: String! title: String
            }
            type Image implements Node @key(fields: "ref") @key(fields: "site { host } slug") {
              ref: ID! site: Site! slug: String! width: Int
            }
            type Form implements Node & Titled @key(fields: "ref") @key(fields: "site { host } slug") {
              ref: ID! site: Site! slug: String! title: String
              hits: Int @external popular: Boolean @requires(fields: "hits")
            }
            """,
            {
                "node": lambda _it, ref: to("Page", ref=ref),
                "top": [to("Form", ref="f"), to("Page", ref="p"), to("Image", ref="i")],
            },
            {
                "Page": [{"ref": "p", "site": {"host": "a"}, "slug": "home", "title": "Home"}],
                "Image": [{"ref": "i", "site": {"host": "a"}, "slug": "logo", "width": 9}],
                "Form": [
                    {
                        "ref": "f",
                        "site": {"host": "b"},
                        "slug": "ask",
                        "title": None,
                        "popular": lambda it: it["hits"] > 10,
                    }
                ],
            },
        ),
        "stats": Service(
            """
            type Query { trending: [Node!]! top: [Node!]! @shareable last: Hit }
            type Node @interfaceObject @key(fields: "site { host } slug") {
              site: Site! slug: String! hits: Int related(first: Int): [Node]
            }
            type Site { host: String! @shareable }
            type Hit { node: Node at: Int }
            type Mutation { hit(host: String!, slug: String!): Node }
            """,
            {
                "trending": [
                    to("Node", site={"host": "b"}, slug="ask"),
                    to("Node", site={"host": "a"}, slug="logo"),
                ],
                "top": [
                    to("Node", site={"host": "b"}, slug="ask"),
                    to("Node", site={"host": "a"}, slug="home"),
                    to("Node", site={"host": "a"}, slug="logo"),
                ],
                "last": {"node": None, "at": 5},
                "hit": lambda _it, host, slug: to("Node", site={"host": host}, slug=slug),
            },
            {
                "Node": [
                    {
                        "site": {"host": "a"},
                        "slug": "home",
                        "hits": 7,
                        "related": lambda _it, first=9: [to("Node", site={"host": "b"}, slug="ask"), None][:first],
                    },
                    {"site": {"host": "a"}, "slug": "logo", "hits": None, "related": lambda _it, first=9: None},
                    {"site": {"host": "b"}, "slug": "ask", "hits": 12, "related": lambda _it, first=9: []},
                ]
            },
        ),
        "seo": Service(
            """
            type Node @interfaceObject @key(fields: "ref") {
              ref: ID! hits: Int @external slug: String! @external
              rank: String @requires(fields: "slug hits")
            }
            """,
            rows={
                "Node": [
                    {"ref": name, "rank": lambda it: f"{it['slug']}/{it['hits']}"} for name in ("p", "i", "f")
                ]
            },
        ),
        "editors": Service(
            """
            type Query { drafts: [Node!]! @provides(fields: "slug") }
            type Node @interfaceObject @key(fields: "ref") { ref: ID! slug: String! @external editor: String }
            """,
            {"drafts": [to("Node", ref="i", slug="logo"), to("Node", ref="p", slug="home")]},
            {"Node": [{"ref": "p", "editor": "Eve"}, {"ref": "i", "editor": None}, {"ref": "f", "editor": "Al"}]},
        ),
    }
)


def test_one_of_two_nested_keys_leads_from_object_to_object() -> None:
    """Statistics and editors have no key in common: who has the interface knows both."""
    CONTENT.answers(
        "{ trending { hits editor } }",
        {"trending": [{"hits": 12, "editor": "Al"}, {"hits": None, "editor": None}]},
        requests="stats > cms > editors",
    )


def test_a_condition_on_another_interface_waits_for_the_type() -> None:
    CONTENT.answers(
        "{ trending { ... on Titled { title __typename } ... on Image { width } } }",
        {"trending": [{"title": None, "__typename": "Form"}, {"width": 9}]},
        requests="stats > cms",
    )


def test_a_field_shared_with_who_has_the_interface_is_asked_there_for_types() -> None:
    CONTENT.answers(
        "{ top { __typename ... on Page { title } } }",
        {"top": [{"__typename": "Form"}, {"__typename": "Page", "title": "Home"}, {"__typename": "Image"}]},
        requests="cms",
    )


def test_a_field_shared_with_who_has_the_interface_is_asked_side_by_side() -> None:
    CONTENT.answers(
        "{ top { __typename hits slug } }",
        {
            "top": [
                {"__typename": "Form", "hits": 12, "slug": "ask"},
                {"__typename": "Page", "hits": 7, "slug": "home"},
                {"__typename": "Image", "hits": None, "slug": "logo"},
            ]
        },
        requests="cms + stats",
    )


def test_an_implementation_requires_of_the_interface_object_from_a_blind_start() -> None:
    """The form's owner needs the hits that came first, once it is known to be a form."""
    CONTENT.answers(
        "{ trending { ... on Form { popular } hits } }",
        {"trending": [{"popular": True, "hits": 12}, {"hits": None}]},
        requests="stats > cms > cms",
    )


def test_a_requirement_of_one_interface_object_is_met_by_another() -> None:
    CONTENT.answers(
        '{ node(ref: "p") { rank } }',
        {"node": {"rank": "home/7"}},
        requests="cms > stats > seo",
    )


def test_a_requirement_from_a_blind_start_needs_no_type() -> None:
    CONTENT.answers(
        "{ drafts { rank editor } }",
        {"drafts": [{"rank": "logo/None", "editor": None}, {"rank": "home/7", "editor": "Eve"}]},
        requests="editors > cms > stats > seo",
    )


def test_what_is_provided_for_an_interface_object_saves_the_hop() -> None:
    CONTENT.answers(
        "{ drafts { slug editor } }",
        {"drafts": [{"slug": "logo", "editor": None}, {"slug": "home", "editor": "Eve"}]},
        requests="editors",
    )


def test_a_mutation_that_answers_an_interface_object() -> None:
    CONTENT.answers(
        'mutation { hit(host: "a", slug: "home") { __typename hits ... on Page { title } } }',
        {"hit": {"__typename": "Page", "hits": 7, "title": "Home"}},
        requests="stats > cms",
    )


def test_nulls_among_interface_objects_are_stepped_over() -> None:
    CONTENT.answers(
        """
        { node(ref: "p") { related { __typename slug related { __typename } } } last { at node { __typename } }
        }
        """,
        {
            "node": {"related": [{"__typename": "Form", "slug": "ask", "related": []}, None]},
            "last": {"at": 5, "node": None},
        },
        requests="cms + stats > stats > cms",
    )


def test_the_type_alone() -> None:
    CONTENT.answers(
        "{ trending { __typename } }", {"trending": [{"__typename": "Form"}, {"__typename": "Image"}]},
        requests="stats > cms",
    )  # fmt: skip


def test_an_object_whose_type_nobody_tells_is_null_and_told() -> None:
    """Who has the interface does not have the object: what hangs on its type is lost."""
    hit = {"last": {"node": to("Node", site={"host": "a"}, slug="gone"), "at": 5}}
    stats = CONTENT.services["stats"]
    graph = Strangers({**CONTENT.services, "stats": Service(stats.sdl, hit, stats.rows)})
    graph.answers(
        "{ last { at node { slug ... on Page { title } } } }",
        {"last": {"at": 5, "node": None}},
        requests="stats > cms",
        errors=[("last.node", "DEPARTMENT_WRONG_TYPE", "stats")],
    )
