"""交通: driving and vehicle licences over REST, in the department's own words.

Holders are searched by POST, so that no identity number stands in an address.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.licences import LICENCE_TABLE, Licence, LicenceKind, LicenceRegister, today
from mocks.refusal import Refused, read_object, text_of
from mocks.residents import RESIDENTS_FROM_ELSEWHERE, Resident, enterprises, is_known_to, residents
from mocks.serving import Department, Options, serve

ISSUER = "110102-JT"
DRIVING = LicenceKind("driving-licence", "机动车驾驶证", "Driving licence")
VEHICLE = LicenceKind("vehicle-licence", "机动车行驶证", "Vehicle licence")


def build(options: Options) -> Department:
    """The department with its licences, founded from the seed."""
    store = options.open_store(LICENCE_TABLE)
    register = LicenceRegister(store, ISSUER)
    if store.is_new:
        with store.founding():
            for licence in founding_licences(options.seed):
                register.add(licence)

    async def search(request: Request) -> Response:
        holder = text_of(await read_object(request), "holder")
        found = [_show(licence) for licence in register.of_holders(holder)]
        return JSONResponse({"total": len(found), "results": found})

    async def look_up(request: Request) -> Response:
        licence = register.find(request.path_params["number"])
        if request.path_params["issuer"] != ISSUER or licence is None:
            raise Refused(404, "NOT_FOUND", "This department has issued no licence of this number.")
        return JSONResponse(_show(licence))

    def records() -> dict[str, Any]:
        return {"licences": [_show(licence) for licence in register.all()]}

    return Department(
        store,
        records,
        routes=(
            Route("/licences/search", search, methods=["POST"]),
            Route("/licences/{issuer}/{number}", look_up),
        ),
    )


def founding_licences(seed: int) -> list[Licence]:
    """Demo residents drive and own a vehicle; some others do; every third enterprise has a van."""
    random = Random(f"transport {seed}")
    licences: list[Licence] = []
    for place, resident in enumerate(residents(seed)):
        if is_known_to("transport", resident, 60):
            licences += _of_citizen(place, resident, random)
    for place, enterprise in enumerate(enterprises(seed)):
        if place % 3 == 0:
            registered = date(2020, 1, 1) + timedelta(days=random.randrange(1800))
            licences.append(
                Licence(f"JYB{place:05d}", VEHICLE, "Enterprise", enterprise.credit_code, registered, None)
            )
    for place, resident in enumerate(RESIDENTS_FROM_ELSEWHERE):
        licences.append(
            Licence(
                f"1101{99000000 + place}",
                DRIVING,
                "Citizen",
                resident.id_number,
                date(2024, 2, 1),
                date(2030, 2, 1),
            )
        )
    return licences


def _of_citizen(place: int, resident: Resident, random: Random) -> list[Licence]:
    issued = date(2023, 1, 1) + timedelta(days=random.randrange(900))
    driving = Licence(
        f"1101{place:08d}",
        DRIVING,
        "Citizen",
        resident.id_number,
        issued,
        issued.replace(year=issued.year + 10, day=1),
    )
    vehicle = Licence(f"JYA{place:05d}", VEHICLE, "Citizen", resident.id_number, issued, None)
    return [driving, vehicle] if place % 2 == 0 else [driving]


def _show(licence: Licence) -> dict[str, Any]:
    key = "idNumber" if licence.holder_type == "Citizen" else "creditCode"
    return {
        "no": licence.number,
        "issuer": ISSUER,
        "type": licence.kind.code,
        "title": {"zh": licence.kind.name, "en": licence.kind.name_en},
        "owner": {"kind": licence.holder_type, key: licence.holder},
        "validFrom": licence.valid_from.isoformat(),
        "validTo": licence.valid_until and licence.valid_until.isoformat(),
        "status": licence.state_on(today()),
    }


if __name__ == "__main__":
    serve("transport", build)
