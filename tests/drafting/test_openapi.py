"""An OpenAPI document becomes a connector: what each thing in it is in the graph."""

from __future__ import annotations

from typing import Any

import pytest

from tests.drafting.answers import ask_everything
from tests.drafting.documents import NUMBER, TEXT, gives, listed, made_of, openapi, parameter, ref
from tests.drafting.drafted import draft, has

ENTERPRISE = made_of(
    "id name",
    id=TEXT,
    name=TEXT,
    founded={"type": "string", "format": "date"},
    capital={"type": "integer", "format": "int64"},
)


def test_a_look_up_by_id_becomes_an_entity_with_its_key_marked_for_review() -> None:
    """The guess that is worth most: other departments can refer to what one can look up."""
    drafted = draft(
        openapi(
            {
                "/enterprises/{enterpriseId}": {
                    "get": gives(
                        ref("Enterprise"),
                        operationId="getEnterprise",
                        parameters=[parameter("enterpriseId", "path", required=True)],
                    )
                }
            },
            {"Enterprise": ENTERPRISE},
        )
    )
    has(
        drafted,
        '# review: the key "id" is guessed from GET /enterprises/{enterpriseId}'
        ' type Enterprise @key(fields: "id") { id: ID! name: String! founded: Date capital: Long }',
        "getEnterprise(id: ID!): Enterprise",
        'http: { GET: "/enterprises/{$args.id}" } entity: true',
        '@source(name: "api", http: { baseURL: "http://department.example/api" })',
    )


def test_a_sub_resource_is_no_entity_of_its_parent_s_id() -> None:
    """``/pets/{id}/owner`` gives an owner, whose own id that is not."""
    owner = made_of("id", id=TEXT)
    operation = gives(owner, parameters=[parameter("id", "path", required=True)])
    assert "@key" not in draft(openapi({"/pets/{id}/owner": {"get": operation}})).sdl


def test_parameters_keep_their_place_and_their_style() -> None:
    """In the path, the query and headers; as lists, joined lists and deep objects."""
    wanted = [
        parameter("page", schema={"type": "integer", "default": 1}),
        parameter("per_page", schema=NUMBER),
        parameter("tags", schema=listed(TEXT)),
        parameter("ids", schema=listed(TEXT), explode=False),
        parameter("filter", schema=made_of("", state=TEXT, **{"min-age": NUMBER}), style="deepObject"),
        parameter("order[by]"),
        parameter("X-Trace", "header"),
        parameter("session", "cookie"),
    ]
    drafted = draft(openapi({"/people": {"get": gives(listed(made_of("", name=TEXT)), parameters=wanted)}}))
    has(
        drafted,
        "page: Int = 1 per_page: Int tags: [String!] ids: [String!] filter: FilterInput orderBy: String",
        "tags: $args.tags",
        'ids: $args.ids?->joinNotNull(",")',
        '"filter[state]": $args.filter.state "filter[min-age]": $args.filter.minAge',
        '"order[by]": $args.orderBy',
        'headers: [{ name: "X-Trace", value: "{$args.xTrace}" }]',
        '@listSize(slicingArguments: ["per_page"], requireOneSlicingArgument: false)',
        "# review: pages by page, per_page.",
    )
    assert 'the cookie "session" is not sent' in str(drafted.notes[0])


def test_names_that_are_none_are_aliased_and_clashes_are_numbered() -> None:
    """``@id``, ``+1`` and Chinese names are no names of GraphQL; two may become one."""
    thing = made_of(
        "", **{"@id": TEXT, "x-rate": NUMBER, "xRate": NUMBER, "+1": NUMBER, "姓名": TEXT, "__kind": TEXT}
    )
    drafted = draft(openapi({"/things": {"get": gives(listed(thing))}, "/Things": {"get": gives(TEXT)}}))
    has(
        drafted, 'id: "@id"', 'xRate: "x-rate"', "xRate2: xRate", 'plus1: "+1"', 'xingMing: "姓名"', "kind: __kind"
    )
    has(drafted, "things: [ThingsAnswerItem!]", "things2: String")


