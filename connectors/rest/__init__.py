"""Reach a department that speaks REST: a virtual subgraph made of its connector SDL."""

from connectors.rest.connector import InvalidConnector, RestConnector

__all__ = ["InvalidConnector", "RestConnector"]
