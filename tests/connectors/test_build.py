"""A registration becomes a connector, or says what is missing."""

from __future__ import annotations

import pytest

from connectors.addresses import AddressRefused, AddressRule
from connectors.build import ConnectorRegistration, InvalidRegistration, build_connector
from connectors.graphql import GraphQLConnector
from connectors.http_client import HttpClient
from connectors.rest import InvalidConnector, RestConnector

CLIENT = HttpClient(addresses=AddressRule())
SDL = """extend schema @link(url: "https://specs.apollo.dev/connect/v0.1", import: ["@source", "@connect"])
  @source(name: "s", http: { baseURL: "BASE" })
type Query { a: Int @connect(source: "s", http: { GET: "/a" }, selection: "$.a") }"""


def test_each_kind_gives_its_connector() -> None:
    """What the operator's registry and a department's agent both call."""
    graphql = ConnectorRegistration("a", "graphql", url="https://a.example/graphql")
    rest = ConnectorRegistration("b", "rest", sdl=SDL.replace("BASE", "https://b.example"))
    assert isinstance(build_connector(graphql, CLIENT), GraphQLConnector)
    assert isinstance(build_connector(rest, CLIENT), RestConnector)


def test_the_url_of_a_rest_registration_moves_its_sources() -> None:
    """One SDL holds on every machine; where the service runs is said beside it."""
    registration = ConnectorRegistration(
        "b", "rest", url="https://other.example/api/", sdl=SDL.replace("BASE", "https://b.example")
    )
    connector = build_connector(registration, CLIENT)
    assert isinstance(connector, RestConnector)
    assert connector.base_urls == ("https://other.example/api",)


def test_an_unknown_kind_lists_the_known_ones() -> None:
    """The mend stands in the message."""
    with pytest.raises(InvalidRegistration, match=r'the kind "ftp".*: graphql, rest\.'):
        build_connector(ConnectorRegistration("a", "ftp"), CLIENT)


@pytest.mark.parametrize(("kind", "needed"), [("graphql", "the url"), ("rest", "an SDL")])
def test_what_is_missing_is_named(kind: str, needed: str) -> None:
    """A half-filled form is told which half."""
    with pytest.raises(InvalidRegistration, match=needed):
        build_connector(ConnectorRegistration("a", kind), CLIENT)


def test_an_sdl_that_is_no_connector_gives_all_reasons() -> None:
    """The registry shows them with code and place."""
    with pytest.raises(InvalidConnector) as caught:
        build_connector(ConnectorRegistration("a", "rest", sdl="type Query { a: Int }"), CLIENT)
    assert [error.code for error in caught.value.errors] == ["NO_SOURCE_IMPORT"]


@pytest.mark.parametrize("address", ["http://169.254.169.254", "http://127.0.0.1:8000", "http://u:p@x.example"])
def test_a_registration_cannot_point_the_hub_at_its_own_network(address: str) -> None:
    """Refused before the first request, for each kind."""
    with pytest.raises(AddressRefused):
        build_connector(ConnectorRegistration("a", "graphql", url=f"{address}/graphql"), CLIENT)
    with pytest.raises(AddressRefused):
        build_connector(ConnectorRegistration("a", "rest", sdl=SDL.replace("BASE", address)), CLIENT)
