"""Draw ``@requires`` and ``@provides``: what one subgraph needs or brings of another's fields."""

from __future__ import annotations

from tests.engine.drawing import ROOTS, Drawing
from tests.engine.graph_model import FieldModel, Source, TypeModel


class Directives(Drawing):
    """A graph that is being drawn, with directives that lead over several subgraphs."""

    def require(self) -> None:
        """A computed text in one subgraph, of fields that others resolve."""
        one = self.random.choice(self.entities())
        homes = [s for s in sorted(one.present) if any(key.resolvable for key in one.keys.get(s, ()))]
        if not homes:
            return
        home = self.random.choice(homes)
        foreign = [f for f in one.fields.values() if self.is_foreign(f, home)]
        if not foreign:
            return
        parts = [self.required_part(f, home) for f in self.random.sample(foreign, min(len(foreign), 2))]
        wanted = [part for part in parts if part]
        if wanted:
            name = f"computed{len(one.fields)}"
            made = FieldModel(name, "String", sources={home: Source(requires=" ".join(wanted))})
            one.fields[name] = made

    def is_foreign(self, one: FieldModel, home: str) -> bool:
        is_named = one.name.startswith(("keyed", "id"))
        return home not in one.sources and self._may_be_named(one) and not is_named

    def _may_be_named(self, one: FieldModel) -> bool:
        """Whether a requirement may name the field, without an argument too."""
        is_bound = one.gather or one.reading or one.is_labelled or one.argument.endswith("!")
        return bool(one.resolvers) and not is_bound

    def required_part(self, one: FieldModel, home: str) -> str:
        target = self.model.types.get(one.named)
        if target is None or target.kind in ("enum", "scalar"):
            one.sources[home] = Source(external=True)
            return f"{one.name}(n: 3)" if one.argument.startswith("n:") and self.happens(0.4) else one.name
        if target.is_value and "mark" not in target.fields:
            return ""
        if target.kind != "object" and home not in target.interface_objects:
            # Shared by subgraphs with unlike members, it is left out: some fragments would be for nobody.
            return self._required_abstract(one, target, home) if len(one.resolvers) == 1 else ""
        one.sources[home] = Source(external=True)
        self.close()
        if target.is_value:
            return f"{one.name} {{ mark }}"
        # An "id" stays with those who resolve it: the keys of others lead through it.
        inner = [f for f in target.fields.values() if self.is_leaf(f) and self._may_be_named(f)]
        inner = [f for f in inner if f.name != "id" or home in f.sources]
        known = [f for f in inner if home in f.sources and not f.sources[home].requires]
        if not inner:
            del one.sources[home]
            return ""
        chosen = self.random.choice(inner if self.happens(0.5) else known or inner)
        if home not in chosen.sources:
            chosen.sources[home] = Source(external=True)
        elif chosen.sources[home].requires:
            chosen = known[0]
        return f"{one.name} {{ {chosen.name} }}"

    def _required_abstract(self, one: FieldModel, target: TypeModel, home: str) -> str:
        one.sources[home] = Source(external=True)
        self.close()
        parts = ["id"] if target.kind == "interface" and self.happens(0.5) else []
        for name in self.model.possible(target.name, home):
            inner = self.model.types[name].fields.values()
            leaves = [f for f in inner if self.is_leaf(f) and self._may_be_named(f) and not f.argument]
            leaves = [f for f in leaves if not f.is_computed and f.name != "id"]
            if leaves and self.happens(0.7):
                chosen = self.random.choice(leaves)
                # What no resolver's object can be would be a fragment for nobody.
                if all(name in self.model.possible(target.name, resolver) for resolver in one.resolvers):
                    chosen.sources.setdefault(home, Source(external=True))
                    parts.append(f"... on {name} {{ {chosen.name} }}")
        return f"{one.name} {{ {' '.join(parts) or '__typename'} }}"

    def provide(self) -> None:
        """A field that brings some of its object's foreign fields along."""
        places = [
            (f, s)
            for one in self.of_kind("object")
            for f in one.fields.values()
            if self._leads_to_objects(f) and not f.gather and not f.name.startswith("keyed")
            for s in f.resolvers
            if not f.sources[s].provides and not f.sources[s].requires
            if not f.is_labelled
        ]
        if places:
            place, subgraph = self.random.choice(places)
            place.sources[subgraph].provides = self._provided(place.named, subgraph, 2)

    def _leads_to_objects(self, one: FieldModel) -> bool:
        return bool(self.model.possible(one.named))

    def _provided(self, type_name: str, subgraph: str, depth: int) -> str:
        """What a field of this type can bring along, one or two levels deep; empty where there is nothing."""
        target = self.model.types[type_name]
        if target.kind != "object" and subgraph not in target.interface_objects:
            member = self.random.choice(self.model.possible(type_name, subgraph) or [""])
            inner = self._provided(member, subgraph, depth - 1) if member and depth else ""
            return f"... on {member} {{ {inner} }}" if inner else ""
        if target.is_value or target.name in ROOTS:
            return ""
        foreign = [f for f in target.fields.values() if self._is_providable(f, subgraph)]
        leaves = [f for f in foreign if self.is_leaf(f)]
        if leaves and (depth < 2 or self.happens(0.7)):
            return self._provide_one(self.random.choice(leaves), subgraph)
        deeper = [f for f in foreign if not self.is_leaf(f)]
        if not deeper or not depth:
            return ""
        chosen = self.random.choice(deeper)
        before, was_provided = chosen.sources.get(subgraph), chosen.provided
        name = self._provide_one(chosen, subgraph)
        self.close()
        inner = self._provided(chosen.named, subgraph, depth - 1)
        if not inner and before is None:
            del chosen.sources[subgraph]
            chosen.provided = was_provided
        return f"{name} {{ {inner} }}" if inner else ""

    def _is_providable(self, one: FieldModel, subgraph: str) -> bool:
        is_foreign = subgraph not in one.resolvers and bool(one.resolvers)
        is_plain = not (one.gather or one.argument or one.reading or one.is_computed or one.inaccessible)
        is_plain = is_plain and one.name != "id" and not any(source.moved for source in one.sources.values())
        return is_foreign and is_plain

    def _provide_one(self, one: FieldModel, subgraph: str) -> str:
        one.sources.setdefault(subgraph, Source(external=True))
        one.provided = True
        return one.name
