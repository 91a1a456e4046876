"""A durable mutation from the client's side: a ticket at once, the department's answer when there is one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.connector import ConnectorFailure
from schema.errors import RuntimeCode
from tests.hub.durable.department import SDL, Durable
from tests.hub.world import ANNA, ANNA_NUMBER, BO, OPERATOR, World

CHANGE = """mutation ($street: String! = "Blossom Lane 3") {
  changeAddress(address: { street: $street }) { id state result { number street } } }"""
TICKET = """query ($id: ID!) { durableTicket(id: $id) {
  __typename id state department field sentAt doneAt expiresAt canBeCancelled error { code message }
  ... on ChangeAddressDurableTicket { result { number street } } } }"""
WHOLE = TICKET.replace("street }", "street kind }")


@pytest.fixture
def durable(world: World) -> Durable:
    return Durable(world)


async def changed(durable: Durable) -> str:
    ticket: str = (await durable.gets(CHANGE))["changeAddress"]["id"]
    return ticket


async def read(durable: Durable, ticket: str) -> dict[str, object]:
    found: dict[str, object] = (await durable.gets(TICKET, variables={"id": ticket}))["durableTicket"]
    return found


async def test_the_client_gets_a_ticket_at_once_while_the_department_is_away(durable: Durable) -> None:
    """Nobody was asked: the answer waits for no department."""
    answer = (await durable.gets(CHANGE))["changeAddress"]

    assert (answer["state"], answer["result"]) == ("ACCEPTED", None)
    assert durable.department.requests == []


async def test_once_done_the_ticket_holds_the_departments_answer(durable: Durable) -> None:
    """By the ticket's own type, in whatever selection of what was asked for."""
    ticket = await changed(durable)
    await durable.done()

    found = await durable.gets(
        """query ($id: ID!) { durableTicket(id: $id) {
          state ... on ChangeAddressDurableTicket { result { where: street } } } }""",
        variables={"id": ticket},
    )
    assert found["durableTicket"] == {"state": "DONE", "result": {"where": "Blossom Lane 3"}}


async def test_the_department_is_told_who_asks_and_the_client_cannot_say_so(durable: Durable) -> None:
    """The argument that ``applicant`` names is not in the API: nobody changes another's address."""
    await changed(durable)
    await durable.done()

    assert durable.department.effects == [(ANNA_NUMBER, "Blossom Lane 3")]
    assert await durable.refused(
        'mutation { changeAddress(idNumber: "110102198501010035", address: { street: "x" }) { id } }'
    ) == ["GRAPHQL_VALIDATION_FAILED"]


async def test_the_number_of_a_person_stands_in_no_text_and_no_header(durable: Durable) -> None:
    """It travels as a variable only: query texts, partition keys and subjects are logged and shown."""
    await changed(durable)
    (command,) = await durable.relays()

    outside = (command.data["query"], command.partition_key, command.subject, command.id, str(command.extensions))
    assert not any(ANNA_NUMBER in str(each) or "anna" in str(each) for each in outside)


async def test_a_ticket_tells_its_states_with_their_times(durable: Durable, world: World) -> None:
    """Accepted, sent, done: each with the moment, and how long the department has."""
    ticket = await changed(durable)
    accepted = await read(durable, ticket)
    world.clock.move(minutes=1)
    (command,) = await durable.relays()
    sent = await read(durable, ticket)
    world.clock.move(minutes=1)
    await durable.works(command)
    done = await read(durable, ticket)

    assert [accepted["state"], sent["state"], done["state"]] == ["ACCEPTED", "SENT", "DONE"]
    assert [accepted["canBeCancelled"], sent["canBeCancelled"]] == [True, False]
    moments = [accepted["sentAt"], sent["sentAt"], done["sentAt"], done["doneAt"], done["expiresAt"]]
    assert moments == [
        None,
        "2026-11-23T09:01:00+00:00",
        "2026-11-23T09:01:00+00:00",
        "2026-11-23T09:02:00+00:00",
        "2026-11-30T09:00:00+00:00",
    ]


async def test_what_was_not_selected_in_the_mutation_was_not_asked_for(durable: Durable) -> None:
    """No more of a person is fetched and kept than the client wanted; who asks for it later is told why."""
    ticket = await changed(durable)
    await durable.done()

    answer = await durable.asks(WHOLE, variables={"id": ticket})

    assert [(error["extensions"]["code"], error["path"]) for error in answer.errors] == [
        ("RESULT_NOT_KEPT", ["durableTicket", "result", "kind"])
    ]
    assert durable.department.requests[0].query.endswith("{ number street } }")


