"""The kinds of connector that a department can register."""

from __future__ import annotations

DIRECT_KINDS = ("graphql", "rest", "sql")
"""What speaks to a department's system itself, be it at the hub or, behind a queue, in the department's agent."""

KINDS = (*DIRECT_KINDS, "queue")
"""All. The hub's own subgraph is ``local`` and not registered."""
