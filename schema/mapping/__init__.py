"""The public door of the connectors' mapping language: read it, check it, print it.

Evaluation has effects in sight and lives in ``connectors``. Source: the public Apollo Connectors
convention, https://specs.apollo.dev/connect.
"""

from schema.mapping.check import check_connectors
from schema.mapping.connect import Connect, ConnectorSchema, Source
from schema.mapping.links import is_connector, is_overlay, is_sql
from schema.mapping.parse import parse_selection
from schema.mapping.read import read_connectors
from schema.mapping.template import parse_template, parse_url
from schema.mapping.tokens import MappingSyntaxError

__all__ = [
    "Connect",
    "ConnectorSchema",
    "MappingSyntaxError",
    "Source",
    "check_connectors",
    "is_connector",
    "is_overlay",
    "is_sql",
    "parse_selection",
    "parse_template",
    "parse_url",
    "read_connectors",
]
