"""What a service alone says, to itself, is taken from nobody else, and from itself it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cli.contracts import generate
from services.manifests import MANIFESTS, TAKEN
from shared import cloudevents
from shared.cloudevents import Envelope
from shared.context_attributes import Unreadable
from shared.contracts import catalogue
from shared.contracts.notifications import (
    AnnouncementFellDue,
    DeliveriesEnded,
    DigestFellDue,
    DigestRequested,
)

if TYPE_CHECKING:
    from shared.manifest import Manifest

BY_ITSELF = [
    pytest.param(manifest, event.type, id=event.__name__)
    for manifest in MANIFESTS.values()
    for event in manifest.tells_itself
]

OF_A_MEMBER = {"coalition": "europe", "member": {"id": "de-city-nurnberg"}}
ASKED: dict[str, Any] = {
    DigestFellDue.type: {"subscription": "s", "frequency": "daily", "date": "2026-03-01"},
    DigestRequested.type: {"subscription": "s", "requested": "2026-03-01T08:00:00Z"},
    AnnouncementFellDue.type: {"announcement": "assembly"},
    DeliveriesEnded.type: {
        "batch": "b",
        "ended": [{"notification": "n", "subscriptions": ["s"], "state": "sent"}],
    },
}
"""What is only asked, and never published: there are no examples of it."""


def said(manifest: Manifest, type_: str, topic: str) -> None:
    """Read it from a topic as the engine does."""
    (source,) = (one for one in manifest.sources() if one.topic == topic)
    data = json.dumps(generate.golden().get(type_) or ASKED.get(type_, OF_A_MEMBER)).encode()
    envelope = Envelope(catalogue.source(manifest.name), "1", type_, data)
    cloudevents.parse(envelope, source.types, to_record=True)


@pytest.mark.parametrize(("manifest", "type_"), BY_ITSELF)
def test_the_self_topic_takes_it(manifest: Manifest, type_: str) -> None:
    said(manifest, type_, catalogue.self_topic(manifest.name))


@pytest.mark.parametrize(("manifest", "type_"), BY_ITSELF)
def test_no_inbox_takes_it_and_the_reason_names_who_says_it(manifest: Manifest, type_: str) -> None:
    with pytest.raises(Unreadable, match=f"{manifest.name} says it by itself, and nobody sends it"):
        said(manifest, type_, catalogue.inbox(manifest.name))
    assert type_ not in TAKEN, "HTTP, publishers' files and `coalition publish` go by what is taken"
