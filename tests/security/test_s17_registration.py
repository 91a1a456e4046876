"""S17 at the registration door: no kind, spelling, redirect or answer makes the hub call what it must not.

One hub that allows no private addresses, and a listener on loopback that stands for whatever is inside.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import OPERATOR_SECRET, run_process
from tests.security.listening_department import Department, Said, listening
from tests.security.secret_hub import CONNECT, SecretHub, secret_hub

pytestmark = pytest.mark.whole

FEDERATION = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n'
GRAPHQL = FEDERATION + 'type Organisation @key(fields: "code") { code: ID! hymn: String }\n'
REST = (
    CONNECT
    + '@source(name: "s", http: { baseURL: "https://public.example" })\n'
    + 'type Organisation @key(fields: "code") @connect(source: "s", http: { GET: "/{$this.code}" }, '
    + 'selection: "code hymn") { code: ID! hymn: String }\n'
)
SQL = (
    FEDERATION
    + 'extend schema @link(url: "https://jiyi.dev/spec/sql/v0.1", import: ["@sqlSource", "@sqlConnect"])\n'
    + '@sqlSource(name: "register")\ntype Organisation @key(fields: "code") '
    + '@sqlConnect(select: "SELECT code, hymn FROM o WHERE code = {$this.code}") { code: ID! hymn: String }\n'
)
CHECK = "mutation ($input: ConnectorInput!) { checkConnector(input: $input) { ok errors { code message } } }"
ALLOW = 'mutation ($host: String!) { allowHost(department: "%s", host: $host, reason: "a test") { host } }'
DISALLOW = 'mutation ($host: String!) { disallowHost(department: "%s", host: $host) }'
HYMNS = "{ organisations { hymn } }"
WITHIN_SECONDS = 2.0
HOSTS = (
    "127.0.0.1", "127.1", "2130706433", "0x7f.1", "017700000001", "localhost", "localhost.", "x.localhost",
    "[::1]",
    "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "0.0.0.0", "10.0.0.8",
    "192.168.0.8", "169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16",
)  # fmt: skip
HTTP_URLS = (
    *(f"http://{host}:PORT/graphql" for host in HOSTS),
    "https://127.0.0.1:PORT/", "file:///etc/passwd", "gopher://public.example/", "ftp://public.example/",
    "//127.0.0.1:PORT/", "http:127.0.0.1:PORT", "http://u@public.example/", "http://u:p@public.example/",
    "http://public.example@127.0.0.1:PORT/", "http://127.0.0.1:PORT\\@public.example/", "http://public.example:0/",
    "http://public.example:25/", "http://public.example:99999/", "http:///graphql", "http://127.0.0.1:PORT /",
    "http://１２７.0.0.1:PORT/", "unix:///var/run/docker.sock",
)  # fmt: skip
SQL_URLS = (
    *(f"postgresql://reader@{host}:PORT/register" for host in HOSTS),
    *(f"mysql://reader@{host}:PORT/register" for host in HOSTS),
    "sqlite:////etc/passwd", "sqlite://", "sqlite:///hub.db", "postgresql://reader@/register",
    "postgresql://reader@public.example/r?host=/var/run/postgresql", "postgresql://reader@public.example/r?host=127.0.0.1",
    "postgresql://reader@public.example/r?hostaddr=127.0.0.1", "postgresql://reader@public.example/r?service=hub",
    "postgresql://reader@public.example/r?passfile=/etc/passwd", "postgresql://reader@127.0.0.1,public.example/r",
    "postgresql://reader@public.example/r?sslrootcert=/etc/passwd", "postgresql://reader@public.example/r?options=-c",
    "postgresql://reader:pass@public.example/r", "postgresql+asyncpg://reader@public.example/r",
    "mysql://reader@public.example/r?unix_socket=/run/mysqld.sock", "mysql://reader@public.example/r?local_infile=1",
    "mysql://reader@public.example/r?read_default_file=/root/.my.cnf", "mysql://reader@public.example/r?ssl_ca=/etc/passwd",
    "mysql+pymysql://reader@public.example/r", "oracle://reader@public.example/r", "mssql+pyodbc://reader@x/r", "http://127.0.0.1/",
)  # fmt: skip


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecretHub]:
    with secret_hub(tmp_path_factory.mktemp("strict")) as hub:
        yield hub


@pytest.fixture(scope="module")
def inside() -> Iterator[Department]:
    """What no department may reach: it would answer."""
    sdl = json.dumps({"data": {"_service": {"sdl": GRAPHQL}}}).encode()
    with listening(lambda _heard: Said(sdl)) as inside:
        yield inside


def check(hub: SecretHub, token: str, **given: Any) -> list[str]:
    """The codes for which a registration is refused, the same by both doors."""
    checked = hub.ask(CHECK, {"input": given}, token)["data"]["checkConnector"]
    published = hub.publish(token, **given)
    codes = [each["code"] for each in checked["errors"]]
    assert codes == [each["code"] for each in published["errors"]], given
    assert published["supergraphVersion"] is None or not codes
    return codes


@pytest.mark.parametrize(("kind", "sdl"), [("graphql", None), ("graphql", GRAPHQL), ("rest", REST)])
def test_no_url_of_the_table_is_registered(hub: SecretHub, inside: Department, kind: str, sdl: str | None) -> None:
    """Neither where the SDL would be read, nor where requests would go."""
    token = hub.department("curious")
    for url in HTTP_URLS:
        given = url.replace("PORT", str(inside.port))
        codes = check(hub, token, name="curious", department="curious", kind=kind, sdl=sdl, url=given)
        assert codes == ["CONNECTOR_ADDRESS_REFUSED"], given
    assert inside.heard == []


def test_no_database_of_the_table_is_registered(hub: SecretHub) -> None:
    """Neither a file of the hub's, nor an option by which a driver would reach further than its host."""
    token = hub.department("curious")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for url in SQL_URLS:
            given = url.replace("PORT", str(listener.getsockname()[1]))
            codes = check(hub, token, name="curious", department="curious", kind="sql", sdl=SQL, url=given)
            assert codes == ["CONNECTOR_ADDRESS_REFUSED"], given
        listener.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_whole_url_in_a_mapping_is_looked_at_too(hub: SecretHub, inside: Department) -> None:
    """The registered address takes the place of sources; a connector without one says its own."""
    token = hub.department("curious")
    hosts = [f"{host}:{inside.port}" for host in HOSTS[::6]]
    expressions = ["{$args.host}", "{$this.code}", "127.0.0.{$this.code}", "u{$this.code}@127.0.0.1"]
    for host in (*hosts, *expressions):
        sdl = REST.replace('source: "s", http: { GET: "/', f'http: {{ GET: "http://{host}/')
        given = {"name": "curious", "department": "curious", "kind": "rest", "url": "https://public.example"}
        checked = hub.ask(CHECK, {"input": {**given, "sdl": sdl}}, token)["data"]["checkConnector"]
        assert not checked["ok"]
        assert host in expressions or "CONNECTOR_ADDRESS_REFUSED" in {each["code"] for each in checked["errors"]}
    assert inside.heard == []


