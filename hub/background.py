"""What the worker of one process does: relay, inbox, commands, and the periodic steps of the domain's parts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hub.appointments.appointments import Appointments
from hub.appointments.door_visits import DoorVisits
from hub.appointments.inspections import Inspections
from hub.archives.destructions import Destructions
from hub.cases.case_watch import CaseWatch
from hub.deadlines import Deadlines
from hub.durable.stalled import StalledTickets
from hub.enquiries.enquiry_watch import EnquiryWatch
from hub.enquiries.surveys import Surveys
from hub.licences.key_revocations import KeyRevocations
from hub.licences.licences import Licences
from hub.messages.command_notes import DatabaseCommandNotes
from hub.messages.department_events import DepartmentEvents
from hub.messages.direct_departments import DirectDepartments
from hub.messages.inbox import Inbox
from hub.messages.relay import Relay
from hub.own_services import licence_keys
from hub.ratings.follow_ups import FollowUps
from hub.ratings.rating_flags import RatingFlags
from hub.worker import Periodic, Work

if TYPE_CHECKING:
    from hub.parts import Hub

RECEIPT_INTERVAL = timedelta(seconds=5)
RECONCILIATION_INTERVAL = timedelta(minutes=10)
HINTED_INTERVAL = timedelta(seconds=30)
"""Between two looks at what the database tells of, where it told of nothing."""
RELAY_INTERVAL = timedelta(seconds=5)
APPOINTMENT_INTERVAL = timedelta(minutes=1)
LICENCE_INTERVAL = timedelta(minutes=1)
LAPSE_INTERVAL = timedelta(minutes=1)
STALLED_INTERVAL = timedelta(seconds=15)
EXPIRY_INTERVAL = timedelta(seconds=15)
WATCH_INTERVAL = timedelta(seconds=5)
"""What falls due is looked after within a minute, on a busy machine too; one indexed statement a look."""
HEAR_FIRST = timedelta(seconds=5)
"""After a restart what departments said meanwhile is heard before silence is judged."""
RECOUNT_INTERVAL = timedelta(seconds=30)
ATTEMPTS_INTERVAL = timedelta(seconds=20)
FILES_INTERVAL = timedelta(seconds=30)
FORGET_INTERVAL = timedelta(hours=1)


def background_work(hub: Hub) -> Work:
    """Everything that happens without being asked for."""
    direct = DirectDepartments(hub.graph, hub.broker, hub.clock, DatabaseCommandNotes(hub.database))
    events = DepartmentEvents(hub.catalogue, hub.people, hub.clock)
    deadlines = Deadlines(hub.database, hub.catalogue, hub.clock, hub.wakeups)
    watch = CaseWatch(hub.database, hub.catalogue, hub.people, hub.clock, hub.wakeups)
    enquiries = EnquiryWatch(hub.database, hub.catalogue, hub.clock, hub.wakeups)
    stalled = StalledTickets(hub.database, hub.broker, hub.clock, hub.wakeups)
    destructions = Destructions(hub.database, hub.files.store, hub.clock, hub.keys)
    inspections = Inspections(hub.database, hub.catalogue, hub.clock, hub.wakeups)
    revoked_keys = KeyRevocations(hub.database, hub.licence_keys, hub.clock, hub.wakeups)

    async def payments() -> timedelta | None:
        await hub.money.payments.poll()
        return await hub.money.payments.next_poll()

    async def refunds() -> timedelta | None:
        await hub.money.refunds.step()
        return await hub.money.refunds.next_ask()

    async def holds() -> timedelta | None:
        await hub.money.holds.step()
        return await hub.money.holds.next_ask()

    return Work(
        hub.broker,
        Relay(hub.database, hub.broker, hub.clock, hub.wakeups),
        Inbox(hub.database, hub.clock, hub.wakeups, events.effects),
        hub.wakeups,
        direct.handlers,
        (
            Periodic("payments", payments, HINTED_INTERVAL, hub.wakeups.payments),
            Periodic("holds", holds, HINTED_INTERVAL, hub.wakeups.holds),
            Periodic("holds that end", hub.money.holds.take_before_end, LAPSE_INTERVAL),
            Periodic("refunds", refunds, HINTED_INTERVAL, hub.wakeups.refunds),
            Periodic("fee-receipts", hub.receipts.issue, RECEIPT_INTERVAL),
            *_reconciliation(hub),
            *_notices(hub),
            Periodic("alerts", hub.alerts.send_due, HINTED_INTERVAL, hub.wakeups.alerts),
            Periodic("lapses", deadlines.lapse_unpaid, LAPSE_INTERVAL),
            Periodic("case-clocks", watch.look, WATCH_INTERVAL, rests_first=HEAR_FIRST),
            Periodic("inspections", inspections.look, LAPSE_INTERVAL),
            Periodic("surveys", Surveys(hub.database, hub.catalogue, hub.clock, hub.wakeups).look, LAPSE_INTERVAL),
            Periodic("visits", DoorVisits(hub.database, hub.clock, hub.wakeups).look, LAPSE_INTERVAL),
            Periodic("follow-ups", FollowUps(hub.database, hub.clock, hub.wakeups).look, LAPSE_INTERVAL),
            Periodic("files", hub.files.uploads.look, FILES_INTERVAL),
            Periodic("archives", hub.files.archives.seal_due, LAPSE_INTERVAL),
            Periodic("destructions", destructions.execute_due, FORGET_INTERVAL),
            Periodic("enquiry-clocks", enquiries.look, RECOUNT_INTERVAL),
            Periodic("attempts", watch.tell, ATTEMPTS_INTERVAL),
            Periodic("calendar", watch.recompute, RECOUNT_INTERVAL),
            Periodic("appointments", Appointments(hub.database, hub.clock).mark_missed, APPOINTMENT_INTERVAL),
            Periodic("licences", Licences(hub.database, hub.catalogue, hub.clock).look, LICENCE_INTERVAL),
            Periodic("given-ratings", RatingFlags(hub.database, hub.clock).forget, FORGET_INTERVAL),
            Periodic("licence-keys", licence_keys(hub).replace_due, LICENCE_INTERVAL),
            Periodic("revoked-keys", revoked_keys.look, LICENCE_INTERVAL),
            Periodic("forgetting", deadlines.forget, FORGET_INTERVAL),
            Periodic("expired tickets", hub.tickets.expire, EXPIRY_INTERVAL),
            Periodic("stalled tickets", stalled.look, STALLED_INTERVAL),
            Periodic("forgotten tickets", hub.tickets.forget, FORGET_INTERVAL),
        ),
        RELAY_INTERVAL,
    )


def _notices(hub: Hub) -> tuple[Periodic, ...]:
    """Where no gateway is set there is nothing to send."""
    if not hub.notices.sending.has_gateways:
        return ()
    return (Periodic("notices", hub.notices.sending.send_due, HINTED_INTERVAL, hub.wakeups.notices),)


def _reconciliation(hub: Hub) -> tuple[Periodic, ...]:
    """Where nothing can be paid there is no statement to ask for."""
    if not hub.settings.payment_provider_url:
        return ()
    return (Periodic("reconciliation", hub.money.reconciliations.reconcile_past_days, RECONCILIATION_INTERVAL),)
