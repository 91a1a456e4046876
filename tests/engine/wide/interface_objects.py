"""An interface that is an entity: some subgraphs know all its implementations, others it as one object.

Source: Federation 2.3, "Entity interfaces", "@interfaceObject".
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.engine.draw_directives import Directives
from tests.engine.graph_model import FieldModel, GraphModel, KeyModel, Source, TypeModel


def add_interface_object(draw: Directives) -> None:
    """One such interface with its implementations, what interface objects add to it, and ways that lead there."""
    subgraphs = draw.random.sample(draw.model.subgraphs, len(draw.model.subgraphs))
    count = draw.random.randint(1, max(1, len(subgraphs) // 2))
    real = subgraphs[count:]
    parts = Parts(draw, subgraphs[:count], real[: draw.random.randint(1, len(real))], real)
    parts.add()


def share_with_members(model: GraphModel) -> None:
    """What an interface object resolves too, or brings along, is shared with the implementations."""
    for one in model.types.values():
        for each in one.fields.values() if one.interface_objects else ():
            if each.provided or any(name in one.interface_objects for name in each.resolvers):
                for member in model.possible(one.name):
                    if each.name in model.types[member].fields:
                        model.types[member].fields[each.name].provided = True


@dataclass
class Parts:
    """The subgraphs by what they know: the interface as an object, all implementations (``complete``), or
    some (the rest of ``real``)."""

    draw: Directives
    objects: list[str]
    complete: list[str]
    real: list[str]

    def add(self) -> None:
        draw, types = self.draw, self.draw.model.types
        name = f"N{sum(bool(one.interface_objects) for one in types.values())}"
        one = types[name] = TypeModel(name, "interface", interface_objects=set(self.objects))
        one.present = {*self.objects, *self.complete}
        one.values = [f"{name}{letter}" for letter in "ABC"[: draw.random.randint(1, 3)]]
        targets = draw.open_entities([*self.objects, *self.real])
        for key, type_ in (("id", "ID!"), ("serial", "String!")):
            one.fields[key] = FieldModel(key, type_)
        self._keys(one)
        for member in one.values:
            self._member(one, types.setdefault(member, TypeModel(member)), targets)
        draw.close()
        draw.finish_interfaces()
        for subgraph in self.objects:
            self._add_fields(one, subgraph, targets)
        self._require(one)
        self._lead_to(one)

    def _keys(self, one: TypeModel) -> None:
        for subgraph in (*self.complete, *self.objects):
            keys = ["id"] if self._is_sound() or self.draw.happens(0.8) else ["serial"]
            keys += ["serial"] if self.draw.happens(0.3) and "serial" not in keys else []
            for fields in keys:
                resolvable = (self._is_sound() and fields == "id") or self.draw.happens(0.9)
                one.keys.setdefault(subgraph, []).append(KeyModel(fields, resolvable))
                one.fields[fields].sources[subgraph] = Source()

    def _is_sound(self) -> bool:
        return self.draw.model.is_sound

    def _member(self, one: TypeModel, member: TypeModel, targets: list[str]) -> None:
        """An implementation: in all complete subgraphs by the interface's keys, in others by keys of its own."""
        draw = self.draw
        draw.entity_fields(member, targets, [], [one.name])
        member.fields["serial"] = FieldModel("serial", "String!")
        member.fields["near"] = FieldModel("near", targets[0])
        for subgraph in self.complete:
            member.present.add(subgraph)
            member.implements.setdefault(subgraph, []).append(one.name)
            for key in one.keys[subgraph]:
                member.keys.setdefault(subgraph, []).append(
                    KeyModel(key.fields, key.resolvable or draw.happens(0.5))
                )
                member.fields[key.fields].sources[subgraph] = Source()
        for subgraph in self.real:
            if draw.happens(0.3):
                draw.enter(member, subgraph)
        for each in member.fields.values():
            if each.name not in ("id", "code", "part", "half", "serial") and not each.name.startswith("keyed"):
                draw.spread(each, sorted(member.present))
        chosen = draw.random.choice(self.complete)
        for name in draw.some(["name", "size", "near"], 0.7):
            # Drawn once for all members below: what one complete subgraph resolves of each is the interface's.
            member.fields[name].sources.setdefault(chosen, Source())

    def _add_fields(self, one: TypeModel, subgraph: str, targets: list[str]) -> None:
        draw = self.draw
        members = [draw.model.types[name] for name in one.values]
        for real in self.complete:
            if all(real in each.fields["near"].resolvers for each in members):
                one.fields.setdefault("near", FieldModel("near", targets[0])).sources[real] = Source()
        for _ in range(draw.random.randint(1, 3)):
            name = f"io{len(one.fields)}"
            draw.add_field(one, name, targets, [one.name])
            one.fields[name].sources[subgraph] = Source()
            for other in self.objects:
                if other != subgraph and draw.happens(0.25):
                    one.fields[name].sources[other] = Source()
        for name in ("name", "size", "near"):
            if name in one.fields and draw.happens(0.25):
                one.fields[name].sources.setdefault(subgraph, Source())

    def _require(self, one: TypeModel) -> None:
        """Interface objects compute from the interface's fields, implementations from interface objects'."""
        draw = self.draw
        for home in draw.some(self.objects, 0.6):
            foreign = [f for f in one.fields.values() if draw.is_foreign(f, home) and f.name != "serial"]
            chosen = draw.random.sample(foreign, min(len(foreign), draw.random.randint(1, 2)))
            parts = [part for f in chosen if (part := draw.required_part(f, home))]
            if parts:
                name = f"ioc{len(one.fields)}"
                one.fields[name] = FieldModel(name, "String", sources={home: Source(requires=" ".join(parts))})
        for member in draw.some(one.values, 0.3):
            self._require_of_member(one, draw.model.types[member])

    def _require_of_member(self, one: TypeModel, member: TypeModel) -> None:
        draw = self.draw
        leaves = [f for f in one.fields.values() if f.name.startswith("io") and draw.is_leaf(f)]
        homes = [s for s in sorted(member.present) if any(key.resolvable for key in member.keys[s])]
        if not (leaves and homes):
            return
        home, leaf = draw.random.choice(homes), draw.random.choice(leaves)
        known = member.fields.setdefault(leaf.name, FieldModel(leaf.name, leaf.type, leaf.argument))
        known.sources[home] = Source(external=True)
        name = f"computed{len(member.fields)}"
        member.fields[name] = FieldModel(name, "String", sources={home: Source(requires=leaf.name)})

    def _lead_to(self, one: TypeModel) -> None:
        draw = self.draw
        places = ((self.complete, "[{}]"), (self.objects, "[{}]"), (self.objects, "{}"), (self.real, "[{}!]!"))
        for number, (among, wrap) in enumerate(places):
            if draw.happens(0.6) or not number:
                draw.add_root(f"any{one.name}{number}", wrap.format(one.name), [draw.random.choice(among)])
        if draw.happens(0.3):
            both = [draw.random.choice(self.complete), draw.random.choice(self.objects)]
            draw.add_root(f"any{one.name}", f"[{one.name}]", both, "n: Int")
        for each in draw.entities():
            if each.name not in one.values and draw.happens(0.3):
                wrap = draw.random.choice(("{}", "{}", "[{}]", "[{}!]!"))
                made = each.fields[f"to{one.name}"] = FieldModel(f"to{one.name}", wrap.format(one.name))
                draw.spread(made, sorted(each.present))
