"""The definitions of the join and link specifications, as a supergraph carries them.

A supergraph links the lowest version that has what it uses, since older routers refuse newer ones: v0.4 brought
override labels and ``@join__directive``, v0.5 arguments from a context. Source: https://specs.apollo.dev/join.
"""

from __future__ import annotations

from collections.abc import Iterator

from schema.directives import Version

_FIELD_ARGUMENTS: tuple[tuple[Version, str], ...] = (
    ((0, 3), "graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String"),
    ((0, 3), "external: Boolean, override: String, usedOverridden: Boolean"),
    ((0, 4), "overrideLabel: String"),
    ((0, 5), "contextArguments: [join__ContextArgument!]"),
)

_ALWAYS = """\
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE

directive @join__graph(name: String!, url: String!) on ENUM_VALUE

directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE

directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, \
resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) \
repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR

directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION

directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA

scalar join__FieldSet

scalar link__Import

enum link__Purpose {
  \"\"\"`SECURITY` features provide metadata necessary to securely resolve fields.\"\"\"
  SECURITY

  \"\"\"`EXECUTION` features provide metadata necessary for operation execution.\"\"\"
  EXECUTION
}"""

_SINCE_0_4 = """\
directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) \
repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION

scalar join__DirectiveArguments"""

_SINCE_0_5 = """\
input join__ContextArgument {
  name: String!
  type: String!
  context: String!
  selection: join__FieldValue!
}

scalar join__FieldValue"""


def join_definitions(version: Version) -> Iterator[str]:
    """The definitions of one version of the join specification, and of the link specification."""
    arguments = ", ".join(text for since, text in _FIELD_ARGUMENTS if since <= version)
    yield f"directive @join__field({arguments}) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION"
    yield _ALWAYS
    if version >= (0, 4):
        yield _SINCE_0_4
    if version >= (0, 5):
        yield _SINCE_0_5
