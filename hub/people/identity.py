"""The identity department, asked over its connector like any other department.

Its contract: two mutations named after it, ``<department>RequestOneTimeCode(idNumber)`` and
``<department>VerifyOneTimeCode(idNumber, code)`` in camel case, hidden from clients by ``@inaccessible``.
Source: docs/departments.md, "The identity department".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from auth.sign_in import IdentityUnavailable, VerifiedIdentity
from connectors.connector import Connector, ConnectorFailure, FetchRequest, RequestContext

_PURPOSE = RequestContext(purpose="sign-in")
_AT_THE_WINDOW = RequestContext(purpose="filing for an applicant")


class ConnectedIdentityProvider:
    """:class:`auth.sign_in.IdentityProvider` over whatever connector the department has now."""

    def __init__(self, department: str, connector_of: Callable[[str], Connector | None]) -> None:
        self._department = department
        self._connector_of = connector_of
        self._prefix = _camel_case(department)

    async def request_one_time_code(self, id_number: str) -> None:
        field = f"{self._prefix}RequestOneTimeCode"
        query = f"mutation RequestCode($idNumber: String!) {{ {field}(idNumber: $idNumber) {{ sent }} }}"
        await self._ask(query, {"idNumber": id_number})

    async def verify_one_time_code(self, id_number: str, code: str) -> VerifiedIdentity | None:
        field = f"{self._prefix}VerifyOneTimeCode"
        query = (
            "mutation VerifyCode($idNumber: String!, $code: String!) "
            f"{{ {field}(idNumber: $idNumber, code: $code) {{ id idNumber name }} }}"
        )
        person = (await self._ask(query, {"idNumber": id_number, "code": code})).get(field)
        if person is None:
            return None
        try:
            return VerifiedIdentity(str(person["id"]), str(person["idNumber"]), person.get("name"))
        except (KeyError, TypeError) as error:
            raise IdentityUnavailable("The identity department's answer makes no sense.") from error

    async def person_of(self, id_number: str) -> VerifiedIdentity | None:
        """Who has this number, for an officer who files for them; nothing is proved of who stands there."""
        query = "query Person($of: [_Any!]!) { _entities(representations: $of) { ... on Citizen { id name } } }"
        asked = [{"__typename": "Citizen", "idNumber": id_number}]
        found = (await self._ask(query, {"of": asked}, _AT_THE_WINDOW, "query")).get("_entities") or [None]
        person = found[0]
        if not isinstance(person, Mapping) or not person.get("id"):
            return None
        return VerifiedIdentity(str(person["id"]), id_number, person.get("name"))

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


def _camel_case(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(word.capitalize() for word in rest)
