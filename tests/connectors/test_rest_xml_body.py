"""What a connector sends where its content type is XML."""

from __future__ import annotations

import pytest

from connectors.mapping import InvalidValue
from connectors.rest.xml_body import write_xml
from tests.connectors.rest_service import service

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
SOAP = {"urn:soap": "soap", "urn:m": "m", "urn:unused": "u"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": "text"}, "<a>text</a>"),
        ({"a": None}, "<a/>"),
        ({"a": {"@b": 1, "#text": "t"}}, '<a b="1">t</a>'),
        ({"a": {"b": [1, True, None, {"c": "x"}]}}, "<a><b>1</b><b>true</b><b/><b><c>x</c></b></a>"),
        ({"a": {"z": 1, "y": []}}, "<a><z>1</z></a>"),
        ({"a": {"@b": '"<&'}}, "<a b='\"&lt;&amp;'/>"),
        ({"a": "</a><evil/>&"}, "<a>&lt;/a&gt;&lt;evil/&gt;&amp;</a>"),
        (
            {"soap:Envelope": {"soap:Body": {"m:Get": {"m:姓名": "王"}}}},
            '<soap:Envelope xmlns:m="urn:m" xmlns:soap="urn:soap"><soap:Body><m:Get><m:姓名>王</m:姓名></m:Get>'
            "</soap:Body></soap:Envelope>",
        ),
    ],
)
def test_json_becomes_xml_by_the_rule_read_backwards(value: object, expected: str) -> None:
    assert write_xml(value, SOAP).decode() == DECLARATION + expected


@pytest.mark.parametrize(
    "value",
    [
        *("text", {}, {"a": 1, "b": 2}, {"a": [1, 2]}, {"a b": 1}, {"a": {"x><y": 1}}),
        *({"a": {"@b c": 1}}, {"a": "\x00"}, {"a": {"@b": {"c": 1}}}),
    ],
)
def test_what_is_no_document_is_refused(value: object) -> None:
    """Names that are none would be elements of somebody else's making."""
    with pytest.raises(InvalidValue):
        write_xml(value, SOAP)


async def test_a_connector_sends_an_envelope_and_maps_the_answer() -> None:
    """Namespaces come from the SDL, values from the caller, escaped."""
    answer = '<e:Envelope xmlns:e="urn:soap"><e:Body><Got xmlns="urn:m"><id>7</id></Got></e:Body></e:Envelope>'
    source = """  @link(url: "https://jiyi.dev/spec/xml/v0.1", import: ["@xmlNamespace"])
      @xmlNamespace(prefix: "soap", uri: "urn:soap") @xmlNamespace(prefix: "m", uri: "urn:m")
      @source(name: "api", http: { baseURL: "BASE/soap" })
    """
    sdl = '''type Query { get(id: String, more: String): ID @connect(source: "api"
      http: { POST: "" headers: { name: "Content-Type", value: "text/xml; charset=utf-8" }
        body: """ "soap:Envelope": { "soap:Body": { "m:Get": { "m:id": $args.id "m:more": $args.more } } } """ }
      selection: """ $."soap:Envelope"."soap:Body"."m:Got"."m:id" """) }'''
    async with service(sdl, lambda _: (200, answer, "text/xml"), source=source) as api:
        response = await api.fetch('{ get(id: "<7>") }')
        assert (response.data, response.errors) == ({"get": "7"}, ())
        assert api.asked[0].line == (
            f"POST /soap {DECLARATION}"
            '<soap:Envelope xmlns:m="urn:m" xmlns:soap="urn:soap"><soap:Body><m:Get><m:id>&lt;7&gt;</m:id></m:Get>'
            "</soap:Body></soap:Envelope>"
        )
        assert api.asked[0].headers["Content-Type"] == "text/xml; charset=utf-8"
