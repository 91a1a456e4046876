"""Somebody else's tus client cuts an upload and resumes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest

from hub.materials.uploads import Uploads
from tests import node_packages
from tests.hub.serving import served
from tests.hub.world import ANNA
from tests.uploads.conftest import PDF, application_of

HERE = Path(__file__).parent
CUT_AFTER = 600_000


@pytest.fixture
async def address(uploads: Uploads) -> AsyncIterator[str]:
    async with served(application_of(uploads)) as url:
        yield url


async def test_tus_js_client_resumes_a_cut_upload(
    pytestconfig: pytest.Config, uploads: Uploads, address: str, tmp_path: Path
) -> None:
    """It asks where the file stands, sends the rest alone, and the whole is what was on disk."""
    folder = node_packages.installed(pytestconfig, "uploads", HERE)
    content = PDF + bytes(range(256)) * 6000
    file = tmp_path / "proof.pdf"
    file.write_bytes(content)
    said = await node_packages.run(
        folder, "resume.mjs", f"{address}/files", "anna-token", str(file), str(CUT_AFTER), seconds=120
    )
    (row,) = await uploads.of(ANNA)

    assert CUT_AFTER <= said["accepted"] < said["size"] == len(content)
    assert said["first"] >= said["accepted"]
    assert (row.state, row.name, row.sha256) == ("READY", "proof.pdf", sha256(content).hexdigest())
