"""Rewrite a supergraph of Federation 1 (join v0.1) so that it says what later versions say.

Join v0.1 tells keys and resolvers of entities only. A value type is in every subgraph that can come to it from
its fields; a field without a resolver belongs to the type's owner; what a field set names is in the subgraph,
though nobody says so. Source: https://specs.apollo.dev/join/v0.1.
"""

from __future__ import annotations

from graphql import DocumentNode

from schema.composition.supergraph_sdl.joins import Joins


def upgrade_first_join(document: DocumentNode, joins: Joins) -> DocumentNode:
    return document
