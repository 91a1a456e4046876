"""A department's way into the graph by command line: enrol, lint, check, publish, change, go back, retire."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.cli.connector_defaults import base_url
from tests.cli.conftest import OPERATOR_SECRET, Jiyi, Ran, hub_in

pytestmark = pytest.mark.whole

OPERATOR = {"JIYI_CLIENT_ID": "operator-cli", "JIYI_CLIENT_SECRET": OPERATOR_SECRET}
PARKS = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { parks: [Park!]! }
type Park @key(fields: "id") { id: ID! name: String! }
"""
LARGER = PARKS.replace("name: String!", "name: String! area: Int")
SMALLER = PARKS.replace(" name: String!", "")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with hub_in(tmp_path_factory.mktemp("hub")) as url:
        yield url


@pytest.fixture(scope="module")
def careful_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A hub where an operator approves each version."""
    with hub_in(tmp_path_factory.mktemp("careful"), JIYI_CONNECTOR_APPROVAL="operator") as url:
        yield url


def enrol(jiyi: Jiyi, hub: str, name: str) -> dict[str, str]:
    """The environment of a department that was let in."""
    ran = jiyi("department", "enrol", name, JIYI_HUB=hub, **OPERATOR)
    assert ran.exit_code == 0, ran.err
    return {"JIYI_HUB": hub, **dict(line.split("=", 1) for line in ran.out.splitlines())}


def publish(jiyi: Jiyi, department: dict[str, str], name: str, sdl: str) -> Ran:
    return jiyi(
        "connector",
        "publish",
        name,
        "--schema",
        "-",
        "--url",
        "http://127.0.0.1:9/graphql",
        stdin=sdl,
        **department,
    )


def test_a_department_is_let_in_and_its_earlier_secret_ends(jiyi: Jiyi, hub: str) -> None:
    """The secret is on stdout alone, so that it can be piped where it belongs; a new one ends the old one."""
    first = enrol(jiyi, hub, "gates")
    assert jiyi("connector", "list", **first).exit_code == 0
    again = jiyi("department", "enrol", "gates", "--json", JIYI_HUB=hub, **OPERATOR).data["credentials"]
    assert again["department"] == "gates"
    assert again["clientId"] == first["JIYI_CLIENT_ID"]
    assert again["clientSecret"] != first["JIYI_CLIENT_SECRET"]
    ended = jiyi("connector", "list", **first)
    assert (ended.exit_code, ended.code) == (1, "UNAUTHENTICATED")


def test_only_an_operator_lets_a_department_in(jiyi: Jiyi, hub: str) -> None:
    """A department cannot let in another, nobody without a name anyone."""
    department = enrol(jiyi, hub, "fences")
    assert jiyi("department", "enrol", "others", **department).code == "FORBIDDEN"
    assert jiyi("department", "enrol", "others", JIYI_HUB=hub).code == "UNAUTHENTICATED"
    wrong = jiyi("department", "enrol", "No Name", JIYI_HUB=hub, **OPERATOR)
    assert (wrong.exit_code, wrong.code) == (1, "BAD_USER_INPUT")


def test_a_connector_goes_its_whole_way(jiyi: Jiyi, hub: str) -> None:
    """Each verb, and what it prints; the state is read back through another verb."""
    parks = enrol(jiyi, hub, "parks")

    checked = jiyi("connector", "check", "parks", "--schema", "-", "--url", "http://x.test", stdin=PARKS, **parks)
    assert checked.exit_code == 0, checked.err
    assert "Park" in checked.out
    assert "parks " not in jiyi("connector", "list", **parks).out

    published = publish(jiyi, parks, "parks", PARKS)
    assert published.exit_code == 0, published.err
    assert published.out.splitlines()[-1].startswith("parks version 1 is live (supergraph ")
    assert jiyi("connector", "fetch", "parks", **parks).out.strip() == PARKS.strip()

    assert publish(jiyi, parks, "parks", LARGER).out.splitlines()[-1].startswith("parks version 2 is live")
    back = jiyi("connector", "rollback", "parks", **parks)
    assert back.exit_code == 0, back.err
    assert back.out.splitlines()[-1].startswith("parks version 1 is live")
    assert "area" not in jiyi("connector", "fetch", "parks", **parks).out
    again = jiyi("connector", "rollback", "parks", "--to", "2", "--reason", "needed after all", **parks)
    assert again.out.splitlines()[-1].startswith("parks version 2 is live"), again.err
    told = jiyi("connector", "history", "parks", **parks).out.splitlines()
    assert [line.split()[:3] for line in told[:2]] == [["version", "2", "live"], ["version", "1", "superseded"]]
    assert "rolled-back version 2 by department-parks" in told[2]
    assert told[2].endswith(": needed after all")

    assert jiyi("connector", "suspend", "parks", JIYI_HUB=hub, **OPERATOR).out == "parks: suspended\n"
    assert "suspended" in jiyi("connector", "list", **parks).out
    assert jiyi("connector", "resume", "parks", **parks).code == "FORBIDDEN"
    assert jiyi("connector", "resume", "parks", JIYI_HUB=hub, **OPERATOR).out == "parks: live\n"
    assert jiyi("connector", "retire", "parks", "--json", **parks).data["connector"]["state"] == "retired"


def test_a_list_in_json_has_every_connector_one_may_see(jiyi: Jiyi, hub: str) -> None:
    """An operator sees all, a department its own."""
    ponds, woods = enrol(jiyi, hub, "ponds"), enrol(jiyi, hub, "woods")
    assert publish(jiyi, ponds, "ponds", PARKS.replace("ark", "ond")).exit_code == 0
    assert publish(jiyi, woods, "woods", PARKS.replace("ark", "ood")).exit_code == 0
    seen = {each["name"] for each in jiyi("connector", "list", "--json", **ponds).data["connectors"]}
    assert seen == {"ponds"}
    everything = jiyi("connector", "list", "--json", JIYI_HUB=hub, **OPERATOR).data["connectors"]
    assert {"ponds", "woods"} <= {each["name"] for each in everything}


def test_what_breaks_the_graph_is_refused_with_federation_s_codes(jiyi: Jiyi, hub: str) -> None:
    """Exit 1, the code and the place, in plain text and in the envelope; nothing was published."""
    lakes = enrol(jiyi, hub, "lakes")
    broken = 'type Query { lakes: [Lake!]! } type Lake @key(fields: "nothing") { id: ID! }'
    refused = publish(jiyi, lakes, "lakes", broken)
    assert (refused.exit_code, refused.out) == (1, "")
    assert "KEY_INVALID_FIELDS" in refused.err
    arguments = ("connector", "publish", "lakes", "--schema", "-", "--url", "http://x.test", "--check", "--json")
    assert jiyi(*arguments, stdin=broken, **lakes).code == "KEY_INVALID_FIELDS"
    assert jiyi("connector", "fetch", "lakes", **lakes).code == "NOT_FOUND"


def test_what_a_version_would_break_is_told_before(jiyi: Jiyi, hub: str) -> None:
    """The change is named as what it is."""
    hills = enrol(jiyi, hub, "hills")
    sdl = PARKS.replace("ark", "ill")
    assert publish(jiyi, hills, "hills", sdl).exit_code == 0
    smaller = SMALLER.replace("ark", "ill")
    ran = jiyi("connector", "check", "hills", "--schema", "-", "--url", "http://x.test", stdin=smaller, **hills)
    assert any(line.startswith("breaking") and "name" in line for line in ran.out.splitlines())


def test_a_version_waits_for_its_approver(jiyi: Jiyi, careful_hub: str) -> None:
    """Where the operator wants that: published by the department, live once approved."""
    rocks = enrol(jiyi, careful_hub, "rocks")
    published = publish(jiyi, rocks, "rocks", PARKS)
    assert published.exit_code == 0, published.err
    assert "rocks: the new version waits for: operator" in published.err
    assert "live" not in published.out
    assert jiyi("connector", "approve", "rocks", **rocks).code == "FORBIDDEN"
    approved = jiyi("connector", "approve", "rocks", "--json", JIYI_HUB=careful_hub, **OPERATOR).data
    assert approved["connector"]["state"] == "live"
    assert approved["supergraphVersion"] == 1


@pytest.mark.parametrize("verb", ["suspend", "resume", "retire", "approve", "rollback", "fetch"])
def test_an_unknown_connector_is_told(jiyi: Jiyi, hub: str, verb: str) -> None:
    """A slip of the finger ends with 1 and a code."""
    ran = jiyi("connector", verb, "nobody", JIYI_HUB=hub, **OPERATOR)
    assert (ran.exit_code, ran.code, ran.out) == (1, "NOT_FOUND", "")


def test_an_unknown_kind_is_told_with_the_known_ones(jiyi: Jiyi, hub: str) -> None:
    """The mend is in the message."""
    moors = enrol(jiyi, hub, "moors")
    ran = jiyi("connector", "check", "moors", "--kind", "carrier-pigeon", "--schema", "-", stdin=PARKS, **moors)
    assert (ran.exit_code, ran.code) == (1, "UNKNOWN_CONNECTOR_KIND")
    assert "graphql, rest, sql, queue" in ran.err


def test_a_schema_is_linted_without_a_hub(jiyi: Jiyi, tmp_path: Path) -> None:
    """From a file or stdin, with line and column of what is wrong."""
    (tmp_path / "parks.graphql").write_text(PARKS)
    well = jiyi("connector", "lint", "parks", "--schema", "parks.graphql")
    assert (well.exit_code, well.err) == (0, "")
    wrong = jiyi("connector", "lint", "parks", "--schema", "-", stdin="type Query { a: }")
    assert (wrong.exit_code, wrong.out) == (1, "")
    assert wrong.err.startswith("INVALID_GRAPHQL: ")
    assert "(parks:1:17)" in wrong.err
    assert jiyi("connector", "lint", "parks", "--schema", "-", "--json", stdin="type").code == "INVALID_GRAPHQL"


def test_a_schema_that_cannot_be_read_is_wrong_usage(jiyi: Jiyi) -> None:
    """Told before the hub is asked."""
    ran = jiyi("connector", "check", "parks", "--schema", "missing.graphql")
    assert (ran.exit_code, ran.err) == (2, "SCHEMA_UNREADABLE: missing.graphql: No such file or directory\n")


def test_a_hub_that_is_away_or_none_is_told(jiyi: Jiyi, free_port: int, hub: str) -> None:
    """Its address, what came instead, and no stack trace."""
    away = jiyi("connector", "list", "--hub", f"http://127.0.0.1:{free_port}")
    assert (away.exit_code, away.code) == (1, "HUB_UNREACHABLE")
    assert f"http://127.0.0.1:{free_port} does not answer" in away.err
    assert "answers, but not as a hub does" in jiyi("connector", "list", "--hub", f"{hub}/healthz").err
    assert "is no address" in jiyi("connector", "list", "--hub", "nonsense").err
    missing = jiyi("connector", "list", "--hub", hub, "--ca-file", "missing.pem")
    assert (missing.exit_code, missing.code) == (2, "CERTIFICATE_UNREADABLE")


def test_nobody_in_particular_sees_no_connector(jiyi: Jiyi, hub: str) -> None:
    """Without credentials the door is closed; with a wrong secret too."""
    assert jiyi("connector", "list", JIYI_HUB=hub).code == "UNAUTHENTICATED"
    wrong = jiyi("connector", "list", JIYI_HUB=hub, JIYI_CLIENT_ID="operator-cli", JIYI_CLIENT_SECRET="wrong")
    assert (wrong.exit_code, wrong.code) == (1, "UNAUTHENTICATED")
    assert "wrong" not in wrong.err.replace("wrong_", "")


MAPPED = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
  @link(url: "https://specs.apollo.dev/connect/v0.2", import: ["@source", "@connect"])
  @source(name: "api", http: { baseURL: "http://127.0.0.1:9/api" })
type Query { well: String @connect(source: "api", http: { GET: "/well" }, selection: "$.name") }
"""
IN_DATABASE = """extend schema
  @link(url: "https://jiyi.dev/spec/sql/v0.1", import: ["@sqlConnect"])
type Query { well: String @sqlConnect(select: "SELECT name FROM well", selection: "$.name") }
"""


