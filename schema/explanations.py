"""What each code means and how to mend it, a line each; ``jiyi explain`` and docs/errors.md print them.

Sources: Apollo Federation's published composition codes; the public Apollo Connectors convention;
docs/spec/gather.md, docs/spec/durable.md; :data:`schema.errors.RUNTIME_CODES`.
"""

from __future__ import annotations

from collections.abc import Mapping

from schema.errors import RUNTIME_CODES

READING: Mapping[str, str] = {
    "INVALID_GRAPHQL": "The SDL is not GraphQL, or breaks a rule of GraphQL. Mend the place that is named.",
    "INVALID_SUBGRAPH_NAME": "A subgraph's name must be its own, and made of letters, digits, _ and -.",
    "UNKNOWN_LINK_VERSION": "@link itself has no such version. Link https://specs.apollo.dev/link/v1.0.",
    "UNKNOWN_FEDERATION_LINK_VERSION": "This version of Federation is not known. Link v2.0 to v2.13.",
    "INVALID_LINK_IDENTIFIER": "The name after `as` or in `import` is no valid name.",
    "INVALID_LINK_DIRECTIVE_USAGE": "@link or one of its imports is written wrongly.",
    "UNSUPPORTED_LINKED_FEATURE": "The linked specification is required for execution or security, and unknown.",
    "DIRECTIVE_DEFINITION_INVALID": "A directive's own definition differs from its specification. Leave it out.",
    "TYPE_DEFINITION_INVALID": "A type that a specification defines is defined otherwise. Leave it out.",
    "INVALID_FEDERATION_SUPERGRAPH": "No supergraph, or its join directives contradict each other.",
    "ROOT_QUERY_USED": "A type is named Query but is not the query root. Rename it.",
    "ROOT_MUTATION_USED": "A type is named Mutation but is not the mutation root. Rename it.",
    "ROOT_SUBSCRIPTION_USED": "A type is named Subscription but is not the subscription root. Rename it.",
}

FIELD_SETS: Mapping[str, str] = {
    f"{directive}_{suffix}": f"@{directive.lower()}: {text}"
    for directive in ("KEY", "PROVIDES", "REQUIRES")
    for suffix, text in {
        "INVALID_FIELDS_TYPE": "`fields` must be a string with a selection of fields.",
        "INVALID_FIELDS": "`fields` selects something that the type does not have, or is no selection.",
        "FIELDS_HAS_ARGS": "`fields` selects a field that takes arguments.",
        "DIRECTIVE_IN_FIELDS_ARG": "`fields` has a directive in it. Remove it.",
        "FIELDS_MISSING_EXTERNAL": "`fields` selects a field of this subgraph that is not @external.",
        "UNSUPPORTED_ON_INTERFACE": "It cannot stand on an interface here. Put it on the implementing types.",
    }.items()
    if f"{directive}_{suffix}" not in ("REQUIRES_FIELDS_HAS_ARGS", "KEY_FIELDS_MISSING_EXTERNAL")
} | {
    "KEY_FIELDS_SELECT_INVALID_TYPE": "@key: a key may not select a list, an interface or a union.",
    "PROVIDES_ON_NON_OBJECT_FIELD": "@provides: the field does not give an object, interface or union.",
}  # fmt: skip

EXTERNAL: Mapping[str, str] = {
    "EXTERNAL_UNUSED": "An @external field is used by no @key, @requires or @provides. Remove it.",
    "TYPE_WITH_ONLY_UNUSED_EXTERNAL": "All that the type has is @external and unused. Remove it.",
    "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE": "@external and @provides exclude each other.",
    "EXTERNAL_ON_INTERFACE": "Fields of interfaces cannot be @external. Mark them on the implementing types.",
    "EXTERNAL_MISSING_ON_BASE": "The field is @external everywhere: no subgraph resolves it.",
    "EXTERNAL_TYPE_MISMATCH": "The @external field has another type than where it is resolved.",
    "EXTERNAL_ARGUMENT_MISSING": "The @external field lacks an argument that it has where it is resolved.",
    "EXTERNAL_ARGUMENT_TYPE_MISMATCH": "An argument of the @external field has another type elsewhere.",
    "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH": "An argument of the @external field has another default elsewhere.",
    "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL": "This directive has no meaning on an @external field.",
    "OVERRIDE_FROM_SELF_ERROR": "A field cannot be taken over from its own subgraph.",
    "OVERRIDE_SOURCE_HAS_OVERRIDE": "The field is taken over from a subgraph that takes it over itself.",
    "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE": "@override excludes @external, @provides, @requires.",
    "OVERRIDE_ON_INTERFACE": "Fields of interfaces cannot be taken over.",
    "OVERRIDE_LABEL_INVALID": "@override: the label is neither a name nor percent(0) to percent(100).",
}

