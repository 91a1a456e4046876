"""XML and CSV answers as the JSON that mappings read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http_message import HttpAnswer
from connectors.rest.content import content_of
from connectors.rest.xml import read_xml
from schema.mapping import check_connectors
from schema.mapping.read import read_connectors
from tests.connectors.rest_service import Asked, service

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<a>text</a>", {"a": "text"}),
        ("<a/>", {"a": None}),
        ("<a> \n </a>", {"a": None}),
        ('<a b="1">text</a>', {"a": {"@b": "1", "#text": "text"}}),
        ("<a><b>1</b><b/><c>x</c><b>2</b></a>", {"a": {"b": ["1", None, "2"], "c": "x"}}),
        ("<a><b>1</b></a>", {"a": {"b": "1"}}),
        ("<a><![CDATA[<raw> & ]]>&lt;&#38;</a>", {"a": "<raw> & <&"}),
        (
            f'<s:E xmlns:s="{SOAP}" xmlns="urn:x" s:m="1"><s:B><id>7</id></s:B></s:E>',
            {"soap:E": {"@soap:m": "1", "soap:B": {"id": "7"}}},
        ),
    ],
)
def test_xml_becomes_json_by_one_rule(xml: str, expected: Any) -> None:
    """docs/spec/xml.md, a line each."""
    assert read_xml(xml, {SOAP: "soap"}) == expected


@pytest.mark.parametrize(
    "xml",
    [
        "<a>",
        "<a></b>",
        "",
        '<!DOCTYPE a [<!ENTITY x "boom">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        "<a>&unknown;</a>",
        "<a>" * 200 + "</a>" * 200,
    ],
)
def test_xml_that_is_broken_or_dangerous_is_refused(xml: str) -> None:
    """No document type is read, so that no entity can grow or reach out."""
    with pytest.raises(ValueError):  # noqa: PT011  whatever is wrong with it
        read_xml(xml, {})


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    """It is XML or a ValueError."""
    try:
        read_xml(text, {})
    except ValueError as error:
        assert str(error)  # noqa: PT017  either way is right


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("application/xml", '<?xml version="1.0" encoding="GB2312"?><a>集易</a>'.encode("gb18030"), {"a": "集易"}),
        ("text/xml; charset=GBK", "<a>镕</a>".encode("gb18030"), {"a": "镕"}),
        ("application/soap+xml", "<a>集易</a>".encode("utf-16"), {"a": "集易"}),
        (
            "text/csv",
            '\ufeffcode;name\r\n1;"甲;乙"\r\n2;\r\n'.encode(),
            [{"code": "1", "name": "甲;乙"}, {"code": "2", "name": ""}],
        ),
        ("text/csv", b"code,name\n1\n", [{"code": "1", "name": None}]),
        ("text/csv", b"code\n", []),
        ("text/plain", b"ok", "ok"),
        ("text/calendar", b"BEGIN:VCALENDAR", "BEGIN:VCALENDAR"),
        ("image/svg+xml", b"<svg/>", "<svg/>"),
        ("application/x-ndjson", b'{"a": 1}\n\n[2]\r\n', [{"a": 1}, [2]]),
        ("application/json-seq", b"\x1e1\n\x1e2\n", [1, 2]),
        ("application/pdf", b"%PDF", "JVBERg=="),
        ("image/png", b"\x89P", "iVA="),
        ("application/octet-stream", b"\x00\xff", "AP8="),
        ("application/octet-stream", b'{"a": 1}', {"a": 1}),
        ("application/octet-stream", b"{a", "e2E="),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK", "UEs="),
        ("application/vnd.x.v2", b"[1]", [1]),
        ("application/json", b"[1]", [1]),
        ("", b"[1]", [1]),
        ("application/json", b"", None),
    ],
)
def test_the_media_type_says_how_an_answer_is_read(kind: str, body: bytes, expected: Any) -> None:
    """And its charset, or what the content says of itself, in which letters."""
    assert content_of(HttpAnswer(200, {"content-type": kind}, body), {}) == expected


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/xml; charset=nonsense", b"<a/>"),
        ("text/csv", b'a\n"x'),
        ("text/plain", b"\xff\xfe\xfa"),
        ("application/jsonl", b"1\nx"),
    ],
)
def test_what_is_not_what_it_says_is_refused(kind: str, body: bytes) -> None:
    """It would be mapped to nonsense."""
    with pytest.raises(ValueError):  # noqa: PT011  each has its own words
        content_of(HttpAnswer(200, {"content-type": kind}, body), {})


XML_SDL = """
extend schema
  @link(url: "https://jiyi.dev/spec/xml/v0.1", import: ["@xmlNamespace"])
  @xmlNamespace(prefix: "soap", uri: "http://schemas.xmlsoap.org/soap/envelope/")
type Query {
  person(id: ID!): Person
    @connect(source: "api", http: { GET: "/person/{$args.id}" }
             selection: "$.\\"soap:Envelope\\".\\"soap:Body\\".person { id: $.\\"@id\\" tags: tag->map(@) }")
}
type Person { id: ID! tags: [String!] }
"""


async def test_a_soap_answer_is_mapped() -> None:
    """By prefixes of the SDL, whatever the document calls its namespaces."""
    body = f'<x:Envelope xmlns:x="{SOAP}"><x:Body><person id="7"><tag>a</tag></person></x:Body></x:Envelope>'

    def answer(_: Asked) -> Any:
        return 200, body, "text/xml"

    async with service(XML_SDL, answer) as api:
        response = await api.fetch("{ person(id: 7) { id tags } }")
        assert (response.data, response.errors) == ({"person": {"id": "7", "tags": ["a"]}}, ())


def test_a_namespace_needs_a_prefix_that_is_a_name() -> None:
    """Told when the connector is registered."""
    head = 'extend schema @link(url: "https://specs.apollo.dev/connect/v0.3", import: ["@connect"])'
    xml = '@link(url: "https://jiyi.dev/spec/xml/v0.1", import: ["@xmlNamespace"])'
    query = 'type Query { a: Int @connect(http: { GET: "http://x.example/" }, selection: "$") }'
    sdl = f'{head} {xml} @xmlNamespace(prefix: "a b", uri: "urn:x") {query}'
    assert [error.code for error in check_connectors("x", sdl)] == ["INVALID_XML_NAMESPACE"]
    read, _ = read_connectors("x", sdl.replace("a b", "a"))
    assert read is not None
    assert read.namespaces == {"urn:x": "a"}