def test_kind_and_address_are_told_by_the_sdl(jiyi: Jiyi, hub: str) -> None:
    """Nobody types again what the file says; a flag still wins."""
    wells = enrol(jiyi, hub, "wells")
    assert jiyi("connector", "publish", "wells", "--schema", "-", stdin=MAPPED, **wells).exit_code == 0
    (listed,) = jiyi("connector", "list", "--json", **wells).data["connectors"]
    assert listed["kind"] == "rest"
    assert jiyi("connector", "publish", "wells", "--schema", "-", stdin=IN_DATABASE, **wells).exit_code == 0
    (listed,) = jiyi("connector", "list", "--json", **wells).data["connectors"]
    assert listed["kind"] == "queue"
    asked = jiyi("connector", "check", "wells", "--schema", "-", "--kind", "graphql", stdin=PARKS, **wells)
    assert asked.code == "CONNECTOR_ADDRESS_MISSING"


def test_a_check_says_that_it_is_well_and_who_may_ask(jiyi: Jiyi, hub: str) -> None:
    """Silence is no answer, and a field that nobody may ask for is a surprise that comes too late."""
    caves = enrol(jiyi, hub, "caves")
    sdl = PARKS.replace("ark", "ave")
    checked = jiyi("connector", "check", "caves", "--schema", "-", "--url", "http://x.test", stdin=sdl, **caves)
    assert checked.exit_code == 0
    assert "hint: nobody may ask for Query.paves until the hub's policy has a rule for it" in checked.err
    assert checked.out.splitlines()[-1] == "caves can be published"
    assert publish(jiyi, caves, "caves", sdl).exit_code == 0
    again = jiyi("connector", "check", "caves", "--schema", "-", "--url", "http://x.test", stdin=sdl, **caves)
    assert again.out.splitlines()[-1] == "caves can be published; clients would see no change"


