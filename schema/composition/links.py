"""Read ``@link``: which specifications a subgraph speaks, and what it calls their directives.

The directives of every known specification get their local names here, imported ("@key"), renamed
("@primaryKey") or namespaced ("@federation__key"); SDL without a federation link is Federation 1.
Source: https://specs.apollo.dev/link/v1.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from graphql import (
    DirectiveNode,
    DocumentNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    value_from_ast_untyped,
)

from schema.composition.problems import Place, Problems
from schema.directives import (
    FEDERATION,
    FEDERATION_1,
    FEDERATION_1_DIRECTIVES,
    LINK,
    SPECIFICATIONS,
    UNSUPPORTED_DIRECTIVES,
    Feature,
    Links,
    Specification,
    Version,
)

_URL = re.compile(r"^(?P<identity>[a-z]+://[^?#]*?)/v(?P<major>\d+)\.(?P<minor>\d+)/?$")
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_MACHINERY = frozenset({"_Any", "_Entity", "_Service", "_FieldSet"})


def read_links(name: str, document: DocumentNode, problems: Problems) -> Links:
    """Every ``@link`` of the schema. A wrong one is told and left out."""
    features = tuple(
        feature
        for directive in _link_applications(document)
        if (feature := _read_link(directive, Place(name, directive), problems))
    )
    federation = next((each.version for each in features if each.identity == FEDERATION), FEDERATION_1)
    features = (*features, *_implicit(features))
    return Links(federation, features, _local_directives(features), _machinery(features))


def _implicit(features: Iterable[Feature]) -> Iterable[Feature]:
    """What needs no ``@link``: the link specification itself and the directives of Federation 1."""
    linked = {each.identity for each in features}
    if LINK not in linked:
        yield Feature(f"{LINK}/v1.0", LINK, "link", (1, 0), "link", {})
    if FEDERATION not in linked:
        imports = {f"@{name}": f"@{name}" for name in FEDERATION_1_DIRECTIVES} | {"FieldSet": "_FieldSet"}
        yield Feature(f"{FEDERATION}/v2.0", FEDERATION, "federation", (2, 0), "federation", imports)


def _link_applications(document: DocumentNode) -> Iterable[DirectiveNode]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            yield from (each for each in definition.directives or () if _is_link(each))


def _is_link(directive: DirectiveNode) -> bool:
    """``@link`` under its own name, or under the name that linking the link specification gives it."""
    return directive.name.value == "link" or (
        _arguments(directive).get("as") == directive.name.value
        and str(_arguments(directive).get("url", "")).startswith(f"{LINK}/")
    )


def _read_link(directive: DirectiveNode, place: Place, problems: Problems) -> Feature | None:
    arguments = _arguments(directive)
    url = arguments.get("url")
    if not isinstance(url, str) or not url:
        problems.error("INVALID_LINK_DIRECTIVE_USAGE", "@link needs a url, for example "
                       f'@link(url: "{FEDERATION}/v2.9", import: ["@key"]).', place)  # fmt: skip
        return None
    match = _URL.match(url)
    if match is None:
        problems.error(
            "INVALID_LINK_IDENTIFIER",
            f'@link(url: "{url}") does not end in a version. Write it as "https://…/name/v1.0".',
            place,
        )
        return None
    identity, version = match["identity"], (int(match["major"]), int(match["minor"]))
    specification = SPECIFICATIONS.get(identity)
    if not _is_usable(identity, version, specification, arguments, place, problems):
        return None
    spec_name = identity.rsplit("/", 1)[-1]
    namespace = arguments.get("as") or (specification.name if specification else spec_name)
    if not isinstance(namespace, str) or not _NAME.match(namespace) or "__" in namespace:
        problems.error(
            "INVALID_LINK_DIRECTIVE_USAGE",
            f'@link(as: "{namespace}") is no GraphQL name without "__". Choose another name for "{url}".',
            place,
        )
        return None
    imports = _read_imports(arguments.get("import") or (), url, specification, version, place, problems)
    return Feature(url, identity, spec_name, version, namespace, imports)


def _is_usable(
    identity: str,
    version: Version,
    specification: Specification | None,
    arguments: dict[str, object],
    place: Place,
    problems: Problems,
) -> bool:
    if specification is None:
        return _is_harmless(identity, arguments, place, problems)
    if version in specification.versions:
        return True
    known = ", ".join(f"v{major}.{minor}" for major, minor in specification.versions)
    code = "UNKNOWN_FEDERATION_LINK_VERSION" if identity == FEDERATION else "UNKNOWN_LINK_VERSION"
    problems.error(
        code, f'"{identity}" has no version v{version[0]}.{version[1]} known here. Link one of {known}.', place
    )
    return False


def _is_harmless(identity: str, arguments: dict[str, object], place: Place, problems: Problems) -> bool:
    """A specification of somebody else's: fine, unless it asks not to be ignored, or is one of Federation's."""
    purpose = arguments.get("for")
    if identity.startswith("https://specs.apollo.dev/") and identity.rsplit("/", 1)[-1] in UNSUPPORTED_DIRECTIVES:
        problems.error(
            "UNSUPPORTED_LINKED_FEATURE",
            f'"{identity}" is not supported. {UNSUPPORTED_DIRECTIVES[identity.rsplit("/", 1)[-1]]}',
            place,
        )
        return False
    if purpose is not None:
        problems.error(
            "UNSUPPORTED_LINKED_FEATURE",
            f'"{identity}" is linked for: {purpose}, so it must not be ignored, and it is not known here. '
            'Remove the link or its "for".',
            place,
        )
        return False
    return True


def _read_imports(
    imports: object,
    url: str,
    specification: Specification | None,
    version: Version,
    place: Place,
    problems: Problems,
) -> dict[str, str]:
    read: dict[str, str] = {}
    for each in imports if isinstance(imports, list | tuple) else (imports,):
        pair = _import_pair(each)
        if pair is None:
            problems.error(
                "INVALID_LINK_DIRECTIVE_USAGE",
                f'@link(url: "{url}") imports {each!r}. Write "@name" or {{ name: "@name", as: "@other" }}, '
                "with @ on both or on neither.",
                place,
            )
            continue
        element, local = pair
        if specification and specification.elements.get(element, (99, 0)) > version:
            problems.error(
                "INVALID_LINK_DIRECTIVE_USAGE",
                f'"{url}" has no element "{element}".{_known(specification, version)}',
                place,
            )
            continue
        read[element] = local
    return read


def _import_pair(value: object) -> tuple[str, str] | None:
    if isinstance(value, str):
        return (value, value) if _NAME.match(value.removeprefix("@")) else None
    if not isinstance(value, dict) or not value.keys() <= {"name", "as"}:
        return None
    element, local = value.get("name"), value.get("as", value.get("name"))
    if not isinstance(element, str) or not isinstance(local, str):
        return None
    well_named = _NAME.match(element.removeprefix("@")) and _NAME.match(local.removeprefix("@"))
    return (element, local) if well_named and element.startswith("@") == local.startswith("@") else None


def _known(specification: Specification, version: Version) -> str:
    names = ", ".join(name for name, since in sorted(specification.elements.items()) if since <= version)
    return f" It has {names}."


def _local_directives(features: Iterable[Feature]) -> dict[str, str]:
    return {
        feature.local_name(element)[1:]: element[1:]
        for feature in features
        for element, since in _elements(feature).items()
        if element.startswith("@") and since <= feature.version
    }


def _machinery(features: Iterable[Feature]) -> frozenset[str]:
    types = {
        feature.local_name(element)
        for feature in features
        for element in _elements(feature)
        if not element.startswith("@")
    }
    return _MACHINERY | types


def _elements(feature: Feature) -> dict[str, Version]:
    specification = SPECIFICATIONS.get(feature.identity)
    return dict(specification.elements) if specification else {}


def _arguments(directive: DirectiveNode) -> dict[str, object]:
    return {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}