def test_enums_keep_their_values_or_map_them_both_ways() -> None:
    """``in-progress`` is no name: it is mapped in answers and mapped back in requests."""
    state = {"type": "string", "enum": ["open", "in-progress"], "nullable": True}
    drafted = draft(
        openapi(
            {
                "/cases": {
                    "get": gives(
                        listed(made_of("state", state=state)), parameters=[parameter("state", schema=state)]
                    ),
                    "post": gives(
                        TEXT,
                        requestBody={
                            "required": True,
                            "content": {"application/json": {"schema": made_of("state", state=state)}},
                        },
                    ),
                }
            }
        )
    )
    has(
        drafted,
        'enum State { open "\\"in-progress\\" in the data." in_progress }',
        'state: state->match(["in-progress", "in_progress"], [@, @])',
        'state: $args.state->match(["in_progress", "in-progress"], [@, @])',
        'body: """ $args.input { state: state->match(["in_progress", "in-progress"], [@, @]) } """',
    )


def test_null_is_recognised_in_each_version_s_way() -> None:
    """``nullable``, ``x-nullable``, a type list, an alternative null, null in an enum."""
    properties = {
        "a": {"type": "string", "nullable": True},
        "b": {"type": ["string", "null"]},
        "c": {"oneOf": [{"type": "string"}, {"type": "null"}]},
        "d": {"type": "string", "x-nullable": True},
        "e": {"type": "string"},
        "f": {"allOf": [ref("Other")], "nullable": True},
    }
    drafted = draft(
        openapi({"/x": {"get": gives(made_of("a b c d e f", **properties))}}, {"Other": made_of("g", g=NUMBER)})
    )
    has(drafted, "a: String b: String c: String d: String e: String! f: Other }")


def test_circles_end_in_json_and_nothing_is_lost() -> None:
    """A selection cannot go round for ever; the field that closes the circle gives all of it, untyped."""
    node = made_of("name", name=TEXT, children=listed(ref("Node")))
    drafted = draft(openapi({"/tree": {"get": gives(ref("Node"))}}, {"Node": node}))
    has(drafted, "# review: JSON, since the type leads back to itself (Node) children: [JSON!]", "name children")


def test_a_circle_through_an_entity_is_selected_by_key_alone() -> None:
    """Whoever asks for more of it gets it by the look-up."""
    person = made_of("id", id=TEXT, boss=ref("Person"))
    get = gives(ref("Person"), parameters=[parameter("id", "path", required=True)])
    has(draft(openapi({"/people/{id}": {"get": get}}, {"Person": person})), "boss: Person", "boss { id }")


def test_alternatives_with_a_discriminator_are_a_union_and_without_one_type() -> None:
    """What tells them apart decides; without it the fields of all stand in one type."""
    cat, dog = made_of("kind", kind=TEXT, lives=NUMBER), made_of("kind", kind=TEXT, tricks=listed(TEXT))
    told = {
        "oneOf": [ref("Cat"), ref("Dog")],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
        },
    }
    paths = {
        "/told": {"get": gives(ref("Pet"))},
        "/untold": {"get": gives(listed({"anyOf": [ref("Cat"), ref("Dog")]}))},
    }
    drafted = draft(openapi(paths, {"Cat": cat, "Dog": dog, "Pet": told}))
    has(
        drafted,
        "union Pet = Cat | Dog",
        '... $(kind ?? null)->match( ["cat", $ { __typename: $("Cat") kind lives }]',
        "type UntoldAnswerItem { kind: String! lives: Int tricks: [String!] }",
    )


def test_children_by_all_of_are_a_union_of_the_parent_with_its_discriminator() -> None:
    """The older way: the parent names the property, each child says ``allOf`` the parent."""
    schemas = {
        "Pet": {**made_of("kind", kind=TEXT, name=TEXT), "discriminator": {"propertyName": "kind"}},
        "Cat": {"allOf": [ref("Pet"), made_of("", lives=NUMBER)]},
        "Dog": {"allOf": [ref("Pet"), made_of("", tricks=NUMBER)]},
    }
    drafted = draft(openapi({"/pets": {"get": gives(listed(ref("Pet")))}}, schemas))
    has(drafted, "union Pet = Cat | Dog | PetBase", "type Cat { kind: String! name: String lives: Int }")


