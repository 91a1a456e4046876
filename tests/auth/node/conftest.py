"""openid-client from npm, installed once per lock file and kept in pytest's cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import node_packages

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def openid_client(pytestconfig: pytest.Config) -> Path:
    """A folder with the script and what it needs."""
    return node_packages.installed(pytestconfig, "sign-in", HERE)
