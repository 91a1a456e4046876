"""Reach a department that speaks REST: a virtual subgraph made of its connector SDL."""

from connectors.mapped import InvalidConnector
from connectors.rest.connector import RestConnector

__all__ = ["InvalidConnector", "RestConnector"]
