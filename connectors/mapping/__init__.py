"""Evaluate the mapping language: JSON in, the fields of a GraphQL type out."""

from connectors.mapping.evaluate import evaluate, evaluate_expression
from connectors.mapping.missing import MISSING
from connectors.mapping.nulls import with_nulls
from connectors.mapping.render import InvalidValue, render_text, render_url

__all__ = ["MISSING", "InvalidValue", "evaluate", "evaluate_expression", "render_text", "render_url", "with_nulls"]
