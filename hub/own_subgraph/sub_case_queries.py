"""What departments' officers and operators ask about sub-cases of joint cases."""

from __future__ import annotations

import strawberry

from hub.cases.joint_cases import SubCaseWork as Work
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.sub_case_types import SubCaseWork
from hub.people.who import signed_in


@strawberry.type
class SubCaseQuery:
    @resolved("Sub-cases that wait for the department that you handle cases of, the oldest first.")
    async def department_sub_cases(self, info: Info, first: int = 50) -> list[SubCaseWork]:
        return await _shown(info, await services(info).joint.work(signed_in(actor(info)), first))

    @resolved("Sub-cases whose last command failed for good; drive it again by `redriveSubCase`.")
    async def failed_sub_cases(self, info: Info, first: int = 50) -> list[SubCaseWork]:
        return await _shown(info, await services(info).joint.failed(signed_in(actor(info)), first))


async def _shown(info: Info, found: tuple[Work, ...]) -> list[SubCaseWork]:
    catalogue, loaders = await services(info).catalogue.current(), Loaders(services(info))
    return [SubCaseWork.of(each, catalogue, loaders) for each in found]