async def test_without_a_selection_the_plain_fields_of_the_result_are_kept(durable: Durable) -> None:
    """Who wants the ticket alone now may want to see the receipt later."""
    data = await durable.gets('mutation { changeAddress(address: { street: "Elm" }, kind: WORK) { id } }')
    await durable.done()

    found = (await durable.gets(WHOLE, variables={"id": data["changeAddress"]["id"]}))["durableTicket"]
    assert found["result"] == {"number": "1", "street": "Elm", "kind": "WORK"}


async def test_aliases_fragments_arguments_and_conditions_below_the_result_are_kept(durable: Durable) -> None:
    """The command asks each field once under a name of its own, so that any later selection finds it."""
    mutation = """mutation ($three: Int!, $yes: Boolean!) {
      mine: changeAddress(address: { street: "Long Street" }) { id result {
                  ...Names tiny: shortened(to: $three) less: shortened(to: 4)
                  street @skip(if: $yes) history { number } } } }
      fragment Names on Change { no: number ... on Confirmation { number } }"""
    ticket = (await durable.gets(mutation, variables={"three": 3, "yes": True}))["mine"]["id"]
    await durable.done()

    assert durable.department.requests[0].query.count("number") == 2
    found = await durable.gets(
        """query ($id: ID!) { durableTicket(id: $id) { ... on ChangeAddressDurableTicket { result {
             number four: shortened(to: 4) three: shortened(to: 3) history { number } } } } }""",
        variables={"id": ticket},
    )
    assert found["durableTicket"]["result"] == {
        "number": "1",
        "four": "Long",
        "three": "Lon",
        "history": [{"number": "1-1"}, {"number": "1-2"}],
    }


async def test_a_result_may_be_a_union_a_scalar_or_nothing(durable: Durable) -> None:
    """Whatever the department's mutation gives, nullable as long as it is not there."""
    mutation = """mutation { asked: askForHelp(words: "refuse") { id result { ... on Refusal { why } } }
      five: count(by: 5) { id } none: count(by: 0) { id } }"""
    data = await durable.gets(mutation)
    await durable.done()

    query = """query ($a: ID!, $b: ID!, $c: ID!) {
      a: durableTicket(id: $a) { ... on AskForHelpDurableTicket { result { __typename ... on Refusal { why } } } }
      b: durableTicket(id: $b) { state ... on CountDurableTicket { result } }
      c: durableTicket(id: $c) { state ... on CountDurableTicket { result } } }"""
    ids = {"a": data["asked"]["id"], "b": data["five"]["id"], "c": data["none"]["id"]}
    assert await durable.gets(query, variables=ids) == {
        "a": {"result": {"__typename": "Refusal", "why": "not today"}},
        "b": {"state": "DONE", "result": 5},
        "c": {"state": "DONE", "result": None},
    }


async def test_several_mutations_of_one_operation_are_several_tickets_in_their_order(durable: Durable) -> None:
    """Each is accepted for itself, and a person's requests to a department are executed one after the other."""
    data = await durable.gets(
        """mutation { first: changeAddress(address: { street: "A" }) { id }
           second: changeAddress(address: { street: "B" }) { id } third: count { id } }"""
    )
    assert len({each["id"] for each in data.values()}) == 3

    assert len(await durable.relays()) == 1
    await durable.works(*durable.wire.commands)
    await durable.done()

    assert durable.department.effects == [(ANNA_NUMBER, "A"), (ANNA_NUMBER, "B"), ("count", 1)]


async def test_another_persons_requests_do_not_wait(durable: Durable) -> None:
    """The order is one person's; the department's other work goes on."""
    await durable.gets("mutation { count { id } }", ANNA)
    await durable.gets("mutation { count { id } }", ANNA)
    await durable.gets("mutation { count { id } }", BO)

    assert len(await durable.relays()) == 2


async def test_an_error_of_the_department_fails_the_request_in_its_words(durable: Durable) -> None:
    """With a code of ours: what a department invents could be anything."""
    ticket = (await durable.gets('mutation { askForHelp(words: "nobody home") { id } }'))["askForHelp"]["id"]
    await durable.done()

    found = await durable.gets(
        "query ($id: ID!) { durableTicket(id: $id) { state error { code message } } }", variables={"id": ticket}
    )
    assert found["durableTicket"] == {
        "state": "FAILED",
        "error": {"code": "DEPARTMENT_ERROR", "message": "There is nobody."},
    }


