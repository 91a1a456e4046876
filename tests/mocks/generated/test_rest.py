"""The REST system behind a connector's SDL, asked through the gateway that maps it back."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.mocks.mocking import ROOT, Mock, refused

SDL = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
  @link(url: "https://specs.apollo.dev/connect/v0.2", import: ["@connect", "@source"])
  @source(name: "shop", http: { baseURL: "BASE/api" })

type Query {
  products(category: Category, first: Int): [Product!]!
    @connect(
      source: "shop"
      http: { GET: "/products?kind={$args.category}", queryParams: "size: $args.first" }
      selection: "$.data.products { id: no name: title.zh nameEn: title.en category: kind }"
    )
  product(id: ID!): Product
    @connect(
      source: "shop"
      http: { GET: "/products/{$args.id}" }
      selection: "id: no name: title.zh nameEn: title.en category: kind price { fen: cents }"
      entity: true
    )
}

type Mutation {
  rename(id: ID!, name: String!): Product
    @connect(
      source: "shop"
      http: { PUT: "/products/{$args.id}", body: "title: { zh: $args.name }" }
      selection: "id: no name: title.zh"
    )
  order(input: OrderInput!): Order
    @connect(
      source: "shop"
      http: { POST: "/orders", body: "$args.input { product: productId quantity }" }
      selection: "id productId: product quantity state: status->match(['O', 'OPEN'], ['C', 'CLOSED'])"
    )
}

enum Category { BOOKS TOOLS }
enum State { OPEN CLOSED }
input OrderInput { productId: ID! quantity: Int! }
type Order { id: ID! productId: ID! quantity: Int! state: State! }
type Product @key(fields: "id") {
  id: ID!
  name: String!
  nameEn: String!
  category: Category!
  price: Price!
  maker: Company
    @connect(source: "shop", http: { GET: "/products/{$this.id}/maker" }, selection: "creditCode: code")
}
type Price { fen: Int! }
type Company
  @key(fields: "creditCode")
  @connect(
    source: "shop"
    http: { POST: "/companies/batch", body: "codes: $batch.creditCode" }
    selection: "$.found { creditCode: code name contact: people->first { name phone } }"
  ) {
  creditCode: ID!
  name: String!
  contact: Contact!
}
type Contact { name: String! phone: String! }
"""


class Gateway:
    """``jiyi gateway`` over the SDL, its source being the mock."""

    def __init__(self, folder: Path, mock: Mock) -> None:
        sdl = SDL.replace("BASE", mock.url)
        (folder / "list.json").write_text(json.dumps([{"name": "shop", "url": mock.url, "sdl": sdl}]))
        command = [
            sys.executable,
            "-m",
            "hub.cli",
            "gateway",
            "--subgraphs",
            str(folder / "list.json"),
            "--port",
            "0",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout
        assert select.select([self.process.stdout], [], [], 60)[0]
        self.url = json.loads(self.process.stdout.readline())["url"]

    def ask(self, query: str) -> Any:
        body = httpx2.post(f"{self.url}/graphql", json={"query": query}, timeout=20).json()
        assert "errors" not in body, body
        return body["data"]


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    folder = tmp_path_factory.mktemp("rest")
    (folder / "shop.graphql").write_text(SDL.replace("BASE", "https://shop.example"), encoding="utf-8")
    mock = Mock(folder, "--sdl", "shop.graphql", "--nulls", "0")
    yield mock
    mock.kill()


@pytest.fixture(scope="module")
def gateway(mock: Mock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), mock)
    yield gateway
    gateway.process.kill()
    gateway.process.communicate()


def test_what_the_mapping_makes_of_the_answers_is_what_the_types_promise(gateway: Gateway) -> None:
    """Aliases, paths, nested objects, ``->first``, key batches: asked through the mapping, no error."""
    found = gateway.ask(
        """{
          product(id: "product-000004") {
            id name nameEn category price { fen } maker { creditCode name contact { name phone } }
          }
        }"""
    )["product"]
    assert (found["id"], found["name"], found["nameEn"]) == ("product-000004", "经典雨伞 4", "Classic Umbrella 4")
    assert found["price"]["fen"] > 0
    assert found["maker"]["name"].endswith("有限公司")
    assert found["maker"]["contact"]["phone"].startswith("1")


def test_arguments_reach_the_objects_they_name(gateway: Gateway, mock: Mock) -> None:
    """In the query string, in the path, in the body."""
    tools = gateway.ask("{ products(category: TOOLS, first: 3) { id category } }")["products"]
    assert [each["category"] for each in tools] == ["TOOLS"] * 3
    asked = mock.get("/__requests").json[-1]
    assert (asked["method"], asked["path"]) == ("GET", "/api/products")
    assert asked["query"] == {"kind": "TOOLS", "size": "3"}


def test_a_write_says_what_it_was_told_and_is_read_again(gateway: Gateway) -> None:
    """By the names of the arguments, through the mapping of the body and back."""
    renamed = gateway.ask('mutation { rename(id: "p-1", name: "新名") { id name } }')["rename"]
    assert renamed == {"id": "p-1", "name": "新名"}
    assert gateway.ask('{ product(id: "p-1") { name } }')["product"] == {"name": "新名"}
    order = gateway.ask(
        'mutation { order(input: {productId: "p-1", quantity: 3}) { id productId quantity state } }'
    )["order"]
    assert (order["productId"], order["quantity"]) == ("p-1", 3)
    assert order["state"] in ("OPEN", "CLOSED")


