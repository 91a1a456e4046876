"""What all draws of a graph share: chances, fields, and which subgraph has to know which type."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from schema.field_set import parse_field_set
from tests.engine.graph_model import FieldModel, GraphModel, KeyModel, Source, TypeModel

ROOTS = ("Query", "Mutation")
LEAVES = ("Int", "String", "Boolean", "Float", "Date", "Kind")
WRAPS = ("{}", "{}!", "{}", "{}!", "[{}]", "[{}!]!", "[{}!]", "[[{}]!]")


@dataclass
class Drawing:
    """A graph that is being drawn."""

    random: Random
    model: GraphModel = field(default_factory=lambda: GraphModel([]))

    def entity_fields(self, one: TypeModel, entities: list[str], values: list[str], abstract: list[str]) -> None:
        for name, type_ in (("id", "ID!"), ("code", "String!"), ("part", "Int!"), ("half", "String!")):
            one.fields[name] = FieldModel(name, type_)
        if self.happens(0.4):
            one.fields["keyed"] = FieldModel("keyed", f"{self.random.choice(entities)}!")
        if values and self.happens(0.3):
            one.fields["keyedValue"] = FieldModel("keyedValue", f"{self.random.choice(values)}!")
        for n in range(self.random.randint(2, 5)):
            self.add_field(one, f"f{n}", entities + values, abstract)
        # Fields that interfaces may share: the same on every entity.
        one.fields["name"] = FieldModel("name", "String", "n: Int = 0")
        one.fields["size"] = FieldModel("size", "Int!")

    def spread(self, one: FieldModel, among: list[str]) -> None:
        """Have one or more of these subgraphs resolve the field."""
        for subgraph in [self.random.choice(among), *self.some(among, 0.25)]:
            one.sources.setdefault(subgraph, Source())

    def add_root(self, name: str, type_: str, among: list[str], argument: str = "") -> FieldModel:
        """A query field that all of these subgraphs resolve."""
        query = self.model.types["Query"]
        query.fields[name] = FieldModel(name, type_, argument, sources={subgraph: Source() for subgraph in among})
        query.present.update(among)
        return query.fields[name]

    def add_field(self, one: TypeModel, name: str, targets: list[str], abstract: list[str]) -> None:
        roll = self.random.random()
        wrap = self.random.choice(WRAPS)
        if roll < 0.45:
            leaf = self.random.choice(LEAVES)
            argument = "n: Int" if leaf == "String" and self.happens(0.5) and "[" not in wrap else ""
            one.fields[name] = FieldModel(name, wrap.format(leaf), argument)
        elif roll < 0.85 or not abstract:
            argument = "n: Int" if wrap.startswith("[{") and self.happens(0.3) else ""
            one.fields[name] = FieldModel(name, wrap.format(self.random.choice(targets)), argument)
        else:
            wrap = self.random.choice(("{}", "[{}]", "[{}!]!"))
            one.fields[name] = FieldModel(name, wrap.format(self.random.choice(abstract)))

    def enter(self, one: TypeModel, subgraph: str) -> None:
        """Make the entity known to a subgraph, by one or more keys."""
        if subgraph in one.present:
            return
        one.present.add(subgraph)
        always = [name for name in ("id",) if name in one.fields] or [self._keys_of(one)[0]]
        candidates = self._keys_of(one)
        chosen = [self.random.choice(candidates)]
        chosen += self.some(candidates, 0.2)
        if self.model.is_sound or self._is_in_interface(one):
            chosen += always
        for fields in dict.fromkeys(chosen):
            resolvable = (self.model.is_sound and fields in always) or self.happens(0.85)
            one.keys.setdefault(subgraph, []).append(KeyModel(fields, resolvable))
            for part in parse_field_set(fields).selections:
                one.fields[part.name].sources.setdefault(subgraph, Source())  # type: ignore[union-attr]  # a field

    def _keys_of(self, one: TypeModel) -> list[str]:
        """The keys that an entity may have: those of every entity, or its own."""
        if "code" not in one.fields:
            return sorted({key.fields for keys in one.keys.values() for key in keys})
        candidates = ["id", "code", "part half"]
        candidates += ["keyed { id }"] if "keyed" in one.fields else []
        return candidates + (["keyedValue { mark }"] if "keyedValue" in one.fields else [])

    def open_entities(self, subgraphs: Iterable[str]) -> list[str]:
        """The entities that each of these subgraphs may know by their names, not as interface objects; without
        those that read what objects above them set."""
        names = [one.name for one in self.entities() if not any(each.reading for each in one.fields.values())]
        return [name for name in names if all(self.model.held_as(name, s) == name for s in subgraphs)]

    def _is_in_interface(self, one: TypeModel) -> bool:
        return any(one.name in each.values for each in self.of_kind("interface"))

    def close(self) -> None:
        """Give each subgraph the types that its fields lead to, until nothing is missing."""
        while self._close_once():
            pass

    def _close_once(self) -> bool:
        changed = False
        for one in list(self.model.types.values()):
            for each in one.fields.values():
                for subgraph in sorted(each.sources):
                    changed |= self._know(each.named_in(subgraph), subgraph)
                    for name in re.findall(r"\w+", each.argument):
                        changed |= self._know(name, subgraph)
        return changed

    def _know(self, name: str, subgraph: str) -> bool:
        one = self.model.types.get(name)
        if one is None or subgraph in one.present:
            return False
        if one.kind == "object" and not one.is_value:
            self.enter(one, subgraph)
            return True
        one.present.add(subgraph)
        if one.is_value or one.kind == "input":
            self._know_value(one, subgraph)
        elif one.kind == "union":
            one.members[subgraph] = self.some(one.values, 0.8) or one.values[:1]
            for member in one.members[subgraph]:
                self._know(member, subgraph)
        elif one.kind == "interface":
            for member in self.some(one.values, 0.8) or one.values[:1]:
                self._know(member, subgraph)
                self.model.types[member].implements.setdefault(subgraph, []).append(one.name)
        return True

    def _know_value(self, one: TypeModel, subgraph: str) -> None:
        names = list(one.fields)
        if not self.model.is_sound and "mark" in one.fields and self.happens(0.3):
            names = ["mark", *self.some(names, 0.5)]
        for name in names:
            one.fields[name].sources.setdefault(subgraph, Source())

    def finish_interfaces(self) -> None:
        """An interface has, in each subgraph, fields that all its implementations resolve there."""
        for one in self.of_kind("interface"):
            for subgraph in sorted(one.present):
                members = [self.model.types[name] for name in self.model.possible(one.name, subgraph)]
                for name in ("id", "name", "size"):
                    fields = [member.fields[name] for member in members]
                    if all(subgraph in each.resolvers for each in fields):
                        template = fields[0]
                        made = FieldModel(name, template.type, template.argument)
                        one.fields.setdefault(name, made).sources[subgraph] = Source()

    def entities(self) -> list[TypeModel]:
        return [one for one in self.of_kind("object") if one.name not in ROOTS and not one.is_value]

    def of_kind(self, kind: str) -> list[TypeModel]:
        return [one for one in self.model.types.values() if one.kind == kind]

    def some(self, among: list[str], chance: float) -> list[str]:
        return [one for one in among if self.happens(chance)]

    def happens(self, chance: float) -> bool:
        return self.random.random() < chance

    def is_leaf(self, one: FieldModel) -> bool:
        target = self.model.types.get(one.named)
        return target is None or target.kind in ("enum", "scalar")
