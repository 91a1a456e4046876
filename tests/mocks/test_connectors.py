"""The connector SDLs that the REST departments register: readable, linked, and shipped."""

from __future__ import annotations

from importlib.resources import files

import pytest
from graphql import DocumentNode, ObjectTypeDefinitionNode, SchemaExtensionNode, parse, print_ast

JOINT = ("fire-rescue", "health", "medical-insurance", "natural-resources")
NAMES = ("civil-affairs", "finance", "market-regulation", "transport", *JOINT)


def document(name: str) -> DocumentNode:
    return parse((files("mocks") / "connectors" / f"{name}.graphql").read_text("utf-8"))


def of_type(name: str, type_name: str) -> ObjectTypeDefinitionNode:
    found = [
        node
        for node in document(name).definitions
        if isinstance(node, ObjectTypeDefinitionNode) and node.name.value == type_name
    ]
    return found[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_connector_links_federation_and_connect_and_names_its_source(name: str) -> None:
    """By the public conventions, with a host that cannot exist in place of the registered address."""
    extension = next(node for node in document(name).definitions if isinstance(node, SchemaExtensionNode))
    text = print_ast(extension)
    assert "https://specs.apollo.dev/federation/v2.11" in text
    assert "https://specs.apollo.dev/connect/v0.2" in text
    assert '@source(name: "api", http: { baseURL: "http://department.invalid" })' in text


@pytest.mark.parametrize("name", ["civil-affairs", "market-regulation", "transport"])
def test_licences_are_gathered_by_the_hidden_identity_number(name: str) -> None:
    """All three say the same of a citizen."""
    citizen = print_ast(of_type(name, "Citizen"))
    assert citizen.startswith('type Citizen @key(fields: "idNumber")')
    assert "idNumber: String! @inaccessible" in citizen
    assert "licences: [Licence!]! @gather @connect(" in citizen


@pytest.mark.parametrize("name", ["civil-affairs", "market-regulation", "transport"])
def test_a_licence_has_the_same_fields_everywhere(name: str) -> None:
    """A shared value type must agree, field by field."""
    fields = [f"{field.name.value}: {print_ast(field.type)}" for field in of_type(name, "Licence").fields or ()]
    assert fields == [
        "issuerCode: ID!",
        "number: ID!",
        "kind: String!",
        "name: String!",
        "nameEn: String!",
        "issuer: Organisation!",
        "holder: Holder!",
        "validFrom: Date",
        "validUntil: Date",
        "state: LicenceState!",
    ]


@pytest.mark.parametrize(
    ("name", "commands", "open_ones"),
    [
        ("civil-affairs", ["civilAffairsReceiveCase", "civilAffairsIssueLicence"], ["changeContactAddress"]),
        ("finance", ["financeSettleFeeOrder"], []),
    ],
)
def test_commands_are_hidden_from_clients_unless_they_are_durable(
    name: str, commands: list[str], open_ones: list[str]
) -> None:
    """Commands are sent by the hub alone; what clients may ask for, they get a ticket for."""
    mutations = of_type(name, "Mutation").fields or ()
    marks = {field.name.value: {used.name.value for used in field.directives or ()} for field in mutations}
    assert [name for name, used in marks.items() if "inaccessible" in used] == commands
    assert [name for name, used in marks.items() if "inaccessible" not in used] == open_ones
    assert all("durable" in marks[name] for name in open_ones)
