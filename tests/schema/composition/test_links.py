"""Every ``@link`` is understood or refused, and every name that links bring means one thing."""

from __future__ import annotations

import pytest

from schema.composition import compose
from schema.subgraph import Subgraph

FED = "https://specs.apollo.dev/federation"
_FEDERATION = f'@link(url: "{FED}/v2.9")'
_OTHER = "https://example.com/other"


def _codes(links: str, body: str = "type Query { a: Int }") -> list[str]:
    return [error.code for error in compose([Subgraph("a", f"extend schema {links}\n{body}")]).errors]


def _imports(*imports: str, then: str = "") -> str:
    return f'@link(url: "{FED}/v2.9", import: [{", ".join(imports)}]) {then}'


def _rename(element: str, local: str) -> str:
    return f'{{ name: "{element}", as: "{local}" }}'


@pytest.mark.parametrize(
    ("url", "codes"),
    [
        (f"{FED}/v2.0", []),
        (f"{FED}/v2.14", []),
        (f"{FED}/v2.99", ["UNKNOWN_FEDERATION_LINK_VERSION"]),
        (f"{FED}/v3.0", ["UNKNOWN_FEDERATION_LINK_VERSION"]),
        (f"{FED}/v2.0?from=here#@key", []),
        (f"{FED}/v2.0/", ["INVALID_LINK_IDENTIFIER"]),
        (f"{FED}/v2", ["INVALID_LINK_IDENTIFIER"]),
        (f"{FED}/2.0", ["INVALID_LINK_IDENTIFIER"]),
        (FED, ["INVALID_LINK_IDENTIFIER"]),
    ],
)
def test_a_link_ends_in_a_version_that_is_known(url: str, codes: list[str]) -> None:
    """Another version may mean something else."""
    assert _codes(f'@link(url: "{url}")') == codes


@pytest.mark.parametrize(
    "link",
    [
        f'@link(url: "{_OTHER}/v1.0")',
        f'@link(url: "{_OTHER}/v1.0", import: ["@own", "Type"])',
        f'@link(url: "{_OTHER}-dashed.name/v1.0", import: ["@own"])',
        '@link(url: "https://specs.apollo.dev/tag/v9.0")',
        '@link(url: "https://specs.apollo.dev/connect/v9.0", import: ["@connect"])',
        '@link(url: "https://specs.apollo.dev/link/v1.0", import: ["Purpose"])',
        '@link(url: "https://specs.apollo.dev/cacheTag/v0.1")',
    ],
)
def test_links_of_others_are_left_alone(link: str) -> None:
    """They are somebody else's business, known to us or not."""
    assert _codes(f"{_FEDERATION} {link}") == []