def test_the_command_line_is_the_same_door(hub: SecretHub, inside: Department, tmp_path: Path) -> None:
    """With its exit code for pipelines."""
    (tmp_path / "rest.graphql").write_text(REST)
    environment = {
        "JIYI_HUB": hub.url,
        "JIYI_CLIENT_ID": "operator-cli",
        "JIYI_CLIENT_SECRET": OPERATOR_SECRET,
        "HOME": str(tmp_path),
    }
    for arguments in (
        ("--url", f"http://127.1:{inside.port}/"),
        ("--kind", "rest", "--schema", str(tmp_path / "rest.graphql"), "--url", f"http://[::1]:{inside.port}"),
    ):
        ran = run_process("connector", "publish", "curious", "--json", *arguments, **environment)
        assert (ran.exit_code, ran.code) == (1, "CONNECTOR_ADDRESS_REFUSED")
    assert inside.heard == []


def test_an_operator_allows_a_host_for_one_department_and_takes_it_back(hub: SecretHub) -> None:
    """Both are in force within two seconds; nobody else may call the host, nor this one another."""
    organisations = len(hub.ask("{ organisations { code } }")["data"]["organisations"])
    answer = json.dumps({"data": {"_entities": [{"hymn": "of the river"}] * organisations}}).encode()
    with listening(lambda heard: Said(answer)) as department:
        host, token, other = f"localhost:{department.port}", hub.department("rivers"), hub.department("curious")
        given = {"kind": "graphql", "sdl": GRAPHQL, "url": f"http://localhost:{department.port}/graphql"}
        assert check(hub, token, name="rivers", department="rivers", **given) == ["CONNECTOR_ADDRESS_REFUSED"]
        for who in (token, None):
            refused = hub.ask(ALLOW % "rivers", {"host": host}, who)
            assert refused["errors"][0]["extensions"]["code"] in {"FORBIDDEN", "UNAUTHENTICATED"}
        assert hub.ask(ALLOW % "rivers", {"host": host}, hub.operator())["data"]["allowHost"]["host"] == host
        assert check(hub, other, name="curious", department="curious", **given) == ["CONNECTOR_ADDRESS_REFUSED"]
        by_number = {**given, "url": given["url"].replace("localhost", "127.0.0.1")}
        assert check(hub, token, name="rivers", department="rivers", **by_number) == ["CONNECTOR_ADDRESS_REFUSED"]

        assert check(hub, token, name="rivers", department="rivers", **given) == []
        _until_hymns(hub, None)
        assert department.heard
        hub.ask(DISALLOW % "rivers", {"host": host}, hub.operator())
        _until_hymns(hub, "DEPARTMENT_UNREACHABLE")
        asked = len(department.heard)
        hub.ask(HYMNS)
        assert len(department.heard) == asked
        assert check(hub, token, name="rivers", department="rivers", **given) == ["CONNECTOR_ADDRESS_REFUSED"]
        hub.ask(ALLOW % "rivers", {"host": "127.0.0.0/8"}, hub.operator())
        _until_hymns(hub, None)


