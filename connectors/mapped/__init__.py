"""A subgraph that exists as SDL alone: graphql-core runs it, and a caller brings what its ``@connect`` ask for."""

from connectors.mapped.caller import Caller
from connectors.mapped.connector import InvalidConnector, MappedConnector

__all__ = ["Caller", "InvalidConnector", "MappedConnector"]