async def test_a_request_waits_for_days_and_not_longer_than_it_may(durable: Durable, world: World) -> None:
    """What nobody took in hand in its time is not wanted any more; without a time it waits for ever."""
    await durable.gets("mutation { count { id } }", BO)
    ticket = await changed(durable)
    world.clock.move(days=7)

    assert await durable.tickets.expire() == 1
    assert await durable.tickets.expire() == 0

    found = await read(durable, ticket)
    assert (found["state"], found["error"]) == (
        "FAILED",
        {
            "code": "TICKET_EXPIRED",
            "message": "The department could not be reached in the time that the request had.",
        },
    )
    await durable.done()
    assert durable.department.effects == [("count", 1)]


async def test_an_expired_command_is_not_executed_by_a_late_agent(durable: Durable, world: World) -> None:
    """It was sent in time and found nobody: the agent that comes back after a week says so."""
    ticket = await changed(durable)
    (command,) = await durable.relays()
    world.clock.move(days=8)
    await durable.works(command)

    found = await read(durable, ticket)
    assert (found["state"], found["error"]["code"]) == ("FAILED", "DEPARTMENT_TIMEOUT")  # type: ignore[index]
    assert durable.department.effects == []


async def test_an_unknown_outcome_waits_for_an_operator_with_a_reason(durable: Durable) -> None:
    """Nobody guesses: the operator finds out, says how, and the owner sees the end."""
    ticket = await changed(durable)
    durable.department.failures = [ConnectorFailure(RuntimeCode.OUTCOME_UNKNOWN, "cannot be known")]
    await durable.done()
    assert (await read(durable, ticket))["state"] == "OUTCOME_UNKNOWN"

    resolve = """mutation ($id: ID!, $reason: String!) {
      resolveDurableRequest(id: $id, wasDone: true, reason: $reason) { state resolution errorCode } }"""
    assert await durable.refused(resolve, ANNA, variables={"id": ticket, "reason": "x"}) == ["FORBIDDEN"]
    assert await durable.refused(resolve, OPERATOR, variables={"id": ticket, "reason": " "}) == ["BAD_USER_INPUT"]
    resolved = await durable.gets(resolve, OPERATOR, variables={"id": ticket, "reason": "asked by telephone"})

    assert resolved["resolveDurableRequest"] == {
        "state": "DONE",
        "resolution": "asked by telephone",
        "errorCode": "OUTCOME_UNKNOWN",
    }
    assert (await read(durable, ticket))["state"] == "DONE"
    assert await durable.refused(resolve, OPERATOR, variables={"id": ticket, "reason": "again"}) == [
        "INVALID_TRANSITION"
    ]


async def test_own_tickets_are_listed_by_the_page(durable: Durable) -> None:
    """The newest first, by state where wanted; each once though new ones come in between."""
    made = [(await durable.gets("mutation { count { id } }"))["count"]["id"] for _ in range(3)]
    query = """query ($after: String, $state: DurableTicketState) {
      myDurableTickets(first: 2, after: $after, state: $state) {
        edges { cursor node { id __typename } } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
    first = (await durable.gets(query))["myDurableTickets"]
    await durable.gets("mutation { count { id } }")
    second = (await durable.gets(query, variables={"after": first["pageInfo"]["endCursor"]}))["myDurableTickets"]

    pages = [[edge["node"]["id"] for edge in each["edges"]] for each in (first, second)]
    assert pages == [[made[2], made[1]], [made[0]]]
    assert {edge["node"]["__typename"] for edge in first["edges"]} == {"CountDurableTicket"}
    assert [first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]] == [True, False]
    assert (await durable.gets(query, variables={"state": "DONE"}))["myDurableTickets"]["edges"] == []
    assert await durable.refused(query, variables={"after": "?"}) == ["BAD_USER_INPUT"]


async def test_a_ticket_of_a_mutation_that_is_gone_can_still_be_read(durable: Durable) -> None:
    """A new version of the department's schema takes nothing from those who asked before."""
    ticket = await changed(durable)
    await durable.done()
    durable.publish(SDL.replace("changeAddress", "moveHouse"))

    found = await durable.gets(
        "query ($id: ID!) { durableTicket(id: $id) { __typename state field } }", variables={"id": ticket}
    )
    assert found["durableTicket"] == {
        "__typename": "OtherDurableTicket",
        "state": "DONE",
        "field": "changeAddress",
    }


