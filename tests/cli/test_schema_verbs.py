"""compose, plan, introspect, explain: the engine at hand without a hub, from every list that users have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Jiyi, process_ready

PARKS = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { parks: [Park!]! }
type Park @key(fields: "id") { id: ID! name: String! }
"""
LIKES = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Park @key(fields: "id") { id: ID! likes: Int! }
"""
OURS = json.dumps(
    [
        {"name": "parks", "url": "http://parks.test", "sdl": PARKS},
        {"name": "likes", "url": "http://likes.test", "sdl": LIKES},
    ]
)
ROVER = """
federation_version: =2.9.0
subgraphs:
  parks:
    routing_url: http://parks.test
    schema: { file: ./parks.graphql }
  likes:
    routing_url: http://likes.test
    schema: { file: ./likes.graphql }
"""
WGC = """
version: 1
subgraphs:
  - name: parks
    routing_url: http://parks.test
    schema: { file: ./parks.graphql }
  - name: likes
    routing_url: http://likes.test
    schema: { file: ./likes.graphql }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "parks.graphql").write_text(PARKS)
    (tmp_path / "likes.graphql").write_text(LIKES)
    (tmp_path / "ours.json").write_text(OURS)
    (tmp_path / "rover.yaml").write_text(ROVER)
    (tmp_path / "wgc.yaml").write_text(WGC)
    return tmp_path


def test_the_same_supergraph_comes_from_every_list(jiyi: Jiyi, folder: Path) -> None:
    """Nobody rewrites the file that another tool already reads."""
    ours, rover, wgc = (jiyi("compose", name) for name in ("ours.json", "rover.yaml", "wgc.yaml"))
    assert ours.exit_code == 0
    assert 'join__type(graph: LIKES, key: "id")' in ours.out
    assert ours.out == rover.out == wgc.out


def test_the_list_can_be_named_as_other_tools_name_it(jiyi: Jiyi, folder: Path) -> None:
    """A habit of the fingers is no mistake; two lists at once are."""
    assert jiyi("compose", "--config", "rover.yaml").out == jiyi("compose", "-i", "wgc.yaml").out != ""
    assert jiyi("compose", "-i", "wgc.yaml", "-o", "out.graphql").out == ""
    assert (folder / "out.graphql").read_text() == jiyi("compose", "wgc.yaml").out
    assert [jiyi("compose").exit_code, jiyi("compose", "ours.json", "-i", "wgc.yaml").exit_code] == [2, 2]


def test_a_list_can_come_from_stdin(jiyi: Jiyi) -> None:
    """`-` is stdin, as everywhere."""
    ran = jiyi("compose", "-", "--json", stdin=OURS)
    assert set(ran.data) == {"success", "supergraph", "apiSchema", "hints"}
    assert "likes: Int!" in ran.data["apiSchema"]


def test_graphs_that_do_not_compose_end_with_one_and_every_error(jiyi: Jiyi, tmp_path: Path) -> None:
    """Code, place and mend of each, in plain text and in the envelope."""
    wrong = [
        {"name": "a", "url": "http://a.test", "sdl": PARKS},
        {"name": "b", "url": "http://b.test", "sdl": PARKS.replace("name: String!", "name: Int!")},
    ]
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    ran = jiyi("compose", "wrong.json")
    assert (ran.exit_code, ran.out) == (1, "")
    assert "FIELD_TYPE_MISMATCH" in ran.err
    error = jiyi("compose", "wrong.json", "--json").envelope["error"]
    assert error["code"] == "COMPOSITION_FAILED"
    found = {each["code"]: each for each in error["details"]["errors"]}
    assert set(found) == {"FIELD_TYPE_MISMATCH", "INVALID_FIELD_SHARING"}
    assert {place["subgraph"] for place in found["FIELD_TYPE_MISMATCH"]["locations"]} == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [1", "list:1:6: is neither JSON nor YAML: "),
        ("subgraphs: {a: {}, a: {}}", 'list:1:20: is neither JSON nor YAML: key "a" is written twice'),
        ("just words", 'list: expected a list of subgraphs with "name" and "url".'),
        ("subgraphs: []", "list: the list is empty. Add a subgraph."),
        ("[{name: a, sdl: 5}]", 'list: subgraph "a": "sdl" must be text.'),
        ("subgraphs: [one, two]", 'list: expected a list of subgraphs with "name" and "url".'),
        ("[{name: a}]", 'list: subgraph "a" has neither sdl, file nor url.'),
        ("[{name: a, schema: a.graphql}]", 'list: subgraph "a": "schema" must have file, subgraph_url or sdl'),
        ("[{name: a, schema: {file: a.graphql}}]", 'list: subgraph "a": a.graphql: No such file or directory'),
    ],
)
def test_a_list_that_is_none_is_told_with_its_place(jiyi: Jiyi, tmp_path: Path, text: str, reason: str) -> None:
    """File, line where there is one, cause; wrong usage, not a failed check."""
    (tmp_path / "list").write_text(text)
    ran = jiyi("compose", "list")
    assert (ran.exit_code, ran.code, ran.out) == (2, "SUBGRAPHS_UNREADABLE", "")
    assert reason in ran.err
    assert jiyi("compose", "list", "--json").code == "SUBGRAPHS_UNREADABLE"


