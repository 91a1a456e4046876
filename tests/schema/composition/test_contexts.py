"""``@context`` and ``@fromContext``: what composes, what is refused, and what clients and routers see."""

from __future__ import annotations

import pytest

from schema.composition import compose
from schema.subgraph import Subgraph
from schema.supergraph import Composition

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", '
    'import: ["@key", "@shareable", "@external", "@context", "@fromContext", "@authenticated"])\n'
)
FEES = """
type Query { case: Case! }
type Case @key(fields: "id") @context(name: "case") { id: ID! currency: String office: Office fees: [Fee!]! }
type Office { code: String }
type Fee @key(fields: "id") { id: ID! amount(in: String @fromContext(field: "$case { currency }")): Int! }
"""
CLOSED = ", resolvable: false"
OTHER = 'type Query { other: Int } type Fee @key(fields: "id") { id: ID! }'


def _compose(fees: str = FEES, other: str = OTHER) -> Composition:
    return compose([Subgraph("fees", LINK + fees), Subgraph("other", LINK + other)])


def _codes(composition: Composition) -> list[str]:
    return sorted({error.code for error in composition.errors})


def test_clients_do_not_see_a_contextual_argument() -> None:
    """It is the graph's business to fill it."""
    supergraph = _compose().supergraph
    assert supergraph is not None
    assert supergraph.api_schema.type_map["Fee"].fields["amount"].args == {}  # type: ignore[attr-defined]
    assert supergraph.contexts["fees"] == {"case": frozenset({"Case"})}


def test_the_printed_supergraph_tells_other_routers() -> None:
    """Contexts have names of their own per subgraph, as the join specification has them since v0.5."""
    supergraph = _compose().supergraph
    assert supergraph is not None
    assert '@link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)' in supergraph.sdl
    assert '@link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)' in supergraph.sdl
    assert '@context(name: "fees__case")' in supergraph.sdl
    assert (
        '@join__field(graph: FEES, contextArguments: [{context: "fees__case", name: "in", type: "String", '
        'selection: " { currency }"}])'
    ) in supergraph.sdl


@pytest.mark.parametrize(
    "fees",
    [
        FEES.replace("{ currency }", "{ office { code } }"),
        FEES.replace("{ currency }", "... on Case { currency }"),
        FEES.replace("currency: String", "currency: String!"),
    ],
)
def test_a_context_is_read_down_to_one_value(fees: str) -> None:
    """Through objects and type conditions; what may not be null above may still be missing, and fits."""
    assert _compose(fees).errors == ()


@pytest.mark.parametrize(
    ("code", "fees"),
    [
        ("CONTEXT_NOT_SET", FEES.replace('@context(name: "case")', "")),
        ("CONTEXT_NOT_SET", FEES.replace("in: String @", 'in: String = "CNY" @')),
        ("CONTEXT_NOT_SET", FEES.replace("type Fee", "interface Paid { amount: Int! } type Fee implements Paid")),
        ("CONTEXT_NAME_INVALID", FEES.replace('"case"', '"my_case"').replace("$case", "$my_case")),
        ("NO_CONTEXT_IN_SELECTION", FEES.replace("$case { currency }", "{ currency }")),
        ("NO_CONTEXT_IN_SELECTION", FEES.replace("$case { currency }", "$case")),
        ("CONTEXT_INVALID_SELECTION", FEES.replace("{ currency }", "{ nothing }")),
        ("CONTEXT_INVALID_SELECTION", FEES.replace("{ currency }", "{ currency id }")),
        ("CONTEXT_INVALID_SELECTION", FEES.replace("{ currency }", "{ c: currency }")),
        ("CONTEXT_INVALID_SELECTION", FEES.replace("{ currency }", "{ currency @skip(if: false) }")),
        ("CONTEXT_INVALID_SELECTION", FEES.replace("{ currency }", "{ office }")),
        ("CONTEXT_INVALID_SELECTION", FEES.replace("{ currency }", "... on Fee { id }")),
        ("CONTEXT_INVALID_SELECTION", FEES.replace("{ currency }", "... on Case { currency } ... on Fee { id }")),
        ("CONTEXT_INVALID_SELECTION", FEES.replace("{ currency }", "{ ... { currency } }")),
        ("CONTEXT_INVALID_SELECTION", FEES.replace("currency: String", "currency: Int")),
        ("CONTEXT_INVALID_SELECTION", FEES.replace("in: String @", "in: String! @")),
        (
            "CONTEXT_NO_RESOLVABLE_KEY",
            FEES.replace('Fee @key(fields: "id")', 'Fee @key(fields: "id", resolvable: false)'),
        ),
        ("SATISFIABILITY_ERROR", FEES.replace("case: Case!", "case: Case! fee: Fee")),
    ],
)
def test_misuse_is_refused_with_its_code(code: str, fees: str) -> None:
    """Each differs from what composes by the one mistake."""
    assert _codes(_compose(fees)) == [code]


def test_no_other_subgraph_may_demand_the_argument_of_clients() -> None:
    """They cannot give what they do not see; an optional one is left out."""
    fees = FEES.replace("): Int! }", "): Int! @shareable }")
    for argument, codes in (("String!", ["CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"]), ("String", [])):
        other = OTHER.replace("id: ID! }", f"id: ID! amount(in: {argument}): Int! @shareable }}")
        assert _codes(_compose(fees, other)) == codes


def test_a_path_without_the_context_is_told() -> None:
    """The message names the context, so that its setting can be added above."""
    (error,) = _compose(FEES.replace("case: Case!", "case: Case! fee: Fee")).errors
    assert '"Fee.amount" in subgraph "fees" reads context "case", which no object above it on this path sets' in (
        error.message
    )


@pytest.mark.parametrize(
    "guarded",
    [
        FEES.replace("currency: String", "currency: String @authenticated"),
        FEES.replace('@context(name: "case")', '@context(name: "case") @authenticated'),
    ],
)
def test_a_field_may_not_read_from_a_context_what_it_does_not_guard(guarded: str) -> None:
    """Who may ask for the field must be somebody who may see the value that travels to its subgraph."""
    assert _codes(_compose(guarded)) == ["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"]
    assert _codes(_compose(guarded.replace("): Int! }", "): Int! @authenticated }"))) == []
