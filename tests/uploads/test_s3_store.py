"""The S3-compatible store: signatures by AWS's own examples, and what is asked on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.materials.file_store import FileStoreUnavailable
from hub.materials.s3_signature import S3Credentials, signed_headers
from hub.materials.s3_store import S3Store
from tests.hub.serving import served

AT = datetime(2013, 5, 24, tzinfo=UTC)
EXAMPLE = S3Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
HOST = "examplebucket.s3.amazonaws.com"


@pytest.mark.parametrize(
    ("method", "path", "content", "more", "signature"),
    [
        (
            "GET",
            "/test.txt",
            b"",
            {"Range": "bytes=0-9"},
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test$file.text",
            b"Welcome to Amazon S3.",
            {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
    ],
)
def test_a_request_is_signed_as_the_specification_s_examples_are(
    method: str, path: str, content: bytes, more: dict[str, str], signature: str
) -> None:
    """AWS Signature Version 4, "Examples: Signature Calculations" for single chunks."""
    headers = signed_headers(EXAMPLE, method, HOST, path, content, AT, more)
    assert headers["authorization"].endswith(f"Signature={signature}")


async def test_objects_are_kept_read_and_deleted() -> None:
    """Three verbs; an answer that is none of the good ones is an error that names the object, not the key."""
    kept: dict[str, bytes] = {}

    async def bucket(request: Request) -> Response:
        name, content = unquote(request.url.path), await request.body()
        wanted = signed_headers(EXAMPLE, request.method, request.headers["host"], name, content, AT)
        if request.headers["authorization"] != wanted["authorization"]:
            return Response(status_code=403)
        if request.method == "PUT":
            kept[name] = content
        if request.method == "DELETE":
            return Response(status_code=204 if kept.pop(name, None) is not None else 404)
        return Response(kept[name]) if name in kept else Response(status_code=404)

    app = Starlette(routes=[Route("/{path:path}", bucket, methods=["GET", "PUT", "DELETE"])])
    async with served(app) as url:
        store = S3Store(f"{url}/files", EXAMPLE, lambda: AT)
        await store.put("files/a b/000", b"content")
        read = await store.get("files/a b/000")
        await store.delete("files/a b/000")
        await store.delete("files/a b/000")
        with pytest.raises(FileStoreUnavailable, match="404 to GET files/a b/000"):
            await store.get("files/a b/000")
        other = S3Store(f"{url}/files", S3Credentials("x", "wrong-key"), lambda: AT)
        with pytest.raises(FileStoreUnavailable, match="403") as refused:
            await other.put("a", b"x")
        await store.close()
        await other.close()
    assert read == b"content"
    assert "wrong-key" not in str(refused.value)
