"""A door for uploads over a folder, and people with tokens."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2 as httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from auth.actor import Actor
from hub.materials.file_store import FolderStore
from hub.materials.upload_door import upload_routes
from hub.materials.uploads import Uploads
from hub.materials.virus_scan import NoScanner, Scanner
from tests.hub.conftest import made_sqlite, world  # noqa: F401  fixtures
from tests.hub.world import ANNA, BO, World

PEOPLE = {"anna-token": ANNA, "bo-token": BO}
PDF = b"%PDF-1.7\n" + b"a page\n" * 1000


@pytest.fixture
def made_url(made_sqlite: Path, tmp_path: Path) -> str:  # noqa: F811
    """One stack is enough for a door."""
    return f"sqlite:///{shutil.copy(made_sqlite, tmp_path / 'jiyi.db')}"


def uploads_of(
    world: World,  # noqa: F811
    folder: Path,
    scanner: Scanner | None = None,
) -> Uploads:
    return Uploads(world.database, FolderStore(folder), scanner or NoScanner(), world.clock)


def application_of(uploads: Uploads) -> Starlette:
    async def authenticate(request: Request) -> Actor | None:
        return PEOPLE.get(request.headers.get("authorization", "").removeprefix("Bearer "))

    return Starlette(routes=upload_routes(uploads, authenticate, ("https://app.example",)))


@pytest.fixture
def uploads(world: World, tmp_path: Path) -> Uploads:  # noqa: F811
    return uploads_of(world, tmp_path / "files")


@pytest.fixture
async def door(uploads: Uploads) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application_of(uploads))
    headers = {"Authorization": "Bearer anna-token", "Tus-Resumable": "1.0.0"}
    async with httpx.AsyncClient(transport=transport, base_url="http://hub", headers=headers) as client:
        yield client
