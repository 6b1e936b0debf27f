"""No event can claim the identity of a record that has none of its own but its origin."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Final

import pytest

from cli.report import rejections
from shared.contracts import catalogue
from shared.journal.entry import Key, Origin
from tests.clients import Sent, deliver
from tests.clients.coalitions import founded, named
from tests.inbox import consumed

if TYPE_CHECKING:
    from tests.system import System

INBOX: Final = catalogue.inbox("membership")


def claiming(name: str, source: str, offset: int) -> Sent:
    claimed = {b"ce_source": source.encode(), b"ce_id": str(offset).encode()}
    sent = founded(name)
    return sent._replace(headers=[(n, claimed.get(n, value)) for n, value in sent.headers])


@pytest.mark.parametrize(
    "source", ["kafka:{topic}/0", "record:{topic}/0", "{topic}/0", "record in"]
)
@pytest.mark.parametrize("over", ["kafka", "http"])
async def test_an_event_that_claims_an_offset_to_come_stops_nothing(
    coalition: System, source: str, over: str
) -> None:
    kafka, name = coalition.parts.kafka, f"claims-{uuid.uuid4().hex}"
    source = source.format(topic=INBOX)
    await consumed(coalition)
    here = deliver(kafka, INBOX, Sent(b"where am I?")).offset
    assert here is not None
    to_come = here + 2  # the event itself may lie before it
    if over == "kafka":
        assert deliver(kafka, INBOX, claiming(name, source, to_come)).refused is None
    else:
        headers = {
            n.decode().replace("_", "-"): v.decode()
            for n, v in claiming(name, source, to_come).headers
        }
        body = json.loads(claiming(name, source, to_come).value or b"")
        coalition.request("membership", "POST", "/events", json=body, headers=headers)
        await consumed(coalition)
    offsets = [deliver(kafka, INBOX, Sent(b"unreadable")).offset for _ in range(3)]
    assert to_come in offsets
    after = f"after-{name}"
    assert deliver(kafka, INBOX, founded(after)).refused is None
    assert await named(coalition, [after]) == [after]
    rejected = await rejections(coalition.endpoints, "membership")
    assert {f"{INBOX}/0/{offset}" for offset in offsets} <= rejected.keys()


def test_the_identity_of_an_origin_is_no_source_of_an_event() -> None:
    key = Key.of_origin(Origin(INBOX, 0, 17))
    assert Key.of(key.stored()) == key
    assert " " in key.source, "which an envelope refuses"