@pytest.mark.parametrize(
    ("environment", "exit_code", "code", "mend"),
    [
        ({}, 1, "UNAUTHENTICATED", "set JIYI_CLIENT_ID and JIYI_CLIENT_SECRET"),
        ({"JIYI_CLIENT_ID": "operator-cli"}, 2, "WRONG_USAGE", "JIYI_CLIENT_SECRET is not set."),
        ({"JIYI_CLIENT_SECRET": "x"}, 2, "WRONG_USAGE", "JIYI_CLIENT_ID is not set."),
        (
            {"JIYI_CLIENT_ID": "operator-cli", "JIYI_CLIENT_SECRET": "x"},
            1,
            "UNAUTHENTICATED",
            "`jiyi department enrol` makes a new one.",
        ),
        ({"JIYI_HUB": "127.0.0.1:8000"}, 1, "HUB_UNREACHABLE", "--hub wants http://"),
    ],
)
def test_who_has_no_credentials_is_told_which(
    jiyi: Jiyi, hub: str, environment: dict[str, str], exit_code: int, code: str, mend: str
) -> None:
    """By the names that are to be set."""
    ran = jiyi("connector", "list", **{"JIYI_HUB": hub, **environment})
    assert (ran.exit_code, ran.code) == (exit_code, code)
    assert mend in ran.err


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("http://a.test/api", "http://a.test/api"),
        ("http://{$config.host}/api", None),
    ],
)
def test_an_address_with_an_expression_in_it_has_to_be_typed(base: str, told: str | None) -> None:
    """What it will be is not known here."""
    assert base_url("wells", MAPPED.replace("http://127.0.0.1:9/api", base)) == told


