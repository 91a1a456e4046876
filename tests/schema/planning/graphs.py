"""Fixed graphs that the planner's tests share."""

from __future__ import annotations

LICENCE = """
type Licence @key(fields: "issuerCode number") @shareable {
  issuerCode: ID! number: ID! kind: String! issuer: Organisation! holder: Holder! validUntil: String
}
type Organisation @key(fields: "code", resolvable: false) { code: ID! }
"""

GATHERING_CITIZEN = """
type Citizen @key(fields: "idNumber") { idNumber: String! @inaccessible licences: [Licence!]! @gather }
union Holder = Citizen
"""

DISTRICT = {
    "hub": """
      type Query { me: Citizen organisations: [Organisation!]! case(id: ID!): Case }
      type Citizen @key(fields: "id") @key(fields: "idNumber") {
        id: ID! idNumber: String! @inaccessible cases: [Case!]! fees: [FeeOrder!]!
      }
      type Case @key(fields: "id") {
        id: ID! receiptNumber: String! applicant: Citizen! state: String! fees: [FeeOrder!]!
      }
      type FeeOrder @key(fields: "number") {
        number: ID! amountFen: Int! name: String! payee: Organisation! case: Case!
      }
      type Organisation @key(fields: "code") { code: ID! name: String! }
      type Mutation { submitCase(item: ID!): Case! withdrawCase(case: ID!): Case! }
      type Subscription { caseChanged(case: ID): Case! }
    """,
    "public-security": """
      type Citizen @key(fields: "id") @key(fields: "idNumber") {
        id: ID! idNumber: String! @inaccessible name: String! address: Address
      }
      type Address { street: String }
      type Mutation { moveHouse(street: String!): Citizen }
    """,
    "market-regulation": LICENCE
    + """
      type Citizen @key(fields: "idNumber") {
        idNumber: String! @inaccessible enterprises: [Enterprise!]! licences: [Licence!]! @gather
      }
      type Enterprise @key(fields: "creditCode") {
        creditCode: ID! name: String! legalRepresentative: Citizen!
      }
      union Holder = Citizen | Enterprise
    """,
    "transport": LICENCE + GATHERING_CITIZEN,
    "civil-affairs": LICENCE + GATHERING_CITIZEN,
    "finance": """
      type FeeOrder @key(fields: "number") { number: ID! settlement: Settlement }
      type Settlement { receiptNumber: String settledAt: String }
    """,
}

SHOP = {
    "accounts": """
      type Query { me: User users: [User!]! node(id: ID!): Node }
      interface Node { id: ID! }
      type User implements Node @key(fields: "id") {
        id: ID! name: String! @shareable address: Address @shareable partner: User
      }
      type Address { street: String! }
    """,
    "products": """
      type Query { products(first: Int): [Product!]! search(text: String): [Result!]! cheapest: Goods }
      interface Node { id: ID! }
      interface Goods { sku: ID! size: Size price(currency: String): Int }
      union Result = Product | Bundle | User
      type Product implements Node & Goods @key(fields: "id") @key(fields: "sku owner { id }") {
        id: ID! sku: ID! size: Size price(currency: String): Int owner: User!
      }
      type Bundle implements Goods @key(fields: "sku") {
        sku: ID! size: Size price(currency: String): Int items: [Goods!]!
      }
      type Size { width: Int! height: Int! }
      type User @key(fields: "id") { id: ID! wishes: [Product!]! }
    """,
    "shipping": """
      type Product @key(fields: "sku owner { id }") {
        sku: ID! owner: User! size: Size @external weight: Int
        cost(express: Boolean): Int @requires(fields: "size { width } owner { name }")
        days: Int @requires(fields: "weightClass")
        weightClass: Int @external
      }
      type Size { width: Int! @external }
      type User @key(fields: "id") { id: ID! name: String! @external address: Address @shareable }
      type Address { zone: Int }
    """,
    "reviews": """
      type Query { latest: [Review!]! }
      type Product @key(fields: "id") {
        id: ID! reviews: [Review!]! weight: Int @external weightClass: Int @requires(fields: "weight")
      }
      type Review @key(fields: "id") {
        id: ID! stars: Int text: String author: User! @provides(fields: "name") about: Topic
      }
      union Topic = Product | User
      type User @key(fields: "id") { id: ID! name: String! @external reviews: [Review!]! }
    """,
}

MEDIA = {
    "library": """
      type Query { items: [Item!]! shelf: Shelf @shareable found(text: String): [Found!]! }
      interface Item { id: ID! }
      union Found = Book | Film
      type Book implements Item @key(fields: "id") {
        id: ID! pages: Int! size: Int maker: Person alerts: [Alert!]! @gather
      }
      type Film implements Item @key(fields: "id") { id: ID! size: Int! maker: Studio }
      type Studio @key(fields: "code") { code: ID! }
      type Person @key(fields: "id") { id: ID! }
      type Shelf { row: Int place: Place @shareable } type Place { floor: Int }
      type Alert @shareable { code: ID! text: String about: Person }
    """,
    "names": """
      type Query { shelf: Shelf @shareable }
      interface Item { id: ID! title: String }
      type Book implements Item @key(fields: "id") { id: ID! title: String alerts: [Alert!]! @gather }
      type Film implements Item @key(fields: "id") { id: ID! title: String }
      type Game implements Item @key(fields: "id") { id: ID! title: String }
      type Person @key(fields: "id") @key(fields: "passport { number }") {
        id: ID! passport: Passport name: String
      }
      type Passport @shareable { number: ID! }
      type Studio @key(fields: "code") @key(fields: "label") { code: ID! label: ID! }
      type Shelf { place: Place @shareable } type Place { wing: String }
      type Alert @shareable { code: ID! text: String about: Person }
    """,
    "people": """
      type Person @key(fields: "passport { number }") { passport: Passport works: [Work!]! home: Studio }
      type Passport @shareable { number: ID! }
      union Work = Book | Film
      type Book @key(fields: "id") { id: ID! } type Film @key(fields: "id") { id: ID! }
      type Studio @key(fields: "label") { label: ID! city: String boss: Person }
    """,
}

LICENCES = {
    "catalogue": """
      type Query { licences: [Licence!]! }
      interface Licence @key(fields: "number") { number: ID! name: String }
      type Permit implements Licence @key(fields: "number") { number: ID! name: String scope: String }
      type Certificate implements Licence @key(fields: "number") { number: ID! name: String grade: Int }
    """,
    "ratings": """
      type Query { best: Licence reviews: [Review!]! }
      type Licence @interfaceObject @key(fields: "number") {
        number: ID! name: String @external reviews(first: Int): [Review!]! label: String @requires(fields: "name")
      }
      type Review { id: ID! text: String licence: Licence }
    """,
    "holders": """
      type Permit @key(fields: "number") { number: ID! holder: String }
    """,
}
