"""S9: work is bounded: what would cost too much is an error before anything is asked."""

from __future__ import annotations

import pytest
from graphql import parse, validate

from schema.errors import PlanningError, RuntimeCode
from schema.planning import plan
from tests.federation.strangers import Service, Strangers, to

FAMILY = Strangers(
    {
        "births": Service(
            """
            type Query { eldest: Person }
            type Person @key(fields: "id") { id: ID! mother: Person father: Person }
            """,
            {"eldest": to("Person", id="1")},
            {"Person": [{"id": "1", "mother": to("Person", id="1"), "father": None}]},
        ),
        "names": Service(
            'type Person @key(fields: "id") { id: ID! name: String friend: Person }',
            rows={"Person": [{"id": "1", "name": "Eva", "friend": to("Person", id="1")}]},
        ),
    }
)


def test_a_deep_operation_is_answered_hop_by_hop() -> None:
    FAMILY.answers(
        "{ eldest { friend { mother { friend { mother { name father { name } } } } } } }",
        {"eldest": {"friend": {"mother": {"friend": {"mother": {"name": "Eva", "father": None}}}}}},
        requests="births > names > births > names > births > names",
    )


@pytest.mark.parametrize(
    "query",
    [
        "{ eldest " + "{ mother " * 60 + "{ name }" + " }" * 61,
        "{ eldest { ...A } } fragment A on Person { a: mother { ...B } b: mother { ...B } c: mother { ...B } } "
        + "".join(
            f"fragment {one} on Person {{ {' '.join(f'{x}{one}: mother {{ ...{two} }}' for x in 'abcdefgh')} }} "
            for one, two in zip("BCDEFG", "CDEFGH", strict=True)
        )
        + "fragment H on Person { name }",
    ],
    ids=["too deep", "too many fields once fragments are written out"],
)
def test_too_much_is_refused(query: str) -> None:
    document = parse(query)
    assert validate(FAMILY.supergraph.api_schema, document) == []
    with pytest.raises(PlanningError) as refused:
        plan(FAMILY.supergraph, document)
    assert refused.value.code is RuntimeCode.OPERATION_TOO_COMPLEX
