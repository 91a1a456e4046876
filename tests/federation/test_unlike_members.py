"""A shared field whose services know unlike members may only hold what all real candidates know.

Branches for other types ask nothing, and nobody is sent a fragment that its own schema would refuse.
"""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

NEWSROOM = Strangers(
    {
        "desk": Service(
            """
            type Query { lead: Story @shareable desk: [Story!]! }
            union Story = Article | Video
            type Article @key(fields: "id") { id: ID! headline: String! }
            type Video @key(fields: "id") { id: ID! seconds: Int! }
            """,
            {"lead": to("Article", id="a1"), "desk": [to("Video", id="v1"), to("Article", id="a1")]},
            {"Article": [{"id": "a1", "headline": "Rain"}], "Video": [{"id": "v1", "seconds": 40}]},
        ),
        "social": Service(
            """
            type Query { lead: Story @shareable }
            union Story = Article | Post
            type Article @key(fields: "id") { id: ID! shares: Int! }
            type Post @key(fields: "id") { id: ID! text: String! }
            """,
            {"lead": to("Article", id="a1")},
            {"Article": [{"id": "a1", "shares": 12}], "Post": [{"id": "p1", "text": "hi"}]},
        ),
        "archive": Service(
            """
            type Article @key(fields: "id") { id: ID! year: Int }
            type Video @key(fields: "id") { id: ID! year: Int }
            type Post @key(fields: "id") { id: ID! year: Int }
            """,
            rows={
                "Article": [{"id": "a1", "year": 1999}],
                "Video": [{"id": "v1", "year": 2001}],
                "Post": [{"id": "p1", "year": 2020}],
            },
        ),
    }
)


def test_members_that_not_all_know_are_asked_nothing() -> None:
    """The lead can be no video and no post: nobody asks the archive about those."""
    NEWSROOM.answers(
        "{ lead { __typename ... on Video { year seconds } ... on Post { text year } } }",
        {"lead": {"__typename": "Article"}},
        requests="desk",
    )


def test_the_common_member_is_asked_of_both_services_side_by_side() -> None:
    NEWSROOM.answers(
        "{ lead { ... on Article { shares headline } ... on Post { text } } }",
        {"lead": {"shares": 12, "headline": "Rain"}},
        requests="desk + social",
    )


def test_a_field_of_one_service_keeps_all_its_members() -> None:
    """The same union elsewhere does not narrow a field that only one service has."""
    NEWSROOM.answers(
        "{ desk { ... on Post { text } ... on Video { seconds year } ... on Article { year } } }",
        {"desk": [{"seconds": 40, "year": 2001}, {"year": 1999}]},
        requests="desk > archive",
    )


CLINIC = Strangers(
    {
        "visits": Service(
            """
            type Query { visit: Visit }
            type Visit @key(fields: "id") { id: ID! finding: Finding @shareable }
            union Finding = Fracture | Burn
            type Fracture { bone: String! @shareable }
            type Burn { degree: Int! @shareable }
            """,
            {"visit": to("Visit", id="1")},
            {"Visit": [{"id": "1", "finding": to("Fracture", bone="ulna")}]},
        ),
        "imaging": Service(
            """
            type Visit @key(fields: "id") { id: ID! finding: Finding @shareable images: [String!]! }
            union Finding = Fracture | Tumour
            type Fracture { bone: String! @shareable angle: Int }
            type Tumour { size: Int! @shareable }
            """,
            rows={"Visit": [{"id": "1", "finding": to("Fracture", bone="ulna", angle=15), "images": ["x.png"]}]},
        ),
        "billing": Service(
            """
            type Visit @key(fields: "id", resolvable: false) { id: ID! finding: Finding @shareable }
            type Bill { visit: Visit! cents: Int! }
            type Query { bills: [Bill!]! }
            union Finding = Burn | Fracture | Tumour | Fee
            type Burn { degree: Int! @shareable }
            type Tumour { size: Int! @shareable }
            type Fee { reason: String }
            type Fracture { bone: String! @shareable }
            """,
            {"bills": [{"visit": to("Visit", id="1", finding=to("Fracture", bone="ulna")), "cents": 900}]},
        ),
    }
)


