"""Uploads by tus 1.0: begun, cut, resumed, refused by size, kind and virus; whose they are (art. 5, 14)."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import httpx2 as httpx
import pytest

from hub.materials.uploads import NewFile, Uploads
from hub.materials.virus_scan import ClamdScanner
from schema.domain.stored_file import MAXIMUM_BYTES
from tests.hub.world import ANNA, World
from tests.uploads.conftest import PDF, application_of, uploads_of

BYTES = {"Content-Type": "application/offset+octet-stream"}
BO = {"Authorization": "Bearer bo-token"}


def _told(name: str = "证明.pdf", kind: str = "application/pdf") -> str:
    return f"filename {b64encode(name.encode()).decode()},filetype {b64encode(kind.encode()).decode()}"


async def _begin(door: httpx.AsyncClient, size: int = len(PDF), **told: str) -> httpx.Response:
    return await door.post("/files", headers={"Upload-Length": str(size), "Upload-Metadata": _told(**told)})


async def _append(door: httpx.AsyncClient, place: str, at: int, content: bytes) -> httpx.Response:
    return await door.patch(place, content=content, headers={**BYTES, "Upload-Offset": str(at)})


async def test_a_cut_upload_goes_on_where_it_stood(door: httpx.AsyncClient, uploads: Uploads) -> None:
    """tus 1.0: HEAD says how much is there; another offset is a conflict; the file is what was sent."""
    begun = await _begin(door)
    place = begun.headers["Location"]
    first = await _append(door, place, 0, PDF[:3000])
    stands = await door.head(place)
    wrong = await _append(door, place, 0, PDF)
    last = await _append(door, place, 3000, PDF[3000:])
    content = await door.get(f"{place}/content")
    (row,) = await uploads.of(ANNA)

    assert (begun.status_code, first.status_code, last.status_code) == (201, 204, 204)
    assert (stands.headers["Upload-Offset"], stands.headers["Upload-Length"]) == ("3000", str(len(PDF)))
    assert "Upload-Expires" in first.headers
    assert wrong.status_code == 409
    assert (content.content, content.headers["Content-Type"]) == (PDF, "application/pdf")
    assert content.headers["Content-Disposition"].startswith("attachment;")
    assert (row.name, row.state, row.sha256) == ("证明.pdf", "READY", sha256(PDF).hexdigest())


async def test_what_a_broken_connection_brought_is_kept(uploads: Uploads) -> None:
    """A body that ends early is no loss: the next request goes on there."""
    row = await uploads.begin(ANNA, NewFile("a.pdf", "application/pdf", len(PDF)))

    async def breaks() -> AsyncIterator[bytes]:
        yield PDF[:5000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await uploads.append(row, 0, breaks())
    kept = await uploads.own(ANNA, row.id)

    assert kept is not None
    assert kept.received_bytes == 5000


@pytest.mark.parametrize(
    ("size", "told", "status"),
    [
        (MAXIMUM_BYTES + 1, {}, 413),
        (0, {}, 415),
        (100, {"kind": "text/html"}, 415),
        (100, {"kind": "application/x-msdownload"}, 415),
        (100, {"kind": ""}, 415),
    ],
)
async def test_what_is_not_taken_is_refused_before_a_byte(
    door: httpx.AsyncClient, size: int, told: dict[str, str], status: int
) -> None:
    """domain.md, 9.15: 50 MB at most, and kinds that no browser runs."""
    assert (await _begin(door, size, **told)).status_code == status


async def test_a_file_is_what_it_says_it_is(door: httpx.AsyncClient, uploads: Uploads) -> None:
    """A page that calls itself a PDF is refused while it is read, and its bytes are gone."""
    page = b"<html><script>alert(1)</script></html>" + b" " * 5000
    place = (await _begin(door, len(page))).headers["Location"]
    refused = await _append(door, place, 0, page)
    again = await _append(door, place, 0, PDF[: len(page)])
    (row,) = await uploads.of(ANNA)

    assert (refused.status_code, again.status_code) == (415, 410)
    assert (row.state, row.received_bytes) == ("REJECTED", 0)
    assert [chunk async for chunk in uploads.content(row.id)] == []


async def test_a_small_piece_first_does_not_hide_what_it_is(door: httpx.AsyncClient) -> None:
    """The beginning is looked at when there is enough of it, however it was cut."""
    page = b"<html><script>" + b" " * 6000
    place = (await _begin(door, len(page))).headers["Location"]
    first = await _append(door, place, 0, page[:3])
    second = await _append(door, place, 3, page[3:])

    assert (first.status_code, second.status_code) == (204, 415)


async def test_more_than_was_announced_is_refused_while_it_comes(door: httpx.AsyncClient) -> None:
    """With and without a length: nothing beyond the announced size is kept."""
    place = (await _begin(door, 5000)).headers["Location"]

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield PDF

    announced = await _append(door, place, 0, PDF)
    chunked = await door.patch(place, content=endless(), headers={**BYTES, "Upload-Offset": "0"})

    assert (announced.status_code, chunked.status_code) == (413, 413)
    assert int((await door.head(place)).headers["Upload-Offset"]) <= 5000


async def test_a_file_is_its_owner_s(door: httpx.AsyncClient) -> None:
    """By its address nobody else reads, continues, deletes or learns of it; without a token nobody at all."""
    place = (await _begin(door)).headers["Location"]
    await _append(door, place, 0, PDF)
    theirs = [
        await door.head(place, headers=BO),
        await door.get(f"{place}/content", headers=BO),
        await door.patch(place, content=b"x", headers={**BO, **BYTES, "Upload-Offset": "0"}),
        await door.delete(place, headers=BO),
    ]
    nobody = await door.head(place, headers={"Authorization": ""})
    old = await door.head(place, headers={"Tus-Resumable": "0.2.2"})

    assert [each.status_code for each in theirs] == [404] * 4
    assert (nobody.status_code, old.status_code) == (401, 412)
    assert (await door.get(f"{place}/content")).content == PDF
    assert (await door.delete(place)).status_code == 204
    assert (await door.head(place)).status_code == 404


async def test_what_tus_is_spoken_here_is_told(door: httpx.AsyncClient) -> None:
    """OPTIONS for clients, and CORS for apps of other origins."""
    told = await door.options("/files")
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
    cors = await door.options("/files/x", headers=asked)

    assert told.headers["Tus-Version"] == "1.0.0"
    assert told.headers["Tus-Max-Size"] == str(50 * 1024 * 1024)
    assert told.headers["Tus-Extension"] == "creation,expiration,termination"
    assert cors.headers["Access-Control-Allow-Origin"] == "https://app.example"


class _Clamd:
    """A scanner that speaks clamd's INSTREAM and knows the EICAR test file."""

    async def __aenter__(self) -> _Clamd:
        self._server = await asyncio.start_server(self._scan, "127.0.0.1", 0)
        self.url = f"clamd://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _scan(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(length)
        found = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE" in content
        writer.write(b"stream: Eicar-Signature FOUND\0" if found else b"stream: OK\0")
        writer.close()