INTERFACES: Mapping[str, str] = {
    "INTERFACE_OBJECT_USAGE_ERROR": "@interfaceObject needs a @key, and an interface elsewhere.",
    "INTERFACE_KEY_NOT_ON_IMPLEMENTATION": "An implementation lacks the interface's key.",
    "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE": "An interface's key is here, a type of it is not.",
}

CONTEXT: Mapping[str, str] = {
    "CONTEXT_NOT_SET": "@fromContext names a context that no @context of this subgraph sets.",
    "CONTEXT_NAME_INVALID": "@context: a name has letters and digits alone; an underscore cannot be in it.",
    "CONTEXT_INVALID_SELECTION": "@fromContext selects something that the type of the context does not have.",
    "NO_CONTEXT_IN_SELECTION": "@fromContext must begin with a context: `$name { field }`.",
    "CONTEXT_NO_RESOLVABLE_KEY": "A type with contextual arguments needs a @key that can be resolved.",
    "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS": "An argument is contextual in some subgraphs only.",
}

MERGING: Mapping[str, str] = {
    "NO_QUERIES": "No subgraph has a query: there is nothing to ask.",
    "TYPE_KIND_MISMATCH": "One name is an object here and something else there.",
    "EXTENSION_WITH_NO_BASE": "A type is only extended, and defined nowhere.",
    "FIELD_TYPE_MISMATCH": "A shared field has types that do not fit together.",
    "FIELD_ARGUMENT_TYPE_MISMATCH": "An argument has types that do not fit together.",
    "FIELD_ARGUMENT_DEFAULT_MISMATCH": "An argument has different defaults.",
    "INPUT_FIELD_DEFAULT_MISMATCH": "An input field has different defaults.",
    "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH": "An argument is required here and missing there.",
    "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH": "An input field is required here and missing there.",
    "EMPTY_MERGED_INPUT_TYPE": "The subgraphs share no field of this input type.",
    "EMPTY_MERGED_ENUM_TYPE": "The subgraphs share no value of this enum.",
    "ENUM_VALUE_MISMATCH": "An enum for input and output must have the same values everywhere.",
    "INVALID_FIELD_SHARING": "Several subgraphs resolve this field. Mark it @shareable in all of them.",
    "INVALID_SHAREABLE_USAGE": "@shareable cannot stand here.",
    "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES": "A shared field can be of types that have nothing in common.",
    "COST_APPLIED_TO_INTERFACE_FIELD": "@cost cannot stand on an interface's field. Put it on implementations.",
    "LIST_SIZE_APPLIED_TO_NON_LIST": "@listSize stands on, or names as sized, a field that gives no list.",
    "LIST_SIZE_INVALID_ASSUMED_SIZE": "@listSize: assumedSize cannot be negative.",
    "LIST_SIZE_INVALID_SIZED_FIELD": "@listSize: sizedFields names a field that the type does not have.",
    "LIST_SIZE_INVALID_SLICING_ARGUMENT": "@listSize: slicingArguments names no argument of type Int.",
    "LINK_IMPORT_NAME_MISMATCH": "Subgraphs import one directive under different names. Use one everywhere.",
    "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE": "Access is required of implementations; interfaces take it over.",
    "MISSING_TRANSITIVE_AUTH_REQUIREMENTS": "A field requires data that demands more access than the field does.",
    "DIRECTIVE_COMPOSITION_ERROR": "@composeDirective names what cannot be composed. Link it under one version.",
    "INTERFACE_FIELD_NO_IMPLEM": "A type lacks a field that its interface has in another subgraph.",
    "SATISFIABILITY_ERROR": "An operation of the API has no plan; the message shows which, and why.",
    "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED": "The graph has too many paths to be proved. Share fewer fields.",
    "REFERENCED_INACCESSIBLE": "Something visible refers to something @inaccessible.",
    "DEFAULT_VALUE_USES_INACCESSIBLE": "A visible default value uses something @inaccessible.",
    "REQUIRED_INACCESSIBLE": "Something required is @inaccessible: nobody could send it.",
    "IMPLEMENTED_BY_INACCESSIBLE": "A field that a visible interface demands is @inaccessible.",
    "ONLY_INACCESSIBLE_CHILDREN": "Everything within this type is @inaccessible. Hide the type itself.",
    "QUERY_ROOT_TYPE_INACCESSIBLE": "The query root cannot be hidden.",
    "DISALLOWED_INACCESSIBLE": "This belongs to a specification and cannot be hidden.",
}