def test_a_candidate_a_key_away_narrows_the_members() -> None:
    """Imaging can be entered by the visit's key and knows no burn, so that no visit ends in one."""
    CLINIC.answers(
        "{ visit { finding { __typename ... on Burn { degree } ... on Tumour { size } } } }",
        {"visit": {"finding": {"__typename": "Fracture"}}},
        requests="visits",
    )


def test_a_member_s_field_of_another_candidate_is_fetched_by_key() -> None:
    CLINIC.answers(
        "{ visit { images finding { ... on Fracture { bone angle } } } }",
        {"visit": {"images": ["x.png"], "finding": {"bone": "ulna", "angle": 15}}},
        requests="visits > imaging",
    )


def test_a_service_that_cannot_be_entered_is_no_candidate_and_narrows_nothing() -> None:
    """Billing knows no way in; what it says of findings holds for its own visits alone."""
    CLINIC.answers(
        "{ bills { cents visit { finding { ... on Fee { reason } ... on Fracture { bone } } } } }",
        {"bills": [{"cents": 900, "visit": {"finding": {"bone": "ulna"}}}]},
        requests="billing",
    )


HARBOUR = Strangers(
    {
        "port": Service(
            """
            type Query { berth: Berth }
            type Berth @key(fields: "no") { no: Int! occupant: Vessel @shareable }
            interface Vessel { name: String! }
            type Ferry implements Vessel @key(fields: "name") { name: String! lanes: Int! }
            type Tug implements Vessel @key(fields: "name") { name: String! pull: Int! }
            """,
            {"berth": to("Berth", no=7)},
            {
                "Berth": [{"no": 7, "occupant": to("Ferry", name="Ro")}],
                "Ferry": [{"name": "Ro", "lanes": 3}],
                "Tug": [{"name": "Tu", "pull": 60}],
            },
        ),
        "customs": Service(
            """
            type Query { waiting: [Vessel!]! }
            type Berth @key(fields: "no") { no: Int! occupant: Vessel @shareable sealed: Boolean! }
            interface Vessel { name: String! }
            type Ferry implements Vessel @key(fields: "name") { name: String! crew: Int! }
            type Barge implements Vessel @key(fields: "name") { name: String! cargo: String crew: Int! }
            """,
            {"waiting": [to("Barge", name="Ba"), to("Ferry", name="Ro")]},
            {
                "Berth": [{"no": 7, "occupant": to("Ferry", name="Ro"), "sealed": False}],
                "Ferry": [{"name": "Ro", "crew": 12}],
                "Barge": [{"name": "Ba", "cargo": None, "crew": 2}],
            },
        ),
        "fleet": Service(
            """
            interface Moored { name: String! }
            interface Afloat { name: String! built: Int }
            type Ferry implements Afloat @key(fields: "name") { name: String! built: Int }
            type Barge implements Afloat @key(fields: "name") { name: String! built: Int }
            type Tug @key(fields: "name") { name: String! built: Int }
            """,
            rows={
                "Ferry": [{"name": "Ro", "built": 1990}],
                "Barge": [{"name": "Ba", "built": 1950}],
                "Tug": [{"name": "Tu", "built": 2004}],
            },
        ),
    }
)


def test_an_interface_that_each_service_implements_otherwise() -> None:
    """The occupant is a ferry or nobody: the tug's and the barge's branches go nowhere."""
    HARBOUR.answers(
        """
        { berth { occupant { name ... on Tug { pull built } ... on Barge { cargo built } ... on Ferry { crew } }
        } }
        """,
        {"berth": {"occupant": {"name": "Ro", "crew": 12}}},
        requests="port > customs",
    )


def test_a_condition_on_an_interface_that_the_service_does_not_know() -> None:
    """Afloat are, for customs, the ferries and barges: it is asked in its own terms."""
    HARBOUR.answers(
        "{ waiting { ... on Afloat { built name } ... on Tug { pull } } }",
        {"waiting": [{"built": 1950, "name": "Ba"}, {"built": 1990, "name": "Ro"}]},
        requests="customs > fleet",
    )