def test_the_registered_address_may_stand_without_the_sources_path(mock: Mock) -> None:
    """A hub puts the registered address in the place of the base address."""
    assert mock.get("/products/p-9").json["no"] == "p-9"
    assert mock.get("/api/products/p-9").json == mock.get("/products/p-9").json


def test_types_told_by_a_match_are_told_by_what_it_meets(tmp_path: Path) -> None:
    """``->match`` to objects with ``__typename``: the JSON has the word that leads to the type."""
    sdl = """
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.11")
      @link(url: "https://specs.apollo.dev/connect/v0.4", import: ["@connect"])
    type Query {
      shape(id: ID!): Shape @connect(
        http: { GET: "http://shapes.example/shapes/{$args.id}" }
        selection: "id ... kind->match(['round', { __typename: 'Circle' }], [@, { __typename: 'Square' }]) size"
      )
    }
    interface Shape { id: ID! size: Int! }
    type Circle implements Shape { id: ID! size: Int! }
    type Square implements Shape { id: ID! size: Int! }
    """
    (tmp_path / "shapes.graphql").write_text(sdl)
    mock = Mock(tmp_path, "--sdl", "shapes.graphql")
    kinds = {mock.get(f"/shapes/s{number}").json["kind"] for number in range(12)}
    assert kinds == {"round", "other"}
    mock.kill()


def test_a_request_of_no_route_names_the_routes(mock: Mock) -> None:
    """404 with what there is."""
    answer = mock.get("/nothing")
    assert answer.status == 404
    assert "GET /products/{$args.id}" in answer.json["error"]["message"]


def test_the_demo_departments_connectors_have_mocks(tmp_path: Path) -> None:
    """Somebody's own SDL, several mappings on one address: the holder's number tells which is meant."""
    mock = Mock(tmp_path, "--sdl", str(ROOT / "mocks" / "connectors" / "transport.graphql"))
    person, company = "110102199003150026", "91110102MAJY00000G"
    of_person = mock.post("/licences/search", {"holder": person}).json["results"]
    assert {(each["owner"]["kind"], each["owner"]["idNumber"]) for each in of_person} == {("Citizen", person)}
    of_company = mock.post("/licences/search", {"holder": company}).json["results"]
    assert {(each["owner"]["kind"], each["owner"]["creditCode"]) for each in of_company} == {
        ("Enterprise", company)
    }
    one = of_person[0]
    assert mock.get(f"/licences/{one['issuer']}/{one['no']}").json == one
    mock.kill()


def test_a_mapping_that_cannot_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    """Before anything is served."""
    (tmp_path / "wrong.graphql").write_text(SDL.replace('selection: "id productId', 'selection: "id: { productId'))
    code, said = refused(tmp_path, "--sdl", "wrong.graphql")
    assert code == 2
    assert 'The mapping of "Mutation.order" cannot be read' in said


OPEN = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
  @link(url: "https://specs.apollo.dev/connect/v0.3", import: ["@connect", "@source"])
  @source(name: "pets", http: { baseURL: "https://pets.example/v1" })
type Query {
  pet(id: ID!): Pet @connect(source: "pets", http: { GET: "/pets/{$args.id}" }, selection: "id name")
  found: [Pet!] @connect(source: "pets", http: { GET: "/pets/findByStatus" }, selection: "id name")
  all: [Pet!] @connect(source: "pets", http: { GET: "/rpc?method=all" }, selection: "id name")
  count: Int @connect(source: "pets", http: { GET: "/rpc?method=count" }, selection: "$.total")
  paged(limit: Int, offset: Int): Page
    @connect(
      source: "pets"
      http: { GET: "/paged", queryParams: "limit: $args.limit offset: $args.offset" }
      selection: "items { id name } hasNextPage"
    )
}
type Page { items: [Pet!]! hasNextPage: Boolean! }
type Pet @key(fields: "id") { id: ID! name: String }
"""


def test_of_several_routes_the_one_that_is_meant_answers(tmp_path: Path) -> None:
    """Documents list ``/pets/{id}`` before ``/pets/findByStatus``; and a value may have a slash in it."""
    (tmp_path / "pets.graphql").write_text(OPEN, encoding="utf-8")
    mock = Mock(tmp_path, "--sdl", "pets.graphql", "--nulls", "0")
    try:
        assert isinstance(mock.get("/v1/pets/findByStatus").json, list)
        assert isinstance(mock.get("/rpc?method=all").json, list)
        assert isinstance(mock.get("/rpc?method=count").json["total"], int)
        first, last = (mock.get(f"/paged?limit=4&offset={offset}").json for offset in (0, 16))
        assert (len(first["items"]), first["hasNextPage"], last["hasNextPage"]) == (4, True, False)
        for key, path in (("a/b", "a%2Fb"), ("100%25", "100%2525"), ("京A·1", "%E4%BA%ACA%C2%B71"), ("x", "x")):
            assert mock.get(f"/pets/{path}").json["id"] == key
    finally:
        mock.kill()