GATHER: Mapping[str, str] = {
    "GATHER_ON_NON_LIST": "@gather: only lists are gathered.",
    "GATHER_NOT_IN_ALL_SUBGRAPHS": "@gather: every subgraph that resolves the field must say @gather.",
    "GATHER_KEY_MISMATCH": "@gather: the subgraphs name different keys.",
    "GATHER_KEY_INVALID": "@gather: the key is no selection of plain fields of the elements.",
    "GATHER_INVALID_PLACE": "@gather: it cannot stand on this field.",
    "GATHER_COLLISION_WITH_ANOTHER_DIRECTIVE": "@gather: it cannot stand beside that directive.",
    "GATHER_NOT_EXPORTABLE": "@gather: other routers cannot gather. Declare a fallback owner for the field.",
    "GATHER_ARGUMENT_MISMATCH": "@gather: all parts must take the same arguments.",
}

DURABLE: Mapping[str, str] = {
    "DURABLE_INVALID_PLACE": "@durable: it stands on fields of Mutation only.",
    "DURABLE_NEEDS_FEDERATION_2": "@durable: the subgraph must link Federation 2.",
    "DURABLE_COLLISION_WITH_ANOTHER_DIRECTIVE": "@durable: it cannot stand beside that directive.",
    "DURABLE_NAME_TAKEN": "@durable: tickets, their subgraphs and idempotencyKey have this name. Rename it.",
    "DURABLE_APPLICANT_INVALID": "@durable: `applicant` must name an argument of type String or ID.",
    "DURABLE_EXPIRY_INVALID": "@durable: `expiresAfter` is a duration as P7D or PT36H, 90 days at most.",
    "DURABLE_NOT_EXPORTABLE": "@durable: other routers have no tickets. Let clients ask this gateway.",
}