def test_an_operator_sees_and_changes_how_a_connector_is_treated(jiyi: Jiyi, hub: str) -> None:
    """Without a restart; a wrong value is refused before it is sent, with what is allowed."""
    museum = enrol(jiyi, hub, "museum")
    assert publish(jiyi, museum, "museum", PARKS.replace("Park", "Hall").replace("parks", "halls")).exit_code == 0
    operator = {"JIYI_HUB": hub, **OPERATOR}
    shown = jiyi("connector", "settings", "museum", **museum)
    assert "concurrency                50  default" in shown.out, shown.err
    change = ("--set", "concurrency=5", "--set", "hedge=true", "--reason", "one clerk")
    changed = jiyi("connector", "settings", "museum", *change, **operator)
    assert "concurrency                 5  set" in changed.out, changed.err
    told = jiyi("connector", "settings", "museum", "--set", "hedge=default", "--json", **operator).data["settings"]
    assert (told["concurrency"], told["hedge"], told["changed"]) == (5, False, ["concurrency"])
    for wrong in ("concurrency=0", "concurency=5", "hedge=often", "retries"):
        refused = jiyi("connector", "settings", "museum", "--set", wrong, **operator)
        assert (refused.exit_code, refused.err.split(":")[0]) == (2, "BAD_USER_INPUT")
    assert jiyi("connector", "settings", "museum", "--set", "retries=1", **museum).exit_code == 1
    assert jiyi("connector", "settings", "nobody", **operator).exit_code == 1


