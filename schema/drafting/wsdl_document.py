"""A WSDL document as operations: which element goes in, which comes back, and how SOAP is told of it.

Sources: WSDL 1.1; its bindings for SOAP 1.1 and SOAP 1.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from schema.drafting.draft import Note, Undraftable
from schema.drafting.xml_tree import Element
from schema.drafting.xsd import XSD, QName

WSDL = "http://schemas.xmlsoap.org/wsdl/"
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

    def operations(self) -> Iterator[tuple[SoapOperation | None, Note | None]]:
        """Each operation, or why it is left out."""
        soap = self._binding_space(self._binding)
        held = self._binding.first("binding", soap)
        style = held.attributes.get("style", "document") if held else "document"
        types = self._named("portType").get(self._binding.names.get("type", ("", "")))
        for operation in self._binding.all("operation"):
            name = operation.attributes.get("name", "")
            told = operation.first("operation", soap)
            declared = (
                next((e for e in types.all("operation") if e.attributes.get("name") == name), None)
                if types
                else None
            )
            if declared is None:
                yield None, Note(name, "left out: its port type does not have it")
                continue
            if (told.attributes.get("style", style) if told else style) == "rpc":
                yield None, Note(name, "left out: its style is rpc; document/literal can be drafted")
                continue
            if any(body.attributes.get("use") == "encoded" for body in self._bodies(operation, soap)):
                yield None, Note(name, "left out: its use is encoded; document/literal can be drafted")
                continue
            for header in self._headers(operation, soap):
                self.notes.append(Note(name, f'the SOAP header "{header}" is not sent'))
            documentation = declared.first("documentation")
            yield (
                SoapOperation(
                    name,
                    documentation.text if documentation else "",
                    told.attributes.get("soapAction", "") if told else "",
                    self.version,
                    self._element_of(declared.first("input")),
                    self._element_of(declared.first("output")),
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

    def _bodies(self, operation: Element, soap: str) -> Iterator[Element]:
        for direction in ("input", "output"):
            for each in operation.all(direction):
                yield from each.all("body", soap)

    def _headers(self, operation: Element, soap: str) -> Iterator[str]:
        for each in operation.all("input"):
            yield from (header.attributes.get("part", "") for header in each.all("header", soap))

    def _element_of(self, direction: Element | None) -> QName | None:
        message = self._named("message").get(direction.names.get("message", ("", ""))) if direction else None
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
        if is_import and place:
            found.add(urldefrag(urljoin(location, place))[0])
    return frozenset(found - {urldefrag(location)[0]})
