"""Two fields under one response name in one fetch: internal names, mapped back."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

GALLERY = Strangers(
    {
        "works": Service(
            """
            type Query { works: [Work!]! }
            union Work = Painting | Sculpture | Print
            type Painting @key(fields: "id") { id: ID! size: Size! title(lang: String): String! value: Int! }
            type Sculpture @key(fields: "id") { id: ID! size: Int title(lang: String): String! value: Int }
            type Print @key(fields: "id") { id: ID! size: [Int!]! title(lang: String): String! edition: Maker }
            type Size { width: Int! height: Int! }
            type Maker @key(fields: "id") { id: ID! }
            """,
            {"works": [to("Painting", id="p"), to("Sculpture", id="s"), to("Print", id="r")]},
            {
                "Painting": [
                    {
                        "id": "p",
                        "size": {"width": 3, "height": 4},
                        "value": 9,
                        "title": lambda _it, lang=None: f"Sky {lang}",
                    }
                ],
                "Sculpture": [
                    {"id": "s", "size": 8, "value": None, "title": lambda _it, lang=None: f"Torso {lang}"}
                ],
                "Print": [
                    {
                        "id": "r",
                        "size": [1, 2],
                        "edition": to("Maker", id="m"),
                        "title": lambda _it, lang=None: f"Wave {lang}",
                    }
                ],
                "Maker": [{"id": "m"}],
            },
        ),
        "insurer": Service(
            """
            type Painting @key(fields: "id") {
              id: ID! value: Int! @external title(lang: String): String! @external
              premium: Int! @requires(fields: "value")
              label: String! @requires(fields: "title(lang: \\"de\\")")
            }
            type Sculpture @key(fields: "id") {
              id: ID! value: Int @external premium: String @requires(fields: "value")
            }
            """,
            rows={
                "Painting": [{"id": "p", "premium": lambda it: it["value"] * 2, "label": lambda it: it["title"]}],
                "Sculpture": [{"id": "s", "premium": lambda it: f"{it['value']}?"}],
            },
        ),
        "makers": Service(
            """
            type Maker @key(fields: "id") { id: ID! title: String size: Int! }
            type Print @key(fields: "id") { id: ID! maker: Maker! }
            """,
            rows={
                "Maker": [{"id": "m", "title": "Hokusai", "size": 170}],
                "Print": [{"id": "r", "maker": to("Maker", id="m")}],
            },
        ),
    }
)


def test_one_name_in_three_shapes_for_three_members() -> None:
    """An object, a number and a list: no service could answer them under one name in one selection.

    The operation is valid, since GraphQL lets leaves differ by nullability only: they are asked apart here by
    the client's own aliases where it must, and merged where it need not.
    """
    GALLERY.answers(
        """
        { works {
          ... on Painting { dim: size { width } }
          ... on Sculpture { depth: size }
          ... on Print { sizes: size }
        } }
        """,
        {"works": [{"dim": {"width": 3}}, {"depth": 8}, {"sizes": [1, 2]}]},
        requests="works",
    )


def test_the_client_s_alias_hides_the_field_that_a_requirement_needs() -> None:
    """``value`` is the client's name for the id, ``title`` for the value: the requirement needs both truly."""
    GALLERY.answers(
        "{ works { ... on Painting { value: id title: value premium label } } }",
        {"works": [{"value": "p", "title": 9, "premium": 18, "label": "Sky de"}, {}, {}]},
        requests="works > insurer",
    )


def test_the_client_s_arguments_are_not_the_requirement_s() -> None:
    GALLERY.answers(
        """
        query ($lang: String = "fr") { works { ... on Painting { title(lang: $lang) label id: title } } }
        """,
        {"works": [{"title": "Sky fr", "label": "Sky de", "id": "Sky None"}, {}, {}]},
        requests="works > insurer",
    )


def test_an_alias_takes_the_key_s_name_and_typename_s() -> None:
    GALLERY.answers(
        "{ works { ... on Print { id: __typename edition { id: __typename size title } key: id } } }",
        {
            "works": [
                {}, {},
                {"id": "Print", "edition": {"id": "Maker", "size": 170, "title": "Hokusai"}, "key": "r"},
            ]
        },
        requests="works > makers",
    )  # fmt: skip


def test_nullability_differs_between_branches_that_one_service_answers() -> None:
    """``Int!`` and ``Int`` under one name: GraphQL refuses both in one selection of a service."""
    GALLERY.answers(
        "{ works { ... on Painting { worth: value } ... on Sculpture { worths: value } ... on Print { id } } }",
        {"works": [{"worth": 9}, {"worths": None}, {"id": "r"}]},
        requests="works",
    )


def test_internal_names_stay_out_of_the_way_of_the_client_s() -> None:
    """The client uses names that look like ours."""
    GALLERY.answers(
        "{ works { ... on Painting { _1_title: id _1_value: title title: id value: id _0: premium label } } }",
        {
            "works": [
                {
                    "_1_title": "p", "_1_value": "Sky None", "title": "p", "value": "p", "_0": 18,
                    "label": "Sky de",
                },
                {}, {},
            ]
        },
        requests="works > insurer",
    )  # fmt: skip