CONNECTORS: Mapping[str, str] = {
    "BREAKS_OPERATIONS": "The version breaks an operation that clients send. Deprecate it, or ask an operator.",
    "INVALID_URL": "The URL of a connector is wrong, or has an expression where the host is fixed.",
    "INVALID_SELECTION": "The mapping of an answer is wrong at the place that is named.",
    "INVALID_XML_NAMESPACE": "A prefix for an XML namespace is no name, or names no address.",
    "INVALID_SQL": "A query is no single SELECT with bound values; the place in it is told.",
    "OVERLAY_LOOKUP_INVALID": "@lookup: its query is no field that the server could be asked for.",
    "OVERLAY_LOOKUP_VARIABLE_UNKNOWN": "@lookup: a variable is no field of the type.",
    "OVERLAY_LOOKUP_TYPE_MISMATCH": "@lookup: the field gives another type, or a list where one is meant.",
    "OVERLAY_LOOKUP_WITHOUT_KEY": "@lookup: the type has no @key by which it could be referred to.",
    "OVERLAY_KEY_WITHOUT_LOOKUP": "An overlay's @key has no @lookup that finds by it.",
    "OVERLAY_REQUIRES": "A server that knows no Federation cannot be given what @requires names.",
    "SQL_CONNECTION_WITHOUT_KEY": "A connection needs the columns by which it is ordered.",
    "SQL_KEY_WITHOUT_CONNECTION": "Only a connection has a key.",
    "INVALID_BODY": "The mapping of a request's body is wrong.",
    "INVALID_HEADER": "A header's name or value is wrong, or the name is reserved.",
    "ENTITY_NOT_ON_ROOT_QUERY": "`entity: true` stands on fields of Query alone.",
    "ENTITY_TYPE_INVALID": "`entity: true` needs a field that gives one nullable object.",
    "ENTITY_RESOLVER_ARGUMENT_MISMATCH": "The arguments are not the fields of a key.",
    "CONNECTORS_CANNOT_RESOLVE_KEY": "A key has no connector that looks it up.",
    "CONNECTORS_UNRESOLVED_FIELD": "A field is resolved by no connector.",
    "CONNECTORS_FIELD_WITH_ARGUMENTS": "A field with arguments needs a connector of its own.",
    "CONNECTORS_BATCH_KEY_NOT_IN_SELECTION": "A batch must map the key, by which answers are matched.",
    "DUPLICATE_ID_NAME": "Two connectors have one id.",
    "INVALID_CONNECTOR_ID_NAME": "An id of a connector is no name.",
    "UNDEFINED_FIELD": "The expression uses a field that does not exist.",
    "UNDEFINED_ARGUMENT": "The expression uses an argument that does not exist.",
    "SUBSCRIPTION_IN_CONNECTORS": "Connectors cannot resolve subscriptions.",
    "SOURCE_SCHEME": "A source must be http or https.",
    "SOURCE_NAME_MISMATCH": "@connect names a source that is not declared.",
    "SELECTED_FIELD_NOT_FOUND": "The mapping gives a field that the type does not have.",
    "RELATIVE_CONNECT_URL_WITHOUT_SOURCE": "A path needs a source; without one write the whole URL.",
    "ABSOLUTE_CONNECT_URL_WITH_SOURCE": "With a source write only the path.",
    "QUERY_FIELD_MISSING_CONNECT": "A query field has no connector.",
    "MUTATION_FIELD_MISSING_CONNECT": "A mutation field has no connector.",
    "NO_SOURCE_IMPORT": "@source is used but not imported.",
    "NO_SOURCES_DEFINED": "A source is named, and none is declared.",
    "MULTIPLE_HTTP_METHODS": "A connector has more than one HTTP method.",
    "MISSING_HTTP_METHOD": "A connector has no HTTP method.",
    "HTTP_HEADER_NAME_COLLISION": "A header stands twice.",
    "GROUP_SELECTION_REQUIRED_FOR_OBJECT": "An object needs a sub-selection in the mapping.",
    "GROUP_SELECTION_IS_NOT_OBJECT": "A scalar cannot have a sub-selection in the mapping.",
    "UNKNOWN_CONNECTORS_VERSION": "This version of connectors is not known. Link connect v0.1 to v0.4.",
    "EMPTY_SOURCE_NAME": "A source needs a name.",
    "DUPLICATE_SOURCE_NAME": "Two sources have one name.",
    "CONNECTOR_ADDRESS_REFUSED": "The hub does not call this address. Register a public one, or have it allowed.",
    "CONNECTOR_SDL_MISSING": "This kind of connector cannot be asked for its SDL. Hand it in.",
    "CONNECTOR_SDL_TOO_LARGE": "The SDL is over the hub's limit. Split the connector into several.",
    "INVALID_CONNECTOR_CONFIGURATION": "The connector's headers or config cannot be taken; the message says why.",
    "SECRET_IN_ANSWER": "A mapping would put a secret into an answer. Read $env in requests only.",
    "HUB_NAME_TAKEN": "A type or root field has the name of one of the hub's own and is another. Rename it.",
    "CONNECTOR_ADDRESS_MISSING": "This kind of connector needs an address.",
    "UNKNOWN_CONNECTOR_KIND": "There is no such kind of connector.",
    "INVALID_DEPARTMENT_NAME": "A department's name is made of a-z, 0-9 and -, with a letter first.",
    "IDENTITY_FIELD_MISSING": "A personal object appears without the field that says whose it is.",
}

