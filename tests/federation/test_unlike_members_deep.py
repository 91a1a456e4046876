"""Shared unions inside shared unions: what may stand there is told anew at each level."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

FEEDS = Strangers(
    {
        "web": Service(
            """
            type Query { feed: [Entry] @shareable box: Box }
            union Entry = Ad | Note | Poll
            type Ad { link: String! @shareable }
            type Note @key(fields: "id") { id: ID! title: String quoted: Entry @shareable }
            type Poll @key(fields: "id") { id: ID! choices: [String!]! @shareable }
            type Box @key(fields: "id") { id: ID! inside: Entry @shareable }
            """,
            {"feed": [to("Note", id="n"), None, to("Ad", link="l")], "box": to("Box", id="b")},
            {
                "Note": [
                    {"id": "n", "title": "T", "quoted": to("Note", id="m")},
                    {"id": "m", "title": None, "quoted": None},
                ],
                "Box": [{"id": "b", "inside": to("Note", id="n")}],
                "Poll": [{"id": "p", "choices": ["a"]}],
            },
        ),
        "app": Service(
            """
            type Query { feed: [Entry] @shareable }
            union Entry = Ad | Note
            type Ad { link: String! @shareable clicks: Int }
            type Note @key(fields: "id") { id: ID! likes: Int quoted: Entry @shareable }
            type Box @key(fields: "id") { id: ID! inside: Entry @shareable size: Int }
            """,
            {"feed": [to("Note", id="n"), None, to("Ad", link="l", clicks=4)]},
            {
                "Note": [
                    {"id": "n", "likes": 9, "quoted": to("Note", id="m")},
                    {"id": "m", "likes": 0, "quoted": None},
                ],
                "Box": [{"id": "b", "inside": to("Note", id="n"), "size": 2}],
            },
        ),
        "polls": Service(
            """
            union Entry = Poll | Note
            type Poll @key(fields: "id") { id: ID! votes: Int }
            type Note @key(fields: "id") { id: ID! pinned: Boolean }
            type Box @key(fields: "id", resolvable: false) { id: ID! }
            type Query { poll: Poll any: [Entry!] }
            """,
            {"poll": to("Poll", id="p"), "any": [to("Poll", id="p"), to("Note", id="n")]},
            {"Poll": [{"id": "p", "votes": 3}], "Note": [{"id": "n", "pinned": True}]},
        ),
    }
)


def test_a_shared_list_of_a_union_and_a_shared_union_inside() -> None:
    """Polls can stand in neither: nobody is asked for votes."""
    FEEDS.answers(
        """
        { feed { __typename ... on Ad { clicks link } ... on Note { likes title quoted { ... on Note {
        likes title } ... on Poll { votes } } } ... on Poll { votes choices } } }
        """,
        {
            "feed": [
                {"__typename": "Note", "likes": 9, "title": "T", "quoted": {"likes": 0, "title": None}},
                None,
                {"__typename": "Ad", "clicks": 4, "link": "l"},
            ]
        },
        requests="app + web",
    )


def test_a_candidate_without_the_branch_s_type_takes_it_away() -> None:
    FEEDS.answers(
        "{ box { size inside { ... on Note { pinned likes } ... on Poll { votes } ... on Ad { clicks } } } }",
        {"box": {"size": 2, "inside": {"pinned": True, "likes": 9}}},
        requests="web > app + polls",
    )


def test_an_unshared_field_of_the_same_union_keeps_its_members() -> None:
    FEEDS.answers(
        "{ any { __typename ... on Note { title pinned } ... on Poll { choices } } }",
        {"any": [{"__typename": "Poll", "choices": ["a"]}, {"__typename": "Note", "title": "T", "pinned": True}]},
        requests="polls > web",
    )
