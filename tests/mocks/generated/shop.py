"""Two departments' SDLs that share a product, by two keys and two fields."""

SHOP = """
extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.9"
  import: ["@key", "@shareable", "@requires", "@external", {name: "@inaccessible", as: "@hidden"}]
)
type Query {
  product(upc: String!): Product
  products(category: Category, first: Int, after: String, last: Int, before: String): ProductConnection!
  productPage(limit: Int = 5, offset: Int): ProductPage!
  productsByUpcs(upcs: [String!]!): [Product]!
  me: User!
  node(id: ID!): Node
  search(text: String!): [Found!]!
  reviews(productUpc: String!): [Review!]!
}
interface Node { id: ID! }
union Found = Product | User
enum Category { BOOKS TOOLS SECRET @hidden }
scalar Date
scalar DateTime
scalar URL
type Product implements Node @key(fields: "upc") @key(fields: "id") {
  id: ID!
  upc: String!
  name: String @shareable
  nameEn: String!
  priceFen: Int! @shareable
  weight: Float @external
  category: Category!
  createdAt: DateTime!
  page: URL!
  maker: Company!
  shippingFen: Int! @requires(fields: "weight")
  reviews(first: Int, after: String): ReviewConnection!
  size: Size
  tags: [String!]!
}
type Size { height: Float! width: Float! }
type Company @key(fields: "creditCode") { creditCode: ID! name: String! address: String! }
enum Gender { MALE FEMALE UNKNOWN }
type User implements Node @key(fields: "id") {
  id: ID! name: String! nameEn: String! idNumber: String! gender: Gender! birthDate: Date! email: String!
  phone: String! age: Int! reviews: [Review!]!
}
type Review @key(fields: "id") { id: ID! body: String stars: Int! author: User! product: Product! }
type ReviewConnection { edges: [ReviewEdge!]! pageInfo: PageInfo! totalCount: Int! }
type ReviewEdge { cursor: String! node: Review! }
type ProductConnection { edges: [ProductEdge!]! nodes: [Product!]! pageInfo: PageInfo! totalCount: Int! }
type ProductEdge { cursor: String! node: Product! }
type PageInfo @shareable {
  hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
}
type ProductPage { items: [Product!]! total: Int! hasMore: Boolean! }
input ProductInput { name: String! priceFen: Int! size: SizeInput }
input SizeInput { height: Float! width: Float! }
type Mutation {
  createProduct(input: ProductInput!): Product!
  renameProduct(upc: String!, name: String!): RenamedProduct!
  deleteProduct(upc: String!): Boolean!
}
type RenamedProduct { success: Boolean! errors: [Problem!]! product: Product }
type Problem { message: String! }
type Subscription { reviewAdded(productUpc: String): Review! tick: Int! }
"""

STOCK = """
type Product @key(fields: "id") @key(fields: "upc") {
  id: ID!
  upc: String!
  name: String
  priceFen: Int!
  weight: Float
  inStock: Int!
}
extend type Query { heaviest: Product }
"""
"""Of Federation 1: no link, an extended root."""