def test_links_that_say_nothing_of_federation_leave_sdl_in_federation_1() -> None:
    """Then nobody reads them, right or wrong."""
    body = 'type Query { a: A } type A @key(fields: "id") { id: ID! }'
    assert _codes(f'@link(url: "{_OTHER}") @link', body) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (_imports('"@key"'), _imports('"@nothing"')),
        (_imports('"FieldSet"'), _imports('"key"')),
        (_imports('"@key"'), f'@link(url: "{FED}/v2.9", import: "@key")'),
        (_imports('"@cost"'), f'@link(url: "{FED}/v2.8", import: ["@cost"])'),
        (_imports(_rename("@key", "@primary")), _imports(_rename("@key", "primary"))),
        (_imports(_rename("FieldSet", "Fields")), _imports(_rename("FieldSet", "@Fields"))),
        (_imports(_rename("@key", "@k_k")), _imports(_rename("@key", "@k-k"))),
        (_imports('{ name: "@key" }'), _imports('{ as: "@key" }')),
        (_imports('{ name: "@key" }'), _imports('{ name: "@key", to: "@k" }')),
        (_imports('"@key"'), _imports("7")),
        (_FEDERATION, f"{_FEDERATION} @link"),
    ],
)
def test_an_import_names_an_element_and_what_it_is_called(right: str, wrong: str) -> None:
    """A wrong one would leave its directive without meaning."""
    assert _codes(right) == []
    assert _codes(wrong) == ["INVALID_LINK_DIRECTIVE_USAGE"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (f'@link(url: "{FED}/v2.9", as: "fed")', f'@link(url: "{FED}/v2.9", as: "a__b")'),
        (f'@link(url: "{FED}/v2.9", as: null)', f'@link(url: "{FED}/v2.9", as: "")'),
        (f'@link(url: "{FED}/v2.9", as: "_a")', f'@link(url: "{FED}/v2.9", as: "a_")'),
        (f'{_FEDERATION} @link(url: "{_OTHER}/v1.0")', f'{_FEDERATION} @link(url: "{_OTHER}_/v1.0")'),
        (_FEDERATION, f'{_FEDERATION} @link(url: "{FED}/v2.9", as: "again")'),
        (
            f'{_FEDERATION} @link(url: "{_OTHER}/v1.0")',
            f'{_FEDERATION} @link(url: "{_OTHER}/v1.0") @link(url: "{_OTHER}/v1.1", as: "again")',
        ),
        (
            f'{_FEDERATION} @link(url: "https://example.com/federation/v1.0", as: "ours")',
            f'{_FEDERATION} @link(url: "https://example.com/federation/v1.0")',
        ),
        (_imports(_rename("@key", "@federation__key")), _imports(_rename("@key", "@federation__tag"))),
        (_imports(_rename("@key", "@other__key")), _imports(_rename("@key", "@link__key"))),
        (_imports(_rename("@key", "@k")), _imports(_rename("@key", "@link"))),
        (_imports(_rename("@key", "@k")), _imports(_rename("@key", "@federation"))),
        (_imports('"@key"', '"@key"'), _imports('"@key"', _rename("@key", "@k"))),
        (_imports('"@key"', _rename("@tag", "@t")), _imports('"@key"', _rename("@tag", "@key"))),
        (
            _imports('"@key"', then=f'@link(url: "{_OTHER}/v1.0", import: [{_rename("@key", "@k")}])'),
            _imports('"@key"', then=f'@link(url: "{_OTHER}/v1.0", import: ["@key"])'),
        ),
        (
            _imports(_rename("@key", "@other"), then=f'@link(url: "{_OTHER}/v1.0", as: "its")'),
            _imports(_rename("@key", "@other"), then=f'@link(url: "{_OTHER}/v1.0")'),
        ),
        (
            _imports(_rename("@key", "@more__key"), then=f'@link(url: "{_OTHER}/v1.0")'),
            _imports(_rename("@key", "@other__key"), then=f'@link(url: "{_OTHER}/v1.0")'),
        ),
        (
            _imports(then='@link(url: "https://specs.apollo.dev/tag/v0.3")'),
            _imports('"@tag"', then='@link(url: "https://specs.apollo.dev/tag/v0.3")'),
        ),
    ],
)
def test_a_name_means_one_thing(right: str, wrong: str) -> None:
    """From a name alone one must tell which specification it comes from."""
    assert _codes(right) == []
    assert _codes(wrong) == ["INVALID_LINK_DIRECTIVE_USAGE"]


def test_link_itself_may_have_another_name() -> None:
    """It says so itself, in its first application."""
    body = (
        "directive @uses(url: String, as: String, import: [uses__Import]) repeatable on SCHEMA "
        "scalar uses__Import enum uses__Purpose { SECURITY EXECUTION } "
        'type Query { a: A } type A @pk(fields: "id") { id: ID! }'
    )
    link = '@uses(url: "https://specs.apollo.dev/link/v1.0", as: "uses")'
    federation = f'@uses(url: "{FED}/v2.3", import: [{_rename("@key", "@pk")}])'
    assert _codes(f"{link} {federation}", body) == []


def test_a_purpose_is_one_of_two() -> None:
    """What is linked for neither may be ignored."""
    assert _codes(f'{_FEDERATION} @link(url: "{_OTHER}/v1.0", for: EXECUTION)') == []
    assert _codes(f'{_FEDERATION} @link(url: "{_OTHER}/v1.0", for: FUN)') == ["INVALID_GRAPHQL"]


def test_what_belongs_to_a_newer_federation_is_hinted() -> None:
    """The subgraph is read as that version; better it says so."""
    body = "type Query { a: Int @cost(weight: 1) }"
    cost = '@link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost"])'
    for version, hints in (("v2.8", ["IMPLICITLY_UPGRADED_FEDERATION_VERSION"]), ("v2.9", [])):
        sdl = f'extend schema @link(url: "{FED}/{version}") {cost}\n{body}'
        assert [hint.code for hint in compose([Subgraph("a", sdl)]).hints] == hints
