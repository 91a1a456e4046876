"""What the resolvers of the hub's own subgraph stand on, made from the parts of one process."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from auth.attempts import Attempts
from hub.appointments.appointment_slots import AppointmentSlots
from hub.appointments.appointments import Appointments
from hub.appointments.door_visits import DoorVisits
from hub.appointments.inspections import Inspections
from hub.archives.destructions import Destructions
from hub.cases.applicant_moves import ApplicantMoves
from hub.cases.case_drafts import CaseDrafts
from hub.cases.case_handling import CaseHandling
from hub.cases.case_moves import CaseMoves
from hub.cases.case_work_list import CaseWorkList
from hub.cases.delegations import Delegations
from hub.cases.filing_advice import FilingAdvisor
from hub.cases.joint_cases import JointCases
from hub.catalogue.admissions import Admissions
from hub.catalogue.star_standards import StarStandards
from hub.departments.allowed_hosts import AllowedHosts
from hub.departments.connector_watch import Conditions
from hub.departments.department_contacts import DepartmentContacts
from hub.departments.enrolment import Enrolment
from hub.enquiries.enquiry_services import EnquiryServices
from hub.enquiries.surveys import Surveys
from hub.fees.fee_services import FeeServices
from hub.licences.licence_keys import LicenceKeys
from hub.licences.licences import Licences
from hub.materials.shared_facts import SharedFactsReader
from hub.messages.dead_letters import DeadLetters
from hub.own_subgraph import OwnServices
from hub.people.access_records import AccessRecords
from hub.people.mandates import Mandates
from hub.people.represented_enterprises import RepresentedEnterprises
from hub.people.staffing import Staffing
from hub.ratings.appointment_ratings import AppointmentRatings
from hub.ratings.follow_ups import FollowUps
from hub.ratings.rating_flags import RatingFlags
from hub.ratings.ratings import Ratings
from hub.registry.supergraph_versions import SupergraphVersions
from hub.supervision.public_figures import PublicFigures
from hub.supervision.time_services import TimeServices

if TYPE_CHECKING:
    from hub.parts import Hub


def own_services(hub: Hub) -> OwnServices:
    """The hub's domain, as one value."""
    moves = CaseMoves(hub.database, hub.catalogue, hub.people, hub.clock, hub.wakeups)
    drafts = CaseDrafts(hub.database, hub.catalogue, hub.cases, hub.clock)
    money = hub.money
    return OwnServices(
        catalogue=hub.catalogue,
        admissions=Admissions(hub.database, hub.catalogue, hub.clock),
        cases=hub.cases,
        joint=JointCases(hub.database, hub.catalogue, hub.people, hub.clock, hub.wakeups),
        drafts=drafts,
        applicant_moves=ApplicantMoves(moves),
        handling=CaseHandling(moves),
        work_list=CaseWorkList(hub.database, hub.clock),
        filing_advisor=FilingAdvisor(hub.database, hub.catalogue, drafts, hub.clock, hub.gathered.of),
        star_standards=StarStandards(hub.database, hub.clock),
        shared_facts=SharedFactsReader(hub.people, hub.schema_for_clients, hub.ask_own_graph),
        delegations=Delegations(hub.database, hub.clock),
        fees=hub.fees,
        fee_services=FeeServices(
            money.holds, money.refunds, hub.receipts, money.reconciliations, hub.callback_refusals
        ),
        ratings=Ratings(hub.database, hub.catalogue, hub.clock, hub.wakeups),
        appointment_ratings=AppointmentRatings(hub.database, hub.catalogue, hub.clock, hub.wakeups),
        follow_ups=FollowUps(hub.database, hub.clock, hub.wakeups),
        rating_flags=RatingFlags(hub.database, hub.clock),
        people=hub.people,
        mandates=_mandates(hub),
        changes=hub.changes,
        tickets=hub.tickets,
        dead_letters=DeadLetters(hub.database, hub.broker, hub.clock),
        registry=hub.registry,
        supergraphs=SupergraphVersions(hub.database, hub.own, hub.clock, hub.registry.changed.set),
        conditions=Conditions(hub.database),
        contacts=DepartmentContacts(
            hub.database,
            hub.clock,
            hub.client.addresses,
            can_mail=bool(hub.settings.alert_mail_url.get_secret_value()),
        ),
        alerts=hub.alerts,
        connector_settings=hub.connector_settings,
        enrolment=Enrolment(hub.store, hub.broker_accounts(), hub.broker.declare_department, hub.clock),
        staffing=Staffing(hub.persons),
        appointments=Appointments(hub.database, hub.clock),
        slots=AppointmentSlots(hub.database, hub.catalogue, hub.clock),
        door_visits=DoorVisits(hub.database, hub.clock, hub.wakeups),
        enquiries=EnquiryServices.over(hub.database, hub.catalogue, hub.people, hub.clock, hub.wakeups),
        licences=Licences(hub.database, hub.catalogue, hub.clock),
        documents=hub.documents,
        shares=hub.shares,
        licence_keys=licence_keys(hub),
        access_records=AccessRecords(hub.database),
        files=hub.files,
        destructions=Destructions(hub.database, hub.files.store, hub.clock, hub.keys),
        public_figures=PublicFigures(hub.database, hub.catalogue, hub.clock),
        surveys=Surveys(hub.database, hub.catalogue, hub.clock, hub.wakeups),
        inspections=Inspections(hub.database, hub.catalogue, hub.clock, hub.wakeups),
        secrets=hub.secrets,
        allowed_hosts=AllowedHosts(hub.database, hub.clock.now),
        recorded=hub.recorded,
        own_fields=hub.fields_of_department,
        broker=hub.broker,
        clock=hub.clock,
        time=TimeServices.over(hub.database, hub.catalogue, hub.clock, hub.wakeups),
        notices=hub.notices,
        connector_health=hub.health,
        agents=hub.replies.agents.of,
    )


def _mandates(hub: Hub) -> Mandates:
    async def name(subject: str) -> str | None:
        person = await hub.persons.person(subject)
        return person.name if person is not None else None

    enterprises = RepresentedEnterprises(hub.schema_for_clients, hub.ask_own_graph)
    attempts = Attempts(hub.store, hub.clock.now)
    return Mandates(hub.database, hub.mandates, hub.people, name, hub.catalogue, enterprises, attempts, hub.clock)


def licence_keys(hub: Hub) -> LicenceKeys:
    replaced_after = timedelta(days=hub.settings.licence_key_days)
    return LicenceKeys(hub.licence_keys, hub.licence_key_store, hub.clock, replaced_after)
