"""A WSDL document becomes a connector that speaks SOAP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.addresses import AddressRule
from connectors.connector import FetchRequest, FetchResponse
from connectors.http_client import HttpClient
from connectors.rest import RestConnector
from schema.composition import compose
from schema.drafting import Draft, Undraftable, draft_wsdl
from schema.drafting.wsdl_document import imported
from schema.drafting.xml_tree import read_tree
from schema.mapping import check_connectors
from schema.subgraph import Subgraph
from tests.cli.conftest import Jiyi

TYPES = """
  <xsd:schema targetNamespace="urn:parks" elementFormDefault="qualified" xmlns:t="urn:parks">
    <xsd:complexType name="Place"><xsd:sequence>
      <xsd:element name="id" type="xsd:string"/></xsd:sequence></xsd:complexType>
    <xsd:complexType name="Park">
      <xsd:complexContent><xsd:extension base="t:Place"><xsd:sequence>
        <xsd:element name="area" type="xsd:int" minOccurs="0"/>
        <xsd:element name="open" type="xsd:boolean"/>
        <xsd:element name="opened" type="xsd:date" nillable="true"/>
        <xsd:element name="state" type="t:State"/>
        <xsd:element name="tree" type="t:Tree" minOccurs="0" maxOccurs="unbounded"/>
        <xsd:element name="near" type="t:Park" minOccurs="0"/>
      </xsd:sequence><xsd:attribute name="lang" type="xsd:string"/></xsd:extension></xsd:complexContent>
    </xsd:complexType>
    <xsd:complexType name="Tree"><xsd:sequence>
      <xsd:element name="kind" type="xsd:string"/></xsd:sequence></xsd:complexType>
    <xsd:simpleType name="State"><xsd:restriction base="xsd:string">
      <xsd:enumeration value="in-use"/><xsd:enumeration value="closed"/></xsd:restriction></xsd:simpleType>
    <xsd:element name="GetPark"><xsd:complexType><xsd:sequence>
      <xsd:element name="id" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="GetParkResponse"><xsd:complexType><xsd:sequence>
      <xsd:element name="park" type="t:Park" minOccurs="0"/></xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="PlantTrees"><xsd:complexType><xsd:sequence>
      <xsd:element name="id" type="xsd:string"/>
      <xsd:element name="tree" type="t:Tree" maxOccurs="unbounded"/>
      <xsd:element name="state" type="t:State" minOccurs="0"/></xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="PlantTreesResponse"><xsd:complexType><xsd:sequence>
      <xsd:element name="count" type="xsd:int"/>
      <xsd:element name="note" type="xsd:string" minOccurs="0"/></xsd:sequence></xsd:complexType></xsd:element>
  </xsd:schema>"""


def wsdl(soap: str = "http://schemas.xmlsoap.org/wsdl/soap/", types: str = TYPES, style: str = "document") -> str:
    def operation(name: str) -> str:
        body = '<soap:body use="literal"/>'
        return f"""<wsdl:operation name="{name}"><soap:operation soapAction="urn:parks#{name}"/>
          <wsdl:input>{body}</wsdl:input><wsdl:output>{body}</wsdl:output></wsdl:operation>"""

    def message(name: str) -> str:
        return f'<wsdl:message name="{name}"><wsdl:part name="parameters" element="t:{name}"/></wsdl:message>'

    def declared(name: str) -> str:
        return f"""<wsdl:operation name="{name}"><wsdl:documentation>What {name} does.</wsdl:documentation>
          <wsdl:input message="t:{name}"/><wsdl:output message="t:{name}Response"/></wsdl:operation>"""

    names = ("GetPark", "PlantTrees")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="{soap}" xmlns:t="urn:parks"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:parks">
  <wsdl:types>{types}</wsdl:types>
  {"".join(message(each) + message(f"{each}Response") for each in names)}
  <wsdl:portType name="Parks">{"".join(map(declared, names))}</wsdl:portType>
  <wsdl:binding name="ParksSoap" type="t:Parks">
    <soap:binding style="{style}" transport="http://schemas.xmlsoap.org/soap/http"/>
    {"".join(map(operation, names))}
  </wsdl:binding>
  <wsdl:service name="Service"><wsdl:port name="Port" binding="t:ParksSoap">
    <soap:address location="http://parks.example/soap"/></wsdl:port></wsdl:service>
</wsdl:definitions>"""


def drafted(text: str) -> Draft:
    """Right by our own checks, and it composes."""
    draft = draft_wsdl((read_tree(text),))
    assert check_connectors("parks", draft.sdl, may_be_sql=False) == ()
    assert compose([Subgraph("parks", draft.sdl, "")]).errors == ()
    return draft