HINTS: Mapping[str, str] = {
    "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE": "hint: a shared field's types differ; the wider one is taken.",
    "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE": "hint: an argument's types differ; the narrower one is taken.",
    "INCONSISTENT_DEFAULT_VALUE_PRESENCE": "hint: a default value stands in some subgraphs only.",
    "INCONSISTENT_ARGUMENT_PRESENCE": "hint: an optional argument is missing in some subgraph and left out.",
    "INCONSISTENT_UNION_MEMBER": "hint: a member of the union is missing in some subgraph.",
    "INCONSISTENT_ENTITY": "hint: a type is an entity in some subgraphs only.",
    "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD": "hint: a field of a value type is missing in some subgraph.",
    "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD": "hint: a field of an interface is missing in some subgraph.",
    "INCONSISTENT_INPUT_OBJECT_FIELD": "hint: an input field is missing in some subgraph and left out.",
    "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM": "hint: an enum value is missing in some subgraph and left out.",
    "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM": "hint: an enum value is missing in some subgraph.",
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE": "hint: a directive is missing in some subgraph and left out.",
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS": "hint: a directive may stand in fewer places elsewhere.",
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE": "hint: a directive is repeatable in some subgraphs only.",
    "NO_EXECUTABLE_DIRECTIVE_INTERSECTION": "hint: a directive has no common place and is left out.",
    "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS": "hint: a directive's arguments differ; they are merged.",
    "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS": "hint: arguments differ; the most frequent win.",
    "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN": "hint: a shared field's possible types differ.",
    "INCONSISTENT_DESCRIPTION": "hint: descriptions differ; the most frequent one is taken.",
    "UNUSED_ENUM_TYPE": "hint: an enum is used nowhere.",
    "IMPLICITLY_UPGRADED_FEDERATION_VERSION": "hint: a subgraph is read as a newer version of Federation.",
    "OVERRIDDEN_FIELD_CAN_BE_REMOVED": "hint: another subgraph took this field over; it can be removed here.",
    "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED": "hint: the field is gone where it was taken over from.",
    "OVERRIDE_MIGRATION_IN_PROGRESS": "hint: a field is taken over by label; two subgraphs serve it.",
    "DIRECTIVE_COMPOSITION_INFO": "hint: @composeDirective changes nothing here.",
    "DIRECTIVE_COMPOSITION_WARN": "hint: a composed directive has another name in some subgraph.",
    "FROM_SUBGRAPH_DOES_NOT_EXIST": "hint: the field is taken over from a subgraph that does not exist.",
}

LINT: Mapping[str, str] = {
    "TYPE_NAME_CASE": "A type's name is not in PascalCase.",
    "FIELD_NAME_CASE": "A field's name is not in camelCase.",
    "ARGUMENT_NAME_CASE": "An argument's name is not in camelCase.",
    "ENUM_VALUE_CASE": "An enum value is not in UPPER_CASE.",
    "TYPE_DESCRIPTION_MISSING": "A type has no description. Say in a sentence what it is.",
    "FIELD_DESCRIPTION_MISSING": "A field has no description. Say what it gives, in which unit.",
    "DEPRECATION_REASON_MISSING": "Something is deprecated without a reason. Say what to use in its place.",
    "LIST_ITEM_NULLABLE": "The items of a list of objects may be null. Write [Type!].",
    "LIST_WITHOUT_PAGES": "A root field gives a list that clients cannot bound. Take `first` and `after`.",
    "KEY_FIELD_NULLABLE": "A field of a @key may be null. Such an object cannot be asked for elsewhere.",
    "IDENTIFIER_NOT_ID": "An identifier is no ID. The type tells clients what they can look up.",
    "TIME_AS_STRING": "A date or time is a String. Use a scalar of its own: Date or DateTime.",
    "MONEY_AS_FLOAT": "Money is a Float, which rounds. Give whole fen as Int.",
    "AGENT_TAKES_COMMANDS": "The department has an agent, which takes all its commands: these mutations get none.",
}

