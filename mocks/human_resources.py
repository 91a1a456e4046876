"""人社: social-security cards, as a Federation 2 subgraph made with Strawberry.

The department that joins last, while all others run: it adds its part to ``Citizen.licences`` and a field.
"""

from __future__ import annotations

import enum
from datetime import date, timedelta
from random import Random
from typing import Annotated, Any

import strawberry
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.federation.schema_directives import Key

from mocks import licences
from mocks.gather import GATHER_LINK, Gather
from mocks.licences import LICENCE_TABLE, LicenceKind, LicenceRegister
from mocks.residents import is_known_to, residents
from mocks.serving import Department, Options, serve

ISSUER = "110102-RS"
CARD = LicenceKind("social-security-card", "社会保障卡", "Social security card")


@strawberry.enum
class LicenceState(enum.Enum):
    VALID = "VALID"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"


@strawberry.federation.type(keys=[Key(fields="code", resolvable=False)])  # type: ignore[arg-type]  # a FieldSet is text
class Organisation:
    code: strawberry.ID


@strawberry.federation.type(keys=[Key(fields="creditCode", resolvable=False)])  # type: ignore[arg-type]  # as above
class Enterprise:
    credit_code: strawberry.ID


@strawberry.federation.type(keys=["idNumber"])
class Citizen:
    id_number: str = strawberry.federation.field(inaccessible=True)

    @strawberry.field(directives=[Gather()])  # type: ignore[untyped-decorator]  # Strawberry gives Any
    def licences(self, info: strawberry.Info) -> list[Licence]:
        return [_licence(card) for card in _register(info).of_holders(self.id_number)]

    @strawberry.field
    def social_security_card_number(self, info: strawberry.Info) -> str | None:
        """The number of the card that is valid now."""
        cards = _register(info).of_holders(self.id_number)
        return next((card.number for card in cards if card.state_on(licences.today()) == "VALID"), None)

    @staticmethod
    def resolve_reference(**key: str) -> Citizen:
        return Citizen(id_number=key["idNumber"])


Holder = Annotated[Citizen | Enterprise, strawberry.union("Holder")]


@strawberry.federation.type(keys=["issuerCode number"], shareable=True)
class Licence:
    issuer_code: strawberry.ID
    number: strawberry.ID
    kind: str
    name: str
    name_en: str
    issuer: Organisation
    holder: Holder
    valid_from: date | None
    valid_until: date | None
    state: LicenceState

    @staticmethod
    def resolve_reference(info: strawberry.Info, **key: str) -> Licence | None:
        card = _register(info).find(key["number"]) if key["issuerCode"] == ISSUER else None
        return _licence(card) if card else None


SCHEMA = strawberry.federation.Schema(
    types=[Citizen, Enterprise, Licence, Organisation], schema_directives=[GATHER_LINK], federation_version="2.9"
)


class CardGraphQL(GraphQL[dict[str, Any], None]):
    """Strawberry's own ASGI application, with the register as context."""

    def __init__(self, register: LicenceRegister) -> None:
        super().__init__(SCHEMA, graphql_ide=None)
        self._register = register

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        return {"register": self._register, "request": request, "response": response}


def build(options: Options) -> Department:
    """The department with its cards, founded from the seed."""
    store = options.open_store(LICENCE_TABLE)
    register = LicenceRegister(store, ISSUER)
    if store.is_new:
        with store.founding():
            for card in founding_cards(options.seed):
                register.add(card)

    def records() -> dict[str, Any]:
        return {"cards": [{"number": card.number, "holder": card.holder} for card in register.all()]}

    return Department(store, records, routes=(Route("/graphql", CardGraphQL(register)),))


def founding_cards(seed: int) -> list[licences.Licence]:
    """A card for those the department knows, good for ten years."""
    random = Random(f"human resources {seed}")
    cards = []
    for place, resident in enumerate(residents(seed)):
        if is_known_to("human-resources", resident, 70):
            issued = date(2021, 1, 1) + timedelta(days=random.randrange(1500))
            until = issued.replace(year=issued.year + 10, day=1)
            cards.append(licences.Licence(f"A{place:08d}", CARD, "Citizen", resident.id_number, issued, until))
    return cards


def _register(info: strawberry.Info) -> LicenceRegister:
    register: LicenceRegister = info.context["register"]
    return register


def _licence(card: licences.Licence) -> Licence:
    return Licence(
        issuer_code=strawberry.ID(ISSUER),
        number=strawberry.ID(card.number),
        kind=card.kind.code,
        name=card.kind.name,
        name_en=card.kind.name_en,
        issuer=Organisation(code=strawberry.ID(ISSUER)),
        holder=Citizen(id_number=card.holder),
        valid_from=card.valid_from,
        valid_until=card.valid_until,
        state=LicenceState(card.state_on(licences.today())),
    )


if __name__ == "__main__":
    serve("human-resources", build)
