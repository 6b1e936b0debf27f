"""Who is told about what, in which words."""

from __future__ import annotations

import json
import string
import uuid
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from pydantic_core import to_json

from cli.contracts.generate import GOLDEN
from services import manifests
from services.notifications.delivery import Delivery, DeliveryState, RecordedDetail
from services.notifications.domain import (
    ALL_SUBSCRIPTIONS,
    DECIDER,
    MAX_SUBSCRIPTIONS,
    NOTIFIED,
    Interests,
    details,
    headline,
)
from services.notifications.domain.content import texts
from services.notifications.domain.content.texts import WORDINGS
from services.notifications.domain.content.wording import isolated, shortened
from services.notifications.emails import render
from services.notifications.subscription import Subscription
from shared.addresses import Mailbox
from shared.cloudevents import MAX_BODY
from shared.contracts import lenient, membership, plans
from shared.contracts.base import Event, MemberRef
from shared.contracts.notifications import NotificationQueued
from shared.contracts.sources import SourcedEvent
from shared.domain.decider import Context, fold
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline import bounds
from tests.unit.filled import Filling
from tests.wishes import all_of, subscriptions_of, wants

EVENTS = (*membership.EVENTS, *plans.EVENTS)
TUNIS = MemberRef(name="تونس", country="TN", kind="city")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def golden(kind: type[Event]) -> Event:
    text = (GOLDEN / f"{kind.type}.json").read_text()
    return kind.model_validate(json.loads(text))


@pytest.mark.parametrize("kind", NOTIFIED, ids=lambda kind: str(kind.__name__))
def test_words_name_only_what_an_event_has(kind: type[Event]) -> None:
    words = WORDINGS[kind]
    in_headline = [name for _, name, _, _ in string.Formatter().parse(words.headline) if name]
    for field in (*in_headline, *words.details.values()):
        assert field == "coalition" or hasattr(golden(kind), field.partition(".")[0])


@pytest.mark.parametrize("kind", NOTIFIED, ids=lambda kind: str(kind.__name__))
def test_every_example_is_told_in_words_that_fit(kind: type[Event]) -> None:
    event = golden(kind)
    said = NotificationQueued(
        notification="1",
        about=event.subject,
        kind=kind.__name__,
        event_type=kind.type,
        decided=NOW,
        headline=headline(event),
        details=details(event),
        recipients=(),
    )
    assert said.headline
    assert "None" not in said.headline + str(said.details).replace("=None", "")
    assert "<" not in said.headline


def test_only_what_an_event_says_is_told() -> None:
    signed = membership.CitySigned(coalition="europe", member=TUNIS, signed="2006-08")
    assert [detail.label for detail in details(signed)] == ["Coalition", "Country", "Kind", "Date"]


def test_a_report_by_a_city_and_one_that_is_derived_are_told_alike() -> None:
    wishes = all_of(wants("1", "CommitmentUpdated"), wants("2"))
    for basis in ("reported", "derived"):
        event = plans.CommitmentUpdated.model_validate(
            {"member": TUNIS, "point": 3, "status": "stalled", "as_of": "2020", "basis": basis}
        )
        (queued,) = decided(event, wishes)
        assert subscriptions_of(queued) == ("1", "2")
        assert any(detail.text.startswith(basis) for detail in queued.details)


def decided(event: Event, wishes: Interests) -> list[Any]:
    others = {ALL_SUBSCRIPTIONS: wishes}
    return list(DECIDER.decide(None, event, Context(others, NOW, ("urn:a", "1"))))


def test_a_plan_is_told_with_its_ten_commitments() -> None:
    event = golden(plans.CommitmentsOpened)
    (text,) = (detail.text for detail in details(event) if detail.label == "Commitments")
    assert len(text.splitlines()) == 10
    assert text.startswith("1. ")


def mail(event: Event) -> Any:
    """The e-mail about an event, as it comes out at the other end of SMTP."""
    delivery = Delivery(
        id="1.a",
        subscription="a",
        state=DeliveryState.SENDING,
        kind=type(event).__name__,
        about=event.subject,
        headline=headline(event),
        details=tuple(RecordedDetail(label=one.label, text=one.text) for one in details(event)),
        due=NOW,
    )
    person = Subscription(id="a", name="نور", address="nour@coalition.example")
    sender = Mailbox("Coalition", "coalition@example.org")
    return message_from_bytes(render(delivery, person, sender, NOW).content, policy=policy.default)