def test_maps_free_objects_and_mixtures_are_json() -> None:
    """Their keys are data, not names."""
    thing = made_of(
        "map",
        map={"type": "object", "additionalProperties": NUMBER},
        free={"type": "object"},
        any={},
        mixed={"oneOf": [NUMBER, made_of("", a=TEXT)]},
        words={"oneOf": [TEXT, {"type": "string", "enum": ["a", "b"]}]},
    )
    drafted = draft(openapi({"/x": {"get": gives(thing)}}))
    has(drafted, "map: JSON free: JSON any: JSON mixed: JSON words: String", "scalar JSON")


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, '{ name: "X-Key", value: "{$config.xKey}" }'),
        ({"type": "apiKey", "in": "query", "name": "api_key"}, 'queryParams: "api_key: $config.apiKey"'),
        ({"type": "http", "scheme": "bearer"}, '{ name: "Authorization", value: "Bearer {$config.token}" }'),
        (
            {"type": "http", "scheme": "basic"},
            '{ name: "Authorization", value: "Basic {$config.basicCredentials}" }',
        ),
        ({"type": "oauth2", "flows": {}}, '{ name: "Authorization", value: "Bearer {$config.token}" }'),
    ],
)
def test_credentials_become_placeholders(scheme: dict[str, Any], expected: str) -> None:
    """An SDL is read by many: a secret never stands in it."""
    document = openapi({"/x": {"get": gives(TEXT)}}, security=[{"main": []}])
    document["components"]["securitySchemes"] = {"main": scheme}
    has(draft(document), expected, "# review: give config.")


def test_swagger_2_says_the_same_in_its_own_places() -> None:
    """Host and base path, body and form parameters, ``definitions``, ``collectionFormat``."""
    document = {
        "swagger": "2.0",
        "info": {"title": "Old"},
        "host": "old.example",
        "basePath": "/v1",
        "schemes": ["http", "https"],
        "paths": {
            "/pets": {
                "get": {
                    "parameters": [
                        {
                            "name": "tags",
                            "in": "query",
                            "type": "array",
                            "items": TEXT,
                            "collectionFormat": "pipes",
                        }
                    ],
                    "responses": {"200": {"description": "", "schema": listed({"$ref": "#/definitions/Pet"})}},
                },
                "post": {
                    "parameters": [
                        {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}}
                    ],
                    "responses": {"201": {"description": ""}},
                },
                "put": {
                    "parameters": [{"name": "name", "in": "formData", "type": "string", "required": True}],
                    "responses": {"204": {"description": ""}},
                },
            }
        },
        "definitions": {"Pet": made_of("name", name=TEXT)},
    }
    has(
        draft(document),
        'baseURL: "https://old.example/v1"',
        "pets(tags: [String!]): [Pet!]",
        'http: { GET: "/pets" queryParams: """ tags: $args.tags?->joinNotNull("|") """ }',
        "createPets(input: PetInput!): JSON",
        "replacePets(input: ReplacePetsInput!): Boolean",
        'headers: [{ name: "Content-Type", value: "application/x-www-form-urlencoded" }]',
    )


def test_what_cannot_be_mapped_is_left_out_with_its_reason() -> None:
    """Event streams and multipart bodies; everything else is counted."""
    stream = {"responses": {"200": {"description": "", "content": {"text/event-stream": {"schema": TEXT}}}}}
    upload = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": {}}}}, **gives(TEXT)}
    drafted = draft(openapi({"/logo": {"get": stream, "post": upload}, "/name": {"get": gives(TEXT)}}))
    assert [str(note) for note in drafted.notes] == [
        "GET /logo: left out: its answer is text/event-stream; JSON, XML, CSV, text and files can be mapped",
        "POST /logo: left out: its request body is multipart/form-data; JSON and forms can be sent",
    ]
    assert [str(count) for count in drafted.coverage] == [
        "1 of 2 GET operations (50.0 %)",
        "0 of 1 other operations (0.0 %)",
    ]


