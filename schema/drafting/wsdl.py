"""Draft a connector from a WSDL document: an operation becomes a field that sends an envelope and maps the answer.

Sources: WSDL 1.1; SOAP 1.1 and 1.2; docs/spec/xml.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from graphql.language.print_string import print_string

from schema.drafting.cuts import cut
from schema.drafting.draft import Count, Draft, Note
from schema.drafting.graph import JSON, Field, Leaf, Named, Type, innermost
from schema.drafting.input_mapping import InputMappings
from schema.drafting.names import RESERVED_FIELDS, Names, camel, pascal, same_word
from schema.drafting.operations import Argument, RootField
from schema.drafting.print_connectors import CONNECT, FEDERATION, print_root
from schema.drafting.print_sdl import SCALARS, print_types, reviewed, string
from schema.drafting.selections import Selections
from schema.drafting.wsdl_document import SoapOperation, WsdlDocument
from schema.drafting.xml_tree import Element
from schema.drafting.xsd import XmlTypes, own_prefixes
from schema.mapping.syntax import print_key

_ENVELOPES = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
_FAULTS = {"1.1": "faultstring", "1.2": '"soap:Reason"."soap:Text"'}
_READS = re.compile(r"(?:get|find|query|list|search|read|check|lookup|count|retrieve|fetch|show|is|has)[A-Z_]")
_KEY_TYPES = frozenset({"String", "Int", "Long"})


def draft_wsdl(documents: Sequence[Element]) -> Draft:
    """``documents`` are the WSDL document and all that it imports, as trees. Raises :class:`Undraftable`."""
    document = WsdlDocument(documents)
    drafting = _Drafting(document, XmlTypes(document.schemas))
    return drafting.draft()


@dataclass
class _Operation:
    """A field with the parts of its texts that wait for the types to be whole."""

    root: RootField
    request_key: str
    members: list[tuple[Argument, Field]] = field(default_factory=list)
    value: Argument | None = None
    answer_path: str = ""
    answer: Field | None = None


class _Drafting:
    def __init__(self, document: WsdlDocument, types: XmlTypes) -> None:
        self._document = document
        self._types = types
        self._names = {True: Names(RESERVED_FIELDS), False: Names(RESERVED_FIELDS)}
        self._operations: list[_Operation] = []

    def draft(self) -> Draft:
        notes, found = list[Note](), 0
        for operation, note in self._document.operations():
            found += 1
            if operation is not None:
                self._operations.append(self._operation(operation))
            elif note is not None:
                notes.append(note)
        self._guess_keys()
        inputs = InputMappings(self._types.graph)
        for each in self._operations:
            each.root.body = _body(each, inputs)
        cuts = cut(self._types.graph, (each.root.type for each in self._operations))
        selections = Selections(self._types.graph, cuts)
        for each in self._operations:
            each.root.selection = _selection(each, selections)
        count = Count("operations", len(self._operations), found)
        return Draft("rest", self._print(selections), (*self._document.notes, *notes), (count,))

    # Operations

    def _operation(self, operation: SoapOperation) -> _Operation:
        is_read = bool(_READS.match(operation.name[:1].lower() + operation.name[1:]))
        name = self._names[is_read].take(camel(operation.name))
        made = RootField(name, is_read, operation.name, JSON, "POST", "", description=operation.documentation)
        kind = "a read, by its name" if is_read else "a command, since its name does not say that it only reads"
        made.reviews.append(f"{operation.name} is taken for {kind}")
        if operation.version == "1.1":
            action = f'"{operation.action}"'
            made.headers += [
                ("Content-Type", "text/xml; charset=utf-8"),
                ("SOAPAction", action),
                ("Accept", "text/xml"),
            ]
        else:
            action = f'; action="{operation.action}"' if operation.action else ""
            made.headers.append(("Content-Type", f"application/soap+xml; charset=utf-8{action}"))
            made.headers.append(("Accept", "application/soap+xml"))
        request = self._types.element(operation.request) if operation.request else None
        key = self._types.key_of(request, is_global=True) if request else ""
        result = _Operation(made, key)
        if request is not None:
            self._add_arguments(result, request)
        self._add_answer(result, operation)
        return result

    def _add_arguments(self, operation: _Operation, request: Element) -> None:
        members = self._types.members(request, is_input=True)
        names = Names()
        for member in members:
            argument = Argument(
                names.take(member.name), member.key, member.type, member.is_nullable, member.description
            )
            operation.members.append((argument, member))
            operation.root.arguments.append(argument)
        if not members:
            content = self._types.type_of(request, "Input", is_input=True)
            if content != JSON:
                operation.value = Argument("value", "value", content, is_nullable=False)
                operation.root.arguments.append(operation.value)

    def _add_answer(self, operation: _Operation, soap: SoapOperation) -> None:
        answer = self._types.element(soap.answer) if soap.answer else None
        if answer is None:
            operation.root.type = Leaf("Boolean")
            return
        path = f'$."soap:Envelope"."soap:Body".{print_key(self._types.key_of(answer, is_global=True))}'
        members = self._types.members(answer, is_input=False)
        if len(members) == 1:
            # The one thing in the wrapper is what was asked for.
            operation.answer, operation.answer_path = members[0], f"{path}.{print_key(members[0].key)}"
            operation.root.type = members[0].type
            return
        whole = self._types.type_of(answer, f"{pascal(soap.name)}Answer", is_input=False)
        operation.answer, operation.answer_path = Field("answer", "", whole, True), path
        operation.root.type = whole if members or whole != JSON else Leaf("Boolean")

    def _guess_keys(self) -> None:
        """A read with one argument that is a field of the object that it gives."""
        for each in self._operations:
            needed = [argument for argument in each.root.arguments if not argument.is_nullable]
            found = (
                self._types.graph.objects.get(each.root.type.name) if isinstance(each.root.type, Named) else None
            )
            if not each.root.is_read or found is None or len(needed) != 1 or len(each.root.arguments) != 1:
                continue
            argument = needed[0]
            match = found.fields.get(argument.name)
            if match is None or not _may_be_key(argument.type) or match.type != argument.type:
                continue
            if (match.name,) not in found.keys and same_word(match.name, argument.name):
                match.type = argument.type = Leaf("ID")
                found.keys.append((match.name,))
                found.reviews.append(f'the key "{match.name}" is guessed from {each.root.operation}')
                each.root.is_entity = True

    # Text

    def _print(self, selections: Selections) -> str:
        graph = self._types.graph
        fields = [each.root for each in self._operations]
        used = graph.reachable(iter([*(f.type for f in fields), *(a.type for f in fields for a in f.arguments)]))
        blocks = [self._head(any(graph.objects[name].keys for name in used & graph.objects.keys()))]
        for name, is_read in (("Query", True), ("Mutation", False)):
            chosen = [each for each in fields if each.is_read is is_read]
            blocks += [print_root(name, chosen, selections)] if chosen else []
        return "\n\n".join((*blocks, *print_types(graph, used, used & SCALARS.keys())))

    def _head(self, has_keys: bool) -> str:
        version = self._document.version
        message = f'$."soap:Envelope"."soap:Body"."soap:Fault".{_FAULTS[version]}'
        address = self._document.address
        is_known = address.startswith(("http://", "https://"))
        imports = ', import: ["@key"]' if has_keys else ""
        prefixes = [("soap", _ENVELOPES[version]), *own_prefixes(self._types.prefixes)]
        reviews = (
            [] if is_known else ["the document names no address; the url given at registration takes its place"]
        )
        return "\n".join(
            (
                f"# Drafted from a WSDL document; SOAP {version}.",
                *reviewed(reviews),
                "extend schema",
                f'  @link(url: "{FEDERATION}"{imports})',
                f'  @link(url: "{CONNECT}", import: ["@source", "@connect"])',
                '  @link(url: "https://jiyi.dev/spec/xml/v0.1", import: ["@xmlNamespace"])',
                *(f"  @xmlNamespace(prefix: {print_string(p)}, uri: {print_string(uri)})" for p, uri in prefixes),
                "  @source(",
                '    name: "api"',
                f"    http: {{ baseURL: {print_string(address if is_known else 'http://department.invalid')} }}",
                f"    errors: {{ message: {string(message, '    ')} }}",
                "  )",
            )
        )


def _body(operation: _Operation, inputs: InputMappings) -> str:
    """The envelope; what is not given is left out of it."""
    if not operation.request_key:
        return '"soap:Envelope": { "soap:Body": $(null) }'
    key = print_key(operation.request_key)
    if operation.value is not None:
        content = inputs.value(operation.value)
    elif operation.members:
        lines = [
            f"    {print_key(member.key)}: {inputs.value(argument)}" for argument, member in operation.members
        ]
        content = "{\n" + "\n".join(lines) + "\n  }"
    else:
        content = "$(null)"
    return f'"soap:Envelope": {{ "soap:Body": {{\n  {key}: {content}\n}} }}'


def _selection(operation: _Operation, selections: Selections) -> str:
    answer = operation.answer
    if answer is None or (operation.root.type == Leaf("Boolean") and answer.type != Leaf("Boolean")):
        return "$status->lt(300)"
    path = f"{operation.answer_path}{answer.step}"
    inner: Leaf | Named = innermost(answer.type)
    text = selections.of(answer.type)
    if isinstance(inner, Leaf):
        return path + text.removeprefix("$")
    return "\n".join((f"{path} {{", *(f"  {line}" for line in text.split("\n")), "}"))


def _may_be_key(type_: Type) -> bool:
    return isinstance(type_, Leaf) and type_.name in _KEY_TYPES
