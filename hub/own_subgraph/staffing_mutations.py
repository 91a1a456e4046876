"""Who works for which department and who holds which office."""

from __future__ import annotations

import strawberry

from hub.own_subgraph.fields import mutation
from hub.own_subgraph.services import Info, actor, services


@strawberry.type
class StaffingMutation:
    @mutation("Let a person work for a department and look after its connectors, in place of any other's.")
    async def employ_in_department(self, info: Info, department: str, citizen: strawberry.ID) -> bool:
        await services(info).staffing.employ(department, citizen, actor(info))
        return True

    @mutation("End that; it holds once the person's present token has expired.")
    async def dismiss_from_department(self, info: Info, department: str, citizen: strawberry.ID) -> bool:
        await services(info).staffing.dismiss(department, citizen, actor(info))
        return True

    @mutation("Give a person an office: handler, chief-representative, officer, supervisor, …; in the next token.")
    async def grant_role(self, info: Info, citizen: strawberry.ID, role: str) -> bool:
        await services(info).staffing.grant(citizen, role, actor(info))
        return True

    @mutation("Take it away; it holds once the person's present token has expired.")
    async def withdraw_role(self, info: Info, citizen: strawberry.ID, role: str) -> bool:
        await services(info).staffing.withdraw(citizen, role, actor(info))
        return True
