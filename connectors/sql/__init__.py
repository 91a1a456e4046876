"""Reach a department's database: a virtual subgraph made of its connector SDL with ``@sqlConnect``."""

from connectors.sql.connector import SqlConnector
from connectors.sql.database import SqlLimits

__all__ = ["SqlConnector", "SqlLimits"]
