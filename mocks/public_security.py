"""公安: who a person is, as a Federation 2 subgraph made with Strawberry; one-time codes by SMS; and household
registration (户口登记) as its part of joint cases.

The SMS is a page of this process (``/phone/{id}``): the mock phone of the demo and of the tests.
"""

from __future__ import annotations

import argparse
import enum
import html
from datetime import date
from typing import Any

import strawberry
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from strawberry.asgi import GraphQL

from mocks.hub_door import HUB_DOOR_TABLES, HubDoor
from mocks.idempotency import IDEMPOTENCY_TABLE
from mocks.identifiers import masked_phone
from mocks.licences import today
from mocks.one_time_codes import ONE_TIME_CODE_TABLE, OneTimeCodes
from mocks.refusal import Refused
from mocks.residents import DEMO_RESIDENTS, RESIDENTS_FROM_ELSEWHERE, Resident, residents
from mocks.serving import Department, Options, serve
from mocks.store import Store
from mocks.sub_case_desk import SUB_CASE_TABLES, SubCaseDesk
from mocks.sub_case_graph import (
    CommandReceipt,
    SubCaseOrder,
    SubCaseSupplement,
    SubCaseUndoing,
    begin,
    take_back,
    take_supplement,
)

TABLES = ONE_TIME_CODE_TABLE + SUB_CASE_TABLES + IDEMPOTENCY_TABLE + HUB_DOOR_TABLES


class PersonRegister:
    """Every resident, by opaque id or by the number of any of their documents."""

    def __init__(self, seed: int) -> None:
        self.people = (*residents(seed), *RESIDENTS_FROM_ELSEWHERE)
        self._by_id = {person.id: person for person in self.people}
        self._by_document = {each.key: (person, each) for person in self.people for each in person.documents}

    def find(self, key: str | None) -> Resident | None:
        person, _ = self._by_document.get(key or "", (None, None))
        return person or self._by_id.get(key or "")

    def holder(self, number: str) -> Resident | None:
        """Whoever may sign in with this document: one that is over proves nothing."""
        person, document = self._by_document.get(number, (None, None))
        is_over = document is not None and document.valid_until is not None and document.valid_until < today()
        return None if is_over else person


@strawberry.enum
class Gender(enum.Enum):
    MALE = "MALE"
    FEMALE = "FEMALE"


@strawberry.federation.type(inaccessible=True)
class RegisteredDocument:
    """A document of a person; a passport's number has its issuer in front."""

    id_number: str
    valid_until: date | None


@strawberry.federation.type(keys=["id", "idNumber"])
class Citizen:
    """A natural person in the person register."""

    id: strawberry.ID
    id_number: str = strawberry.federation.field(inaccessible=True)
    registered_documents: list[RegisteredDocument] = strawberry.federation.field(inaccessible=True)
    name: str
    masked_id_number: str
    gender: Gender
    birth_date: date
    address: str

    @staticmethod
    def resolve_reference(info: strawberry.Info, **key: str) -> Citizen | None:
        register: PersonRegister = info.context["register"]
        return _citizen(register.find(key.get("id") or key.get("idNumber")))


@strawberry.federation.type(inaccessible=True)
class OneTimeCodeRequest:
    """The code is on its way. A number that nobody has gets the same answer, and no code."""

    sent: bool
    masked_phone: str


@strawberry.type
class Mutation:
    @strawberry.federation.mutation(inaccessible=True)  # type: ignore[untyped-decorator]  # Strawberry gives Any
    def public_security_request_one_time_code(self, info: strawberry.Info, id_number: str) -> OneTimeCodeRequest:
        """Send a one-time code to the phone of the person with a document of this number."""
        register: PersonRegister = info.context["register"]
        codes: OneTimeCodes = info.context["codes"]
        person = register.holder(id_number)
        if person is None:
            return OneTimeCodeRequest(sent=True, masked_phone=_invented_phone(id_number))
        codes.send(person.id_number)
        return OneTimeCodeRequest(sent=True, masked_phone=person.masked_phone)

    @strawberry.federation.mutation(inaccessible=True)  # type: ignore[untyped-decorator]  # Strawberry gives Any
    def public_security_verify_one_time_code(
        self, info: strawberry.Info, id_number: str, code: str
    ) -> Citizen | None:
        """The person, when the code is right; a code is good once, for five attempts and five minutes."""
        register: PersonRegister = info.context["register"]
        codes: OneTimeCodes = info.context["codes"]
        person = register.holder(id_number)
        return _citizen(person) if person and codes.redeem(person.id_number, code) else None

    @strawberry.federation.mutation(inaccessible=True)  # type: ignore[untyped-decorator]  # as above
    def public_security_receive_sub_case(self, info: strawberry.Info, input: SubCaseOrder) -> CommandReceipt:
        """Household registration (户口登记) of a newborn child begins."""
        return begin(info, input)

    @strawberry.federation.mutation(inaccessible=True)  # type: ignore[untyped-decorator]  # as above
    def public_security_supplement_sub_case(
        self, info: strawberry.Info, input: SubCaseSupplement
    ) -> CommandReceipt:
        return take_supplement(info, input)

    @strawberry.federation.mutation(inaccessible=True)  # type: ignore[untyped-decorator]  # as above
    def public_security_undo_sub_case(self, info: strawberry.Info, input: SubCaseUndoing) -> CommandReceipt:
        return take_back(info, input)