MOTTO = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
"An organisation, as the hub has it."
type Organisation @key(fields: "code") { code: ID!
  "What it stands for."
  motto: String }
"""
SILENT = MOTTO.replace("motto", "slogan")


def ask_as(hub: str, client: str, query: str) -> None:
    """A client that says who it is; it waits until the graph has what it asks for."""
    headers = {"Content-Type": "application/json", "apollographql-client-name": client}
    body = json.dumps({"query": query}).encode()
    ends = time.monotonic() + 10
    while True:
        with urllib.request.urlopen(urllib.request.Request(f"{hub}/graphql", body, headers)) as answer:
            if b"GRAPHQL_VALIDATION_FAILED" not in answer.read():
                return
        assert time.monotonic() < ends
        time.sleep(0.1)


def test_a_version_that_breaks_what_clients_send_is_refused_with_their_names(jiyi: Jiyi, hub: str) -> None:
    """From the client's request to the refused department, and to the operator who decides otherwise."""
    mottos = enrol(jiyi, hub, "mottos")
    assert publish(jiyi, mottos, "mottos", MOTTO).exit_code == 0
    ask_as(hub, "kiosk", "query Mottos { organisations { code motto } }")
    arguments = ("connector", "check", "mottos", "--schema", "-", "--url", "http://127.0.0.1:9/graphql")
    ran = jiyi(*arguments, stdin=SILENT, **mottos)
    assert (ran.exit_code, ran.code) == (1, "BREAKS_OPERATIONS")
    assert 'Query "Mottos" of kiosk would break (1 in 30 days' in ran.err
    lines = ran.out.splitlines()
    assert any(line.startswith("affected   query Mottos: kiosk; once, last ") for line in lines)
    assert "breaking   Field Organisation.motto was removed. (used by 1 recorded operation)" in lines
    assert lines[-1] == "mottos cannot be published"
    report = jiyi(*arguments, "--json", stdin=SILENT, **mottos).data
    assert [each["path"] for each in report["affected"][0]["because"]] == ["Organisation.motto"]
    assert [client["name"] for client in report["affected"][0]["clients"]] == ["kiosk"]

    assert publish(jiyi, mottos, "mottos", SILENT).code == "BREAKS_OPERATIONS"
    forcing = ("connector", "publish", "mottos", "--schema", "-", "--url", "http://127.0.0.1:9/graphql", "--force")
    assert jiyi(*forcing, "--reason", "we want", stdin=SILENT, **mottos).code == "FORBIDDEN"
    assert jiyi(*forcing, stdin=SILENT, JIYI_HUB=hub, **OPERATOR).code == "BAD_USER_INPUT"
    forced = jiyi(*forcing, "--reason", "the kiosk is gone", stdin=SILENT, JIYI_HUB=hub, **OPERATOR)
    assert forced.out.splitlines()[-1].startswith("mottos version 2 is live")


def test_a_pipeline_can_be_strict(jiyi: Jiyi, hub: str) -> None:
    """Doubts end with 1 there; what was decided otherwise is left out by its code."""
    lint = ("connector", "lint", "parks", "--schema", "-", "--strict")
    doubtful = jiyi(*lint, stdin=PARKS)
    assert (doubtful.exit_code, doubtful.code) == (1, "CHECK_DOUBTFUL")
    assert any(line.startswith("lint       LIST_WITHOUT_PAGES: ") and "(parks:2:14)" in line
               for line in doubtful.out.splitlines())  # fmt: skip
    assert jiyi(*lint, "--json", stdin=PARKS).code == "CHECK_DOUBTFUL"
    ignored = ("--ignore", "LIST_WITHOUT_PAGES", "--ignore", "FIELD_DESCRIPTION_MISSING")
    quiet = jiyi(*lint, *ignored, stdin=PARKS)
    assert (quiet.exit_code, quiet.err) == (0, "")
    assert quiet.out == 'lint info  TYPE_DESCRIPTION_MISSING: Type "Park" has no description. ' \
        "Say in a sentence what it is. (parks:3:6)\n"  # fmt: skip