def test_a_list_that_is_missing_is_told(jiyi: Jiyi) -> None:
    """The name that was typed, and the reason."""
    ran = jiyi("compose", "missing.yaml")
    assert (ran.exit_code, ran.err) == (2, "SUBGRAPHS_UNREADABLE: missing.yaml: No such file or directory\n")


def test_a_list_of_other_bytes_is_told(jiyi: Jiyi, tmp_path: Path) -> None:
    """A picture is no list."""
    (tmp_path / "list").write_bytes(b"\xff\xd8")
    assert jiyi("compose", "list").err == "SUBGRAPHS_UNREADABLE: list: is not UTF-8 text (byte 0)\n"


def test_a_subgraph_that_does_not_answer_is_named(jiyi: Jiyi, tmp_path: Path, free_port: int) -> None:
    """Which of the list it is, and what is wrong with it."""
    (tmp_path / "list").write_text(f"[{{name: a, url: 'http://127.0.0.1:{free_port}/graphql'}}]")
    ran = jiyi("compose", "list")
    assert (ran.exit_code, ran.code) == (1, "DEPARTMENT_UNREACHABLE")
    assert 'subgraph "a"' in ran.err


def test_a_plan_is_printed(jiyi: Jiyi, folder: Path) -> None:
    """Two departments, the second asked for what the first found."""
    (folder / "query.graphql").write_text("{ parks { name likes } }")
    ran = jiyi("plan", "--operation", "query.graphql", "--subgraphs", "ours.json")
    assert ran.exit_code == 0
    assert ran.out.startswith('QueryPlan {\n  Sequence {\n    Fetch(service: "parks")')
    assert 'Fetch(service: "likes")' in ran.out
    assert jiyi("plan", "--operation", "-", "--subgraphs", "ours.json", "--json", stdin="{ parks { id } }").data[
        "plan"
    ]


def test_a_plan_over_a_supergraph_is_the_same(jiyi: Jiyi, folder: Path) -> None:
    """Composed here, and read again from its text."""
    (folder / "query.graphql").write_text("query A { parks { id } } query B { parks { name likes } }")
    jiyi("compose", "ours.json", "--output", "supergraph.graphql")
    operation = ("plan", "--operation", "query.graphql", "--operation-name", "B")
    composed, read = (
        jiyi(*operation, flag, file)
        for flag, file in (("--subgraphs", "ours.json"), ("--supergraph", "supergraph.graphql"))
    )
    assert composed.exit_code == 0
    assert composed.out == read.out


def test_a_plan_tells_on_demand_what_else_there_was(jiyi: Jiyi, folder: Path) -> None:
    """Per place: what was taken, with its cost, and what was not."""
    (folder / "query.graphql").write_text("{ parks { name likes } }")
    operation = ("plan", "--operation", "query.graphql", "--subgraphs", "ours.json", "--explain")
    assert jiyi(*operation).out.partition("\n\n")[2].splitlines()[:3] == [
        "Query { parks }",
        "  taken    parks: 2 fetches, 2 steps",
        "Park { name likes } brought by parks",
    ]
    outermost = jiyi(*operation, "--json").data["choices"][0]
    assert outermost == {
        "type": "Query",
        "fields": ["parks"],
        "broughtBy": [],
        "taken": {"subgraphs": ["parks"], "fetches": 2, "steps": 2, "complete": True},
        "others": [],
    }


@pytest.mark.parametrize(
    ("flags", "code", "exit_code"),
    [
        (("--variables", '{"no": [1]}'), "BAD_USER_INPUT", 1),
        (("--variables", '{"no": true}'), "", 0),
        (("--variables", "{"), "Usage", 2),
        (("--variables", "[]"), "Usage", 2),
        (("--operation-name", "B"), "OPERATION_RESOLUTION_FAILURE", 1),
    ],
)
def test_variables_and_names_are_checked(
    jiyi: Jiyi, folder: Path, flags: tuple[str, ...], code: str, exit_code: int
) -> None:
    """A plan is only worth something for an operation that would run."""
    (folder / "query.graphql").write_text("query A($no: Boolean!) { parks { id @skip(if: $no) name } }")
    ran = jiyi("plan", "--operation", "query.graphql", "--subgraphs", "ours.json", *flags)
    assert (ran.exit_code, ran.code) == (exit_code, code)