SCHEMA = strawberry.federation.Schema(mutation=Mutation, types=[Citizen], federation_version="2.9")


def _citizen(person: Resident | None) -> Citizen | None:
    if person is None:
        return None
    return Citizen(
        id=strawberry.ID(person.id),
        id_number=person.id_number,
        registered_documents=[
            RegisteredDocument(id_number=d.key, valid_until=d.valid_until) for d in person.documents
        ],
        name=person.name,
        masked_id_number=person.masked_id_number,
        gender=Gender(person.gender),
        birth_date=person.birth_date,
        address=person.address,
    )


def _invented_phone(id_number: str) -> str:
    """Always the same for one number, so that asking twice does not tell an unknown person from a known one."""
    return masked_phone(f"1990000{sum(id_number.encode()) * 7919 % 10000:04d}")


class PersonGraphQL(GraphQL[dict[str, Any], None]):
    """Strawberry's own ASGI application, with the registers and the desk as context."""

    def __init__(self, register: PersonRegister, codes: OneTimeCodes, store: Store, desk: SubCaseDesk) -> None:
        super().__init__(SCHEMA, graphql_ide=None)
        self._context: dict[str, Any] = {"register": register, "codes": codes, "store": store, "desk": desk}

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        key = request.headers.get("idempotency-key")
        return {**self._context, "request": request, "response": response, "key": key}


def build(options: Options) -> Department:
    """The department with its person register, its codes and the mock phone, and its desk for sub-cases."""
    store: Store = options.open_store(TABLES)
    if store.is_new:
        with store.founding():
            pass
    register = PersonRegister(options.seed)
    codes = OneTimeCodes(store, options.own.code_lifetime)
    door = HubDoor("public-security", store, options.faults)
    desk = SubCaseDesk(store, door.tell, None, "HK", {})

    async def phone(request: Request) -> Response:
        person = register.find(request.path_params["key"])
        message = codes.latest(person.id_number) if person else None
        if person is None or message is None:
            raise Refused(404, "NO_MESSAGE", "No message has come to this person's phone.")
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(_phone_page(person, message["code"]))
        return JSONResponse(
            {"phone": person.masked_phone, "code": message["code"], "message": _message(message["code"])}
        )

    async def people(request: Request) -> Response:
        everybody = request.query_params.get("all") == "true"
        return JSONResponse(
            [_show(person) for person in (residents(options.seed) if everybody else DEMO_RESIDENTS)]
        )

    def records() -> dict[str, Any]:
        codes_sent = store.row("SELECT count(*) AS sent FROM one_time_code")
        return {"citizens": len(register.people), "codes": codes_sent, "subCases": desk.records()}

    return Department(
        store,
        records,
        routes=(
            Route("/graphql", PersonGraphQL(register, codes, store, desk)),
            Route("/phone/{key}", phone),
            Route("/__residents", people),
            *door.routes(),
            *desk.routes(),
        ),
        jobs=(door.run, desk.work),
    )


def _message(code: str) -> str:
    return f"【集易示范区】验证码 {code}，5分钟内有效，请勿告诉他人。Your Jiyi code is {code}. Tell nobody."


def _phone_page(person: Resident, code: str) -> str:
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>短信 SMS</title>'
        f"<h1>{html.escape(person.name)} {person.masked_phone}</h1><p>{html.escape(_message(code))}</p></html>"
    )


def _show(person: Resident) -> dict[str, str]:
    return {
        "id": person.id,
        "idNumber": person.id_number,
        "name": person.name,
        "nameEn": person.name_en,
        "phone": person.phone,
        "birthDate": person.birth_date.isoformat(),
    }


def _own_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--code-lifetime", type=float, default=300.0, help="seconds that a one-time code is good")


if __name__ == "__main__":
    serve("public-security", build, _own_arguments)
