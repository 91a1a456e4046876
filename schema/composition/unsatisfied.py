"""Say why a field cannot be resolved from where its object is held: what each subgraph lacks, and the mend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schema.composition.problems import in_subgraphs
from schema.reachability import Reachability, Standing, Standings
from schema.supergraph import FieldSource


@dataclass(frozen=True, slots=True)
class Step:
    """One field of the path from an operation's root, with the type condition that follows it."""

    field: str
    condition: str | None
    before: Step | None


def print_operation(operation: str, path: Step | None, last: str, has_fields: bool) -> str:
    """The operation that ends in the field ``last``, as a client would write it."""
    lines = [f"{last} {{ ... }}" if has_fields else last]
    step = path
    while step:
        if step.condition:
            lines = [f"... on {step.condition} {{", *(f"  {line}" for line in lines), "}"]
        lines = [f"{step.field} {{", *(f"  {line}" for line in lines), "}"]
        step = step.before
    return "\n".join([f"{operation} {{", *(f"  {line}" for line in lines), "}"])


def explain(
    reachability: Reachability, type_name: str, field_name: str, starts: Standings, wanted: set[str] | None = None
) -> str:
    """One block per subgraph in which the object may be held; ``wanted`` narrows to these resolvers."""
    names = sorted({start.subgraph for start in starts})
    blocks = []
    for name in names:
        start = next(each for each in sorted(starts, key=str) if each.subgraph == name)
        lines = _lines(reachability, type_name, field_name, start, wanted)
        blocks.append("\n".join([f'- from subgraph "{name}":', *(f"  - {line}" for line in lines)]))
    return "\n".join(blocks)


def _lines(
    reachability: Reachability, type_name: str, field_name: str, start: Standing, wanted: set[str] | None
) -> Iterator[str]:
    reached = reachability.reachable(type_name, start)
    entered = {each.subgraph for each in reached}
    sources = reachability.supergraph.sources_of(type_name, field_name)
    for source in sources:
        if wanted is not None and source.subgraph not in wanted:
            continue
        if source.switch is not None and not reachability.is_on(source):
            state = "off" if source.switch.is_on else "on"
            yield (
                f'field "{type_name}.{field_name}" is not resolved in subgraph "{source.subgraph}" while label '
                f'"{source.switch.label}" of @override is {state}.'
            )
        elif source.external:
            if source.subgraph in entered:
                yield f'field "{type_name}.{field_name}" is @external in subgraph "{source.subgraph}".'
        elif source.subgraph in entered:
            yield _unmet(reachability, type_name, field_name, source)
        else:
            yield _closed(reachability, type_name, field_name, source, entered)
    if start.subgraph not in {each.subgraph for each in sources}:
        yield f'cannot find field "{type_name}.{field_name}" there.'


def _unmet(reachability: Reachability, type_name: str, field_name: str, source: FieldSource) -> str:
    if source.requires is None:
        contexts = " and ".join(f'"{each.context}"' for each in source.contextual)
        return (
            f'"{type_name}.{field_name}" in subgraph "{source.subgraph}" reads context {contexts}, which no '
            "object above it on this path sets."
        )
    label = " What is moved under a label of @override does not count." if reachability.supergraph.labels else ""
    return (
        f'cannot serve @requires(fields: "{source.requires}") of "{type_name}.{field_name}" in subgraph '
        f'"{source.subgraph}": not all of these fields can be reached, or no resolvable @key leads back.{label}'
    )


def _closed(
    reachability: Reachability, type_name: str, field_name: str, source: FieldSource, entered: set[str]
) -> str:
    target = f'cannot move to subgraph "{source.subgraph}", which has field "{type_name}.{field_name}": '
    keys = reachability.supergraph.keys_of(type_name, source.subgraph)
    resolvable = [key for key in keys if key.resolvable]
    if not resolvable:
        return f'{target}type "{type_name}" has no resolvable @key there. Add one, such as @key(fields: "id").'
    shown = " or ".join(f'@key(fields: "{key.fields}")' for key in resolvable)
    return f"{target}{shown} cannot be filled from {in_subgraphs(entered)}. Define these fields there."
