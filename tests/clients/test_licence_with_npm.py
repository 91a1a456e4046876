"""A licence and its status list, verified by npm's jose with the published keys alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from auth.signed_licences import LICENCE_TYPE, sign
from schema.domain.licence_verification import claims_of
from schema.domain.status_list import Status
from tests.auth.test_signed_licences import SHOWN, listed
from tests.clients.conftest import RunNode

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


async def test_jose_of_npm_verifies_a_licence_and_reads_its_status(tmp_path: Path, node: RunNode) -> None:
    """Another library, another language: the same signature, the same place in the list, one flip refused."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    public = {**key.as_dict(private=False), "use": "sig", "alg": "ES256"}
    file = tmp_path / "licence.json"
    given = {
        "jwks": {"keys": [public]},
        "licence": sign(key, LICENCE_TYPE, claims_of(SHOWN, "https://hub.example")),
        "list": listed({5: Status.SUSPENDED}, key),
    }
    file.write_text(json.dumps(given), encoding="utf-8")

    assert await node("licence.mjs", str(file)) == {
        "name": "居住证",
        "typ": "licence+jwt",
        "value": 2,
        "same": True,
        "refused": True,
    }
