"""``jiyi connector init``: what it prints where, and what it does not follow."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.cli.conftest import Jiyi

OPENAPI = """openapi: 3.0.3
info: {title: Parks}
paths:
  /parks/{id}:
    get:
      operationId: getPark
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        200: {description: "", content: {application/json: {schema: {$ref: "parts/park.yaml#/Park"}}}}
  /map:
    get: {responses: {200: {description: "", content: {multipart/mixed: {}}}}}
"""
PARK = (
    "Park: {type: object, required: [id], properties: {id: {type: string}, open: {type: string, enum: [yes, no]}}}"
)


@contextmanager
def web(pages: dict[str, str | tuple[int, str]]) -> Iterator[str]:
    """A host with these pages; a pair is a status and where it leads."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path, (404, ""))
            self.send_response(200 if isinstance(page, str) else page[0])
            if not isinstance(page, str):
                self.send_header("Location", page[1])
            body = page.encode() if isinstance(page, str) else b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: the test tells what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_the_sdl_is_on_stdout_and_what_is_left_out_on_stderr(jiyi: Jiyi, tmp_path: Path) -> None:
    """So that it can be piped; it passes the lint as it is."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "park.yaml").write_text(PARK)
    (tmp_path / "api.yaml").write_text(OPENAPI)
    ran = jiyi("connector", "init", "parks", "--from-openapi", "api.yaml")
    assert ran.exit_code == 0, ran.err
    assert "getPark(id: ID!): Park" in ran.out
    assert "enum Open {\n  yes\n  no\n}" in ran.out
    assert ran.err.splitlines() == [
        "note GET /map: left out: its answer is multipart/mixed; JSON, XML, CSV, text and files can be mapped",
        "drafted 1 of 2 GET operations (50.0 %)",
        "drafted 0 of 0 other operations",
        'look for "# review", then: jiyi connector lint parks --kind rest --schema FILE',
    ]
    linted = jiyi("connector", "lint", "parks", "--kind", "rest", "--schema", "-", stdin=ran.out)
    assert linted.exit_code == 0, linted.err


def test_json_tells_notes_and_coverage(jiyi: Jiyi, tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(OPENAPI.replace('{$ref: "parts/park.yaml#/Park"}', "{type: string}"))
    data = jiyi("connector", "init", "parks", "--from-openapi", "api.yaml", "--json").data
    assert (data["name"], data["kind"]) == ("parks", "rest")
    assert data["notes"] == [
        {
            "operation": "GET /map",
            "reason": "left out: its answer is multipart/mixed; JSON, XML, CSV, text and files can be mapped",
        }
    ]
    assert data["coverage"][0] == {"what": "GET operations", "drafted": 1, "found": 2}


def test_references_on_the_same_host_are_followed_and_no_others(jiyi: Jiyi) -> None:
    """A document is written by others: it may not make us ask whom it likes."""
    with web({"/api/open.yaml": OPENAPI, "/api/parts/park.yaml": PARK}) as here:
        ran = jiyi("connector", "init", "parks", "--from-openapi", f"{here}/api/open.yaml")
        assert "type Park" in ran.out
        assert f'baseURL: "{here}"' in ran.out
    with web({"/secret.yaml": PARK}) as elsewhere:
        leading = OPENAPI.replace("parts/park.yaml", f"{elsewhere}/secret.yaml")
        with web({"/open.yaml": leading, "/moved.yaml": (302, f"{elsewhere}/secret.yaml")}) as here:
            for address in ("open.yaml", "moved.yaml"):
                ran = jiyi("connector", "init", "parks", "--from-openapi", f"{here}/{address}")
                assert (ran.exit_code, ran.code, ran.out) == (1, "REFERENCE_REFUSED", "")


@pytest.mark.parametrize(
    "reference", ["../outside.yaml", "/etc/hosts", "file:///etc/hosts", "http://169.254.169.254/"]
)
def test_files_outside_the_folder_are_not_read(jiyi: Jiyi, tmp_path: Path, reference: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text(PARK)
    (folder / "api.yaml").write_text(OPENAPI.replace("parts/park.yaml", reference))
    ran = jiyi("connector", "init", "parks", "--from-openapi", "folder/api.yaml")
    assert (ran.exit_code, ran.code) == (1, "REFERENCE_REFUSED")


def bombs() -> dict[str, str]:
    aliases = ["a0: &a0 [1,1,1,1,1,1,1,1,1]"]
    merges = ["m0: &m0 {a: 1, b: 2}"]
    for n in range(1, 12):
        aliases.append(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]")
        merges.append(f"m{n}: &m{n}\n  <<: [{','.join([f'*m{n - 1}'] * 9)}]")
    return {
        "aliases": "\n".join(["openapi: 3.0.0", *aliases]),
        "merges": "\n".join(["openapi: 3.0.0", *merges]),
        "itself": "openapi: &a [*a]",
        "deep yaml": "openapi: " + "[" * 100_000,
        "deep dashes": "- " * 100_000,
        "deep json": json.dumps({"openapi": "3"})[:-1] + ', "a": ' + "[" * 100_000,
    }


@pytest.mark.timeout(30)
@pytest.mark.parametrize("bomb", bombs())
def test_a_document_that_would_grow_without_bounds_is_refused(jiyi: Jiyi, tmp_path: Path, bomb: str) -> None:
    """In seconds and in bounded memory."""
    (tmp_path / "api.yaml").write_text(bombs()[bomb])
    ran = jiyi("connector", "init", "parks", "--from-openapi", "api.yaml")
    assert (ran.exit_code, ran.code) == (1, "NOTHING_TO_DRAFT")


def test_wrong_usage_is_told(jiyi: Jiyi, tmp_path: Path) -> None:
    assert jiyi("connector", "init", "parks").code == "WRONG_USAGE"
    missing = jiyi("connector", "init", "parks", "--from-openapi", "missing.yaml")
    assert (missing.exit_code, missing.err) == (
        2,
        "DOCUMENT_UNREADABLE: missing.yaml: No such file or directory\n",
    )
    assert jiyi("connector", "init", "parks", "--from-openapi", "http://[parks").code == "DOCUMENT_UNREADABLE"
    (tmp_path / "api.yaml").write_text("hello: world")
    assert jiyi("connector", "init", "parks", "--from-openapi", "api.yaml").code == "NOTHING_TO_DRAFT"


def test_a_database_is_drafted_without_its_address_and_password(jiyi: Jiyi, tmp_path: Path) -> None:
    """The SDL is for everybody; who may ask the database is not."""
    with sqlite3.connect(tmp_path / "register.db") as connection:
        connection.execute("CREATE TABLE parks (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    address = f"sqlite:///{tmp_path / 'register.db'}"
    ran = jiyi("connector", "init", "parks", "--from-sql", address)
    assert ran.exit_code == 0, ran.err
    assert 'type Park\n  @key(fields: "id")' in ran.out
    assert str(tmp_path) not in ran.out + ran.err
    linted = jiyi("connector", "lint", "parks", "--kind", "queue", "--schema", "-", stdin=ran.out)
    assert linted.exit_code == 0, linted.err
    refused = jiyi(
        *("connector", "init", "parks", "--from-sql", "postgresql://reader@127.0.0.1:1/none"),
        *("--password-env", "SECRET"),
        SECRET="not-to-be-told",
    )
    assert (refused.exit_code, refused.code) == (2, "DOCUMENT_UNREADABLE")
    assert "not-to-be-told" not in refused.out + refused.err
