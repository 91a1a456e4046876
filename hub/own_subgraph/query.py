"""What can be asked of the hub's own part of the graph."""

from __future__ import annotations

import strawberry

from auth.actor import Actor
from hub.own_subgraph.access_types import AllowedHost, ConnectorSecret
from hub.own_subgraph.alert_types import Alert, DepartmentContact
from hub.own_subgraph.appointment_queries import AppointmentQuery
from hub.own_subgraph.case_queries import CaseQuery
from hub.own_subgraph.case_types import Case, fresh
from hub.own_subgraph.catalogue_queries import CatalogueQuery
from hub.own_subgraph.catalogue_types import ServiceItem
from hub.own_subgraph.citizen import Citizen
from hub.own_subgraph.connector_types import Connector
from hub.own_subgraph.dead_letter_queries import DeadLetterQuery
from hub.own_subgraph.destruction_fields import DestructionQuery
from hub.own_subgraph.enquiry_queries import EnquiryQuery
from hub.own_subgraph.fee_queries import FeeQuery
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.figure_fields import FigureQuery
from hub.own_subgraph.file_fields import FileQuery
from hub.own_subgraph.follow_up_fields import FollowUpQuery
from hub.own_subgraph.for_me_types import ForMeQuery
from hub.own_subgraph.inspection_fields import InspectionQuery
from hub.own_subgraph.licence_key_fields import LicenceKeyQuery
from hub.own_subgraph.licence_queries import LicenceQuery
from hub.own_subgraph.mandate_fields import MandateQuery
from hub.own_subgraph.node import Node, item_of_id
from hub.own_subgraph.notice_fields import NoticeQuery
from hub.own_subgraph.operation_types import CaseCount, Queue
from hub.own_subgraph.rating_flag_fields import RatingFlagQuery
from hub.own_subgraph.recorded_types import OperationOrder, RecordedOperationConnection, operations_seen_by
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.sub_case_queries import SubCaseQuery
from hub.own_subgraph.supergraph_types import SupergraphVersion
from hub.own_subgraph.supervision_queries import SupervisionQuery
from hub.own_subgraph.survey_fields import SurveyQuery
from hub.own_subgraph.ticket_queries import TicketQuery
from hub.own_subgraph.time_queries import TimeQuery
from hub.own_subgraph.visit_fields import VisitQuery
from hub.people.who import operator, signed_in
from schema.domain.case import CaseState
from schema.domain.page import MAXIMUM_PAGE, PageRequest
from schema.domain.party import ApplicantKind
from schema.errors import DomainError, RuntimeCode


@strawberry.type
class Query(
    AppointmentQuery,
    CaseQuery,
    CatalogueQuery,
    DeadLetterQuery,
    EnquiryQuery,
    ForMeQuery,
    LicenceQuery,
    MandateQuery,
    LicenceKeyQuery,
    FeeQuery,
    FileQuery,
    FigureQuery,
    DestructionQuery,
    FollowUpQuery,
    InspectionQuery,
    NoticeQuery,
    SubCaseQuery,
    SupervisionQuery,
    SurveyQuery,
    RatingFlagQuery,
    TicketQuery,
    TimeQuery,
    VisitQuery,
):
    @resolved("The person who is signed in, or for whom somebody acts; null for a service and for an enterprise.")
    async def me(self, info: Info) -> Citizen | None:
        return await _person(info, signed_in(actor(info)))

    @resolved("A case by id or receipt number; null unless it is yours.")
    async def case(self, info: Info, id: strawberry.ID) -> Case | None:
        found = await services(info).cases.case(signed_in(actor(info)), id)
        return fresh(found, services(info)) if found else None

    @resolved("What has this id; null unless you may see it.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        return await _node(info, id)

    @resolved("What has these ids, in their order; null for what you may not see.")
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        if len(ids) > MAXIMUM_PAGE:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`ids` may be at most {MAXIMUM_PAGE}.")
        return [await _node(info, each) for each in ids]

    @resolved("Connectors: all for an operator, a department's own for its client.")
    async def connectors(self, info: Info) -> list[Connector]:
        views = await services(info).registry.list(signed_in(actor(info)))
        return [Connector.of(view) for view in views]

    @resolved("One connector.")
    async def connector(self, info: Info, name: str) -> Connector | None:
        view = await services(info).registry.get(name, signed_in(actor(info)))
        return Connector.of(view) if view else None

    @resolved("The department that you work for; null for others.")
    def my_department(self, info: Info) -> str | None:
        return signed_in(actor(info)).department

    @resolved("The supergraphs that were in force, the newest first.")
    async def supergraph_versions(
        self, info: Info, first: int = 20, before: int | None = None
    ) -> list[SupergraphVersion]:
        found = await services(info).supergraphs.list(signed_in(actor(info)), first, before)
        return [SupergraphVersion.of(version) for version in found]

    @resolved("Where a department is told what is wrong with its connectors.")
    async def department_contact(self, info: Info, department: str) -> DepartmentContact | None:
        found = await services(info).contacts.get(department, signed_in(actor(info)))
        return DepartmentContact.of(found) if found else None

    @resolved("What a department was told last, the newest first.")
    async def alerts(self, info: Info, department: str) -> list[Alert]:
        found = await services(info).alerts.recent(department, signed_in(actor(info)))
        return [Alert.of(alert) for alert in found]

    @resolved("The secrets of a connector, by name; never what they are.")
    async def connector_secrets(
        self, info: Info, name: str, department: str | None = None
    ) -> list[ConnectorSecret]:
        found = await services(info).secrets.list(name, signed_in(actor(info)), department)
        return [ConnectorSecret.of(secret) for secret in found]

    @resolved("Hosts on private networks that connectors may call: of one department, or of all.")
    async def allowed_hosts(self, info: Info, department: str | None = None) -> list[AllowedHost]:
        return [AllowedHost.of(each) for each in await services(info).allowed_hosts.list(department, actor(info))]

    @resolved("The broker's queues.")
    async def queues(self, info: Info) -> list[Queue]:
        operator(actor(info))
        return [Queue.of(queue) for queue in await services(info).broker.statistics()]

    @resolved("Operations that clients sent: all for an operator, those with its own fields for a department.")
    async def operations(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        order_by: OperationOrder = OperationOrder.COUNT,
        days: int | None = None,
    ) -> RecordedOperationConnection:
        found = await operations_seen_by(signed_in(actor(info)), services(info), days)
        return RecordedOperationConnection.of(found, order_by, PageRequest(first, after, last, before))

    @resolved("How many cases are in each state.")
    async def case_counts(self, info: Info) -> list[CaseCount]:
        counts = await services(info).cases.counts(signed_in(actor(info)))
        return [CaseCount(state=CaseState(state), count=counts[state]) for state in sorted(counts)]


async def _person(info: Info, who: Actor) -> Citizen | None:
    """The one who asks; ``None`` for a service."""
    if who.agency is not None and who.agency.kind is not ApplicantKind.CITIZEN:
        return None
    is_person = await services(info).people.identity_of(who.subject) is not None
    return Citizen(id=strawberry.ID(who.subject)) if is_person else None


async def _node(info: Info, id: str) -> Node | None:
    """A case by its id alone, not by its receipt number, which is another name of the same."""
    if (item := item_of_id(id)) is not None:
        return await ServiceItem.in_version(info, *item)
    who = signed_in(actor(info))
    if id == who.subject:
        return await _person(info, who)
    found = await services(info).cases.case(who, id)
    return fresh(found, services(info)) if found is not None and found.id == id else None
