"""What the tests of the hub's domain share."""

from __future__ import annotations

import pytest

from hub.database import Database
from tests.hub.world import World


@pytest.fixture
async def world(database: Database) -> World:
    """The domain over an empty database with the package's catalogue."""
    world = World(database)
    await world.catalogue.seed()
    return world
