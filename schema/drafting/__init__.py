"""Connector SDL drafted from what a department already has: an API description, a database, a server.

A draft is a beginning: keys are guessed and everything guessed is marked ``# review``. It can be registered
unchanged all the same. Pure: whoever drafts has read the documents before.
"""

from schema.drafting.draft import Count, Draft, Note, Undraftable
from schema.drafting.graphql_overlay import draft_graphql, draft_introspection
from schema.drafting.openapi import draft_openapi
from schema.drafting.tables import draft_tables
from schema.drafting.wsdl import draft_wsdl

__all__ = [
    "Count",
    "Draft",
    "Note",
    "Undraftable",
    "draft_graphql",
    "draft_introspection",
    "draft_openapi",
    "draft_tables",
    "draft_wsdl",
]
