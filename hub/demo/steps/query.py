"""One query over all departments; each list equals what the departments themselves hold."""

from __future__ import annotations

from typing import Any

from hub.demo.road import Road, expect, expect_equal

ME = """query Me {
  me {
    name
    licences { number kind issuer { name } validUntil }
    fees { number name amountFen state settlement { receiptNumber } }
    cases { receiptNumber state item { name } }
  }
}"""
TWO_HOPS = """query Holders {
  me { licences { number holder { __typename
    ... on Citizen { name enterprises { name } }
    ... on Enterprise { name legalRepresentative { name } } } } }
}"""
LISTS = {
    "civil-affairs": ("certificates", "number", "validUntil"),
    "market-regulation": ("licences", "number", "validUntil"),
    "transport": ("results", "no", "validTo"),
}
"""In each department's own words: the list, a licence's number, the last day of its validity."""
GATHERED = ("civil-affairs", "market-regulation", "transport")


async def walk(road: Road) -> None:
    answer = await road.client.graphql(ME, token=road.token)
    expect(not answer.get("errors"), f"errors: {answer.get('errors')}")
    again = await road.client.graphql(ME, token=road.token)
    expect_equal(again["data"], answer["data"], "the same query twice")
    licences = [licence["number"] for licence in answer["data"]["me"]["licences"]]
    expect_equal(licences, await held_by_departments(road, GATHERED), "gathered licences")
    expect(len(licences) >= len(GATHERED), f"only {len(licences)} licences")
    valid = {each["number"]: each["validUntil"] for each in answer["data"]["me"]["licences"]}
    stated = {number: until for name in GATHERED for number, until in await validities_at(road, name)}
    expect_equal(valid, stated, "validity of the licences")
    names = {part["service"]: (part["state"], part["count"]) for part in sources(answer)}
    expected = {name: ("ok", len(await held_by(road, name))) for name in GATHERED}
    # The hub has a part too: what it issued itself, which is nothing yet.
    expected["hub"] = ("ok", 0)
    expect_equal(names, expected, "extensions.sources")
    expect(all(each["issuer"]["name"] for each in answer["data"]["me"]["licences"]), "an issuer has no name")
    hops = await road.client.data(TWO_HOPS, token=road.token)
    await _check_hops(road, hops["me"]["licences"])
    road.found["licences"] = licences
    road.answers["query"] = {"me": answer["data"]["me"], "sources": answer["extensions"]["sources"]}
    road.answers["two-hops"] = hops


def sources(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of ``me.licences`` as the answer's provenance tells them."""
    for source in answer.get("extensions", {}).get("sources", []):
        if source["path"] == ["me", "licences"]:
            parts: list[dict[str, Any]] = source["parts"]
            return parts
    return []


async def held_by_departments(road: Road, names: tuple[str, ...]) -> list[str]:
    """Licence numbers as the departments hold them, in the order of a gathered list."""
    return [number for name in sorted(names) for number in await held_by(road, name)]


async def held_by(road: Road, department: str) -> list[str]:
    """Numbers of the person's licences, asked at the department's own door in its own words."""
    if department in LISTS:
        return [number for number, _ in await validities_at(road, department)]
    records = await road.client.json(f"{road.door(department)}/__records")
    return [each["number"] for each in records["cards"] if each["holder"] == road.person.id_number]


async def validities_at(road: Road, department: str) -> list[tuple[str, str | None]]:
    """Number and last day of each of the person's licences, in the department's own words."""
    found, number, until = LISTS[department]
    asked = {"holder": road.person.id_number}
    answer = await road.client.json(f"{road.door(department)}/licences/search", "POST", asked)
    return [(each[number], each[until]) for each in answer[found]]


async def _check_hops(road: Road, licences: list[dict[str, Any]]) -> None:
    citizens = [each["holder"] for each in licences if each["holder"]["__typename"] == "Citizen"]
    enterprises = [each["holder"] for each in licences if each["holder"]["__typename"] == "Enterprise"]
    expect(citizens and enterprises, "the person holds no licence of each kind of holder")
    expect_equal({each["name"] for each in citizens}, {road.person.name}, "holders' names")
    asked = {"legalRepresentative": road.person.id_number}
    own = await road.client.json(f"{road.door('market-regulation')}/enterprises/search", "POST", asked)
    expected = sorted(each["name"] for each in own["enterprises"])
    for each in citizens:
        expect_equal(sorted(one["name"] for one in each["enterprises"]), expected, "the person's enterprises")
    for each in enterprises:
        expect_equal(each["legalRepresentative"]["name"], road.person.name, "the legal representative")
