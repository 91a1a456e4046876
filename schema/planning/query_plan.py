"""The query plan: what is fetched from whom, in what order; a value that prints itself as the field prints it.

Source: Apollo's query plan text (``QueryPlan { Sequence { Fetch(service: "x") …``), plus ``Gather``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

OperationKind = Literal["query", "mutation", "subscription"]


@dataclass(frozen=True, slots=True)
class Each:
    """Path step into every element of a list: ``@``. Of a gathered list ``parts`` lets only those elements through
    that these subgraphs brought: ``@[market,transport]``."""

    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"@[{','.join(self.parts)}]" if self.parts else "@"


@dataclass(frozen=True, slots=True)
class OnTypes:
    """Path step that lets only objects of these concrete types through: ``|[Citizen,Enterprise]``."""

    types: tuple[str, ...]

    def __str__(self) -> str:
        return f"|[{','.join(self.types)}]"


PathStep = str | Each | OnTypes
"""A ``str`` is a response name in the merged answer."""

Path = tuple[PathStep, ...]


@dataclass(frozen=True, slots=True)
class RepresentationField:
    """One field of a representation: read under ``response_name`` in the merged answer, sent as ``name``."""

    name: str
    response_name: str
    selections: tuple[RepresentationField | RepresentationFragment, ...] = ()
    may_be_null: bool = True


@dataclass(frozen=True, slots=True)
class RepresentationFragment:
    """Fields of a representation that hold only for these concrete types (inside ``@requires``)."""

    types: tuple[str, ...]
    selections: tuple[RepresentationField | RepresentationFragment, ...]


@dataclass(frozen=True, slots=True)
class Representation:
    """How to build one representation: for objects of ``type_name`` at the path, send ``send_as`` (equal to
    ``type_name`` but for interface objects) as ``__typename`` with these fields. An object that lacks one of
    them, or of whose key nothing is there, is not sent. ``key_count`` leading fields are the key; the rest come
    from ``@requires`` and may be null.

    ``needs`` are the fields asked for (their response names), each with the required ones that it needs, where
    anything is required: who failed to bring one takes away what needs it, not the rest.

    ``is_blind``: for objects whose concrete type is not known yet. ``type_name`` is then the interface; an object
    without a ``__typename``, or with the interface's name, is sent by it."""

    type_name: str
    selections: tuple[RepresentationField | RepresentationFragment, ...]
    send_as: str
    key_count: int
    is_blind: bool = False
    needs: tuple[tuple[str, frozenset[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Guard:
    """An object of a personal type stands at ``path`` once this fetch is merged: whose is it?

    ``fields`` are (field name, response name) of the identifying fields that the fetch brings for it, hidden
    from the client unless asked for. The executor compares them with the reader before anything else is
    fetched for the object, and drops what is another person's (docs/architecture.md, "Object checks").
    """

    path: Path
    type_name: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ContextVariable:
    """A variable of an entity fetch that objects above its entities fill.

    ``path`` is the beginning of the fetch's own path and leads to these objects; ``parts`` read the value back.
    Entities below different values are asked for apart.
    """

    name: str
    path: Path
    parts: tuple[RepresentationField | RepresentationFragment, ...]


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request to one subgraph.

    ``document`` is the GraphQL text that is sent. A root fetch has no ``representations``, and stands in a
    :class:`Flatten` where the root is asked for below another field; an entity fetch
    has ``query($representations: [_Any!]!…) { _entities(representations: $representations) {…} }`` and is
    always inside a :class:`Flatten` that tells where its entities stand. ``variables`` are names of the
    client's variables that the document uses.

    ``renames`` are (path, internal, response name): where two branches want one response name in shapes that
    the subgraph's own schema refuses side by side, the document asks for one under an internal alias. The
    answer's field ``internal`` at ``path`` (from the fetch's own root or entity, in response names of the
    merged answer) becomes ``response name`` before it is merged. An internal alias occurs nowhere else in the
    plan, so renaming every field of that name is the same.

    ``reveals`` are interfaces whose objects tell their concrete type in this answer: the ``__typename`` of an
    entity takes the place of the interface's name that it had before.

    ``contexts`` fill variables of the document that are none of the client's.

    ``alternatives`` are conditions on variables of which one has to hold, else all that is asked is off. None are
    for what is always asked.
    """

    service: str
    document: str
    kind: OperationKind = "query"
    variables: tuple[str, ...] = ()
    representations: tuple[Representation, ...] = ()
    guards: tuple[Guard, ...] = ()
    renames: tuple[tuple[Path, str, str], ...] = ()
    reveals: tuple[str, ...] = ()
    contexts: tuple[ContextVariable, ...] = ()
    alternatives: tuple[tuple[tuple[str, bool], ...], ...] = ()

    def is_wanted(self, variables: Mapping[str, object]) -> bool:
        """Whether anything of it is on."""
        alternatives = self.alternatives
        return not alternatives or any(
            all(variables.get(name) is value for name, value in one) for one in alternatives
        )


@dataclass(frozen=True, slots=True)
class Flatten:
    """Run ``node`` with the objects found at ``path`` as its entities, or for all of them alike."""

    path: Path
    node: Fetch


@dataclass(frozen=True, slots=True)
class Batch:
    """Entity fetches of one step from one subgraph, sent as one request.

    ``document`` asks for all of them: the entities of ``nodes[0]`` as ``_0: _entities(…)`` by the variable
    ``representations_0``, and so on; a node whose condition does not hold has no entities. ``variables`` are
    names of the client's variables that it uses. A node's own document asks for the same alone, and is sent
    where the others have no entities.
    """

    service: str
    document: str
    variables: tuple[str, ...]
    nodes: tuple[Flatten | Condition, ...]

    @property
    def flattened(self) -> tuple[Flatten, ...]:
        """The nodes without their conditions."""
        return tuple(_flattened(node) for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Sequence:
    nodes: tuple[PlanNode, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    nodes: tuple[PlanNode, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """``@include(if:)``/``@skip(if:)`` on a variable: the node runs when the variable equals ``value``."""

    variable: str
    value: bool
    node: PlanNode


@dataclass(frozen=True, slots=True)
class GatherPart:
    """One subgraph's part of a gathered list.

    ``node`` is the fetch that brings it (``Flatten`` of an entity fetch, or a root ``Fetch``), or ``None``
    where the fetch that brought the parent object already holds the part: then the list stands at
    ``response_name`` of the parent when the Gather begins, and belongs to ``service``.
    """

    service: str
    node: Fetch | Flatten | None


@dataclass(frozen=True, slots=True)
class Gather:
    """Fetch every part of a list side by side and join them.

    ``path`` leads to the parent objects; their field ``response_name`` (schema field ``type_name.field_name``)
    becomes the concatenation of the parts in the order of ``parts`` (sorted by service), or the merge by
    ``key`` (response names of key fields within an element, dotted where nested; first part wins per field).
    A failed part is left out with an error; if all fail the field is null with GATHER_FAILED.
    The elements' follow-up fetches come after the Gather and see the joined list: all of it, or where the parts
    have no key in common, the elements of some parts (:class:`Each`). A merged element is of its first part.
    """

    path: Path
    response_name: str
    type_name: str
    field_name: str
    parts: tuple[GatherPart, ...]
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscription:
    """``primary`` opens the stream; ``rest`` completes each event."""

    primary: Fetch
    rest: PlanNode | None


def _flattened(node: PlanNode) -> Flatten:
    while isinstance(node, Condition):
        node = node.node
    if not isinstance(node, Flatten):
        raise TypeError("A batch has entity fetches only.")
    return node


PlanNode = Fetch | Flatten | Batch | Sequence | Parallel | Condition | Gather


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """What to do to answer one operation; ``node`` is ``None`` when nothing needs to be fetched
    (introspection and ``__typename`` alone)."""

    kind: OperationKind
    node: PlanNode | Subscription | None

    def __str__(self) -> str:
        from schema.planning.print_plan import print_plan

        return print_plan(self)