STOCKISTS = Strangers(
    {
        "search": Service(
            """
            type Query { found: [Hit!]! }
            interface Hit { id: ID! }
            type Shoe implements Hit @key(fields: "id") { id: ID! }
            type Shirt implements Hit @key(fields: "id") { id: ID! }
            """,
            {"found": [to("Shoe", id="1"), to("Shirt", id="2")]},
            {"Shoe": [{"id": "1"}], "Shirt": [{"id": "2"}]},
        ),
        "sizes": Service(
            """
            type Shoe @key(fields: "id") { id: ID! size: Int! fit(eu: Boolean!): Fit! }
            type Shirt @key(fields: "id") { id: ID! size: String fit(eu: Boolean!): Fit }
            type Fit { wide: Boolean region: String! }
            """,
            rows={
                "Shoe": [
                    {"id": "1", "size": 42, "fit": lambda _it, eu: {"wide": True, "region": "EU" if eu else "US"}}
                ],
                "Shirt": [
                    {
                        "id": "2",
                        "size": "XL",
                        "fit": lambda _it, eu: {"wide": None, "region": "EU" if eu else "US"},
                    }
                ],
            },
        ),
        "web": Service(
            """
            type Shoe @key(fields: "id") {
              id: ID! fit(eu: Boolean!): Fit! @external tag: String @requires(fields: "fit(eu: true) { region }")
            }
            type Shirt @key(fields: "id") {
              id: ID! fit(eu: Boolean!): Fit @external
              tag: String @requires(fields: "fit(eu: false) { region wide }")
            }
            type Fit { wide: Boolean @external region: String! @external }
            """,
            rows={
                "Shoe": [{"id": "1", "tag": lambda it: f"{it['fit']['region']}"}],
                "Shirt": [{"id": "2", "tag": lambda it: f"{it['fit']['region']} {it['fit']['wide']}"}],
            },
        ),
    }
)


def test_fields_of_unlike_types_in_one_entity_fetch() -> None:
    """The members are asked in one call, and ``Int!`` and ``String`` would collide in it."""
    STOCKISTS.answers(
        "{ found { ... on Shoe { number: size } ... on Shirt { size } } }",
        {"found": [{"number": 42}, {"size": "XL"}]},
        requests="search > sizes",
    )


def test_two_types_require_one_field_with_different_arguments() -> None:
    STOCKISTS.answers(
        "{ found { id ... on Shoe { tag fit(eu: false) { region } } ... on Shirt { tag } } }",
        {
            "found": [
                {"id": "1", "tag": "EU", "fit": {"region": "US"}},
                {"id": "2", "tag": "US None"},
            ]
        },
        requests="search > sizes > web",
    )


def test_an_object_that_may_be_null_for_one_type_and_not_for_the_other() -> None:
    STOCKISTS.answers(
        """
        { found { ... on Shoe { fit(eu: true) { region } } ... on Shirt { how: fit(eu: true) { region wide } } }
        }
        """,
        {"found": [{"fit": {"region": "EU"}}, {"how": {"region": "EU", "wide": None}}]},
        requests="search > sizes",
    )


SURVEY = Strangers(
    {
        "atlas": Service(
            """
            scalar GeoJSON
            type Query { things: [Thing!]! }
            union Thing = Map | Plot
            type Map @key(fields: "id") { id: ID! shape: GeoJSON frame: Border! }
            type Plot @key(fields: "id") { id: ID! shape: Outline frame: Fence }
            type Outline @shareable { area: Int label: String }
            type Border { part: Part size: Int! }
            type Fence @shareable { part: Part size: Int }
            type Part @shareable { x: Int y: Int }
            """,
            {"things": [to("Map", id="m"), to("Plot", id="p")]},
            {
                "Map": [
                    {
                        "id": "m",
                        "shape": {"type": "Point", "coordinates": [{"x": 1}]},
                        "frame": {"part": {"x": 1, "y": 2}, "size": 3},
                    }
                ],
                "Plot": [
                    {
                        "id": "p",
                        "shape": {"area": 7, "label": "seven"},
                        "frame": {"part": {"x": 4, "y": 5}, "size": 6},
                    }
                ],
            },
        ),
        "treasury": Service(
            """
            type Plot @key(fields: "id") {
              id: ID! shape: Outline @external frame: Fence @external
              fee: Int @requires(fields: "shape { area }")
              tax: Int @requires(fields: "frame { part { y } size }")
            }
            type Outline @shareable { area: Int }
            type Fence @shareable { part: Part size: Int }
            type Part @shareable { y: Int }
            """,
            rows={
                "Plot": [
                    {
                        "id": "p",
                        "fee": lambda it: it["shape"]["area"] * 2,
                        "tax": lambda it: it["frame"]["part"]["y"] + it["frame"]["size"],
                    }
                ]
            },
        ),
    }
)


def test_a_scalar_that_is_an_object_stays_whole_beside_a_hidden_object_of_its_name() -> None:
    """What the requirement asks below ``shape`` of the one type says nothing of the other's ``shape``."""
    SURVEY.answers(
        "{ things { ... on Map { shape } ... on Plot { fee } } }",
        {"things": [{"shape": {"type": "Point", "coordinates": [{"x": 1}]}}, {"fee": 14}]},
        requests="atlas > treasury",
    )


def test_a_hidden_object_takes_nothing_away_from_the_client_s_of_its_name() -> None:
    """Both have a ``part``, of which each wants another field."""
    SURVEY.answers(
        "{ things { ... on Map { frame { part { x } size } } ... on Plot { tax } } }",
        {"things": [{"frame": {"part": {"x": 1}, "size": 3}}, {"tax": 11}]},
        requests="atlas > treasury",
    )
