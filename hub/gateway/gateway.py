"""One request's way through the hub: parse, validate, authorise, plan, execute, log.

Every door (HTTP, WebSocket) comes here with a request and a verified actor, and carries the answer away.
Source: docs/architecture.md, "The walk of one query".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import aclosing
from time import perf_counter
from typing import Any, NamedTuple

from auth.access_log import AccessLog, AccessNotLogged, AccessRecord, log_access
from auth.actor import Actor
from connectors.clock import Clock
from connectors.connector import Connector, FetchResponse
from hub.doors.stream_place import StreamPlace
from hub.execution import (
    ExecutionResult,
    Programs,
    Surroundings,
    Variables,
    VariablesRefused,
    execute,
    execute_event,
    open_stream,
)
from hub.execution.fault import Cause
from hub.execution.run import fetches_of
from hub.gateway.ahead import in_order
from hub.gateway.check import check_operation
from hub.gateway.contexts import Contexts, placed
from hub.gateway.gateway_settings import GatewaySettings
from hub.gateway.graph import (
    CheckedOperation,
    Graph,
    Graphs,
    GraphState,
    InUse,
    KnownOperation,
    OperationKey,
    PlannedOperation,
    Planner,
)
from hub.gateway.labels import labels_on
from hub.gateway.limits import check_values
from hub.gateway.making import Making
from hub.gateway.observer import AnsweredOperation, Observer
from hub.gateway.open_subscriptions import OpenSubscriptions
from hub.gateway.policy import IdentityLookup, Policy, Reader
from hub.gateway.refusals import answer_to, authorise, no_stream
from hub.gateway.request import GraphQLAnswer, GraphQLRequest, RequestRefused, refused, told
from schema.errors import PlanningError, RuntimeCode
from schema.planning import plan
from schema.planning.query_plan import OperationKind, QueryPlan, Subscription

_log = logging.getLogger(__name__)


WARM_UP_SECONDS = 0.75
"""How long a new graph waits for its first plans: all of a publication takes two seconds at most."""


class _Prepared(NamedTuple):
    """Everything known of a request before the first fetch."""

    graph: Graph
    checked: CheckedOperation
    variables: Variables
    planned: PlannedOperation
    around: Surroundings
    reader: Reader
    actor: Actor | None
    request: GraphQLRequest

    @property
    def plan(self) -> QueryPlan:
        return self.planned.plan


class Gateway:
    """Answers GraphQL requests over whatever graph was published last.

    ``identities`` looks up what identifies an actor's own objects; ``access_log`` is written before an answer
    with personal data is handed out.
    """

    def __init__(
        self,
        policy: Policy,
        identities: IdentityLookup,
        *,
        clock: Clock,
        planner: Planner = plan,
        access_log: AccessLog | None = None,
        observer: Observer | None = None,
        settings: GatewaySettings = GatewaySettings(),  # noqa: B008  # a frozen value
    ) -> None:
        self._policy = policy
        self._identities = identities
        self._planner = planner
        self._clock = clock
        self._access_log = access_log
        self._observer = observer
        self._settings = settings
        self._graphs = Graphs(self._close_later)
        self._effects = 0
        self._subscriptions = OpenSubscriptions(settings.subscriptions_each)
        self._contexts = Contexts()
        self._checking: Making[CheckedOperation] = Making()
        self._planning: Making[PlannedOperation] = Making()
        self._closing: set[asyncio.Task[None]] = set()

    def publish(self, state: GraphState) -> None:
        """Serve ``state`` from now on. What runs finishes on the state it began with; a connector that no
        state holds any more is closed after its last request."""
        self._graphs.publish(Graph(state, cached_operations=self._settings.cached_operations))

    async def publish_warmed(self, state: GraphState, within: float = WARM_UP_SECONDS) -> None:
        """Serve ``state`` once the operations that are asked most are planned on it, in ``within`` seconds at the
        latest: one at a time, as requests go on meanwhile."""
        graph = Graph(state, cached_operations=self._settings.cached_operations)
        if (served := self._graphs.newest) is not None:
            ends = asyncio.get_running_loop().time() + within
            for key, uses in served.most_used(self._settings.warmed_operations):
                if asyncio.get_running_loop().time() >= ends:
                    break
                await self._warm(graph, GraphQLRequest(*key), uses)
        self._graphs.publish(graph)

    async def _warm(self, graph: Graph, request: GraphQLRequest, uses: int) -> None:
        """An operation that the new graph refuses is refused when it is asked."""
        try:
            checked = await asyncio.to_thread(self._check, graph, request)
            known = KnownOperation(checked, uses // 2)
            await self._plan(graph, known, self._labels(graph))
        except Exception as error:  # noqa: BLE001 - whoever asks for it is told; the others need the graph
            _log.debug("An operation in use has no plan on graph %s: %r", graph.state.version, error)
            return
        graph.remember(_key(request), known)

    @property
    def state(self) -> GraphState | None:
        """What is served now; ``None`` before the first ``publish``."""
        return self._graphs.newest.state if self._graphs.newest else None

    async def answer(
        self, request: GraphQLRequest, actor: Actor | None, *, only_queries: bool = False
    ) -> GraphQLAnswer:
        """Answer a query or mutation. Never raises for what a client or a department does."""
        began = perf_counter()
        try:
            with self._newest_graph() as graph:
                prepared = await self._prepare(graph, request, actor, only_queries=only_queries)
                if isinstance(prepared.plan.node, Subscription):
                    return no_stream().answer
                try:
                    result = await execute(
                        prepared.plan,
                        prepared.checked.operation,
                        prepared.variables,
                        prepared.around,
                        prepared.planned.programs,
                    )
                finally:
                    self._effects += prepared.plan.kind == "mutation"
                answer = await self._hand_out(prepared, result)
                self._observe(prepared, perf_counter() - began, answer)
                return answer
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is answered
            return answer_to(error)

    def plan_of(self, request: GraphQLRequest) -> QueryPlan | None:
        """The plan by which a request is answered now, while it is remembered."""
        graph = self._graphs.newest
        known = graph.operations.get(_key(request)) if graph else None
        planned = known.plan(self._labels(graph)) if graph and known else None
        return planned.plan if planned else None

    async def is_subscription(self, request: GraphQLRequest) -> bool:
        """Whether the request's operation is one that stays open. False too for one that will be refused."""
        return await self._kind(request) == "subscription"

    async def is_query(self, request: GraphQLRequest) -> bool:
        """Whether the request's operation has no effects, so that it can be left unfinished."""
        return await self._kind(request) == "query"

    async def _kind(self, request: GraphQLRequest) -> OperationKind | None:
        try:
            with self._newest_graph() as graph:
                return (await self._know(graph, request)).checked.operation.kind
        except Exception:  # noqa: BLE001 - answering the request will tell what is wrong
            return None

    async def subscribe(
        self, request: GraphQLRequest, actor: Actor | None, *, no_mutations: bool = False
    ) -> AsyncGenerator[GraphQLAnswer, None]:
        """Yield an answer per event; a query or mutation yields its one answer, a refused request its error.

        An event is completed on the newest graph while that still asks the same of the stream's subgraph,
        else on the graph that the subscription began with.
        """
        try:
            with self._newest_graph() as graph:
                prepared = await self._prepare(graph, request, actor, only_queries=False)
                if not isinstance(prepared.plan.node, Subscription):
                    yield await self.answer(request, actor, only_queries=no_mutations)
                    return
                with self._subscriptions.one_more(actor):
                    async with aclosing(self._events(prepared)) as answers:
                        async for answer in answers:
                            yield answer
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is answered
            yield answer_to(error)

    async def _events(self, prepared: _Prepared) -> AsyncGenerator[GraphQLAnswer, None]:
        self._observe(prepared, None, None)
        place = StreamPlace.of(prepared.request.extensions)
        events = open_stream(prepared.plan, prepared.variables, placed(prepared.around, place))

        async def answer(event: FetchResponse | Cause, extensions: Mapping[str, Any]) -> GraphQLAnswer:
            return (await self._answer_event(prepared, event)).with_extensions(extensions)

        def begin(event: FetchResponse | Cause) -> Awaitable[GraphQLAnswer]:
            """What is told of the place is that of the event that was just taken."""
            place.has_gap |= isinstance(event, FetchResponse) and event.has_gap
            return answer(event, place.tell())

        async with aclosing(events):
            async for event in events:
                yield await begin(event)
                if place.cursor is not None:
                    break  # one of ours: what it waits for is waited for together by many events
            async with aclosing(in_order(events, begin)) as answers:
                async for each in answers:
                    yield each

    async def close(self) -> None:
        """Close every connector. Requests that still run fail."""
        self._graphs.retire_all()
        if self._closing:
            await asyncio.gather(*self._closing)

    async def _prepare(
        self, graph: Graph, request: GraphQLRequest, actor: Actor | None, *, only_queries: bool
    ) -> _Prepared:
        known = await self._know(graph, request)
        known.uses += 1
        checked = known.checked
        if only_queries and checked.operation.kind != "query":
            raise refused(
                RuntimeCode.BAD_REQUEST,
                f"A {checked.operation.kind} cannot be sent with GET. Use POST.",
                status=405,
            )
        authorise(checked, actor)
        variables = self._coerce(checked, request)
        labels = self._labels(graph)
        planned = known.plan(labels) or await self._planning.once(
            (known, labels), lambda: self._plan(graph, known, labels)
        )
        reader = await self._reader(planned, actor)
        around = Surroundings(
            graph.state.connectors,
            self._contexts.of(request, actor),
            graph.state.departments,
            reader.owns,
            graph.service_of,
            self._effects,
            min(request.timeout or self._settings.operation_time, self._settings.operation_time),
        )
        return _Prepared(graph, checked, variables, planned, around, reader, actor, request)

    async def _know(self, graph: Graph, request: GraphQLRequest) -> KnownOperation:
        key = _key(request)
        known = graph.operations.get(key)
        if known is None:
            if len(request.query) <= self._settings.inline_bytes:
                checked = self._check(graph, request)
            else:
                checked = await self._checking.once(
                    (graph, key), lambda: asyncio.to_thread(self._check, graph, request)
                )
            known = graph.operations.get(key) or KnownOperation(checked)
            graph.remember(key, known)
        return known

    def _check(self, graph: Graph, request: GraphQLRequest) -> CheckedOperation:
        arguments = (graph.state.supergraph, request, self._policy, self._settings.limits)
        return check_operation(*arguments, hide_suggestions=not self._settings.tells_suggestions)

    def _coerce(self, checked: CheckedOperation, request: GraphQLRequest) -> Variables:
        check_values(request.variables, self._settings.limits)
        try:
            hides = not self._settings.tells_suggestions
            return checked.operation.coerce(request.variables, hide_suggestions=hides)
        except VariablesRefused as refusal:
            raise RequestRefused(told(error, RuntimeCode.BAD_USER_INPUT) for error in refusal.errors) from refusal

    def _labels(self, graph: Graph) -> frozenset[str]:
        return labels_on(graph.labels, self._settings.labels)

    async def _plan(self, graph: Graph, known: KnownOperation, labels: frozenset[str]) -> PlannedOperation:
        operation = known.checked.operation
        try:
            made = await asyncio.to_thread(
                self._planner,
                graph.state.supergraph,
                operation.document,
                operation.name,
                identities=self._policy.identities,
                labels=labels,
            )
        except PlanningError as error:
            raise refused(error.code, error.message) from error
        schema = graph.state.supergraph.schema
        programs = Programs(made, operation, schema, is_shared=self._settings.shares_runs)
        has_guards = any(fetch.guards for fetch in fetches_of(made.node))
        planned = PlannedOperation(made, programs, has_guards)
        known.keep(labels, planned)
        return planned

    async def _reader(self, planned: PlannedOperation, actor: Actor | None) -> Reader:
        if actor is None or not planned.has_guards:
            return Reader({}, may_read_all=False)
        if self._policy.may_read_all(actor):
            return Reader({}, may_read_all=True)
        return Reader(await self._identities(actor), may_read_all=False)

    async def _answer_event(self, begun: _Prepared, event: FetchResponse | Cause) -> GraphQLAnswer:
        with self._newest_graph() as graph:
            prepared = begun
            if graph is not begun.graph:
                prepared = await self._prepare_again(graph, begun)
            result = await execute_event(
                prepared.plan, event, prepared.checked.operation, prepared.variables, prepared.around
            )
            return await self._hand_out(prepared, result)

    async def _prepare_again(self, graph: Graph, begun: _Prepared) -> _Prepared:
        """The subscription on a newer graph; on the old one when the new one would ask the stream otherwise."""
        try:
            prepared = await self._prepare(graph, begun.request, begun.actor, only_queries=False)
        except RequestRefused as refusal:
            if refusal.answer.status in (401, 403):
                raise
            return begun
        return prepared if prepared.planned.stream == begun.planned.stream else begun

    def _observe(self, prepared: _Prepared, seconds: float | None, answer: GraphQLAnswer | None) -> None:
        if self._observer is not None:
            _graph, checked, variables, _planned, _around, _reader, actor, request = prepared
            self._observer.answered(AnsweredOperation(checked, request, actor, variables, seconds, answer))

    async def _hand_out(self, prepared: _Prepared, result: ExecutionResult) -> GraphQLAnswer:
        if self._access_log is not None and (result.data is not None or result.encoded is not None):
            try:
                await log_access(self._access_log, self._access_records(prepared, result))
            except AccessNotLogged as error:
                message = "The access cannot be recorded now, so nothing is handed out. Try again."
                raise refused(RuntimeCode.SERVICE_UNAVAILABLE, message) from error
        return GraphQLAnswer.of(result)

    def _access_records(self, prepared: _Prepared, result: ExecutionResult) -> list[AccessRecord]:
        actor, personal = prepared.actor, prepared.checked.requirements.personal
        if actor is None or not personal:
            return []
        departments = prepared.graph.state.departments
        asked = tuple(sorted({departments.get(service, service) for service in result.services}))
        subjects = sorted(prepared.reader.seen) or [actor.subject]
        now, trace = self._clock.now(), prepared.request.traceparent or ""
        return [
            AccessRecord(actor.person, actor.client_id, subject, "query", personal, asked, now, trace)
            for subject in subjects
        ]

    def _newest_graph(self) -> InUse:
        graph = self._graphs.newest
        if graph is None:
            raise refused(RuntimeCode.SERVICE_UNAVAILABLE, "No graph is published yet. Try again.")
        return InUse(self._graphs, graph)

    def _close_later(self, connector: Connector) -> None:
        task = asyncio.get_running_loop().create_task(_close(connector))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _key(request: GraphQLRequest) -> OperationKey:
    return request.query, request.operation_name


async def _close(connector: Connector) -> None:
    try:
        await connector.close()
    except Exception:  # noqa: BLE001 - closing is the last thing asked of it
        _log.warning("A connector could not be closed", exc_info=True)
