"""Read the ``import`` argument of one ``@link``: elements, and the names that they are given.

Source: https://specs.apollo.dev/link/v1.0, "Import".
"""

from __future__ import annotations

import re

from schema.composition.problems import Place, Problems
from schema.directives import Specification, Version

_NAME = re.compile(r"^@?[A-Za-z_][A-Za-z0-9_]*$")


def read_imports(
    value: object,
    url: str,
    specification: Specification | None,
    version: Version,
    place: Place,
    problems: Problems,
) -> tuple[tuple[str, str], ...]:
    """Pairs of element and local name, in the order of the text. A wrong one is told and left out."""
    if value is None:
        return ()
    if not isinstance(value, list):
        _tell(f'@link(url: "{url}") has no list of imports. Write import: ["@name"].', place, problems)
        return ()
    read = []
    for each in value:
        pair = _import_pair(each)
        if isinstance(pair, str):
            _tell(f'@link(url: "{url}") imports {each!r}: {pair}.', place, problems)
        elif specification and specification.elements.get(pair[0], (99, 0)) > version:
            known = _known(specification, version)
            _tell(f'"{url}" has no element "{pair[0]}". It has {known}.', place, problems)
        else:
            read.append(pair)
    return tuple(read)


def _import_pair(value: object) -> tuple[str, str] | str:
    """Element and local name, or what is wrong."""
    if isinstance(value, str):
        return value, value
    if not isinstance(value, dict) or not value.keys() <= {"name", "as"} or "name" not in value:
        return 'write "@name" or { name: "@name", as: "@other" }'
    element, local = value["name"], value.get("as", value["name"])
    if not (isinstance(element, str) and isinstance(local, str) and _NAME.match(element) and _NAME.match(local)):
        return "use GraphQL names"
    if element.startswith("@") != local.startswith("@"):
        return "write @ on both names of a directive, and on neither of a type"
    return element, local


def _known(specification: Specification, version: Version) -> str:
    return ", ".join(name for name, since in sorted(specification.elements.items()) if since <= version)


def _tell(message: str, place: Place, problems: Problems) -> None:
    problems.error("INVALID_LINK_DIRECTIVE_USAGE", message, place)
