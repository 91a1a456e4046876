"""Draw a graph: types, their fields, and which subgraphs resolve what by which keys.

First the whole (types and fields), then the split: every field gets its subgraphs, and each subgraph gets the
types that its fields lead to. A sound graph can be entered by ``id`` everywhere; of a wild one composition has
to find out whether it can be answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.engine.draw_directives import Directives
from tests.engine.drawing import ROOTS
from tests.engine.graph_model import FieldModel, GraphModel, Source, TypeModel

NAMES = ("alpha", "beta", "civil-affairs", "delta", "echo", "foxtrot")


def make_graph(random: Random, *, may_gather: bool = True) -> GraphModel:
    """A graph that its own subgraphs can execute; whether it composes is for composition to say."""
    return GraphMaker(random, may_gather=may_gather).make()


@dataclass
class GraphMaker(Directives):
    """``most_subgraphs`` and ``most_entities`` are drawn at most."""

    may_gather: bool = True
    most_subgraphs: int = 5
    most_entities: int = 4

    def make(self) -> GraphModel:
        self.model.subgraphs = list(NAMES[: self.random.randint(2, self.most_subgraphs)])
        self.model.is_sound = self.happens(0.6)
        self._whole()
        for one in self.entities():
            self._place_entity(one)
        for one in list(self.of_kind("object")):
            if one.name not in ROOTS and not one.is_value:
                self._split_fields(one)
        self._roots()
        self._mutations()
        self.close()
        self._vary()
        for _ in range(self.random.randint(0, 3)):
            self.require()
        for _ in range(self.random.randint(0, 3)):
            self.provide()
        self.close()
        self.finish_interfaces()
        return self.model

    # the whole

    def _whole(self) -> None:
        types = self.model.types
        types["Query"] = TypeModel("Query")
        types["Mutation"] = TypeModel("Mutation")
        types["Date"] = TypeModel("Date", "scalar")
        types["Kind"] = TypeModel("Kind", "enum", values=["A", "B", "C"])
        entities = [f"E{n}" for n in range(self.random.randint(2, self.most_entities))]
        values = [f"V{n}" for n in range(self.random.randint(0, 2))]
        for name in entities:
            types[name] = TypeModel(name)
        for name in values:
            types[name] = TypeModel(name, is_value=True)
        abstract = self._abstract(entities, values)
        for name in entities:
            self.entity_fields(types[name], entities, values, abstract)
        for name in values:
            self._value_fields(types[name], entities, values)

    def _abstract(self, entities: list[str], values: list[str]) -> list[str]:
        made = []
        for n in range(self.random.randint(0, 2)):
            one = self.model.types[f"I{n}"] = TypeModel(f"I{n}", "interface")
            one.values = self.some(entities, 0.6) or entities[:2]
            one.fields["id"] = FieldModel("id", "ID!")
            made.append(one.name)
        if self.happens(0.5):
            one = self.model.types["U0"] = TypeModel("U0", "union")
            one.values = self.some(entities + values, 0.6) or entities[:2]
            made.append(one.name)
        return made

    def _value_fields(self, one: TypeModel, entities: list[str], values: list[str]) -> None:
        one.fields["mark"] = FieldModel("mark", "String!")
        for n in range(self.random.randint(1, 3)):
            self.add_field(one, f"v{n}", entities + values, [])

    # the split

    def _place_entity(self, one: TypeModel) -> None:
        for subgraph in self.some(self.model.subgraphs, 0.6) or [self.random.choice(self.model.subgraphs)]:
            self.enter(one, subgraph)

    def _split_fields(self, one: TypeModel) -> None:
        present = sorted(one.present)
        for each in one.fields.values():
            if each.name in ("id", "code", "part", "half") or each.name.startswith("keyed"):
                continue
            self.spread(each, present)
            if self.may_gather and len(each.resolvers) > 1 and each.type.startswith("[") and self.happens(0.6):
                each.gather = True
                each.merge_by = "id" if self._may_merge(each) and self.happens(0.3) else ""

    def _may_merge(self, each: FieldModel) -> bool:
        one = self.model.types.get(each.named)
        is_entity = one is not None and one.kind == "object" and not one.is_value
        return is_entity and self.model.is_sound and not each.type.startswith("[[")

    def _roots(self) -> None:
        query = self.model.types["Query"]
        for one in self.entities():
            for wrap in ("{}", "[{}]!"):
                if self.happens(0.6) or not query.fields:
                    self._root(f"{'one' if wrap == '{}' else 'all'}{one.name}", wrap.format(one.name), one.present)
        for one in list(self.model.types.values()):
            if one.kind in ("interface", "union") and self.happens(0.6):
                self._root(f"any{one.name}", f"[{one.name}]", set(self.model.subgraphs))

    def _root(self, name: str, type_: str, among: set[str]) -> None:
        argument = "n: Int" if type_.startswith("[") and self.happens(0.4) else ""
        made = FieldModel(name, type_, argument)
        for subgraph in {self.random.choice(sorted(among)), *self.some(sorted(among), 0.15)}:
            made.sources[subgraph] = Source()
            self.model.types["Query"].present.add(subgraph)
        self.model.types["Query"].fields[name] = made

    def _mutations(self) -> None:
        mutation = self.model.types["Mutation"]
        for one in self.some([each.name for each in self.entities()], 0.3):
            subgraph = self.random.choice(sorted(self.model.types[one].present))
            mutation.fields[f"make{one}"] = FieldModel(f"make{one}", one, sources={subgraph: Source()})
            mutation.present.add(subgraph)

    def _vary(self) -> None:
        """Subgraphs differ in what may be null; fields move; fields are hidden from clients."""
        for one in self.entities():
            for each in one.fields.values():
                is_plain = each.name.startswith("f") and not each.gather
                if is_plain and len(each.resolvers) > 1:
                    self._vary_shared(each)
                if (is_plain or each.name in ("code", "half", "part")) and self.happens(0.1):
                    each.inaccessible = True

    def _vary_shared(self, one: FieldModel) -> None:
        subgraph = self.random.choice(one.resolvers)
        target = self.model.types.get(one.named)
        if self.happens(0.25) and (target is None or target.kind not in ("interface", "union")):
            one.sources[subgraph].strict = True
        elif self.happens(0.25):
            taken = self.random.choice([each for each in one.resolvers if each != subgraph])
            one.sources[subgraph].takes_from = taken
            one.sources[taken].moved = True
