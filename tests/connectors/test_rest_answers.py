"""What an answer of the service means to the field that asked."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.connector import ConnectorFailure, FetchRequest
from schema.errors import RuntimeCode
from tests.connectors.rest_service import Asked, service

SDL = """
type Query {
  a: A @connect(source: "api", http: { GET: "/a" }, selection: "id n list day", RULES)
  b: String! @connect(source: "api", http: { GET: "/b" }, selection: "$.text")
  c: A @connect(source: "api", http: { GET: "/c" }, selection: "id")
}
type A { id: ID n: Int list: [String!] day: Day
  any: JSON @connect(source: "api", http: { GET: "/any/{$this.id}" }, selection: "$") }
scalar Day
scalar JSON
"""
PLAIN = SDL.replace(", RULES", "")


def by_path(**answers: Any) -> Any:
    return lambda asked: answers[asked.url.removeprefix("/api/").replace("/", "_")]


async def test_values_pass_as_they_are() -> None:
    """Scalars of our own are not interpreted; a mapped whole is."""
    async with service(
        PLAIN, by_path(a={"id": 1, "n": 2, "list": ["x"], "day": "2026-11-02"}, any_1=[{"x": None}])
    ) as api:
        response = await api.fetch("{ a { id n list day any } }")
        assert response.data == {
            "a": {"id": "1", "n": 2, "list": ["x"], "day": "2026-11-02", "any": [{"x": None}]}
        }


@pytest.mark.parametrize(
    "wrong", [{"n": "secret-7"}, {"list": "secret-7"}, {"list": ["a", None]}, {"list": {"secret-7": 1}}]
)
async def test_a_value_of_the_wrong_type_is_an_error_that_does_not_quote_it(wrong: dict[str, Any]) -> None:
    """What a department sends may be personal data."""
    async with service(PLAIN, by_path(a={"id": 1, **wrong})) as api:
        response = await api.fetch("{ a { id n list } }")
        assert response.data is not None
        assert response.data["a"]["id"] == "1"
        assert response.errors[0]["extensions"]["code"] == "DEPARTMENT_WRONG_TYPE"
        assert "secret" not in str(response.errors)


async def test_text_where_an_object_belongs_gives_no_python_attribute() -> None:
    """A string has a title and a format; a hostile service must not reach them."""
    async with service(PLAIN.replace("id n list day", "$"), by_path(a="text")) as api:
        response = await api.fetch("{ a { id n } }")
        assert response.data == {"a": {"id": None, "n": None}}
        assert response.errors[0]["extensions"]["code"] == "DEPARTMENT_WRONG_TYPE"


async def test_a_status_that_is_no_success_is_an_error_of_its_field() -> None:
    """Not found too, as the convention has it: isSuccess says otherwise where that is an answer."""
    async with service(PLAIN, by_path(a=(404, {}), b=(404, {}))) as api:
        response = await api.fetch("{ a { id } }")
        assert response.data == {"a": None}
        assert response.errors[0]["extensions"]["code"] == "CONNECTOR_FETCH"
        response = await api.fetch("{ b }")
        assert response.data is None
        assert response.errors[0]["extensions"]["http"] == {"status": 404}


async def test_a_refusal_is_told_with_status_and_coordinate_and_no_body() -> None:
    """Enough for the department to find it, nothing for an attacker."""
    async with service(PLAIN, by_path(a=(403, {"why": "canary"}), c={"id": 1})) as api:
        response = await api.fetch("{ x: a { id } c { id } }")
        assert response.data == {"x": None, "c": {"id": "1"}}
        assert response.errors == (
            {
                "message": "Request failed",
                "path": ["x"],
                "extensions": {
                    "code": "CONNECTOR_FETCH",
                    "http": {"status": 403},
                    "connector": {"coordinate": "test:Query.a@connect[0]"},
                },
            },
        )


async def test_the_sdl_may_say_what_is_told_of_a_refusal() -> None:
    """errors: maps the service's own words and extensions."""
    rules = 'errors: { message: "$.why", extensions: "why: $.code status: $status" }'
    async with service(SDL.replace("RULES", rules), by_path(a=(422, {"why": "闭馆", "code": "CLOSED"}))) as api:
        (error,) = (await api.fetch("{ a { id } }")).errors
        assert error["message"] == "闭馆"
        assert error["extensions"]["why"] == "CLOSED"
        assert error["extensions"]["status"] == 422
        assert error["extensions"]["code"] == "CONNECTOR_FETCH"


async def test_the_sdl_may_say_what_success_is() -> None:
    """Services that say no with 200, and yes with 409."""
    rules = 'isSuccess: "$.ok->eq(true)"'
    async with service(SDL.replace("RULES", rules), by_path(a=(200, {"ok": False}))) as api:
        assert (await api.fetch("{ a { id } }")).errors
    async with service(SDL.replace("RULES", rules), by_path(a=(409, {"ok": True, "id": 5}))) as api:
        assert (await api.fetch("{ a { id } }")).data == {"a": {"id": "5"}}


async def test_one_failing_call_among_others_is_an_error_of_its_field() -> None:
    """The rest of the department's answer is kept."""
    async with service(PLAIN, by_path(a=(503, {}), c={"id": 1})) as api:
        response = await api.fetch("{ a { id } c { id } }")
        assert response.data == {"a": None, "c": {"id": "1"}}
        assert response.errors[0]["extensions"]["code"] == "CONNECTOR_FETCH"
        assert response.failure is None


@pytest.mark.parametrize("status", [500, 502, 503, 429])
async def test_when_every_call_fails_alike_the_answer_speaks_against_the_department(status: int) -> None:
    """So that the breaker counts it, and each field tells its own status all the same."""
    async with service(PLAIN, lambda _: (status, {})) as api:
        response = await api.fetch("{ a { id } c { id } }")
        assert {error["extensions"]["http"]["status"] for error in response.errors} == {status}
        assert response.failure is not None
        assert response.failure.code == RuntimeCode.DEPARTMENT_BAD_STATUS


async def test_a_command_whose_service_fails_is_a_failure_of_the_connector() -> None:
    """The queue sends it again where that is safe; an answer would be taken for the outcome."""
    sdl = PLAIN + 'type Mutation { m: A @connect(source: "api", http: { POST: "/m" }, selection: "id") }'
    async with service(sdl, lambda _: (503, {})) as api:
        with pytest.raises(ConnectorFailure) as caught:
            await api.connector.fetch(FetchRequest("mutation { m { id } }", kind="mutation"))
        assert caught.value.code == RuntimeCode.DEPARTMENT_BAD_STATUS


async def test_a_redirect_is_not_followed() -> None:
    """Where the hub calls is decided by the SDL alone."""

    def answer(asked: Asked) -> Any:
        return (302, {})

    async with service(PLAIN, answer) as api:
        response = await api.fetch("{ a { id } }")
        assert response.errors[0]["extensions"]["http"] == {"status": 302}
        assert len(api.asked) == 1


async def test_deep_json_is_malformed() -> None:
    """Nesting without end is refused by the reader, not by the stack."""
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    async with service(PLAIN, by_path(a={"id": 1, "n": 1, "list": deep})) as api:
        response = await api.fetch("{ a { id list } }")
        assert response.errors[0]["extensions"]["code"] == "DEPARTMENT_WRONG_TYPE"
