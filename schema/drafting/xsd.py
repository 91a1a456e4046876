"""Types of an XML Schema as types of a graph; what a mapping calls each element.

Source: XML Schema 1.0, part 1; how XML becomes JSON: docs/spec/xml.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schema.drafting.graph import JSON, STRING, EnumType, Field, Graph, Leaf, ListOf, Named, ObjectType, Type
from schema.drafting.names import RESERVED_TYPES, Names, enum_value, field_name, pascal
from schema.drafting.xml_tree import Element

XSD = "http://www.w3.org/2001/XMLSchema"
_SCALARS = {
    **dict.fromkeys(("int", "short", "byte", "unsignedShort", "unsignedByte"), "Int"),
    **dict.fromkeys(("long", "integer", "unsignedInt", "unsignedLong", "positiveInteger"), "Long"),
    **dict.fromkeys(("nonNegativeInteger", "negativeInteger", "nonPositiveInteger"), "Long"),
    **dict.fromkeys(("float", "double"), "Float"),
    "decimal": "Decimal",
    "boolean": "Boolean",
    "date": "Date",
    "dateTime": "DateTime",
    "time": "Time",
}
_TRUTH = '->match(["true", true], ["1", true], ["false", false], ["0", false])'
_GROUPS = ("sequence", "all", "choice")
_SAFE_PREFIX = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

QName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Member:
    """A value at a place: its type, what of the data it is, and the step that makes the type of it."""

    key: str
    type: Type
    is_nullable: bool
    step: str


class XmlTypes:
    """Makes types as they are asked for. ``prefixes`` are ours, by namespace."""

    def __init__(self, schemas: list[Element]) -> None:
        self.graph = Graph()
        self.prefixes: dict[str, str] = {}
        self._names = Names(RESERVED_TYPES)
        self._prefix_names = Names({"soap", "xml", "xmlns", "xsi"})
        self._made: dict[tuple[object, bool], Type] = {}
        self._enums: dict[tuple[str, ...], str] = {}
        self._elements: dict[QName, Element] = {}
        self._types: dict[QName, Element] = {}
        self._groups: dict[QName, Element] = {}
        self._home: dict[int, Element] = {}
        for schema in schemas:
            target = schema.attributes.get("targetNamespace", "")
            for each in schema.children:
                known = {"element": self._elements, "complexType": self._types, "simpleType": self._types}
                known |= {"group": self._groups}
                if each.name in known and "name" in each.attributes:
                    known[each.name][target, each.attributes["name"]] = each
            self._settle(schema, schema)

    def element(self, name: QName) -> Element | None:
        return self._elements.get(name)

    def key_of(self, element: Element, *, is_global: bool) -> str:
        """What a mapping calls an element: with our prefix of its namespace, where it is in one."""
        home = self._home[id(element)]
        target = home.attributes.get("targetNamespace", "")
        form = element.attributes.get("form") or home.attributes.get("elementFormDefault", "unqualified")
        qualified = is_global or form == "qualified"
        return (
            self.prefixed(target, element.attributes["name"])
            if qualified and target
            else element.attributes["name"]
        )

    def prefixed(self, space: str, name: str) -> str:
        if not space:
            return name
        if space not in self.prefixes:
            self.prefixes[space] = self._prefix_names.take("m")
        return f"{self.prefixes[space]}:{name}"

    def members(self, element: Element, *, is_input: bool) -> list[Field]:
        """The fields of an element's own type; none for one that holds text or nothing."""
        owner = self._type_element(element)
        return list(self._fields(owner, pascal(element.attributes.get("name", "Part")), is_input)) if owner else []

    def _settle(self, element: Element, home: Element) -> None:
        self._home[id(element)] = home
        for each in element.children:
            self._settle(each, home)

    def _type_element(self, element: Element) -> Element | None:
        """The complex type of an element, its own or the one that it names."""
        own = element.first("complexType", XSD)
        if own is not None:
            return own
        named = self._types.get(element.names.get("type", ("", "")))
        return named if named is not None and named.name == "complexType" else None

    def _fields(self, owner: Element, wish: str, is_input: bool) -> Iterator[Field]:
        names = Names()
        for member, description in self._contents(owner, wish, is_input, 0):
            local = member.key.lstrip("@").rpartition(":")[2]
            made = Field(names.take(field_name(local)), member.key, member.type, member.is_nullable, description)
            made.step = member.step
            yield made

    def _contents(self, owner: Element, wish: str, is_input: bool, depth: int) -> Iterator[tuple[Member, str]]:
        if depth > 20:
            return
        for each in owner.children:
            if each.space != XSD:
                continue
            if each.name in _GROUPS:
                is_choice = each.name == "choice"
                for member, description in self._contents(each, wish, is_input, depth + 1):
                    nullable = member.is_nullable or is_choice or each.attributes.get("minOccurs") == "0"
                    yield Member(member.key, member.type, nullable, member.step), description
            elif each.name == "group" and "ref" in each.names:
                group = self._groups.get(each.names["ref"])
                yield from self._contents(group, wish, is_input, depth + 1) if group else ()
            elif each.name == "element":
                yield self._element_member(each, wish, is_input), _documentation(each)
            elif each.name == "attribute" and "name" in each.attributes:
                type_ = self._simple(each, pascal(each.attributes["name"]))
                required = each.attributes.get("use") == "required"
                yield Member(f"@{each.attributes['name']}", type_, not required, _step(type_, is_input)), ""
            elif each.name in ("complexContent", "extension"):
                base = self._types.get(each.names.get("base", ("", "")))
                yield from self._contents(base, wish, is_input, depth + 1) if base else ()
                yield from self._contents(each, wish, is_input, depth + 1)
            elif each.name == "restriction" and owner.name == "complexContent":
                yield from self._contents(each, wish, is_input, depth + 1)

    def _element_member(self, element: Element, wish: str, is_input: bool) -> Member:
        is_global = "ref" in element.names
        target = self._elements.get(element.names["ref"]) if is_global else element
        if target is None or "name" not in target.attributes:
            space, name = element.names.get("ref", ("", "unknown"))
            return Member(self.prefixed(space, name), JSON, True, "")
        key = self.key_of(target, is_global=is_global)
        type_ = self.type_of(target, f"{wish}{pascal(target.attributes['name'])}", is_input=is_input)
        nullable = element.attributes.get("minOccurs") == "0" or target.attributes.get("nillable") == "true"
        if element.attributes.get("maxOccurs", "1") not in ("0", "1"):
            inner = _step(type_, is_input)
            step = "" if is_input else f"->map(@{inner})"
            return Member(key, ListOf(type_, type_ == JSON), nullable or not is_input, step)
        return Member(key, type_, nullable or type_ == JSON, _step(type_, is_input))

    def type_of(self, element: Element, wish: str, *, is_input: bool) -> Type:
        """The type of an element's content, its number apart."""
        complex_type = self._type_element(element)
        if complex_type is None:
            return self._simple(element, wish)
        if complex_type.first("simpleContent", XSD) is not None:
            # Text with attributes is an object where an attribute is there, and text where none is.
            return JSON
        key = (id(complex_type), is_input)
        if key not in self._made:
            called = pascal(complex_type.attributes.get("name", "")) if "name" in complex_type.attributes else wish
            called = f"{called}Input" if is_input and not called.endswith("Input") else called
            made = ObjectType(
                self._names.take(called, f"{called}Object"), _documentation(complex_type), is_input=is_input
            )
            self._made[key] = Named(made.name)
            self.graph.objects[made.name] = made
            made.fields = {each.name: each for each in self._fields(complex_type, called, is_input)}
            if not made.fields:
                del self.graph.objects[made.name]
                self._made[key] = JSON
        return self._made[key]

    def _simple(self, element: Element, wish: str) -> Type:
        space, name = element.names.get("type", ("", ""))
        own = element.first("simpleType", XSD)
        if own is None and space != XSD:
            own, wish = self._types.get((space, name)), pascal(name) or wish
        if own is None:
            if name in ("anyType", ""):
                return JSON
            return Leaf(_SCALARS.get(name, "String")) if space == XSD else STRING
        restriction = own.first("restriction", XSD)
        if restriction is None:
            return STRING
        values = tuple(
            dict.fromkeys(each.attributes.get("value", "") for each in restriction.all("enumeration", XSD))
        )
        if len(values) > 1:
            return self._enum(values, wish)
        base_space, base = restriction.names.get("base", ("", ""))
        if base_space != XSD and (base_space, base) in self._types:
            return self._simple(Element(XSD, "element", {}, {"type": (base_space, base)}), wish)
        return Leaf(_SCALARS.get(base, "String"))

    def _enum(self, values: tuple[str, ...], wish: str) -> Leaf:
        named = tuple((enum_value(value), value) for value in values)
        if len({name for name, _ in named}) < len(named) or any(name.startswith("__") for name, _ in named):
            return STRING
        if values not in self._enums:
            name = self._names.take(wish, f"{wish}Value")
            self._enums[values] = name
            self.graph.enums[name] = EnumType(name, named)
        return Leaf(self._enums[values])


def own_prefixes(prefixes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Prefix and address, in the order of the prefixes."""
    return sorted((prefix, space) for space, prefix in prefixes.items() if _SAFE_PREFIX.match(prefix))


def _step(type_: Type, is_input: bool) -> str:
    return _TRUTH if type_ == Leaf("Boolean") and not is_input else ""


def _documentation(element: Element) -> str:
    annotation = element.first("annotation", XSD)
    found = annotation.first("documentation", XSD) if annotation else None
    return found.text if found else ""
