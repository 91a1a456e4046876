"""The identity department, asked over its connector like any other department.

Its contract: two mutations named after it, ``<department>RequestOneTimeCode(idNumber)`` and
``<department>VerifyOneTimeCode(idNumber, code)`` in camel case, hidden from clients by ``@inaccessible``.
Where its ``Citizen`` has ``registeredDocuments``, it names the documents of whoever signs in, and people sign in
with any of them. Source: docs/departments.md, "The identity department".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from auth.sign_in import IdentityUnavailable, VerifiedIdentity
from connectors.connector import Connector, ConnectorFailure, FetchRequest, RequestContext
from hub.gateway import GraphState
from schema.domain.identity_document import IdentityDocument, document_of_key, normalised

_PURPOSE = RequestContext(purpose="sign-in")
_DOCUMENTS_FIELD = "registeredDocuments"
_DOCUMENTS = f"{_DOCUMENTS_FIELD} {{ idNumber validUntil }}"
_AT_THE_WINDOW = RequestContext(purpose="filing for an applicant")


class ConnectedIdentityProvider:
    """:class:`auth.sign_in.IdentityProvider` over whatever connector the department has now.

    ``graph`` is the one in force: whether that department's ``Citizen`` has ``registeredDocuments``.
    """

    def __init__(
        self,
        department: str,
        connector_of: Callable[[str], Connector | None],
        graph: Callable[[], GraphState | None] = lambda: None,
    ) -> None:
        self._department = department
        self._connector_of = connector_of
        self._graph = graph
        self._prefix = _camel_case(department)

    async def request_one_time_code(self, id_number: str) -> None:
        field = f"{self._prefix}RequestOneTimeCode"
        query = f"mutation RequestCode($idNumber: String!) {{ {field}(idNumber: $idNumber) {{ sent }} }}"
        await self._ask(query, {"idNumber": id_number})

    async def verify_one_time_code(self, id_number: str, code: str) -> VerifiedIdentity | None:
        field = f"{self._prefix}VerifyOneTimeCode"
        query = (
            "mutation VerifyCode($idNumber: String!, $code: String!) "
            f"{{ {field}(idNumber: $idNumber, code: $code) {{ {self._fields()} }} }}"
        )
        person = (await self._ask(query, {"idNumber": id_number, "code": code})).get(field)
        return None if person is None else _identity(person)

    async def person_of(self, id_number: str) -> VerifiedIdentity | None:
        """Who has this number, for an officer who files for them; nothing is proved of who stands there."""
        asked_for = f"... on Citizen {{ {self._fields()} }}"
        query = f"query Person($of: [_Any!]!) {{ _entities(representations: $of) {{ {asked_for} }} }}"
        asked = [{"__typename": "Citizen", "idNumber": id_number}]
        found = (await self._ask(query, {"of": asked}, _AT_THE_WINDOW, "query")).get("_entities") or [None]
        person = found[0]
        if not isinstance(person, Mapping) or not person.get("id"):
            return None
        return _identity({"idNumber": id_number, **person})

    def _fields(self) -> str:
        names_documents = _names_documents(self._graph(), self._department)
        return f"id idNumber name {_DOCUMENTS}" if names_documents else "id idNumber name"

    async def _ask(
        self,
        query: str,
        variables: Mapping[str, Any],
        context: RequestContext = _PURPOSE,
        kind: Literal["query", "mutation"] = "mutation",
    ) -> Mapping[str, Any]:
        connector = self._connector_of(self._department)
        if connector is None:
            raise IdentityUnavailable(f'The identity department "{self._department}" is not connected.')
        request = FetchRequest(query, variables, kind=kind, context=context)
        try:
            response = await connector.fetch(request)
        except ConnectorFailure as failure:
            raise IdentityUnavailable(failure.message) from failure
        if response.errors or response.data is None:
            raise IdentityUnavailable("The identity department could not check the person.")
        return response.data


def _names_documents(state: GraphState | None, department: str) -> bool:
    """Whether the graph in force has this department's ``Citizen`` name documents."""
    if state is None:
        return False
    sources = state.supergraph.sources.get(f"Citizen.{_DOCUMENTS_FIELD}", ())
    return any(state.departments.get(each.subgraph) == department for each in sources)


def _identity(person: Mapping[str, Any]) -> VerifiedIdentity:
    """Raises :class:`IdentityUnavailable`. Documents of kinds that the hub does not know are left out."""
    try:
        documents = tuple(_document(each) for each in person.get(_DOCUMENTS_FIELD) or ())
        known = tuple(each for each in documents if each is not None)
        return VerifiedIdentity(str(person["id"]), normalised(person["idNumber"]), person.get("name"), known)
    except (KeyError, TypeError, ValueError) as error:
        raise IdentityUnavailable("The identity department's answer makes no sense.") from error


def _document(told: Mapping[str, Any]) -> IdentityDocument | None:
    document, last = document_of_key(normalised(told["idNumber"])), told.get("validUntil")
    if document is None or last is None:
        return document
    return replace(document, valid_until=date.fromisoformat(last))


def _camel_case(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(word.capitalize() for word in rest)
