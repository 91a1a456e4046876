"""What a citizen who knows or guesses another's numbers tries, on everything that is somebody's own."""

from __future__ import annotations

from tests.faults.journey import CASE, PAY

ATTEMPTS: dict[str, tuple[str, dict[str, str]]] = {
    "case by id": (CASE, {"id": "case"}),
    "case by receipt number": (CASE, {"id": "receipt_number"}),
    "case by alias": (
        "query C($a: ID!, $b: ID!) { x: case(id: $a) { y: receiptNumber } z: case(id: $b) { id } }",
        {"a": "case", "b": "receipt_number"},
    ),
    "case by named fragment": (
        "query C($a: ID!) { case(id: $a) { ...F } } fragment F on Case { id applicant { ...G } fees { number } } "
        "fragment G on Citizen { name maskedIdNumber cases { receiptNumber } }",
        {"a": "receipt_number"},
    ),
    "case by inline fragment": (
        "query C($a: ID!) { ... { case(id: $a) { ... on Case { ... { id rating { comment } } } } } }",
        {"a": "case"},
    ),
    "case as a node": (
        "query N($a: ID!) { node(id: $a) { __typename id ... on Case { receiptNumber rating { comment } } } }",
        {"a": "case"},
    ),
    "case as a node by receipt number": (
        "query N($a: ID!) { node(id: $a) { ...F } } fragment F on Node { ... on Case { id applicant { name } } }",
        {"a": "receipt_number"},
    ),
    "person as a node": (
        "query N($a: ID!) { x: nodes(ids: [$a]) { ... on Citizen { name maskedIdNumber cases { id } } } }",
        {"a": "person"},
    ),
    "person and case in a list of nodes": (
        "query N($a: ID!, $b: ID!) { nodes(ids: [$a, $b]) { __typename ... on Citizen { fees { number } } "
        "... on Case { licenceNumber fees { number } } } }",
        {"a": "person", "b": "case"},
    ),
    "case in a list of one's own": (
        "query C($a: ID!) { me { cases { receiptNumber rating { comment } } } case(id: $a) { id } }",
        {"a": "case"},
    ),
    "forged entity by id": (
        'query E($a: ID!) { _entities(representations: [{__typename: "Case", id: $a}]) { ... on Case { id } } }',
        {"a": "case"},
    ),
    "forged entity of a citizen": (
        'query E($a: String!) { _entities(representations: [{__typename: "Citizen", idNumber: $a}]) '
        "{ ... on Citizen { name } } }",
        {"a": "id_number"},
    ),
    "forged service": ("{ _service { sdl } }", {}),
    "identity number": ("{ me { idNumber } }", {}),
    "ratings of the item": (
        "{ serviceItems { code rating { mean count distribution { stars count } } } }",
        {},
    ),
    "confirming an address for notices": (
        'mutation C($a: ID!) { confirmNoticeAddress(id: $a, code: "000000") { shown isConfirmed } }',
        {"a": "notice_address"},
    ),
    "removing an address for notices": (
        "mutation R($a: ID!) { removeNoticeAddress(id: $a) }",
        {"a": "notice_address"},
    ),
    "what another was told of a case": (
        "query D($a: ID!) { case(id: $a) { noticeDeliveries { kind channel deliveredAt } } "
        "notices { deliveries { state } } myNoticePreferences { addresses { id shown } } }",
        {"a": "case"},
    ),
    "withdrawing": (
        "mutation W($a: ID!) { withdrawCase(case: $a) { id state } }",
        {"a": "receipt_number"},
    ),
    "rating": (
        "mutation R($a: ID!) { rateService(case: $a, stars: 1) { stars comment at } }",
        {"a": "receipt_number"},
    ),
    "enquiry by id": ("query E($a: ID!) { enquiry(id: $a) { id number subject text answer } }", {"a": "enquiry"}),
    "enquiry by number": (
        "query E($a: ID!) { x: enquiry(id: $a) { ... { text owner } } }",
        {"a": "enquiry_number"},
    ),
    "reminding of an enquiry": (
        "mutation R($a: ID!) { remindEnquiry(id: $a) { subject text } }",
        {"a": "enquiry"},
    ),
    "withdrawing an enquiry": (
        "mutation W($a: ID!) { withdrawEnquiry(id: $a) { text } }",
        {"a": "enquiry_number"},
    ),
    "rating an answer": ("mutation R($a: ID!) { rateAnswer(id: $a, stars: 1) { text answer } }", {"a": "enquiry"}),
    "enquiries of an office": ("{ enquiryWork { id number subject text } }", {}),
    "paying": (PAY, {"orders": "fee"}),
    "refunding": ('mutation B($a: ID!) { refundFee(order: $a, reason: "mine") { id order } }', {"a": "order"}),
    "all payments": ("{ myPayments { number orders payUrl } }", {}),
    "all refunds": ("{ refunds { id order reason } }", {}),
    "what is done with holds": ("{ holdCommands { id order refusal } }", {}),
    "the books": ("{ feeBooks { accounts { name } } reconciliations { differences { number here there } } }", {}),
    "licence by number": (
        'query L($a: ID!) { licence(issuerCode: "110102-MZ", number: $a) { holder { ... on Citizen { name } } } }',
        {"a": "licence"},
    ),
    "licence to show": (
        'query L($a: ID!) { licencePresentation(issuerCode: "110102-MZ", number: $a) { document address } }',
        {"a": "licence"},
    ),
    "licence as a forged entity": (
        'query L($a: ID!) { _entities(representations: [{__typename: "Licence", issuerCode: "110102-MZ", '
        "number: $a}]) { ... on Licence { kind } } }",
        {"a": "licence"},
    ),
    "shares, and who read": ("{ myLicenceShares { id number recipient purpose } accessRecords { purpose } }", {}),
    "share by id": ("query S($a: ID!) { sharedLicence(id: $a) { reason licence { number } } }", {"a": "share"}),
    "sharing": (
        'mutation S($a: ID!) { shareLicence(input: {issuerCode: "110102-MZ", number: $a, recipientKind: BEARER, '
        'recipient: "me", purpose: "envy", endsAt: "2026-12-31T00:00:00Z"}) { id } }',
        {"a": "licence"},
    ),
    "withdrawing a share": ("mutation W($a: ID!) { withdrawLicenceShare(id: $a) { id purpose } }", {"a": "share"}),
    "revoking a licence": (
        'mutation R($a: ID!) { revokeLicence(issuerCode: "110102-MZ", number: $a, reason: "envy") { number } }',
        {"a": "licence"},
    ),
    "dead letters": ("{ deadLetters { subject } queues { name } }", {}),
    "shared record by id": (
        "query S($a: ID!) { sharedRecord(id: $a) { id reference source content } }",
        {"a": "record"},
    ),
    "files and consents": ("{ myFiles { id name sha256 } myConsents { id content } }", {}),
    "taking a consent back": ("mutation W($a: ID!) { withdrawConsent(id: $a) { id content } }", {"a": "record"}),
    "deleting a file": ("mutation D($a: ID!) { deleteFile(id: $a) }", {"a": "file"}),
    "filing with a file": (
        'mutation F($a: String!) { submitCase(input: { itemCode: "CA-EXPENSE-ASSISTANCE", '
        'form: { reason: "illness", household: 3, telephone: "13800000000" }, '
        'materials: [{ code: "income", reference: $a }] }) { id } }',
        {"a": "file_reference"},
    ),
    "filing with a shared record": (
        'mutation F($a: String!) { submitCase(input: { itemCode: "CA-MARRIAGE-CERTIFICATE", form: {}, '
        'materials: [{ code: "ID", reference: $a }] }) { id } }',
        {"a": "record_reference"},
    ),
    "receipts and refunds of a case": (
        "query R($a: ID!) { case(id: $a) { fees { receipts { number signed } refunds { id reason } } } }",
        {"a": "case"},
    ),
    "inspections of a case": (
        "query I($a: ID!) { caseInspections(case: $a) { number address findings } "
        "case(id: $a) { archive { sha256 } } }",
        {"a": "case"},
    ),
    "low ratings": ("{ myFollowUps { id comment } followUpWork { id comment rater } }", {}),
    "rating an appointment": (
        "mutation R($a: ID!) { rateAppointment(id: $a, stars: 1) { id number } }",
        {"a": "appointment"},
    ),
    "sending somebody to a door": (
        'mutation V($a: ID!) { dispatchVisit(appointment: $a, officer: "me") { number officer } }',
        {"a": "appointment"},
    ),
    "draft by id": ("query D($a: ID!) { draft(id: $a) { id form item { code } } }", {"a": "draft"}),
    "draft by alias and fragment": (
        "query D($a: ID!) { x: draft(id: $a) { ...F } myDrafts { id } } "
        "fragment F on CaseDraft { y: form savedAt }",
        {"a": "draft"},
    ),
    "draft as a node": ("query N($a: ID!) { node(id: $a) { __typename id } }", {"a": "draft"}),
    "drafts of one's own": (
        '{ myDrafts { id form } filingAdvice(itemCode: "CA-EXPENSE-ASSISTANCE") { draft { id form } } }',
        {},
    ),
    "saving over a draft": (
        'mutation S($a: ID!) { saveDraft(input: { id: $a, itemCode: "CA-EXPENSE-ASSISTANCE", form: {} }) '
        "{ id form } }",
        {"a": "draft"},
    ),
    "filing a draft": ("mutation S($a: ID!) { submitDraft(draft: $a) { id receiptNumber form } }", {"a": "draft"}),
    "throwing a draft away": ("mutation S($a: ID!) { discardDraft(draft: $a) }", {"a": "draft"}),
    "appointment by id": (
        "query A($a: ID!) { appointment(id: $a) { id number address caseId slot { id } } }",
        {"a": "appointment"},
    ),
    "appointment by number": (
        "query A($a: ID!) { x: appointment(id: $a) { ... { number state } } myAppointments { number } }",
        {"a": "appointment_number"},
    ),
    "appointments of an office": (
        '{ expectedAppointments(place: "110102-JX-STATION", day: "2030-01-01T00:00:00Z") { number } }',
        {},
    ),
    "cancelling an appointment": (
        'mutation C($a: ID!) { cancelAppointment(id: $a, reason: "x") { number state } }',
        {"a": "appointment"},
    ),
    "noting an arrival": (
        "mutation N($a: ID!) { noteArrival(id: $a, came: false) { number } }",
        {"a": "appointment"},
    ),
    "closing a slot": ('mutation C($a: ID!) { closeAppointmentSlot(id: $a, reason: "x") }', {"a": "slot"}),
    "booking for another's case": (
        "mutation B($a: ID!, $b: ID!) { bookAppointment(input: { slot: $a, case: $b }) { number caseId } }",
        {"a": "slot", "b": "case"},
    ),
    "ticket by id": (
        "query T($a: ID!) { durableTicket(id: $a) { id state field "
        "... on ChangeContactAddressDurableTicket { result { reference street } } } }",
        {"a": "ticket"},
    ),
    "tickets of one's own": ("{ myDurableTickets { edges { node { id field } } } }", {}),
    "requests of a department": ("{ durableRequests { edges { node { id } } } }", {}),
    "ticket as a node": ("query N($a: ID!) { nodes(ids: [$a]) { __typename id } }", {"a": "ticket"}),
    "cancelling a ticket": ("mutation C($a: ID!) { cancelDurableTicket(id: $a) { id state } }", {"a": "ticket"}),
    "resolving a ticket": (
        'mutation R($a: ID!) { resolveDurableRequest(id: $a, wasDone: true, reason: "x") { id } }',
        {"a": "ticket"},
    ),
    "the same key for another's ticket": (
        'mutation C { changeContactAddress(street: "Elsewhere 1", idempotencyKey: "canary") '
        "{ id result { street } } }",
        {},
    ),
}
"""What a citizen tries, and under which name of the scene each variable's value is known."""
READS = [name for name, (query, _) in ATTEMPTS.items() if not query.lstrip().startswith("mutation")]
HIDDEN = frozenset(
    {
        "forged entity by id",
        "forged entity of a citizen",
        "forged service",
        "identity number",
        "licence as a forged entity",
    }
)
"""What clients cannot even name."""