def _until_hymns(hub: SecretHub, code: str | None) -> None:
    """Until the field answers, or fails with this code: two seconds at most."""
    ends = time.monotonic() + WITHIN_SECONDS
    while True:
        errors = hub.ask(HYMNS).get("errors", [])
        if {error["extensions"]["code"] for error in errors} == ({code} if code else set()):
            return
        assert time.monotonic() < ends, errors
        time.sleep(0.05)


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0.0.0.0/0", "http://x/", "*", ""])
def test_some_hosts_nobody_can_allow(hub: SecretHub, host: str) -> None:
    """Not even an operator, who could be led to it."""
    answer = hub.ask(ALLOW % "rivers", {"host": host}, hub.operator())
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("status", [302, 308])
def test_a_redirect_of_an_allowed_host_is_not_followed(hub: SecretHub, inside: Department, status: int) -> None:
    """Neither to another host, nor to another path of its own."""
    for location in (f"http://127.0.0.1:{inside.port}/graphql", "/elsewhere", "http://169.254.169.254/"):
        said = Said(b"", status, (("Location", location),))
        with listening(lambda _heard, said=said: said) as department:  # type: ignore[misc]  # the loop's own
            hub.ask(ALLOW % "bridges", {"host": f"127.0.0.1:{department.port}"}, hub.operator())
            token = hub.department("bridges")
            given = {
                "name": "bridges",
                "department": "bridges",
                "kind": "graphql",
                "url": f"{department.url}/graphql",
            }
            checked = hub.ask(CHECK, {"input": given}, token)["data"]["checkConnector"]
            assert [each["code"] for each in checked["errors"]] == ["DEPARTMENT_BAD_STATUS"]
            assert {heard.target for heard in department.heard} == {"/graphql"}
    assert inside.heard == []


@contextmanager
def endless(head: bytes, piece: bytes) -> Iterator[tuple[int, list[int]]]:
    """A server whose answer has no end; its port, and the bytes that it could get rid of by connection."""
    sent: list[int] = []

    def answer(connection: socket.socket) -> None:
        sent.append(0)
        number = len(sent) - 1
        with connection:
            connection.recv(65_536)
            try:
                connection.sendall(head)
                while sent[number] < 1024**3:
                    connection.sendall(piece)
                    sent[number] += len(piece)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], sent
        listener.shutdown(socket.SHUT_RDWR)


def _peak_kilobytes(hub: SecretHub) -> int:
    """Of the hub's process, as the kernel remembers it."""
    port = hub.url.rpartition(":")[2]
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and f"--port\0{port}\0".encode() in (folder / "cmdline").read_bytes():
            status = (folder / "status").read_text()
            return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
    raise AssertionError("no such process")


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"Content-Length: 1073741824\r\n", b'{"data": ' + b" " * 65_527),
        (b"Transfer-Encoding: chunked\r\n", b"10000\r\n" + b" " * 65_536 + b"\r\n"),
        (b"", b" " * 65_536),
    ],
    ids=["announced", "chunked", "until it closes"],
)
def test_an_sdl_of_a_gigabyte_is_cut_off(hub: SecretHub, head: bytes, piece: bytes) -> None:
    """Before it is in memory, and long before the registration's time is over."""
    token, before = hub.department("libraries"), _peak_kilobytes(hub)
    with endless(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + head + b"\r\n", piece) as (port, sent):
        hub.ask(ALLOW % "libraries", {"host": f"127.0.0.1:{port}"}, hub.operator())
        given = {
            "name": "libraries",
            "department": "libraries",
            "kind": "graphql",
            "url": f"http://127.0.0.1:{port}/",
        }
        began = time.monotonic()
        checked = hub.ask(CHECK, {"input": given}, token)["data"]["checkConnector"]
        assert time.monotonic() - began < 5
    assert [each["code"] for each in checked["errors"]] == ["DEPARTMENT_ANSWER_TOO_LARGE"]
    assert sum(sent) < 64 * 1024**2
    assert _peak_kilobytes(hub) - before < 80 * 1024


