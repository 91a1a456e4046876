"""Short ways to write subgraphs, and what a composition must have been."""

from __future__ import annotations

from schema.composition import compose
from schema.errors import CompositionError, CompositionHint
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph

FEDERATION_DIRECTIVES = (
    "@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@tag", "@override", "@extends",
)  # fmt: skip
LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ['
    + ", ".join(f'"{name}"' for name in FEDERATION_DIRECTIVES)
    + ']) @link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])\n'
)


def subgraphs(**sdls: str) -> list[Subgraph]:
    """Federation 2 subgraphs by name; underscores in names become hyphens."""
    return [Subgraph(name.replace("_", "-"), LINK + sdl) for name, sdl in sdls.items()]


def newest(**sdls: str) -> list[Subgraph]:
    """Subgraphs that link version 2.12 with everything in it that a graph's own SDL can write."""
    names = (*FEDERATION_DIRECTIVES, "@composeDirective", "@interfaceObject", "@authenticated", "@requiresScopes",
             "@policy", "@context", "@fromContext", "@cost", "@listSize", "@cacheTag")  # fmt: skip
    imports = ", ".join(f'"{each}"' for each in names)
    link = f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: [{imports}])\n'
    return [Subgraph(name, link + sdl) for name, sdl in sdls.items()]


def federation_1(**sdls: str) -> list[Subgraph]:
    """Subgraphs without ``@link``."""
    return [Subgraph(name.replace("_", "-"), sdl) for name, sdl in sdls.items()]


def compose_ok(*graphs: Subgraph, **sdls: str) -> Supergraph:
    composition = compose([*graphs, *subgraphs(**sdls)])
    assert not composition.errors, "\n".join(map(str, composition.errors))
    assert composition.supergraph is not None
    return composition.supergraph


def errors_of(*graphs: Subgraph, **sdls: str) -> tuple[CompositionError, ...]:
    composition = compose([*graphs, *subgraphs(**sdls)])
    assert (composition.supergraph is None) == bool(composition.errors)
    return composition.errors


def codes_of(*graphs: Subgraph, **sdls: str) -> list[str]:
    return sorted({error.code for error in errors_of(*graphs, **sdls)})


def hints_of(*graphs: Subgraph, **sdls: str) -> tuple[CompositionHint, ...]:
    return compose([*graphs, *subgraphs(**sdls)]).hints
