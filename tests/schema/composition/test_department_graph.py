"""The product's own graph composes, and its joins are the ones the road walks."""

from __future__ import annotations

from graphql import GraphQLObjectType, GraphQLUnionType, parse, validate

from tests.schema.composition.departments import (
    CIVIL_AFFAIRS,
    FIVE_DEPARTMENTS,
    HUB,
    HUMAN_RESOURCES,
    MARKET_REGULATION,
    PUBLIC_SECURITY,
)
from tests.schema.composition.graphs import codes_of, compose_ok


def test_the_road_can_be_asked() -> None:
    """One query over all departments, and one in two hops."""
    supergraph = compose_ok(*FIVE_DEPARTMENTS)
    road = """
    { me {
        name
        licences { number kind issuer { name } validUntil
          holder {
            ... on Enterprise { name legalRepresentative { name } }
            ... on Citizen { enterprises { name } }
          }
        }
        fees { amountFen settlement { receiptNumber } }
        cases { receiptNumber state item { name organisation { nameEn } } }
    } }
    """
    assert validate(supergraph.api_schema, parse(road)) == []


def test_licences_are_gathered_from_every_department_that_has_some() -> None:
    """A sixth department adds its part by registering, nothing else changes."""
    five, six = compose_ok(*FIVE_DEPARTMENTS), compose_ok(*FIVE_DEPARTMENTS, HUMAN_RESOURCES)
    assert [source.subgraph for source in five.sources_of("Citizen", "licences")] == [
        "civil-affairs", "market-regulation", "transport",
    ]  # fmt: skip
    assert [source.subgraph for source in six.sources_of("Citizen", "licences")] == [
        "civil-affairs", "human-resources", "market-regulation", "transport",
    ]  # fmt: skip
    assert six.gather_of("Citizen", "licences") is not None
    assert six.gather_of("Enterprise", "licences") is None


def test_commands_and_id_numbers_are_not_public() -> None:
    """Clients see what they may use; departments are joined by what clients may not see."""
    supergraph = compose_ok(*FIVE_DEPARTMENTS)
    citizen = supergraph.api_schema.type_map["Citizen"]
    assert isinstance(citizen, GraphQLObjectType)
    assert "idNumber" not in citizen.fields
    assert supergraph.api_schema.mutation_type is not None
    assert sorted(supergraph.api_schema.mutation_type.fields) == ["payFees", "submitCase"]
    assert supergraph.schema.mutation_type is not None
    assert "civilAffairsReceiveCase" in supergraph.schema.mutation_type.fields
    assert "CommandReceipt" not in supergraph.api_schema.type_map


def test_a_licence_belongs_to_a_person_or_an_enterprise() -> None:
    """Each department knows its own holders; the graph knows both."""
    holder = compose_ok(*FIVE_DEPARTMENTS).api_schema.type_map["Holder"]
    assert isinstance(holder, GraphQLUnionType)
    assert [each.name for each in holder.types] == ["Citizen", "Enterprise"]


def test_a_department_that_lists_instead_of_gathering_is_refused() -> None:
    """Its part would hide everybody else's."""
    alone = type(CIVIL_AFFAIRS)(
        "civil-affairs", CIVIL_AFFAIRS.sdl.replace("licences: [Licence!]! @gather", "licences: [Licence!]!")
    )
    assert codes_of(HUB, PUBLIC_SECURITY, MARKET_REGULATION, alone) == [
        "GATHER_NOT_IN_ALL_SUBGRAPHS",
        "INVALID_FIELD_SHARING",
    ]