def test_right_to_left_stays_whole_in_subject_and_body_and_turns_nothing_around_it() -> None:
    note = "تم فتح مركز (2020) — 50%\nممتن"
    event = plans.CommitmentUpdated(
        member=TUNIS, point=3, status="stalled", as_of="2020", note=note, title="مدرسة"
    )
    message = mail(event)
    assert message["Subject"] == "\u2068تونس\u2069, commitment 3: stalled"
    for kind in ("plain", "html"):
        body = message.get_body((kind,)).get_content()
        assert "مدرسة" in body
        assert all(line in body for line in note.splitlines())
    assert headline(golden(membership.CitySigned)).isascii()


def test_a_text_that_is_too_long_is_cut_and_told() -> None:
    member = MemberRef(name="ب" * 300, country="TN", kind="city")
    event = membership.CitySigned(coalition="arab-region", member=member, signed="2008")
    (queued,) = decided(event, all_of(wants("1")))
    assert len(queued.headline) == 300


def test_a_text_that_is_cut_says_so_and_turns_nothing_around_it() -> None:
    assert shortened("a line", 6) == "a line"
    assert shortened("a longer line", 10) == "a longer\u2026"
    assert shortened(isolated("ب" * 20), 10) == f"\u2068{'ب' * 7}\u2026\u2069"


# --- bounds ----------------------------------------------------------------------------------


def many(count: int) -> Interests:
    ids = sorted(str(uuid.UUID(int=number)) for number in range(count))
    return all_of(*[wants(id_) for id_ in ids])


def longest(letter: str) -> plans.ReportReviewed:
    """An event of which every text is as long as it may be."""
    return plans.ReportReviewed(
        coalition="c" * 200,
        member=MemberRef(name=letter * 300, local_name="x", country="TN", kind="city"),
        due="2020-10-25",
        reviewed="2020",
        reviewer=letter * 300,
        verdict="revise",
        feedback=letter * 4000,
    )


@pytest.mark.parametrize("count", [1, 2_000, 2_001, 10_001, MAX_SUBSCRIPTIONS])
@pytest.mark.parametrize("letter", ["x", "ب", "😀"])
def test_however_many_are_notified_every_event_can_be_read_again(count: int, letter: str) -> None:
    wishes = many(count)
    queued = decided(longest(letter), wishes)
    assert queued == decided(longest(letter), wishes)
    bodies = [part.model_dump_json().encode() for part in queued]
    assert all(len(body) < MAX_BODY for body in bodies)
    read = [NotificationQueued.model_validate_json(body) for body in bodies]
    state = fold(DECIDER, None, read)
    assert bounds.check(Stream("notifications", "1"), Versioned(), state, bodies)
    told = [id_ for one in read for id_ in subscriptions_of(one)]
    assert told == [interest.id for interest in wishes.all]


@pytest.mark.parametrize("kind", NOTIFIED, ids=lambda kind: str(kind.__name__))
def test_an_event_that_is_filled_to_its_bounds_makes_one_that_can_be_read_again(
    kind: type[Event],
) -> None:
    # As it is read from a journal: not even what only a validator would refuse is left out.
    event = lenient.read_json(kind, json.dumps(Filling(most=2000).fill(kind)).encode())
    for queued in decided(event, many(10_001)):
        body = queued.model_dump_json().encode()
        assert len(body) < MAX_BODY
        assert NotificationQueued.model_validate_json(body) == queued


@pytest.mark.parametrize("kind", NOTIFIED, ids=lambda kind: str(kind.__name__))
def test_details_that_are_too_much_together_are_cut_alike_and_none_is_left_out(
    kind: type[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "shown", lambda *_: "😀" * 5000)
    cut = details(golden(kind))
    of_sources = ["Source", "Another source says"] if issubclass(kind, SourcedEvent) else []
    assert [detail.label for detail in cut] == [*WORDINGS[kind].details, *of_sources]
    assert len({len(detail.text) for detail in cut}) <= 1
    assert len(to_json([detail.model_dump() for detail in cut])) < MAX_BODY / 2


def test_every_kind_that_people_can_choose_is_a_published_one() -> None:
    assert {kind.type for kind in NOTIFIED} <= manifests.EVENTS.keys()


def test_an_email_names_the_source_and_what_another_one_says() -> None:
    told = {d.label: d.text for d in details(golden(membership.CoalitionLaunched))}
    source = "Declaration adopted, October 17, 2014, https://example.org/declaration"
    assert told["Source"] == source
    assert told["Another source says"] == "launched: December 11, 2004 (Another paper)"
    vote = {d.label: d.text for d in details(golden(membership.CityDecided))}["Vote"]
    assert vote == "41 for, 3 against, 2 abstaining"
