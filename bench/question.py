"""What both servers are asked: one person's licences, of which two departments each hold a part."""

from __future__ import annotations

import json

QUERY = "{ citizen { socialSecurityCardNumber licences { number kind name validUntil state } } }"
BODY = json.dumps({"query": QUERY}).encode()

DEPARTMENTS = ("human-resources", "transport")
"""The mock departments behind it: a Federation subgraph and a REST system."""