def answer(envelope: str, text: str) -> tuple[int, str]:
    """A SOAP service: reads what it is asked as XML, answers or refuses."""
    root = ElementTree.fromstring(text)
    assert root.tag == f"{{{envelope}}}Envelope"
    request = root[0][0]
    name = request.tag.removeprefix("{urn:parks}")
    texts = [text for text in request.itertext() if text.strip()]
    if name == "PlantTrees":
        content = f"<count>{len(texts) - 2}</count><note>{escape(' '.join(texts[1:]))}</note>"
    elif texts == ["0"]:
        is_newer = envelope.startswith("http://www.w3.org")
        told = (
            "<p:Reason><p:Text>no such park</p:Text></p:Reason>"
            if is_newer
            else "<faultstring>no such park</faultstring>"
        )
        return 500, _enveloped(envelope, f"<p:Fault>{told}</p:Fault>")
    else:
        content = """<park lang="zh"><id>7</id><area>12</area><open>true</open><opened/><state>in-use</state>
          <tree><kind>oak</kind></tree><near><id>8</id><open>0</open><state>closed</state></near></park>"""
    return 200, _enveloped(envelope, f'<{name}Response xmlns="urn:parks">{content}</{name}Response>')


def _enveloped(envelope: str, content: str) -> str:
    return f'<p:Envelope xmlns:p="{envelope}"><p:Body>{content}</p:Body></p:Envelope>'


@asynccontextmanager
async def soap_service(sdl: str, envelope: str) -> AsyncIterator[RestConnector]:
    """The connector of a service that answers at one address."""

    async def handle(request: web.Request) -> web.Response:
        status, text = answer(envelope, await request.text())
        return web.Response(status=status, text=text, content_type="text/xml")

    application = web.Application()
    application.router.add_post("/soap", handle)
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    async with TestServer(application) as server:
        yield RestConnector("parks", sdl, client, base_url=str(server.make_url("/soap")))
        await client.close()


@pytest.mark.parametrize(
    ("binding", "envelope"),
    [
        ("http://schemas.xmlsoap.org/wsdl/soap/", "http://schemas.xmlsoap.org/soap/envelope/"),
        ("http://schemas.xmlsoap.org/wsdl/soap12/", "http://www.w3.org/2003/05/soap-envelope"),
    ],
)
async def test_a_draft_speaks_soap_with_the_service(binding: str, envelope: str) -> None:
    """Arguments in the envelope, the answer's types, a fault's text, and entities by the guessed key."""
    sdl = drafted(wsdl(binding)).sdl
    async with soap_service(sdl, envelope) as connector:

        async def ask(query: str, **variables: Any) -> FetchResponse:
            return await connector.fetch(FetchRequest(query, variables, timeout=timedelta(seconds=5)))

        read = await ask('{ getPark(id: "7") { id area open opened state tree { kind } near { id } lang } }')
        assert read.errors == ()
        assert read.data == {
            "getPark": {
                "id": "7",
                "area": 12,
                "open": True,
                "opened": None,
                "state": "in_use",
                "tree": [{"kind": "oak"}],
                "near": {"id": "8"},
                "lang": "zh",
            }
        }
        trees = '[{kind: "oak"}, {kind: "<elm>"}]'
        planted = await ask(f'mutation {{ plantTrees(id: "7", tree: {trees}, state: in_use) {{ count note }} }}')
        assert planted.data == {"plantTrees": {"count": 2, "note": "oak <elm> in-use"}}
        refused = await ask('{ getPark(id: "0") { id } }')
        assert [error["message"] for error in refused.errors] == ["no such park"]
        known = [{"__typename": "Park", "id": "7"}]
        entities = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Park { area } } }"
        found = await ask(entities, r=known)
        assert found.data == {"_entities": [{"area": 12}]}


def test_names_tell_reads_from_commands_and_are_marked_for_review() -> None:
    sdl = drafted(wsdl()).sdl
    assert (
        '"What GetPark does."\n  # review: GetPark is taken for a read, by its name\n  getPark(id: ID!): Park'
        in sdl
    )
    assert "plantTrees(id: String!, tree: [TreeInput!]!, state: State): PlantTreesAnswer" in sdl


RPC = (
    wsdl(style="rpc")
    .replace('<wsdl:part name="parameters" element="t:GetPark"/>', '<wsdl:part name="id" type="xsd:string"/>')
    .replace(
        '<wsdl:part name="parameters" element="t:GetParkResponse"/>', '<wsdl:part name="park" type="t:Park"/>'
    )
    .replace("<soap:body ", '<soap:body namespace="urn:calls" ')
)


