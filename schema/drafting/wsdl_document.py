"""A WSDL document as operations: which element goes in, which comes back, and how SOAP is told of it.

Sources: WSDL 1.1; its bindings for SOAP 1.1 and SOAP 1.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from schema.drafting.draft import Note, Undraftable
from schema.drafting.wsdl_wrappers import wrapper_schema
from schema.drafting.xml_tree import Element
from schema.drafting.xsd import XSD, QName

WSDL = "http://schemas.xmlsoap.org/wsdl/"
_WELL_KNOWN = frozenset(
    {
        *("http://schemas.xmlsoap.org/soap/encoding/", "http://www.w3.org/2003/05/soap-encoding"),
        *("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"),
        *("http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2005/05/xmlmime", WSDL, XSD),
    }
)
"""Schemas of standards lie beside hardly any document that imports them, and name nothing that is drafted."""
_BINDINGS = {
    "http://schemas.xmlsoap.org/wsdl/soap/": "1.1",
    "http://schemas.xmlsoap.org/wsdl/soap12/": "1.2",
}


@dataclass(frozen=True, slots=True)
class SoapOperation:
    """``request`` and ``answer`` name the elements in the envelope's body."""

    name: str
    documentation: str
    action: str
    version: str
    request: QName | None
    answer: QName | None


class WsdlDocument:
    """Every definition of the document and of those that it imports. Raises :class:`Undraftable`."""

    def __init__(self, documents: Sequence[Element]) -> None:
        self._definitions = [each for each in documents if (each.space, each.name) == (WSDL, "definitions")]
        if not self._definitions:
            raise Undraftable("This is no WSDL 1.1 document: it has no wsdl:definitions.")
        self.schemas = [each for each in documents if (each.space, each.name) == (XSD, "schema")]
        for each in self._definitions:
            for types in each.all("types"):
                self.schemas += types.all("schema", XSD)
        self.notes: list[Note] = []
        self.address, self._binding, self.version = self._port()
        self._soap = self._binding_space(self._binding)
        for operation in self._binding.all("operation"):
            self.schemas += self._wrappers(operation)

    def operations(self) -> Iterator[tuple[SoapOperation | None, Note | None]]:
        """Each operation, or why it is left out."""
        for operation in self._binding.all("operation"):
            name = operation.attributes.get("name", "")
            told = operation.first("operation", self._soap)
            declared = self._declared(operation)
            if declared is None:
                yield None, Note(name, "left out: its port type does not have it")
                continue
            bodies = (self._body(operation, "input"), self._body(operation, "output"))
            if any(body is not None and body.attributes.get("use") == "encoded" for body in bodies):
                yield None, Note(name, "left out: its use is encoded; what is literal can be drafted")
                continue
            for header in self._headers(operation, self._soap):
                self.notes.append(Note(name, f'the SOAP header "{header}" is not sent'))
            documentation = declared.first("documentation")
            yield (
                SoapOperation(
                    name,
                    documentation.text if documentation else "",
                    told.attributes.get("soapAction", "") if told else "",
                    self.version,
                    self._element_of(operation, declared, "input"),
                    self._element_of(operation, declared, "output"),
                ),
                None,
            )

    def _port(self) -> tuple[str, Element, str]:
        """The first port that speaks SOAP, version 1.1 before 1.2."""
        bindings = self._named("binding")
        found: list[tuple[str, str, Element, str]] = []
        for definitions in self._definitions:
            for service in definitions.all("service"):
                for port in service.all("port"):
                    binding = bindings.get(port.names.get("binding", ("", "")))
                    for space, version in _BINDINGS.items():
                        address = port.first("address", space)
                        if binding is not None and address is not None:
                            location = address.attributes.get("location", "")
                            found.append((version, location, binding, port.attributes.get("name", "")))
        if not found:
            raise Undraftable("It has no port with a SOAP address.")
        version, location, binding, _ = min(found, key=lambda each: each[0])
        others = sorted(name for v, _, b, name in found if b is not binding)
        if others:
            self.notes.append(Note("ports", f"not drafted, since one speaks SOAP {version}: {', '.join(others)}"))
        return location, binding, version

    def _binding_space(self, binding: Element) -> str:
        return next((space for space in _BINDINGS if binding.first("binding", space) is not None), "")

    def _declared(self, operation: Element) -> Element | None:
        """The operation of the port type that this one binds."""
        types = self._named("portType").get(self._binding.names.get("type", ("", "")))
        name = operation.attributes.get("name")
        every = types.all("operation") if types is not None else iter(())
        return next((each for each in every if each.attributes.get("name") == name), None)

    def _body(self, operation: Element, direction: str) -> Element | None:
        held = operation.first(direction)
        return held.first("body", self._soap) if held is not None else None

    def _is_rpc(self, operation: Element) -> bool:
        places = (operation.first("operation", self._soap), self._binding.first("binding", self._soap))
        styles = (place.attributes.get("style") for place in places if place is not None)
        return next((style for style in styles if style), "document") == "rpc"

    def _wrapper_name(self, operation: Element, direction: str) -> QName:
        body = self._body(operation, direction)
        space = body.attributes.get("namespace", "") if body is not None else ""
        return space, operation.attributes.get("name", "") + ("Response" if direction == "output" else "")

    def _wrappers(self, operation: Element) -> Iterator[Element]:
        """The schemas of its request and answer, where its style is rpc."""
        declared = self._declared(operation) if self._is_rpc(operation) else None
        for direction in ("input", "output"):
            message = self._message(declared, direction)
            if message is not None:
                yield wrapper_schema(self._wrapper_name(operation, direction), message.all("part"))

    def _headers(self, operation: Element, soap: str) -> Iterator[str]:
        for each in operation.all("input"):
            yield from (header.attributes.get("part", "") for header in each.all("header", soap))

    def _message(self, declared: Element | None, direction: str) -> Element | None:
        held = declared.first(direction) if declared is not None else None
        return self._named("message").get(held.names.get("message", ("", ""))) if held is not None else None

    def _element_of(self, operation: Element, declared: Element, direction: str) -> QName | None:
        message = self._message(declared, direction)
        if message is not None and self._is_rpc(operation):
            return self._wrapper_name(operation, direction)
        for part in message.all("part") if message else ():
            if "element" in part.names:
                return part.names["element"]
        return None

    def _named(self, kind: str) -> Mapping[QName, Element]:
        found: dict[QName, Element] = {}
        for definitions in self._definitions:
            target = definitions.attributes.get("targetNamespace", "")
            for each in definitions.all(kind):
                found[target, each.attributes.get("name", "")] = each
        return found


def imported(document: Element, location: str) -> frozenset[str]:
    """The locations of the documents that this one, which lies at ``location``, imports or includes."""
    found: set[str] = set()
    waiting = [document]
    while waiting:
        element = waiting.pop()
        waiting += element.children
        is_import = (element.space, element.name) in {(WSDL, "import"), (XSD, "import"), (XSD, "include")}
        place = element.attributes.get("location") or element.attributes.get("schemaLocation")
        if is_import and place and element.attributes.get("namespace") not in _WELL_KNOWN:
            found.add(urldefrag(urljoin(location, place))[0])
    return frozenset(found - {urldefrag(location)[0]})
