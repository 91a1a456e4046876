"""The graph of the product: the hub and its departments, as they register."""

from __future__ import annotations

from schema.subgraph import Subgraph

_LINK = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9",
        import: ["@key", "@shareable", "@inaccessible", "@external", "@requires", "@provides"])
  @link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])
"""
_REST = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.10", import: ["@key", "@shareable", "@inaccessible"])
  @link(url: "https://specs.apollo.dev/connect/v0.1", import: ["@source", "@connect"])
  @link(url: "https://jiyi.dev/spec/gather/v0.1", import: ["@gather"])
  @source(name: "records", http: { baseURL: "http://127.0.0.1:9000" })
"""
_LICENCE = """
type Licence @key(fields: "issuerCode number") @shareable {
  issuerCode: ID!
  number: ID!
  kind: String!
  name: String!
  nameEn: String!
  issuer: Organisation!
  holder: Holder!
  validFrom: Date
  validUntil: Date
  state: LicenceState!
}
enum LicenceState { VALID SUSPENDED REVOKED EXPIRED SUPERSEDED }
scalar Date
type Organisation @key(fields: "code", resolvable: false) { code: ID! }
"""
_CITIZEN_LICENCES = """
type Citizen @key(fields: "idNumber") {
  idNumber: String! @inaccessible
  licences: [Licence!]! @gather %s
}
"""
_CONNECT = '@connect(source: "records", http: { GET: "/licences/{$this.idNumber}" }, selection: "number")'

HUB = Subgraph(
    "hub",
    _LINK
    + """
type Query {
  me: Citizen
  case(id: ID!): Case
  serviceItems(search: String): [ServiceItem!]!
  serviceItem(code: ID!): ServiceItem
  organisations: [Organisation!]!
}
type Citizen @key(fields: "id") @key(fields: "idNumber") {
  id: ID!
  idNumber: String! @inaccessible
  cases: [Case!]!
  fees: [FeeOrder!]!
}
type Case @key(fields: "id") {
  id: ID!
  receiptNumber: String!
  item: ServiceItem!
  applicant: Citizen!
  state: CaseState!
  submittedAt: DateTime!
  fees: [FeeOrder!]!
}
enum CaseState { SUBMITTED IN_REVIEW APPROVED DENIED COMPLETED }
scalar DateTime
scalar JSON
type FeeOrder @key(fields: "number") {
  number: ID!
  amountFen: Int!
  payee: Organisation!
  case: Case!
}
type ServiceItem @key(fields: "code") { code: ID! name: String! organisation: Organisation! form: JSON! }
type Organisation @key(fields: "code") { code: ID! name: String! nameEn: String! }
type Mutation {
  submitCase(input: SubmitCaseInput!): Case!
  payFees(orders: [ID!]!, idempotencyKey: String): Payment!
}
input SubmitCaseInput { itemCode: ID! form: JSON! idempotencyKey: String }
type Payment { number: ID! amountFen: Int! payUrl: String! }
type Subscription { caseChanged(case: ID): Case! }
""",
)
PUBLIC_SECURITY = Subgraph(
    "public-security",
    _LINK
    + """
type Citizen @key(fields: "id") @key(fields: "idNumber") {
  id: ID!
  idNumber: String! @inaccessible
  name: String!
  maskedIdNumber: String!
  birthDate: Date!
}
scalar Date
type Mutation {
  publicSecurityRequestOneTimeCode(idNumber: String!): OneTimeCodeRequest! @inaccessible
  publicSecurityVerifyOneTimeCode(idNumber: String!, code: String!): Citizen @inaccessible
}
type OneTimeCodeRequest @inaccessible { sent: Boolean! maskedPhone: String }
""",
)
MARKET_REGULATION = Subgraph(
    "market-regulation",
    _REST
    + f"""
type Citizen @key(fields: "idNumber") {{
  idNumber: String! @inaccessible
  enterprises: [Enterprise!]! @connect(source: "records", http: {{ GET: "/e" }}, selection: "creditCode")
  licences: [Licence!]! @gather {_CONNECT}
}}
type Enterprise @key(fields: "creditCode") {{
  creditCode: ID!
  name: String!
  legalRepresentative: Citizen!
  licences: [Licence!]!
}}
union Holder = Citizen | Enterprise
"""
    + _LICENCE,
)
TRANSPORT = Subgraph("transport", _REST + _CITIZEN_LICENCES % _CONNECT + "union Holder = Citizen" + _LICENCE)
CIVIL_AFFAIRS = Subgraph(
    "civil-affairs",
    _REST
    + _CITIZEN_LICENCES % _CONNECT
    + _LICENCE
    + """
union Holder = Citizen
type Mutation {
  civilAffairsReceiveCase(input: CaseSubmission!): CommandReceipt! @inaccessible
  civilAffairsIssueLicence(input: LicenceOrder!): CommandReceipt! @inaccessible
}
input CaseSubmission @inaccessible {
  receiptNumber: ID! itemCode: ID! applicantIdNumber: String! form: JSON submittedAt: String!
}
input LicenceOrder @inaccessible { receiptNumber: ID! kind: String! holderIdNumber: String! }
type CommandReceipt @inaccessible @shareable { accepted: Boolean! reference: String }
scalar JSON
""",
)
FINANCE = Subgraph(
    "finance",
    _REST
    + """
type FeeOrder @key(fields: "number") { number: ID! settlement: Settlement }
type Settlement { receiptNumber: String! settledAt: String! amountFen: Int! }
type Mutation { financeSettleFeeOrder(input: FeeSettlement!): CommandReceipt! @inaccessible }
input FeeSettlement @inaccessible { number: ID! amountFen: Int! paidAt: String! paymentNumber: ID! }
type CommandReceipt @inaccessible @shareable { accepted: Boolean! reference: String }
""",
)
HUMAN_RESOURCES = Subgraph("human-resources", _LINK + _CITIZEN_LICENCES % "" + "union Holder = Citizen" + _LICENCE)

FIVE_DEPARTMENTS = (HUB, PUBLIC_SECURITY, MARKET_REGULATION, TRANSPORT, CIVIL_AFFAIRS, FINANCE)
