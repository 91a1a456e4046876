"""What an operation of the style rpc puts into the envelope's body, as the schema that nobody wrote.

The wrapper is called like the operation, in the namespace that the binding tells; each part of the message is an
element of no namespace in it. Sources: WSDL 1.1, section 3.5; WS-I Basic Profile 1.1, section 4.7.
"""

from __future__ import annotations

from collections.abc import Iterable

from schema.drafting.xml_tree import Element
from schema.drafting.xsd import XSD, QName


def wrapper_schema(name: QName, parts: Iterable[Element]) -> Element:
    space, local = name
    members = [_element(part.attributes.get("name", ""), part.names.get("type")) for part in parts]
    content = Element(XSD, "complexType", {}, {}, [Element(XSD, "sequence", {}, {}, members)])
    wrapper = _element(local, None)
    wrapper.children.append(content)
    return Element(XSD, "schema", {"targetNamespace": space}, {}, [wrapper])


def _element(name: str, type_: QName | None) -> Element:
    return Element(XSD, "element", {"name": name}, {} if type_ is None else {"type": type_})