def test_an_sdl_that_is_too_large_or_too_deep_is_refused(hub: SecretHub) -> None:
    """In time, with a code, and without harm to the process that reads it."""
    large = GRAPHQL + "#" * 1_000_000
    deep = [
        GRAPHQL + f"type Deep {{ a: {'[' * 5_000}Int{']' * 5_000} }}",
        GRAPHQL + f"type Deep {{ a(b: Int = {'[' * 5_000}{']' * 5_000}): Int }}",
        GRAPHQL + f'type Deep @key(fields: "{"a { " * 5_000}b{" }" * 5_000}") {{ a: Deep b: Int }}',
    ]
    token = hub.department("towers")
    with listening(lambda _heard: Said(json.dumps({"data": {"_service": {"sdl": large}}}).encode())) as department:
        hub.ask(ALLOW % "towers", {"host": f"127.0.0.1:{department.port}"}, hub.operator())
        given = {"name": "towers", "department": "towers", "kind": "graphql", "url": f"{department.url}/graphql"}
        assert check(hub, token, **given) == ["CONNECTOR_SDL_TOO_LARGE"]
        for sdl in deep:
            began = time.monotonic()
            assert check(hub, token, **given, sdl=sdl), sdl[:200]
            assert time.monotonic() - began < 10
    mapping = REST.replace('selection: "code hymn"', f'selection: "code hymn: {"a { b: " * 3_000}c{" }" * 3_000}"')
    given = {"name": "towers", "department": "towers", "kind": "rest", "url": "https://public.example"}
    assert check(hub, token, **given, sdl=mapping)
    assert hub.ask("{ __typename }")["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    "given",
    [
        {"headers": [1]},
        {"headers": {"X": 1}},
        {"headers": {"Host": "inside"}},
        {"headers": {"Transfer-Encoding": "chunked"}},
        {"headers": {"Connection": "x-user"}},
        {"headers": {"A\r\nB": "c"}},
        {"headers": {"A": "b\r\nC: d"}},
        {"headers": {"A": "{$args.x}"}},
        {"headers": {"A": "{$env.X"}},
        {"headers": {"Jiyi-Purpose": "sign-in"}},
        {"headers": {"Idempotency-Key": "1"}},
        {"headers": {"Authorization": "Bearer in-the-open"}},
        {"headers": {"A": "b" * 70_000}},
        {"config": [1]},
        {"config": "text"},
    ],
)
def test_headers_and_config_of_a_registration_are_checked(hub: SecretHub, given: dict[str, Any]) -> None:
    """What could split a request, pose as the hub, or lie open."""
    token = hub.department("curious")
    codes = check(
        hub,
        token,
        name="curious",
        department="curious",
        kind="graphql",
        sdl=GRAPHQL,
        url="https://public.example",
        **given,
    )
    assert codes == ["INVALID_CONNECTOR_CONFIGURATION"]


def test_the_hubs_own_environment_is_not_the_connectors(hub: SecretHub) -> None:
    """``$env`` holds what was set for the connector, and nothing of the process that runs it."""
    assert os.environ.get("PATH")
    with listening(lambda _heard: Said(b'{"code": "x", "hymn": "y"}')) as department:
        sdl = REST.replace('"/{$this.code}"', '"/{$this.code}?p={$env.PATH}&k={$env.JIYI_SECRET_KEY}"').replace(
            "hymn", "psalm"
        )
        token = hub.department("psalms")
        hub.ask(ALLOW % "psalms", {"host": f"127.0.0.1:{department.port}"}, hub.operator())
        given = {"name": "psalms", "department": "psalms", "kind": "rest", "sdl": sdl, "url": department.url}
        assert check(hub, token, **given) == []
        ends = time.monotonic() + 15
        while True:
            codes = {each["extensions"]["code"] for each in hub.ask("{ organisations { psalm } }")["errors"]}
            if codes != {"GRAPHQL_VALIDATION_FAILED"} or time.monotonic() > ends:
                break  # the new graph is served
            time.sleep(0.05)
        assert codes == {"CONNECTOR_SECRET_MISSING"}
        assert {(heard.method, heard.target) for heard in department.heard} <= {("GET", "/")}  # is it there at all
