"""The definitions of each specification under canonical names, as GraphQL text: the newest, and older forms.

Sources: https://specs.apollo.dev/link, /federation, /tag, /inaccessible, /authenticated, /requiresScopes,
/policy, /context, /cost, /connect; docs/spec/gather.md, docs/spec/durable.md.
"""

from __future__ import annotations

FEDERATION = """
scalar FieldSet
directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @requires(fields: FieldSet!) on FIELD_DEFINITION
directive @provides(fields: FieldSet!) on FIELD_DEFINITION
directive @external(reason: String) on OBJECT | FIELD_DEFINITION
directive @extends on OBJECT | INTERFACE
directive @shareable repeatable on OBJECT | FIELD_DEFINITION
directive @override(from: String!, label: String) on FIELD_DEFINITION
directive @composeDirective(name: String) repeatable on SCHEMA
directive @interfaceObject on OBJECT
directive @cacheTag(format: String!) repeatable on OBJECT | FIELD_DEFINITION
"""

TAG = """
directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION
  | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION | SCHEMA
"""

INACCESSIBLE = """
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR
  | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
"""

AUTHENTICATED = """
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
"""

REQUIRES_SCOPES = """
scalar Scope
directive @requiresScopes(scopes: [[Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
"""

POLICY = """
scalar Policy
directive @policy(policies: [[Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
"""

COST = """
directive @cost(weight: Int!) on
  ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],
  requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
"""

CONTEXT = """
scalar ContextFieldValue
directive @context(name: String!) repeatable on INTERFACE | OBJECT | UNION
directive @fromContext(field: ContextFieldValue) on ARGUMENT_DEFINITION
"""

LINK = """
scalar Import
enum Purpose { SECURITY EXECUTION }
directive @link(url: String, as: String, for: Purpose, import: [Import]) repeatable on SCHEMA
"""

CONNECT = """
scalar JSONSelection
scalar URLTemplate
input HTTPHeaderMapping { name: String! from: String value: [String!] }
input SourceHTTP { baseURL: String! headers: [HTTPHeaderMapping!] path: JSONSelection queryParams: JSONSelection }
input ConnectHTTP {
  GET: URLTemplate POST: URLTemplate PUT: URLTemplate PATCH: URLTemplate DELETE: URLTemplate
  body: JSONSelection headers: [HTTPHeaderMapping!] path: JSONSelection queryParams: JSONSelection
}
input ConnectBatch { maxSize: Int }
input ConnectorErrors { message: JSONSelection extensions: JSONSelection }
directive @source(name: String!, http: SourceHTTP!, errors: ConnectorErrors, isSuccess: JSONSelection)
  repeatable on SCHEMA
directive @connect(source: String, id: String, http: ConnectHTTP, batch: ConnectBatch, errors: ConnectorErrors,
  isSuccess: JSONSelection, selection: JSONSelection!, entity: Boolean = false)
  repeatable on FIELD_DEFINITION | OBJECT
"""

CONNECT_BEFORE_0_4 = """
directive @connect(source: String, id: String, http: ConnectHTTP!, batch: ConnectBatch, errors: ConnectorErrors,
  isSuccess: JSONSelection, selection: JSONSelection!, entity: Boolean = false)
  repeatable on FIELD_DEFINITION | OBJECT
"""

SQL = """
scalar SQLSelect
scalar JSONSelection
input SQLBatch { maxSize: Int }
directive @sqlSource(name: String!) repeatable on SCHEMA
directive @sqlConnect(source: String, select: SQLSelect!, key: String, selection: JSONSelection, batch: SQLBatch,
  entity: Boolean = false) repeatable on FIELD_DEFINITION | OBJECT
"""

XML = """
directive @xmlNamespace(prefix: String!, uri: String!) repeatable on SCHEMA
"""

OVERLAY = """
directive @lookup(query: String!, many: Boolean = false) repeatable on OBJECT
"""

DURABLE = """
directive @durable(applicant: String, expiresAfter: String) on FIELD_DEFINITION
"""

GATHER = """
scalar FieldSet
directive @gather(key: FieldSet) on FIELD_DEFINITION
"""

TAG_BEFORE_0_3 = """
directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION
  | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
"""

TAG_BEFORE_0_2 = """
directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
"""

INACCESSIBLE_BEFORE_0_2 = """
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
"""

SHAREABLE_BEFORE_2_2 = """
directive @shareable on OBJECT | FIELD_DEFINITION
"""

OVERRIDE_BEFORE_2_7 = """
directive @override(from: String!) on FIELD_DEFINITION
"""
