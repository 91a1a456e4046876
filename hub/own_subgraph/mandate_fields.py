"""Mandates in the graph: grant and end them, see those given and held, act for an enterprise."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.own_subgraph.fields import mutation, resolved
from hub.own_subgraph.identity_document_types import IdentityDocumentInput, key_of_one
from hub.own_subgraph.party_types import Party, party_of
from hub.own_subgraph.services import Info, actor, services
from hub.people.mandates import Grant
from hub.people.who import signed_in
from schema.domain.mandate import Mandate as DomainMandate
from schema.domain.mandate import Power
from schema.domain.party import ApplicantKind
from schema.errors import DomainError, RuntimeCode

strawberry.enum(Power, name="MandatePower", description="What an agent may do in a party's name.")


@strawberry.type(description="What a party lets an agent do in its name (授权委托).")
class Mandate:
    id: strawberry.ID = strawberry.field(description="Exchange your token for one of the party by this.")
    party_kind: ApplicantKind = strawberry.field(description="What the party is.")
    party_name: str = strawberry.field(description="For whom.")
    agent_name: str = strawberry.field(description="Who acts.")
    powers: list[Power] = strawberry.field(description="What the agent may do.")
    items: list[strawberry.ID] = strawberry.field(description="Codes of the service items; none are all.")
    since: datetime = strawberry.field(description="From when on.")
    until: datetime = strawberry.field(description="When it ends by itself.")
    ended_at: datetime | None = strawberry.field(description="When one side ended it.")
    is_in_force: bool = strawberry.field(description="Whether it holds now.")
    represents: bool = strawberry.field(description="Whether the agent is the party's legal representative.")

    @classmethod
    def of(cls, mandate: DomainMandate, now: datetime) -> Self:
        return cls(
            id=strawberry.ID(mandate.id),
            party_kind=mandate.party_kind,
            party_name=mandate.party_name,
            agent_name=mandate.agent_name,
            powers=sorted(mandate.scope.powers),
            items=[strawberry.ID(each) for each in sorted(mandate.scope.items)],
            since=mandate.since,
            until=mandate.until,
            ended_at=mandate.ended_at,
            is_in_force=mandate.is_in_force(now),
            represents=mandate.represents,
        )


@strawberry.input(description="Whom to let act, for what, and until when.")
class MandateInput:
    agent_name: str = strawberry.field(description="The agent's name, which must belong to the number.")
    powers: list[Power] = strawberry.field(description="At least one.")
    until: datetime = strawberry.field(description="At most three years on.")
    items: list[strawberry.ID] | None = strawberry.field(default=None, description="Leave it out for all items.")
    since: datetime | None = strawberry.field(default=None, description="Leave it out for now.")
    agent_id_number: str | None = strawberry.field(default=None, description="The agent's resident number.")
    agent_document: IdentityDocumentInput | None = strawberry.field(
        default=None, description="In place of the number: any identity document of the agent."
    )

    def grant(self) -> Grant:
        """Raises :class:`DomainError` BAD_USER_INPUT where no agent is named, or a number cannot be one."""
        powers, items = frozenset(self.powers), tuple(self.items or ())
        key = key_of_one(self.agent_id_number, self.agent_document)
        if key is None:
            missing = "Name the agent by `agentIdNumber` or by `agentDocument`."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, missing)
        return Grant(key, self.agent_name, powers, items, self.until, self.since)


@strawberry.type
class MandateQuery:
    @resolved("For whom the request is: yourself, or the party that you act for; null for a service.")
    async def party(self, info: Info) -> Party | None:
        who = signed_in(actor(info))
        is_known = await services(info).people.identity_of(who.subject) is not None
        return await party_of(info, who.subject) if is_known else None

    @resolved("Mandates that you, or the enterprise that you represent, have given; the newest first.")
    async def mandates_given(self, info: Info) -> list[Mandate]:
        found = await services(info).mandates.given(signed_in(actor(info)))
        return [Mandate.of(each, services(info).clock.now()) for each in found]

    @resolved("Mandates under which you act for others, the newest first.")
    async def mandates_held(self, info: Info) -> list[Mandate]:
        found = await services(info).mandates.held(signed_in(actor(info)))
        return [Mandate.of(each, services(info).clock.now()) for each in found]


@strawberry.type
class MandateMutation:
    @mutation("Let somebody act in your name, or in that of the enterprise that you represent.")
    async def grant_mandate(self, info: Info, input: MandateInput) -> Mandate:
        granted = await services(info).mandates.grant(signed_in(actor(info)), input.grant())
        return Mandate.of(granted, services(info).clock.now())

    @mutation("End a mandate at once, given or held. What was done under it stands.")
    async def end_mandate(self, info: Info, id: strawberry.ID) -> Mandate:
        ended = await services(info).mandates.end(signed_in(actor(info)), id)
        return Mandate.of(ended, services(info).clock.now())

    @mutation("Act for an enterprise whose legal representative you are by the register, for half a day.")
    async def represent_enterprise(self, info: Info, credit_code: strawberry.ID) -> Mandate:
        made = await services(info).mandates.represent(signed_in(actor(info)), credit_code)
        return Mandate.of(made, services(info).clock.now())
