"""Entities in lists of lists, and the arguments that they are asked with."""

from __future__ import annotations

from tests.federation.strangers import Service, Strangers, to

GRIDS = Strangers(
    {
        "maps": Service(
            """
            type Query { grid: [[Cell]]! cube: [[[Cell!]!]] best(where: Where): Cell }
            input Where { tags: [String!]! = ["x"] deep: Where kind: Kind = A }
            enum Kind { A B }
            type Cell @key(fields: "x y") { x: Int! y: Int! }
            """,
            {
                "grid": [[to("Cell", x=0, y=0), None], None, [], [to("Cell", x=1, y=0)]],
                "cube": [[[to("Cell", x=1, y=0)], []], None],
                "best": lambda _it, where=None: to("Cell", x=0, y=0),
            },
        ),
        "units": Service(
            """
            input Where { tags: [String!]! = ["x"] deep: Where kind: Kind = A }
            enum Kind { A B }
            type Cell @key(fields: "x y") {
              x: Int! y: Int! unit(where: Where, kinds: [Kind!] = [B]): String around: [[Cell]]
            }
            """,
            rows={
                "Cell": [
                    {
                        "x": 0,
                        "y": 0,
                        "unit": lambda _it, where=None, kinds=None: f"{where}{kinds}",
                        "around": [[to("Cell", x=1, y=0), None], None],
                    },
                    {
                        "x": 1,
                        "y": 0,
                        "unit": lambda _it, where=None, kinds=None: f"{where}{kinds}",
                        "around": None,
                    },
                ]
            },
        ),
        "heights": Service(
            'type Cell @key(fields: "x y") { x: Int! y: Int! h: Int }',
            rows={"Cell": [{"x": 0, "y": 0, "h": 5}, {"x": 1, "y": 0, "h": None}]},
        ),
    }
)


def test_lists_of_lists_of_entities_with_nulls_in_them() -> None:
    GRIDS.answers(
        "{ grid { h } cube { h x } }",
        {"grid": [[{"h": 5}, None], None, [], [{"h": None}]], "cube": [[[{"h": None, "x": 1}], []], None]},
        requests="maps > heights",
    )


def test_lists_of_lists_below_lists_of_lists() -> None:
    GRIDS.answers(
        "{ grid { around { h y } } }",
        {"grid": [[{"around": [[{"h": None, "y": 0}, None], None]}, None], None, [], [{"around": None}]]},
        requests="maps > units > heights",
    )


def test_arguments_of_entities_carry_variables_in_objects_and_lists() -> None:
    """Defaults of input fields are the service's own; null is not the same as nothing."""
    GRIDS.answers(
        """
          query ($k: Kind!, $w: Where, $t: [String!]! = ["q"]) { best(where: $w) { a: unit(where: {tags:
          $t, deep: {tags: [], kind: $k}}, kinds: [$k, A]) b: unit c: unit(kinds: null) d: unit(where: $w)
          } }
        """,
        {
            "best": {
                "a": "{'tags': ['q'], 'deep': {'tags': [], 'kind': 'B'}, 'kind': 'A'}['B', 'A']",
                "b": "None['B']",
                "c": "NoneNone",
                "d": "{'tags': ['x'], 'kind': 'A'}['B']",
            }
        },
        variables={"k": "B", "w": {}},
        requests="maps > units",
    )