async def test_a_draft_of_the_style_rpc_wraps_its_parts() -> None:
    """Many an old service: the wrapper is in the binding's namespace, the parts are in none."""
    sdl, asked = drafted(RPC).sdl, []

    async def handle(request: web.Request) -> web.Response:
        asked.append(ElementTree.fromstring(await request.text())[0][0])
        park = '<park xmlns:t="urn:parks"><t:id>7</t:id><t:open>1</t:open><t:state>closed</t:state></park>'
        content = f'<c:GetParkResponse xmlns:c="urn:calls">{park}</c:GetParkResponse>'
        text = _enveloped("http://schemas.xmlsoap.org/soap/envelope/", content)
        return web.Response(text=text, content_type="text/xml")

    application = web.Application()
    application.router.add_post("/soap", handle)
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    async with TestServer(application) as server:
        connector = RestConnector("parks", sdl, client, base_url=str(server.make_url("/soap")))
        answer = await connector.fetch(FetchRequest('{ getPark(id: "7") { id open state } }'))
        await client.close()
    assert answer.data == {"getPark": {"id": "7", "open": True, "state": "closed"}}
    assert [(each.tag, [(part.tag, part.text) for part in each]) for each in asked] == [
        ("{urn:calls}GetPark", [("id", "7")])
    ]


def test_what_is_encoded_is_left_out_with_its_reason() -> None:
    draft = draft_wsdl((read_tree(wsdl(style="rpc").replace('use="literal"', 'use="encoded"')),))
    assert [str(note) for note in draft.notes] == [
        "GetPark: left out: its use is encoded; what is literal can be drafted",
        "PlantTrees: left out: its use is encoded; what is literal can be drafted",
    ]
    assert str(draft.coverage[0]) == "0 of 2 operations (0.0 %)"


def test_schemas_of_standards_are_not_asked_for() -> None:
    """They lie beside hardly any document that imports them."""
    known = "http://schemas.xmlsoap.org/soap/encoding/"
    text = f'<s:import xmlns:s="http://www.w3.org/2001/XMLSchema" namespace="{known}" schemaLocation="{known}"/>'
    assert imported(read_tree(text), "http://parks.example/parks.wsdl") == frozenset()


def test_imports_are_followed_inside_the_folder_and_not_outside(jiyi: Jiyi, tmp_path: Path) -> None:
    """An import is another's word for what we should read."""
    folder = tmp_path / "folder"
    folder.mkdir()
    schema = TYPES.replace("<xsd:schema", '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"', 1).strip()
    imports = '<xsd:schema><xsd:import namespace="urn:parks" schemaLocation="{}"/></xsd:schema>'
    refused = "REFERENCE_REFUSED"
    for place, code in (("parks.xsd", ""), ("../parks.xsd", refused), ("http://169.254.169.254/x", refused)):
        (folder / "parks.xsd").write_text(schema)
        (tmp_path / "parks.xsd").write_text(schema)
        (folder / "parks.wsdl").write_text(wsdl(types=imports.format(place)))
        ran = jiyi("connector", "init", "parks", "--from-wsdl", "folder/parks.wsdl")
        assert (ran.exit_code == 0) is (code == ""), ran.err
        assert ("type Park " in ran.out) if not code else ran.code == code


@pytest.mark.parametrize(("declared", "encoding"), [("GBK", "gbk"), ("gb2312", "gb18030"), ("utf-16", "utf-16")])
def test_a_document_is_read_in_the_encoding_that_it_declares(
    jiyi: Jiyi, tmp_path: Path, declared: str, encoding: str
) -> None:
    """Older systems write GBK as often as UTF-8."""
    text = wsdl().replace('encoding="UTF-8"', f'encoding="{declared}"').replace("What GetPark does.", "查询公园")
    (tmp_path / "parks.wsdl").write_bytes(text.encode(encoding))
    ran = jiyi("connector", "init", "parks", "--from-wsdl", "parks.wsdl")
    assert ran.exit_code == 0, ran.err
    assert '"查询公园"' in ran.out


@pytest.mark.parametrize(
    ("declared", "body"), [("GBK", b"\xff\xff"), ("klingon", b"<a/>"), ("UTF-8", "公".encode("gbk"))]
)
def test_a_document_in_no_known_encoding_is_told(jiyi: Jiyi, tmp_path: Path, declared: str, body: bytes) -> None:
    (tmp_path / "parks.wsdl").write_bytes(f'<?xml version="1.0" encoding="{declared}"?>'.encode() + body)
    ran = jiyi("connector", "init", "parks", "--from-wsdl", "parks.wsdl")
    assert (ran.exit_code, ran.code) == (2, "DOCUMENT_UNREADABLE")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><a/>', "document type"),
        ("<a>" * 300 + "</a>" * 300, "nested deeper"),
        ("hello", "no XML"),
        ("<a/>", "no WSDL 1.1 document"),
    ],
)
def test_what_is_no_wsdl_is_told(text: str, told: str) -> None:
    with pytest.raises(Undraftable, match=told):
        draft_wsdl((read_tree(text),))
