"""Which object types a union or interface can be where several subgraphs answer for it.

A shared field is one object, whoever resolves it: the subgraphs must have a type in common, and of a type that
one of them can never give nothing is asked. Source: Federation 2, "Composition", satisfiability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphql import GraphQLAbstractType, GraphQLInterfaceType, get_named_type, is_abstract_type

from schema.composition.problems import Place, Problems, in_subgraphs
from schema.reachability import Reachability, Standing, Standings
from schema.supergraph import Supergraph


class RuntimeTypes:
    """Answers for one supergraph, and tells fields whose types have nothing in common."""

    def __init__(self, supergraph: Supergraph, reachability: Reachability, problems: Problems) -> None:
        self.supergraph = supergraph
        self.reachability = reachability
        self.problems = problems
        self._told: set[str] = set()

    def agree(self, type_name: str, name: str, named: GraphQLAbstractType, ends: Sequence[Standing]) -> bool:
        """Whether the field can be one object in all the subgraphs; those that differ but agree are hinted."""
        abstract = [each for each in ends if self._is_abstract(each.subgraph, type_name, name)]
        if len(abstract) < 2 or not self._is_shared(type_name, name):
            return True
        public = {each.name for each in self.supergraph.api_schema.get_possible_types(named)}
        every = {each.subgraph: self._of(each.subgraph, type_name, name) for each in ends}
        told = {subgraph: types for subgraph, types in every.items() if len(types) != 1 or types & public}
        if not any(told.values()):
            return True
        if not frozenset(public).intersection(*told.values()):
            self._tell(type_name, name, told)
            return False
        if len(set(told.values())) > 1:
            self._hint(type_name, name, told)
        return True

    def narrowed(
        self,
        type_name: str,
        name: str,
        named: GraphQLAbstractType,
        runtime: str,
        holders: Mapping[str, Standings],
    ) -> Mapping[str, Standings] | None:
        """The holders that may give this type; ``None`` where one of them never does.

        A subgraph that gives one object type where others give an interface is only left out.
        """
        narrowed: dict[str, Standings] = {}
        for answering, standings in holders.items():
            able = []
            for each in standings:
                if runtime in self._of(each.subgraph, type_name, name):
                    able.append(each)
                elif self._is_abstract(each.subgraph, type_name, name) or not isinstance(
                    named, GraphQLInterfaceType
                ):
                    return None
            if able:
                narrowed[answering] = frozenset(able)
        return narrowed

    def _of(self, subgraph: str, type_name: str, name: str) -> frozenset[str]:
        return self.reachability.runtime_types(subgraph, type_name, name)

    def _is_abstract(self, subgraph: str, type_name: str, name: str) -> bool:
        declared = self.supergraph.subgraphs[subgraph].schema.type_map.get(type_name)
        field = getattr(declared, "fields", {}).get(name)
        return field is None or is_abstract_type(get_named_type(field.type))

    def _is_shared(self, type_name: str, name: str) -> bool:
        sources = self.supergraph.sources_of(type_name, name)
        return sum(not each.external for each in sources) > 1

    def _tell(self, type_name: str, name: str, told: Mapping[str, frozenset[str]]) -> None:
        self.problems.error(
            "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
            f'Shared field "{type_name}.{name}" can never be the same object in all its subgraphs: it is '
            f"{_shown(told)}. Let them have a type in common, or leave the field to one.",
            *self._places(type_name, name, told),
        )

    def _hint(self, type_name: str, name: str, told: Mapping[str, frozenset[str]]) -> None:
        coordinate = f"{type_name}.{name}"
        if coordinate not in self._told:
            self._told.add(coordinate)
            self.problems.hint(
                "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
                f'Shared field "{coordinate}" has different types in different subgraphs: it is {_shown(told)}.',
                *self._places(type_name, name, told),
            )

    def _places(self, type_name: str, name: str, told: Mapping[str, frozenset[str]]) -> list[Place]:
        places = []
        for subgraph in told:
            declared = self.supergraph.subgraphs[subgraph].schema.type_map.get(type_name)
            field = getattr(declared, "fields", {}).get(name)
            places.append(Place(subgraph, field.ast_node if field else None))
        return places


def _shown(told: Mapping[str, frozenset[str]]) -> str:
    return "; ".join(
        f"{', '.join(sorted(types))} in {in_subgraphs([each])}" for each, types in sorted(told.items())
    )