def test_answers_without_json_are_what_they_tell() -> None:
    """Text is text, a file Base64, no content whether it went well, a redirect where it leads."""
    paths = {
        "/logo": {"get": {"responses": {"200": {"description": "", "content": {"image/png": {"schema": TEXT}}}}}},
        "/form": {"get": gives({"type": "string", "format": "binary"})},
        "/log": {"get": {"responses": {"200": {"description": "", "content": {"application/x-ndjson": {}}}}}},
        "/text": {"get": {"responses": {"200": {"description": "", "content": {"text/plain": {"schema": TEXT}}}}}},
        "/starred": {"get": {"responses": {"204": {"description": ""}, "404": {"description": ""}}}},
        "/archive": {"get": {"responses": {"302": {"description": ""}}}},
        "/vendor": {
            "get": {
                "responses": {
                    "2XX": {"description": "", "content": {"application/vnd.x+json": {"schema": NUMBER}}}
                }
            }
        },
        "/sloppy": {"get": {"responses": {"default": {"description": ""}}}},
    }
    has(
        draft(openapi(paths)),
        "text: String",
        "logo: Base64",
        "form: Base64",
        "log: JSON",
        'starred: Boolean @connect( source: "api" http: { GET: "/starred" }'
        ' isSuccess: "$status->lt(300)->or($status->eq(404))"',
        'archive: String @connect( source: "api" http: { GET: "/archive" } isSuccess: "$status->gte(300)',
        "vendor: Int",
        'http: { GET: "/vendor" headers: [{ name: "Accept", value: "application/vnd.x+json" }] }',
        "sloppy: JSON",
    )


def test_servers_with_variables_and_servers_of_an_operation_are_sources() -> None:
    """The default of each variable; a host of its own is a source of its own."""
    elsewhere = gives(TEXT, servers=[{"url": "https://files.example"}])
    document = openapi({"/a": {"get": gives(TEXT)}, "/c": {"get": gives(TEXT)}, "/b": {"get": elsewhere}})
    document["servers"] = [
        {"url": "https://{region}.example/{v}", "variables": {"region": {"default": "eu"}, "v": {"default": "v2"}}}
    ]
    has(
        draft(document),
        '@source(name: "api", http: { baseURL: "https://eu.example/v2" })',
        '@source(name: "api2", http: { baseURL: "https://files.example" })',
    )


def test_reserved_names_and_the_hub_s_own_are_not_taken() -> None:
    """A schema called Query, an operation called node."""
    paths = {"/node": {"get": gives(ref("Query"))}, "/p": {"get": gives(ref("PageInfo"))}}
    drafted = draft(openapi(paths, {"Query": made_of("", a=TEXT), "PageInfo": made_of("", b=TEXT)}))
    has(drafted, "node2: QueryObject", "p: PageInfoObject")


async def test_a_draft_answers_in_front_of_a_service_made_from_its_document() -> None:
    """The whole way: document, draft, gateway, request, answer; aliases, unions, circles and entities among it."""
    schemas = {
        "Pet": {
            "oneOf": [ref("Cat"), ref("Dog")],
            "discriminator": {
                "propertyName": "kind",
                "mapping": {"c-at": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
            },
        },
        "Cat": made_of("id kind", id=NUMBER, kind=TEXT, **{"x-lives": NUMBER}),
        "Dog": made_of("id kind", id=NUMBER, kind=TEXT, friends=listed(ref("Pet"))),
        "Person": made_of(
            "id name state",
            id=NUMBER,
            name=TEXT,
            boss=ref("Person"),
            pets=listed(ref("Pet")),
            state={"type": "string", "enum": ["in-office", "away"]},
        ),
    }
    by_id = [parameter("id", "path", required=True)]
    document = openapi(
        {
            "/people": {"get": gives(listed(ref("Person")), parameters=[parameter("q", required=True)])},
            "/people/{id}": {"get": gives(ref("Person"), parameters=by_id)},
            "/people/{id}/pets": {"get": gives(listed(ref("Pet")), parameters=by_id)},
            "/names": {"get": gives(listed(TEXT))},
            "/counts": {"get": gives({"type": "object", "additionalProperties": NUMBER})},
            "/gone": {"get": {"responses": {"204": {"description": ""}}}},
        },
        schemas,
    )
    figures = await ask_everything(draft(document), document)
    assert (figures.asked, figures.answered, figures.wrong) == (6, 6, [])
