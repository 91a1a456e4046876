"""The hub's own subgraph over a world of the domain, executed as the local connector does."""

from __future__ import annotations

from typing import Any, cast

from auth.actor import Actor
from connectors.broker import Broker, DeadLetter, Message, QueueStatistics
from connectors.connector import FetchRequest, RequestContext
from connectors.local import LocalConnector
from hub.appointments.appointment_slots import AppointmentSlots
from hub.appointments.appointments import Appointments
from hub.appointments.door_visits import DoorVisits
from hub.appointments.inspections import Inspections
from hub.catalogue.admissions import Admissions
from hub.catalogue.star_standards import StarStandards
from hub.durable.tickets import Tickets
from hub.enquiries.enquiry_services import EnquiryServices
from hub.enquiries.surveys import Surveys
from hub.gateway.request import GraphQLAnswer, GraphQLRequest
from hub.keys.sealing import Sealer
from hub.licences.licence_keys import LicenceKeys
from hub.materials.shared_facts import SharedFactsReader
from hub.messages.dead_letters import DeadLetters
from hub.notices.notice_services import NoticeServices
from hub.own_subgraph import ConnectorHealth, OwnServices, build_own_subgraph
from hub.people.access_records import AccessRecords
from hub.people.auth_store import HubAuthStore
from hub.ratings.appointment_ratings import AppointmentRatings
from hub.ratings.follow_ups import FollowUps
from hub.ratings.rating_flags import RatingFlags
from hub.recording.recorded_operations import RecordedOperations
from hub.settings import Settings
from hub.storage.database import is_passing
from hub.supervision.public_figures import PublicFigures
from hub.supervision.time_services import TimeServices
from tests.hub.world import ANNA, MONDAY, World


class StillBroker:
    """A broker with one queue and one dead letter."""

    async def statistics(self) -> tuple[QueueStatistics, ...]:
        return (QueueStatistics("hub.inbox.0", 1, 2, 3),)

    async def dead_letters(self) -> tuple[DeadLetter, ...]:
        message = Message("m1", "jiyi.case.accepted", "civil-affairs", MONDAY, {"secret": 1}, subject="JY")
        return (DeadLetter("hub.inbox.0", message, "no such case", 1, MONDAY),)

    async def redrive(self, message_id: str) -> bool:
        return message_id == "m1"


async def _no_graph(_request: GraphQLRequest, _actor: Actor) -> GraphQLAnswer:
    raise AssertionError("there is no graph to ask")


class Graph:
    def __init__(self, world: World, **instead: Any) -> None:
        broker = cast("Broker", instead.get("broker", StillBroker()))
        services = OwnServices(
            catalogue=world.catalogue,
            admissions=Admissions(world.database, world.catalogue, world.clock),
            cases=world.cases,
            joint=world.joint,
            drafts=world.drafts,
            applicant_moves=world.applicant,
            handling=world.handling,
            work_list=world.work_list,
            filing_advisor=world.filing_advisor,
            star_standards=StarStandards(world.database, world.clock),
            shared_facts=instead.get("shared_facts") or SharedFactsReader(world.people, lambda: None, _no_graph),
            delegations=world.delegations,
            fees=world.fees,
            fee_services=world.fee_services,
            ratings=world.ratings,
            appointment_ratings=AppointmentRatings(world.database, world.catalogue, world.clock, world.wakeups),
            follow_ups=FollowUps(world.database, world.clock, world.wakeups),
            rating_flags=RatingFlags(world.database, world.clock),
            people=world.people,
            mandates=world.mandates,
            changes=world.changes,
            tickets=Tickets(world.database, world.clock, world.wakeups),
            dead_letters=DeadLetters(world.database, broker, world.clock),
            supergraphs=cast("Any", None),
            conditions=cast("Any", None),
            contacts=cast("Any", None),
            alerts=cast("Any", None),
            registry=instead.get("registry"),  # type: ignore[arg-type]  # only some tests need one
            connector_settings=instead.get("connector_settings"),  # type: ignore[arg-type]  # the same
            recorded=RecordedOperations(world.database, world.clock, days=30),
            own_fields=lambda _department: frozenset({"Citizen.licences"}),
            enrolment=cast("Any", None),
            staffing=cast("Any", None),
            appointments=Appointments(world.database, world.clock),
            slots=AppointmentSlots(world.database, world.catalogue, world.clock),
            door_visits=DoorVisits(world.database, world.clock, world.wakeups),
            enquiries=EnquiryServices.over(
                world.database, world.catalogue, world.people, world.clock, world.wakeups
            ),
            licences=world.licences,
            documents=world.documents,
            shares=world.shares,
            licence_keys=LicenceKeys(world.licence_keys, world.licence_key_store, world.clock),
            access_records=AccessRecords(world.database),
            inspections=Inspections(world.database, world.catalogue, world.clock, world.wakeups),
            files=instead.get("files", cast("Any", None)),
            destructions=instead.get("destructions", cast("Any", None)),
            public_figures=PublicFigures(world.database, world.catalogue, world.clock),
            surveys=Surveys(world.database, world.catalogue, world.clock, world.wakeups),
            secrets=cast("Any", None),
            allowed_hosts=cast("Any", None),
            broker=broker,
            clock=world.clock,
            time=TimeServices.over(world.database, world.catalogue, world.clock, world.wakeups),
            notices=instead.get("notices") or _notices(world),
            agents=lambda _department: (),
            connector_health=instead.get("connector_health", lambda _name: ConnectorHealth()),
        )
        self.connector = LocalConnector(build_own_subgraph(services), is_passing=is_passing)

    async def ask(self, query: str, actor: Actor | None = ANNA, **variables: Any) -> Any:
        response = await self.connector.fetch(request(query, actor, variables))
        assert response.errors == (), response.errors
        return response.data

    async def refused(self, query: str, actor: Actor | None = ANNA, **variables: Any) -> list[str]:
        response = await self.connector.fetch(request(query, actor, variables))
        return [error["extensions"]["code"] for error in response.errors]


def _notices(world: World) -> NoticeServices:
    """Without a gateway."""
    store = HubAuthStore(world.database)
    return NoticeServices.over(
        Settings(), "http://hub", world.database, world.clock, world.wakeups, Sealer(), store
    )


def request(query: str, actor: Actor | None, variables: dict[str, Any]) -> FetchRequest:
    return FetchRequest(query, variables, context=RequestContext(local={"actor": actor}))