COMMAND_LINE: Mapping[str, str] = {
    "ADDRESS_REFUSED": "A subgraph's address cannot be called. Give an http:// or https:// one.",
    "BAD_SETTINGS": "A setting is wrong; the message names it, its source and the mend.",
    "CANNOT_LISTEN": "The host or port cannot be had. Check --host, and that this user may listen there.",
    "CONFIG_UNREADABLE": "The file of --config is neither TOML nor, named *.json, JSON with names and values.",
    "CERTIFICATE_UNREADABLE": "The file of --ca-file cannot be read as a certificate.",
    "CERTIFICATE_UNUSABLE": "Certificate and key are missing or do not belong together.",
    "CHECK_DOUBTFUL": "With --strict: approval is needed, a probe failed, answers differ, or lint warns.",
    "BROKER_DRIFT": "The broker differs from what the hub needs. `jiyi broker plan` shows the mend.",
    "BROKER_NOT_MENDED": "Something at the broker was left as it is; each has its reason beside it.",
    "DATABASE_UNAVAILABLE": "The database cannot be used. Check JIYI_DATABASE_URL.",
    "DEMO_FAILED": "A process of the demo did not start; the end of its log is in the message.",
    "DEMO_RUNS": "A demo runs in this folder already. Stop it, or use another folder.",
    "DOCUMENT_UNREADABLE": "The document to draft from cannot be read; file or address and reason are named.",
    "BAD_ITEM": "The file is no service item. What is wrong with it is in the message.",
    "CATALOGUE_LINT": "The catalogue breaks at least one of its rules; each line names the item and the mend.",
    "KEYS_UNREADABLE": "The file of --keys is no JWK Set. Save what /oauth/jwks answers.",
    "LICENCE_FILE_UNREADABLE": "A file given to jiyi licence verify cannot be read. The message says which.",
    "HUB_UNREACHABLE": "The hub does not answer as one. Check --hub and --ca-file.",
    "LOGIN_REFUSED": "The sign-in was refused or took too long. Begin again.",
    "NOT_CONFORMING": "At least one check of the conformance kit failed; each has its mend beside it.",
    "BAD_CALENDAR": "The file is no year of the working calendar. See docs/time-limits.md.",
    "CLOCK_REFUSED": "A clock that a file moves is for demos on one machine. Unset JIYI_TEST_CLOCK_FILE.",
    "MOCKS_MISSING": "This installation is without the mock departments; install the package with them.",
    "NOT_WELL": "At least one of doctor's checks failed; each has its mend beside it.",
    "NOTHING_TO_DRAFT": "No connector can be drafted from this; what was expected is in the message.",
    "OPERATION_UNREADABLE": "The file of --operation cannot be read.",
    "ARCHIVE_UNREADABLE": "The file is no sealed case, or it is damaged; or --keys is no JWK Set.",
    "OUTPUT_UNWRITABLE": "The file of --output cannot be written.",
    "PORT_IN_USE": "Somebody listens there; the message names the process and the next free port.",
    "PUBLISH_TOKEN_MISSING": "--publish needs a secret in JIYI_PUBLISH_TOKEN.",
    "SAMPLES_UNREADABLE": "The file of --samples is not what it should be; what, is in the message.",
    "SCHEMA_MISSING": "This kind of connector exists by its SDL alone. Name the file with --schema.",
    "REFERENCE_REFUSED": "A document refers to a file outside its folder, or to another host.",
    "SCHEMA_UNREADABLE": "The file of --schema cannot be read.",
    "SECRET_KEY_UNUSABLE": "The key that encrypts secrets cannot be read, or is too short.",
    "SECRET_KEY_WRONG": "The signing keys were encrypted with a key that is no longer set. Give it back.",
    "SECRET_UNREADABLE": "No secret came: set the variable of --from-env, or write it to stdin.",
    "SESSION_UNREADABLE": "The kept session cannot be read. Sign in again.",
    "STATE_DIRECTORY_UNUSABLE": "The state directory cannot be made or written. Set JIYI_STATE_DIRECTORY.",
    "STEP_FAILED": "A step of the demo's road did not do what it must; the message names it.",
    "SUBGRAPHS_UNREADABLE": "The list of subgraphs cannot be read; file, line and mend are named.",
    "SUPERGRAPH_UNREADABLE": "The file is no join-spec supergraph; every reason is named.",
    "UNKNOWN_CODE": "There is no such code. docs/errors.md lists them all.",
    "UNKNOWN_SCENARIO": "--scenario names none that there is.",
    "UNUSABLE_FILE": "A file given to jiyi mock cannot be used; the message has its name, the place and why.",
    "WORKER_FAILED": "A process of the gateway ended before it served; its own words stand above.",
    "WRONG_USAGE": "These options do not go together; which, and what to do, is in the message.",
}

SECTIONS: Mapping[str, Mapping[str, str]] = {
    "What a client meets": {str(code): text for code, text in RUNTIME_CODES.items()},
    "Reading a subgraph": READING,
    "Field sets": FIELD_SETS,
    "External and overridden fields": EXTERNAL,
    "Interfaces": INTERFACES,
    "Merging": MERGING,
    "Context": CONTEXT,
    "Gathered lists": GATHER,
    "Durable mutations": DURABLE,
    "Connectors and registration": CONNECTORS,
    "Hints": HINTS,
    "Lint": LINT,
    "The command line": COMMAND_LINE,
}


def explanation(code: str) -> str | None:
    """The line of one code; ``None`` for what is no code of ours."""
    for section in SECTIONS.values():
        if code in section:
            return section[code]
    return None


def codes() -> tuple[str, ...]:
    """Every code, sorted."""
    return tuple(sorted({code for section in SECTIONS.values() for code in section}))
