"""The engine alone loads nothing of databases, brokers, sign-in or OAuth servers."""

from __future__ import annotations

import json
import subprocess
import sys

_PROBE = """
import asyncio, json, sys
import hub.cli.commands, hub.cli.gateway_command, hub.cli.subgraph_lists
import hub.standalone.process, hub.standalone.supervisor
from hub.standalone.application import GatewayOptions, TokenRule, open_application
from hub.standalone.graph_source import GraphSource
import hub.cli.graph_sources
from schema.subgraph import Subgraph

async def main():
    options = GatewayOptions(tokens=TokenRule("http://127.0.0.1:1/"), publish_token="s")
    async with open_application(options, GraphSource.of(Subgraph("a", "type Query { a: Int }", "http://127.0.0.1:1/"))):
        pass

asyncio.run(main())
print(json.dumps(sorted(sys.modules)))
"""

FOREIGN = {
    "aio_pika", "aiormq", "aiosqlite", "alembic", "authlib", "jinja2", "psycopg", "pydantic", "sqlalchemy",
    "sqlmodel", "sqlite3", "strawberry",
}  # fmt: skip
OWN = (
    "auth.authorization_server", "auth.device_grant", "auth.grants", "auth.persons", "auth.policy", "auth.routes",
    "auth.session", "auth.sign_in", "connectors.broker", "connectors.embedded", "connectors.rabbitmq",
    "hub.app", "hub.cases.cases", "hub.storage.database", "hub.own_subgraph", "hub.portal",
    "hub.registry.registry", "hub.settings",
    "hub.tables", "hub.worker", "schema.domain",
)  # fmt: skip


def test_no_database_broker_or_sign_in_code_is_loaded() -> None:
    """From the command line to a graph that is served."""
    done = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(json.loads(done.stdout))
    assert {name.partition(".")[0] for name in loaded} & FOREIGN == set()
    assert sorted(name for name in loaded if name.startswith(OWN)) == []
