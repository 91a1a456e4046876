"""Every name that links bring into one schema means one thing: no two features and elements share it.

A feature owns its namespace ("federation__…" and "@federation"), and each import its local name. Whoever
reads the schema later must tell from a name alone where it comes from.
Source: https://specs.apollo.dev/link/v1.0; the checks are those of Federation 2.12 and later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from schema.directives import INACCESSIBLE, TAG, Feature

_NAMESPACE = re.compile(r"^[A-Za-z_][A-Za-z0-9_.-]*$")
_OLD_NAMESPACES = {TAG: "federation__tag", INACCESSIBLE: "federation__inaccessible"}
"""Older composers wrote these; they have no types, so nothing is ever named below them."""

Imports = Sequence[tuple[str, str]]


class LinkNames:
    """The names taken so far, by the links of one schema in the order of its text."""

    def __init__(self) -> None:
        self._features: dict[str, Feature] = {}
        self._imports: dict[str, tuple[Feature, str]] = {}

    def add(self, feature: Feature, imports: Imports) -> str | None:
        """Take the names of one more link; what stands against it, if anything does."""
        problem = (
            self._repeated(feature)
            or _bad_namespace(feature)
            or self._taken_namespace(feature)
            or self._bad_import(feature, imports)
        )
        if problem is None:
            self._features[feature.namespace] = feature
            self._imports |= {local: (feature, element) for element, local in imports}
        return problem

    def _repeated(self, feature: Feature) -> str | None:
        if any(each.identity == feature.identity for each in self._features.values()):
            return f'"{feature.identity}" is linked already. Bring the links together into one.'
        return None

    def _taken_namespace(self, feature: Feature) -> str | None:
        other = self._features.get(feature.namespace)
        if other is not None:
            return (
                f'"{feature.identity}" cannot be called "{feature.namespace}", as "{other.identity}" is. Choose '
                "another name with `as`."
            )
        for local, (owner, element) in self._imports.items():
            if local == f"@{feature.namespace}" or _namespace_of(local) == feature.namespace:
                return _confusing(owner, element, local, feature)
        return None

    def _bad_import(self, feature: Feature, imports: Imports) -> str | None:
        earlier: dict[str, str] = {}
        for element, local in imports:
            problem = self._confused(feature, element, local) or self._taken(feature, element, local)
            if problem:
                return problem
            if earlier.setdefault(element, local) != local:
                return (
                    f'"{element}" of "{feature.identity}" is imported as "{earlier[element]}" and as "{local}". '
                    "Keep one of them."
                )
            named = next((name for name, known in earlier.items() if known == local and name != element), None)
            if named:
                return f'Of "{feature.identity}", "{named}" and "{element}" are both imported as "{local}".'
        return None

    def _confused(self, feature: Feature, element: str, local: str) -> str | None:
        """A name that reads as a namespaced one must be that one."""
        bare = local.removeprefix("@")
        namespace = _namespace_of(local) or (bare if local.startswith("@") else None)
        if namespace == feature.namespace:
            proper = f"{namespace}__{element.removeprefix('@')}"
            is_itself = bare == namespace and element == f"@{feature.name}"
            return None if bare == proper or is_itself else _confusing(feature, element, local, feature)
        other = self._features.get(namespace or "")
        return _confusing(feature, element, local, other) if other else None

    def _taken(self, feature: Feature, element: str, local: str) -> str | None:
        owner, known = self._imports.get(local, (feature, element))
        if owner.identity == feature.identity:
            return None
        return (
            f'"{local}" is imported from "{owner.identity}" (there "{known}") and from "{feature.identity}". '
            "Rename one of them with `as`."
        )


def _bad_namespace(feature: Feature) -> str | None:
    namespace = feature.namespace
    if _OLD_NAMESPACES.get(feature.identity) == namespace and not feature.imports:
        return None
    if "__" in namespace or namespace.endswith("_") or not _NAMESPACE.match(namespace):
        return (
            f'"{feature.identity}" cannot be called "{namespace}": it must be a GraphQL name without "__" in it '
            'and without "_" at its end. Choose another name with `as`.'
        )
    return None


def _namespace_of(local: str) -> str | None:
    namespace, separator, _ = local.removeprefix("@").partition("__")
    return namespace if separator else None


def _confusing(owner: Feature, element: str, local: str, other: Feature) -> str:
    return (
        f'"{element}" of "{owner.identity}" cannot be imported as "{local}": it reads like something of '
        f'"{other.identity}", which is called "{other.namespace}" here. Rename one of them with `as`.'
    )
