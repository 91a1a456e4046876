"""A planning test is a page: subgraphs, operation, plan; then the checker proves the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import dedent

from graphql import parse, validate

from schema.composition import compose
from schema.planning import plan
from schema.planning.check_plan import check_plan
from schema.planning.measure import count_steps
from schema.planning.query_plan import Batch, Condition, Fetch, Flatten, Parallel, Path, QueryPlan, Sequence
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph

LINKS = """
extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.9"
    import: [
      "@key", "@external", "@requires", "@provides", "@shareable", "@override", "@inaccessible",
      "@interfaceObject", "@context", "@fromContext"
    ]
  )
"""
GATHER_LINK = '@link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])\n'


def compose_ok(subgraphs: Mapping[str, str]) -> Supergraph:
    """The supergraph of these subgraphs; their links to Federation and to @gather are added."""
    composition = compose(
        Subgraph(name, LINKS + (GATHER_LINK if "@gather" in sdl else "") + sdl) for name, sdl in subgraphs.items()
    )
    assert composition.supergraph, "\n".join(str(error) for error in composition.errors)
    return composition.supergraph


def plan_ok(
    supergraph: Supergraph, operation: str, identities: Mapping[str, tuple[str, ...]] | None = None
) -> QueryPlan:
    """The proven plan of an operation that the API schema accepts."""
    document = parse(operation)
    assert not validate(supergraph.api_schema, document)
    found = plan(supergraph, document, identities=identities or {})
    assert check_plan(supergraph, document, None, found) == (), str(found)
    return found


def assert_plan(
    supergraph: Supergraph,
    operation: str,
    expected: str,
    identities: Mapping[str, tuple[str, ...]] | None = None,
) -> QueryPlan:
    """The plan's text is the expected one, and the checker proves it."""
    found = plan_ok(supergraph, operation, identities)
    assert str(found) == dedent(expected).strip()
    return found


def assert_steps(supergraph: Supergraph, operation: str, *expected: str) -> None:
    """The proven plan asks this in its steps: of each request the subgraph, and the paths of its entities."""
    found = plan_ok(supergraph, operation)
    steps: dict[int, list[str]] = {}
    for step, request in _requests(found.node, 1):
        steps.setdefault(step, []).append(request)
    assert tuple(", ".join(sorted(steps[step])) for step in sorted(steps)) == expected, str(found)


def _requests(node: object, step: int) -> Iterator[tuple[int, str]]:
    match node:
        case Fetch(service=service):
            yield step, service
        case Flatten(path=path, node=fetch):
            yield step, f"{fetch.service} {_dotted(path)}"
        case Batch(service=service, flattened=nodes):
            yield step, f"{service} {' + '.join(_dotted(one.path) for one in nodes)}"
        case Condition(node=inner):
            yield from _requests(inner, step)
        case Parallel(nodes=nodes):
            for one in nodes:
                yield from _requests(one, step)
        case Sequence(nodes=nodes):
            for one in nodes:
                yield from _requests(one, step)
                step += count_steps(one)


def _dotted(path: Path) -> str:
    return ".".join(str(step) for step in path)
