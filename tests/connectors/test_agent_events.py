"""The agent's door for events: one, or several at once, safe at the broker before it says so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.testclient import TestClient

from connectors.agent_events import events_app
from connectors.broker import BrokerUnavailable, Message
from connectors.clock import SystemClock
from connectors.cloud_events import BATCH_MEDIA_TYPE, MEDIA_TYPE


@dataclass
class Broker:
    """Keeps what was published; ``breaks_at`` is the message that it does not confirm."""

    breaks_at: str = ""
    published: list[tuple[str, str, str]] = field(default_factory=list)

    async def publish(self, address: str, message: Message, *, durable: bool = True) -> None:
        assert durable
        if message.id == self.breaks_at:
            raise BrokerUnavailable("cut")
        self.published.append((address, message.source, message.id))

    async def publish_all(self, address: str, messages: Sequence[Message]) -> None:
        for each in messages:
            await self.publish(address, each)


def post(broker: Broker, body: Any, media_type: str = BATCH_MEDIA_TYPE) -> tuple[int, Any]:
    app = events_app("civil-affairs", broker, SystemClock(), None)  # type: ignore[arg-type]  # it only publishes
    answer = TestClient(app).post("/events", content=json.dumps(body), headers={"Content-Type": media_type})
    return answer.status_code, answer.json()


def event(id_: str, case: str) -> dict[str, Any]:
    return {"specversion": "1.0", "id": id_, "type": "jiyi.case.accepted", "source": "x", "subject": case}


def test_a_batch_is_taken_when_the_broker_has_all_of_it() -> None:
    """Each under the department's own name, at the partition of its case."""
    broker = Broker()
    batch = [event("1", "JY1"), event("2", "JY2"), event("3", "JY1")]
    assert post(broker, batch) == (202, {"ids": ["1", "2", "3"]})
    assert {source for _, source, _ in broker.published} == {"civil-affairs"}
    of_one_case = [id_ for _, _, id_ in broker.published if id_ != "2"]
    assert of_one_case == ["1", "3"]
    assert len({address for address, _, id_ in broker.published if id_ != "2"}) == 1


def test_what_follows_an_event_that_was_not_confirmed_is_not_sent() -> None:
    """Else the later one would overtake the earlier when both are sent again."""
    broker = Broker(breaks_at="1")
    status, _ = post(broker, [event("1", "JY1"), event("2", "JY2"), event("3", "JY1")])
    assert status == 503
    assert [id_ for _, _, id_ in broker.published] == ["2"]


def test_a_batch_with_one_wrong_event_is_refused_as_a_whole() -> None:
    """The department mends it and sends all again; nothing of it is on its way."""
    broker = Broker()
    status, problem = post(broker, [event("1", "JY1"), {**event("2", "JY1"), "subject": ""}])
    assert status == 422
    assert "subject" in problem["detail"]
    assert broker.published == []


def test_an_array_is_no_single_event() -> None:
    """The media type says which of the two it is."""
    assert post(Broker(), [event("1", "JY1")], MEDIA_TYPE)[0] == 422
    assert post(Broker(), event("1", "JY1"))[0] == 422
    assert post(Broker(), event("1", "JY1"), MEDIA_TYPE) == (202, {"id": "1"})
