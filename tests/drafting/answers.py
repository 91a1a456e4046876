"""Whether a draft answers: the gateway over it, in front of a service made from the same document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from hub.standalone.application import GatewayOptions, open_application
from hub.standalone.graph_source import GraphSource, composition_of
from schema.drafting import Draft
from schema.mapping import check_connectors
from schema.subgraph import Subgraph
from tests.drafting.example_service import example_service
from tests.drafting.questions import questions
from tests.hub.serving import served

_BASE = re.compile(r'baseURL: "[^"]*"')


@dataclass
class Figures:
    """What came of one draft. ``wrong`` names the fields that did not answer, and why."""

    asked: int = 0
    answered: int = 0
    wrong: list[str] = field(default_factory=list)


async def ask_everything(draft: Draft, document: Mapping[str, Any]) -> Figures:
    """Every field of ``Query`` once, over HTTP. Raises ``AssertionError`` for a draft that does not compose."""
    async with example_service(document) as service:
        sdl = _BASE.sub(f'baseURL: "{service.url}"', draft.sdl)
        assert check_connectors("draft", sdl, may_be_sql=False) == ()
        source = GraphSource.of(Subgraph("draft", sdl, ""))
        composition = composition_of(source)
        assert composition.supergraph is not None, composition.errors
        figures = Figures()
        async with (
            open_application(GatewayOptions(), source) as (app, _engine),
            served(app) as url,
            httpx2.AsyncClient(base_url=url, timeout=60) as client,
        ):
            for name, query in questions(composition.supergraph.api_schema):
                answer = (await client.post("/graphql", json={"query": query})).json()
                figures.asked += 1
                if answer.get("errors"):
                    figures.wrong.append(f"{name}: {str(answer['errors'][0])[:300]}")
                else:
                    figures.answered += 1
        figures.wrong += [f"service: {each}" for each in service.unexpected]
    return figures
