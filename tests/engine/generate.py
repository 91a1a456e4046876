"""Draw a graph: types, their fields, and which subgraphs resolve what by which keys.

First the whole (types and fields), then the split: every field gets its subgraphs, and each subgraph gets the
types that its fields lead to. A sound graph can be entered by ``id`` everywhere; of a wild one composition has
to find out whether it can be answered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tests.engine.graph_model import FieldModel, GraphModel, KeyModel, Source, TypeModel

NAMES = ("alpha", "beta", "civil-affairs", "delta", "echo")
ROOTS = ("Query", "Mutation")
LEAVES = ("Int", "String", "Boolean", "Float", "Date", "Kind")
WRAPS = ("{}", "{}!", "{}", "{}!", "[{}]", "[{}!]!", "[{}!]", "[[{}]!]")


def make_graph(random: Random, *, may_gather: bool = True) -> GraphModel:
    """A graph that its own subgraphs can execute; whether it composes is for composition to say."""
    return _Maker(random, may_gather).make()


@dataclass
class _Maker:
    random: Random
    may_gather: bool = True
    model: GraphModel = field(default_factory=lambda: GraphModel([]))

    def make(self) -> GraphModel:
        self.model.subgraphs = list(NAMES[: self.random.randint(2, 5)])
        self.model.is_sound = self._happens(0.6)
        self._whole()
        for one in self._entities():
            self._place_entity(one)
        for one in list(self._of_kind("object")):
            if one.name not in ROOTS and not one.is_value:
                self._split_fields(one)
        self._roots()
        self._mutations()
        self._close()
        self._vary()
        for _ in range(self.random.randint(0, 3)):
            self._require()
        for _ in range(self.random.randint(0, 3)):
            self._provide()
        self._close()
        self._finish_interfaces()
        return self.model

    # the whole

    def _whole(self) -> None:
        types = self.model.types
        types["Query"] = TypeModel("Query")
        types["Mutation"] = TypeModel("Mutation")
        types["Date"] = TypeModel("Date", "scalar")
        types["Kind"] = TypeModel("Kind", "enum", values=["A", "B", "C"])
        entities = [f"E{n}" for n in range(self.random.randint(2, 4))]
        values = [f"V{n}" for n in range(self.random.randint(0, 2))]
        for name in entities:
            types[name] = TypeModel(name)
        for name in values:
            types[name] = TypeModel(name, is_value=True)
        abstract = self._abstract(entities, values)
        for name in entities:
            self._entity_fields(types[name], entities, values, abstract)
        for name in values:
            self._value_fields(types[name], entities, values)

    def _abstract(self, entities: list[str], values: list[str]) -> list[str]:
        made = []
        for n in range(self.random.randint(0, 2)):
            one = self.model.types[f"I{n}"] = TypeModel(f"I{n}", "interface")
            one.values = self._some(entities, 0.6) or entities[:2]
            one.fields["id"] = FieldModel("id", "ID!")
            made.append(one.name)
        if self._happens(0.5):
            one = self.model.types["U0"] = TypeModel("U0", "union")
            one.values = self._some(entities + values, 0.6) or entities[:2]
            made.append(one.name)
        return made

    def _entity_fields(self, one: TypeModel, entities: list[str], values: list[str], abstract: list[str]) -> None:
        for name, type_ in (("id", "ID!"), ("code", "String!"), ("part", "Int!"), ("half", "String!")):
            one.fields[name] = FieldModel(name, type_)
        if self._happens(0.4):
            one.fields["keyed"] = FieldModel("keyed", f"{self.random.choice(entities)}!")
        if values and self._happens(0.3):
            one.fields["keyedValue"] = FieldModel("keyedValue", f"{self.random.choice(values)}!")
        for n in range(self.random.randint(2, 5)):
            self._add_field(one, f"f{n}", entities + values, abstract)
        # Fields that interfaces may share: the same on every entity.
        one.fields["name"] = FieldModel("name", "String", "n: Int = 0")
        one.fields["size"] = FieldModel("size", "Int!")

    def _value_fields(self, one: TypeModel, entities: list[str], values: list[str]) -> None:
        one.fields["mark"] = FieldModel("mark", "String!")
        for n in range(self.random.randint(1, 3)):
            self._add_field(one, f"v{n}", entities + values, [])

    def _add_field(self, one: TypeModel, name: str, targets: list[str], abstract: list[str]) -> None:
        roll = self.random.random()
        wrap = self.random.choice(WRAPS)
        if roll < 0.45:
            leaf = self.random.choice(LEAVES)
            argument = "n: Int" if leaf == "String" and self._happens(0.5) and "[" not in wrap else ""
            one.fields[name] = FieldModel(name, wrap.format(leaf), argument)
        elif roll < 0.85 or not abstract:
            argument = "n: Int" if wrap.startswith("[{") and self._happens(0.3) else ""
            one.fields[name] = FieldModel(name, wrap.format(self.random.choice(targets)), argument)
        else:
            wrap = self.random.choice(("{}", "[{}]", "[{}!]!"))
            one.fields[name] = FieldModel(name, wrap.format(self.random.choice(abstract)))

    # the split

    def _place_entity(self, one: TypeModel) -> None:
        for subgraph in self._some(self.model.subgraphs, 0.6) or [self.random.choice(self.model.subgraphs)]:
            self._enter(one, subgraph)

    def _enter(self, one: TypeModel, subgraph: str) -> None:
        """Make the entity known to a subgraph, by one or more keys."""
        if subgraph in one.present:
            return
        one.present.add(subgraph)
        candidates = ["id", "code", "part half"]
        candidates += ["keyed { id }"] if "keyed" in one.fields else []
        candidates += ["keyedValue { mark }"] if "keyedValue" in one.fields else []
        chosen = [self.random.choice(candidates)]
        chosen += self._some(candidates, 0.2)
        if self.model.is_sound or self._is_in_interface(one):
            chosen.append("id")
        for fields in dict.fromkeys(chosen):
            resolvable = (self.model.is_sound and fields == "id") or self._happens(0.85)
            one.keys.setdefault(subgraph, []).append(KeyModel(fields, resolvable))
            for name in fields.split(" {")[0].split():
                one.fields[name].sources.setdefault(subgraph, Source())

    def _is_in_interface(self, one: TypeModel) -> bool:
        return any(one.name in each.values for each in self._of_kind("interface"))

    def _split_fields(self, one: TypeModel) -> None:
        present = sorted(one.present)
        for each in one.fields.values():
            if each.name in ("id", "code", "part", "half") or each.name.startswith("keyed"):
                continue
            owners = [self.random.choice(present)]
            owners += self._some(present, 0.25)
            for subgraph in owners:
                each.sources.setdefault(subgraph, Source())
            if self.may_gather and len(each.resolvers) > 1 and each.type.startswith("[") and self._happens(0.6):
                each.gather = True
                each.merge_by = "id" if self._may_merge(each) and self._happens(0.3) else ""

    def _may_merge(self, each: FieldModel) -> bool:
        one = self.model.types.get(each.named)
        is_entity = one is not None and one.kind == "object" and not one.is_value
        return is_entity and self.model.is_sound and not each.type.startswith("[[")

    def _roots(self) -> None:
        query = self.model.types["Query"]
        for one in self._entities():
            for wrap in ("{}", "[{}]!"):
                if self._happens(0.6) or not query.fields:
                    self._root(f"{'one' if wrap == '{}' else 'all'}{one.name}", wrap.format(one.name), one.present)
        for one in list(self.model.types.values()):
            if one.kind in ("interface", "union") and self._happens(0.6):
                self._root(f"any{one.name}", f"[{one.name}]", set(self.model.subgraphs))

    def _root(self, name: str, type_: str, among: set[str]) -> None:
        argument = "n: Int" if type_.startswith("[") and self._happens(0.4) else ""
        made = FieldModel(name, type_, argument)
        for subgraph in {self.random.choice(sorted(among)), *self._some(sorted(among), 0.15)}:
            made.sources[subgraph] = Source()
            self.model.types["Query"].present.add(subgraph)
        self.model.types["Query"].fields[name] = made

    def _mutations(self) -> None:
        mutation = self.model.types["Mutation"]
        for one in self._some([each.name for each in self._entities()], 0.3):
            subgraph = self.random.choice(sorted(self.model.types[one].present))
            mutation.fields[f"make{one}"] = FieldModel(f"make{one}", one, sources={subgraph: Source()})
            mutation.present.add(subgraph)

    def _vary(self) -> None:
        """Subgraphs differ in what may be null; fields move; fields are hidden from clients."""
        for one in self._entities():
            for each in one.fields.values():
                is_plain = each.name.startswith("f") and not each.gather
                if is_plain and len(each.resolvers) > 1:
                    self._vary_shared(each)
                if (is_plain or each.name in ("code", "half", "part")) and self._happens(0.1):
                    each.inaccessible = True

    def _vary_shared(self, one: FieldModel) -> None:
        subgraph = self.random.choice(one.resolvers)
        target = self.model.types.get(one.named)
        if self._happens(0.25) and (target is None or target.kind not in ("interface", "union")):
            one.sources[subgraph].strict = True
        elif self._happens(0.25):
            taken = self.random.choice([each for each in one.resolvers if each != subgraph])
            one.sources[subgraph].takes_from = taken
            one.sources[taken].moved = True

    def _close(self) -> None:
        """Give each subgraph the types that its fields lead to, until nothing is missing."""
        while self._close_once():
            pass

    def _close_once(self) -> bool:
        changed = False
        for one in list(self.model.types.values()):
            for each in one.fields.values():
                for subgraph in sorted(each.sources):
                    changed |= self._know(each.named, subgraph)
        return changed

    def _know(self, name: str, subgraph: str) -> bool:
        one = self.model.types.get(name)
        if one is None or subgraph in one.present:
            return False
        if one.kind == "object" and not one.is_value:
            self._enter(one, subgraph)
            return True
        one.present.add(subgraph)
        if one.is_value:
            self._know_value(one, subgraph)
        elif one.kind == "union":
            one.members[subgraph] = self._some(one.values, 0.8) or one.values[:1]
            for member in one.members[subgraph]:
                self._know(member, subgraph)
        elif one.kind == "interface":
            for member in self._some(one.values, 0.8) or one.values[:1]:
                self._know(member, subgraph)
                self.model.types[member].implements.setdefault(subgraph, []).append(one.name)
        return True

    def _know_value(self, one: TypeModel, subgraph: str) -> None:
        names = list(one.fields)
        if not self.model.is_sound and self._happens(0.3):
            names = ["mark", *self._some(names, 0.5)]
        for name in names:
            one.fields[name].sources.setdefault(subgraph, Source())

    def _finish_interfaces(self) -> None:
        """An interface has, in each subgraph, fields that all its implementations resolve there."""
        for one in self._of_kind("interface"):
            for subgraph in sorted(one.present):
                members = [self.model.types[name] for name in self.model.possible(one.name, subgraph)]
                for name in ("id", "name", "size"):
                    fields = [member.fields[name] for member in members]
                    if all(subgraph in each.resolvers for each in fields):
                        template = fields[0]
                        made = FieldModel(name, template.type, template.argument)
                        one.fields.setdefault(name, made).sources[subgraph] = Source()

    # directives

    def _require(self) -> None:
        """A computed text in one subgraph, of fields that others resolve."""
        one = self.random.choice(self._entities())
        homes = [s for s in sorted(one.present) if any(key.resolvable for key in one.keys.get(s, ()))]
        if not homes:
            return
        home = self.random.choice(homes)
        foreign = [f for f in one.fields.values() if self._is_foreign(f, home)]
        if not foreign:
            return
        parts = [self._required_part(f, home) for f in self.random.sample(foreign, min(len(foreign), 2))]
        wanted = [part for part in parts if part]
        if wanted:
            name = f"computed{len(one.fields)}"
            made = FieldModel(name, "String", sources={home: Source(requires=" ".join(wanted))})
            one.fields[name] = made

    def _is_foreign(self, one: FieldModel, home: str) -> bool:
        return (
            home not in one.sources
            and bool(one.resolvers)
            and not one.gather
            and not one.name.startswith(("keyed", "id"))
        )

    def _required_part(self, one: FieldModel, home: str) -> str:
        target = self.model.types.get(one.named)
        if target is None or target.kind in ("enum", "scalar"):
            one.sources[home] = Source(external=True)
            return f"{one.name}(n: 3)" if one.argument and self._happens(0.4) else one.name
        if target.kind != "object":
            # Shared by subgraphs with unlike members, it is left out: some fragments would be for nobody.
            return self._required_abstract(one, target, home) if len(one.resolvers) == 1 else ""
        one.sources[home] = Source(external=True)
        self._close()
        if target.is_value:
            return f"{one.name} {{ mark }}"
        # An "id" stays with those who resolve it: the keys of others lead through it.
        inner = [f for f in target.fields.values() if self._is_leaf(f) and f.resolvers and not f.gather]
        inner = [f for f in inner if f.name != "id" or home in f.sources]
        known = [f for f in inner if home in f.sources and not f.sources[home].requires]
        chosen = self.random.choice(inner if self._happens(0.5) else known or inner)
        if home not in chosen.sources:
            chosen.sources[home] = Source(external=True)
        elif chosen.sources[home].requires:
            chosen = known[0]
        return f"{one.name} {{ {chosen.name} }}"

    def _required_abstract(self, one: FieldModel, target: TypeModel, home: str) -> str:
        one.sources[home] = Source(external=True)
        self._close()
        parts = ["id"] if target.kind == "interface" and self._happens(0.5) else []
        for name in self.model.possible(target.name, home):
            inner = self.model.types[name].fields.values()
            leaves = [f for f in inner if self._is_leaf(f) and f.resolvers and not (f.gather or f.argument)]
            leaves = [f for f in leaves if not self._is_computed(f) and f.name != "id"]
            if leaves and self._happens(0.7):
                chosen = self.random.choice(leaves)
                chosen.sources.setdefault(home, Source(external=True))
                parts.append(f"... on {name} {{ {chosen.name} }}")
        return f"{one.name} {{ {' '.join(parts) or '__typename'} }}"

    def _is_leaf(self, one: FieldModel) -> bool:
        target = self.model.types.get(one.named)
        return target is None or target.kind in ("enum", "scalar")

    def _provide(self) -> None:
        """A field that brings some of its object's foreign fields along."""
        places = [
            (f, s)
            for one in self._of_kind("object")
            for f in one.fields.values()
            if self._leads_to_objects(f) and not f.gather and not f.name.startswith("keyed")
            for s in f.resolvers
            if not f.sources[s].provides and not f.sources[s].requires
        ]
        if places:
            place, subgraph = self.random.choice(places)
            place.sources[subgraph].provides = self._provided(place.named, subgraph, 2)

    def _leads_to_objects(self, one: FieldModel) -> bool:
        return bool(self.model.possible(one.named))

    def _provided(self, type_name: str, subgraph: str, depth: int) -> str:
        """What a field of this type can bring along, one or two levels deep; empty where there is nothing."""
        target = self.model.types[type_name]
        if target.kind != "object":
            member = self.random.choice(self.model.possible(type_name, subgraph) or [""])
            inner = self._provided(member, subgraph, depth - 1) if member and depth else ""
            return f"... on {member} {{ {inner} }}" if inner else ""
        if target.is_value or target.name in ROOTS:
            return ""
        foreign = [f for f in target.fields.values() if self._is_providable(f, subgraph)]
        leaves = [f for f in foreign if self._is_leaf(f)]
        if leaves and (depth < 2 or self._happens(0.7)):
            return self._provide_one(self.random.choice(leaves), subgraph)
        deeper = [f for f in foreign if not self._is_leaf(f)]
        if not deeper or not depth:
            return ""
        chosen = self.random.choice(deeper)
        before, was_provided = chosen.sources.get(subgraph), chosen.provided
        name = self._provide_one(chosen, subgraph)
        self._close()
        inner = self._provided(chosen.named, subgraph, depth - 1)
        if not inner and before is None:
            del chosen.sources[subgraph]
            chosen.provided = was_provided
        return f"{name} {{ {inner} }}" if inner else ""

    def _is_providable(self, one: FieldModel, subgraph: str) -> bool:
        is_foreign = subgraph not in one.resolvers and bool(one.resolvers)
        is_plain = not (one.gather or one.argument or self._is_computed(one) or one.inaccessible)
        is_plain = is_plain and one.name != "id" and not any(source.moved for source in one.sources.values())
        return is_foreign and is_plain

    def _provide_one(self, one: FieldModel, subgraph: str) -> str:
        one.sources.setdefault(subgraph, Source(external=True))
        one.provided = True
        return one.name

    def _is_computed(self, one: FieldModel) -> bool:
        return any(source.requires for source in one.sources.values())

    # drawing

    def _entities(self) -> list[TypeModel]:
        return [one for one in self._of_kind("object") if one.name not in ROOTS and not one.is_value]

    def _of_kind(self, kind: str) -> list[TypeModel]:
        return [one for one in self.model.types.values() if one.kind == kind]

    def _some(self, among: list[str], chance: float) -> list[str]:
        return [one for one in among if self._happens(chance)]

    def _happens(self, chance: float) -> bool:
        return self.random.random() < chance
