"""Read ``@link``: which specifications a subgraph speaks, and what it calls their directives.

The directives of every known specification get their local names here, imported ("@key"), renamed
("@primaryKey") or namespaced ("@federation__key"); SDL without a federation link is Federation 1.
Source: https://specs.apollo.dev/link/v1.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import SplitResult, urlsplit

from graphql import (
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    value_from_ast_untyped,
)

from schema.composition.link_imports import read_imports
from schema.composition.link_names import LinkNames
from schema.composition.problems import Place, Problems
from schema.directives import (
    CONNECT,
    DURABLE,
    FEDERATION,
    FEDERATION_1,
    FEDERATION_1_DIRECTIVES,
    GATHER,
    LINK,
    OVERLAY,
    SPECIFICATIONS,
    SQL,
    XML,
    Feature,
    Links,
    Version,
    definitions,
    specification,
)

_VERSION = re.compile(r"^v(\d+)\.(\d+)$")
_MACHINERY = frozenset({"_Any", "_Entity", "_Service"})
_MUST_BE_KNOWN = {
    FEDERATION: "UNKNOWN_FEDERATION_LINK_VERSION",
    LINK: "UNKNOWN_LINK_VERSION",
    GATHER: "UNKNOWN_LINK_VERSION",
    DURABLE: "UNKNOWN_LINK_VERSION",
    SQL: "UNKNOWN_LINK_VERSION",
    XML: "UNKNOWN_LINK_VERSION",
    OVERLAY: "UNKNOWN_LINK_VERSION",
}
"""Another version of these means something else, while of others it is left alone like what nobody knows."""


def read_links(name: str, document: DocumentNode, problems: Problems) -> Links:
    """Every ``@link`` of the schema. A wrong one is told and left out."""
    link = _name_of_link(document)
    features = tuple(_read_features(name, link, document, problems)) if link else ()
    federation = next((each.version for each in features if each.identity == FEDERATION), FEDERATION_1)
    features = (*features, *_implicit(features, document))
    return Links(federation, features, _local_directives(features), _machinery(features))


def _name_of_link(document: DocumentNode) -> str | None:
    """What this SDL calls ``@link``; ``None`` where none of its links is one that counts.

    A link counts to the link specification itself, or to one that says how a subgraph takes part. SDL of
    Federation 1 may have a directive of its own with this name.
    """
    for directive in _on_schema(document):
        url, name = str(_argument(directive, "url") or ""), directive.name.value
        if url.startswith(f"{LINK}/") and name == (_argument(directive, "as") or "link"):
            return name
        if name == "link" and url.startswith((FEDERATION, GATHER, CONNECT, SQL, OVERLAY, DURABLE)):
            return name
    return None


def _on_schema(document: DocumentNode) -> Iterator[DirectiveNode]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            yield from definition.directives or ()


def _argument(directive: DirectiveNode, name: str) -> object:
    values = (each.value for each in directive.arguments or () if each.name.value == name)
    return next((value_from_ast_untyped(each) for each in values), None)


def _read_features(name: str, link: str, document: DocumentNode, problems: Problems) -> Iterator[Feature]:
    names = LinkNames()
    applications = [each for each in _on_schema(document) if each.name.value == link]
    if not any(str(_argument(each, "url")).startswith(f"{LINK}/") for each in applications):
        names.add(_link_itself(link), ())
    is_federation_linked = any(str(_argument(each, "url")).startswith(f"{FEDERATION}/") for each in applications)
    for directive in applications:
        place = Place(name, directive)
        read = _read_link(directive, place, problems, is_federation_linked=is_federation_linked)
        if read is None:
            continue
        feature, imports = read
        clash = names.add(feature, imports)
        if clash:
            problems.error("INVALID_LINK_DIRECTIVE_USAGE", clash, place)
        else:
            yield feature


def _link_itself(namespace: str = "link") -> Feature:
    return Feature(f"{LINK}/v1.0", LINK, "link", (1, 0), namespace, {})


def _implicit(features: Iterable[Feature], document: DocumentNode) -> Iterator[Feature]:
    """What needs no ``@link``: the link specification itself and the directives of Federation 1, with
    ``@inaccessible`` where the SDL defines it, since contracts were made by it."""
    linked = {each.identity for each in features}
    if LINK not in linked and (linked or not _defines(document, "link")):
        yield _link_itself()
    if FEDERATION not in linked:
        names = (*FEDERATION_1_DIRECTIVES, *(("inaccessible",) if _defines(document, "inaccessible") else ()))
        imports = {f"@{name}": f"@{name}" for name in names} | {"FieldSet": "_FieldSet"}
        yield Feature(f"{FEDERATION}/v2.0", FEDERATION, "federation", (2, 0), "federation", imports)


def _defines(document: DocumentNode, directive: str) -> bool:
    return any(
        isinstance(each, DirectiveDefinitionNode) and each.name.value == directive for each in document.definitions
    )


def _read_link(
    directive: DirectiveNode, place: Place, problems: Problems, *, is_federation_linked: bool
) -> tuple[Feature, tuple[tuple[str, str], ...]] | None:
    url = _argument(directive, "url")
    if not isinstance(url, str) or not url:
        problems.error("INVALID_LINK_DIRECTIVE_USAGE", "@link needs a url, for example "
                       f'@link(url: "{FEDERATION}/v2.9", import: ["@key"]).', place)  # fmt: skip
        return None
    parsed = _parse_url(url)
    if isinstance(parsed, str):
        problems.error(
            "INVALID_LINK_IDENTIFIER",
            f'@link(url: "{url}") {parsed}. Write it as "https://…/name/v1.0".',
            place,
        )
        return None
    identity, version = parsed
    if identity in _MUST_BE_KNOWN and specification(identity, version) is None:
        if identity == LINK and is_federation_linked:
            # It is then read as one more link, beside the version that is always there.
            problems.error(
                "INVALID_LINK_DIRECTIVE_USAGE",
                f'"{LINK}" is linked already, in version v1.0. Remove {url}, or link that version.',
                place,
            )
        else:
            _tell_unknown_version(identity, version, place, problems)
        return None
    if _argument(directive, "for") == "SECURITY" and identity not in SPECIFICATIONS:
        # Whoever leaves out a rule of access that is not understood opens what the rule guards.
        problems.error(
            "INVALID_LINK_DIRECTIVE_USAGE",
            f'"{url}" is linked for: SECURITY, and its rules are not known here. Say them with @authenticated, '
            "@requiresScopes or @policy and remove the link, or remove its purpose where no rule is meant.",
            place,
        )
        return None
    alias = _argument(directive, "as")
    name = identity.rsplit("/", 1)[-1]
    imports = read_imports(
        _argument(directive, "import"), url, specification(identity, version), version, place, problems
    )
    feature = Feature(url, identity, name, version, name if alias is None else str(alias), dict(reversed(imports)))
    return feature, imports


def _parse_url(url: str) -> tuple[str, Version] | str:
    """Identity and version, or what the URL lacks."""
    split = _split(url)
    if split is None or not split.scheme or not split.netloc:
        return "is no URL"
    *path, last = split.path.split("/")
    match = _VERSION.match(last)
    if match is None:
        return "does not end in a version"
    if not path or not path[-1]:
        return "has no name before its version"
    return f"{split.scheme}://{split.netloc.lower()}{'/'.join(path)}", (int(match[1]), int(match[2]))


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _tell_unknown_version(identity: str, version: Version, place: Place, problems: Problems) -> None:
    known = ", ".join(f"v{major}.{minor}" for major, minor in SPECIFICATIONS[identity].versions)
    problems.error(
        _MUST_BE_KNOWN[identity],
        f'"{identity}" has no version v{version[0]}.{version[1]} known here. Link one of {known}.',
        place,
    )


def _local_directives(features: Iterable[Feature]) -> dict[str, str]:
    return {
        feature.local_name(element)[1:]: element[1:]
        for feature in features
        for element in _elements(feature)
        if element.startswith("@")
    }


def _machinery(features: Iterable[Feature]) -> frozenset[str]:
    types = {
        feature.local_name(element)
        for feature in features
        for element in _elements(feature)
        if not element.startswith("@")
    }
    return _MACHINERY | types


def _elements(feature: Feature) -> Iterable[str]:
    known = specification(feature.identity, feature.version)
    return definitions(feature.identity, feature.version) if known else ()