async def test_a_virus_is_refused_and_a_silent_scanner_is_waited_for(world: World, tmp_path: Path) -> None:
    """Without a verdict a file is neither taken nor refused; the worker asks again."""
    async with _Clamd() as clamd:
        uploads = uploads_of(world, tmp_path, ClamdScanner(clamd.url))
        away = uploads_of(world, tmp_path, ClamdScanner("clamd://127.0.0.1:9"))
        states = {}
        for name, content in (("good", PDF), ("bad", PDF + b"X5O!$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*")):
            row = await away.begin(ANNA, NewFile(f"{name}.pdf", "application/pdf", len(content)))

            async def all_of_it(content: bytes = content) -> AsyncIterator[bytes]:
                yield content

            states[name] = [(await away.append(row, 0, all_of_it())).state]
        settled = await uploads.look()
        found = {each.name: (each.state, each.scanned_by) for each in await uploads.of(ANNA)}

    assert states == {"good": ["CHECKING"], "bad": ["CHECKING"]}
    assert settled == 2
    assert found == {"good.pdf": ("READY", "clamd"), "bad.pdf": ("REJECTED", None)}


async def test_what_nobody_needs_is_forgotten(uploads: Uploads, world: World) -> None:
    """An unfinished upload after a day, an unused file after 180 (docs/materials.md)."""
    await uploads.begin(ANNA, NewFile("a.pdf", "application/pdf", len(PDF)))
    world.clock.moment += timedelta(hours=23)
    early = await uploads.look()
    world.clock.moment += timedelta(hours=2)

    assert (early, await uploads.look()) == (0, 1)
    assert await uploads.of(ANNA) == []
    assert application_of(uploads).routes


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
async def test_s26_small_files_and_small_pieces_have_an_end(
    door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes are bounded, so rows and objects are too: a gigabyte could be files of one byte, and pieces of one."""
    monkeypatch.setattr("hub.materials.uploads.MOST_FILES", 2)
    monkeypatch.setattr("hub.materials.uploads.MOST_SEGMENTS", 3)
    place = (await _begin(door)).headers["Location"]
    pieces = [(await _append(door, place, at, PDF[at : at + 1])).status_code for at in range(4)]
    files = [(await _begin(door)).status_code for _ in range(2)]
    assert pieces == [204, 204, 204, 409]
    assert files == [201, 409]
    assert (await door.delete(place)).status_code == 204
    assert (await _begin(door)).status_code == 201
