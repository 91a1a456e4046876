"""Examples of what a client sends, and what brings each code about."""

from __future__ import annotations

from collections.abc import Mapping

from schema.errors import RuntimeCode

AT_RUN_TIME: Mapping[str, str] = {
    RuntimeCode.BAD_REQUEST: 'POST /graphql with the body {"operation": "{ a }"}: there is no "query" in it.',
    RuntimeCode.GRAPHQL_PARSE_FAILED: "{ user { name }: a brace is missing.",
    RuntimeCode.GRAPHQL_VALIDATION_FAILED: "{ user { nam } }, where User has a field name and none called nam.",
    RuntimeCode.BAD_USER_INPUT: 'query ($id: ID!) { user(id: $id) { name } } with the variables {"id": null}.',
    RuntimeCode.OPERATION_RESOLUTION_FAILURE: "query A { a } query B { b } without an operationName.",
    RuntimeCode.PERSISTED_QUERY_NOT_FOUND: "A hash that nobody has sent with its query yet. Send both.",
    RuntimeCode.PERSISTED_QUERY_NOT_SUPPORTED: "A hash alone, to a gateway that keeps none. Send the query.",
    RuntimeCode.REQUEST_TOO_LARGE: "A body of two megabytes, mostly one long list of ids in the variables.",
    RuntimeCode.OPERATION_TOO_COMPLEX: "{ user { friends { friends { … } } } }, forty levels deep.",
    RuntimeCode.OPERATION_TIMEOUT: "Jiyi-Timeout-Ms: 200, where the first department of a chain took all of it.",
    RuntimeCode.NO_PLAN: "{ best { score } }, where no key leads from the subgraph of best to that of score.",
    RuntimeCode.UNAUTHENTICATED: "{ me { name } } without a token, or with one that has expired.",
    RuntimeCode.FORBIDDEN: '@requiresScopes(scopes: [["stock:read"]]), and a token without that scope.',
    RuntimeCode.RATE_LIMITED: "A hundred codes guessed in a minute, or too many operations on one WebSocket.",
    RuntimeCode.DEPARTMENT_UNREACHABLE: "The subgraph at http://127.0.0.1:4001/graphql was stopped.",
    RuntimeCode.DEPARTMENT_TIMEOUT: "The subgraph takes a minute where five seconds are allowed.",
    RuntimeCode.CONNECTOR_FETCH: "A `@connect` asks GET /items/9, and the service answers 410 Gone.",
    RuntimeCode.DEPARTMENT_BAD_STATUS: "The subgraph answers 502 with a page of its proxy.",
    RuntimeCode.DEPARTMENT_MALFORMED_ANSWER: "The subgraph answers 200 with HTML, or with JSON that has no data.",
    RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE: "The subgraph answers with a list of a hundred megabytes.",
    RuntimeCode.DEPARTMENT_WRONG_TYPE: 'age: Int, and the subgraph sends "forty".',
    RuntimeCode.DEPARTMENT_ERROR: "A resolver of the subgraph raised; its own message is passed on.",
    RuntimeCode.DEPARTMENT_BUSY: "Fifty slow requests are with transport, a hundred wait, and one more comes.",
    RuntimeCode.CONNECTOR_SECRET_MISSING: "A mapping reads $env.API_KEY, and nobody has set the secret API_KEY.",
    RuntimeCode.DEPARTMENT_SUSPENDED: "jiyi connector suspend transport, and a client asks for cars.",
    RuntimeCode.AGENT_OFFLINE: "The machine that runs jiyi agent for civil-affairs was shut down.",
    RuntimeCode.CIRCUIT_OPEN: "Five time-outs in a row; for a second nobody waits for that department any more.",
    RuntimeCode.BROKER_UNAVAILABLE: "submitCase while RabbitMQ is away.",
    RuntimeCode.GATHER_FAILED: "{ me { licences { name } } }, while all who hold licences are down.",
    RuntimeCode.NOT_FOUND: '{ case(receiptNumber: "…") { state } } with a number of somebody else, or of nobody.',
    RuntimeCode.CONFLICT: "Two officers change one thing at once; the second is told.",
    RuntimeCode.INVALID_TRANSITION: "withdrawCase on a case that is completed.",
    RuntimeCode.ALREADY_RATED: "rateService a second time for one case.",
    RuntimeCode.CASE_NOT_FINISHED: "rateService while the case is in review.",
    RuntimeCode.COMPOSITION_FAILED: "PUT /subgraphs with a field that two subgraphs give different types.",
    RuntimeCode.OUTCOME_UNKNOWN: "An agent died between doing a command and saying so.",
    RuntimeCode.IDEMPOTENCY_KEY_REUSED: "Two durable mutations with other arguments, and one Idempotency-Key.",
    RuntimeCode.TICKET_NOT_CANCELLABLE: "cancelDurableTicket once the command is in the department's queue.",
    RuntimeCode.TICKET_EXPIRED: '@durable(expiresAfter: "PT1H"), and the broker was away for two hours.',
    RuntimeCode.RESULT_NOT_KEPT: "ticket { … result { street } }, of a mutation that selected result { number }.",
    RuntimeCode.SUBSCRIBER_TOO_SLOW: "A thousand changes of cases, and a client that reads none of them.",
    RuntimeCode.SECRET_KEY_MISSING: "jiyi connector secret set, at a hub without JIYI_SECRET_KEY.",
    RuntimeCode.SERVICE_UNAVAILABLE: "A gateway that was started with --publish and has no list yet.",
    RuntimeCode.INTERNAL_SERVER_ERROR: "A mistake of ours. Report it with the reference that the message names.",
}
