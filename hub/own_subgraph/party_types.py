"""A party of a case: a person or an enterprise."""

from __future__ import annotations

from typing import Annotated

import strawberry

from hub.own_subgraph.citizen import Citizen
from hub.own_subgraph.enterprise import Enterprise
from hub.own_subgraph.services import Info, services

Party = Annotated[
    Citizen | Enterprise,
    strawberry.union("Party", description="Who applies, holds and pays."),
]


async def party_of(info: Info, subject: str) -> Citizen | Enterprise:
    """By the opaque id, as tokens and cases have it."""
    credit_code = await services(info).mandates.credit_code(subject)
    if credit_code is not None:
        return Enterprise(credit_code=strawberry.ID(credit_code))
    return Citizen(id=strawberry.ID(subject))
