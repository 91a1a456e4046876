"""Answer as was recorded. What was not recorded is told as that, with the nearest that was."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.application import application
from mocks.faults import Faults
from mocks.faults.scenario import read_scenario
from mocks.recording.bodies import Unrecordable, read_body
from mocks.recording.exchange import Asked, Exchange, plain_operation, read_recording
from mocks.recording.pseudonyms import Pseudonyms
from mocks.recording.recorder import asked_of, asked_path, read_secret
from mocks.server import listen, run

_NEAREST = 3
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recording", type=Path)


def serve(arguments: argparse.Namespace) -> None:
    """Serve until SIGTERM. Raises :class:`mocks.structured.UnreadableFile`."""
    secret = read_secret()
    replayer = Replayer(read_recording(arguments.recording), Pseudonyms(secret) if secret else None)
    scenario = read_scenario(arguments.scenario) if arguments.scenario else None
    faults = Faults(scenario=scenario, seed=arguments.seed)
    listener = listen("mock replay", arguments.host, arguments.port)
    run(application(replayer.routes, faults), listener, faults)


class Replayer:
    """The recorded answers. The same question asked again gets the next answer to it, the last for ever.

    With the recording's key a question in real data finds its answer too.
    """

    def __init__(self, exchanges: Iterable[Exchange], pseudonyms: Pseudonyms | None = None) -> None:
        self._answers: dict[str, list[Exchange]] = {}
        self._entities: dict[str, Any] = {}
        self._asked: dict[str, int] = {}
        self._pseudonyms = pseudonyms
        self.misses: list[str] = []
        for exchange in exchanges:
            self._answers.setdefault(exchange.asked.key, []).append(exchange)
            self._entities.update(_entities_of(exchange))
        self.routes = (
            Route("/__misses", self.missed),
            Route("/{path:path}", self.answer, methods=_METHODS),
        )

    async def missed(self, _request: Request) -> Response:
        """What was asked and is not in the recording: for a test's last line."""
        return JSONResponse(self.misses)

    async def answer(self, request: Request) -> Response:
        """The recorded answer, or that there is none."""
        raw = await request.body()
        content_type = request.headers.get("content-type", "")
        try:
            body, _ = read_body(raw, content_type)
        except Unrecordable:
            body = None
        query = request.query_params.multi_items()
        path = asked_path(request)
        asked = Asked(request.method, path, tuple(query), body)
        found = self._find(asked)
        if found is None and self._pseudonyms is not None:
            replaced = asked_of(self._pseudonyms, request.method, path, query, body, content_type)
            found = self._find(replaced)
        if found is None:
            return self._miss(asked)
        text = json.dumps(found.body, ensure_ascii=False) if found.is_json else (found.body or "")
        return Response(text, found.status, media_type=found.content_type or None)

    def _find(self, asked: Asked) -> Exchange | None:
        key = asked.key
        answers = self._answers.get(key)
        if answers is None:
            return self._assembled(asked)
        place = self._asked.get(key, 0)
        self._asked[key] = place + 1
        return answers[min(place, len(answers) - 1)]

    def _assembled(self, asked: Asked) -> Exchange | None:
        """Entities that were recorded one by one, or in other company."""
        if not asked.is_graphql:
            return None
        variables = asked.body.get("variables") or {}
        found = [self._entities.get(key) for key in _entity_keys(asked.path, asked.body["query"], variables)]
        if not found or any(each is None for each in found):
            return None
        body = {"data": {"_entities": [each["entity"] for each in found if each is not None]}}
        return Exchange(asked, 200, "application/json", body)

    def _miss(self, asked: Asked) -> Response:
        recorded = {str(each[0].asked): key for key, each in self._answers.items()}
        nearest = difflib.get_close_matches(str(asked), recorded, n=_NEAREST, cutoff=0.0)
        self.misses.append(str(asked))
        detail = f"This was not recorded: {asked}"
        if asked.is_graphql:
            error = {"message": detail, "extensions": {"code": "NOT_RECORDED", "nearest": nearest}}
            return JSONResponse({"errors": [error], "data": None})
        problem = {"type": "about:blank", "title": "Not recorded", "status": 404, "code": "NOT_RECORDED",
                   "detail": detail, "nearest": nearest}  # fmt: skip
        return JSONResponse(problem, 404, media_type="application/problem+json")


def _entities_of(exchange: Exchange) -> Mapping[str, Any]:
    """Each entity of an answer by its representation."""
    asked, body = exchange.asked, exchange.body
    if not asked.is_graphql or not isinstance(body, dict) or body.get("errors"):
        return {}
    entities = (body.get("data") or {}).get("_entities")
    keys = _entity_keys(asked.path, asked.body["query"], asked.body.get("variables") or {})
    if not isinstance(entities, list) or len(entities) != len(keys) or set(body["data"]) != {"_entities"}:
        return {}
    return {key: {"entity": entity} for key, entity in zip(keys, entities, strict=True)}


def _entity_keys(path: str, operation: str, variables: Mapping[str, Any]) -> list[str]:
    """What each representation of a request is known by: the operation, its other variables, itself."""
    name = next((n for n, v in variables.items() if isinstance(v, list) and v and _is_representation(v[0])), None)
    if name is None or operation.count("_entities") != 1:
        return []
    others = {each: value for each, value in variables.items() if each != name}
    head = [path, plain_operation(operation), others]
    return [json.dumps([*head, each], sort_keys=True, ensure_ascii=False) for each in variables[name]]


def _is_representation(value: Any) -> bool:
    return isinstance(value, dict) and "__typename" in value
