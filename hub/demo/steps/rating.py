"""Stars: one to five, once, by the one whose case it is, when it is finished; each refusal is clear."""

from __future__ import annotations

from typing import Any

from hub.demo.road import Road, expect, expect_equal
from hub.demo.steps.case import FORM, ITEM, SUBMIT

RATE = """mutation Rate($case: ID!, $stars: Int!, $comment: String) {
  rateService(case: $case, stars: $stars, comment: $comment) { stars comment }
}"""
SUMMARY = """query Summary($code: ID!) {
  serviceItem(code: $code) { rating { mean count distribution { stars count } } }
}"""
STARS = 4


async def walk(road: Road) -> None:
    case = road.found["case"]["id"]
    before = await _summary(road)
    await _refused(road, road.token, case, 6, "BAD_USER_INPUT")
    await _refused(road, road.token_of("stranger"), case, 1, "NOT_FOUND")
    await _refused(road, road.token, await _open_case(road), 5, "CASE_NOT_FINISHED")
    given = await road.client.data(RATE, {"case": case, "stars": STARS, "comment": "办得快"}, road.token_of("tv"))
    expect_equal(given["rateService"]["stars"], STARS, "the rating")
    await _refused(road, road.token, case, 5, "ALREADY_RATED")
    after = await _summary(road)
    expect_equal(after["count"], before["count"] + 1, "ratings of the item")
    total = (before["mean"] or 0) * before["count"] + STARS
    expect(abs(after["mean"] - total / after["count"]) < 0.01, f"mean {after['mean']}")
    expect_equal(_of(after, STARS), _of(before, STARS) + 1, f"ratings with {STARS} stars")
    road.answers["rating"] = after


async def _summary(road: Road) -> dict[str, Any]:
    data = await road.client.data(SUMMARY, {"code": ITEM})
    summary: dict[str, Any] = data["serviceItem"]["rating"]
    return summary


async def _open_case(road: Road) -> str:
    given = {"itemCode": ITEM, "form": FORM, "idempotencyKey": f"road-unfinished-{road.run}"}
    case = await road.client.data(SUBMIT, {"input": given}, road.token)
    return str(case["submitCase"]["id"])


async def _refused(road: Road, token: str, case: str, stars: int, code: str) -> None:
    answer = await road.client.graphql(RATE, {"case": case, "stars": stars}, token)
    codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
    expect_equal(codes, [code], f"refusal of {stars} stars")


def _of(summary: dict[str, Any], stars: int) -> int:
    return sum(each["count"] for each in summary["distribution"] if each["stars"] == stars)