def test_a_failed_composition_has_the_same_fields_in_its_envelope(jiyi: Jiyi) -> None:
    """A script reads one shape; what there is none of is null, and places come with each error."""
    wrong = '[{"name": "a", "url": "http://a.test", "sdl": "type Query { a: B }"}, {"name": "b", "sdl": ""}]'
    body = jiyi("compose", "-", "--json", stdin=wrong).envelope
    assert body["data"] == {"success": False, "supergraph": None, "apiSchema": None, "hints": []}
    errors = body["error"]["details"]["errors"]
    found = [(each["code"], each["subgraphs"]) for each in errors]
    assert found == [("INVALID_GRAPHQL", ["a"]), ("INVALID_GRAPHQL", ["b"])]
    assert errors[0]["locations"] == [{"subgraph": "a", "line": 1, "column": 17}]


@pytest.mark.parametrize(
    ("operation", "code"),
    [("{ parks {", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")],
)
def test_an_operation_that_cannot_be_planned_is_told(jiyi: Jiyi, folder: Path, operation: str, code: str) -> None:
    """With the same codes as the hub uses."""
    (folder / "query.graphql").write_text(operation)
    ran = jiyi("plan", "--operation", "query.graphql", "--subgraphs", "ours.json", "--json")
    assert (ran.exit_code, ran.code) == (1, code)


def test_an_operation_that_is_missing_is_told(jiyi: Jiyi, folder: Path) -> None:
    """Wrong usage, with the file's name."""
    ran = jiyi("plan", "--operation", "missing.graphql", "--subgraphs", "ours.json")
    assert (ran.exit_code, ran.err) == (2, "OPERATION_UNREADABLE: missing.graphql: No such file or directory\n")


def test_a_subgraph_is_introspected(jiyi: Jiyi) -> None:
    """The SDL that a running department states of itself, as text and in the envelope."""
    with process_ready("-m", "mocks.human_resources", "--port", "0") as url:
        plain = jiyi("introspect", f"{url}/graphql")
        envelope = jiyi("introspect", f"{url}/graphql", "--json")
    assert (plain.exit_code, plain.err) == (0, "")
    assert "type Citizen" in plain.out
    assert envelope.data["sdl"] + "\n" == plain.out


@pytest.mark.parametrize(
    ("address", "code"),
    [("http://127.0.0.1:1/graphql", "DEPARTMENT_UNREACHABLE"), ("nonsense", "ADDRESS_REFUSED")],
)
def test_an_address_that_does_not_introspect_is_told(jiyi: Jiyi, address: str, code: str) -> None:
    """No stack trace for a wrong address."""
    ran = jiyi("introspect", address)
    assert (ran.exit_code, ran.code, ran.out) == (1, code, "")


def test_a_header_that_is_none_is_wrong_usage(jiyi: Jiyi) -> None:
    """Before anybody is asked."""
    ran = jiyi("introspect", "http://127.0.0.1:1/", "-H", "nonsense")
    assert ran.exit_code == 2
    assert '"nonsense" is no header. Write NAME:VALUE.' in " ".join(ran.err.split())


def test_a_code_is_explained(jiyi: Jiyi) -> None:
    """In any case of letters."""
    ran = jiyi("explain", "agent_offline")
    assert ran.out == (
        "AGENT_OFFLINE: The department is reached through an agent, and no agent is connected.\n\n"
        "For example: The machine that runs jiyi agent for civil-affairs was shut down.\n"
    )


def test_a_composition_code_is_explained_with_a_graph_and_its_mend(jiyi: Jiyi) -> None:
    """To be read side by side, or pasted."""
    ran = jiyi("explain", "EXTERNAL_UNUSED", "--json")
    assert ran.data["explanation"].startswith("An @external field is used by no @key")
    assert "name: String @external" in ran.data["example"].partition("Right:")[0]
    assert "@external" not in ran.data["example"].partition("Right:")[2]
    assert jiyi("explain", "EXTERNAL_UNUSED").out.startswith("EXTERNAL_UNUSED: ")


def test_a_code_with_a_slip_is_guessed(jiyi: Jiyi) -> None:
    """Nobody types SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES without one."""
    ran = jiyi("explain", "KEY_INVALID_FIELD")
    assert (ran.exit_code, ran.err) == (
        1,
        'UNKNOWN_CODE: "KEY_INVALID_FIELD" is no code of ours. Did you mean KEY_INVALID_FIELDS?\n',
    )
