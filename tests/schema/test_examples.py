"""Every example composes as it says: the wrong graph raises its code, the right one does not."""

from __future__ import annotations

import pytest

from schema.composition import compose
from schema.errors import RuntimeCode
from schema.examples import AT_RUN_TIME, EXAMPLES, example_of, subgraphs_of
from schema.explanations import SECTIONS

WITHOUT_COMPOSITION = ("What a client meets", "Connectors and registration", "Lint", "The command line")
WITHOUT_SMALL_EXAMPLE = {
    "DISALLOWED_INACCESSIBLE",  # published, and no graph of subgraphs meets it
    "GATHER_NOT_EXPORTABLE",  # of exporting, not of composing
    "DURABLE_NOT_EXPORTABLE",  # the same
    "INVALID_FEDERATION_SUPERGRAPH",  # of a supergraph's text, not of subgraphs
    "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",  # only very large graphs meet it
    "UNSUPPORTED_LINKED_FEATURE",  # of a supergraph's text
}


def told_by(text: str) -> tuple[set[str], set[str]]:
    """The codes of errors and those of hints."""
    composition = compose(subgraphs_of(text))
    return {error.code for error in composition.errors}, {hint.code for hint in composition.hints}


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_wrong_graph_raises_the_code_and_the_right_one_composes(code: str) -> None:
    """What a reader of `jiyi explain` sees is true, for each code that composition knows so far."""
    errors, hints = told_by(EXAMPLES[code].wrong)
    right_errors, right_hints = told_by(EXAMPLES[code].right)
    assert code in errors | hints
    assert right_errors == set()
    assert code not in right_hints


def test_every_composition_code_has_an_example() -> None:
    """The rule in words, and what it looks like."""
    explained = {
        code for title, section in SECTIONS.items() if title not in WITHOUT_COMPOSITION for code in section
    }
    assert explained - set(EXAMPLES) == WITHOUT_SMALL_EXAMPLE
    assert set(EXAMPLES) <= explained


def test_every_run_time_code_has_an_example() -> None:
    """What a client sends, or what happens behind the gateway, to meet it."""
    assert set(AT_RUN_TIME) == set(RuntimeCode)


def test_an_example_is_complete_as_it_is_printed() -> None:
    """Names, links and imports are in it, so that it can be pasted."""
    assert example_of("KEY_INVALID_FIELDS") == (
        """Raised by:

    # users
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type Query { user: User }
    type User @key(fields: "number") { id: ID! name(short: Boolean): String }

Right:

    # users
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type Query { user: User }
    type User @key(fields: "id") { id: ID! name(short: Boolean): String }"""
    )