async def test_a_suspended_department_takes_no_new_requests_and_keeps_the_old(durable: Durable) -> None:
    """What was accepted stays accepted."""
    ticket = await changed(durable)
    await durable.done()
    durable.publish(SDL, is_suspended=True)

    assert await durable.refused(CHANGE) == ["DEPARTMENT_SUSPENDED"]
    found = await durable.gets(
        "query ($id: ID!) { durableTicket(id: $id) { ... on ChangeAddressDurableTicket { result { street } } } }",
        variables={"id": ticket},
    )
    assert found["durableTicket"] == {"result": {"street": "Blossom Lane 3"}}


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query ($id: ID!) { durableTicket(id: $id) { id state } }", True),
        (
            "query ($id: ID!) { durableTicket(id: $id) {... on ChangeAddressDurableTicket { result { street }}}}",
            True,
        ),
        ("{ myDurableTickets { edges { node { id } } } }", False),
    ],
)
async def test_nobody_reads_anothers_ticket(durable: Durable, query: str, variables: bool) -> None:
    """Whoever knows its id gets what one gets for an id that never was."""
    ticket = await changed(durable)
    await durable.done()

    data = await durable.gets(query, BO, variables={"id": ticket} if variables else {})
    assert data in ({"durableTicket": None}, {"myDurableTickets": {"edges": []}})


async def test_nobody_cancels_anothers_ticket(durable: Durable) -> None:
    """The same words as for a ticket that never was; the request goes its way."""
    ticket = await changed(durable)

    cancel = "mutation ($id: ID!) { cancelDurableTicket(id: $id) { state } }"
    assert await durable.refused(cancel, BO, variables={"id": ticket}) == ["NOT_FOUND"]
    assert await durable.refused(cancel, OPERATOR, variables={"id": ticket}) == ["NOT_FOUND"]
    assert await durable.refused(cancel, BO, variables={"id": "no-ticket"}) == ["NOT_FOUND"]
    await durable.done()
    assert len(durable.department.effects) == 1


async def test_who_is_not_signed_in_gets_no_ticket(durable: Durable) -> None:
    """A ticket is somebody's."""
    assert await durable.refused(CHANGE, None) == ["UNAUTHENTICATED"]
    assert durable.wire.commands == await durable.relays() == []


async def test_a_department_sees_its_requests_without_the_persons(durable: Durable) -> None:
    """What it needs to find a command again; others see nothing of it."""
    ticket = await changed(durable)
    query = "{ durableRequests { edges { node { id department field state errorCode } } } }"
    own = replace(BO, roles=frozenset({"department-staff"}), department="civil-affairs")
    other = replace(own, department="transport")

    seen = (await durable.gets(query, own))["durableRequests"]["edges"]
    assert [edge["node"] for edge in seen] == [
        {
            "id": ticket,
            "department": "civil-affairs",
            "field": "changeAddress",
            "state": "ACCEPTED",
            "errorCode": None,
        }
    ]
    assert (await durable.gets(query, other))["durableRequests"]["edges"] == []
    asked = '{ durableRequests(department: "civil-affairs") { edges { node { id } } } }'
    assert await durable.refused(asked, other) == ["FORBIDDEN"]
    assert await durable.refused(query, ANNA) == ["FORBIDDEN"]
    assert len((await durable.gets(query, OPERATOR))["durableRequests"]["edges"]) == 1


async def test_old_tickets_and_keys_are_forgotten(durable: Durable, world: World) -> None:
    """Ninety days after their end, with what they hold; those that wait are kept as long as they wait."""
    ended = (await durable.gets(CHANGE, key="k"))["changeAddress"]["id"]
    await durable.done()
    waiting = (await durable.gets("mutation { count { id } }", BO))["count"]["id"]
    world.clock.move(days=90, seconds=1)
    await durable.tickets.forget()

    query = "query ($id: ID!) { durableTicket(id: $id) { id } }"
    assert await durable.gets(query, variables={"id": ended}) == {"durableTicket": None}
    assert await durable.gets(query, BO, variables={"id": waiting}) == {"durableTicket": {"id": waiting}}
