"""A second version of a type goes out beside the first, from one decision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

import pytest

from cli.saying.events import named
from services.manifests import MANIFESTS
from services.notifications.domain import Webhook
from services.notifications.domain.changes import facts
from shared.contracts import catalogue
from shared.contracts.membership import CoalitionFounded
from shared.domain.decider import Aggregate, Context, Decider, by_subject, on, unchanged
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Outcome
from shared.pipeline.outbound import published_event
from shared.pipeline.tolerant import folded
from tests.unit.toy import Toy, add_name, decided, founded
from tests.web_parts import Service

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shared.contracts.base import Event


class CoalitionFoundedV2(CoalitionFounded):
    """What it might be called one day: its name is in a list of titles."""

    type: ClassVar[str] = "coalition.membership.CoalitionFounded.v2"
    titles: tuple[str, ...]


def in_both(state: Toy | None, event: CoalitionFounded, context: Context) -> Sequence[Event]:
    """Publish the new one, and beside it the old one, made of it."""
    del state, context
    newer = CoalitionFoundedV2(coalition=event.coalition, name=event.name, titles=(event.name,))
    return [event, newer]


DECIDER: Decider[Toy] = Decider(
    Aggregate(
        "toys",
        Toy,
        by_subject,
        (
            on(CoalitionFounded, decide=in_both, evolve=add_name),
            on(CoalitionFoundedV2, evolve=unchanged),
        ),
    )
)


def test_both_are_of_one_entry_and_are_told_apart_by_their_type() -> None:
    ([entry], _) = decided(DECIDER, founded("Toyland"))
    assert entry.outcome is Outcome.ACCEPTED
    sent = [dict(published_event("toys", entry, one).headers) for one in entry.events]
    assert [one["ce_type"] for one in sent] == [
        b"coalition.membership.CoalitionFounded.v1",
        b"coalition.membership.CoalitionFounded.v2",
    ]
    assert len({one["ce_id"] for one in sent}) == 2
    for shared in ("ce_stream", "ce_sequence", "ce_causeid", "ce_subject"):
        assert len({one[shared] for one in sent}) == 1
    assert {one["ce_causecount"] for one in sent} == {b"2"}


def test_the_state_is_folded_of_one_of_them() -> None:
    ([entry], _) = decided(DECIDER, founded("Toyland"))
    found = folded(DECIDER, Versioned[Toy](), Entry.of(entry.document()))
    assert found.state
    assert found.state.names == ("Toyland",)


V1, V2 = CoalitionFounded.type, CoalitionFoundedV2.type
BOTH: Final = catalogue.by_type(CoalitionFounded, CoalitionFoundedV2)
NAMES: Final = [("CoalitionFounded", V1), ("CoalitionFounded.v2", V2)]
DATA: Final = {"coalition": "europe", "name": "Europe", "titles": ["Europe"]}
OLDER: Final = CoalitionFounded(coalition="europe", name="Europe")
NEWER: Final = CoalitionFoundedV2.model_validate(DATA)


@pytest.mark.parametrize(("name", "type_"), NAMES)
def test_a_bare_name_is_the_first_version_for_good(name: str, type_: str) -> None:
    assert catalogue.typed("membership", name) == type_
    assert catalogue.typed("membership", type_) == type_
    assert catalogue.called(type_) == name


@pytest.mark.parametrize(("name", "type_"), NAMES)
async def test_a_path_names_a_version(tmp_path: Path, name: str, type_: str) -> None:
    membership = MANIFESTS["membership"]
    both = replace(membership, takes=(*membership.takes, CoalitionFoundedV2))
    service = Service(tmp_path, both)
    data = {field: DATA[field] for field in BOTH[type_].model_fields if field in DATA}
    answer = await service.ask("POST", f"/events/{name}", "the-operators-token", json=data)
    assert answer.status_code == 202
    assert dict(service.parts.sent[0].headers)["ce_type"] == type_.encode()
    said = service.app.openapi()["paths"]["/events/{kind}"]["post"]["parameters"][0]
    assert name in said["schema"]["enum"]


@pytest.mark.parametrize(("name", "type_"), NAMES)
def test_on_the_command_line_a_name_is_of_one_version(name: str, type_: str) -> None:
    assert named(name, BOTH) is named(type_, BOTH) is BOTH[type_]


@pytest.mark.parametrize(
    ("kinds", "sent"),
    [
        ((), [V1]),
        (("CoalitionFounded",), [V1]),
        (("CoalitionFounded.v2",), [V2]),
        (("CoalitionFounded", "CoalitionFounded.v2"), [V1, V2]),
    ],
)
def test_a_webhook_gets_another_version_only_where_it_names_it(
    kinds: tuple[str, ...], sent: list[str]
) -> None:
    webhook = Webhook(id="city-hall", host="example.org", kinds=kinds)
    assert [event.type for event in (OLDER, NEWER) if webhook.wants(facts(event))] == sent
